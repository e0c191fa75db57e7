"""Variability of light curves: the numbers of `geminga.stats`, for flux points."""

from __future__ import annotations

import numpy as np
from astropy.table import Column, Table

from ...errors import DataError
from ...stats import compute_flux_doubling, compute_fpp, compute_fvar, discrete_correlation

__all__ = [
    "compute_lightcurve_discrete_correlation",
    "compute_lightcurve_doublingtime",
    "compute_lightcurve_fpp",
    "compute_lightcurve_fvar",
]


def _fluxes(lightcurve, flux_quantity):
    """Return fluxes and errors, shape (n_time, n_energy), and the time axis."""
    geom = lightcurve.geom
    if "time" not in geom.axes.names:
        raise DataError(
            f"lightcurve must have an axis 'time', got {geom.axes.names}. Use a LightCurveEstimator."
        )
    flux, error = (getattr(lightcurve, name) for name in (flux_quantity, f"{flux_quantity}_err"))
    order = [geom.axes.index_data(name) for name in ("time", "energy")]

    def table(map_):
        values = np.moveaxis(np.asarray(map_.data, dtype=float), order, (0, 1))
        return values.reshape(*values.shape[:2], -1)[..., 0] * map_.unit

    return table(flux), table(error), geom.axes["time"]


def _per_energy(lightcurve, columns) -> Table:
    axis = lightcurve.geom.axes["energy"]
    low, high = axis.edges[:-1], axis.edges[1:]
    return Table([Column(low, name="min_energy"), Column(high, name="max_energy"), *columns])


def compute_lightcurve_fvar(lightcurve, flux_quantity="flux"):
    """Compute the fractional excess variance in each energy bin.

    Parameters
    ----------
    lightcurve : `~geminga.estimators.FluxPoints`
    flux_quantity : {"flux", "dnde", "eflux", "e2dnde", "norm"}

    Returns
    -------
    `~astropy.table.Table`
        Columns min_energy, max_energy, fvar, fvar_err, significance; see `geminga.stats.compute_fvar`.
    """
    return _amplitude(lightcurve, flux_quantity, compute_fvar, "fvar")


def compute_lightcurve_fpp(lightcurve, flux_quantity="flux"):
    """Compute the point-to-point variability in each energy bin.

    Parameters
    ----------
    lightcurve : `~geminga.estimators.FluxPoints`
    flux_quantity : {"flux", "dnde", "eflux", "e2dnde", "norm"}

    Returns
    -------
    `~astropy.table.Table`
        Columns min_energy, max_energy, fpp, fpp_err, significance; see `geminga.stats.compute_fpp`.
    """
    return _amplitude(lightcurve, flux_quantity, compute_fpp, "fpp")


def _amplitude(lightcurve, flux_quantity, function, name):
    flux, error, _ = _fluxes(lightcurve, flux_quantity)
    value, value_err = function(flux, error)
    with np.errstate(invalid="ignore", divide="ignore"):
        significance = value / value_err
    return _per_energy(
        lightcurve,
        [
            Column(value, name=name),
            Column(value_err, name=f"{name}_err"),
            Column(significance, name="significance"),
        ],
    )


def compute_lightcurve_doublingtime(lightcurve, flux_quantity="flux"):
    """Compute the shortest doubling and halving times in each energy bin.

    Parameters
    ----------
    lightcurve : `~geminga.estimators.FluxPoints`
    flux_quantity : {"flux", "dnde", "eflux", "e2dnde", "norm"}

    Returns
    -------
    `~astropy.table.Table`
        Columns min_energy, max_energy, doublingtime, doubling_err, doubling_coord, halvingtime, halving_err,
        halving_coord; see `geminga.stats.compute_flux_doubling`.
    """
    flux, error, axis = _fluxes(lightcurve, flux_quantity)
    times = compute_flux_doubling(flux, error, axis.time_mid)
    columns = []
    for name in ("doubling", "halving"):
        columns.append(Column(times[name], name=f"{name}time"))
        columns.append(Column(times[f"{name}_err"], name=f"{name}_err"))
        columns.append(Column(times[f"{name}_coord"], name=f"{name}_coord"))
    return _per_energy(lightcurve, columns)


def compute_lightcurve_discrete_correlation(lightcurve1, lightcurve2=None, flux_quantity="flux", tau=None):
    """Compute the discrete correlation function of two light curves, or of one with itself.

    Parameters
    ----------
    lightcurve1, lightcurve2 : `~geminga.estimators.FluxPoints`
        On the same energy bins; the second is the first by default.
    flux_quantity : {"flux", "dnde", "eflux", "e2dnde", "norm"}
    tau : `~astropy.units.Quantity`, optional
        Width of the lag bins. By default the length of the first curve over the root of the smaller number of points.

    Returns
    -------
    dict
        Keys bins, discrete_correlation, discrete_correlation_err; see `geminga.stats.discrete_correlation`.

    Raises
    ------
    DataError
        If the energy bins differ.
    """
    flux1, error1, axis1 = _fluxes(lightcurve1, flux_quantity)
    flux2, error2, axis2 = _fluxes(lightcurve1 if lightcurve2 is None else lightcurve2, flux_quantity)
    energies = [curve.geom.axes["energy"] for curve in (lightcurve1, lightcurve2) if curve is not None]
    if not energies[0].is_allclose(energies[-1]):
        raise DataError(
            f"light curves must have the same energy bins, got {energies[0].edges} and {energies[-1].edges}. "
            "Estimate them with the same energy_edges."
        )
    if tau is None:
        shorter = min(axis.nbin for axis in (axis1, axis2))
        tau = (axis1.time_max[-1] - axis1.time_min[0]).to("s") / np.sqrt(shorter)
    bins, value, error = discrete_correlation(
        flux1, error1, flux2, error2, axis1.time_mid, axis2.time_mid, tau
    )
    return {"bins": bins, "discrete_correlation": value, "discrete_correlation_err": error}
