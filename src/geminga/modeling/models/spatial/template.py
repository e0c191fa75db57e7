"""Maps as spatial models."""

from __future__ import annotations

import numpy as np
from astropy import units as u
from astropy.coordinates import SkyCoord

from geminga.errors import ModelError
from geminga.files import make_path
from geminga.modeling.parameter import Parameter

from ..base import parameters_from_dict
from ..registries import SPATIAL_MODEL_REGISTRY
from ..spectral.template import plain_options, with_tuples
from .base import SpatialModel
from .integration import coordinates_in_frame
from .sphere import rotate_to

__all__ = ["TemplateSpatialModel"]

_DEFAULT_INTERPOLATION = {"method": "linear", "fill_value": 0, "values_scale": "log"}
_ENERGY_NAMES = ("energy_true", "energy")


@SPATIAL_MODEL_REGISTRY.register
class TemplateSpatialModel(SpatialModel):
    """A map of densities, which can be moved to another position.

    Moving rotates the map on the sphere, from the centre of the map to ``lon_0, lat_0``; shape and integral
    stay.

    Parameters
    ----------
    map : `~geminga.maps.Map`
        Densities, with or without an axis ``energy_true``.
    meta : dict, optional
        Anything to remember.
    normalize : bool
        Divide each image by its integral. The unit is then sr-1.
    interp_kwargs : dict, optional
        Arguments of `Map.interp_by_coord`; by default values are interpolated logarithmically and are 0
        outside of the map.
    filename : str or path-like, optional
        Where `write` writes the map.
    copy_data : bool
        Copy the map.
    **kwargs : `Parameter`, `~astropy.units.Quantity`, str or float
        Position ``lon_0, lat_0``, default the centre of the map, frozen.
    """

    tag = ["TemplateSpatialModel", "template"]
    lon_0 = Parameter("lon_0", np.nan, unit="deg", frozen=True)
    lat_0 = Parameter("lat_0", np.nan, unit="deg", min=-90, max=90, frozen=True)

    def __init__(
        self, map, meta=None, normalize=True, interp_kwargs=None, filename=None, copy_data=True, **kwargs
    ):
        kwargs.pop("frame", None)
        if map.geom.is_region:
            raise ModelError("map of a template must be an image of the sky, got a region map.")
        if not np.any(np.isfinite(map.data)):
            raise ModelError("map of a template must have finite values, got none. Check the file.")
        if not np.all(np.isfinite(map.data)):
            map, copy_data = map.copy(data=np.nan_to_num(map.data, nan=0.0, posinf=0.0, neginf=0.0)), False
        if copy_data:
            map = map.copy()
        self.meta = {} if meta is None else meta
        self.normalize = bool(normalize)
        self.filename = filename
        self.interp_kwargs = dict(interp_kwargs or {})
        self._map = _normalized(map) if normalize else map
        center = map.geom.center_skydir
        super().__init__(frame=map.geom.frame, **kwargs)
        for parameter, angle in ((self.lon_0, center.data.lon), (self.lat_0, center.data.lat)):
            if np.isnan(parameter.value):
                parameter.value = float(angle.to_value(parameter.unit))

    @property
    def map(self):
        """Densities, `~geminga.maps.Map`."""
        return self._map

    @property
    def map_center(self):
        """Centre of the map."""
        return self._map.geom.center_skydir

    def _energy_axis(self):
        axes = self._map.geom.axes
        return next((axes[name] for name in _ENERGY_NAMES if name in axes.names), None)

    @property
    def is_energy_dependent(self) -> bool:
        """Whether the map has an energy axis."""
        return self._energy_axis() is not None

    @property
    def _single_energy(self) -> bool:
        axis = self._energy_axis()
        return axis is not None and axis.nbin == 1

    @property
    def evaluation_radius(self):
        """Half of the larger side of the map."""
        return (np.max(self._map.geom.width) / 2).to("deg")

    @property
    def evaluation_bin_size_min(self):
        """None: pixels are not divided."""
        return None

    def _interpolate(self, lon, lat, energy, lon_0=None, lat_0=None):
        """Return plain values in the unit of the map at plain degrees in its frame."""
        center = self.map_center.data
        start = (
            self.lon_0.quantity.to_value("deg") if lon_0 is None else lon_0,
            self.lat_0.quantity.to_value("deg") if lat_0 is None else lat_0,
        )
        stop = (center.lon.deg, center.lat.deg)
        if not np.allclose(start, stop, rtol=0, atol=1e-10):
            lon, lat = rotate_to(*np.broadcast_arrays(lon, lat), start, stop)
        coords = {"lon": lon * u.deg, "lat": lat * u.deg}
        axis = self._energy_axis()
        if axis is not None:
            if energy is None:
                if axis.nbin > 1:
                    raise ModelError(
                        f"energy must be given for the energy-dependent {type(self).__name__}, got None."
                    )
                energy = axis.center
            coords[axis.name] = u.Quantity(energy)
        return self._map.interp_by_coord(coords, **(_DEFAULT_INTERPOLATION | with_tuples(self.interp_kwargs)))

    def evaluate(self, lon, lat, energy=None, lon_0=None, lat_0=None):
        """Return the density at positions in the frame of the map."""
        lon, lat = u.Quantity(lon).to_value("deg"), u.Quantity(lat).to_value("deg")
        shift = [
            None if angle is None else float(u.Quantity(angle).to_value("deg")) for angle in (lon_0, lat_0)
        ]
        value = np.asarray(self._interpolate(lon, lat, energy, *shift))
        shapes = [np.shape(lon), np.shape(lat)] + ([] if energy is None else [np.shape(energy)])
        shape = np.broadcast_shapes(*shapes)
        return u.Quantity(value.reshape(shape) if value.size == np.prod(shape) else value, self._map.unit)

    def _density_on(self, geom, energies=None, factor=None):
        lon, lat = coordinates_in_frame(geom, self.frame)
        value = np.asarray(self._interpolate(lon, lat, energies))
        shape = np.broadcast_shapes(np.shape(lon), np.shape(lat), () if energies is None else energies.shape)
        return value.reshape(shape)

    def _density_unit(self):
        return self._map.unit

    def to_region(self, **kwargs):
        """Return the rectangle of the map around the position.

        Parameters
        ----------
        **kwargs : dict
            Arguments of `~regions.RectangleSkyRegion`; a `size_factor` has no effect.
        """
        from regions import RectangleSkyRegion

        kwargs.pop("size_factor", None)
        width, height = u.Quantity(self._map.geom.width).reshape(2, -1)[:, 0]
        return RectangleSkyRegion(center=self.position, width=width, height=height, **kwargs)

    # ------------------------------------------------------------------ copies and files

    def copy(self, copy_data=False, **kwargs):
        """Return an independent copy.

        Parameters
        ----------
        copy_data : bool
            Copy the map too; otherwise it is shared.
        **kwargs : dict
            Parameters to give other values.
        """
        new = self._deep_copy(copy_data)
        for name, value in kwargs.items():
            default = new._default_of(name)
            if default is None:
                raise ModelError(f"argument of copy must be lon_0 or lat_0, got {name!r}.")
            setattr(
                new,
                name,
                value if isinstance(value, Parameter) else new._parameter_with_value(default, value),
            )
        return new

    @classmethod
    def read(cls, filename, normalize=True, **kwargs):
        """Read a map.

        Parameters
        ----------
        filename : str or path-like
        normalize : bool
            See the class.
        **kwargs : dict
            Arguments of `Map.read`.
        """
        from geminga.maps import Map

        return cls(
            Map.read(make_path(filename), **kwargs), normalize=normalize, filename=filename, copy_data=False
        )

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
        content["normalize"] = self.normalize
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
        entries = data.get("parameters", [])
        given = {entry["name"] for entry in entries}
        parameters = parameters_from_dict(entries, cls.default_parameters, cls.__name__) if given else []
        template = Map.read(make_path(filename))
        if template.unit == u.one and data.get("unit"):
            template = template.copy(unit=data["unit"])
        return cls(
            template,
            normalize=data.get("normalize", True),
            interp_kwargs=data.get("interp_kwargs"),
            filename=filename,
            copy_data=False,
            **{parameter.name: parameter for parameter in parameters if parameter.name in given},
            **kwargs,
        )

    def __repr__(self) -> str:
        shape = " x ".join(str(n) for n in self._map.geom.data_shape)
        return f"{type(self).__name__}(map of {shape} pixels around {self.position.to_string(precision=3)})"

    def __str__(self) -> str:
        center = self.map_center
        lines = [
            f"{type(self).__name__} model summary:",
            f" Model center: {self.position}",
            f" Map center: {SkyCoord(center)}",
            f" Map width: {self._map.geom.width}",
            f" Data min: {np.nanmin(self._map.data)}",
            f" Data max: {np.nanmax(self._map.data)}",
            f" Data unit: {self._map.unit}",
        ]
        axis = self._energy_axis()
        if axis is not None:
            lines += [f" Energy min: {axis.center[0]}", f" Energy max: {axis.center[-1]}"]
        return "\n".join(lines) + "\n"


def _normalized(template):
    """Return a map whose images each have the integral 1, in sr-1."""
    area = template.geom.solid_angle().to_value("sr")
    data = np.asarray(template.data, dtype=float)
    axes = (-1,) if template.geom.is_hpx else (-2, -1)
    total = np.sum(data * area, axis=axes, keepdims=True)
    if not np.all(np.isfinite(total)):
        raise ModelError("map of a template must have a finite integral, got none. Check the file.")
    data = np.divide(data, total, out=np.zeros_like(data), where=total != 0)
    return template.copy(data=data, unit="sr-1")
