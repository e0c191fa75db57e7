"""Masks of images: pixels in regions, at the border, and the shapes that grow or shrink them."""

from __future__ import annotations

import numpy as np

from ...errors import GeometryError
from ...sky.regions import parse_regions
from .arguments import angle_pair, round_up_to_odd
from .membership import RegionPixels

__all__ = ["binary_structure", "boundary_mask", "region_mask", "region_weights"]

# Rows of an oversampled image are worked on in blocks of about so many sub-pixels.
BLOCK = 4_000_000


def _map_of(geom, image):
    """Return a map with the same image in all bins."""
    from .map import WcsNDMap

    return WcsNDMap(geom, data=np.array(np.broadcast_to(image, geom.data_shape)))


def _each_image(geom, compute, dtype):
    """Return the data of `compute(image_geom)`: one image, or one for each image of an irregular geometry."""
    if geom.is_regular:
        return compute(geom)
    data = np.zeros(geom.data_shape, dtype=dtype)
    for band in np.ndindex(geom.data_shape[:-2]):
        image = geom._band_image(band)
        ny, nx = image._image_shape
        data[band][:ny, :nx] = compute(image)
    return data


def region_mask(geom, regions, inside=True):
    """Return a mask of the pixels whose centres are in any of several regions; `WcsGeom.region_mask`.

    Circles and rings are those on the sphere; other shapes are drawn in the pixels of the projection. A point is in the
    pixel that contains it.

    Parameters
    ----------
    geom : `WcsGeom`
    regions : str, `~regions.Region` or list of them
        Regions, DS9 text or region files.
    inside : bool
        Whether the mask is True inside the regions, or outside.

    Returns
    -------
    `~geminga.maps.WcsNDMap`
        Boolean; the same image in all bins.

    Examples
    --------
    >>> from geminga.maps import WcsGeom
    >>> geom = WcsGeom.create(npix=11, binsz=0.1)
    >>> int(geom.region_mask("icrs;circle(0, 0, 0.25)").data.sum())
    21
    """
    regions = parse_regions(regions)

    def compute(image):
        ny, nx = image._image_shape
        mask = np.zeros((ny, nx), dtype=bool)
        x, y = np.arange(nx, dtype=float), np.arange(ny, dtype=float)
        RegionPixels(image, regions).add_to(mask, x, y)
        return mask

    mask = _each_image(geom, compute, bool)
    return _map_of(geom, mask if inside else ~mask)


def region_weights(geom, regions, oversampling_factor=10):
    """Return the fraction of each pixel that is in any of several regions; `WcsGeom.region_weights`.

    Parameters
    ----------
    geom : `WcsGeom`
    regions : str, `~regions.Region` or list of them
    oversampling_factor : int
        Each pixel is sampled at the square of so many points.

    Returns
    -------
    `~geminga.maps.WcsNDMap`
        Between 0 and 1; the same image in all bins.
    """
    regions = parse_regions(regions)
    factor = int(oversampling_factor)
    if factor < 1:
        raise GeometryError(f"oversampling_factor must be at least 1, got {oversampling_factor}.")

    def compute(image):
        ny, nx = image._image_shape
        weights = np.zeros((ny, nx))
        pixels = RegionPixels(image, regions, oversampling=factor)
        (x0, x1), (y0, y1) = pixels.window(nx, ny)
        x = x0 + (np.arange((x1 - x0) * factor) + 0.5) / factor - 0.5
        rows = max(1, BLOCK // max(x.size * factor, 1))
        for start in range(y0, y1, rows):
            stop = min(start + rows, y1)
            y = start + (np.arange((stop - start) * factor) + 0.5) / factor - 0.5
            fine = np.zeros((y.size, x.size), dtype=bool)
            pixels.add_to(fine, x, y)
            shape = (stop - start, factor, x1 - x0, factor)
            weights[start:stop, x0:x1] = fine.reshape(shape).mean(axis=(1, 3))
        return weights

    return _map_of(geom, _each_image(geom, compute, float))


def _odd_sizes(geom, width) -> tuple[int, int]:
    """Return sizes along x and y in pixels, rounded up to odd numbers."""
    return tuple(
        round_up_to_odd(float(angle) / scale)
        for angle, scale in zip(angle_pair(width, "width"), geom._scales, strict=True)
    )


def boundary_mask(geom, width):
    """Return a mask that is False at the border of the image; `WcsGeom.boundary_mask`.

    Parameters
    ----------
    geom : `WcsGeom`
    width : float, str, `~astropy.units.Quantity`, or two of them
        Width of the border along longitude and latitude (in this order), rounded to whole pixels. Plain numbers are
        degrees.

    Returns
    -------
    `~geminga.maps.WcsNDMap`
        Boolean; the same image in all bins.
    """
    widths = [2 * angle for angle in angle_pair(width, "width")]

    def compute(image):
        sizes = _odd_sizes(image, widths)
        mask = np.zeros(image._image_shape, dtype=bool)
        mask[tuple(slice(n // 2, size - n // 2) for n, size in zip(sizes[::-1], mask.shape, strict=True))] = (
            True
        )
        return mask

    return _map_of(geom, _each_image(geom, compute, bool))


def binary_structure(geom, width, kernel="disk"):
    """Return the shape with which masks grow or shrink; `WcsGeom.binary_structure`.

    Parameters
    ----------
    geom : `WcsGeom`
    width : float, str, `~astropy.units.Quantity`, or two of them
        Radius of the disk, or full width of the box, along longitude and latitude (in this order). Both are rounded up
        to an odd number of pixels. Plain numbers are degrees.
    kernel : {"disk", "box"}

    Returns
    -------
    ndarray of float, shape (1, ..., ny, nx)
        1 inside, 0 outside, one bin along each axis.
    """
    nx, ny = _odd_sizes(geom, width)
    if kernel == "disk":
        y, x = np.mgrid[-ny : ny + 1, -nx : nx + 1]
        structure = (x / nx) ** 2 + (y / ny) ** 2 <= 1 + 1e-12
    elif kernel == "box":
        structure = np.ones((ny, nx))
    else:
        raise GeometryError(f"kernel must be 'disk' or 'box', got {kernel!r}.")
    return structure.astype(float).reshape((1,) * len(geom.axes) + structure.shape)
