"""Models: spectral, spatial and temporal shapes, sky models made of them, priors, and lists of models."""

import lazy_loader

_SUBMODULES = {
    "base": ["ModelBase"],
    "registries": [
        "MODEL_REGISTRY",
        "PRIOR_REGISTRY",
        "SPATIAL_MODEL_REGISTRY",
        "SPECTRAL_MODEL_REGISTRY",
        "TEMPORAL_MODEL_REGISTRY",
    ],
}

__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, submod_attrs=_SUBMODULES)
