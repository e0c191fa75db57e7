"""HEALPix geometries and maps on FITS projections."""

from __future__ import annotations

import numpy as np

from ...errors import GeometryError
from ..wcs.geom import WcsGeom
from ..wcs.map import WcsNDMap

__all__ = ["to_wcs", "to_wcs_geom"]

# Degrees times nside: half the size of a pixel, in round numbers.
ROUND_SIZE = 32.0


def to_wcs_geom(geom, proj="AIT", oversample=2, width_pix=None):
    """Return a geometry with a FITS projection that covers a HEALPix geometry; `HpxGeom.to_wcs_geom`.

    Parameters
    ----------
    geom : `HpxGeom`
    proj : str
        FITS projection code.
    oversample : float
        Number of pixels along a HEALPix pixel (of half its size).
    width_pix : int, optional
        Largest number of pixels in each direction, to bound the size of a picture.

    Returns
    -------
    `~geminga.maps.WcsGeom`
        With the axes of the geometry.
    """
    size = ROUND_SIZE / float(np.max(geom._nsides))
    width = min(2 * geom.width.to_value("deg") + size, 360.0)
    binsz = size / oversample
    if width_pix is not None and width / binsz > width_pix:
        binsz = width / width_pix
    return WcsGeom.create(
        width=(width, min(width, 180.0)),
        binsz=binsz,
        proj=proj,
        frame=geom.frame,
        skydir=geom.center_skydir,
        axes=geom.axes,
    )


def to_wcs(
    m,
    sum_bands=False,
    normalize=True,
    proj="AIT",
    oversample=2,
    width_pix=None,
    hpx2wcs=None,
    fill_nan=True,
):
    """Return a map on a FITS projection, each of whose pixels takes the value at its centre; `HpxNDMap.to_wcs`.

    Parameters
    ----------
    m : `~geminga.maps.HpxNDMap`
    sum_bands : bool
        Sum over all axes first.
    normalize : bool
        Share the value of a HEALPix pixel out among the pixels that take it, to keep the sum (of those that any takes):
        for counts. Otherwise repeat it: for intensities.
    proj, oversample, width_pix
        See `HpxGeom.to_wcs_geom`.
    hpx2wcs : `~geminga.maps.WcsGeom`, optional
        Geometry to use instead.
    fill_nan : bool
        Give pixels outside of the map or off the sky NaN, otherwise 0.

    Returns
    -------
    `~geminga.maps.WcsNDMap`
    """
    if sum_bands and len(m.geom.axes):
        if not m.geom.is_regular:
            raise GeometryError(
                "geometry must have the same pixels in all bins to be summed, got different ones."
            )
        m = m.sum_over_axes(keepdims=False)
    geom = m.geom
    if hpx2wcs is None:
        target = to_wcs_geom(geom, proj=proj, oversample=oversample, width_pix=width_pix)
    elif isinstance(hpx2wcs, WcsGeom):
        target = hpx2wcs.to_image().to_cube(geom.axes)
    else:
        raise TypeError(f"hpx2wcs must be a WcsGeom, got {type(hpx2wcs).__name__}. Use to_wcs_geom().")
    image = target.to_image()
    dtype = np.result_type(m.data.dtype, "float32")
    data = np.zeros(target.data_shape, dtype=dtype)
    missing = np.nan if fill_nan else 0.0
    number = geom._n_planes
    planes = m.data.reshape(number, -1)
    flat = data.reshape(number, -1)
    coords = image.get_coord()
    if geom.is_regular:
        flat[:] = _projected(geom.to_image(), planes, coords, normalize, missing, dtype)
    else:
        for plane, bins in enumerate(np.ndindex(geom.axes.shape[::-1])):
            part = geom.slice_by_idx(dict(zip(geom.axes.names, bins[::-1], strict=True)))
            values = planes[plane : plane + 1, : part.data_shape[-1]]
            flat[plane] = _projected(part, values, coords, normalize, missing, dtype)[0]
    return WcsNDMap(target, data=data, unit=m.unit, meta=dict(m.meta or {}))


def _projected(image, planes, coords, normalize, missing, dtype):
    """Return the values of images at the pixels of a projection, shape (images, pixels)."""
    local = image.global_to_local(image.coord_to_idx(coords))[0].ravel()
    inside = local >= 0
    place = np.where(inside, local, 0)
    if normalize:
        number = np.bincount(place[inside], minlength=planes.shape[1])
        planes = (planes / np.maximum(number, 1)).astype(dtype)
    values = planes[:, place].astype(dtype, copy=False)
    values[:, ~inside] = missing
    return values
