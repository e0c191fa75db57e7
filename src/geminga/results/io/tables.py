"""Flux points as tables, and the doors to their files."""

from __future__ import annotations

import logging

import numpy as np
from astropy import units as u
from astropy.table import Column, MaskedColumn, QTable, Table

from ...errors import FormatError, UnknownNameError
from ...files import atomic_path, make_path, open_fits, read_yaml, write_fits, write_yaml
from ...maps import LabelMapAxis, MapAxis, RegionGeom, RegionNDMap, TimeMapAxis
from ..quantities import (
    FLUX_TYPES,
    OTHER_QUANTITIES,
    REQUIRED_COLUMNS,
    SED_TYPES,
    check_sed_type,
    flux_columns,
)

__all__ = ["FORMATS", "from_table", "read_flux_points", "to_html", "to_table", "write_flux_points"]

log = logging.getLogger(__name__)

#: Formats of flux-point tables and the axis that their rows run along.
FORMATS = {"gadf-sed": "energy", "lightcurve": "time", "profile": "projected-distance"}
#: GADF log-likelihood columns and the statistic that they stand for, -2 ln L.
LOGLIKE = {"loglike": "stat", "loglike_null": "stat_null", "dloglike_scan": "stat_scan"}


def _check_format(format: str) -> str:
    if format not in (*FORMATS, "binned-time-series"):
        raise UnknownNameError("flux points format", format, (*FORMATS, "binned-time-series"))
    return format


# -------------------------------------------------------------------------------------------- to tables


def to_table(points, sed_type=None, format=None, formatted=False):
    """Return flux points as a table.

    Parameters
    ----------
    points : FluxPoints
    sed_type : {"dnde", "flux", "eflux", "e2dnde", "likelihood"}, optional
        By default that of the input, else likelihood.
    format : {"gadf-sed", "lightcurve", "binned-time-series", "profile"}, optional
        By default the one that fits the axes.
    formatted : bool
        Give the columns a number format for printing.

    Returns
    -------
    `~astropy.table.Table`

    Raises
    ------
    UnknownNameError
        If the SED type or the format is unknown.

    References
    ----------
    .. [1] Gamma-ray astro data formats, "SED" section.
    """
    sed_type = check_sed_type(sed_type or points.sed_type_init or "likelihood")
    names = points.geom.axes.names
    if format is None:
        format = {"time": "lightcurve", "projected-distance": "profile"}.get(names[-1], "gadf-sed")
    _check_format(format)
    if format == "binned-time-series":
        return _to_time_series(points, sed_type)
    rows = FORMATS[format]
    if rows not in names or len(names) != (1 if rows == "energy" else 2):
        raise FormatError(
            f"axes of flux points in format {format!r} must end with {rows!r}, got {names}. Slice them."
        )
    table = Table()
    n_rows = points.geom.axes[rows].nbin
    if rows == "time":
        axis = points.geom.axes["time"]
        table["time_min"], table["time_max"] = axis.time_min.tt.mjd, axis.time_max.tt.mjd
        table.meta.update({"MJDREFI": 0, "MJDREFF": 0.0, "TIMESYS": "tt", "TIMEUNIT": "d"})
    elif rows == "projected-distance":
        axis = points.geom.axes[rows]
        table["x_min"], table["x_max"], table["x_ref"] = axis.edges[:-1], axis.edges[1:], axis.center
    inner = (n_rows,) if rows == "energy" else (n_rows, points.energy_axis.nbin)

    def per_row(values):
        return u.Quantity(np.broadcast_to(values.value, inner), values.unit, copy=True)

    table["e_ref"] = per_row(points.energy_ref)
    if points.energy_axis.node_type == "edges":
        table["e_min"], table["e_max"] = per_row(points.energy_min), per_row(points.energy_max)
    if sed_type == "likelihood":
        for kind in FLUX_TYPES:
            if kind in ("flux", "eflux") and "e_min" not in table.colnames:
                continue
            values = getattr(points, f"{kind}_ref")
            table[f"ref_{kind}"] = per_row(values.reshape(-1))
    maps = points.to_maps(sed_type)
    if points.has_any_ts:
        maps.setdefault("sqrt_ts", points.sqrt_ts)
    maps.setdefault("is_ul", points.is_ul)
    for name, map_ in maps.items():
        table[name] = _column(map_, inner)
    if "stat_scan" in maps and "norm" in maps["stat_scan"].geom.axes.names:
        norms = maps["stat_scan"].geom.axes["norm"].center.to_value("")
        table["norm_scan"] = np.broadcast_to(norms, (*inner, norms.size)).copy()
    table.meta["SED_TYPE"] = sed_type
    if points.n_sigma_ul:
        from scipy.stats import norm

        table.meta["UL_CONF"] = float(np.round(1 - 2 * norm.sf(points.n_sigma_ul), 7))
    if points.meta.get("n_sigma"):
        table.meta["N_SIGMA"] = float(points.meta["n_sigma"])
    if formatted:
        for column in table.itercols():
            if column.dtype.kind == "f":
                column.info.format = (
                    ".3f" if column.name.startswith(("e_", "time", "x_", "ts", "sqrt")) else ".3e"
                )
    return table


