"""HEALPix pixels in regions of the sky: masks, and maps reduced to a region."""

from __future__ import annotations

import numpy as np
from astropy.coordinates import SkyCoord
from regions import CircleAnnulusSkyRegion, CircleSkyRegion, CompoundSkyRegion, PointSkyRegion

from ...errors import GeometryError
from ...sky.regions import parse_regions, regions_to_compound_region
from ...sky.rotation import separation
from ..coord import skycoord_to_lonlat
from ..region.geom import RegionGeom
from ..region.map import RegionNDMap
from .pixelization import lonlat_to_pix

__all__ = ["region_mask", "to_region_nd_map"]

# Shapes other than circles are drawn on a tangential projection, which has no more of the sky than this radius in deg.
HEMISPHERE = 89.0


def _in_region(region, image) -> np.ndarray:
    """Return which pixel centres of an image geometry lie in a region."""
    lon, lat = image._lonlat
    if isinstance(region, CompoundSkyRegion):
        return region.operator(_in_region(region.region1, image), _in_region(region.region2, image))
    inside = _in_shape(region, image, lon, lat)
    return inside if region.meta.get("include", True) else ~inside


def _in_shape(region, image, lon, lat):
    if isinstance(region, PointSkyRegion):
        position = [float(angle) for angle in skycoord_to_lonlat(region.center, image.frame)[:2]]
        return image._pixel_table[0] == lonlat_to_pix(*position, int(image._nsides[0]), image.nest)
    geom = RegionGeom(region)
    center = region.center if hasattr(region, "center") else geom.center_skydir
    distance = separation(lon, lat, *(float(a) for a in skycoord_to_lonlat(center, image.frame)[:2]))
    if isinstance(region, CircleSkyRegion):
        return distance < region.radius.to_value("deg")
    if isinstance(region, CircleAnnulusSkyRegion):
        inner, outer = region.inner_radius.to_value("deg"), region.outer_radius.to_value("deg")
        return (distance >= inner) & (distance < outer)
    near = distance < HEMISPHERE
    result = np.zeros(lon.shape, dtype=bool)
    result[near] = geom.contains(SkyCoord(lon[near], lat[near], unit="deg", frame=image.frame))
    return result


def pixels_in_regions(geom, regions) -> np.ndarray:
    """Return which pixels have their centres in any of several regions; shape of one image, or of the data."""
    regions = parse_regions(regions)
    if geom.is_regular:
        image = geom.to_image()
        return np.logical_or.reduce([_in_region(region, image) for region in regions])
    result = np.zeros(geom.data_shape, dtype=bool)
    for bins in np.ndindex(geom.axes.shape):
        image = geom.slice_by_idx(dict(zip(geom.axes.names, bins, strict=True)))
        mask = pixels_in_regions(image, regions)
        result[(*bins[::-1], slice(0, len(mask)))] = mask
    return result


def region_mask(geom, regions, inside=True):
    """Return a mask of the pixels whose centres are in any of several regions; `HpxGeom.region_mask`.

    Circles and rings are those on the sphere; other shapes are drawn on a tangential projection around them. A point is
    in the pixel that contains it.

    Parameters
    ----------
    geom : `HpxGeom`
    regions : str, `~regions.SkyRegion` or list of them
    inside : bool
        Whether the mask is True inside the regions, or outside.

    Returns
    -------
    `~geminga.maps.HpxNDMap`
        Boolean; the same image in all bins.

    Examples
    --------
    >>> from geminga.maps import HpxGeom
    >>> geom = HpxGeom(nside=8, frame="galactic")
    >>> int(geom.region_mask("galactic;circle(0, 5, 5)").data.sum())
    1
    """
    from .map import HpxNDMap

    mask = pixels_in_regions(geom, regions)
    mask = mask if inside else ~mask
    return HpxNDMap(geom, data=np.array(np.broadcast_to(mask, geom.data_shape)))


def to_region_nd_map(m, region=None, func=np.nansum, weights=None, method="nearest"):
    """Return a map reduced to a region; `HpxNDMap.to_region_nd_map`.

    Parameters
    ----------
    m : `~geminga.maps.HpxNDMap`
        With the same pixels in all bins.
    region : str, `~regions.SkyRegion`, `~astropy.coordinates.SkyCoord` or list, optional
        By default the whole map. For a point the map is interpolated, for other regions the pixels whose centres are
        inside are reduced.
    func : callable
        Reduction with an ``axis`` argument, such as `numpy.nansum` or `numpy.nanmean`.
    weights : `~geminga.maps.HpxNDMap`, optional
        The data are multiplied by these first.
    method : {"nearest", "linear"}
        Interpolation for a point.

    Returns
    -------
    `~geminga.maps.RegionNDMap`

    Raises
    ------
    GeometryError
        If no pixel is inside.
    """
    geom = m.geom
    if not geom.is_regular:
        raise GeometryError(
            "geometry must have the same pixels in all bins to be reduced, got different ones."
        )
    data = m.data if weights is None else m.data * weights.data
    if isinstance(region, SkyCoord):
        region = PointSkyRegion(region)
    elif region is not None:
        region = regions_to_compound_region(parse_regions(region))
    if isinstance(region, PointSkyRegion):
        target = RegionGeom(region=region, axes=geom.axes)
        values = m._init_copy(data=data).interp_by_coord(target.get_coord(), method=method)
        return RegionNDMap(target, data=values, unit=m.unit, meta=m.meta)
    if region is None:
        center = geom.center_skydir
        region = CircleSkyRegion(center=center, radius=geom.width + geom.to_image().pixel_scales[0] / 2)
        if geom.is_allsky:
            region = CircleSkyRegion(center=center, radius=geom.width)
    else:
        mask = pixels_in_regions(geom, region)
        if not mask.any():
            raise GeometryError(
                "region must contain the centre of a pixel of the map, got none. Enlarge or move it."
            )
        data = data[..., mask]
    target = RegionGeom(region=region, axes=geom.axes)
    return RegionNDMap(
        target, data=np.asarray(func(data, axis=-1)).reshape(target.data_shape), unit=m.unit, meta=m.meta
    )
