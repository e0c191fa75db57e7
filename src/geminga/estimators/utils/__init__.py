"""Functions around maps and flux points: peaks, combinations, other bins, variability."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    "geminga.estimators",
    submod_attrs={
        "reco_exposure": ["estimate_exposure_reco_energy"],
    },
)
