"""The numbers of a spectral analysis, gathered for the terminal and the page."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..datasets import stack_covering

__all__ = ["Summary", "summarise"]


@dataclass
class Summary:
    """Rows of the summary tables; every value is text or a plain number.

    Parameters
    ----------
    runs : list of dict
        One row for each observation.
    datasets : list of dict
        Counts and significance of each dataset, and of all together.
    parameters : list of dict
        Fitted values with errors, and the truth where it is known.
    fit : dict
        Statistic, number of calls and message.
    flux_points : list of dict
        Energy, dnde, errors, limits and significance.
    """

    runs: list[dict] = field(default_factory=list)
    datasets: list[dict] = field(default_factory=list)
    parameters: list[dict] = field(default_factory=list)
    fit: dict = field(default_factory=dict)
    flux_points: list[dict] = field(default_factory=list)


def summarise(analysis, truth=None) -> Summary:
    """Gather the numbers of an analysis.

    Parameters
    ----------
    analysis : `~geminga.analysis.Analysis`
        With datasets; fit and flux points where they were run.
    truth : `~geminga.modeling.models.Models`, optional
        True models of a simulation, matched by parameter names with the fitted ones.

    Returns
    -------
    Summary
    """
    summary = Summary()
    for observation in analysis.observations or ():
        summary.runs.append(_run_row(observation))
    if analysis.datasets is not None:
        summary.datasets = [_dataset_row(dataset.info_dict()) for dataset in analysis.datasets]
        if len(summary.datasets) > 1:
            stacked = stack_covering(analysis.datasets, name="all")
            summary.datasets.append(_dataset_row(stacked.info_dict()))
    if analysis.fit_result is not None:
        result = analysis.fit_result
        summary.fit = {
            "success": bool(result.success),
            "message": result.message,
            "statistic": float(result.total_stat),
            "evaluations": int(result.nfev),
        }
        summary.parameters = _parameter_rows(analysis.models, truth)
    if analysis.flux_points is not None:
        summary.flux_points = _point_rows(analysis.flux_points.data)
    return summary


def _run_row(observation) -> dict:
    pointing = observation.get_pointing_icrs(observation.tmid)
    return {
        "obs_id": observation.obs_id,
        "start": observation.tstart.utc.iso[:19],
        "livetime_min": observation.observation_live_time_duration.to_value("min"),
        "ra_deg": pointing.ra.deg,
        "dec_deg": pointing.dec.deg,
        "events": len(observation.events),
    }


def _dataset_row(info: dict) -> dict:
    def number(name):
        value = info.get(name)
        return float(getattr(value, "value", value)) if value is not None else float("nan")

    livetime = info.get("livetime")
    return {
        "name": str(info["name"]),
        "counts": number("counts"),
        "counts_off": number("counts_off"),
        "alpha": number("alpha"),
        "background": number("background" if "counts_off" in info else "npred_background"),
        "excess": number("excess"),
        "sqrt_ts": number("sqrt_ts"),
        "livetime_h": livetime.to_value("h") if hasattr(livetime, "to_value") else float("nan"),
    }


def _parameter_rows(models, truth) -> list[dict]:
    rows = []
    true_values = {}
    for model in truth or ():
        for parameter in model.parameters:
            true_values.setdefault(parameter.name, parameter.quantity)
    for model in models:
        for parameter in model.parameters:
            row = {
                "model": model.name,
                "name": parameter.name,
                "value": float(parameter.value),
                "error": float(parameter.error),
                "unit": parameter.unit.to_string(),
                "frozen": bool(parameter.frozen),
                "truth": None,
                "pull": None,
            }
            if parameter.name in true_values and not parameter.frozen:
                row["truth"] = float(true_values[parameter.name].to_value(parameter.unit))
                if parameter.error > 0:
                    row["pull"] = (row["value"] - row["truth"]) / row["error"]
            rows.append(row)
    return rows


def _point_rows(points) -> list[dict]:
    quantities = points.available_quantities

    def column(name):
        stem = name.removeprefix("dnde")
        if f"norm{stem}" not in quantities:
            return np.full(points.energy_axis.nbin, np.nan)
        return getattr(points, name).quantity.to_value("cm-2 s-1 TeV-1").reshape(-1)

    dnde, error, limit = column("dnde"), column("dnde_err"), column("dnde_ul")
    sqrt_ts = points.sqrt_ts.data.reshape(-1) if points.has_any_ts else np.full(dnde.size, np.nan)
    is_limit = points.is_ul.data.reshape(-1)
    edges = points.energy_axis.edges.to_value("TeV")
    return [
        {
            "energy_min": edges[i],
            "energy_max": edges[i + 1],
            "dnde": dnde[i],
            "dnde_err": error[i],
            "dnde_ul": limit[i],
            "sqrt_ts": sqrt_ts[i],
            "is_ul": bool(is_limit[i]),
        }
        for i in range(dnde.size)
        if np.isfinite(dnde[i]) or np.isfinite(limit[i])
    ]
