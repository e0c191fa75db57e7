"""Regions as FITS tables: shapes in pixels of a projection that the header defines.

Pixels count from 0 at the centre of the first pixel, as the regions package and Gammapy write them. Radii of
ellipses are half axes, sizes of boxes full ones; elliptical annuli have their inner and outer widths, then heights.

References
----------
.. [1] Rots & McDowell, "Recommendations for the storage of spatial region information in FITS files"
   (the ASC-FITS-REGION draft).
"""

from __future__ import annotations

import logging

import numpy as np
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.io.fits import BinTableHDU
from astropy.table import Table
from astropy.wcs import WCS
from regions import (
    CircleAnnulusPixelRegion,
    CirclePixelRegion,
    CircleSkyRegion,
    EllipseAnnulusPixelRegion,
    EllipsePixelRegion,
    PixCoord,
    PointPixelRegion,
    PolygonPixelRegion,
    RectanglePixelRegion,
)

from ....errors import FormatError
from ....sky.regions.compound import compound_region_to_regions, regions_to_compound_region
from ....sky.regions.shapes import SphericalCircleSkyRegion
from ....sky.regions.transform import region_to_pixel

__all__ = ["region_from_hdu", "region_to_hdu"]

log = logging.getLogger(__name__)


def _radii(region) -> tuple[str, list[float]]:
    """Return the name of a shape and its lengths in pixels."""
    match region:
        case CirclePixelRegion():
            return "circle", [region.radius]
        case CircleAnnulusPixelRegion():
            return "annulus", [region.inner_radius, region.outer_radius]
        case EllipsePixelRegion():
            return "ellipse", [region.width / 2, region.height / 2]
        case EllipseAnnulusPixelRegion():
            widths, heights = (
                (region.inner_width, region.outer_width),
                (region.inner_height, region.outer_height),
            )
            return "elliptannulus", [*widths, *heights]
        case RectanglePixelRegion():
            return "rotbox", [region.width, region.height]
        case PointPixelRegion():
            return "point", [0.0]
        case PolygonPixelRegion():
            return "polygon", [0.0]
    raise FormatError(
        f"regions in FITS files must be circles, ellipses, their annuli, boxes, points or polygons, got "
        f"{type(region).__name__}. Use another shape."
    )


def _region(shape, x, y, r, angle):
    """Return the pixel region with a shape's name and numbers, None for an unknown shape."""
    center, angle = PixCoord(x[0], y[0]), angle * u.deg
    match shape:
        case "circle":
            return CirclePixelRegion(center, r[0])
        case "annulus":
            return CircleAnnulusPixelRegion(center, *r[:2])
        case "ellipse" | "rotellipse":
            return EllipsePixelRegion(center, 2 * r[0], 2 * r[1], angle=angle)
        case "elliptannulus":
            return EllipseAnnulusPixelRegion(center, *r[:4], angle=angle)
        case "box" | "rotbox" | "rectangle" | "rotrectangle":
            return RectanglePixelRegion(center, r[0], r[1], angle=angle)
        case "point":
            return PointPixelRegion(center)
        case "polygon":
            n = len(x)
            # shorter polygons are filled up with zeros or with their last vertex
            while n > 3 and (x[n - 1], y[n - 1]) in ((0.0, 0.0), (x[n - 2], y[n - 2])):
                n -= 1
            return PolygonPixelRegion(PixCoord(x[:n], y[:n]))
    return None


def _column(values) -> np.ndarray:
    """Return lists of different lengths as an array, shorter ones filled up with their last number."""
    length = max(len(value) for value in values)
    filled = np.array([list(value) + [value[-1]] * (length - len(value)) for value in values], dtype=float)
    return filled[:, 0] if length == 1 else filled


