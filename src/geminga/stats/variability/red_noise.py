"""Simulated light curves with a given power spectrum."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from astropy import units as u

from geminga.errors import StatisticError
from geminga.numerics.random import get_random_state

__all__ = ["TimmerKonig_lightcurve_simulator"]


def TimmerKonig_lightcurve_simulator(
    power_spectrum: Callable,
    npoints: int,
    spacing,
    nchunks: int = 10,
    random_state="random-seed",
    power_spectrum_params: dict[str, Any] | None = None,
    mean=0.0,
    std=1.0,
    poisson: bool = False,
):
    """Simulate a light curve of Gaussian noise with a given power spectrum.

    Real and imaginary part of each Fourier component are normal with a variance of half the power. A series `nchunks`
    times longer is made and its middle cut out, so that there is power on scales longer than the result.

    Parameters
    ----------
    power_spectrum : callable
        Power for an array of frequencies in the inverse unit of `spacing`.
    npoints : int
        Number of points.
    spacing : `~astropy.units.Quantity`
        Time between points.
    nchunks : int
        How much longer the series is from which the light curve is cut.
    random_state : see `~geminga.numerics.random.get_random_state`
    power_spectrum_params : dict, optional
        Keyword arguments of `power_spectrum`.
    mean, std : float or `~astropy.units.Quantity`
        Mean and standard deviation to which the light curve is scaled.
    poisson : bool
        Draw Poisson counts with the light curve as their expectation (at least 0).

    Returns
    -------
    flux : ndarray or `~astropy.units.Quantity`, shape (npoints,)
    time : `~astropy.units.Quantity`, shape (npoints,)
        From 0 in steps of `spacing`.

    References
    ----------
    .. [1] Timmer & König (1995), A&A 300, 707.

    Examples
    --------
    >>> flux, time = TimmerKonig_lightcurve_simulator(lambda f: f**-2.0, 20, 1 * u.h, random_state=0, mean=5, std=2)
    >>> round(float(flux.mean()), 9), round(float(flux.std()), 9), time[1]
    (5.0, 2.0, <Quantity 1. h>)
    """
    if npoints < 2 or nchunks < 1:
        raise StatisticError(
            f"npoints must be at least 2 and nchunks at least 1, got {npoints} and {nchunks}. Ask for more."
        )
    unit = getattr(mean, "unit", None)
    if unit is not None or hasattr(std, "unit"):
        unit = u.one if unit is None else unit
        mean, std = u.Quantity(mean).to_value(unit), u.Quantity(std).to_value(unit)
    random_state = get_random_state(random_state)
    step = u.Quantity(spacing)
    n = npoints * nchunks

    frequency = np.fft.rfftfreq(n, d=step.value)[1:]
    power = np.asarray(power_spectrum(frequency, **(power_spectrum_params or {})), dtype=float)
    amplitude = np.sqrt(0.5 * power)
    real = random_state.normal(size=len(frequency)) * amplitude
    imaginary = random_state.normal(size=len(frequency)) * amplitude
    if n % 2 == 0:
        # the highest frequency of an even series is real
        imaginary[-1] = 0.0
    series = np.fft.irfft(np.concatenate([[0.0], real + 1j * imaginary]), n=n)

    start = (n - npoints) // 2
    series = series[start : start + npoints]
    series = (series - series.mean()) / series.std() * std + mean
    if poisson:
        series = random_state.poisson(np.maximum(series, 0.0)).astype(float)
    return (series if unit is None else series * unit), np.arange(npoints) * step
