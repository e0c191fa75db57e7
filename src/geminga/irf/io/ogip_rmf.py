"""Energy dispersion kernels as OGIP redistribution matrix files.

References
----------
.. [1] George et al. (1998), OGIP memo CAL/GEN/92-002: the calibration requirements for spectral analysis.
"""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
from astropy.io import fits
from astropy.table import Table

from ...errors import FormatError, GemingaError
from ...maps import MapAxes, MapAxis
from .formats import IRF_FORMATS
from .one_row_table import parse_unit

__all__ = ["read_rmf", "write_rmf", "write_rmf_sherpa"]


# ---------------------------------------------------------------------- reading


@IRF_FORMATS.reader("ogip", "ogip-sherpa", "gadf")
def read_rmf(hdulist, cls, hdu=None, hdu1="MATRIX", hdu2="EBOUNDS", path=None):
    """Read an energy dispersion kernel.

    Parameters
    ----------
    hdulist : `~astropy.io.fits.HDUList`
    cls : type
        `~geminga.irf.EDispKernel`.
    hdu, hdu1 : str or int
        HDU of the matrix; `hdu` replaces `hdu1`.
    hdu2 : str or int
        HDU of the reconstructed energies.
    path : path-like, optional
        File, for messages.
    """
    if cls.tag != "edisp_kernel":
        raise FormatError(
            f"{cls.__name__} must be read in the format 'gadf-dl3', got an OGIP format.", path=path
        )
    path = path or hdulist.filename()
    matrix_hdu = _hdu(hdulist, hdu1 if hdu is None else hdu, ("MATRIX", "SPECRESP MATRIX"), path)
    bounds_hdu = _hdu(hdulist, hdu2, ("EBOUNDS",), path)
    energy_true = _axis(matrix_hdu, ("ENERG_LO", "ENERG_HI"), "energy_true", path)
    energy = _axis(bounds_hdu, ("E_MIN", "E_MAX"), "energy", path)
    data = _expand(matrix_hdu, energy_true.nbin, energy.nbin, path)
    return cls(MapAxes([energy_true, energy]), data=data)


def _hdu(hdulist, name, alternatives, path):
    names = [item.name for item in hdulist]
    for candidate in (name, *alternatives):
        if isinstance(candidate, int) or candidate in names:
            return hdulist[candidate]
    raise FormatError(f"the file must have this HDU, got {', '.join(names)}.", path=path, hdu=name)


def _axis(hdu, columns, name, path) -> MapAxis:
    for column in columns:
        if column not in (hdu.columns.names if hdu.is_image is False else ()):
            raise FormatError("the table must have this column.", path=path, hdu=hdu.name, column=column)
    low, high = (np.asarray(hdu.data[column], dtype=float) for column in columns)
    text = hdu.columns[columns[0]].unit
    if not text:
        raise FormatError(
            "the energies must have a unit, got none.", path=path, hdu=hdu.name, column=columns[0]
        )
    try:
        unit = parse_unit(text)
        edges = np.append(low, high[-1])
        if edges[0] <= 0:
            raise FormatError(
                f"energies must be > 0, got {edges[0]:g}.", path=path, hdu=hdu.name, column=columns[0]
            )
        return MapAxis.from_energy_edges(edges, unit=unit, name=name)
    except FormatError:
        raise
    except (GemingaError, ValueError, IndexError) as error:
        raise FormatError(
            f"edges must form an axis: {error}", path=path, hdu=hdu.name, column=columns[0]
        ) from error


def _expand(hdu, n_true, n_energy, path) -> np.ndarray:
    """Return the full matrix of a table that stores groups of channels."""
    names = list(hdu.columns.names)
    for column in ("N_GRP", "F_CHAN", "N_CHAN", "MATRIX"):
        if column not in names:
            raise FormatError("the table must have this column.", path=path, hdu=hdu.name, column=column)
    first = int(hdu.header.get(f"TLMIN{names.index('F_CHAN') + 1}", 1))
    table = hdu.data
    groups, starts, lengths, values = (table[name] for name in ("N_GRP", "F_CHAN", "N_CHAN", "MATRIX"))
    data = np.zeros((n_true, n_energy))
    for row in range(n_true):
        at = 0
        content = np.atleast_1d(values[row])
        start, length = np.atleast_1d(starts[row]), np.atleast_1d(lengths[row])
        for group in range(int(groups[row])):
            low, number = int(start[group]) - first, int(length[group])
            if low < 0 or low + number > n_energy or at + number > content.size:
                raise FormatError(
                    f"channels of row {row} must lie within the {n_energy} of EBOUNDS, got {number} from {low}.",
                    path=path,
                    hdu=hdu.name,
                    column="F_CHAN",
                )
            data[row, low : low + number] = content[at : at + number]
            at += number
    if not np.isfinite(data).all() or (data < 0).any():
        raise FormatError("probabilities must be finite and >= 0.", path=path, hdu=hdu.name, column="MATRIX")
    return data


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
