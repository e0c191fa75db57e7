"""Light curves from tables and maps."""

from __future__ import annotations

import numpy as np
from astropy import units as u
from astropy.time import Time

from geminga.doors import drawn_by, opens
from geminga.errors import ModelError
from geminga.files import make_path
from geminga.modeling.parameter import Parameter
from geminga.numerics.interpolation import ScaledRegularGridInterpolator
from geminga.sky.timing import as_time
from geminga.units import to_quantity

from ..base import parameters_from_dict
from ..registries import TEMPORAL_MODEL_REGISTRY
from ..spectral.template import plain_options, with_tuples
from .base import TemporalModel

__all__ = ["LightCurveTemplateTemporalModel"]

_ENERGY_NAMES = ("energy_true", "energy")
_IO = "geminga.modeling.models.temporal.light_curve_files"


@TEMPORAL_MODEL_REGISTRY.register
class LightCurveTemplateTemporalModel(TemporalModel):
    """Factors at times since a reference time, with straight lines in between and 0 outside.

    With an energy axis the factors also depend on energy, and their logarithms are interpolated.

    Parameters
    ----------
    map : `~geminga.maps.RegionNDMap`
        Factors, with an axis ``time`` relative to the reference time and, optionally, an energy axis.
    t_ref : `~astropy.time.Time`, optional
        Reference time. Default is the parameter ``t_ref``, MJD 51544.
    filename : str or path-like, optional
        Where `write` writes the model.
    method : str, optional
        Interpolation between the nodes; default "linear".
    values_scale : {"lin", "log", "sqrt"}, optional
        Scale on which factors are interpolated; default "lin", "log" with an energy axis.
    interp_kwargs : dict, optional
        Further arguments of `~geminga.numerics.interpolation.ScaledRegularGridInterpolator`, such as
        ``fill_value=None`` to continue beyond the outer nodes.
    """

    tag = ["LightCurveTemplateTemporalModel", "template"]
    t_ref = Parameter("t_ref", 51544.0, unit="d", frozen=True)

    def __init__(
        self, map, t_ref=None, filename=None, method=None, values_scale=None, interp_kwargs=None, **kwargs
    ):
        if "time" not in map.geom.axes.names:
            raise ModelError(
                f"map of a light curve must have an axis 'time', got {map.geom.axes.names}. Add it."
            )
        self.map = map.copy()
        options = dict(interp_kwargs or {})
        self.method = method or options.pop("method", None) or "linear"
        default = "log" if self.is_energy_dependent else "lin"
        self.values_scale = values_scale or options.pop("values_scale", None) or default
        self.interp_kwargs = options
        self.filename = filename
        scale = kwargs.pop("scale", "utc")
        if isinstance(t_ref, Time | str):
            t_ref = u.Quantity(getattr(as_time(t_ref), scale).mjd, "d")
        super().__init__(scale=scale, t_ref=t_ref, **kwargs)

    def _energy_axis(self):
        axes = self.map.geom.axes
        return next((axes[name] for name in _ENERGY_NAMES if name in axes.names), None)

    @property
    def is_energy_dependent(self) -> bool:
        """Whether the map has an energy axis."""
        return self._energy_axis() is not None

    def _interpolator(self):
        """Return the interpolator over (energy, day) or (day,), and the nodes in days."""
        axes = self.map.geom.axes
        days = axes["time"].center.to_value("d")
        points, scales = [days], ["lin"]
        table = np.asarray(self.map.quantity.to_value(u.one), dtype=float)
        table = table.reshape([axis.nbin for axis in reversed(list(axes))])
        energy = self._energy_axis()
        if energy is not None:
            names = axes.names[::-1]
            table = np.moveaxis(table, names.index("time"), -1).reshape(energy.nbin, len(days))
            points.insert(0, energy.center.to_value("TeV"))
            scales.insert(0, energy.interp)
        else:
            table = table.reshape(len(days))
        options = {"fill_value": 0.0, "points_scale": tuple(scales)} | with_tuples(self.interp_kwargs)
        if options["fill_value"] == 0.0 and energy is not None:
            # outside of the table only in time: the outer energies go on
            options["fill_value"] = None
        interpolate = ScaledRegularGridInterpolator(
            points, table, method=self.method, values_scale=self.values_scale, **options
        )
        return interpolate, days

    def _factors(self, days, energy=None):
        """Return plain factors at days since the reference time, shape (*days) or (n_energy, *days)."""
        interpolate, nodes = self._interpolator()
        days = np.asarray(days, dtype=float)
        if energy is None and self.is_energy_dependent:
            energy = self._energy_axis().center
        if not self.is_energy_dependent:
            return interpolate((days,))
        energies = np.atleast_1d(to_quantity(energy, "TeV", name="energy").value).ravel()
        energies = energies.reshape(-1, *([1] * days.ndim))
        factors = interpolate((energies, days[np.newaxis]))
        if self.interp_kwargs.get("fill_value", 0.0) == 0.0:
            factors = np.where((days < nodes[0]) | (days > nodes[-1]), 0.0, factors)
        return factors

    def evaluate(self, time, t_ref=None, energy=None):
        """Return the factor at times.

        Parameters
        ----------
        time : `~astropy.time.Time` or `~astropy.units.Quantity`
            Time, or MJD.
        t_ref : `~astropy.units.Quantity`, optional
            Reference time, MJD; default is that of the model.
        energy : `~astropy.units.Quantity`, optional
            For a map with an energy axis; default are the energies of the map.

        Returns
        -------
        `~astropy.units.Quantity`, shape (*time) or (n_energy, *time)
        """
        t_ref = self.t_ref.quantity if t_ref is None else t_ref
        if isinstance(time, Time):
            time = u.Quantity(getattr(time, self.scale).mjd, "d")
        if isinstance(t_ref, Time):
            t_ref = u.Quantity(getattr(t_ref, self.scale).mjd, "d")
        return u.Quantity(self._factors((time - t_ref).to_value("d"), energy))

    def __call__(self, time, energy=None):
        """Return the factor at times; see `TemporalModel.__call__`."""
        return u.Quantity(self._factors(self._relative_days(time), energy))

    def _integral_in_days(self, t_min, t_max, oversampling_factor=100, energy=None):
        """Integrate node by node, exactly for straight lines."""
        low, high = self._relative_days(t_min), self._relative_days(t_max)
        _, nodes = self._interpolator()
        if self.interp_kwargs.get("fill_value", 0.0) == 0.0:
            low, high = np.clip(low, nodes[0], nodes[-1]), np.clip(high, nodes[0], nodes[-1])
        positions, weights = np.polynomial.legendre.leggauss(8)

        def over(start, stop):
            half = 0.5 * (stop - start)[..., np.newaxis]
            days = start[..., np.newaxis] + half * (positions + 1)
            return (self._factors(days, energy) * weights).sum(axis=-1) * half[..., 0]

        pieces = over(nodes[:-1], nodes[1:])
        zero = np.zeros((*pieces.shape[:-1], 1))
        cumulative = np.concatenate([zero, np.cumsum(pieces, axis=-1)], axis=-1)

        def until(days):
            days = np.asarray(days, dtype=float)
            left = np.clip(np.searchsorted(nodes, days, side="right") - 1, 0, len(nodes) - 1)
            return cumulative[..., left] + over(nodes[left], days)

        return until(high) - until(low)

    # ------------------------------------------------------------------ tables and files

    @classmethod
    def from_table(cls, table, filename=None, interp_kwargs=None):
        """Create from a table with columns TIME and NORM.

        Parameters
        ----------
        table : `~astropy.table.Table`
            The meta data give the reference time: MJDREFI, MJDREFF, TIMESYS, TIMEUNIT.
        filename : str or path-like, optional
            Where the table comes from.
        interp_kwargs : dict, optional
            See the class.
        """
        from .light_curve_files import from_table

        return from_table(cls, table, filename, interp_kwargs)

    to_table = opens(f"{_IO}:to_table")
    write = opens(f"{_IO}:write")

    @classmethod
    def read(cls, filename, format="table", interp_kwargs=None):
        """Read a light curve.

        Parameters
        ----------
        filename : str or path-like
        format : {"table", "map"}
            Table with columns TIME and NORM, or map.
        interp_kwargs : dict, optional
            See the class.
        """
        from .light_curve_files import read

        return read(cls, filename, format, interp_kwargs)

    def to_dict(self, full_output=False, format=None) -> dict:
        """Return the model as a dictionary of plain YAML types; the factors are in the file `filename`."""
        data = super().to_dict(full_output)
        content = data["temporal"]
        content["filename"] = None if self.filename is None else str(self.filename)
        content["format"] = format or ("map" if self.is_energy_dependent else "table")
        content["unit"] = str(self.map.unit)
        options = plain_options(self.interp_kwargs)
        if self.method != "linear":
            options["method"] = self.method
        if self.values_scale != ("log" if self.is_energy_dependent else "lin"):
            options["values_scale"] = self.values_scale
        if options:
            content["interp_kwargs"] = options
        return data

    @classmethod
    def from_dict(cls, data, **kwargs):
        """Create from a dictionary in the form of `to_dict`, reading the file."""
        data = cls._unwrap(data)
        if data.get("filename") is None:
            raise ModelError(
                "light curve must have a filename, got none. Set model.filename and write the model first."
            )
        options = data.get("interp_kwargs")
        model = cls.read(make_path(data["filename"]), data.get("format", "table"), interp_kwargs=options)
        model.filename = data["filename"]
        model.scale = data.get("scale", "utc")
        entries = data.get("parameters", [])
        if entries:
            parameters = parameters_from_dict(entries, cls.default_parameters, cls.__name__)
            model.t_ref = parameters["t_ref"]
        return model

    def __repr__(self) -> str:
        n_times = self.map.geom.axes["time"].nbin
        return f"{type(self).__name__}({n_times} times from MJD {self.t_ref.value:g})"

    def __str__(self) -> str:
        reference = self.reference_time.mjd
        edges = self.map.geom.axes["time"].edges.to_value("d")
        lines = [
            f"{type(self).__name__} model summary:",
            f" Reference time: {reference} MJD",
            f" Start time: {reference + edges[0]} MJD",
            f" End time: {reference + edges[-1]} MJD",
            f" Norm min: {np.nanmin(self.map.data)}",
            f" Norm max: {np.nanmax(self.map.data)}",
        ]
        energy = self._energy_axis()
        if energy is not None:
            lines += [f" Energy min: {energy.center[0]}", f" Energy max: {energy.center[-1]}"]
        return "\n".join(lines) + "\n"

    plot = drawn_by("geminga.visualization.temporal:plot_light_curve_template")
