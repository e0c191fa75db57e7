"""HEALPix maps with other pixels: parts of the sky, finer, coarser, in the other order."""

from __future__ import annotations

import numpy as np

from ...errors import GeometryError
from ..access import add_at_index
from ..wcs import resizing as along_axis
from ..wcs.arguments import angle_pair, sky_position
from .pixelization import parents, reordered
from .regions import pixels_of_region

__all__ = [
    "crop",
    "cutout",
    "cutout_geom",
    "downsample",
    "gathered",
    "pad",
    "to_nside",
    "to_swapped",
    "upsample",
]


def gathered(m, geom, old_pixels, fill_value=0) -> np.ndarray:
    """Return the values of a map at pixels of its geometry, in the shape of the data of another one.

    Parameters
    ----------
    m : `~geminga.maps.HpxNDMap`
    geom : `HpxGeom`
        With the axes of the map.
    old_pixels : ndarray of int
        Pixel of the map for each pixel of `geom`, shaped as ``geom.get_idx(sparse=True)[0]``; -1 for none.
    fill_value : float
        Value for pixels that the map does not have.
    """
    bins = geom.get_idx(sparse=True)[1:]
    local = m.geom.global_to_local((old_pixels, *bins))[0]
    outside = local < 0
    place = np.where(outside, 0, local)
    data = m.data[..., place.ravel()] if m.geom.is_regular else m.data[(*bins[::-1], place)]
    data = np.array(
        np.broadcast_to(data.reshape(np.broadcast_shapes(data.shape, geom.data_shape)), geom.data_shape)
    )
    if outside.any():
        data[np.broadcast_to(outside, geom.data_shape)] = fill_value
    return data


def _own_pixels(geom) -> np.ndarray:
    return geom.get_idx(sparse=True)[0]


def cutout_geom(geom, position, width, **kwargs):
    """Return the part of a geometry in a disk; `HpxGeom.cutout`.

    Parameters
    ----------
    geom : `HpxGeom`
    position : `~astropy.coordinates.SkyCoord` or (lon, lat)
    width : float, str or `~astropy.units.Quantity`
        Diameter of the disk; plain numbers are degrees. The larger of two is taken.
    **kwargs
        ``mode``, ``odd_npix`` and ``min_npix`` of WCS cutouts have no meaning here.

    Raises
    ------
    GeometryError
        If no pixel of the geometry has its centre in the disk.
    """
    lon, lat = sky_position(position, geom.frame)
    radius = max(float(size) for size in angle_pair(width, "width")) / 2
    region = f"DISK({lon},{lat},{radius})"
    number = max(len(geom._nsides), 1 if geom._lists is None else len(geom._lists))
    nsides = np.broadcast_to(geom._nsides, number)
    disks = {int(nside): pixels_of_region(nside, geom.nest, region) for nside in np.unique(nsides)}
    lists = [disks[int(nside)] for nside in nsides]
    if geom._lists is not None:
        inner = [np.intersect1d(disk, own) for disk, own in zip(lists, geom._lists, strict=True)]
        if any(len(part) != len(disk) for part, disk in zip(inner, lists, strict=True)):
            lists, region = inner, "explicit"
    if not any(len(pixels) for pixels in lists):
        raise GeometryError(
            f"part of the map must contain the centre of a pixel, got {width} around {position}. Enlarge or move it."
        )
    return geom._from_parts(geom._nsides, lists, region, geom.nest, geom.frame, geom.axes)


def cutout(m, position, width, *args, **kwargs):
    """Return the part of a map in a disk; `HpxNDMap.cutout`.

    Parameters
    ----------
    m : `~geminga.maps.HpxNDMap`
    position : `~astropy.coordinates.SkyCoord` or (lon, lat)
    width : float, str or `~astropy.units.Quantity`
        Diameter of the disk; plain numbers are degrees.
    *args, **kwargs
        ``mode``, ``odd_npix`` and ``min_npix`` of WCS cutouts have no meaning here.

    Returns
    -------
    `~geminga.maps.HpxNDMap`
        With data of its own.
    """
    geom = m.geom.cutout(position, width)
    return m._init_copy(geom=geom, data=gathered(m, geom, _own_pixels(geom)))


def crop(m, crop_width):
    """Return a map without so many rings of pixels at its border; `HpxNDMap.crop`."""
    geom = m.geom.crop(crop_width)
    return m._init_copy(geom=geom, data=gathered(m, geom, _own_pixels(geom)))


def pad(m, pad_width, mode="constant", cval=0, method="linear"):
    """Return a map with so many more rings of pixels around it; `HpxNDMap.pad`.

    Parameters
    ----------
    m : `~geminga.maps.HpxNDMap`
    pad_width : int
    mode : {"constant", "edge", "interp"}
        Fill with `cval`, or (the two others) with the value of the nearest pixel: there is nothing to extrapolate.
    cval : float
    method : str
        Without meaning here.
    """
    geom = m.geom._pad_spatial(pad_width)
    if mode == "constant":
        return m._init_copy(geom=geom, data=gathered(m, geom, _own_pixels(geom), fill_value=cval))
    idx = m.geom._within(geom.get_idx(sparse=True), clip=True)
    return m._init_copy(geom=geom, data=gathered(m, geom, idx[0]))