def region_to_hdu(region, wcs, name) -> BinTableHDU:
    """Return a region, or a union, as a FITS table.

    Parameters
    ----------
    region : `~regions.SkyRegion`
    wcs : `~astropy.wcs.WCS`
        Projection, with ``array_shape``.
    name : str
        Name of the HDU.

    Raises
    ------
    FormatError
        If the region has a shape that FITS cannot hold.
    """
    rows = []
    for part in compound_region_to_regions(region):
        if isinstance(part, SphericalCircleSkyRegion):
            part = CircleSkyRegion(part.center, part.radius)
        pixel = region_to_pixel(part, wcs)
        shape, radii = _radii(pixel)
        points = pixel.vertices if shape == "polygon" else pixel.center
        angle = pixel.angle.to_value("deg") if hasattr(pixel, "angle") else 0.0
        rows.append((shape, np.atleast_1d(points.x), np.atleast_1d(points.y), radii, angle))
    shapes, x, y, radii, angles = zip(*rows, strict=True)
    table = Table(
        {"SHAPE": list(shapes), "X": _column(x), "Y": _column(y), "R": _column(radii), "ROTANG": angles}
    )
    for column, unit in (("X", "pix"), ("Y", "pix"), ("R", "pix"), ("ROTANG", "deg")):
        table[column].unit = unit
    header = wcs.to_header()
    if wcs.array_shape is not None:
        header["WCSSHAPE"] = f"({','.join(str(n) for n in wcs.array_shape[::-1])})"
    return BinTableHDU(table, header=header, name=name)


def _circles(data, names, wcs) -> list | None:
    """Return circles, all of them projected at once; None if there is any other shape.

    Radii are scaled with the geometric mean of the steps to the next pixel in x and in y, as regions does it.
    """
    kinds = {str(kind).strip().lower() for kind in data["SHAPE"]}
    if kinds != {"circle"} or "R" not in names:
        return None
    x, y, r = (np.asarray(data[name], dtype=float).reshape(len(data), -1)[:, 0] for name in ("X", "Y", "R"))
    centers = wcs.pixel_to_world(x, y)
    steps = [
        centers.separation(wcs.pixel_to_world(x + dx, y + dy)).to_value("arcsec")
        for dx, dy in ((1, 0), (0, 1))
    ]
    radii = r * np.sqrt(steps[0] * steps[1])
    lon, lat = centers.spherical.lon, centers.spherical.lat
    frame = centers.frame.replicate_without_data()
    return [
        CircleSkyRegion(SkyCoord(lon[i], lat[i], frame=frame), radius * u.arcsec)
        for i, radius in enumerate(radii)
    ]


def region_from_hdu(hdu):
    """Read a region and its projection from a FITS table.

    Returns
    -------
    region : `~regions.SkyRegion`
        The union of all rows.
    wcs : `~astropy.wcs.WCS`
    """
    wcs = WCS(hdu.header).celestial
    shape = str(hdu.header.get("WCSSHAPE", "")).strip("() ")
    if shape:
        wcs.array_shape = tuple(int(n) for n in shape.split(",")[1::-1])
    names = hdu.columns.names
    missing = {"SHAPE", "X", "Y"} - set(names)
    if missing or hdu.data is None or len(hdu.data) == 0:
        raise FormatError(
            "the table must have a SHAPE, X and Y of at least one region. Mend the file.", hdu=hdu.name
        )
    circles = _circles(hdu.data, names, wcs)
    if circles is not None:
        return regions_to_compound_region(circles), wcs
    regions = []
    for row in hdu.data:
        kind = str(row["SHAPE"]).strip().lower()
        x, y, r, angle = (
            np.ravel(row[name]).astype(float).tolist() if name in names else [0.0]
            for name in ("X", "Y", "R", "ROTANG")
        )
        pixel = _region(kind, x, y, r, angle[0])
        if pixel is None:
            log.warning("HDU %s: region of shape %r left out, it is not known", hdu.name, kind)
        else:
            regions.append(pixel.to_sky(wcs))
    if not regions:
        raise FormatError(
            "the table must hold a region of known shape, got none. Mend the file.", hdu=hdu.name
        )
    return regions_to_compound_region(regions), wcs
