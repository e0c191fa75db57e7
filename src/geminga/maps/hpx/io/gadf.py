"""GADF: a table of pixels with a column for each bin, and a BANDS table with the axes; or a row for each value.

References
----------
.. [1] Data formats for gamma-ray astronomy, "Sky maps", HEALPix format.
"""

from __future__ import annotations

from .formats import HPX_FORMATS
from .table import read_table, write_hdulist

__all__ = []


@HPX_FORMATS.reader("gadf")
def read_gadf(hdu, cls, hdu_bands=None, colname=None):
    """Read a map from a table of its pixels and the table of its axes."""
    return read_table(hdu, cls, hdu_bands, colname=colname)


@HPX_FORMATS.writer("gadf")
def write_gadf(m, hdu=None, hdu_bands=None, sparse=False):
    """Return the HDUs of a map."""
    return write_hdulist(m, hdu, hdu_bands, sparse)
