"""The engine: the one place where models meet data.

`bind` joins datasets and models into a `Likelihood`, a function of the free parameters with value, gradient and
curvature in plain float64. Everything that a dataset predicts or scores goes through here as well.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "binding": ["bind"],
        "likelihood": ["Likelihood"],
        "predict": ["npred", "npred_background", "npred_signal", "stat_array", "stat_sum"],
    },
)
