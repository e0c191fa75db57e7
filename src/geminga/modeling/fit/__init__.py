"""Fits: minimisation, covariance, confidence intervals, profiles and contours."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "fit": ["Fit"],
        "profile": ["stat_profile_ul_scipy"],
        "result": ["CovarianceResult", "FitResult", "FitStepResult", "OptimizeResult"],
    },
)
