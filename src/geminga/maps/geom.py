"""Base of all geometries: where the pixels of a map are, on the sky and along its axes.

A geometry kind (WCS, HEALPix, region) subclasses `Geom` and provides the abstract hooks; whatever can be
said in terms of hooks and axes is written once, here.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from astropy import units as u

from ..errors import AxisMismatchError, GeometryError
from .axes import MapAxes

__all__ = ["INVALID_INDEX", "Geom"]

INVALID_INDEX = -1


class Geom(ABC):
    """Pixels on the sky times bins along the axes.

    Subclasses set `_axes` (a `MapAxes`) and `frame`, and provide the abstract hooks below. Pixel and index tuples
    are ordered spatial first: ``(x, y, axis0, axis1, ...)``, or ``(ipix, axis0, ...)`` for HEALPix; arrays are
    ordered the other way round: ``data[..., axis1, axis0, y, x]``.
    """

    is_hpx = False
    is_region = False
    is_regular = True

    # ------------------------------------------------------------------ hooks: every kind provides these

    @abstractmethod
    def _init_copy(self, **kwargs) -> Geom:
        """Return a new geometry of this kind with some constructor arguments replaced (``axes=`` at least).

        Axes given as None mean "no axes".
        """

    @property
    @abstractmethod
    def data_shape(self) -> tuple[int, ...]:
        """Shape of a data array on this geometry, plain integers."""

    @property
    @abstractmethod
    def center_skydir(self):
        """Sky position of the centre."""

    @property
    @abstractmethod
    def center_pix(self) -> tuple[float, ...]:
        """Pixel coordinates of the centre, all axes."""

    @property
    @abstractmethod
    def is_allsky(self) -> bool:
        """Whether the geometry covers the whole sky."""

    @abstractmethod
    def coord_to_pix(self, coords) -> tuple[np.ndarray, ...]:
        """Return pixel coordinates (float; NaN outside the projection) of map coordinates."""

    @abstractmethod
    def pix_to_coord(self, pix) -> tuple[u.Quantity, ...]:
        """Return ``(lon, lat, axis0, ...)`` as quantities at pixel coordinates."""

    @abstractmethod
    def pix_to_idx(self, pix, clip=False) -> tuple[np.ndarray, ...]:
        """Return bin indices of pixel coordinates; all of them -1 where any is outside, unless clipped."""

    @abstractmethod
    def contains(self, coords) -> np.ndarray:
        """Return whether each coordinate is inside the geometry."""

    @abstractmethod
    def get_coord(self, idx=None, **kwargs):
        """Return the coordinates of the bin centres as a `MapCoord`."""

    @abstractmethod
    def get_idx(self, idx=None, **kwargs) -> tuple[np.ndarray, ...]:
        """Return the indices of the bins."""

    @abstractmethod
    def solid_angle(self) -> u.Quantity:
        """Return the solid angle of each pixel."""

    @abstractmethod
    def bin_volume(self) -> u.Quantity:
        """Return solid angle times bin widths of the axes, broadcastable to `data_shape`."""

    @abstractmethod
    def is_allclose(self, other, rtol_axes=1e-6, atol_axes=1e-6) -> bool:
        """Return whether two geometries are the same within tolerances."""

    @abstractmethod
    def _pad_spatial(self, pad_width) -> Geom:
        """Return a geometry with `pad_width` more pixels on each side."""

    @abstractmethod
    def crop(self, crop_width) -> Geom:
        """Return a geometry with `crop_width` fewer pixels on each side."""

    @abstractmethod
    def _resize_spatial(self, factor, up) -> Geom:
        """Return a geometry with pixels `factor` times smaller (`up`) or larger."""

    # ------------------------------------------------------------------ said once for all kinds
