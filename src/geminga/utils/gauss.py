"""Analytic Gaussians, under the names that scripts import."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    "geminga.numerics",
    submod_attrs={
        "gauss": ["Gauss2DPDF", "MultiGauss2D"],
    },
)
