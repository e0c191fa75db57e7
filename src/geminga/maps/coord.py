"""Coordinates of points in the space of a map: sky position and a value along each axis."""

from __future__ import annotations

import html

import numpy as np
from astropy import units as u
from astropy.coordinates import SkyCoord, UnitSphericalRepresentation
from astropy.time import Time

from ..errors import GeometryError, UnknownNameError
from ..units import conversion_factor, to_quantity

__all__ = ["MapCoord", "skycoord_to_lonlat"]


def skycoord_to_lonlat(skycoord, frame=None):
    """Return longitude and latitude in degrees, plain arrays, and the frame's name.

    Parameters
    ----------
    skycoord : `~astropy.coordinates.SkyCoord`
    frame : str, optional
        Frame to convert to.
    """
    if frame is not None and frame != skycoord.frame.name:
        skycoord = skycoord.transform_to(frame)
    spherical = skycoord.represent_as(UnitSphericalRepresentation)
    return spherical.lon.deg, spherical.lat.deg, skycoord.frame.name


class MapCoord:
    """Named coordinate arrays that broadcast against each other; never changed in place.

    Parameters
    ----------
    data : dict
        Arrays, quantities or times by axis name; "lon" and "lat" must be among them (plain numbers are degrees).
    frame : str, optional
        Frame of the sky positions: "icrs", "galactic" or another of astropy's names.
    match_by_name : bool
        Whether maps look values up by axis name, or take them in order.

    Examples
    --------
    >>> coords = MapCoord.create((83.6 * u.deg, 22.0 * u.deg, [1, 10] * u.TeV), frame="icrs", axis_names=["energy"])
    >>> coords.axis_names, coords.shape
    (['lon', 'lat', 'energy'], (2,))
    >>> coords["energy"]
    <Quantity [ 1., 10.] TeV>
    """

    def __init__(self, data, frame=None, match_by_name=True):
        if "lon" not in data or "lat" not in data:
            raise GeometryError(f"coordinates must contain 'lon' and 'lat', got {list(data)}. Add them.")
        self._data = {name: _at_least_1d(value, name in ("lon", "lat")) for name, value in data.items()}
        self._frame = frame
        self._match_by_name = match_by_name

    @classmethod
    def create(cls, data, frame=None, axis_names=None) -> MapCoord:
        """Make coordinates from a tuple, a dictionary, sky positions or other coordinates.

        Parameters
        ----------
        data : tuple, dict, `~astropy.coordinates.SkyCoord` or `MapCoord`
            A tuple starts with longitude and latitude, or with a `~astropy.coordinates.SkyCoord`, and goes on in the
            order of the axes. A dictionary may have "skycoord" instead of "lon" and "lat".
        frame : str, optional
            Frame to convert sky positions to; longitudes and latitudes without a frame are taken to be in it.
        axis_names : list of str, optional
            Names of the axes, to complete a tuple.
        """
        if isinstance(data, cls):
            return data if frame is None or data.frame == frame else data.to_frame(frame)
        if isinstance(data, dict):
            return cls._from_dict(data, frame)
        if isinstance(data, SkyCoord):
            data = (data,)
        if isinstance(data, (tuple, list)):
            return cls._from_tuple(tuple(data), frame, axis_names)
        raise TypeError(
            f"coordinates must be a tuple, dict, SkyCoord or MapCoord, got {type(data).__name__}. Give (lon, lat, ...)."
        )

    @classmethod
    def _from_dict(cls, data, frame):
        if "skycoord" not in data:
            return cls(data, frame=frame)
        lon, lat, frame = skycoord_to_lonlat(data["skycoord"], frame)
        others = {name: value for name, value in data.items() if name != "skycoord"}
        return cls({"lon": lon, "lat": lat} | others, frame=frame)

    @classmethod
    def _from_tuple(cls, data, frame, axis_names):
        if data and isinstance(data[0], SkyCoord):
            lon, lat, frame = skycoord_to_lonlat(data[0], frame)
            data = (lon, lat, *data[1:])
        if len(data) < 2:
            raise GeometryError(
                f"coordinates must begin with longitude and latitude, got {len(data)} values."
            )
        n_axes = len(data) - 2
        if axis_names is None:
            axis_names = [f"axis{k}" for k in range(n_axes)]
        if n_axes > len(axis_names):
            raise GeometryError(
                f"coordinates must be lon, lat and one for each of {list(axis_names)}, got {len(data)} values."
            )
        return cls(
            dict(zip(["lon", "lat", *axis_names], data, strict=False)), frame=frame, match_by_name=False
        )

    # ------------------------------------------------------------------ attributes

    @property
    def axis_names(self) -> list[str]:
        """Names, "lon" and "lat" included."""
        return list(self._data)

    @property
    def ndim(self) -> int:
        """Number of names."""
        return len(self._data)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of all arrays broadcast together."""
        return np.broadcast_shapes(*(value.shape for value in self._data.values()))

    @property
    def size(self) -> int:
        """Number of points."""
        return int(np.prod(self.shape))

    @property
    def frame(self) -> str | None:
        """Name of the frame of the sky positions."""
        return self._frame

    @property
    def match_by_name(self) -> bool:
        """Whether maps look values up by axis name."""
        return self._match_by_name

    @property
    def lon(self):
        """Longitudes; plain numbers are degrees."""
        return self._data["lon"]

    @property
    def lat(self):
        """Latitudes; plain numbers are degrees."""
        return self._data["lat"]

    @property
    def _lonlat(self) -> tuple[np.ndarray, np.ndarray]:
        """Longitudes and latitudes as plain numbers in degrees."""
        return _degrees(self._data["lon"]), _degrees(self._data["lat"])

    @property
    def theta(self) -> np.ndarray:
        """Polar angle from the north pole, rad."""
        return np.pi / 2 - np.radians(self._lonlat[1])

    @property
    def phi(self) -> np.ndarray:
        """Azimuth, rad."""
        return np.radians(self._lonlat[0])

    @property
    def skycoord(self) -> SkyCoord:
        """Sky positions; ICRS when no frame is known."""
        lon, lat = self._lonlat
        return SkyCoord(lon, lat, unit="deg", frame=self._frame or "icrs")

    def __getitem__(self, key):
        if isinstance(key, (int, np.integer)):
            return list(self._data.values())[key]
        try:
            return self._data[key]
        except KeyError:
            raise UnknownNameError("coordinate", key, self._data) from None

    def __contains__(self, name):
        return name in self._data

    # ------------------------------------------------------------------ new coordinates from these

    def _like(self, data, frame=None) -> MapCoord:
        return self.__class__(data, frame=frame or self._frame, match_by_name=self._match_by_name)

    def copy(self) -> MapCoord:
        """Return a deep copy."""
        return self._like({name: value.copy() for name, value in self._data.items()})

    def to_frame(self, frame) -> MapCoord:
        """Return coordinates in another frame; without a frame of their own they are taken to be in it."""
        if self._frame is None or self._frame == frame:
            return self._like(self._data, frame)
        shape = np.broadcast_shapes(self._data["lon"].shape, self._data["lat"].shape)
        # Positions of a cube repeat those of an image: each is turned once.
        lon, lat = (_unrepeated(np.broadcast_to(angle, shape)) for angle in self._lonlat)
        skycoord = SkyCoord(lon, lat, unit="deg", frame=self._frame)
        lon, lat, frame = skycoord_to_lonlat(skycoord, frame)
        lon, lat = np.broadcast_to(lon, shape), np.broadcast_to(lat, shape)
        if isinstance(self._data["lon"], u.Quantity):
            lon, lat = lon << u.deg, lat << u.deg
        return self._like(self._data | {"lon": lon, "lat": lat}, frame)

    def apply_mask(self, mask) -> MapCoord:
        """Return the coordinates where a mask is True."""
        mask = np.asarray(mask)
        return self._like({name: _broadcast(value, mask.shape)[mask] for name, value in self._data.items()})

    @property
    def broadcasted(self) -> MapCoord:
        """Coordinates with all arrays of the full shape."""
        shape = self.shape
        return self._like({name: _broadcast(value, shape) for name, value in self._data.items()})

    @property
    def flat(self) -> MapCoord:
        """Coordinates with all arrays of the full shape and one-dimensional."""
        shape = self.shape
        return self._like({name: _broadcast(value, shape).ravel() for name, value in self._data.items()})

    def _matched(self, axis_names) -> list:
        """Return the values along axes, in their order: by name, or as they come after the position."""
        if not self._match_by_name:
            values = list(self._data.values())[2:]
            if len(values) < len(axis_names):
                missing = list(axis_names)[len(values) :]
                raise GeometryError(
                    f"coordinates must have a value for each axis, got none for {missing}. Add it."
                )
            return values[: len(axis_names)]
        missing = [name for name in axis_names if name not in self._data]
        if missing:
            raise GeometryError(
                f"coordinates must have a value for each axis, got none for {missing}. Add it to {self.axis_names}."
            )
        return [self._data[name] for name in axis_names]

    def __repr__(self):
        return (
            f"MapCoord\n--------\n  axes     : {self.axis_names}\n  shape    : {self.shape[::-1]}\n"
            f"  ndim     : {self.ndim}\n  frame    : {self.frame}\n"
        )

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"


def _at_least_1d(value, is_angle=False):
    if is_angle and isinstance(value, str):
        value = to_quantity(value, "deg", "longitude or latitude")
    if isinstance(value, Time):
        return value if value.shape else value.reshape(1)
    if isinstance(value, u.Quantity):
        return np.atleast_1d(value)
    if isinstance(value, (list, tuple)) and len(value) and isinstance(value[0], u.Quantity):
        return u.Quantity(value)
    array = np.atleast_1d(np.asarray(value))
    if array.dtype == object:
        raise TypeError(f"coordinates must be arrays, quantities or times, got {type(value).__name__}.")
    return array


def _degrees(value) -> np.ndarray:
    if not isinstance(value, u.Quantity):
        return np.asarray(value, dtype=float)
    if value.unit is u.deg:
        return value.view(np.ndarray)
    return value.value * conversion_factor(value.unit, u.deg, "longitude or latitude")


def _unrepeated(array) -> np.ndarray:
    """Return an array without the repetitions of a broadcast view."""
    if array.size == 0:
        return array
    return array[tuple(slice(0, 1) if step == 0 else slice(None) for step in array.strides)]


def _broadcast(value, shape):
    return np.broadcast_to(value, shape, subok=True)
