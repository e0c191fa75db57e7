"""Statistics of counts and of light curves; the batched norm solver."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["norm_solver"],
    submod_attrs={
        "on_off": [
            "get_wstat_gof_terms",
            "get_wstat_mu_bkg",
            "wstat",
            "wstat_curvature",
            "wstat_expectations",
            "wstat_kernel",
            "wstat_slope",
        ],
        "poisson": ["cash", "cash_curvature", "cash_slope", "cash_sum", "cstat"],
    },
)