def _column(map_, inner):
    """Return the data of a region map with the wanted leading shape; further axes follow."""
    data = np.asarray(map_.data)[..., 0, 0]
    extra = data.shape[len(inner) :]
    values = np.ascontiguousarray(data).reshape(inner + extra)
    return values if values.dtype.kind == "b" or map_.unit == u.one else u.Quantity(values, map_.unit)


def _to_time_series(points, sed_type):
    from astropy.timeseries import BinnedTimeSeries

    table = to_table(points, sed_type=sed_type, format="lightcurve")
    axis = points.geom.axes["time"]
    series = BinnedTimeSeries(
        time_bin_start=axis.time_min, time_bin_size=(axis.time_max - axis.time_min).to("d")
    )
    for name in table.colnames:
        if name not in ("time_min", "time_max", "e_ref", "e_min", "e_max", "norm_scan"):
            series[name] = table[name]
    series.meta.update(table.meta)
    return series


def to_html(points):
    """Return flux points as an HTML table."""
    return to_table(points, formatted=True)._repr_html_()


# ------------------------------------------------------------------------------------------ from tables


def from_table(cls, table, sed_type=None, format=None, reference_model=None, gti=None, path=None):
    """Make flux points from a table, see `FluxPoints.from_table`."""
    table = _with_units(table)
    names = table.colnames
    if format is None:
        format = "lightcurve" if "time_min" in names else "profile" if "x_min" in names else "gadf-sed"
    _check_format(format)
    sed_type = sed_type or _sed_type(table, path)
    check_sed_type(sed_type)
    for name in REQUIRED_COLUMNS[sed_type]:
        if name not in names:
            raise FormatError(
                f"a table of SED type {sed_type!r} must have the column {name!r}, got {', '.join(names)}. "
                "Name the column, or give another sed_type.",
                path=path,
                column=name,
            )
    energy_axis, order = _energy_axis(table, format, path)
    axes = [energy_axis]
    if format == "lightcurve":
        axes.append(_time_axis(table))
    elif format == "profile":
        edges = np.append(u.Quantity(table["x_min"]), u.Quantity(table["x_max"])[-1:])
        axes.append(MapAxis.from_edges(edges, name="projected-distance"))
    outer = tuple(axis.nbin for axis in axes[::-1])
    if reference_model is None and "ref_dnde" in names:
        from ...modeling.models import TemplateSpectralModel

        per_energy = u.Quantity(table["ref_dnde"])
        energy = u.Quantity(table["e_ref"])
        if format != "gadf-sed":
            per_energy, energy = per_energy[0], energy[0]
        reference_model = TemplateSpectralModel(energy=energy, values=per_energy)
    maps = {}
    for name in [*flux_columns(sed_type), *OTHER_QUANTITIES, *LOGLIKE]:
        if name in names:
            values = _values(table[name])
            if name in LOGLIKE:
                values = -2.0 * values
            target = LOGLIKE.get(name, name)
            maps.setdefault(target, _as_map(target, values, order, axes, outer, table))
    meta = {key: value for key, value in table.meta.items() if key not in ("SED_TYPE", "UL_CONF", "N_SIGMA")}
    if "UL_CONF" in table.meta:
        from scipy.stats import norm

        n_sigma_ul = float(np.round(norm.isf(0.5 * (1 - float(table.meta["UL_CONF"]))), 1))
        meta["n_sigma_ul"] = n_sigma_ul
    if "N_SIGMA" in table.meta:
        meta["n_sigma"] = float(table.meta["N_SIGMA"])
    meta["sed_type_init"] = sed_type
    return cls.from_maps(maps, sed_type, reference_model, gti=gti, meta=meta)


