"""Models by tag."""

from __future__ import annotations

from ...errors import ModelError, UnknownNameError
from .registries import (
    MODEL_REGISTRY,
    PRIOR_REGISTRY,
    SPATIAL_MODEL_REGISTRY,
    SPECTRAL_MODEL_REGISTRY,
    TEMPORAL_MODEL_REGISTRY,
    registry_of,
)

__all__ = ["Model"]

_SEARCHED = (
    MODEL_REGISTRY,
    SPECTRAL_MODEL_REGISTRY,
    SPATIAL_MODEL_REGISTRY,
    TEMPORAL_MODEL_REGISTRY,
    PRIOR_REGISTRY,
)


def _class_of(tag, model_type):
    """Return the class with a tag; without a type it must be clear which kind is meant."""
    if model_type is not None:
        return registry_of(model_type).get_cls(tag)
    found = [registry for registry in _SEARCHED if tag in registry]
    if len(found) == 1:
        return found[0].get_cls(tag)
    if found:
        kinds = " or ".join(registry.kind for registry in found)
        raise ModelError(f"tag {tag!r} must belong to one kind of model, got {kinds}. Give model_type.")
    raise UnknownNameError("model", tag, (t for r in _SEARCHED for cls in r for t in r.tags_of(cls)))


class Model:
    """Creates models by tag.

    Examples
    --------
    >>> from geminga.modeling.models import Model
    >>> Model.create("pl", "spectral", index=2.3)
    PowerLawSpectralModel(index=2.3, amplitude=1e-12 TeV-1 s-1 cm-2, reference=1 TeV (frozen))
    """

    def __new__(cls, *args, **kwargs):
        """Create a model, as `create` does."""
        return cls.create(*args, **kwargs)

    @staticmethod
    def create(tag, model_type=None, *args, **kwargs):
        """Create a model.

        Parameters
        ----------
        tag : str
            Tag or class name.
        model_type : {"spectral", "spatial", "temporal", "prior"}, optional
            Kind of model; needed where several kinds share a tag.
        *args, **kwargs
            Arguments of the constructor.
        """
        return _class_of(tag, model_type)(*args, **kwargs)

    @staticmethod
    def from_dict(data):
        """Create a model from a dictionary in the form of ``to_dict``.

        Parameters
        ----------
        data : dict
            Of a component, with a key "type"; or of a part, such as ``{"spectral": {...}}``.
        """
        if "type" in data:
            return _class_of(data["type"], None).from_dict(data)
        kinds = [kind for kind in ("spectral", "spatial", "temporal", "prior") if kind in data]
        if len(kinds) != 1:
            raise ModelError(f"model must have a type or be one part, got keys {sorted(data)}. Add 'type:'.")
        return registry_of(kinds[0]).get_cls(data[kinds[0]]["type"]).from_dict(data)
