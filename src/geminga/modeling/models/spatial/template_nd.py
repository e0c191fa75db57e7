"""Maps with further axes, which are parameters."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from geminga.errors import ModelError
from geminga.files import make_path
from geminga.modeling.parameter import Parameter

from ...parameters import Parameters
from ..base import parameters_from_dict
from ..registries import SPATIAL_MODEL_REGISTRY
from ..spectral.template import plain_options, with_tuples
from .base import SpatialModel
from .integration import coordinates_in_frame

__all__ = ["TemplateNDSpatialModel"]

_DEFAULT_INTERPOLATION = {"method": "linear", "fill_value": 0, "values_scale": "log"}
_ENERGY_NAME = "energy_true"


@SPATIAL_MODEL_REGISTRY.register
class TemplateNDSpatialModel(SpatialModel):
    """A map of densities with further axes; every axis other than energy is a parameter.

    The map is not normalised. A parameter starts in the middle of its axis; the ends of the axis are its
    limits.

    Parameters
    ----------
    map : `~geminga.maps.WcsNDMap`
    interp_kwargs : dict, optional
        Arguments of `Map.interp_by_coord`; by default values are interpolated logarithmically and are 0
        outside of the map.
    meta : dict, optional
        Anything to remember.
    filename : str or path-like, optional
        Where `write` writes the map.
    copy_data : bool
        Copy the map.
    **kwargs : `Parameter`, `~astropy.units.Quantity`, str or float
        Parameters by the names of the axes.
    """

    tag = ["TemplateNDSpatialModel", "templateND"]

    def __init__(self, map, interp_kwargs=None, meta=None, filename=None, copy_data=True, **kwargs):
        kwargs.pop("frame", None)
        self._map = map.copy() if copy_data else map
        self.interp_kwargs = dict(interp_kwargs or {})
        self.meta = {} if meta is None else meta
        self.filename = filename
        self.default_parameters = Parameters(
            [_parameter(axis) for axis in map.geom.axes if axis.name != _ENERGY_NAME]
        )
        super().__init__(frame=map.geom.frame, **kwargs)

    @property
    def map(self):
        """Densities, `~geminga.maps.Map`."""
        return self._map

    @property
    def is_energy_dependent(self) -> bool:
        """Whether the map has an axis ``energy_true``."""
        return _ENERGY_NAME in self._map.geom.axes.names

    def _interpolate(self, lon, lat, energy, values):
        coords = {"lon": lon * u.deg, "lat": lat * u.deg}
        if self.is_energy_dependent:
            if energy is None:
                raise ModelError(
                    f"energy must be given for the energy-dependent {type(self).__name__}, got None."
                )
            coords[_ENERGY_NAME] = u.Quantity(energy)
        for name, value in values.items():
            coords[name] = u.Quantity(value)
        return self._map.interp_by_coord(coords, **(_DEFAULT_INTERPOLATION | with_tuples(self.interp_kwargs)))

    def evaluate(self, lon, lat, energy=None, **kwargs):
        """Return the density at positions in the frame of the map, for parameters by name."""
        lon, lat = u.Quantity(lon).to_value("deg"), u.Quantity(lat).to_value("deg")
        shapes = [np.shape(lon), np.shape(lat)] + ([] if energy is None else [np.shape(energy)])
        shape = np.broadcast_shapes(*shapes, *[np.shape(value) for value in kwargs.values()])
        value = np.asarray(self._interpolate(lon, lat, energy, kwargs))
        return u.Quantity(value.reshape(shape), self._map.unit)

    def _density_on(self, geom, energies=None, factor=None):
        lon, lat = coordinates_in_frame(geom, self.frame)
        values = {parameter.name: parameter.quantity for parameter in self.parameters}
        value = np.asarray(self._interpolate(lon, lat, energies, values))
        shape = np.broadcast_shapes(np.shape(lon), np.shape(lat), () if energies is None else energies.shape)
        return value.reshape(shape)

    def _density_unit(self):
        return self._map.unit

    def write(self, overwrite=False, filename=None):
        """Write the map.

        Parameters
        ----------
        overwrite : bool
            Replace an existing file.
        filename : str or path-like, optional
            Where; default is the attribute `filename`.
        """
        if filename is not None:
            self.filename = filename
        if self.filename is None:
            raise ModelError("filename of a template must be set to write its map, got None. Name the file.")
        self._map.write(make_path(self.filename), overwrite=overwrite)

    def to_dict(self, full_output=False) -> dict:
        """Return the model as a dictionary of plain YAML types; the map is in the file `filename`."""
        data = super().to_dict(full_output)
        content = data["spatial"]
        content["filename"] = None if self.filename is None else str(self.filename)
        content["unit"] = str(self._map.unit)
        if self.interp_kwargs:
            content["interp_kwargs"] = plain_options(self.interp_kwargs)
        return data

    @classmethod
    def from_dict(cls, data, **kwargs):
        """Create from a dictionary in the form of `to_dict`, reading the map."""
        from geminga.maps import Map

        data = cls._unwrap(data)
        filename = data.get("filename")
        if filename is None:
            raise ModelError("template must have a filename, got none. Set model.filename before writing.")
        template = Map.read(make_path(filename))
        if template.unit == u.one and data.get("unit"):
            template = template.copy(unit=data["unit"])
        arguments = {
            "interp_kwargs": data.get("interp_kwargs"),
            "filename": filename,
            "copy_data": False,
        } | kwargs
        defaults = cls(template, **arguments).default_parameters
        parameters = parameters_from_dict(data.get("parameters", []), defaults, cls.__name__)
        return cls(template, **arguments, **{parameter.name: parameter for parameter in parameters})

    def __repr__(self) -> str:
        return f"{super().__repr__()[:-1]}; map over {', '.join(self._map.geom.axes.names)})"


def _parameter(axis):
    """Return the parameter of an axis: it starts in the middle and stays inside."""
    low, high = sorted(u.Quantity(bound).to_value(axis.unit) for bound in axis.bounds)
    return Parameter(axis.name, 0.5 * (low + high), unit=axis.unit, min=low, max=high)
