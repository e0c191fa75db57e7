"""Pictures of instrument responses."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "background": [
            "peek_background",
            "plot_background_2d",
            "plot_background_at_energy",
            "plot_background_energy_dependence",
            "plot_background_offset_dependence",
            "plot_background_spectrum",
        ],
        "effective_area": [
            "peek_aeff",
            "plot_aeff",
            "plot_aeff_energy_dependence",
            "plot_aeff_offset_dependence",
        ],
        "energy_dispersion": ["peek_edisp", "plot_edisp_bias", "plot_migration"],
        "energy_dispersion_kernel": [
            "peek_edisp_kernel",
            "peek_edisp_kernel_map",
            "peek_edisp_map",
            "plot_edisp_kernel_bias",
            "plot_edisp_matrix",
        ],
        "point_spread": [
            "peek_psf",
            "plot_containment_radius",
            "plot_containment_radius_vs_energy",
            "plot_psf_vs_rad",
        ],
        "point_spread_map": [
            "peek_psf_kernel",
            "peek_psf_map",
            "plot_psf_kernel",
            "plot_psf_map_containment_radius_vs_energy",
            "plot_psf_map_vs_rad",
            "plot_reco_psf_map_vs_rad",
        ],
        "rad_max": ["plot_rad_max_vs_energy"],
    },
)
