"""Energy dispersion: tables, kernels, and maps of them."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "table": ["EnergyDispersion2D"],
        "kernel": ["EDispKernel"],
        "kernel_map": ["EDispKernelMap"],
        "map": ["EDispMap"],
    },
)
