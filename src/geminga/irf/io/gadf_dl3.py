"""DL3 responses of the gamma-astro-data-formats, versions 0.2 and 0.3.

A response is a one-row table: two columns ``<AXIS>_LO``, ``<AXIS>_HI`` for each axis and the values in array columns.
The array runs fastest along the first axis (GADF); files that store the axes the other way round, as H.E.S.S. and
CTA-1DC backgrounds do, are recognised by the shape.

References
----------
.. [1] Data formats for gamma-ray astronomy 0.3, https://gamma-astro-data-formats.readthedocs.io
"""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
from astropy import units as u
from astropy.io import fits
from astropy.table import Table

from ...errors import FormatError, GemingaError
from ...fits_tables import FitsFile, open_tables
from ...maps import MapAxes, MapAxis
from ..alignment import FoVAlignment
from .formats import IRF_FORMATS
from .one_row_table import OneRowTable, columns_of

__all__ = ["read_gadf_dl3", "tag_of_header", "write_gadf_dl3"]

log = logging.getLogger(__name__)

# axis: column prefixes (the first is written), unit, scale
AXES = {
    "energy_true": (("ENERG", "ETRUE"), "TeV", "log"),
    "energy": (("ENERG", "ERECO"), "TeV", "log"),
    "offset": (("THETA",), "deg", "lin"),
    "rad": (("RAD",), "deg", "lin"),
    "migra": (("MIGRA",), "", "lin"),
    "fov_lon": (("DETX",), "deg", "lin"),
    "fov_lat": (("DETY",), "deg", "lin"),
}

# tag: HDUCLAS2, EXTNAME, value columns (the first is written)
TABLES = {
    "aeff_2d": ("EFF_AREA", "EFFECTIVE AREA", ("EFFAREA",)),
    "edisp_2d": ("EDISP", "ENERGY DISPERSION", ("MATRIX",)),
    "psf_table": ("PSF", "PSF_2D_TABLE", ("RPSF",)),
    "psf_3gauss": ("PSF", "PSF_2D_GAUSS", ()),
    "psf_king": ("PSF", "PSF_2D_KING", ()),
    "bkg_2d": ("BKG", "BACKGROUND", ("BKG", "BGD")),
    "bkg_3d": ("BKG", "BACKGROUND", ("BKG", "BGD")),
    "rad_max_2d": ("RAD_MAX", "RAD_MAX", ("RAD_MAX",)),
}

# Columns by which a table without (or with an old) HDUCLAS4 is recognised.
MARKS = {
    "aeff_2d": ({"EFFAREA"},),
    "edisp_2d": ({"MATRIX", "MIGRA_LO"},),
    "psf_table": ({"RPSF"},),
    "psf_3gauss": ({"SCALE", "SIGMA_1"},),
    "psf_king": ({"GAMMA", "SIGMA"},),
    "bkg_3d": ({"BKG", "DETX_LO"}, {"BGD", "DETX_LO"}),
    "bkg_2d": ({"BKG", "THETA_LO"}, {"BGD", "THETA_LO"}),
    "rad_max_2d": ({"RAD_MAX"},),
}

HDUDOC = "https://github.com/open-gamma-ray-astro/gamma-astro-data-formats"
# Neighbouring bins may leave this fraction of a bin between them before they count as bins with gaps.
LARGEST_GAP = 0.05


def tag_of_header(header) -> str | None:
    """Return the tag of the response that a table with this header holds, None for anything else."""
    tag = str(header.get("HDUCLAS4", "")).strip().lower()
    if tag in TABLES:
        return tag
    columns = {str(value).strip().upper() for key, value in header.items() if key.startswith("TTYPE")}
    for tag, marks in MARKS.items():
        if any(mark <= columns for mark in marks):
            return tag
    return None


# ---------------------------------------------------------------------- reading


@IRF_FORMATS.reader("gadf-dl3")
def read_gadf_dl3(source, cls, hdu=None):
    """Read a response.

    Parameters
    ----------
    source : path-like, `~geminga.fits_tables.FitsFile`, `~astropy.io.fits.HDUList`, table HDU or table
        Where to read from.
    cls : type
        Class of the response.
    hdu : str or int, optional
        HDU in a file; by default the first of this class.
    """
    if cls.tag not in TABLES:
        raise FormatError(
            f"{cls.__name__} must be one of {', '.join(TABLES)} to be read in the format 'gadf-dl3'."
        )
    if isinstance(source, (str, Path)):
        source = open_tables(source)
    if isinstance(source, FitsFile):
        if hdu is None:
            headers = [
                source.header(number, structure=True) if item.is_table else None
                for number, item in enumerate(source.hdus)
            ]
            hdu = _find_hdu(headers, cls, source.path)
        content = source.read(hdu)
    elif isinstance(source, fits.HDUList):
        path = source.filename()
        if hdu is None:
            headers = [item.header if isinstance(item, fits.BinTableHDU) else None for item in source]
            hdu = _find_hdu(headers, cls, path)
        try:
            content = columns_of(source[hdu])
        except (KeyError, IndexError) as error:
            names = ", ".join(item.name for item in source)
            raise FormatError(
                f"the file must have this HDU, got only {names}.", path=path, hdu=hdu
            ) from error
    else:
        content = columns_of(source)
    return _create(OneRowTable(content), cls)


