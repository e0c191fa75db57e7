"""Norms at a few positions, joined by a smooth surface."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from geminga.errors import ModelError, UnknownNameError
from geminga.modeling.parameter import Parameter

from ...parameters import Parameters
from ..arrays import number
from ..base import parameters_from_dict
from ..registries import SPATIAL_MODEL_REGISTRY
from ..spectral.tables import quantity_from_dict, quantity_to_dict
from .base import SpatialModel
from .integration import coordinates_in_frame, remembered

__all__ = ["PiecewiseNormSpatialModel"]

_INTERPOLATIONS = ("lin", "log")
_ENERGY_NAMES = ("energy_true", "energy")


@SPATIAL_MODEL_REGISTRY.register
class PiecewiseNormSpatialModel(SpatialModel):
    """Dimensionless factors at positions, with a piecewise cubic surface through them.

    Outside of the hull of the nodes the factor is NaN. With energies the surface is linear.

    Parameters
    ----------
    coords : `~geminga.maps.MapCoord`
        Positions of the nodes, at least four, and their energies if the factors depend on energy.
    norms : array_like or list of `~geminga.modeling.Parameter`, shape (n,), optional
        Factors, default 1. They are the parameters ``norm_0``, ``norm_1``, ...
    interp : {"lin", "log"}
        Interpolate factors or their logarithms.
    """

    tag = ["PiecewiseNormSpatialModel", "piecewise-norm"]

    def __init__(self, coords, norms=None, interp="lin", **kwargs):
        self._coords = coords.flat
        if interp not in _INTERPOLATIONS:
            raise UnknownNameError("interp of a piecewise norm", interp, _INTERPOLATIONS)
        self.interp = interp
        n_nodes = len(self._coords["lon"])
        if n_nodes < 4:
            raise ModelError(f"coords must be at least 4 positions, got {n_nodes}. Add nodes.")
        norms = np.ones(n_nodes) if norms is None else norms
        if len(norms) != n_nodes:
            raise ModelError(f"norms must have one entry for each of {n_nodes} positions, got {len(norms)}.")
        self.default_parameters = Parameters([Parameter(f"norm_{k}", 1.0) for k in range(n_nodes)])
        if not isinstance(norms, Parameters | list | tuple):
            norms = list(np.asarray(number(norms), dtype=float))
        frame = kwargs.pop("frame", None) or coords.frame or "icrs"
        super().__init__(
            frame=frame, **dict(zip(self.default_parameters.names, norms, strict=True)), **kwargs
        )

    @property
    def coords(self):
        """Positions of the nodes."""
        return self._coords

    @property
    def norms(self):
        """Factors at the nodes, dimensionless `~astropy.units.Quantity`."""
        return u.Quantity(self.parameters.value)

    def _energy_name(self):
        return next((name for name in _ENERGY_NAMES if name in self._coords.axis_names), None)

    @property
    def is_energy_dependent(self) -> bool:
        """Whether the nodes have energies."""
        return self._energy_name() is not None

    def _nodes(self):
        """Return the nodes as plain numbers, longitudes relative to the first one."""
        lon, lat = self._coords["lon"].to_value("deg"), self._coords["lat"].to_value("deg")
        columns = [_around(lon, lon[0]), lat]
        if self.is_energy_dependent:
            columns.append(np.log(self._coords[self._energy_name()].to_value("TeV")))
        return np.column_stack(columns), lon[0]

    def _weights(self, lon, lat, energy):
        """Return the weight of each node at plain degrees, shape (n_nodes, ...): surfaces are linear in the nodes."""
        from scipy.interpolate import CloughTocher2DInterpolator, LinearNDInterpolator

        nodes, origin = self._nodes()
        unit_nodes = np.eye(len(nodes))
        points = [_around(lon, origin), lat]
        if self.is_energy_dependent:
            if energy is None:
                raise ModelError(
                    f"energy must be given for the energy-dependent {type(self).__name__}, got None."
                )
            points.append(np.log(u.Quantity(energy).to_value("TeV")))
            interpolate = LinearNDInterpolator(nodes, unit_nodes, rescale=True)
        else:
            interpolate = CloughTocher2DInterpolator(nodes, unit_nodes, tol=1e-10)
        return np.moveaxis(interpolate(*np.broadcast_arrays(*points)), -1, 0)

    def _combined(self, weights, norms):
        """Return plain factors from the weights of the nodes."""
        values = np.log(norms) if self.interp == "log" else np.asarray(norms, dtype=float)
        result = (values @ weights.reshape(len(values), -1)).reshape(weights.shape[1:])
        return np.exp(result) if self.interp == "log" else result

    def evaluate(self, lon, lat, energy=None, **norms):
        """Return the factor at positions, for norms by name; missing ones are those of the model."""
        values = {parameter.name: parameter.value for parameter in self.parameters}
        values |= {name: float(number(norm)) for name, norm in norms.items()}
        lon, lat = u.Quantity(lon).to_value("deg"), u.Quantity(lat).to_value("deg")
        return u.Quantity(self._combined(self._weights(lon, lat, energy), np.array(list(values.values()))))

    def _density_on(self, geom, energies=None, factor=None):
        def weights():
            return self._weights(*coordinates_in_frame(geom, self.frame), energies)

        nodes, _ = self._nodes()
        at = None if energies is None else energies.to_value("TeV").tobytes()
        key = ("piecewise", self.frame, nodes.tobytes(), at)
        return self._combined(remembered(geom, key, weights), self.parameters.value)

    def _density_unit(self):
        return u.one

    def to_dict(self, full_output=False) -> dict:
        """Return the model as a dictionary of plain YAML types."""
        data = super().to_dict(full_output)
        for name in self._coords.axis_names:
            data["spatial"][name] = quantity_to_dict(self._coords[name])
        data["spatial"]["interp"] = self.interp
        return data

    @classmethod
    def from_dict(cls, data, **kwargs):
        """Create from a dictionary in the form of `to_dict`."""
        from geminga.maps import MapCoord

        data = cls._unwrap(data)
        names = ["lon", "lat", *(name for name in _ENERGY_NAMES if name in data)]
        frame = data.get("frame", "icrs")
        coords = MapCoord({name: quantity_from_dict(data, name) for name in names}, frame=frame)
        kwargs = {"coords": coords, "interp": data.get("interp", "lin"), "frame": frame} | kwargs
        defaults = cls(**kwargs).default_parameters
        parameters = parameters_from_dict(data.get("parameters", []), defaults, cls.__name__)
        return cls.from_parameters(parameters, **kwargs)

    @classmethod
    def from_parameters(cls, parameters, **kwargs):
        """Create from the norms, used as they are, and `coords` and `interp`."""
        return cls(norms=list(parameters), **kwargs)


def _around(lon, origin):
    """Return longitudes within 180 deg of an origin."""
    return (lon - origin + 180) % 360 - 180 + origin
