"""Priors on parameter values."""

import lazy_loader

_SUBMODULES = {
    "base": ["Prior"],
    "gaussian": ["GaussianPrior"],
    "generalized_gaussian": ["GeneralizedGaussianPrior"],
    "log_normal": ["LogNormalPrior"],
    "log_uniform": ["LogUniformPrior"],
    "samples_kde": ["SamplesKDEPrior"],
    "uniform": ["UniformPrior"],
}

__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, submod_attrs=_SUBMODULES)
