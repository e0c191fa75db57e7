"""WCS maps with fewer, more, larger or smaller pixels."""

from __future__ import annotations

import numpy as np

from ...errors import GeometryError
from .cutout import overlap
from .reshaping import whole_number, width_pair

__all__ = ["crop", "cutout", "downsample", "pad", "upsample"]


def crop(m, crop_width):
    """Return a map without its outermost pixels; `WcsNDMap.crop`.

    Parameters
    ----------
    m : `~geminga.maps.WcsNDMap`
    crop_width : int or (int, int)
        Pixels to remove on each side, along longitude and latitude.
    """
    geom = m.geom.crop(crop_width)
    x, y = width_pair(crop_width)
    ny, nx = m.geom._image_shape
    return m._init_copy(geom=geom, data=m.data[..., y : ny - y, x : nx - x].copy())


def pad(m, pad_width, mode="constant", cval=0, method="linear"):
    """Return a map with more pixels on each side; `WcsNDMap.pad`.

    Parameters
    ----------
    m : `~geminga.maps.WcsNDMap`
    pad_width : int or (int, int)
        Pixels to add on each side, along longitude and latitude.
    mode : {"constant", "edge", "interp"}
        Fill with `cval`, with the value of the nearest pixel, or extrapolate.
    cval : float
        Value for "constant".
    method : str
        Method of interpolation for "interp".
    """
    geom = m.geom._pad_spatial(pad_width)
    x, y = width_pair(pad_width)
    if mode == "interp":
        pix = geom._sparse_pix(None, "center", None, dtype=float)
        data = m.interp_by_pix((pix[0] - x, pix[1] - y, *pix[2:]), method=method).astype(m.data.dtype)
        ny, nx = m.geom._image_shape
        # What is known stays as it is, also where it is NaN.
        data[..., y : ny + y, x : nx + x] = m.data
        return m._init_copy(geom=geom, data=data)
    width = [(0, 0)] * (m.data.ndim - 2) + [(y, y), (x, x)]
    options = {"constant_values": cval} if mode == "constant" else {}
    return m._init_copy(geom=geom, data=np.pad(m.data, width, mode=mode, **options))


def cutout(m, position, width, mode="trim", odd_npix=False, min_npix=1):
    """Return the part of a map around a position; `WcsNDMap.cutout`.

    Parameters
    ----------
    m : `~geminga.maps.WcsNDMap`
    position : `~astropy.coordinates.SkyCoord` or (lon, lat)
    width : float, str, `~astropy.units.Quantity`, or two of them
        Size along longitude and latitude; plain numbers are degrees.
    mode : {"trim", "partial", "strict"}
        What to do where the part reaches beyond the map: cut it, fill it with 0, raise an error.
    odd_npix : bool
        Make both numbers of pixels odd.
    min_npix : int
        Smallest number of pixels in each direction.

    Returns
    -------
    `~geminga.maps.WcsNDMap`
        With data of its own.
    """
    options = {"mode": mode, "odd_npix": odd_npix, "min_npix": min_npix}
    if not m.geom.is_regular:
        from .irregular import image_by_image

        return image_by_image(m, lambda place, image: image.cutout(position, width, **options))
    return window(m, m.geom.cutout(position, width, **options))


def window(m, geom):
    """Return the part of a map on an aligned geometry, 0 beyond the map."""
    slices = overlap(geom, m.geom)
    part = m.data[(..., *slices["parent-slices"])]
    if part.shape == geom.data_shape:
        data = np.array(part, dtype=part.dtype.newbyteorder("="))
    else:
        data = np.zeros(geom.data_shape, dtype=part.dtype.newbyteorder("="))
        data[(..., *slices["cutout-slices"])] = part
    return m._init_copy(geom=geom, data=data)


