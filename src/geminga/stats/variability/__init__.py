"""How much, how fast and how regularly light curves vary."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "constancy": ["compute_chisq"],
        "correlation": ["discrete_correlation"],
        "doubling": ["compute_flux_doubling"],
        "fractional": ["compute_fpp", "compute_fvar"],
        "red_noise": ["TimmerKonig_lightcurve_simulator"],
        "structure": ["structure_function"],
    },
)
