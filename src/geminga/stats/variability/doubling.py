"""How fast a flux doubles or halves."""

from __future__ import annotations

from typing import Any

import numpy as np
from astropy import units as u
from astropy.time import Time

from geminga.units import to_value

__all__ = ["compute_flux_doubling"]


def compute_flux_doubling(flux, flux_err, coords, axis=0) -> dict[str, Any]:
    r"""Compute the shortest doubling and halving times of light curves.

    Between neighbouring points the time is :math:`\Delta t / \log_2(F_2 / F_1)`; its error follows from those of
    the fluxes.

    Parameters
    ----------
    flux, flux_err : array_like or `~astropy.units.Quantity`
        Fluxes and errors. Pairs with a flux that is not positive are left out.
    coords : `~astropy.units.Quantity` or `~astropy.time.Time`, shape (n_times,)
        Times.
    axis : int
        Time axis.

    Returns
    -------
    dict
        Keys doubling, doubling_err, doubling_coord, halving, halving_err, halving_coord: times, errors, and the
        coordinate of the first point of the fastest pair. NaN, or masked if it is a `~astropy.time.Time`, where the
        flux never rises (falls).

    Examples
    --------
    >>> times = compute_flux_doubling(np.array([1.0, 4.0, 2.0]), np.full(3, 0.1), [0, 1, 2] * u.d)
    >>> float(times["doubling"].value), float(times["halving"].value)
    (0.5, 1.0)
    """
    unit = getattr(flux, "unit", None)
    if unit is not None:
        flux, flux_err = flux.value, to_value(flux_err, unit, "flux_err")
    flux, flux_err = np.broadcast_arrays(np.asarray(flux, dtype=float), np.asarray(flux_err, dtype=float))
    flux, flux_err = np.moveaxis(flux, axis, -1), np.moveaxis(flux_err, axis, -1)

    start = None
    if isinstance(coords, Time):
        start = coords[0]
        coords = (coords - start).to("d")
    coords = u.Quantity(coords)
    if flux.shape[-1] == 1:
        # a point without neighbour, which makes no pair
        flux, flux_err = (np.append(one, np.full_like(one, np.nan), axis=-1) for one in (flux, flux_err))
        coords = np.repeat(coords, 2)
    steps = np.diff(coords.value)

    good = np.isfinite(flux) & (flux > 0)
    pair = good[..., 1:] & good[..., :-1]
    safe = np.where(good, flux, 1.0)
    log_ratio = np.log(safe[..., 1:] / safe[..., :-1])
    relative = np.square(flux_err / safe)
    spread = np.sqrt(relative[..., 1:] + relative[..., :-1])

    result: dict[str, Any] = {}
    for name, sign in (("doubling", 1), ("halving", -1)):
        use = pair & (sign * log_ratio > 0)
        change = np.where(use, sign * log_ratio, 1.0)
        times = np.where(use, steps * np.log(2) / change, np.inf)
        fastest = np.argmin(times, axis=-1)[..., np.newaxis]
        found = use.any(axis=-1)
        time = np.take_along_axis(times, fastest, axis=-1)[..., 0]
        error = np.take_along_axis(
            np.where(use, times * spread / change, np.nan) if use.any() else times, fastest, axis=-1
        )[..., 0]
        result[name] = np.where(found, time, np.nan) * coords.unit
        result[f"{name}_err"] = np.where(found, error, np.nan) * coords.unit
        where = np.where(found, coords.value[fastest[..., 0]], np.nan) * coords.unit
        result[f"{name}_coord"] = where if start is None else _times(start, where)
    return result


def _times(start, where) -> Time:
    """Return times after a start, masked where they are NaN."""
    times = (start + np.nan_to_num(where)).reshape(-1)
    missing = np.isnan(where).reshape(-1)
    if missing.any():
        times[missing] = np.ma.masked
    return times.reshape(where.shape)
