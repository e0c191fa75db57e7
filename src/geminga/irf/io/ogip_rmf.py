"""Energy dispersion kernels as OGIP redistribution matrix files.

References
----------
.. [1] George et al. (1998), OGIP memo CAL/GEN/92-002: the calibration requirements for spectral analysis.
"""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO

import numpy as np
from astropy.io import fits
from astropy.table import Table

from ...errors import FormatError, GemingaError
from ...fits_tables import FitsFile, open_tables
from ...maps import MapAxes, MapAxis
from .formats import IRF_FORMATS
from .one_row_table import parse_unit
from .ragged_table import RaggedTable

__all__ = ["read_rmf", "write_rmf", "write_rmf_sherpa"]


# ---------------------------------------------------------------------- reading


@IRF_FORMATS.reader("ogip", "ogip-sherpa", "gadf")
def read_rmf(source, cls, hdu=None, hdu1="MATRIX", hdu2="EBOUNDS"):
    """Read an energy dispersion kernel.

    Parameters
    ----------
    source : path-like or `~astropy.io.fits.HDUList`
    cls : type
        `~geminga.irf.EDispKernel`.
    hdu, hdu1 : str or int
        HDU of the matrix; `hdu` replaces `hdu1`.
    hdu2 : str or int
        HDU of the reconstructed energies.
    """
    file = _file(source)
    if cls.tag != "edisp_kernel":
        raise FormatError(
            f"{cls.__name__} must be read in the format 'gadf-dl3', got an OGIP format.", path=file.path
        )
    matrix = RaggedTable(file, _hdu(file, hdu1 if hdu is None else hdu, ("MATRIX", "SPECRESP MATRIX")))
    bounds = RaggedTable(file, _hdu(file, hdu2, ("EBOUNDS",)))
    energy_true = _axis(matrix, "ENERG_LO", "ENERG_HI", "energy_true")
    energy = _axis(bounds, "E_MIN", "E_MAX", "energy")
    return cls(MapAxes([energy_true, energy]), data=_expand(matrix, energy_true.nbin, energy.nbin))


def _file(source) -> FitsFile:
    """Return the bytes of a file, on disk or in memory."""
    if not isinstance(source, fits.HDUList):
        return open_tables(source)
    stream = BytesIO()
    try:
        source.writeto(stream)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise FormatError(
            f"the HDUs must be complete tables, got: {error}.", path=source.filename()
        ) from error
    return FitsFile(stream.getvalue(), source.filename())


def _hdu(file, name, alternatives):
    """Return the first of several names that the file has."""
    names = {item.name.upper() for item in file.hdus}
    for candidate in (name, *alternatives):
        if isinstance(candidate, int) or str(candidate).upper() in names:
            return candidate
    return name


def _axis(table, low_name, high_name, name) -> MapAxis:
    table.require(low_name, high_name)
    low, high = table.column(low_name).astype(float), table.column(high_name).astype(float)
    if not table.units[low_name]:
        raise table.problem("the energies must have a unit, got none.", column=low_name)
    if not len(low) or not low[0] > 0:
        raise table.problem("energies must be > 0, got something else.", column=low_name)
    try:
        return MapAxis.from_energy_edges(
            np.append(low, high[-1]), unit=parse_unit(table.units[low_name]), name=name
        )
    except (GemingaError, ValueError) as error:
        raise table.problem(f"edges must form an axis: {error}", column=low_name) from error


def _expand(table, n_true, n_energy) -> np.ndarray:
    """Return the full matrix of a table that stores groups of neighbouring channels."""
    table.require("N_GRP", "F_CHAN", "N_CHAN", "MATRIX")
    n_groups = table.column("N_GRP").astype(np.int64)
    row_of_group = np.repeat(np.arange(n_true), n_groups)
    starts = _of_groups(table, "F_CHAN", n_groups) - table.first_channel("F_CHAN")
    lengths = _of_groups(table, "N_CHAN", n_groups)
    bad = (starts < 0) | (lengths < 0) | (starts + lengths > n_energy)
    if bad.any():
        raise table.problem(
            f"channels must lie within the {n_energy} of EBOUNDS, got {lengths[bad][0]} from {starts[bad][0]}.",
            column="F_CHAN",
        )
    values, n_values = table.ragged("MATRIX")
    row = np.repeat(row_of_group, lengths)
    needed = np.bincount(row, minlength=n_true)
    if (needed > n_values).any():
        raise table.problem("each row must have a value for each of its channels.", column="MATRIX")
    data = np.zeros((n_true, n_energy))
    column = np.repeat(starts, lengths) + _counting(lengths)
    data[row, column] = values[(np.cumsum(n_values) - n_values)[row] + _counting(needed)]
    if not np.isfinite(data).all() or (data < 0).any():
        raise table.problem("probabilities must be finite and >= 0.", column="MATRIX")
    return data


def _of_groups(table, name, n_groups) -> np.ndarray:
    """Return the first entries of each row, as many as it has groups."""
    values, sizes = table.ragged(name)
    if (n_groups > sizes).any():
        raise table.problem("each row must have an entry for each of its groups.", column=name)
    first = np.cumsum(sizes) - sizes
    return values[np.repeat(first, n_groups) + _counting(n_groups)].astype(np.int64)


