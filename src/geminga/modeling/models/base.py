"""What every model has: declared parameters, covariance, copies, dictionaries."""

from __future__ import annotations

import copy
import html
import logging

import numpy as np

from ...errors import ModelError, UnitError, UnknownNameError
from ..covariance import CovarianceMixin
from ..parameter import Parameter
from ..parameters import Parameters
from ..plain_values import unit_to_text

__all__ = ["ModelBase"]

log = logging.getLogger(__name__)

_ALWAYS_WRITTEN = ("name", "value", "unit", "link", "prior")


class ModelBase(CovarianceMixin):
    """Base class of models.

    A subclass declares its parameters as class attributes; each instance gets copies. A class inherits the
    parameters of its parents, its own come last.

    Parameters
    ----------
    **kwargs : `Parameter`, `~astropy.units.Quantity`, str or float
        Parameters by name. A `Parameter` is used as it is, so that two models can share it; anything else is the value
        of a new one.

    Examples
    --------
    >>> from geminga.modeling import Parameter
    >>> from geminga.modeling.models import ModelBase
    >>> class Line(ModelBase):
    ...     slope = Parameter("slope", 1.0)
    ...     offset = Parameter("offset", "1 TeV", frozen=True)
    >>> Line(offset="3 GeV")
    Line(slope=1, offset=3 GeV (frozen))
    """

    _type: str | None = None
    tag: list[str] | str = []
    default_parameters = Parameters()

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        inherited = cls.__mro__[1].__dict__.get("default_parameters", cls.default_parameters)
        declared = {p.name: p for p in inherited} if isinstance(inherited, Parameters) else {}
        for name, item in vars(cls).items():
            if isinstance(item, Parameter):
                if item.name != name:
                    raise ModelError(
                        f"attribute {name!r} of {cls.__name__} must have the name of its parameter, got {item.name!r}. "
                        "Rename one of them."
                    )
                item._type = cls._type
                declared[name] = item
        if not isinstance(vars(cls).get("default_parameters"), Parameters | property):
            cls.default_parameters = Parameters(declared.values())

    def __init__(self, **kwargs):
        covariance = kwargs.pop("covariance_data", None)
        defaults = self.default_parameters
        for default in defaults:
            name = default.name
            value = kwargs.pop(name, None)
            if value is None:
                parameter = default.copy()
            elif isinstance(value, Parameter):
                parameter = value
            else:
                parameter = self._parameter_with_value(default, value)
            setattr(self, name, parameter)
        if kwargs:
            name = next(iter(kwargs))
            raise UnknownNameError(f"argument of {type(self).__name__}", name, defaults.names)
        if covariance is not None:
            self.covariance = covariance

    def _parameter_with_value(self, default: Parameter, value) -> Parameter:
        parameter = default.copy()
        unit = default.unit
        parameter._set_value(value, "")
        if not parameter.unit.is_equivalent(unit):
            got = parameter.unit.to_string() or "no unit"
            raise UnitError(
                f"{default.name} of {type(self).__name__} must have a unit convertible to {unit.to_string()!r}, "
                f"got {got}. Give for example '{default.value:g} {unit.to_string()}'."
            )
        if parameter.unit != unit:
            ratio = unit.to(parameter.unit)
            parameter._min, parameter._max = parameter._min * ratio, parameter._max * ratio
        return parameter

    def __setattr__(self, name, value):
        declared = self.__dict__.get(name)
        if isinstance(value, Parameter):
            default = self._default_of(name)
            if default is not None:
                if value.name != name:
                    raise ModelError(
                        f"{name} of {type(self).__name__} must be a parameter of that name, got {value.name!r}. "
                        "Only parameters of one name can be linked."
                    )
                self._check_unit_of(value, default)
                value._type = value._type or self._type
        elif isinstance(declared, Parameter):
            raise ModelError(
                f"{name} of {type(self).__name__} must be set to a Parameter, got {value!r}. "
                f"Use model.{name}.value or model.{name}.quantity."
            )
        object.__setattr__(self, name, value)

    def _default_of(self, name: str) -> Parameter | None:
        for default in self.default_parameters:
            if default._name == name:
                return default
        return None

    def _check_unit_of(self, parameter: Parameter, default: Parameter) -> None:
        if parameter._unit is not default._unit and not parameter._unit.is_equivalent(default._unit):
            raise UnitError(
                f"{default.name} of {type(self).__name__} must have a unit convertible to "
                f"{default.unit.to_string()!r}, got {parameter.unit.to_string() or 'no unit'}. Convert it."
            )

    # ------------------------------------------------------------------ parameters

    @property
    def type(self) -> str | None:
        """Kind of model: "spectral", "spatial", "temporal", "prior", or None for a model component."""
        return self._type

    @property
    def parameters(self) -> Parameters:
        """Parameters in the order of their declaration."""
        return Parameters([getattr(self, parameter._name) for parameter in self.default_parameters])

    @property
    def parameters_unique_names(self) -> list[str]:
        """Names that are unique within the model."""
        return self.parameters.names

    @property
    def frozen(self) -> bool:
        """Whether all parameters are frozen."""
        return all(parameter.frozen for parameter in self.parameters)

    def freeze(self) -> None:
        """Freeze all parameters."""
        self.parameters.freeze_all()

    def unfreeze(self) -> None:
        """Give all parameters the frozen flags that they have by default."""
        for parameter, default in zip(self.parameters, self.default_parameters, strict=True):
            parameter.frozen = default.frozen

    def sample_parameters_from_covariance(self, n_samples=1000, random_state=42, free_only=True):
        """Draw parameter values from a multivariate normal distribution around the present ones.

        Parameters
        ----------
        n_samples : int
            Number of draws.
        random_state : int, "random-seed", "global-rng" or `~numpy.random.Generator`
            Seed or generator.
        free_only : bool
            Draw the free parameters only.

        Returns
        -------
        ndarray, shape (n_samples, n_parameters)
            Values in units of the parameters.
        """
        return sample_parameters(self.covariance, n_samples, random_state, free_only)

    # ------------------------------------------------------------------ copies

    def copy(self, **kwargs):
        """Return an independent copy; parameters shared with other models are shared no more.

        Parameters
        ----------
        **kwargs : dict
            Parameters to give other values, as in the constructor.
        """
        new = self._deep_copy()
        for name, value in kwargs.items():
            default = self._default_of(name)
            if default is None:
                raise UnknownNameError(f"argument of {type(self).__name__}.copy", name, self.parameters.names)
            if not isinstance(value, Parameter):
                value = self._parameter_with_value(getattr(new, name), value)
            setattr(new, name, value)
        return new

    def _shared_data(self) -> list:
        """Return the large members (maps) that copies share with the original."""
        shared = []
        for member in vars(self).values():
            if isinstance(member, ModelBase):
                shared += member._shared_data()
            elif hasattr(member, "geom") and hasattr(member, "data"):
                shared.append(member)
        return shared

    def _deep_copy(self, copy_data=False):
        """Return a copy in which links are kept; the large members are copied on demand."""
        return copy.deepcopy(self, {} if copy_data else {id(item): item for item in self._shared_data()})

    @classmethod
    def from_parameters(cls, parameters, **kwargs):
        """Create a model that uses the given parameters.

        Parameters
        ----------
        parameters : `Parameters`
            Used as they are, not copied.
        **kwargs : dict
            Further arguments of the constructor.
        """
        return cls(**{parameter.name: parameter for parameter in parameters}, **kwargs)

    def reassign(self, datasets_names, new_datasets_names):
        """Return a copy that belongs to other datasets.

        Parameters
        ----------
        datasets_names : str or list of str
            Names of datasets to be replaced.
        new_datasets_names : str or list of str
            Names to put in their place.
        """
        old = [datasets_names] if isinstance(datasets_names, str) else list(datasets_names)
        new = [new_datasets_names] if isinstance(new_datasets_names, str) else list(new_datasets_names)
        if len(old) != len(new):
            raise ModelError(
                f"new_datasets_names must have {len(old)} entries, got {len(new)}. Give one for each old name."
            )
        names = getattr(self, "datasets_names", None)
        model = self.copy(name=self.name) if hasattr(self, "name") else self.copy()
        if names is not None:
            replace = dict(zip(old, new, strict=True))
            model.datasets_names = [replace.get(name, name) for name in names]
        return model

    # ------------------------------------------------------------------ dictionaries

    @classmethod
    def _tag_for_files(cls) -> str:
        if isinstance(cls.tag, str):
            return cls.tag or cls.__name__
        return cls.tag[0] if cls.tag else cls.__name__

    def _parameters_to_dict(self, full_output=False) -> list[dict]:
        """Return the parameters as dictionaries, without the entries that equal the defaults."""
        output = []
        defaults = {p.name: p for p in self.default_parameters}
        for parameter in self.parameters:
            entry = parameter.to_dict()
            default = defaults.get(parameter.name)
            if not full_output and default is not None:
                usual = default.to_dict()
                entry = {
                    key: value
                    for key, value in entry.items()
                    if key in _ALWAYS_WRITTEN or not _same(value, usual.get(key))
                }
                if entry["unit"] == "":
                    del entry["unit"]
            output.append(entry)
        return output

    def to_dict(self, full_output=False) -> dict:
        """Return the model as a dictionary of plain YAML types.

        Parameters
        ----------
        full_output : bool
            Include entries that equal the defaults.
        """
        data = {"type": self._tag_for_files(), "parameters": self._parameters_to_dict(full_output)}
        return data if self._type is None else {self._type: data}

    @classmethod
    def _unwrap(cls, data: dict) -> dict:
        """Return the content of ``{"spectral": {...}}``, or the dictionary itself."""
        if cls._type is not None and isinstance(data.get(cls._type), dict):
            data = data[cls._type]
        if "type" in data and data["type"] not in cls._known_tags():
            raise ModelError(
                f"type must be one of {cls._known_tags()}, got {data['type']!r}. Read it with that class."
            )
        return data

    @classmethod
    def _known_tags(cls) -> list[str]:
        tags = [cls.tag] if isinstance(cls.tag, str) else list(cls.tag)
        return [*tags, cls.__name__]

    @classmethod
    def from_dict(cls, data, **kwargs):
        """Create from a dictionary in the form of `to_dict`.

        Parameters missing in the dictionary have their defaults, and the log says so.

        Parameters
        ----------
        data : dict
        **kwargs : dict
            Further arguments of the constructor.

        Raises
        ------
        UnknownNameError
            If the dictionary has unknown keys or parameters.
        """
        data = cls._unwrap(data)
        unknown = set(data) - {"type", "parameters", *cls._extra_keys()}
        if unknown:
            raise UnknownNameError(
                f"key of {cls.__name__}", sorted(unknown)[0], ["type", "parameters", *cls._extra_keys()]
            )
        parameters = parameters_from_dict(data.get("parameters", []), cls.default_parameters, cls.__name__)
        return cls.from_parameters(parameters, **kwargs)

    @classmethod
    def _extra_keys(cls) -> tuple[str, ...]:
        """Return the keys, besides type and parameters, that the dictionary of this model may have."""
        return ()

    # ------------------------------------------------------------------ text

    def __repr__(self) -> str:
        items = []
        for parameter in self.parameters:
            unit = unit_to_text(parameter.unit)
            text = f"{parameter.name}={parameter.value:g}{' ' if unit else ''}{unit}"
            items.append(f"{text} (frozen)" if parameter.frozen else text)
        return f"{type(self).__name__}({', '.join(items)})"

    def __str__(self) -> str:
        table = str(self.parameters) if len(self.parameters) else "no parameters"
        return f"{type(self).__name__}\n\n{table}"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"


