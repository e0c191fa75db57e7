"""Summaries of datasets: as a dictionary, as text, as HTML, and as a table of many."""

from __future__ import annotations

import html

import numpy as np
from astropy import units as u
from astropy.table import Table

from ..errors import DataError

__all__ = ["html_of", "info_dict", "info_dict_flux_points", "info_dict_on_off", "info_table", "text_of"]


def _total(map_, mask) -> float:
    """Return the sum of a map inside a mask, missing values left out; NaN for None."""
    if map_ is None:
        return np.nan
    data = np.asarray(map_.data)
    return np.nansum(data if mask is None else data[mask])


def _exposure_range(dataset) -> tuple[u.Quantity, u.Quantity]:
    """Return the smallest exposure that is not zero, and the largest, in safe pixels."""
    exposure = dataset.exposure
    if exposure is None:
        nothing = np.nan * u.Unit("m2 s")
        return nothing, nothing
    data = np.asarray(exposure.data, dtype=float)
    image = dataset.mask_safe_image
    if image is not None and image.data.shape == data.shape[-image.data.ndim :] and image.data.any():
        data = data[..., image.data]
    data = data[np.isfinite(data)]
    seen = data[data > 0]
    if not seen.size:
        seen = data if data.size else np.array([np.nan])
    return seen.min() * exposure.unit, seen.max() * exposure.unit


def _whole(number):
    """Return a number as int if it is one, else as float."""
    return int(number) if float(number).is_integer() else float(number)


def _statistic(dataset) -> float:
    """Return the statistic of a dataset, NaN where it needs models and there are none."""
    if dataset.counts is None or (dataset.stat_type != "wstat" and not dataset.models):
        return np.nan
    return dataset.stat_sum()


def info_dict(dataset, in_safe_data_range=True) -> dict:
    """Return what there is to say of a dataset in numbers.

    Parameters
    ----------
    dataset : `~geminga.datasets.MapDataset`
    in_safe_data_range : bool
        Sum over the safe bins only.

    Returns
    -------
    dict
        ``name, counts, excess, sqrt_ts, background, npred, npred_background, npred_signal, exposure_min,
        exposure_max, livetime, ontime, counts_rate, background_rate, excess_rate, n_bins, n_fit_bins, stat_type,
        stat_sum``. What cannot be known is NaN. The excess is counts minus the predicted background.
    """
    from ..stats import CashCountsStatistic

    mask = _safe_bins(dataset, in_safe_data_range)
    info = {"name": dataset.name}
    counts = 0 if dataset.counts is None else _total(dataset.counts, mask)
    if dataset.background is not None:
        background, npred_background = (
            _total(dataset.background, mask),
            _total(dataset.npred_background(), mask),
        )
    else:
        background = npred_background = np.nan
    excess = counts - npred_background
    sqrt_ts = np.nan
    if np.isfinite(npred_background) and dataset.counts is not None:
        with np.errstate(divide="ignore", invalid="ignore"):
            sqrt_ts = float(CashCountsStatistic(counts, npred_background).sqrt_ts)
    return info | _rest(dataset, mask, counts, excess, sqrt_ts, background, npred_background)


def info_dict_on_off(dataset, in_safe_data_range=True) -> dict:
    """Return what there is to say of an on-off dataset in numbers.

    Parameters
    ----------
    dataset : `~geminga.datasets.MapDatasetOnOff`
    in_safe_data_range : bool
        Sum over the safe bins only.

    Returns
    -------
    dict
        As `info_dict`, and ``counts_off, acceptance, acceptance_off, alpha``: the sum of the acceptance, and the
        off acceptance and their ratio for which the background is that of all bins.
    """
    from ..stats import WStatCountsStatistic

    mask = _safe_bins(dataset, in_safe_data_range)
    info = {"name": dataset.name}
    counts = 0 if dataset.counts is None else _total(dataset.counts, mask)
    counts_off = 0 if dataset.counts_off is None else _total(dataset.counts_off, mask)
    complete = all(
        getattr(dataset, key) is not None for key in ("counts_off", "acceptance", "acceptance_off")
    )
    background = _total(dataset.background, mask) if complete else np.nan
    npred_background = (
        _total(dataset.npred_background(), mask) if complete and dataset.counts is not None else np.nan
    )
    acceptance = np.nan if dataset.acceptance is None else float(_total(dataset.acceptance, mask))
    acceptance_off = np.nan
    if complete:
        acceptance_off = (
            acceptance * counts_off / background if background > 0 else _total(dataset.acceptance_off, mask)
        )
    alpha = acceptance / acceptance_off if acceptance_off else 0.0
    excess = counts - background
    sqrt_ts = np.nan
    if np.isfinite(alpha) and dataset.counts is not None:
        with np.errstate(divide="ignore", invalid="ignore"):
            sqrt_ts = float(WStatCountsStatistic(counts, counts_off, alpha).sqrt_ts)
    info |= _rest(dataset, mask, counts, excess, sqrt_ts, background, npred_background)
    return info | {
        "counts_off": _whole(counts_off),
        "acceptance": acceptance,
        "acceptance_off": float(acceptance_off),
        "alpha": float(alpha),
    }


