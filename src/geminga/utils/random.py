"""Random draws, under the names that scripts import."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    "geminga.numerics",
    submod_attrs={
        "random": [
            "InverseCDFSampler",
            "draw",
            "get_random_state",
            "normalize",
            "pdf",
            "sample_powerlaw",
            "sample_sphere",
            "sample_sphere_distance",
            "sample_times",
        ],
    },
)
