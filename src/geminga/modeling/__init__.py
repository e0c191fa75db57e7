"""Parameters, models, fits and samplers."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["models", "selection"],
    submod_attrs={
        "covariance": ["Covariance"],
        "fit": ["CovarianceResult", "Fit", "FitResult", "OptimizeResult", "stat_profile_ul_scipy"],
        "parameter": ["Parameter", "PriorParameter"],
        "parameters": ["Parameters", "PriorParameters"],
    },
)
