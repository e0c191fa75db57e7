"""From a tag in a file to the class of the model."""

from ...errors import UnknownNameError
from ...registry import Registry

__all__ = [
    "MODEL_REGISTRY",
    "PRIOR_REGISTRY",
    "SPATIAL_MODEL_REGISTRY",
    "SPECTRAL_MODEL_REGISTRY",
    "TEMPORAL_MODEL_REGISTRY",
    "registry_of",
]

_HERE = "geminga.modeling.models"

SPECTRAL_MODEL_REGISTRY = Registry("spectral model", [f"{_HERE}.spectral"], "geminga.spectral_models")
SPATIAL_MODEL_REGISTRY = Registry("spatial model", [f"{_HERE}.spatial"], "geminga.spatial_models")
TEMPORAL_MODEL_REGISTRY = Registry("temporal model", [f"{_HERE}.temporal"], "geminga.temporal_models")
PRIOR_REGISTRY = Registry("prior", [f"{_HERE}.prior"], "geminga.priors")
MODEL_REGISTRY = Registry("model", [_HERE], "geminga.models")

_BY_TYPE = {
    "spectral": SPECTRAL_MODEL_REGISTRY,
    "spatial": SPATIAL_MODEL_REGISTRY,
    "temporal": TEMPORAL_MODEL_REGISTRY,
    "prior": PRIOR_REGISTRY,
    None: MODEL_REGISTRY,
}


def registry_of(model_type) -> Registry:
    """Return the registry of a kind of model: "spectral", "spatial", "temporal", "prior", or None for components.

    Examples
    --------
    >>> registry_of("prior").kind
    'prior'
    """
    try:
        return _BY_TYPE[model_type]
    except KeyError:
        raise UnknownNameError("type of model", model_type, [key for key in _BY_TYPE if key]) from None
