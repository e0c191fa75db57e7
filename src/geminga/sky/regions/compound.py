"""Unions of regions: join, split, find the centre."""

from __future__ import annotations

import operator
from functools import reduce

import numpy as np
from astropy.coordinates import SkyCoord, UnitSphericalRepresentation
from regions import CompoundSkyRegion, LineSkyRegion, PolygonSkyRegion, Regions

from ...errors import GeometryError
from .shapes import get_centroid

__all__ = [
    "compound_region_center",
    "compound_region_to_regions",
    "region_center",
    "regions_to_compound_region",
]


def regions_to_compound_region(regions):
    """Join regions to their union.

    Parameters
    ----------
    regions : list of `~regions.SkyRegion` or `~regions.Regions`
        At least one.

    Returns
    -------
    `~regions.CompoundSkyRegion`
        Or the region itself if there is only one.

    Raises
    ------
    GeometryError
        If there is no region.
    """
    regions = list(regions)
    if not regions:
        raise GeometryError("regions must hold at least one region, got none. Use region=None for no region.")
    return reduce(operator.or_, regions)


def compound_region_to_regions(region):
    """Split a union into its parts.

    Parameters
    ----------
    region : `~regions.SkyRegion`
        A union of regions, of unions, ..., or a simple region.

    Returns
    -------
    `~regions.Regions`

    Raises
    ------
    GeometryError
        If the region is an intersection or a difference.
    """
    parts, pending = [], [region]
    # A union of n regions is nested n deep: a stack, not recursion, or a thousand regions are too many.
    while pending:
        item = pending.pop()
        if not isinstance(item, CompoundSkyRegion):
            parts.append(item)
            continue
        if item.operator is not operator.or_:
            raise GeometryError(
                f"compound region must be a union, got operator {item.operator.__name__!r}. Join its parts with |."
            )
        pending += [item.region2, item.region1]
    return Regions(parts)


def region_center(region):
    """Return the centre of any sky region.

    Parameters
    ----------
    region : `~regions.SkyRegion`
        Polygons have their centroid, lines their middle, unions the point of `compound_region_center`.

    Returns
    -------
    `~astropy.coordinates.SkyCoord`
        In the frame of the region.
    """
    if isinstance(region, CompoundSkyRegion):
        return compound_region_center(region)
    if isinstance(region, PolygonSkyRegion):
        return get_centroid(region.vertices)
    if isinstance(region, LineSkyRegion):
        return region.start.directional_offset_by(
            region.start.position_angle(region.end), region.start.separation(region.end) / 2
        )
    return region.center


def _unit_vectors(positions):
    return positions.represent_as(UnitSphericalRepresentation).to_cartesian().xyz.value.T


def _median_direction(points):
    """Return the unit vector with the least sum of angular distances to unit vectors, shape (n, 3)."""
    current = points.mean(axis=0)
    if np.linalg.norm(current) < 1e-9:
        raise GeometryError(
            "regions must have a mean direction, got positions spread evenly over the sphere."
        )
    current /= np.linalg.norm(current)
    if len(points) < 3:
        return current
    for _ in range(1000):
        cosine = np.clip(points @ current, -1, 1)
        tangent = points - cosine[:, None] * current
        length = np.linalg.norm(tangent, axis=1)
        distance = np.arctan2(length, cosine)
        apart = distance > 1e-12
        if not apart.any():
            break
        directions = tangent[apart] / length[apart, None]
        pull = directions.sum(axis=0)
        strength = np.linalg.norm(pull)
        step = pull / (1 / distance[apart]).sum()
        # Vardi & Zhang: at a data point only the excess of the pull over its own weight moves the estimate.
        here = np.count_nonzero(~apart)
        if here:
            step *= max(0.0, 1 - here / strength) if strength > 0 else 0.0
        size = np.linalg.norm(step)
        if size < 1e-12:
            break
        current = np.cos(size) * current + np.sin(size) * step / size
        current /= np.linalg.norm(current)
    return current


def compound_region_center(compound_region):
    """Return the point with the least sum of angular distances to the centres of the parts.

    For two parts every point between them has the same sum; the middle is returned.

    Parameters
    ----------
    compound_region : `~regions.SkyRegion`
        A union, or a simple region.

    Returns
    -------
    `~astropy.coordinates.SkyCoord`
        In the frame of the first part.

    References
    ----------
    .. [1] Vardi & Zhang (2000), PNAS 97, 1423.
    """
    centers = [region_center(part) for part in compound_region_to_regions(compound_region)]
    frame = centers[0].frame.replicate_without_data()
    if len(centers) == 1:
        return centers[0]
    points = np.concatenate([np.atleast_2d(_unit_vectors(center.transform_to(frame))) for center in centers])
    x, y, z = _median_direction(points)
    lon, lat = np.degrees(np.arctan2(y, x)) % 360, np.degrees(np.arctan2(z, np.hypot(x, y)))
    return SkyCoord(lon, lat, unit="deg", frame=frame)
