"""Pictures of maps."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "grid": ["plot_grid"],
        "hpx_map": ["plot_hpx_map", "plot_hpx_mask"],
        "interactive": ["plot_interactive", "plot_region_map_interactive"],
        "region_map": ["plot_region_map", "plot_region_map_hist", "plot_region_map_mask"],
        "regions": ["draw_regions", "plot_region", "plot_region_of_map", "sky_axes"],
        "wcs_map": ["plot_wcs_map", "plot_wcs_mask"],
    },
)
