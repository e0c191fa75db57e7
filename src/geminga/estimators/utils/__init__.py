"""Functions around maps and flux points: peaks, combinations, other bins, variability."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    "geminga.estimators",
    submod_attrs={
        "reco_exposure": ["estimate_exposure_reco_energy"],
        "utils.combine": [
            "combine_flux_maps",
            "combine_significance_maps",
            "get_combined_flux_maps",
            "get_combined_significance_maps",
        ],
        "utils.energy_edges": ["resample_energy_edges"],
        "utils.light_curves": [
            "compute_lightcurve_discrete_correlation",
            "compute_lightcurve_doublingtime",
            "compute_lightcurve_fpp",
            "compute_lightcurve_fvar",
        ],
        "utils.peaks": ["find_peaks", "find_peaks_in_flux_map"],
        "utils.rebinned_axis": ["get_rebinned_axis"],
    },
)
