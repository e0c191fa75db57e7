"""One number of a model: value, unit, limits, error, prior, and how a minimiser sees it."""

from __future__ import annotations

import html
import logging
import math

import numpy as np
from astropy import units as u

from ..errors import ModelError, UnitError, UnknownNameError
from ..units import conversion_factor
from .attributes import Choice, InOwnUnit
from .plain_values import boolean, number_in_text, plain_number, unit_from_text, unit_to_text
from .scaled import ScaledValue
from .scan import INTERPOLATIONS, confidence_range, scan_range, scan_values

__all__ = ["Parameter", "PriorParameter"]

log = logging.getLogger(__name__)


class Parameter(ScaledValue):
    """A number of a model that can be fitted.

    The minimiser works with `factor`: the value, transformed by `scale_transform` and divided by `scale`.

    Parameters
    ----------
    name : str
        Name within the model.
    value : float, str or `~astropy.units.Quantity`
        Value; a string such as ``"1e-12 cm-2 s-1 TeV-1"`` brings its own unit.
    unit : str or `~astropy.units.Unit`
        Unit of a plain number.
    scale : float
        Number by which the transformed value is divided to give the factor.
    min, max : float, str or `~astropy.units.Quantity`
        Limits in the parameter's unit; NaN is no limit. Values outside are allowed, `check_limits` reports them.
    frozen : bool
        Hold the value fixed in fits.
    error : float, str or `~astropy.units.Quantity`
        One standard deviation, in the parameter's unit.
    scan_min, scan_max : float, optional
        Ends of the scan; by default value -/+ `scan_n_sigma` steps, a step being the error or else the value.
    scan_n_values : int
        Number of values to scan.
    scan_n_sigma : float
        Half width of the default scan, in steps.
    scan_values : array_like, optional
        Values to scan, in place of the above.
    scale_method : {"scale10", "factor1"} or None
        How `autoscale` chooses the scale: the power of ten of the value, or the value.
    interp : {"lin", "log", "sqrt"}
        Spacing of the values to scan.
    prior : `~geminga.modeling.models.Prior`, optional
        Prior on the value in the parameter's unit.
    scale_transform : {"lin", "log", "sqrt"}
        Function of the value that the minimiser sees.

    Examples
    --------
    >>> amplitude = Parameter("amplitude", "3e-12 cm-2 s-1 TeV-1", min=0)
    >>> amplitude.value, str(amplitude.unit)
    (3e-12, '1 / (TeV s cm2)')
    >>> amplitude.autoscale()
    >>> round(amplitude.factor, 12), amplitude.scale
    (3.0, 1e-12)
    """

    __slots__ = (
        "__weakref__",
        "_error",
        "_frozen",
        "_interp",
        "_link_label",
        "_max",
        "_min",
        "_name",
        "_prior",
        "_scale",
        "_scale_method",
        "_scale_transform",
        "_scan_max",
        "_scan_min",
        "_scan_n_sigma",
        "_scan_n_values",
        "_scan_values",
        "_type",
        "_unit",
        "_value",
    )

    def __init__(
        self,
        name,
        value,
        unit="",
        scale=1,
        min=math.nan,
        max=math.nan,
        frozen=False,
        error=0,
        scan_min=None,
        scan_max=None,
        scan_n_values=11,
        scan_n_sigma=2,
        scan_values=None,
        scale_method="scale10",
        interp="lin",
        prior=None,
        scale_transform="lin",
    ):
        if not isinstance(name, str):
            raise ModelError(f"name of a parameter must be a string, got {name!r}. Give its name first.")
        self._name = name
        self._type = None
        self._link_label = None
        self._prior = None
        self._scan_values = None
        self._set_value(value, unit)
        self._scale = plain_number(scale, f"scale of {name}")
        if self._scale == 0 or not math.isfinite(self._scale):
            raise ModelError(f"scale of {name} must be a finite number other than 0, got {scale}. Use 1.")
        self.scale_transform = scale_transform
        self.scale_method = scale_method
        self.interp = interp
        self.min, self.max = min, max
        self.frozen = frozen
        self.error = error
        self.scan_min, self.scan_max = scan_min, scan_max
        self.scan_n_values, self.scan_n_sigma = scan_n_values, scan_n_sigma
        self.scan_values = scan_values
        self.prior = prior

    def _set_value(self, value, unit) -> None:
        if isinstance(value, u.Quantity | str):
            quantity = self._read_quantity(value)
            if isinstance(value, str) and quantity.unit == u.one and unit:
                quantity = quantity.value * self._read_unit(unit)
            self._value = plain_number(quantity.value, f"value of {self._name}")
            self._unit = quantity.unit
        else:
            self._value = plain_number(value, f"value of {self._name}")
            self._unit = self._read_unit(unit)

    def _read_quantity(self, value) -> u.Quantity:
        try:
            return u.Quantity(value)
        except (TypeError, ValueError) as error:
            raise ModelError(
                f"value of {self._name} must be a number or a quantity, got {value!r}. Write for example '1 TeV'."
            ) from error

    def _read_unit(self, unit) -> u.UnitBase:
        if isinstance(unit, u.UnitBase):
            return unit
        try:
            return unit_from_text(unit) if isinstance(unit, str) else u.Unit(unit)
        except (TypeError, ValueError) as error:
            raise UnitError(
                f"unit of {self._name} must be a unit, got {unit!r}. Check its spelling."
            ) from error

    def _in_own_unit(self, value, what: str) -> float:
        """Return a plain number in the parameter's unit."""
        if isinstance(value, str):
            value = self._read_quantity(value)
        if isinstance(value, u.Quantity):
            name = f"{what} of {self._name}"
            return plain_number(value.value * conversion_factor(value.unit, self._unit, name), name)
        return plain_number(value, f"{what} of {self._name}")

    @property
    def name(self) -> str:
        """Name within the model."""
        return self._name

    @property
    def type(self) -> str | None:
        """Kind of model that it belongs to: "spectral", "spatial", "temporal", "prior" or None."""
        return self._type

    @property
    def value(self) -> float:
        """Value in units of `unit`."""
        return self._value

    @value.setter
    def value(self, value):
        self._value = plain_number(value, f"value of {self._name}")

    @property
    def unit(self) -> u.UnitBase:
        """Unit of value, error and limits; setting it relabels all of them and converts nothing."""
        return self._unit

    @unit.setter
    def unit(self, unit):
        self._unit = self._read_unit(unit)

    @property
    def quantity(self) -> u.Quantity:
        """Value with its unit; setting it adopts the new unit and converts error and limits along."""
        return u.Quantity(self._value, self._unit)

    @quantity.setter
    def quantity(self, quantity):
        quantity = self._read_quantity(quantity)
        number = plain_number(quantity.value, f"value of {self._name}")
        if quantity.unit != self._unit:
            ratio = conversion_factor(self._unit, quantity.unit, self._name)
            self._min, self._max, self._error = self._min * ratio, self._max * ratio, self._error * ratio
            self._scan_min = None if self._scan_min is None else self._scan_min * ratio
            self._scan_max = None if self._scan_max is None else self._scan_max * ratio
            self._scan_values = None if self._scan_values is None else self._scan_values * ratio
            self._unit = quantity.unit
        self._value = number

    min = InOwnUnit("Lower limit in units of `unit`, NaN for none.", missing=math.nan)
    max = InOwnUnit("Upper limit in units of `unit`, NaN for none.", missing=math.nan)

    def set_lim(self, min=None, max=None) -> None:
        """Set one or both limits.

        Parameters
        ----------
        min, max : float, str or `~astropy.units.Quantity`, optional
            New limits; None leaves a limit as it is.
        """
        if min is not None:
            self.min = min
        if max is not None:
            self.max = max

    def check_limits(self) -> bool:
        """Log a warning when the value lies outside the limits, and return whether it is inside."""
        inside = not (self._value < self._min or self._value > self._max)
        if not inside:
            log.warning(
                "Value %g of parameter %s is outside its limits [%g, %g].",
                self._value,
                self._name,
                self._min,
                self._max,
            )
        return inside

    @property
    def frozen(self) -> bool:
        """Whether fits hold the value fixed."""
        return self._frozen

    @frozen.setter
    def frozen(self, value):
        self._frozen = boolean(value, f"frozen of {self._name}")

    @property
    def error(self) -> float:
        """One standard deviation in units of `unit`."""
        return self._error

    @error.setter
    def error(self, value):
        number = self._in_own_unit(value, "error")
        if number < 0:
            raise ModelError(f"error of {self._name} must be positive or 0, got {number}. Give its size.")
        self._error = number

    interp = Choice(INTERPOLATIONS, doc="Spacing of the values to scan.")

    @property
    def prior(self):
        """Prior on the value, or None."""
        return self._prior

    @prior.setter
    def prior(self, value):
        if isinstance(value, dict):
            from .models.prior.base import Prior

            value = Prior.from_dict({"prior": value})
        if value is not None and not (callable(value) and hasattr(value, "weight")):
            raise ModelError(f"prior of {self._name} must be a Prior or None, got {value!r}. Create one.")
        self._prior = value

    def prior_stat_sum(self) -> float:
        """Return -2 ln of the prior at the value, 0 without a prior."""
        return 0.0 if self._prior is None else float(self._prior(self))

    # ------------------------------------------------------------------ scans and confidence

    @property
    def scan_n_values(self) -> int:
        """Number of values to scan."""
        return self._scan_n_values

    @scan_n_values.setter
    def scan_n_values(self, value):
        self._scan_n_values = int(value)

    @property
    def scan_n_sigma(self) -> float:
        """Half width of the default scan, in errors."""
        return self._scan_n_sigma

    @scan_n_sigma.setter
    def scan_n_sigma(self, value):
        self._scan_n_sigma = value

    @property
    def scan_min(self) -> float:
        """Lower end of the scan in units of `unit`."""
        return scan_range(self)[0] if self._scan_min is None else self._scan_min

    @scan_min.setter
    def scan_min(self, value):
        self._scan_min = None if value is None else self._in_own_unit(value, "scan_min")

    @property
    def scan_max(self) -> float:
        """Upper end of the scan in units of `unit`."""
        return scan_range(self)[1] if self._scan_max is None else self._scan_max

    @scan_max.setter
    def scan_max(self, value):
        self._scan_max = None if value is None else self._in_own_unit(value, "scan_max")

    @property
    def scan_values(self) -> np.ndarray:
        """Values to scan, in units of `unit`."""
        return scan_values(self) if self._scan_values is None else self._scan_values

    @scan_values.setter
    def scan_values(self, values):
        if values is None:
            self._scan_values = None
            return
        if isinstance(values, u.Quantity):
            values = values.value * conversion_factor(values.unit, self._unit, f"scan_values of {self._name}")
        self._scan_values = np.array(values, dtype=float).reshape(-1)

    @property
    def conf_max(self) -> float:
        """Highest value that a confidence search looks at."""
        return confidence_range(self)[1]

    @property
    def conf_min(self) -> float:
        """Lowest value that a confidence search looks at."""
        return confidence_range(self)[0]

    # ------------------------------------------------------------------ copies and dictionaries

    def copy(self) -> Parameter:
        """Return an independent copy; it is no longer linked."""
        new = object.__new__(type(self))
        for slot in Parameter.__slots__:
            if slot != "__weakref__":
                setattr(new, slot, getattr(self, slot))
        if self._prior is not None:
            new._prior = self._prior.copy()
        if self._scan_values is not None:
            new._scan_values = self._scan_values.copy()
        return new

    def __deepcopy__(self, memo):
        return self.copy()

    def to_dict(self) -> dict:
        """Return the settings as a dictionary of plain YAML types."""
        output = {
            "name": self._name,
            "value": self._value,
            "unit": unit_to_text(self._unit),
            "error": self._error,
            "min": self._min,
            "max": self._max,
            "frozen": self._frozen,
            "interp": self._interp,
            "scale_method": self._scale_method,
            "scale_transform": self._scale_transform,
        }
        if self._link_label is not None:
            output["link"] = self._link_label
        if self._prior is not None:
            output["prior"] = self._prior.to_dict()["prior"]
        return output

    _UPDATABLE = (
        "min",
        "max",
        "error",
        "frozen",
        "interp",
        "scale_method",
        "scale_transform",
        "scan_min",
        "scan_max",
        "scan_n_values",
        "scan_n_sigma",
        "scan_values",
        "prior",
    )

    def update_from_dict(self, data) -> None:
        """Set what a dictionary gives, in the form of `to_dict`; the rest stays.

        Raises
        ------
        ModelError
            If the dictionary has an unknown key.
        """
        known = {"name", "value", "unit", "link", "factor", "scale", *self._UPDATABLE}
        for key in data:
            if key not in known:
                raise UnknownNameError(f"key of parameter {self._name}", key, known)
        data = {key: number_in_text(value) for key, value in data.items()}
        if "unit" in data:
            self.unit = data["unit"]
        if "value" in data:
            self.value = data["value"]
        elif "factor" in data:
            self.value = data["factor"] * data.get("scale", 1)
        for key in self._UPDATABLE:
            if key in data:
                setattr(self, key, data[key])
        self._link_label = data.get("link", self._link_label)

    def __repr__(self) -> str:
        unit = f" {self._unit.to_string()}" if self._unit != u.one else ""
        text = (
            f"{type(self).__name__}(name={self._name!r}, value={self._value:g}{unit}, error={self._error:g}"
        )
        text += f", min={self._min:g}, max={self._max:g}, frozen={self._frozen}"
        return f"{text}, prior={self._prior!r})" if self._prior is not None else f"{text})"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(repr(self))}</pre>"


class PriorParameter(Parameter):
    """A number of a prior: never fitted, never linked.

    Parameters are those of `Parameter` of the same name.

    Examples
    --------
    >>> PriorParameter("sigma", 0.1).frozen
    True
    """

    __slots__ = ()

    def __init__(
        self,
        name,
        value,
        unit="",
        scale=1,
        min=math.nan,
        max=math.nan,
        error=0,
        scale_method="scale10",
        scale_transform="lin",
    ):
        super().__init__(
            name,
            value,
            unit=unit,
            scale=scale,
            min=min,
            max=max,
            error=error,
            frozen=True,
            scale_method=scale_method,
            scale_transform=scale_transform,
        )
        self._type = "prior"

    def to_dict(self) -> dict:
        """Return the settings as a dictionary of plain YAML types."""
        keep = ("name", "value", "unit", "error", "min", "max")
        full = super().to_dict()
        return {key: full[key] for key in keep}
