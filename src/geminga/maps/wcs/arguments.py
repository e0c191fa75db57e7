"""Sizes and positions as users write them, brought to one form."""

from __future__ import annotations

import numpy as np
from astropy import units as u
from astropy.coordinates import SkyCoord

from ...errors import GeometryError
from ...units import to_quantity

__all__ = ["angle_pair", "compressed", "number_pair", "round_up_to_odd", "sky_position"]


def _degrees(value, name):
    """Return degrees of a quantity, a string, or a plain number of degrees."""
    if isinstance(value, (str, u.Quantity)):
        return to_quantity(value, "deg", name).value
    if isinstance(value, (list, tuple)) and len(value) and isinstance(value[0], (str, u.Quantity)):
        return np.array([_degrees(item, name) for item in value])
    return np.asarray(value, dtype=float)


def angle_pair(value, name) -> tuple[np.ndarray, np.ndarray]:
    """Return sizes along longitude and latitude in degrees.

    Parameters
    ----------
    value : float, str, `~astropy.units.Quantity`, or two of them
        Plain numbers are degrees. Each of the two may be an array with a size per image.
    name : str
        Name of the argument, for messages.

    Examples
    --------
    >>> [float(size) for size in angle_pair(("30 arcmin", 2), "width")]
    [0.5, 2.0]
    """
    if isinstance(value, (list, tuple)) and len(value) == 2:
        pair = tuple(_degrees(item, name) for item in value)
    else:
        sizes = _degrees(value, name)
        if sizes.ndim == 0:
            pair = (sizes, sizes)
        elif sizes.shape[0] == 2:
            pair = (sizes[0], sizes[1])
        else:
            raise GeometryError(
                f"{name} must be one size or two (longitude, latitude), got shape {sizes.shape}. Give (lon, lat)."
            )
    pair = tuple(size.reshape(()) if size.size == 1 else size for size in map(np.asarray, pair))
    if not all(np.all(size > 0) for size in pair):
        raise GeometryError(f"{name} must be positive, got {value}. Give an angle.")
    return pair


def number_pair(value, name) -> tuple[np.ndarray, np.ndarray]:
    """Return numbers of pixels along x and y, each an integer or an array with a number per image."""
    if isinstance(value, (list, tuple, np.ndarray)) and len(value) == 2:
        pair = (value[0], value[1])
    elif np.ndim(value) == 0:
        pair = (value, value)
    else:
        raise GeometryError(f"{name} must be one number or two (x, y), got {value}. Give (nx, ny).")
    pair = tuple(np.rint(np.asarray(number, dtype=float)).astype(int) for number in pair)
    pair = tuple(number.reshape(()) if number.size == 1 else number for number in pair)
    if not all(np.all(number > 0) for number in pair):
        raise GeometryError(f"{name} must be at least 1, got {value}. Give a larger size.")
    return pair


def sky_position(value, frame) -> tuple[float, float]:
    """Return longitude and latitude in degrees, in a frame, of a position or of (lon, lat) in that frame."""
    from ..coord import skycoord_to_lonlat

    if isinstance(value, SkyCoord):
        if not value.isscalar and value.size != 1:
            raise GeometryError(f"position must be one position, got {value.size}. Pick one.")
        lon, lat, _ = skycoord_to_lonlat(value, frame)
    else:
        try:
            lon, lat = (_degrees(item, "position") for item in value)
        except TypeError as error:
            raise GeometryError(
                f"position must be a SkyCoord or (lon, lat) in degrees, got {value!r}. Give a SkyCoord."
            ) from error
    lon, lat = float(np.squeeze(lon)), float(np.squeeze(lat))
    if not (np.isfinite(lon) and -90 - 1e-9 <= lat <= 90 + 1e-9):
        raise GeometryError(
            f"position must have a finite longitude and a latitude from -90 to 90 deg, got {lon}, {lat}. Correct it."
        )
    return lon, lat


def round_up_to_odd(value) -> int:
    """Return the smallest odd number that is not smaller, up to the last digits of a division.

    Examples
    --------
    >>> [round_up_to_odd(value) for value in (0.1, 1, 1.2, 3, 0.5 / 0.1, 0.7 / 0.1)]
    [1, 1, 3, 3, 5, 7]
    """
    number = int(np.ceil(np.round(value, 9)))
    return max(number + (number + 1) % 2, 1)


def compressed(array) -> np.ndarray:
    """Return an array without the repetitions of a broadcast view.

    Examples
    --------
    >>> compressed(np.broadcast_to([1, 2], (1000, 2))).shape
    (1, 2)
    """
    if array.size == 0:
        return array
    return array[tuple(slice(0, 1) if step == 0 else slice(None) for step in array.strides)]
