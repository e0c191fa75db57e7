"""Base of all maps: an array of values on a geometry, with a unit.

A map kind (WCS, HEALPix, region) subclasses `Map` and provides the abstract hooks; everything that can be said in terms of
hooks, axes and arrays is written once, in the mix-ins beside this file (arithmetic, access by coordinate, reduction, ...).
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

__all__ = ["Map"]


class Map(ABC):
    """Values on a geometry (skeleton: the generic part follows).

    Constructor: ``Map(geom, data, meta=None, unit="")``. Subclasses: ``XNDMap(geom, data=None, dtype="float32",
    meta=None, unit="")`` which allocate zeros with `_allocate(geom, dtype)` if data is None (raises `GeometryError`
    when it cannot fit in memory) and call ``super().__init__``.
    """

    # ------------------------------------------------------------------ hooks: every kind provides these

    @abstractmethod
    def get_by_idx(self, idx) -> np.ndarray:
        """Return the values at indices ``(x, y, axis0, ...)``; plain array, no unit."""

    @abstractmethod
    def set_by_idx(self, idx, vals) -> None:
        """Set the values at indices."""

    @abstractmethod
    def fill_by_idx(self, idx, weights=None) -> None:
        """Add weights (default 1) at indices; indices with -1 are dropped by `fill_by_pix`."""

    @abstractmethod
    def interp_by_coord(self, coords, method="linear", fill_value=None) -> np.ndarray:
        """Interpolate at coordinates; plain array."""

    @abstractmethod
    def interp_by_pix(self, pix, method="linear", fill_value=None) -> np.ndarray:
        """Interpolate at pixel coordinates; plain array."""

    @abstractmethod
    def _pad_spatial(self, pad_width, mode="constant", cval=0, method="linear") -> Map:
        """Return a map with more pixels on each side."""

    @abstractmethod
    def crop(self, crop_width) -> Map:
        """Return a map without the outermost pixels."""

    @abstractmethod
    def downsample(self, factor, preserve_counts=True, axis_name=None, weights=None) -> Map:
        """Return a map with larger pixels, or bins of one axis."""

    @abstractmethod
    def upsample(self, factor, order=0, preserve_counts=True, axis_name=None) -> Map:
        """Return a map with smaller pixels, or bins of one axis."""

    @abstractmethod
    def stack(self, other, weights=None, nan_to_num=True) -> None:
        """Add another map to this one, in place."""

    @abstractmethod
    def to_region_nd_map(self, region=None, func=np.nansum, weights=None, method="nearest"):
        """Return the map reduced to one region."""

    @abstractmethod
    def cutout(self, position, width, **kwargs) -> Map:
        """Return the part of the map around a position."""