def _safe_bins(dataset, in_safe_data_range):
    mask = dataset.mask_safe
    return np.asarray(mask.data, dtype=bool) if in_safe_data_range and mask is not None else None


def _rest(dataset, mask, counts, excess, sqrt_ts, background, npred_background) -> dict:
    """Return the entries that all datasets have."""
    with_models = bool(dataset.models) and dataset.exposure is not None
    npred_signal = _total(dataset.npred_signal(), mask) if with_models and _has_sources(dataset) else np.nan
    if np.isnan(npred_background):
        npred = np.nan
    else:
        npred = _total(dataset.npred(), mask) if with_models else npred_background
    exposure_min, exposure_max = _exposure_range(dataset)
    meta = None if dataset.exposure is None else dataset.exposure.meta
    livetime = u.Quantity(meta["livetime"]) if meta and meta.get("livetime") is not None else np.nan * u.s
    ontime = np.nan * u.s if dataset.gti is None else dataset.gti.time_sum
    has_time = np.isfinite(livetime) and livetime.value > 0

    def rate(number):
        return number / livetime if has_time else np.nan / livetime.unit

    n_bins = 0 if not _has_geom(dataset) else int(np.prod(dataset.data_shape))
    fit_mask = dataset._mask_data()
    return {
        "counts": _whole(counts),
        "excess": float(excess),
        "sqrt_ts": sqrt_ts,
        "background": float(background),
        "npred": float(npred),
        "npred_background": float(npred_background),
        "npred_signal": float(npred_signal),
        "exposure_min": exposure_min,
        "exposure_max": exposure_max,
        "livetime": livetime,
        "ontime": ontime,
        "counts_rate": rate(counts),
        "background_rate": rate(background),
        "excess_rate": rate(excess),
        "n_bins": n_bins,
        "n_fit_bins": n_bins if fit_mask is None else int(np.count_nonzero(fit_mask)),
        "stat_type": dataset.stat_type,
        "stat_sum": _statistic(dataset),
    }


def _has_geom(dataset) -> bool:
    return any(getattr(dataset, key) is not None for key in ("counts", "mask_safe", "mask_fit", "background"))


def _has_sources(dataset) -> bool:
    background = dataset.background_model
    return any(model is not background for model in dataset.models)


def info_dict_flux_points(dataset, in_safe_data_range=True) -> dict:
    """Return what there is to say of flux points as data.

    Parameters
    ----------
    dataset : `~geminga.datasets.FluxPointsDataset`
    in_safe_data_range : bool
        Without effect: only points that can be used count.

    Returns
    -------
    dict
        ``name, n_points, n_fit_bins, stat_type, stat_sum``.
    """
    return {
        "name": dataset.name,
        "n_points": int(np.prod(dataset._data_shape)),
        "n_fit_bins": int(np.count_nonzero(dataset.mask)),
        "stat_type": dataset.stat_type,
        "stat_sum": dataset.stat_sum() if dataset.models else np.nan,
    }


# ---------------------------------------------------------------------- text


