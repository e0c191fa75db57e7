"""The base of point spread functions given by parameters of a formula."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ...errors import AxisMismatchError, DataError, UnknownNameError
from ...maps import MapAxis
from ...numerics.interpolation import interpolation_scale
from ...units import to_quantity, to_value
from ..evaluation import plain_coordinates
from ..grid import interpolate_on_grid
from .core import PSF, default_rad_axis
from .table import PSF3D

__all__ = ["ParametricPSF"]


class ParametricPSF(PSF):
    """Point spread function whose parameters depend on true energy and offset.

    Parameters are interpolated linearly; beyond the outer edges of the axes they stay as they are at the edge.

    Parameters
    ----------
    axes : list of `~geminga.maps.MapAxis`
        Axes ("energy_true", "offset").
    data : structured ndarray, shape of the axes
        One field for each of `required_parameters`.
    unit : dict of unit-like
        Unit of each parameter.
    **kwargs : dict
        The other parameters of `~geminga.irf.IRF`.
    """

    required_axes = ["energy_true", "offset"]
    required_parameters: list[str] = []
    parameter_units: dict[str, str] = {}

    @property
    def required_arguments(self) -> list[str]:
        """Names of the coordinates that `evaluate` takes."""
        return ["rad", *self.axes.names]

    # ------------------------------------------------------------------ data

    def _set_data_and_unit(self, data, unit):
        given = dict(unit) if isinstance(unit, dict) else {}
        unknown = set(given) - set(self.required_parameters)
        if unknown:
            raise UnknownNameError(
                f"parameter of {type(self).__name__}", min(unknown), self.required_parameters
            )
        self._unit = {
            name: u.Unit(given.get(name, self.parameter_units[name])) for name in self.required_parameters
        }
        self.data = data

    @property
    def data(self) -> np.ndarray:
        """Structured array of parameters, shape of the axes."""
        return self._data

    @data.setter
    def data(self, values):
        values = np.asarray(values)
        shape = tuple(self._axes.shape)
        if values.shape == () and values.dtype.names is None:
            dtype = [(name, float) for name in self.required_parameters]
            values = np.full(shape, values.astype(float)).astype(dtype)
        names = values.dtype.names or ()
        if set(names) != set(self.required_parameters):
            raise DataError(
                f"data of {type(self).__name__} must have the fields {self.required_parameters}, got {list(names)}."
            )
        if values.shape != shape:
            raise AxisMismatchError(
                f"data of {type(self).__name__} must have the shape of the axes {shape}, got {values.shape}."
            )
        self._data = values

    @property
    def unit(self) -> dict:
        """Unit of each parameter."""
        return self._unit

    @property
    def quantity(self) -> dict:
        """Values of each parameter with unit."""
        return {
            name: u.Quantity(self._data[name], self._unit[name], copy=None)
            for name in self.required_parameters
        }

    @quantity.setter
    def quantity(self, values):
        data = np.zeros(self._axes.shape, dtype=[(name, float) for name in self.required_parameters])
        for name in self.required_parameters:
            quantity = to_quantity(values[name], name=name)
            data[name], self._unit[name] = quantity.value, quantity.unit
        self.data = data

    @staticmethod
    def repair_parameters(data) -> np.ndarray:
        """Return parameters as read from a file with bins that hold no function made harmless."""
        return data

    def to_unit(self, unit):
        """Not defined: each parameter has its own unit."""
        raise DataError(
            f"unit of {type(self).__name__} must be given for each parameter, got {unit}. Set `quantity` instead."
        )

    def normalize(self):
        """Do nothing: the function is normalised by construction."""

    def is_allclose(self, other, rtol_axes=1e-3, atol_axes=1e-6, **kwargs) -> bool:
        """Return whether another function has the same axes and parameters; see `IRF.is_allclose`."""
        self._check_same_class(other)
        if self._data.shape != other.data.shape or not self._axes.is_allclose(
            other.axes, rtol=rtol_axes, atol=atol_axes
        ):
            return False
        theirs = other.quantity
        return all(
            mine.unit.is_equivalent(theirs[name].unit) and np.allclose(mine, theirs[name], **kwargs)
            for name, mine in self.quantity.items()
        )

    def _facts_of_data(self):
        return {"parameters": ", ".join(self.required_parameters)}

    # ------------------------------------------------------------------ evaluation

    def _parameter_values(self, energy_true, offset) -> dict[str, np.ndarray]:
        """Return parameters at plain coordinates (in the units of the axes), angles in deg."""
        names = self.required_parameters
        table = np.stack([self._data[name] for name in names]).astype(float)
        nodes, coordinates = [], []
        for axis, x in zip(self.axes, (energy_true, offset), strict=True):
            scale = interpolation_scale(axis.interp)
            edges = axis.edges.value
            nodes.append(scale.scale(axis.center.value))
            coordinates.append(scale.scale(np.clip(np.asarray(x, dtype=float), edges.min(), edges.max())))
        values = np.maximum(interpolate_on_grid(table, nodes, coordinates), 0.0)
        values = dict(zip(names, values, strict=True))
        for name in names:
            if self._unit[name].is_equivalent("deg"):
                values[name] = values[name] * self._unit[name].to("deg")
        return values

    def _plain_coordinates(self, coords) -> list[np.ndarray]:
        coords = {name: coords[name] for name in coords if name != "rad"}
        return plain_coordinates(self, coords)

    def evaluate_parameters(self, energy_true, offset) -> dict:
        """Return the parameters at energies and offsets.

        Parameters
        ----------
        energy_true, offset : `~astropy.units.Quantity`
            Broadcast against each other.

        Returns
        -------
        dict of `~astropy.units.Quantity`
        """
        coordinates = self._plain_coordinates({"energy_true": energy_true, "offset": offset})
        values = self._parameter_values(*coordinates)
        quantities = {}
        for name, value in values.items():
            unit = self._unit[name]
            quantities[name] = (
                u.Quantity(value, "deg").to(unit) if unit.is_equivalent("deg") else value * unit
            )
        return quantities

    def evaluate(self, rad, **kwargs) -> u.Quantity:
        """Return the density of events at a distance.

        Parameters
        ----------
        rad : `~astropy.units.Quantity`
            Distance from the true position.
        **kwargs : `~astropy.units.Quantity`
            "energy_true" and "offset", broadcast against `rad`.

        Returns
        -------
        `~astropy.units.Quantity`, in deg-2
        """
        parameters = self._parameter_values(*self._plain_coordinates(kwargs))
        return u.Quantity(self.density(to_value(rad, "deg", "rad"), **parameters), "deg-2", copy=None)

    def containment(self, rad, **kwargs) -> u.Quantity:
        """Return the fraction of events within a distance; parameters as in `evaluate`."""
        parameters = self._parameter_values(*self._plain_coordinates(kwargs))
        return u.Quantity(self.contained(to_value(rad, "deg", "rad"), **parameters), "", copy=None)

    @classmethod
    def evaluate_direct(cls, rad, **kwargs) -> u.Quantity:
        """Return the density at a distance for given parameters (quantities)."""
        return u.Quantity(cls.density(to_value(rad, "deg", "rad"), **cls._plain_parameters(kwargs)), "deg-2")

    @classmethod
    def evaluate_containment(cls, rad, **kwargs) -> u.Quantity:
        """Return the contained fraction for given parameters (quantities)."""
        return u.Quantity(cls.contained(to_value(rad, "deg", "rad"), **cls._plain_parameters(kwargs)), "")

    @classmethod
    def _plain_parameters(cls, parameters) -> dict[str, np.ndarray]:
        plain = {}
        for name in cls.required_parameters:
            if name not in parameters:
                raise DataError(
                    f"{cls.__name__} must have all of {cls.required_parameters}, {name!r} is missing."
                )
            unit = cls.parameter_units[name]
            value = parameters[name]
            plain[name] = (
                to_value(value, unit, name) if unit else np.asarray(getattr(value, "value", value), float)
            )
        return plain

    @staticmethod
    def density(rad, **parameters) -> np.ndarray:
        """Return the density in deg-2 at plain distances and parameters, angles in deg."""
        raise NotImplementedError

    @staticmethod
    def contained(rad, **parameters) -> np.ndarray:
        """Return the contained fraction at plain distances and parameters, angles in deg."""
        raise NotImplementedError

    def to_psf3d(self, rad=None) -> PSF3D:
        """Return the function as a table.

        Parameters
        ----------
        rad : `~geminga.maps.MapAxis` or `~astropy.units.Quantity`, optional
            Axis of distances or its edges; 66 bins up to 0.66 deg by default.
        """
        if rad is None:
            rad_axis = default_rad_axis()
        elif isinstance(rad, MapAxis):
            rad_axis = rad
        else:
            rad_axis = MapAxis.from_edges(to_quantity(rad, "deg", "rad"), name="rad")
        energy, offset = self.axes["energy_true"], self.axes["offset"]
        data = self.evaluate(
            rad=rad_axis.center,
            energy_true=energy.center[:, np.newaxis, np.newaxis],
            offset=offset.center[:, np.newaxis],
        )
        return PSF3D(
            [energy, offset, rad_axis],
            data=data,
            is_pointlike=self.is_pointlike,
            fov_alignment=self.fov_alignment,
            meta={key: value for key, value in self.meta.items() if key not in ("HDUCLAS4", "EXTNAME")},
        )
