"""Regions as DS9 text."""

from __future__ import annotations

import re

from regions import CircleSkyRegion, PolygonSkyRegion, Region, Regions

from ...errors import GeometryError
from ...files import make_path
from .compound import compound_region_to_regions
from .shapes import SphericalCircleSkyRegion

__all__ = ["parse_regions", "serialize_regions"]

_SHAPE = re.compile(
    r"\b(circle|annulus|ellipse|box|polygon|point|line|panda|text|vector)\s*[(\s]", re.IGNORECASE
)


def parse_regions(regions):
    """Return regions from whatever names them.

    Parameters
    ----------
    regions : str, path-like, `~regions.Region`, `~regions.Regions` or list
        DS9 text ("galactic;circle(0,0,1)"), the name of a region file, or regions, or a list of these.

    Returns
    -------
    list of `~regions.Region`

    Raises
    ------
    GeometryError
        If text or file holds no region.

    Examples
    --------
    >>> [circle] = parse_regions("galactic;circle(10.5, 20, 1.5)")
    >>> circle.radius
    <Quantity 1.5 deg>
    """
    if regions is None:
        return []
    if isinstance(regions, Region):
        return [regions]
    if hasattr(regions, "__fspath__") or isinstance(regions, str):
        text = str(regions)
        try:
            if isinstance(regions, str) and _SHAPE.search(text):
                found = Regions.parse(text, format="ds9")
            else:
                found = Regions.read(make_path(regions))
        except (OSError, ValueError, TypeError) as error:
            raise GeometryError(
                f"region text must be DS9 syntax or the name of a region file, got {text!r} ({error}). "
                "Write for example 'icrs;circle(83.63, 22.01, 0.5)'."
            ) from error
        if not len(found):
            raise GeometryError(f"region text must hold a region, got {text!r}. Name a shape and a frame.")
        return list(found)
    return [region for item in regions for region in parse_regions(item)]


def serialize_regions(region):
    """Return a region, or a union, as DS9 text that `parse_regions` reads back.

    Parameters
    ----------
    region : `~regions.SkyRegion` or list of them

    Returns
    -------
    str

    Examples
    --------
    >>> text = serialize_regions(parse_regions("galactic;circle(10.5, 20, 1.5)"))
    >>> text.splitlines()[-1]
    'circle(10.50000000,20.00000000,1.50000000)'
    """
    if isinstance(region, Region):
        region = [region]
    parts = [part for item in region for part in compound_region_to_regions(item)]
    plain = []
    for part in parts:
        # The writer goes by the name of the class and knows only its own.
        if isinstance(part, SphericalCircleSkyRegion):
            part = CircleSkyRegion(part.center, part.radius, part.meta, part.visual)
        elif isinstance(part, PolygonSkyRegion) and type(part) is not PolygonSkyRegion:
            part = PolygonSkyRegion(part.vertices, part.meta, part.visual)
        plain.append(part)
    return Regions(plain).serialize(format="ds9")
