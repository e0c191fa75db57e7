"""Lists of parameters: look-up, selection, tables, and status to come back to."""

from __future__ import annotations

import html
import itertools
from collections.abc import Sequence
from contextlib import contextmanager

import numpy as np

from ..errors import ModelError, UnknownNameError
from .parameter import Parameter, PriorParameter
from .plain_values import unit_to_text

__all__ = ["Parameters", "PriorParameters"]


class Parameters(Sequence):
    """An immutable list of parameters; the parameters themselves can change.

    A parameter that several models share occurs several times and counts once in `unique_parameters`.

    Parameters
    ----------
    parameters : iterable of `Parameter`, optional

    Examples
    --------
    >>> pars = Parameters([Parameter("index", 2.0), Parameter("norm", 1.0, frozen=True)])
    >>> pars["index"].value, pars.free_parameters.names
    (2.0, ['index'])
    """

    _member = Parameter

    def __init__(self, parameters=None):
        items = [] if parameters is None else list(parameters)
        for item in items:
            if not isinstance(item, self._member):
                raise ModelError(
                    f"item of {type(self).__name__} must be a {self._member.__name__}, got {item!r}. Create one."
                )
        self._items = items
        self._position: dict[int, int] | None = None
        self._places: dict[int, list[int]] | None = None

    @classmethod
    def from_stack(cls, parameters_list):
        """Return one list with the parameters of several lists.

        Parameters
        ----------
        parameters_list : iterable of `Parameters`
        """
        return cls(itertools.chain.from_iterable(parameters_list))

    @classmethod
    def from_dict(cls, data):
        """Create from a list of dictionaries in the form of `Parameter.to_dict`."""
        parameters = []
        for entry in data:
            entry = dict(entry)
            label = entry.pop("link", None)
            try:
                parameter = cls._member(**entry)
            except TypeError as error:
                raise ModelError(
                    f"entry of a parameter must have known keys, got {entry!r}: {error}."
                ) from error
            parameter._link_label = label
            parameters.append(parameter)
        return cls(parameters)

    # ------------------------------------------------------------------ look-up

    def _positions(self) -> dict[int, int]:
        """Return the first position of each parameter by its identity."""
        if self._position is None:
            self._position = {id(p): i for i, p in reversed(list(enumerate(self._items)))}
        return self._position

    def _all_positions(self) -> dict[int, list[int]]:
        """Return all positions of each parameter by its identity."""
        if self._places is None:
            self._places = {}
            for i, parameter in enumerate(self._items):
                self._places.setdefault(id(parameter), []).append(i)
        return self._places

    def index(self, val) -> int:
        """Return the position of a parameter given by itself, by name or by number.

        Raises
        ------
        UnknownNameError
            If it is not in the list.
        """
        if isinstance(val, int | np.integer):
            return int(val)
        if isinstance(val, Parameter):
            position = self._positions().get(id(val))
            if position is not None:
                return position
            raise UnknownNameError(
                "parameter", val.name, [f"{name} (of other models)" for name in self.names]
            )
        if isinstance(val, str):
            for position, parameter in enumerate(self._items):
                if parameter._name == val:
                    return position
            raise UnknownNameError("parameter", val, self.names)
        raise ModelError(
            f"key of a parameter must be a name, number or parameter, got {val!r}. Give its name."
        )

    def __getitem__(self, key):
        if isinstance(key, slice):
            return type(self)(self._items[key])
        return self._items[self.index(key)]

    def __reduce__(self):
        return type(self), (self._items,)

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self):
        return iter(self._items)

    def __contains__(self, item) -> bool:
        if isinstance(item, Parameter):
            return id(item) in self._positions()
        return item in self.names

    def __add__(self, other):
        if isinstance(other, Parameters):
            return type(self)([*self._items, *other])
        return NotImplemented

    # ------------------------------------------------------------------ columns

    @property
    def names(self) -> list[str]:
        """Name of each parameter."""
        return [p._name for p in self._items]

    @property
    def types(self) -> list[str | None]:
        """Kind of model of each parameter."""
        return [p._type for p in self._items]

    @property
    def prior(self) -> list:
        """Prior of each parameter, None for none."""
        return [p._prior for p in self._items]

    @property
    def value(self) -> np.ndarray:
        """Value of each parameter in its unit; can be set."""
        return np.array([p._value for p in self._items], dtype=float)

    @value.setter
    def value(self, values):
        self._set_column("value", values)

    @property
    def min(self) -> np.ndarray:
        """Lower limit of each parameter, NaN for none; can be set."""
        return np.array([p._min for p in self._items], dtype=float)

    @min.setter
    def min(self, values):
        self._set_column("min", values)

    @property
    def max(self) -> np.ndarray:
        """Upper limit of each parameter, NaN for none; can be set."""
        return np.array([p._max for p in self._items], dtype=float)

    @max.setter
    def max(self, values):
        self._set_column("max", values)

    def _set_column(self, name: str, values) -> None:
        if len(values) != len(self._items):
            raise ModelError(
                f"{name} of the parameters must have {len(self._items)} entries, got {len(values)}. Give one for each."
            )
        for parameter, value in zip(self._items, values, strict=True):
            setattr(parameter, name, value)

    # ------------------------------------------------------------------ subsets

    @property
    def free_parameters(self):
        """Parameters that fits change."""
        return Parameters([p for p in self._items if not p._frozen])

    @property
    def unique_parameters(self):
        """Each parameter once, shared ones where they occur first."""
        return Parameters({id(p): p for p in self._items}.values())

    @property
    def free_unique_parameters(self):
        """Each parameter that fits change, once."""
        return Parameters({id(p): p for p in self._items if not p._frozen}.values())

    def select(self, name=None, type=None, frozen=None):
        """Return the parameters that match all conditions.

        Parameters
        ----------
        name : str or list of str, optional
        type : {"spectral", "spatial", "temporal"} or list of str, optional
        frozen : bool, optional

        Examples
        --------
        >>> pars = Parameters([Parameter("index", 2.0), Parameter("norm", 1.0)])
        >>> pars.select(name=["norm"]).names
        ['norm']
        """
        names = None if name is None else {name} if isinstance(name, str) else set(name)
        types = None if type is None else {type} if isinstance(type, str) else set(type)
        return Parameters(
            p
            for p in self._items
            if (names is None or p._name in names)
            and (types is None or p._type in types)
            and (frozen is None or p._frozen == frozen)
        )

    def freeze_all(self) -> None:
        """Freeze every parameter."""
        for parameter in self._items:
            parameter._frozen = True

    def unfreeze_all(self) -> None:
        """Free every parameter, also those that are frozen by default."""
        for parameter in self._items:
            parameter._frozen = False

    # ------------------------------------------------------------------ what the minimiser sees

    def autoscale(self) -> None:
        """Choose the scale of each parameter by its value."""
        for parameter in self._items:
            parameter.autoscale()

    def set_parameter_factors(self, factors) -> None:
        """Set the factors of the free unique parameters.

        Parameters
        ----------
        factors : array_like, shape (n_free_unique,)
        """
        for parameter, factor in zip(self.free_unique_parameters, factors, strict=True):
            parameter.factor = factor

    def check_limits(self) -> bool:
        """Log the values outside their limits, and return whether there are none."""
        inside = [parameter.check_limits() for parameter in self._items]
        return all(inside)

    def prior_stat_sum(self) -> float:
        """Return -2 ln of the priors of the unique parameters."""
        return float(sum(p.prior_stat_sum() for p in self.unique_parameters))

    # ------------------------------------------------------------------ copies, tables, dictionaries

    def copy(self):
        """Return a list of independent copies; sharing within the list is kept."""
        copies = {id(p): p for p in self._items}
        copies = {key: p.copy() for key, p in copies.items()}
        return type(self)([copies[id(p)] for p in self._items])

    @contextmanager
    def restore_status(self, restore_values=True):
        """Put values, errors and frozen flags back when the block ends.

        Parameters
        ----------
        restore_values : bool
            Put values and errors back, or only the frozen flags.

        Examples
        --------
        >>> pars = Parameters([Parameter("index", 2.0)])
        >>> with pars.restore_status():
        ...     pars["index"].value = 5
        >>> pars["index"].value
        2.0
        """
        unique = {id(p): p for p in self._items}.values()
        status = [(p, p._value, p._error, p._frozen) for p in unique]
        try:
            yield
        finally:
            for parameter, value, error, frozen in status:
                parameter._frozen = frozen
                if restore_values:
                    parameter._value, parameter._error = value, error

    def update_link_label(self) -> None:
        """Give a common label to each parameter that occurs several times; others lose theirs."""
        counts: dict[int, int] = {}
        for parameter in self._items:
            counts[id(parameter)] = counts.get(id(parameter), 0) + 1
        number = itertools.count(1)
        for parameter in {id(p): p for p in self._items}.values():
            shared = counts[id(parameter)] > 1
            parameter._link_label = f"{parameter._name}@{next(number)}" if shared else None

    def to_dict(self) -> list[dict]:
        """Return a list of dictionaries of plain YAML types."""
        return [parameter.to_dict() for parameter in self._items]

    def to_table(self):
        """Return name, value, unit, error, limits, frozen, link and prior of each parameter.

        Returns
        -------
        `~astropy.table.Table`
        """
        from astropy.table import Table

        self.update_link_label()
        columns = {
            "type": [p._type or "" for p in self._items],
            "name": self.names,
            "value": self.value,
            "unit": [unit_to_text(p._unit) for p in self._items],
            "error": np.array([p._error for p in self._items], dtype=float),
            "min": self.min,
            "max": self.max,
            "frozen": np.array([p._frozen for p in self._items], dtype=bool),
            "link": [p._link_label or "" for p in self._items],
            "prior": ["" if p._prior is None else type(p._prior).__name__ for p in self._items],
        }
        text = ("type", "name", "unit", "link", "prior")
        table = Table({key: np.array(v, dtype=str) if key in text else v for key, v in columns.items()})
        for name in ("value", "min", "max"):
            table[name].format = ".4e"
        table["error"].format = ".3e"
        return table

    def __str__(self) -> str:
        return "\n".join(self.to_table().pformat(max_lines=-1, max_width=-1))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{p._name}={p._value:g}' for p in self._items)})"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"


class PriorParameters(Parameters):
    """The numbers of a prior."""

    _member = PriorParameter

    @classmethod
    def from_dict(cls, data):
        """Create from a list of dictionaries in the form of `PriorParameter.to_dict`."""
        return super().from_dict(data)

    def to_table(self):
        """Return type, name, value, unit, error and limits of each parameter."""
        table = super().to_table()
        table.remove_columns(["frozen", "link", "prior"])
        return table
