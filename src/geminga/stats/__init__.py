"""Statistics of counts and of light curves; the batched norm solver."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["norm_solver", "variability"],
    submod_attrs={
        "conversion": ["sigma_to_ts", "ts_to_sigma"],
        "counts_known_background": ["CashCountsStatistic"],
        "counts_on_off": ["WStatCountsStatistic"],
        "counts_statistic": ["CountsStatistic"],
        "fit_statistics": [
            "FIT_STATISTICS_REGISTRY",
            "CashFitStatistic",
            "Chi2AsymmetricErrorFitStatistic",
            "Chi2FitStatistic",
            "FitStatistic",
            "ProfileFitStatistic",
            "WStatFitStatistic",
            "WeightedCashFitStatistic",
        ],
        "on_off": [
            "get_wstat_gof_terms",
            "get_wstat_mu_bkg",
            "wstat",
            "wstat_curvature",
            "wstat_expectations",
            "wstat_kernel",
            "wstat_slope",
        ],
        "penalties": ["FitStatisticPenalty", "GaussianPriorPenalty"],
        "poisson": ["cash", "cash_curvature", "cash_slope", "cash_sum", "cstat"],
        "variability.constancy": ["compute_chisq"],
        "variability.correlation": ["discrete_correlation"],
        "variability.doubling": ["compute_flux_doubling"],
        "variability.fractional": ["compute_fpp", "compute_fvar"],
        "variability.red_noise": ["TimmerKonig_lightcurve_simulator"],
        "variability.structure": ["structure_function"],
    },
)
