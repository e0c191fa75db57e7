"""Pictures of datasets."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "flux_points": ["plot_flux_points_fit", "plot_flux_points_residuals", "plot_flux_points_spectrum"],
        "map": ["peek_map_dataset"],
        "residuals": ["plot_residuals", "plot_residuals_spatial", "plot_residuals_spectral"],
        "spectrum": ["peek_spectrum_dataset", "plot_counts", "plot_excess", "plot_fit", "plot_masks"],
    },
)
