"""Instrument response functions: tables of DL3 files, reduced kernels, and maps of them."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "alignment": ["FoVAlignment"],
        "background": ["Background2D", "Background3D", "BackgroundIRF"],
        "core": ["IRF"],
        "edisp.kernel": ["EDispKernel"],
        "edisp.kernel_map": ["EDispKernelMap"],
        "edisp.map": ["EDispMap"],
        "edisp.table": ["EnergyDispersion2D"],
        "effective_area": ["EffectiveAreaTable2D"],
        "io.irf_file": ["load_irf_dict_from_file"],
        "irf_map": ["IRFMap"],
        "psf.core": ["PSF"],
        "psf.kernel": ["PSFKernel"],
        "psf.king": ["PSFKing"],
        "psf.map": ["PSFMap"],
        "psf.multi_gauss": ["EnergyDependentMultiGaussPSF"],
        "psf.parametric": ["ParametricPSF"],
        "psf.reco_map": ["RecoPSFMap"],
        "psf.table": ["PSF3D"],
        "rad_max": ["RadMax2D"],
        "registry": ["IRF_REGISTRY"],
    },
)
