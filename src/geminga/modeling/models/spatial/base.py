"""The interface of spatial models: density on the sky, integrals over pixels, place and extent."""

from __future__ import annotations

import numpy as np
from astropy import units as u
from astropy.coordinates import SkyCoord

from geminga.doors import drawn_by
from geminga.errors import ModelError, UnknownNameError

from ..base import ModelBase
from ..registries import SPATIAL_MODEL_REGISTRY
from .integration import (
    blocks_in_frame,
    coordinates_in_frame,
    energies_of,
    image_of,
    integrate_on_pixels,
    integrate_on_region,
)

__all__ = ["SpatialModel", "as_density"]

_FRAMES = ("icrs", "galactic", "fk5")


class SpatialModel(ModelBase):
    """Base class of spatial models.

    A subclass declares `~geminga.modeling.Parameter` class attributes and a static method ``evaluate(lon,
    lat, ...)`` whose arguments have the names of the parameters. It gets quantities and returns a density
    per solid angle. With ``array_evaluate = True`` it is also called with plain numbers in degrees and
    returns sr-1. Models that depend on energy get the keyword ``energy``.

    Parameters
    ----------
    frame : {"icrs", "galactic"}
        Frame of the position.
    **kwargs : `Parameter`, `~astropy.units.Quantity`, str or float
        Parameters by name.
    """

    _type = "spatial"
    array_evaluate = False

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if "evaluate" in vars(cls) and "array_evaluate" not in vars(cls):
            cls.array_evaluate = False

    def __init__(self, frame="icrs", **kwargs):
        self.frame = frame
        super().__init__(**kwargs)

    @property
    def frame(self) -> str:
        """Frame of the position: "icrs" or "galactic"."""
        return self._frame

    @frame.setter
    def frame(self, frame):
        name = getattr(frame, "name", frame)
        if name not in _FRAMES:
            raise UnknownNameError("frame of a spatial model", name, _FRAMES)
        self._frame = name

    # ------------------------------------------------------------------ values

    def _evaluate_with(self, lon, lat, energy, arguments):
        """Call the formula with arguments by name."""
        if self.is_energy_dependent:
            arguments = {**arguments, "energy": energy}
        return self.evaluate(lon, lat, **arguments)

    def __call__(self, lon, lat, energy=None):
        """Return the density at positions.

        Parameters
        ----------
        lon, lat : `~astropy.units.Quantity`
            Positions in the frame of the model; they broadcast against each other.
        energy : `~astropy.units.Quantity`, optional
            For models that depend on energy.

        Returns
        -------
        `~astropy.units.Quantity`
            In sr-1.
        """
        lon, lat = u.Quantity(lon), u.Quantity(lat)
        arguments = {parameter.name: parameter.quantity for parameter in self.parameters}
        value = u.Quantity(self._evaluate_with(lon, lat, energy, arguments), copy=None)
        return as_density(value)

    def _plain_arguments(self) -> dict:
        """Return the parameters as plain numbers, angles in degrees."""
        return {
            p.name: p.quantity.to_value("deg") if p.unit.is_equivalent(u.deg) else p.value
            for p in self.parameters
        }

    def _density_on(self, geom, energies=None, factor=None):
        """Return plain densities at the pixel centres of an image, shape (..., n_lat, n_lon).

        This is where fits spend their time. Positions of pixels are computed once for a geometry object, and a formula
        with ``array_evaluate`` gets them as plain degrees, in pieces of some rows, without any quantity. `factor` says
        that the pixels are parts of larger ones.
        """
        if self.array_evaluate:
            arguments = self._arguments_on(geom, factor)
            blocks = blocks_in_frame(geom, self.frame)
            if len(blocks) > 1 and not self.is_energy_dependent:
                density = np.empty(geom.data_shape)
                for rows, lon, lat in blocks:
                    density[rows] = self._evaluate_with(lon, lat, energies, arguments)
                return density
            lon, lat = coordinates_in_frame(geom, self.frame)
            value = self._evaluate_with(lon, lat, energies, arguments)
        else:
            lon, lat = coordinates_in_frame(geom, self.frame)
            arguments = {parameter.name: parameter.quantity for parameter in self.parameters}
            value = self._evaluate_with(lon * u.deg, lat * u.deg, energies, arguments)
            value = as_density(u.Quantity(value, copy=None)).value
        shape = np.broadcast_shapes(np.shape(lon), np.shape(lat))
        return np.broadcast_to(value, np.broadcast_shapes(np.shape(value), shape))

    def _arguments_on(self, geom, factor) -> dict:
        """Return plain parameters for the pixels of an image; see `_density_on`."""
        return self._plain_arguments()

    def _density_unit(self):
        """Return the unit of the plain densities."""
        if self.array_evaluate:
            return u.Unit("sr-1")
        keywords = {"energy": 1 * u.TeV} if self.is_energy_dependent else {}
        return self(0 * u.deg, 0 * u.deg, **keywords).unit

    def evaluate_geom(self, geom):
        """Return the density at the pixel centres of a geometry.

        Parameters
        ----------
        geom : `~geminga.maps.Geom`

        Returns
        -------
        `~astropy.units.Quantity`, shape (..., n_lat, n_lon)
            In sr-1; axes on which the model does not depend have one bin.
        """
        energies = energies_of(geom) if self.is_energy_dependent else None
        if self.is_energy_dependent and energies is None and not self._single_energy:
            raise ModelError(
                f"geometry must have an energy axis for {type(self).__name__}, got {geom.axes.names}. Add it."
            )
        value = self._density_on(geom if geom.is_region else image_of(geom), energies)
        value = value.reshape((1,) * (len(geom.data_shape) - value.ndim) + value.shape)
        return u.Quantity(value, self._density_unit())

    _single_energy = False

    def integrate_geom(self, geom, oversampling_factor=None):
        """Return the integral over each pixel of a geometry.

        Pixels are divided so that the sub-pixels are no larger than `evaluation_bin_size_min`; pixels beyond
        `evaluation_radius` are zero.

        Parameters
        ----------
        geom : `~geminga.maps.Geom`
            A region geometry gives the integral over the region.
        oversampling_factor : int, optional
            Sub-pixels along each side of a pixel; chosen by the size of the model by default.

        Returns
        -------
        `~geminga.maps.Map`
            Dimensionless for models in sr-1.
        """
        from geminga.maps import Map

        integrate = integrate_on_region if geom.is_region else integrate_on_pixels
        data = integrate(self, geom, oversampling_factor)
        unit = self._density_unit() * u.sr
        return Map.from_geom(geom, data=data, unit=unit)

    # ------------------------------------------------------------------ place and extent

    @property
    def is_energy_dependent(self) -> bool:
        """Whether the density depends on energy."""
        return False

    @property
    def position(self):
        """Position as `~astropy.coordinates.SkyCoord`; None for models without position. It can be set."""
        names = self.parameters.names
        if "lon_0" not in names or "lat_0" not in names:
            return None
        lon, lat = self.parameters["lon_0"].quantity, self.parameters["lat_0"].quantity
        return SkyCoord(lon.to("deg"), lat.to("deg"), frame=self.frame)

    @position.setter
    def position(self, position):
        coordinates = position.transform_to(self.frame).data
        self.parameters["lon_0"].quantity = u.Quantity(coordinates.lon.deg, "deg")
        self.parameters["lat_0"].quantity = u.Quantity(coordinates.lat.deg, "deg")

    @property
    def position_lonlat(self) -> tuple[float, float]:
        """Longitude and latitude in radians."""
        return (
            float(self.parameters["lon_0"].quantity.to_value("rad")),
            float(self.parameters["lat_0"].quantity.to_value("rad")),
        )

    @property
    def phi_0(self) -> float:
        """Rotation of the frame of the model: always 0, kept for callers that ask."""
        return 0.0

    @property
    def position_error(self):
        """Region that contains the position with 95% probability, from the covariance of the parameters.

        An ellipse; a point when the position has no errors.
        """
        from regions import EllipseSkyRegion, PointSkyRegion

        names = self.parameters.names
        index = [names.index("lon_0"), names.index("lat_0")]
        units = [self.parameters[i].unit.to("deg") for i in index]
        matrix = self.covariance.data[np.ix_(index, index)] * np.outer(units, units)
        stretch = np.array([np.cos(self.position_lonlat[1]), 1.0])
        variance, axes = np.linalg.eigh(matrix * np.outer(stretch, stretch))
        if not variance[1] > 0:
            return PointSkyRegion(center=self.position)
        # 95% of a normal distribution in two dimensions: -2 ln 0.05 of chi-square
        minor, major = 2 * np.sqrt(-2 * np.log(0.05) * np.maximum(variance, 1e-12 * variance[1]))
        east, north = axes[:, 1]
        return EllipseSkyRegion(
            center=self.position,
            width=minor * u.deg,
            height=major * u.deg,
            angle=(np.degrees(np.arctan2(east, north)) % 180) * u.deg,
        )

    @property
    def evaluation_radius(self):
        """Radius beyond which the density is negligible, or None."""
        return None

    @property
    def evaluation_bin_size_min(self):
        """Largest pixel in which the density is taken as constant, or None."""
        return None

    #: Whether the density has edges, so that its integral over a pixel is only as smooth as the sub-pixels are fine.
    has_edges = False

    @property
    def _sampling_size(self):
        """Size of the sub-pixels of integrals."""
        return self.evaluation_bin_size_min

    @property
    def evaluation_region(self):
        """Region in which the density is not negligible, or None."""
        if hasattr(self, "to_region"):
            return self.to_region()
        return None

    @classmethod
    def from_position(cls, position, **kwargs):
        """Create at a position.

        Parameters
        ----------
        position : `~astropy.coordinates.SkyCoord`
            Its frame becomes that of the model.
        **kwargs : dict
            Further parameters.
        """
        frame = position.frame.name
        if frame not in _FRAMES:
            position = position.icrs
            frame = "icrs"
        coordinates = position.spherical
        return cls(
            lon_0=u.Quantity(coordinates.lon.deg, "deg"),
            lat_0=u.Quantity(coordinates.lat.deg, "deg"),
            frame=frame,
            **kwargs,
        )

    # ------------------------------------------------------------------ dictionaries and pictures

    def to_dict(self, full_output=False) -> dict:
        """Return the model as a dictionary of plain YAML types; see `ModelBase.to_dict`."""
        data = super().to_dict(full_output)
        content = data["spatial"]
        data["spatial"] = {"type": content.pop("type"), "frame": self.frame, **content}
        return data

    @classmethod
    def _extra_keys(cls):
        return ("frame",)

    @classmethod
    def from_dict(cls, data, **kwargs):
        """Create from a dictionary in the form of `to_dict`; the base class reads any spatial model."""
        content = data.get("spatial", data)
        if cls is SpatialModel:
            if "type" not in content:
                raise ModelError(f"spatial model must have a type, got keys {sorted(content)}. Add its tag.")
            return SPATIAL_MODEL_REGISTRY.get_cls(content["type"]).from_dict(data, **kwargs)
        if "frame" in content:
            kwargs.setdefault("frame", content["frame"])
        return super().from_dict(data, **kwargs)

    plot = drawn_by("geminga.visualization.spatial:plot_spatial_model")
    plot_grid = drawn_by("geminga.visualization.spatial:plot_spatial_model_grid")
    plot_interactive = drawn_by("geminga.visualization.spatial:plot_spatial_model_interactive")
    plot_error = drawn_by("geminga.visualization.spatial:plot_spatial_model_error")
    plot_position_error = drawn_by("geminga.visualization.spatial:plot_position_error")


def as_density(value):
    """Return a density per solid angle with the solid angle in steradian."""
    if "deg" in [base.name for base in value.unit.bases] or "rad" in [base.name for base in value.unit.bases]:
        for unit in ("sr-1", "cm-2 s-1 sr-1", "cm-2 s-1 TeV-1 sr-1"):
            if value.unit.is_equivalent(unit):
                return value.to(unit)
    return value
