"""Bright stars, which cameras see as well as gamma rays."""

from __future__ import annotations

import numpy as np
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.table import Table
from regions import CircleSkyRegion

from ...errors import FormatError
from ...files import make_path
from ...units import to_quantity

__all__ = ["extract_bright_star_regions"]

DEFAULT_TABLE = "$GEMINGA_DATA/veritas/crab-point-like-ED/Hipparcos_MAG8_1997.dat"
COLUMNS = {
    "right ascension": ("_RAJ2000", "RAJ2000", "RA", "ra", "RAICRS"),
    "declination": ("_DEJ2000", "DEJ2000", "DEC", "dec", "DEICRS"),
    "V magnitude": ("Vmag", "mag", "V"),
    "B-V colour": ("B-V", "colour", "color", "BV"),
}


def _read_stars(star_table):
    if isinstance(star_table, Table):
        return star_table
    path = make_path(star_table or DEFAULT_TABLE)
    if not path.exists():
        raise FormatError("the table of stars must exist. Pass star_table, a file or a Table.", path=path)
    if path.suffix == ".dat":
        return Table.read(path, format="ascii.commented_header")
    return Table.read(path)


def _column(table, meaning):
    for name in COLUMNS[meaning]:
        if name in table.colnames:
            return table[name]
    raise FormatError(
        f"the table of stars must have a column of {meaning}, got columns {table.colnames}. "
        f"Name it {COLUMNS[meaning][0]!r}."
    )


def extract_bright_star_regions(geom, max_star_mag=6, star_rad=0.3 * u.deg, star_table=None):
    """Make circles around the stars that are bright in blue and touch a geometry.

    Parameters
    ----------
    geom : `~geminga.maps.Geom`
        Field of view.
    max_star_mag : float
        Largest B magnitude, B = V + (B - V).
    star_rad : `~astropy.units.Quantity` or str
        Radius of the circles.
    star_table : path-like or `~astropy.table.Table`, optional
        Stars with right ascension and declination in deg, V magnitude and B - V colour (columns ``_RAJ2000, _DEJ2000,
        Vmag, B-V``). By default the Hipparcos table in the VERITAS folder of the test data.

    Returns
    -------
    list of `~regions.CircleSkyRegion`
        In ICRS.
    """
    star_rad = to_quantity(star_rad, "deg", "star_rad")
    stars = _read_stars(star_table)
    blue = np.asarray(_column(stars, "V magnitude"), float) + np.asarray(_column(stars, "B-V colour"), float)
    position = SkyCoord(
        np.asarray(_column(stars, "right ascension"), float),
        np.asarray(_column(stars, "declination"), float),
        unit="deg",
        frame="icrs",
    )[blue < max_star_mag]
    image = geom.to_image()
    around = np.linspace(0, 360, 33)[:-1] * u.deg
    touches = np.asarray(image.contains(position), bool).reshape(position.shape)
    rim = position[:, np.newaxis].directional_offset_by(around, star_rad)
    touches |= np.asarray(image.contains(rim), bool).reshape(rim.shape).any(axis=1)
    return [CircleSkyRegion(center, star_rad) for center in position[touches]]
