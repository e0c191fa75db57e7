"""Parts of images: which pixels, and what geometry they have."""

from __future__ import annotations

import numpy as np

from ...errors import GeometryError
from .arguments import angle_pair, number_pair, round_up_to_odd, sky_position
from .projection import shifted_wcs

__all__ = ["aligned_geom", "cutout_geom", "cutout_slices", "overlap", "window_around"]


def window_around(center, size) -> tuple[int, int]:
    """Return first and past-the-end pixel of `size` pixels around a pixel coordinate.

    Examples
    --------
    >>> window_around(19.2, 2), window_around(19.2, 3)
    ((19, 21), (18, 21))
    """
    # A position on the edge between two pixels must not jump with the last digit of the projection.
    first = int(np.ceil(np.round(center - size / 2, 7)))
    return first, first + int(size)


def _assert_regular(geom, what):
    if not geom.is_regular:
        raise GeometryError(
            f"{what} must have the same pixels in all images, got an irregular geometry. Slice it first."
        )


def _center_in_pixels(geom, position):
    center = geom._projection.sky_to_pix(*sky_position(position, geom.frame), center=geom.center_pix[0])
    if not np.all(np.isfinite(center)):
        raise GeometryError(f"position must be on the projection of the map, got {position}. Move it.")
    return [float(value) for value in center]


def cutout_geom(geom, position, width, mode="trim", odd_npix=False, min_npix=1):
    """Return the geometry of the part around a position; `WcsGeom.cutout`.

    Parameters
    ----------
    geom : `WcsGeom`
    position : `~astropy.coordinates.SkyCoord` or (lon, lat)
        Centre; the part consists of whole pixels of the geometry.
    width : float, str, `~astropy.units.Quantity`, or two of them
        Size along longitude and latitude; plain numbers are degrees.
    mode : {"trim", "partial", "strict"}
        What to do where the part reaches beyond the geometry: cut it, keep its size, raise an error.
    odd_npix : bool
        Round both numbers of pixels up to the next odd number, instead of to the nearest.
    min_npix : int
        Smallest number of pixels in each direction.

    Returns
    -------
    `WcsGeom`
        Of an irregular geometry each image is cut in its own pixels.

    Raises
    ------
    GeometryError
        If the part lies outside, or reaches outside in mode "strict".
    """
    if not geom.is_regular:
        from .irregular import image_geoms, with_image_geoms

        options = {"mode": mode, "odd_npix": odd_npix, "min_npix": min_npix}
        parts = [image.cutout(position, width, **options) for _, image in image_geoms(geom)]
        return with_image_geoms(geom, parts)
    if mode not in ("trim", "partial", "strict"):
        raise GeometryError(f"mode must be 'trim', 'partial' or 'strict', got {mode!r}.")
    sizes = [
        float(angle) / scale for angle, scale in zip(angle_pair(width, "width"), geom._scales, strict=True)
    ]
    if odd_npix:
        sizes = [round_up_to_odd(max(size, min_npix)) for size in sizes]
    else:
        sizes = [max(int(np.round(size)), int(min_npix)) for size in sizes]
    windows = []
    for center, size, total in zip(
        _center_in_pixels(geom, position), sizes, geom._image_shape[::-1], strict=True
    ):
        first, last = window_around(center, size)
        if last <= 0 or first >= total:
            raise GeometryError(
                f"part of the map must overlap it, got {width} around {position}. Move the position."
            )
        if mode == "strict" and (first < 0 or last > total):
            raise GeometryError(
                f"part of the map must lie inside it in mode 'strict', got {width} around {position}. "
                "Use mode 'trim' or 'partial'."
            )
        windows.append((max(first, 0), min(last, total)) if mode == "trim" else (first, last))
    return window_geom(geom, *windows)


def window_geom(geom, window_x, window_y):
    """Return the geometry of a range of pixels; the range may reach beyond."""
    (x0, x1), (y0, y1) = window_x, window_y
    if (x0, y0) == (0, 0) and (y1, x1) == geom._image_shape:
        return geom
    crpix = np.asarray(geom.wcs.wcs.crpix) - (x0, y0)
    return geom._window(shifted_wcs(geom.wcs, crpix), (y1 - y0, x1 - x0))


def aligned_geom(cls, geom, skydir, width):
    """Return a geometry on the pixel grid of another one, anywhere; `WcsGeom.from_aligned`.

    Parameters
    ----------
    cls : type
    geom : `WcsGeom`
    skydir : `~astropy.coordinates.SkyCoord`
        Centre of the new geometry, to the next pixel.
    width : float, str, `~astropy.units.Quantity`, or two of them
        Size along longitude and latitude; plain numbers are degrees.
    """
    _assert_regular(geom, "geometry to align with")
    scales = geom._scales
    sizes = number_pair(
        [max(1, np.round(float(w) / s)) for w, s in zip(angle_pair(width, "width"), scales, strict=True)],
        "width",
    )
    windows = [window_around(c, int(n)) for c, n in zip(_center_in_pixels(geom, skydir), sizes, strict=True)]
    return window_geom(geom, *windows)


def cutout_slices(part, geom, mode="partial"):
    """Return where a part and its parent overlap; `WcsGeom.cutout_slices`.

    Parameters
    ----------
    part : `WcsGeom`
        The part.
    geom : `WcsGeom`
        Its parent, on the same pixel grid.
    mode : {"partial", "trim", "strict"}
        With "trim", the slices of the part are those of a part that was cut at the edge of the parent.

    Returns
    -------
    dict
        "parent-slices" and "cutout-slices", each a pair of slices along y and x.

    Raises
    ------
    GeometryError
        If the geometries are on different pixel grids or do not overlap.
    """
    if part.is_regular != geom.is_regular or not part.is_aligned(geom):
        raise GeometryError(
            "part and parent must be on the same pixel grid, got different ones. Use interp_to_geom()."
        )
    return overlap(part, geom, mode)


def overlap(part, geom, mode="partial"):
    """Return `cutout_slices` of geometries that are known to be on the same pixel grid."""
    offsets = np.asarray(geom.wcs.wcs.crpix) - np.asarray(part.wcs.wcs.crpix)
    result = {"parent-slices": [], "cutout-slices": []}
    pairs = zip(np.rint(offsets).astype(int)[::-1], part._image_shape, geom._image_shape, strict=True)
    for offset, size, total in pairs:
        first, last = max(int(offset), 0), min(int(offset) + size, total)
        if last <= first:
            raise GeometryError("part and parent must overlap, got none. Cut the part from the parent.")
        if mode == "strict" and last - first < size:
            raise GeometryError("part must lie inside its parent in mode 'strict', got a larger one.")
        start = 0 if mode == "trim" else first - int(offset)
        result["parent-slices"].append(slice(first, last))
        result["cutout-slices"].append(slice(start, start + last - first))
    return {name: tuple(slices) for name, slices in result.items()}
