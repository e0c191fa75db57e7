"""HEALPix geometries with other pixels or other bins."""

from __future__ import annotations

import numpy as np

from ...errors import GeometryError
from ..wcs.arguments import angle_pair
from .pixelization import as_nside, children, is_power_of_two, neighbours, nside_of_size, parents

__all__ = ["HpxReshaping"]


class HpxReshaping:
    """Mix-in of `HpxGeom`: finer, coarser, larger, smaller."""

    def _per_plane_lists(self, change):
        """Return the pixels of each bin after ``change(pixels, nside)``."""
        nsides = np.broadcast_to(self._nsides, len(self._lists))
        return [change(pixels, int(nside)) for pixels, nside in zip(self._lists, nsides, strict=True)]

    def slice_by_idx(self, slices):
        """Return the geometry with some bins of its axes.

        Parameters
        ----------
        slices : dict
            Axis name to slice (the axis stays) or number (the axis is dropped).
        """
        axes = self._axes.slice_by_idx(slices)
        if self.is_regular:
            return self._init_copy(axes=axes)
        shape = self._axes.shape[::-1]
        window = tuple(slices.get(name, slice(None)) for name in self._axes.names[::-1])
        planes = np.arange(self._n_planes).reshape(shape)[window].ravel()
        lists = None if self._lists is None else [self._lists[k] for k in planes]
        nsides = self._nsides[planes]
        if np.all(nsides == nsides[0]):
            nsides = nsides[:1]
        return self._from_parts(nsides, lists, self._region, self._nest, self._frame, axes)

    def _resize_spatial(self, factor, up):
        factor = int(factor)
        if factor < 1 or not is_power_of_two(factor) or not np.all(is_power_of_two(self._nsides)):
            raise GeometryError(
                f"factor and nside must be powers of two, got {factor} and {self.nside.tolist()}. Use interp_to_geom()."
            )
        if not up and np.any(self._nsides < factor):
            raise GeometryError(f"nside must not fall below 1, got {self.nside.tolist()} / {factor}.")
        nest = self._nest
        lists = None
        if self._lists is not None and up:
            lists = self._per_plane_lists(
                lambda pixels, nside: np.sort(children(pixels, nside, factor, nest).ravel())
            )
        elif self._lists is not None:
            lists = self._per_plane_lists(
                lambda pixels, nside: np.unique(parents(pixels, nside, factor, nest))
            )
        nsides = self._nsides * factor if up else self._nsides // factor
        return self._from_parts(nsides, lists, "explicit", nest, self._frame, self._axes)

    def to_nside(self, nside):
        """Return the geometry with pixels of another resolution.

        A region given as text is kept and its pixels chosen anew; listed pixels are divided or joined.

        Parameters
        ----------
        nside : int
            A power of two for listed pixels.
        """
        new = as_nside(nside, self._nest)
        if new.size != 1:
            raise GeometryError(f"nside must be one number, got {nside}. Use HpxGeom for several.")
        new = int(new[0])
        if self._region != "explicit":
            return self.__class__(new, self._nest, self._frame, self._region, self._axes)
        if not self.is_regular:
            raise GeometryError(
                "listed pixels must be the same in all bins to change nside, got different ones."
            )
        old = int(self._nsides[0])
        if new >= old and new % old == 0:
            return self._resize_spatial(new // old, up=True)
        if old % new == 0:
            return self._resize_spatial(old // new, up=False)
        raise GeometryError(f"nside must be a multiple or a divisor of {old}, got {new}. Use a power of two.")

    def to_binsz(self, binsz):
        """Return the geometry with the resolution whose pixel size is nearest to `binsz`.

        Parameters
        ----------
        binsz : float, str or `~astropy.units.Quantity`
            Plain numbers are degrees.
        """
        return self.to_nside(int(nside_of_size(float(angle_pair(binsz, "binsz")[0]))))

    def _pad_spatial(self, pad_width):
        """Return the geometry with so many more rings of pixels around its border."""
        if self._lists is None:
            return self

        def grown(pixels, nside):
            for _ in range(int(np.max(pad_width))):
                around = neighbours(pixels, nside, self._nest)
                pixels = np.unique(np.concatenate([pixels, around[around >= 0]]))
            return pixels

        lists = self._per_plane_lists(grown)
        return self._from_parts(self._nsides, lists, "explicit", self._nest, self._frame, self._axes)

    def crop(self, crop_width):
        """Return the geometry without so many rings of pixels at its border.

        Raises
        ------
        GeometryError
            For the full sky, which has no border, or when nothing is left.
        """
        if self._lists is None:
            raise GeometryError("geometry must have a border to be cropped, got all sky. Use cutout().")

        def shrunk(pixels, nside):
            for _ in range(int(np.max(crop_width))):
                around = neighbours(pixels, nside, self._nest)
                inner = np.isin(around, pixels) | (around < 0)
                pixels = pixels[inner.all(axis=0)]
            return pixels

        lists = self._per_plane_lists(shrunk)
        if not any(len(pixels) for pixels in lists):
            raise GeometryError(f"crop_width must leave some pixels, got {crop_width}. Use a smaller one.")
        return self._from_parts(self._nsides, lists, "explicit", self._nest, self._frame, self._axes)