def _counting(lengths) -> np.ndarray:
    """Return 0, 1, ... for each length, one after the other.

    Examples
    --------
    >>> _counting(np.array([2, 0, 3]))
    array([0, 1, 0, 1, 2])
    """
    return np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)


# ---------------------------------------------------------------------- writing


@IRF_FORMATS.writer("ogip")
def write_rmf(kernel, kind="hdulist", creation=None, keywords=None, unit=None):
    """Return a kernel as "hdulist" or "table" (of the matrix)."""
    table, header = _matrix_table(kernel, unit)
    if kind == "table":
        return Table([table[name] for name in table], names=list(table), meta=header)
    extra = {**_creation_header(creation), **(keywords or {})}
    return fits.HDUList(
        [fits.PrimaryHDU(), _matrix_hdu(table, header, extra), _bounds_hdu(kernel, unit, extra)]
    )


@IRF_FORMATS.writer("ogip-sherpa")
def write_rmf_sherpa(kernel, kind="hdulist", creation=None, keywords=None):
    """Return a kernel with energies in keV, which Sherpa asks for."""
    return write_rmf(kernel, kind, creation=creation, keywords=keywords, unit="keV")


def _creation_header(creation) -> dict:
    if creation is not None and hasattr(creation, "to_header"):
        return dict(creation.to_header())
    return {"CREATOR": "Geminga", "DATE": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")}


def _edges(axis, unit):
    edges = axis.edges if unit is None else axis.edges.to(unit)
    return edges[:-1], edges[1:]


def _matrix_table(kernel, unit) -> tuple[dict, dict]:
    """Return columns and keywords of the matrix; each run of neighbouring non-zero channels is a group."""
    matrix = np.asarray(kernel.data, dtype=np.float32)
    filled = np.zeros((matrix.shape[0], matrix.shape[1] + 2), dtype=np.int8)
    filled[:, 1:-1] = matrix > 0
    change = np.diff(filled, axis=1)
    starts, stops, values = [], [], []
    for row in range(matrix.shape[0]):
        start, stop = np.flatnonzero(change[row] == 1), np.flatnonzero(change[row] == -1)
        starts.append(start.astype(np.int16))
        stops.append((stop - start).astype(np.int16))
        values.append(matrix[row, matrix[row] > 0])
    low, high = _edges(kernel.axes["energy_true"], unit)
    table = {
        "ENERG_LO": low,
        "ENERG_HI": high,
        "N_GRP": np.array([len(start) for start in starts], dtype=np.int16),
        "F_CHAN": _ragged(starts),
        "N_CHAN": _ragged(stops),
        "MATRIX": _ragged(values),
    }
    header = {
        "CHANTYPE": "PHA",
        "HDUCLASS": "OGIP",
        "HDUCLAS1": "RESPONSE",
        "HDUCLAS2": "RSP_MATRIX",
        "HDUCLAS3": "REDIST",
        "HDUVERS": "1.3.0",
        "TELESCOP": "DUMMY",
        "INSTRUME": "DUMMY",
        "FILTER": "NONE",
        "DETCHANS": matrix.shape[1],
        "NUMGRP": int(sum(len(start) for start in starts)),
        "NUMELT": int(sum(len(value) for value in values)),
        "TLMIN4": 0,
    }
    return table, header


def _ragged(rows) -> np.ndarray:
    ragged = np.empty(len(rows), dtype=object)
    ragged[:] = rows
    return ragged


def _matrix_hdu(table, header, extra) -> fits.BinTableHDU:
    formats = {
        "ENERG_LO": "D",
        "ENERG_HI": "D",
        "N_GRP": "I",
        "F_CHAN": "PI()",
        "N_CHAN": "PI()",
        "MATRIX": "PE()",
    }
    columns = [
        fits.Column(
            name=name,
            format=formats[name],
            unit=getattr(values, "unit", None) and values.unit.to_string("fits"),
            array=getattr(values, "value", values),
        )
        for name, values in table.items()
    ]
    hdu = fits.BinTableHDU.from_columns(columns, name="MATRIX")
    hdu.header.update({**header, **extra})
    return hdu


def _bounds_hdu(kernel, unit, extra) -> fits.BinTableHDU:
    axis = kernel.axes["energy"]
    low, high = _edges(axis, unit)
    text = low.unit.to_string("fits")
    columns = [
        fits.Column(name="CHANNEL", format="I", array=np.arange(axis.nbin, dtype=np.int16)),
        fits.Column(name="E_MIN", format="D", unit=text, array=low.value),
        fits.Column(name="E_MAX", format="D", unit=text, array=high.value),
    ]
    hdu = fits.BinTableHDU.from_columns(columns, name="EBOUNDS")
    hdu.header.update(
        {
            "TELESCOP": "DUMMY",
            "INSTRUME": "DUMMY",
            "FILTER": "NONE",
            "CHANTYPE": "PHA",
            "DETCHANS": axis.nbin,
            "TLMIN1": 0,
            "HDUCLASS": "OGIP",
            "HDUCLAS1": "RESPONSE",
            "HDUCLAS2": "EBOUNDS",
            "HDUVERS": "1.2.0",
            **extra,
        }
    )
    return hdu