def _find_hdu(headers, cls, path) -> int:
    """Return the number of the first HDU that holds the class, or of the only table."""
    for number, header in enumerate(headers):
        if header is not None and tag_of_header(header) == cls.tag:
            return number
    tables = [number for number, header in enumerate(headers) if header is not None]
    if len(tables) == 1:
        return tables[0]
    raise FormatError(
        f"the file must have a table of class {cls.tag.upper()}, got none. Name the HDU.", path=path
    )


def _create(table: OneRowTable, cls):
    axes = MapAxes([_read_axis(table, name) for name in cls.required_axes])
    meta = table.meta
    if getattr(cls, "required_parameters", None):
        data, unit = _read_parameters(table, cls, axes)
    else:
        column = table.find(*TABLES[cls.tag][2])
        unit = table.unit(column, cls.default_unit)
        data = _clean(table, column, _read_array(table, column, tuple(axes.shape)))
    return cls(
        axes,
        data=data,
        unit=unit,
        is_pointlike=str(meta.get("HDUCLAS3", "")).strip() == "POINT-LIKE",
        fov_alignment=_alignment(table, cls, meta),
        meta=meta,
    )


def _read_axis(table: OneRowTable, name: str) -> MapAxis:
    """Read the bins of an axis; where lower and upper edges are equal, they are nodes."""
    prefixes, unit, interp = AXES[name]
    low_name = table.find(*(f"{prefix}_LO" for prefix in prefixes))
    high_name = table.find(low_name[:-2] + "HI")
    low = table.quantity(low_name, unit)
    high = table.quantity(high_name, unit).to(low.unit)
    low, high, unit = low.value.astype(float), high.value.astype(float), low.unit
    if low.ndim != 1 or low.shape != high.shape or low.size == 0:
        raise table.problem(
            f"lower and upper edges must be equally many, got shapes {low.shape} and {high.shape}.",
            column=low_name,
        )
    if not (np.isfinite(low).all() and np.isfinite(high).all()):
        raise table.problem("edges must be finite, got NaN or infinity.", column=low_name)
    if interp == "log" and low.min() <= 0:
        raise table.problem(f"energies must be > 0, got {low.min():g}.", column=low_name)
    try:
        if np.array_equal(low, high):
            return MapAxis(low, interp=interp, name=name, node_type="center", unit=unit)
        gap = np.abs(low[1:] - high[:-1])
        if (gap > LARGEST_GAP * np.minimum(high[1:] - low[1:], high[:-1] - low[:-1])).any():
            raise table.problem("each bin must start where the one before it ends.", column=low_name)
        return MapAxis(np.append(low, high[-1]), interp=interp, name=name, unit=unit)
    except FormatError:
        raise
    except GemingaError as error:
        raise table.problem(f"edges must form an axis: {error}", column=low_name) from error


def _read_array(table: OneRowTable, column: str, shape: tuple) -> np.ndarray:
    """Read an array column into the order of the axes."""
    values = table.values(column)
    if values.size != np.prod(shape):
        raise table.problem(
            f"the array must have one value for each bin of the axes {shape}, got shape {values.shape}.",
            column=column,
        )
    if values.T.shape == shape:
        return np.ascontiguousarray(values.T)
    if values.shape == shape:
        return values
    if values.ndim == 1 or np.squeeze(values).T.shape == tuple(n for n in shape if n > 1):
        return np.ascontiguousarray(values.reshape(shape[::-1]).T)
    raise table.problem(
        f"the array must have the shape of the axes {shape}, got {values.shape}.", column=column
    )


def _clean(table: OneRowTable, column: str, values: np.ndarray) -> np.ndarray:
    """Set impossible values to 0 and say how many there were."""
    finite = np.isfinite(values)
    if not finite.any():
        raise table.problem("the values must be finite, got none that is.", column=column)
    negative = finite & (values < 0)
    for bad, kind in ((~finite, "not finite"), (negative, "negative")):
        if bad.any():
            log.warning(
                "%s, column %s: %d of %d values are %s and are set to 0.",
                *(table.place, column, bad.sum(), bad.size, kind),
            )
    return np.where(finite & ~negative, values, values.dtype.type(0))


def _read_parameters(table: OneRowTable, cls, axes):
    """Read the parameters of a parametric PSF into a structured array and their units."""
    shape = tuple(axes.shape)
    data = np.zeros(shape, dtype=[(name, np.float32) for name in cls.required_parameters])
    unit = {}
    for name in cls.required_parameters:
        column = table.find(name.upper())
        values = _read_array(table, column, shape)
        finite = np.isfinite(values)
        if not finite.any():
            raise table.problem("the values must be finite, got none that is.", column=column)
        if not finite.all():
            log.warning(
                "%s, column %s: %d of %d values are not finite; the PSF is 0 there.",
                *(table.place, column, (~finite).sum(), finite.size),
            )
        data[name] = np.where(finite, values, 0)
        default = cls.parameter_units[name]
        # SCALE is written with or without sr-1; only ratios of amplitudes matter
        unit[name] = table.unit(column, default, strict=u.Unit(default) != u.one)
    return cls.repair_parameters(data), unit


