"""WCS geometries with other pixels, and with other bins of irregular ones."""

from __future__ import annotations

import numpy as np

from ...errors import GeometryError
from .arguments import angle_pair, round_up_to_odd

__all__ = ["WcsReshaping", "whole_number", "width_pair"]


class WcsReshaping:
    """Mix-in of `WcsGeom`: the same sky, cut into other pixels."""

    # ------------------------------------------------------------------ new geometries from this one

    def slice_by_idx(self, slices):
        """Return the geometry with some bins of its axes.

        Parameters
        ----------
        slices : dict
            Axis name to slice (the axis stays) or number (the axis is dropped).
        """
        axes = self._axes.slice_by_idx(slices)
        if self._bands is None:
            return self._init_copy(axes=axes)
        window = tuple(slices.get(name, slice(None)) for name in self._axes.names[::-1])
        return self._init_copy(axes=axes, bands=self._bands[(slice(None), *window)])

    def _with_pixels(self, change):
        """Return the geometry with ``(npix, cdelt, crpix)``, each of two, changed by a function."""
        if self._bands is None:
            npix = np.array(self._image_shape[::-1], float)
            cdelt, crpix = np.abs(self._wcs.wcs.cdelt), np.asarray(self._wcs.wcs.crpix)
            npix, cdelt, crpix = change(npix, cdelt, crpix)
            return self._init_copy(npix=tuple(npix), cdelt=tuple(cdelt), crpix=tuple(crpix))
        bands = self._bands
        changed = np.concatenate(change(bands[:2], bands[2:4], bands[4:6]))
        return self._init_copy(bands=changed)

    def _resize_spatial(self, factor, up):
        factor = whole_number(factor, "factor")
        if not up:
            sizes = [int(n) for pair in self.npix for n in np.ravel(pair)]
            if any(n % factor for n in sizes):
                raise GeometryError(
                    f"numbers of pixels must be multiples of the factor {factor}, got {sorted(set(sizes))}. "
                    "Pad or crop first."
                )
            return self._with_pixels(
                lambda n, size, ref: (n / factor, size * factor, (ref - 0.5) / factor + 0.5)
            )
        return self._with_pixels(lambda n, size, ref: (n * factor, size / factor, (ref - 0.5) * factor + 0.5))

    def _pad_spatial(self, pad_width):
        pad = width_pair(pad_width)

        def grow(npix, cdelt, crpix):
            width = np.reshape(pad, (2,) + (1,) * (np.ndim(npix) - 1))
            return npix + 2 * width, cdelt, crpix + width

        return self._with_pixels(grow)

    def crop(self, crop_width):
        """Return the geometry with fewer pixels on each side.

        Parameters
        ----------
        crop_width : int or (int, int)
            Pixels to remove on each side, along longitude and latitude.
        """
        width = width_pair(crop_width)
        if any(2 * w >= n for w, pair in zip(width, self.npix, strict=True) for n in np.ravel(pair)):
            raise GeometryError(
                f"crop_width must leave pixels, got {crop_width} of {self.npix}. Make it smaller."
            )
        return self._pad_spatial(tuple(-w for w in width))

    def _like(self, npix=None, binsz=None, width=None):
        return self.create(
            npix=npix,
            binsz=self._scales if binsz is None else binsz,
            proj=self.projection,
            frame=self._frame,
            axes=self._axes,
            skydir=self.center_skydir,
            width=width,
        )

    def to_binsz(self, binsz):
        """Return the geometry of the same size with pixels of another size.

        Parameters
        ----------
        binsz : float, str, `~astropy.units.Quantity`, or two of them
            Plain numbers are degrees.
        """
        return self._like(binsz=binsz, width=tuple(self.width.value[:, 0]))

    def to_odd_npix(self, max_radius=None):
        """Return a square geometry with a pixel in the middle.

        Parameters
        ----------
        max_radius : `~astropy.units.Quantity` or str, optional
            Radius that fits in; by default half the size of the geometry.
        """
        return self._like(npix=round_up_to_odd(self._npix_across(max_radius)))

    def to_even_npix(self):
        """Return a square geometry with a corner of pixels in the middle."""
        return self._like(npix=2 * int(np.ceil(np.round(self._npix_across(None) / 2, 9))))

    def _npix_across(self, radius) -> float:
        """Return the diameter of a circle, or the larger size of the image, in pixels."""
        size = self.width.value.max() if radius is None else 2 * float(angle_pair(radius, "max_radius")[0])
        return size / max(self._scales)


def whole_number(value, name) -> int:
    """Return a number as an integer, at least 1."""
    number = int(np.rint(float(value)))
    if number < 1 or number != value:
        raise GeometryError(f"{name} must be a whole number, at least 1, got {value}.")
    return number


def width_pair(width) -> tuple[int, int]:
    """Return numbers of pixels along x and y."""
    if np.ndim(width) == 0:
        return int(width), int(width)
    if len(width) != 2:
        raise GeometryError(f"width in pixels must be one number or two (lon, lat), got {width}.")
    return int(width[0]), int(width[1])
