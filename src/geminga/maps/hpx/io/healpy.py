"""Files of the HEALPix library: one column for each map, rows of 1 or 1024 pixels, axes unknown to it.

Several columns become an axis "column", unless one is named. Axes of our own maps are written as in the GADF format.
"""

from __future__ import annotations

from ....errors import FormatError
from ...axes import LabelMapAxis
from ..header import is_sparse
from .formats import HPX_FORMATS
from .table import _columns_of_values, _values, read_table, write_hdulist

__all__ = []


@HPX_FORMATS.reader("healpy")
def read_healpy(hdu, cls, hdu_bands=None, colname=None):
    """Read a map, or several with an axis of their names."""
    if hdu_bands is None and colname is None and not is_sparse(hdu):
        names = _columns_of_values(hdu, None)
        if len(names) > 1:
            first = read_table(hdu, cls, colname=names[0])
            geom = first.geom.to_cube([LabelMapAxis(names, name="column")])
            if {str(hdu.columns[name].unit or "") for name in names} != {
                str(hdu.columns[names[0]].unit or "")
            }:
                raise FormatError(
                    "columns must have one unit, got several. Name one (colname).", hdu=hdu.name
                )
            return first._init_copy(geom=geom, data=_values(hdu, geom, names))
    return read_table(hdu, cls, hdu_bands, colname=colname)


@HPX_FORMATS.writer("healpy")
def write_healpy(m, hdu=None, hdu_bands=None, sparse=False):
    """Return the HDUs of a map."""
    return write_hdulist(m, hdu, hdu_bands, sparse, format="healpy")
