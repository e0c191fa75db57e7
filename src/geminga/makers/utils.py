"""Functions behind the makers, under the names that scripts import."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    "geminga.makers",
    submod_attrs={
        "background_irf": ["make_map_background_irf"],
        "counts": ["make_counts_off_rad_max", "make_counts_rad_max"],
        "edisp": ["make_edisp_kernel_map", "make_edisp_map"],
        "exposure": ["make_map_exposure_true_energy"],
        "psf": ["make_psf_map"],
        "theta_squared": ["ThetaSquaredTable"],
        "time_maps": ["make_effective_livetime_map", "make_observation_time_map"],
    },
)