def _alignment(table, cls, meta) -> FoVAlignment:
    if meta.get("CREATOR") == "SASH FITS::EventListWriter" and str(meta.get("HDUVERS")) == "0.2":
        return FoVAlignment.REVERSE_LON_RADEC
    text = meta.get("FOVALIGN")
    if text is None:
        if "fov_lon" in cls.required_axes:
            log.info("%s: no FOVALIGN, RADEC is assumed.", table.place)
        return FoVAlignment.RADEC
    try:
        return FoVAlignment(str(text).strip())
    except ValueError as error:
        raise table.problem(
            f"FOVALIGN must be one of {', '.join(item.value for item in FoVAlignment)}, got {text!r}."
        ) from error


# ---------------------------------------------------------------------- writing


@IRF_FORMATS.writer("gadf-dl3")
def write_gadf_dl3(irf, kind="hdulist"):
    """Return a response as "table", "hdu" or "hdulist"."""
    if kind == "table":
        return _to_table(irf)
    hdu = _to_hdu(irf)
    return hdu if kind == "hdu" else fits.HDUList([fits.PrimaryHDU(), hdu])


def _columns(irf) -> list[tuple[str, np.ndarray, u.UnitBase]]:
    """Return name, array and unit of each column."""
    if irf.tag not in TABLES:
        raise FormatError(
            f"{type(irf).__name__} must be one of {', '.join(TABLES)} to be written in this format."
        )
    columns = []
    for axis in irf.axes:
        prefix = AXES[axis.name][0][0]
        nodes = axis.node_type == "center"
        for end, values in (("LO", axis.edges_min), ("HI", axis.edges_max)):
            columns.append((f"{prefix}_{end}", (axis.center if nodes else values).value, axis.unit))
    parameters = getattr(irf, "required_parameters", None)
    if parameters:
        columns += [(name.upper(), np.asarray(irf.data[name]).T, irf.unit[name]) for name in parameters]
    else:
        irf = irf if irf.unit == irf.default_unit else irf.to_unit(irf.default_unit)
        columns.append((TABLES[irf.tag][2][0], irf.data.T, irf.unit))
    return columns


def _header(irf) -> dict:
    """Return the keywords that the format asks for, after those of the response."""
    keywords = {
        "HDUCLASS": "GADF",
        "HDUDOC": HDUDOC,
        "HDUVERS": "0.3",
        "HDUCLAS1": "RESPONSE",
        "HDUCLAS2": TABLES[irf.tag][0],
        "HDUCLAS3": "POINT-LIKE" if irf.is_pointlike else "FULL-ENCLOSURE",
        "HDUCLAS4": irf.tag.upper(),
    }
    if "fov_lon" in irf.axes.names:
        keywords["FOVALIGN"] = irf.fov_alignment.value
    # a table that was read from an old file keeps its other keywords, but its array is now in the order of GADF
    kept = {key: value for key, value in irf.meta.items() if key[:4] != "CREF" and key != "EXTNAME"}
    if (
        irf.fov_alignment is not FoVAlignment.REVERSE_LON_RADEC
        and kept.get("CREATOR") == "SASH FITS::EventListWriter"
    ):
        del kept["CREATOR"]
    return {**kept, **keywords}


def _to_table(irf) -> Table:
    table = Table(meta=_header(irf))
    for name, values, unit in _columns(irf):
        table[name] = u.Quantity(values[np.newaxis], unit, copy=None) if unit != u.one else values[np.newaxis]
    return table


def _to_hdu(irf) -> fits.BinTableHDU:
    columns = []
    for name, values, unit in _columns(irf):
        kind = "E" if values.dtype == np.float32 else "D"
        dim = f"({','.join(str(n) for n in values.shape[::-1])})" if values.ndim > 1 else None
        columns.append(
            fits.Column(
                name=name,
                format=f"{values.size}{kind}",
                unit=unit.to_string("fits") or None,
                dim=dim,
                array=values[np.newaxis],
            )
        )
    hdu = fits.BinTableHDU.from_columns(columns, name=TABLES[irf.tag][1])
    for key, value in _header(irf).items():
        if key in ("comments", "HISTORY"):
            for line in value:
                hdu.header["COMMENT" if key == "comments" else "HISTORY"] = str(line)
        elif isinstance(value, (str, bool, int, float, np.integer, np.floating)):
            hdu.header[key if len(key) <= 8 else f"HIERARCH {key}"] = value
        else:
            log.debug("keyword %s of %s cannot be written to FITS: %r", key, type(irf).__name__, value)
    return hdu
