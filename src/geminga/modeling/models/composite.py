"""What models have that are made of spectral, spatial and temporal models: one list of parameters."""

from __future__ import annotations

from ...errors import ModelError, UnknownNameError
from ..parameters import Parameters
from .base import ModelBase
from .names import model_name
from .registries import registry_of

__all__ = ["CompositeModel", "check_keys", "part_from_dict"]

_PARTS = ("spectral", "spatial", "temporal")


class CompositeModel(ModelBase):
    """Base class of models with parts ``spectral_model``, ``spatial_model``, ``temporal_model``, some of them None."""

    name: str
    datasets_names: list[str] | None

    def _parts(self) -> dict[str, ModelBase]:
        """Return the parts that there are, by kind."""
        parts = {kind: getattr(self, f"{kind}_model", None) for kind in _PARTS}
        return {kind: part for kind, part in parts.items() if part is not None}

    def _covariance_parts(self) -> list:
        return list(self._parts().values())

    @property
    def parameters(self) -> Parameters:
        """Parameters of all parts."""
        return Parameters.from_stack([part.parameters for part in self._parts().values()])

    @property
    def parameters_unique_names(self) -> list[str]:
        """Names of the parameters with the kind of part in front."""
        return [
            f"{kind}.{name}" for kind, part in self._parts().items() for name in part.parameters_unique_names
        ]

    def _chosen_parts(self, model_type) -> list[ModelBase]:
        if model_type is None:
            return list(self._parts().values())
        kinds = [model_type] if isinstance(model_type, str) else list(model_type)
        for kind in kinds:
            if kind not in _PARTS:
                raise UnknownNameError("model_type", kind, _PARTS)
        return [part for kind, part in self._parts().items() if kind in kinds]

    def freeze(self, model_type=None) -> None:
        """Freeze the parameters of all parts, or of some.

        Parameters
        ----------
        model_type : {"spectral", "spatial", "temporal"}, optional
        """
        for part in self._chosen_parts(model_type):
            part.freeze()

    def unfreeze(self, model_type=None) -> None:
        """Give the parameters of all parts, or of some, the frozen flags that they have by default.

        Parameters
        ----------
        model_type : {"spectral", "spatial", "temporal"}, optional
        """
        for part in self._chosen_parts(model_type):
            part.unfreeze()

    def _copy_with(self, name, copy_data, changes: dict, defaults: list[str]):
        """Return a copy with another name and other arguments of the constructor."""
        new = self._deep_copy(copy_data)
        new._name = model_name(name)
        for key, value in changes.items():
            if key == "covariance_data":
                continue
            if key not in defaults:
                raise UnknownNameError(f"argument of {type(self).__name__}.copy", key, defaults)
            setattr(new, key, value)
        if changes.get("covariance_data") is not None:
            new.covariance = changes["covariance_data"]
        return new

    def __str__(self) -> str:
        names = "all" if self.datasets_names is None else ", ".join(self.datasets_names)
        lines = [
            type(self).__name__,
            "",
            f"  {'Name':<26}: {self.name}",
            f"  {'Datasets names':<26}: {names}",
        ]
        lines += [
            f"  {kind.capitalize() + ' model type':<26}: {type(part).__name__}"
            for kind, part in self._parts().items()
        ]
        lines.append("  Parameters:")
        for parameter in self.parameters:
            frozen = "(frozen)" if parameter.frozen else ""
            error = "" if parameter.frozen else f" +/- {parameter.error:.2g}"
            unit = parameter.unit.to_string()
            lines.append(
                f"    {parameter.name:<22s}{frozen:>8s}: {parameter.value:10.4g}{error} {unit}".rstrip()
            )
        return "\n".join(lines) + "\n"


def check_keys(data: dict, known: list[str], owner: str) -> None:
    """Raise for the first key of a dictionary that is not known."""
    for key in data:
        if key not in known:
            raise UnknownNameError(f"key of {owner}", key, known)


def part_from_dict(data: dict, kind: str) -> ModelBase | None:
    """Return the spectral, spatial or temporal part of a dictionary of a model, or None."""
    content = data.get(kind)
    if content is None:
        return None
    if not isinstance(content, dict) or "type" not in content:
        raise ModelError(
            f"{kind} part of model {data.get('name')!r} must have a type, got {content!r}. Add it."
        )
    return registry_of(kind).get_cls(content["type"]).from_dict({kind: content})
