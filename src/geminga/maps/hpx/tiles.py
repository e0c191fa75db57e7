"""All of the sky as small tangential images, one for each pixel of a coarse HEALPix grid, and back."""

from __future__ import annotations

import numpy as np

from ...errors import GeometryError
from ...units import to_quantity
from ..coord import MapCoord
from ..wcs.arguments import sky_position
from ..wcs.geom import WcsGeom
from .pixelization import as_nside, lonlat_to_pix, nside_of_size, pix_to_lonlat, pixel_size

__all__ = ["from_wcs_tiles", "map_to_wcs_tiles", "to_wcs_tiles"]


def to_wcs_tiles(geom, nside_tiles=4, margin="0 deg"):
    """Return geometries of tangential images that cover the sky; `HpxGeom.to_wcs_tiles`.

    Parameters
    ----------
    geom : `HpxGeom`
        Of the full sky, with one nside.
    nside_tiles : int
        There are 12 nside_tiles^2 images; smaller than the nside of the geometry.
    margin : `~astropy.units.Quantity` or str
        Added to the width of each image, which is that of the diagonal of a coarse pixel.

    Returns
    -------
    list of `~geminga.maps.WcsGeom`
        In nested order, with pixels of the size of those of the geometry.
    """
    nside_tiles = int(as_nside(nside_tiles, True)[0])
    if not geom.is_allsky or len(geom._nsides) > 1:
        raise GeometryError(
            "geometry must be of all sky with one nside to be tiled, got another. Use to_wcs_geom()."
        )
    if nside_tiles >= geom._nsides[0]:
        raise GeometryError(
            f"nside_tiles must be smaller than {geom._nsides[0]}, got {nside_tiles}. Lower it."
        )
    width = pixel_size(nside_tiles) * np.sqrt(2) + to_quantity(margin, "deg", "margin").value
    binsz = float(pixel_size(geom._nsides[0]))
    npix = int(np.ceil(width / binsz - 1e-6))
    positions = zip(*pix_to_lonlat(np.arange(12 * nside_tiles**2), nside_tiles, True), strict=True)
    return [
        WcsGeom.create(
            npix=npix,
            binsz=binsz,
            proj="TAN",
            frame=geom.frame,
            skydir=(float(lon), float(lat)),
            axes=geom.axes,
        )
        for lon, lat in positions
    ]


def map_to_wcs_tiles(m, nside_tiles=4, margin="0 deg", method="nearest", oversampling_factor=1):
    """Return a map as tangential images that cover the sky; `HpxNDMap.to_wcs_tiles`.

    Parameters
    ----------
    m : `~geminga.maps.HpxNDMap`
        Of the full sky.
    nside_tiles, margin
        See `HpxGeom.to_wcs_tiles`.
    method : {"nearest", "linear"}
        Interpolation.
    oversampling_factor : int
        Number of pixels along one of the geometry.

    Returns
    -------
    list of `~geminga.maps.WcsNDMap`
        The values are those of the map: intensities, not shared counts.
    """
    tiles = m.geom.to_wcs_tiles(nside_tiles=nside_tiles, margin=margin)
    if oversampling_factor > 1:
        tiles = [tile.upsample(oversampling_factor) for tile in tiles]
    return [m.interp_to_geom(tile, method=method) for tile in tiles]


def from_wcs_tiles(cls, wcs_tiles, nest=True):
    """Make a map from images that cover the sky; `HpxNDMap.from_wcs_tiles`.

    Parameters
    ----------
    cls : type
    wcs_tiles : list of `~geminga.maps.WcsNDMap`
        As `to_wcs_tiles` gives them: 12 nside^2 images with equal axes, in nested order.
    nest : bool
        Numbering of the pixels of the new map.

    Returns
    -------
    `~geminga.maps.HpxNDMap`
        With pixels of about the size of those of the images, whose values it takes by linear interpolation.
    """
    tiles = list(wcs_tiles)
    nside_tiles = round((len(tiles) / 12) ** 0.5)
    if not tiles or 12 * nside_tiles**2 != len(tiles):
        raise GeometryError(f"number of tiles must be 12 nside^2, got {len(tiles)}. Give all of them.")
    first = tiles[0].geom
    nside = int(nside_of_size(float(np.mean(first.pixel_scales.to_value("deg")))))
    target = cls.create(nside=nside, nest=nest, frame=first.frame, axes=first.axes, unit=tiles[0].unit)
    lon, lat = target.geom._lonlat
    owner = lonlat_to_pix(lon, lat, nside_tiles, True)
    number = len(first.axes)
    along_axes = {name: values[..., 0] for name, values in first.axes.get_coord().items()}
    for pixel, tile in enumerate(tiles):
        expected = lonlat_to_pix(*sky_position(tile.geom.center_skydir, first.frame), nside_tiles, True)
        if expected != pixel:
            raise GeometryError(
                f"tile {pixel} must be centred on its pixel, got pixel {expected}. Sort the tiles."
            )
        own = owner == pixel
        coords = MapCoord(
            {"lon": lon[own].reshape((1,) * number + (-1,)), "lat": lat[own].reshape((1,) * number + (-1,))}
            | along_axes,
            frame=first.frame,
        )
        target.data[..., own] = tile.interp_by_coord(coords)
    return target
