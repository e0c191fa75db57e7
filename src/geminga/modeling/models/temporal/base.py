"""The interface of temporal models: factors on a flux, their averages over time intervals, event times."""

from __future__ import annotations

import numpy as np
from astropy import units as u
from astropy.time import Time

from geminga.doors import drawn_by
from geminga.errors import ModelError, UnknownNameError
from geminga.sky.timing import as_time

from ..base import ModelBase
from ..registries import TEMPORAL_MODEL_REGISTRY
from .sampling import sample_times_of

__all__ = ["TemporalModel"]

_SECONDS_PER_DAY = 86400.0


class TemporalModel(ModelBase):
    r"""Base class of temporal models, dimensionless factors on a flux.

    A subclass declares `~geminga.modeling.Parameter` class attributes and a static method ``evaluate(time, ...)`` whose
    arguments have the names of the parameters. It gets the time as MJD in days (`~astropy.units.Quantity`).

    ``integrate_days(low, high, ...)`` can give the integral in closed form: `low` and `high` are plain days since the
    reference time, parameters plain numbers in their default units. A subclass that overrides ``evaluate`` does
    not inherit it.

    Parameters
    ----------
    scale : str
        Time scale of the reference time.
    **kwargs : `Parameter`, `~astropy.units.Quantity`, str or float
        Parameters by name.
    """

    _type = "temporal"
    integrate_days = None

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if "evaluate" in vars(cls) and "integrate_days" not in vars(cls):
            cls.integrate_days = None

    def __init__(self, scale="utc", **kwargs):
        self.scale = scale
        super().__init__(**kwargs)

    @property
    def scale(self) -> str:
        """Time scale of the reference time: "utc", "tt", ..."""
        return self._scale

    @scale.setter
    def scale(self, scale):
        if str(scale).lower() not in Time.SCALES:
            raise UnknownNameError("time scale", scale, Time.SCALES)
        self._scale = str(scale).lower()

    @property
    def is_energy_dependent(self) -> bool:
        """Whether the factor depends on energy."""
        return False

    @property
    def reference_time(self):
        """Time from which the model counts, `~astropy.time.Time`; None for models without ``t_ref``."""
        if "t_ref" not in self.parameters.names:
            return None
        return Time(self.parameters["t_ref"].quantity.to_value("d"), format="mjd", scale=self.scale)

    @reference_time.setter
    def reference_time(self, time):
        mjd = getattr(as_time(time), self.scale).mjd
        self.parameters["t_ref"].quantity = u.Quantity(mjd, "d")

    def _relative_days(self, time) -> np.ndarray:
        """Return plain days since the reference time, without losing digits of the time."""
        time = getattr(as_time(time), self.scale)
        reference = self.reference_time
        if reference is None:
            return np.asarray((time.jd1 - 2400000.5) + time.jd2)
        return np.asarray((time.jd1 - reference.jd1) + (time.jd2 - reference.jd2))

    def __call__(self, time, energy=None):
        """Return the factor at times.

        Parameters
        ----------
        time : `~astropy.time.Time`
            In any scale.
        energy : `~astropy.units.Quantity`, optional
            For models that depend on energy.

        Returns
        -------
        `~astropy.units.Quantity`
            Dimensionless, same shape; (n_energy, n_time) for models that depend on energy.
        """
        arguments = {parameter.name: parameter.quantity for parameter in self.parameters}
        if self.is_energy_dependent:
            arguments["energy"] = energy
        days = u.Quantity(getattr(as_time(time), self.scale).mjd, "d")
        return u.Quantity(self.evaluate(days, **arguments), copy=None).to(u.one)

    # ------------------------------------------------------------------ averages

    @staticmethod
    def time_sum(t_min, t_max):
        """Return the sum of the lengths of time intervals.

        Parameters
        ----------
        t_min, t_max : `~astropy.time.Time`, scalar or shape (n,)

        Returns
        -------
        `~astropy.units.Quantity`
            In days.
        """
        return np.sum((as_time(t_max) - as_time(t_min)).to("d"))

    def integral(self, t_min, t_max, oversampling_factor=100, **kwargs):
        r"""Return the integral over each interval divided by the length of all intervals.

        The sum of the result is the average of the factor over the intervals.

        Parameters
        ----------
        t_min, t_max : `~astropy.time.Time`, scalar or shape (n,)
            Ends of the intervals.
        oversampling_factor : int
            Number of evaluations in each interval, for models without closed form.
        **kwargs : dict
            ``energy`` for models that depend on energy.

        Returns
        -------
        `~astropy.units.Quantity`, scalar or shape (n,)
            Dimensionless.
        """
        t_min, t_max = as_time(t_min, "t_min"), as_time(t_max, "t_max")
        integral = self._integral_in_days(t_min, t_max, oversampling_factor, **kwargs)
        return u.Quantity(integral / self.time_sum(t_min, t_max).to_value("d"))

    def _integral_in_days(self, t_min, t_max, oversampling_factor=100, **kwargs):
        if self.integrate_days is not None:
            arguments = {
                parameter.name: parameter.quantity.to_value(default.unit)
                for parameter, default in zip(self.parameters, self.default_parameters, strict=True)
            }
            arguments.pop("t_ref", None)
            return self.integrate_days(self._relative_days(t_min), self._relative_days(t_max), **arguments)
        fractions, weights = _composite_nodes(oversampling_factor)
        length = np.asarray((t_max - t_min).to_value("d"))
        times = t_min[..., np.newaxis] + length[..., np.newaxis] * fractions * u.d
        return (np.asarray(self(times, **kwargs)) * weights).sum(axis=-1) * length

    # ------------------------------------------------------------------ random times

    def sample_time(self, n_events, t_min, t_max, t_delta="1 s", random_state=0):
        """Draw times from the model.

        Parameters
        ----------
        n_events : int
            Number of times.
        t_min, t_max : `~astropy.time.Time`, scalar or shape (n,)
            Ends of the intervals in which times are drawn.
        t_delta : `~astropy.units.Quantity` or str
            Step in which the model is evaluated; it is a straight line in between.
        random_state : int, "random-seed", "global-rng" or `~numpy.random.RandomState`

        Returns
        -------
        `~astropy.time.Time`, shape (n_events,)
            In the scale and format of `t_min`.
        """
        return sample_times_of(self, n_events, t_min, t_max, t_delta, random_state)

    # ------------------------------------------------------------------ dictionaries and pictures

    def to_dict(self, full_output=False) -> dict:
        """Return the model as a dictionary of plain YAML types; see `ModelBase.to_dict`."""
        data = super().to_dict(full_output)
        data["temporal"]["scale"] = self.scale
        return data

    @classmethod
    def _extra_keys(cls):
        return ("scale",)

    @classmethod
    def from_dict(cls, data, **kwargs):
        """Create from a dictionary in the form of `to_dict`; the base class reads any temporal model."""
        content = data.get("temporal", data)
        if cls is TemporalModel:
            if "type" not in content:
                raise ModelError(f"temporal model must have a type, got keys {sorted(content)}. Add its tag.")
            return TEMPORAL_MODEL_REGISTRY.get_cls(content["type"]).from_dict(data, **kwargs)
        kwargs.setdefault("scale", content.get("scale", "utc"))
        return super().from_dict(data, **kwargs)

    plot = drawn_by("geminga.visualization.temporal:plot_temporal_model")


def _composite_nodes(n_points):
    """Return nodes and weights on [0, 1]: four Gauss-Legendre points in each of equal panels."""
    nodes, weights = np.polynomial.legendre.leggauss(4)
    n_panels = max(1, int(n_points) // 4)
    left = np.arange(n_panels)[:, np.newaxis] / n_panels
    positions = (left + (nodes + 1) / (2 * n_panels)).ravel()
    return positions, np.tile(weights / (2 * n_panels), n_panels)