_LINES = (
    ("Total counts", "counts", "{:.0f}"),
    ("Total background counts", "background", "{:.2f}"),
    ("Total excess counts", "excess", "{:.2f}"),
    None,
    ("Predicted counts", "npred", "{:.2f}"),
    ("Predicted background counts", "npred_background", "{:.2f}"),
    ("Predicted excess counts", "npred_signal", "{:.2f}"),
    None,
    ("Exposure min", "exposure_min", "{:.2e}"),
    ("Exposure max", "exposure_max", "{:.2e}"),
    ("Live time", "livetime", "{:.4g}"),
    None,
    ("Number of flux points", "n_points", "{}"),
    ("Number of total bins", "n_bins", "{}"),
    ("Number of fit bins", "n_fit_bins", "{}"),
    None,
    ("Fit statistic type", "stat_type", "{}"),
    ("Fit statistic value (-2 log(L))", "stat_sum", "{:.2f}"),
    None,
    ("Total counts off", "counts_off", "{:.0f}"),
    ("Acceptance", "acceptance", "{:.4g}"),
    ("Acceptance off", "acceptance_off", "{:.4g}"),
    None,
)  # fmt: skip


def _is_known(value) -> bool:
    """Tell whether an entry of a summary is more than NaN."""
    return isinstance(value, str) or not np.isnan(value)


def _rows(dataset) -> list:
    """Return label and text of each line of a summary, None for an empty line; a dash for what is not known."""
    info = dataset.info_dict()
    rows: list = [("Name", str(dataset.name)), None]
    for line in _LINES:
        if line is None:
            if rows[-1] is not None:
                rows.append(None)
        elif line[1] in info:
            label, key, text = line
            rows.append((label, text.format(info[key]) if _is_known(info[key]) else "-"))
    models = list(dataset.models or ())
    parameters = [] if dataset.models is None else list(dataset.models.parameters)
    rows += [
        ("Number of models", str(len(models))),
        ("Number of parameters", str(len(parameters))),
        ("Number of free parameters", str(sum(not parameter.frozen for parameter in parameters))),
    ]
    return rows


def text_of(dataset) -> str:
    """Return the summary of a dataset as text."""
    title = type(dataset).__name__
    lines = [title, "-" * len(title), ""]
    for row in _rows(dataset):
        lines.append("" if row is None else f"  {row[0]:<32s}: {row[1]}")
    for model in dataset.models or ():
        lines += ["", *(f"  {line}".rstrip() for line in str(model).splitlines())]
    return "\n".join(lines)


def html_of(dataset) -> str:
    """Return the summary of a dataset as HTML."""
    if not hasattr(dataset, "info_dict"):
        return f"<pre>{html.escape(str(dataset))}</pre>"
    cells = "".join(
        f"<tr><th style='text-align:left'>{html.escape(row[0])}</th><td>{html.escape(row[1])}</td></tr>"
        for row in _rows(dataset)
        if row is not None
    )
    names = ", ".join(html.escape(str(model.name)) for model in dataset.models or ()) or "none"
    title = html.escape(type(dataset).__name__)
    return f"<div><b>{title}</b><table>{cells}<tr><th>Models</th><td>{names}</td></tr></table></div>"


# ---------------------------------------------------------------------- tables of many


def info_table(datasets, cumulative=False) -> Table:
    """Return the summaries of many datasets as a table, one row each.

    Parameters
    ----------
    datasets : `~geminga.datasets.Datasets`
    cumulative : bool
        Each row is the stack of the datasets so far.

    Raises
    ------
    DataError
        If the datasets are of several types.
    """
    if not datasets.is_all_same_type:
        kinds = sorted({type(dataset).__name__ for dataset in datasets})
        raise DataError(
            f"datasets must be of one type for a table, got {', '.join(kinds)}. Make one table for each type."
        )
    rows = []
    if cumulative:
        stacked = None
        for dataset in datasets:
            if stacked is None:
                stacked = dataset.to_masked(name="stacked")
            else:
                stacked.stack(dataset)
            rows.append(stacked.info_dict())
    else:
        rows = [dataset.info_dict() for dataset in datasets]
    if not rows:
        return Table()
    columns = {}
    for key in rows[0]:
        values = [row[key] for row in rows]
        if isinstance(values[0], u.Quantity):
            unit = values[0].unit
            columns[key] = u.Quantity([value.to(unit) for value in values]).value
        else:
            columns[key] = values
    table = Table(columns)
    for key, value in rows[0].items():
        if isinstance(value, u.Quantity):
            table[key].unit = value.unit
    return table
