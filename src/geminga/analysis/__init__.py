"""Analysis from a configuration file."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "config": [
            "AnalysisConfig",
            "BackgroundConfig",
            "DatasetsConfig",
            "ExcessMapConfig",
            "FitConfig",
            "FluxPointsConfig",
            "GeneralConfig",
            "GeomConfig",
            "LightCurveConfig",
            "LogConfig",
            "ObservationsConfig",
            "SafeMaskConfig",
        ],
        "core": ["Analysis"],
    },
)