def _with_units(table):
    """Return a copy whose units follow the standard, leaving the table of the caller alone."""
    new = Table(table, copy=True) if isinstance(table, QTable) else table.copy()
    for column in new.itercols():
        unit = getattr(column, "unit", None)
        if isinstance(unit, u.UnrecognizedUnit):
            text = (
                unit.to_string()
                .replace("ph ", "")
                .replace("/cm2/s/TeV", " cm-2 s-1 TeV-1")
                .replace("/cm2/s", " cm-2 s-1")
            )
            column.unit = u.Unit(text.lstrip("1 "))
        elif unit is not None and "ph" in unit.to_string().split():
            column.unit = unit / u.ph
    return new


def _values(column):
    if isinstance(column, MaskedColumn):
        filled = column.filled(np.nan) if column.dtype.kind == "f" else column.filled(0)
        values = np.asarray(filled)
    else:
        values = np.asarray(column)
    if values.dtype.kind in "SU":
        values = np.char.lower(values.astype(str)) == "true"
    unit = getattr(column, "unit", None)
    return u.Quantity(values, unit) if unit not in (None, "") and values.dtype.kind != "b" else values


def _sed_type(table, path):
    declared = table.meta.get("SED_TYPE")
    if declared:
        return str(declared).strip().lower()
    for kind in ("likelihood", *FLUX_TYPES):
        if set(REQUIRED_COLUMNS[kind]) <= set(table.colnames):
            return kind
    raise FormatError(
        "the SED type must be declared (metadata SED_TYPE) or follow from the columns, "
        f"got {', '.join(table.colnames)}. "
        f"Pass sed_type as one of {', '.join(SED_TYPES)}.",
        path=path,
    )


def _energy_axis(table, format, path):
    """Return the energy axis, and where each row of the table goes on it."""

    def column(name):
        values = _values(table[name])
        if not isinstance(values, u.Quantity):
            raise FormatError(
                "the energy column must have a unit. Add it, for example TeV.", path=path, column=name
            )
        return values if format == "gadf-sed" else np.atleast_1d(values[0])

    if "e_min" not in table.colnames or "e_max" not in table.colnames:
        return MapAxis.from_nodes(column("e_ref"), name="energy", interp="log"), None
    low, high = column("e_min"), column("e_max").to(column("e_min").unit)
    edges, order = [low[0].value], []
    for lower, upper in zip(low.value, high.value, strict=True):
        if lower > edges[-1] * (1 + 1e-4):
            edges.append(lower)
        elif lower < edges[-1] * (1 - 1e-4):
            raise FormatError("energy bins must be sorted and must not overlap. Sort the rows.", path=path)
        order.append(len(edges) - 1)
        edges.append(upper)
    axis = MapAxis.from_energy_edges(edges * low.unit, name="energy")
    return axis, None if axis.nbin == len(order) else np.array(order)


def _time_axis(table):
    from ...sky.timing import time_ref_from_dict

    meta = {
        "TIMESYS": "tt",
        **{key.upper(): value for key, value in table.meta.items() if isinstance(key, str)},
    }
    unit = u.Unit(str(meta.get("TIMEUNIT", "d")).strip())
    low, high = (np.asarray(table[name], dtype=float) for name in ("time_min", "time_max"))
    reference = time_ref_from_dict(meta) if "MJDREFI" in meta else None
    if reference is None or meta["MJDREFI"] == 0:
        from astropy.time import Time

        scale = str(meta["TIMESYS"]).lower()
        return TimeMapAxis.from_time_edges(
            Time(low, format="mjd", scale=scale), Time(high, format="mjd", scale=scale)
        )
    return TimeMapAxis(edges_min=low * unit, edges_max=high * unit, reference_time=reference)