def _joined(data, dimensions, factor, join=np.add):
    """Return an array in which bins that follow each other along some dimensions are joined."""
    for number in dimensions:
        shape = (*data.shape[:number], data.shape[number] // factor, factor, *data.shape[number + 1 :])
        if data.dtype.kind in "fiu" or join is not np.add:
            data = join.reduce(data.reshape(shape), axis=number + 1, dtype=data.dtype.newbyteorder("="))
        else:
            data = join.reduce(data.reshape(shape), axis=number + 1)
    return data


def downsample(m, factor, preserve_counts=True, axis_name=None, weights=None):
    """Return a map with larger pixels, or wider bins along an axis; `WcsNDMap.downsample`.

    Parameters
    ----------
    m : `~geminga.maps.WcsNDMap`
        Masks are joined by "or".
    factor : int
        Number of pixels that fall together in each direction.
    preserve_counts : bool
        Sum the values, or take their mean; NaN is left out of both.
    axis_name : str, optional
        Axis to work on; without it the spatial axes.
    weights : `~geminga.maps.WcsNDMap`, optional
        Weights in the sum or the mean. Blocks without weight have mean 0.
    """
    factor = whole_number(factor, "factor")
    geom = m.geom.downsample(factor, axis_name=axis_name)
    ndim = m.data.ndim
    dimensions = (ndim - 2, ndim - 1) if axis_name is None else (m.geom.axes.index_data(axis_name),)
    _assert_divisible(m, geom, factor, axis_name)
    if m.is_mask and weights is None:
        return m._init_copy(geom=geom, data=_joined(m.data, dimensions, factor, np.logical_or))
    known = m.data.dtype.kind != "f" or not np.isnan(m.data).any()
    values = m.data if known else np.nan_to_num(m.data, nan=0.0, posinf=np.inf, neginf=-np.inf)
    share = None
    if weights is not None:
        share = np.broadcast_to(weights.data, m.data.shape)
        values = values * share
    if not known:
        share = (1.0 if share is None else share) * ~np.isnan(m.data)
    total = _joined(values, dimensions, factor)
    if preserve_counts:
        return m._init_copy(geom=geom, data=total)
    if share is None:
        return m._init_copy(geom=geom, data=total / factor ** len(dimensions))
    weight = _joined(np.asarray(share, dtype=float), dimensions, factor)
    return m._init_copy(
        geom=geom, data=np.divide(total, weight, out=np.zeros(total.shape), where=weight != 0)
    )


def upsample(m, factor, order=0, preserve_counts=True, axis_name=None):
    """Return a map with smaller pixels, or narrower bins along an axis; `WcsNDMap.upsample`.

    Parameters
    ----------
    m : `~geminga.maps.WcsNDMap`
    factor : int
        Number of new pixels along an old one.
    order : int
        Order of the spline through the values; 0 repeats them.
    preserve_counts : bool
        Share the values of a pixel out by the volumes of its parts, or keep them.
    axis_name : str, optional
        Axis to work on; without it the spatial axes.
    """
    factor = whole_number(factor, "factor")
    geom = m.geom.upsample(factor, axis_name=axis_name)
    ndim = m.data.ndim
    dimensions = (ndim - 2, ndim - 1) if axis_name is None else (m.geom.axes.index_data(axis_name),)

    def repeated(data):
        for number in dimensions:
            data = np.repeat(data, factor, axis=number)
        return data

    if order == 0 or m.is_mask:
        data = repeated(m.data)
    else:
        data = _spline(m.data, dimensions, factor, order)
    if preserve_counts and not m.is_mask:
        shape = tuple(n if number in dimensions else 1 for number, n in enumerate(m.data.shape))
        coarse, fine = m.geom.bin_volume().value, geom.bin_volume().value
        coarse = repeated(np.broadcast_to(coarse, np.broadcast_shapes(coarse.shape, shape)))
        share = np.zeros(np.broadcast_shapes(fine.shape, coarse.shape))
        data = data * np.divide(fine, coarse, out=share, where=coarse > 0)
        if m.data.dtype.kind == "f":
            data = data.astype(m.data.dtype, copy=False)
    return m._init_copy(geom=geom, data=data)


def _assert_divisible(m, geom, factor, axis_name):
    if axis_name is not None and m.geom.axes[axis_name].nbin != geom.axes[axis_name].nbin * factor:
        raise GeometryError(
            f"axis {axis_name!r} must have a multiple of {factor} bins, got {m.geom.axes[axis_name].nbin}. "
            "Pad it first."
        )


def _spline(data, dimensions, factor, order):
    from scipy.ndimage import map_coordinates

    data = data if data.dtype.kind == "f" else data.astype(float)
    nodes = [
        (np.arange(n * factor) + 0.5) / factor - 0.5 if number in dimensions else np.arange(n, dtype=float)
        for number, n in enumerate(data.shape)
    ]
    return map_coordinates(data, np.meshgrid(*nodes, indexing="ij"), order=order, mode="nearest")
