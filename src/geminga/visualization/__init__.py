"""Pictures: the only place that imports matplotlib."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "colormaps": ["colormap_hess", "colormap_milagro"],
        "distribution": ["plot_distribution"],
        "figure": ["add_colorbar"],
        "heatmap": ["annotate_heatmap", "plot_heatmap"],
        "contour": ["plot_contour_line"],
        "npred": ["plot_npred_signal"],
        "off_regions": ["plot_spectrum_datasets_off_regions"],
        "panels": ["MapPanelPlotter"],
        "report": ["report_figures"],
        "rgb": ["plot_map_rgb"],
        "theta_squared": ["plot_theta_squared_table"],
        "violin": ["plot_samples_violin_vs_energy"],
    },
)
