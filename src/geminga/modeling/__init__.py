"""Parameters, models, fits and samplers."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["models", "selection"],
    submod_attrs={
        "covariance": ["Covariance"],
        "fit": ["CovarianceResult", "Fit", "FitResult", "OptimizeResult", "stat_profile_ul_scipy"],
        "sampler": ["Sampler", "SamplerResult"],
        "selection.nested": ["select_nested_models"],
        "parameter": ["Parameter", "PriorParameter"],
        "parameters": ["Parameters", "PriorParameters"],
    },
)