def to_swapped(m):
    """Return a map with its pixels in the other order; `HpxNDMap.to_swapped`."""
    geom = m.geom.to_swapped()
    nside = geom._nsides if geom.is_regular else geom._nsides.reshape(geom.data_shape_axes)
    old = reordered(_own_pixels(geom), nside, geom.nest, m.geom.nest)
    return m._init_copy(geom=geom, data=gathered(m, geom, old))


def upsample(m, factor, order=0, preserve_counts=True, axis_name=None):
    """Return a map with smaller pixels, or narrower bins along an axis; `HpxNDMap.upsample`.

    Parameters
    ----------
    m : `~geminga.maps.HpxNDMap`
    factor : int
        Ratio of the values of nside, a power of two; along an axis any number.
    order : int
        0 repeats the values; otherwise they are interpolated linearly.
    preserve_counts : bool
        Share the value of a pixel out among its parts, or keep it.
    axis_name : str, optional
        Axis to work on; without it the pixels.
    """
    if axis_name is not None:
        return along_axis.upsample(m, factor, 0, preserve_counts, axis_name)
    geom = m.geom.upsample(factor)
    if order == 0 or m.is_mask:
        nside = geom._nsides if geom.is_regular else geom._nsides.reshape(geom.data_shape_axes)
        pixels = _own_pixels(geom)
        old = np.where(pixels < 0, -1, parents(np.maximum(pixels, 0), nside, int(factor), geom.nest))
        data = gathered(m, geom, old)
    else:
        data = m.interp_by_coord(geom.get_coord()).astype(np.result_type(m.data.dtype, "float32"))
    if preserve_counts and not m.is_mask:
        data = data / int(factor) ** 2
    return m._init_copy(geom=geom, data=data)


def downsample(m, factor, preserve_counts=True, axis_name=None, weights=None):
    """Return a map with larger pixels, or wider bins along an axis; `HpxNDMap.downsample`.

    Parameters
    ----------
    m : `~geminga.maps.HpxNDMap`
        Masks are joined by "or".
    factor : int
        Ratio of the values of nside, a power of two; along an axis a divisor of its number of bins.
    preserve_counts : bool
        Sum the values, or take the mean of the pixels there are; NaN is left out of both.
    axis_name : str, optional
        Axis to work on; without it the pixels.
    weights : `~geminga.maps.HpxNDMap`, optional
        Weights in the sum or the mean.
    """
    if axis_name is not None:
        return along_axis.downsample(m, factor, preserve_counts, axis_name, weights)
    geom = m.geom.downsample(factor)
    idx = m.geom.get_idx(sparse=True)
    nside = m.geom._nsides if m.geom.is_regular else m.geom._nsides.reshape(m.geom.data_shape_axes)
    inside = np.broadcast_to(idx[0] >= 0, m.data.shape)
    new = parents(np.maximum(idx[0], 0), nside, int(factor), m.geom.nest)
    target = tuple(np.broadcast_to(i, m.data.shape)[inside] for i in geom.global_to_local((new, *idx[1:])))[
        ::-1
    ]
    values = m.data[inside]
    if m.is_mask and weights is None:
        joined = np.zeros(geom.data_shape, dtype=bool)
        add_at_index(joined, target, values)
        return m._init_copy(geom=geom, data=joined)
    share = np.ones(values.shape) if weights is None else np.broadcast_to(weights.data, m.data.shape)[inside]
    known = ~np.isnan(values)
    share = np.where(known, share, 0.0)
    total = np.zeros(geom.data_shape)
    add_at_index(total, target, np.where(known, values, 0) * share)
    if not preserve_counts:
        weight = np.zeros(geom.data_shape)
        add_at_index(weight, target, share)
        total = np.divide(total, weight, out=np.zeros_like(total), where=weight != 0)
    dtype = m.data.dtype if preserve_counts or m.data.dtype.kind == "f" else float
    return m._init_copy(geom=geom, data=total.astype(dtype if not m.is_mask else float))


def to_nside(m, nside, preserve_counts=True):
    """Return a map with pixels of another resolution; `HpxNDMap.to_nside`.

    Parameters
    ----------
    m : `~geminga.maps.HpxNDMap`
        With the same pixels in all bins.
    nside : int
        A multiple or a divisor of that of the map, by a power of two.
    preserve_counts : bool
        Conserve the sum of the values, or their mean.
    """
    if len(m.geom._nsides) > 1:
        raise GeometryError("geometry must have one nside to change it, got several. Take single images.")
    old, new = int(m.geom._nsides[0]), int(np.squeeze(nside))
    if new == old:
        return m.copy()
    if new > old and new % old == 0:
        return m.upsample(new // old, preserve_counts=preserve_counts)
    if 0 < new < old and old % new == 0:
        return m.downsample(old // new, preserve_counts=preserve_counts)
    raise GeometryError(f"nside must be a multiple or a divisor of {old}, got {nside}. Use interp_to_geom().")
