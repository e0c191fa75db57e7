"""Point spread functions: tables, formulas, maps and kernels of them."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "core": ["PSF"],
        "table": ["PSF3D"],
        "parametric": ["ParametricPSF"],
        "king": ["PSFKing"],
        "multi_gauss": ["EnergyDependentMultiGaussPSF"],
        "map": ["PSFMap"],
        "reco_map": ["RecoPSFMap"],
        "kernel": ["PSFKernel"],
    },
)