def sample_parameters(covariance, n_samples, random_state, free_only) -> np.ndarray:
    """Draw values from the normal distribution of a covariance; rows without variance stay at their value."""
    from ...numerics.random import get_random_state

    generator = get_random_state(random_state)
    parameters = covariance.parameters
    if free_only:
        parameters = parameters.free_parameters
        covariance = covariance.get_subcovariance(parameters)
    # scaling to unit variances keeps fluxes of 1e-12 and indices of 2 equally well conditioned
    sigma = np.sqrt(covariance.data.diagonal())
    draws = generator.multivariate_normal(
        np.zeros(len(sigma)), covariance.correlation, size=n_samples, check_valid="ignore", tol=1e-6
    )
    return parameters.value + draws * sigma


def parameters_from_dict(entries, defaults: Parameters, owner: str) -> Parameters:
    """Return parameters made of the defaults and what a file says of them."""
    known = {parameter.name: parameter for parameter in defaults}
    given = {}
    for entry in entries:
        if not isinstance(entry, dict) or "name" not in entry:
            raise ModelError(
                f"parameter of {owner} must be a mapping with a name, got {entry!r}. Add the name."
            )
        if entry["name"] not in known:
            raise UnknownNameError(f"parameter of {owner}", entry["name"], known)
        given[entry["name"]] = entry
    parameters = []
    for name, default in known.items():
        parameter = default.copy()
        if name in given:
            entry = dict(given[name])
            if "unit" not in entry and "value" in entry:
                # files leave the unit out when there is none
                entry["unit"] = "" if default.unit.is_equivalent("") else default.unit
            parameter.update_from_dict(entry)
        else:
            log.warning(
                "Parameter %r of %s is not in the file. Using its default %s.", name, owner, default.quantity
            )
        parameters.append(parameter)
    return Parameters(parameters)


def _same(one, other) -> bool:
    """Compare plain values; NaN equals NaN."""
    if one is other or one == other:
        return True
    return isinstance(one, float) and isinstance(other, float) and one != one and other != other