def _as_map(name, values, order, axes, outer, table):
    """Return a column as a region map; gaps between energy bins become NaN."""
    unit = values.unit if isinstance(values, u.Quantity) else u.one
    data = np.asarray(getattr(values, "value", values))
    if name in ("is_ul", "success"):
        data = data.astype(bool)
    extra_axes = []
    n_outer = len(outer)
    if order is not None:
        full = np.full((*outer, *data.shape[n_outer:]), False if data.dtype.kind == "b" else np.nan)
        full[(slice(None),) * (n_outer - 1) + (order,)] = data
        data = full
    if data.ndim == n_outer - 1:
        data = data[..., np.newaxis]
    if data.ndim > n_outer:
        size = data.shape[n_outer]
        if name == "stat_scan" and "norm_scan" in table.colnames:
            norms = np.asarray(table["norm_scan"], dtype=float).reshape(-1, size)[0]
            extra_axes = [MapAxis.from_nodes(norms, name="norm", interp="lin")]
        else:
            extra_axes = [LabelMapAxis(labels=[f"dataset-{i}" for i in range(size)], name="dataset")]
    geom = RegionGeom.create(region=None, axes=[*extra_axes, *axes])
    return RegionNDMap(geom, data=data.reshape(geom.data_shape), unit=unit)


# ------------------------------------------------------------------------------------------------ files


def write_flux_points(points, filename, sed_type=None, format=None, overwrite=False, checksum=False):
    """Write flux points to a FITS, ECSV or YAML file, by the ending of its name.

    Parameters
    ----------
    points : FluxPoints
    filename : path-like
    sed_type, format
        As in `to_table`.
    overwrite : bool
        Replace an existing file.
    checksum : bool
        Add checksums to a FITS file.
    """
    from astropy.io import fits

    filename = make_path(filename)
    table = to_table(points, sed_type=sed_type, format=format)
    if filename.name.endswith((".fits", ".fits.gz", ".fit", ".fit.gz")):
        meta, table.meta = dict(table.meta), {}
        hdu = fits.table_to_hdu(table)
        hdu.name = "FLUXPOINTS"
        hdu.header.update({k: v for k, v in meta.items() if len(k) <= 8})
        hdus = [fits.PrimaryHDU(), hdu]
        if points.gti is not None:
            hdus.append(points.gti.to_table_hdu())
        write_fits(fits.HDUList(hdus), filename, overwrite, checksum)
    elif filename.suffix in (".yaml", ".yml"):
        columns = {
            name: {
                "unit": table[name].unit.to_string() if table[name].unit else "",
                "values": table[name].tolist(),
            }
            for name in table.colnames
        }
        write_yaml(
            {"meta": {k: _plain(v) for k, v in table.meta.items()}, "columns": columns}, filename, overwrite
        )
    else:
        with atomic_path(filename, overwrite) as temporary:
            table.write(temporary, format="ascii.ecsv", overwrite=True)


def _plain(value):
    return value.item() if isinstance(value, np.generic) else value


def read_flux_points(
    cls,
    filename,
    sed_type=None,
    format=None,
    reference_model=None,
    checksum=False,
    table_format="ascii.ecsv",
    **kwargs,
):
    """Read flux points, see `FluxPoints.read`."""
    filename = make_path(filename)
    gti = None
    if filename.name.endswith((".fits", ".fits.gz", ".fit", ".fit.gz")):
        with open_fits(filename, checksum=checksum) as hdulist:
            names = [hdu.name for hdu in hdulist]
            index = names.index("FLUXPOINTS") if "FLUXPOINTS" in names else 1
            if len(hdulist) < 2:
                raise FormatError(
                    "the file must hold a table of flux points. Name another file.", path=filename
                )
            table = Table.read(hdulist[index])
            if "GTI" in names:
                from ...data import GTI

                gti = GTI.from_table_hdu(hdulist["GTI"])
    elif filename.suffix in (".yaml", ".yml"):
        table = _table_from_yaml(filename)
    else:
        if not filename.exists():
            raise FormatError("the file must exist. Check the path.", path=filename)
        try:
            table = Table.read(filename, format=table_format, **kwargs)
        except (ValueError, OSError) as error:
            raise FormatError(
                f"the file must be a table in format {table_format!r}, got: {error}. Pass table_format.",
                path=filename,
            ) from error
    return from_table(cls, table, sed_type, format, reference_model, gti, path=filename)


def _table_from_yaml(filename):
    content = read_yaml(filename)
    if not isinstance(content, dict) or set(content) - {"meta", "columns"} or "columns" not in content:
        raise FormatError("a YAML file of flux points must have the keys meta and columns.", path=filename)
    table = Table(meta=content.get("meta") or {})
    for name, column in content["columns"].items():
        table[name] = Column(column["values"], unit=column.get("unit") or None)
    return table
