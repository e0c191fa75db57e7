"""Integrals of spectra over energy, segment by segment of a power law.

On a grid :math:`x_k` with values :math:`y_k` each segment is taken as a power law through its two ends. With
:math:`w = x y` its integral is :math:`\\ln(x_2/x_1)` times the logarithmic mean of :math:`w_1` and
:math:`w_2`. The sum is homogeneous in the values, so the same weights give the integral and its derivatives.
"""

from __future__ import annotations

import numpy as np

from geminga.units import ENERGY, internal_unit, to_quantity, to_value

__all__ = ["LogLogQuadrature", "bin_grid", "integrate_spectrum", "logarithmic_mean"]

POINTS_PER_DECADE = 100


def bin_grid(low, high, ndecade=POINTS_PER_DECADE):
    """Return geometric energies for each bin, as many in every bin as the widest one needs.

    Parameters
    ----------
    low, high : ndarray, shape (*bins)
        Edges of the bins, any one unit.
    ndecade : int
        Points per decade; never fewer than two per bin.

    Returns
    -------
    ndarray, shape (*bins, points)

    Examples
    --------
    >>> bin_grid(1.0, 10.0).shape
    (100,)
    """
    low, high = np.broadcast_arrays(np.asarray(low, dtype=float), np.asarray(high, dtype=float))
    decades = float(np.max(np.log10(high / low), initial=0.0))
    # the edges themselves carry rounding errors, so a decade is not always quite a decade
    n_points = max(2, int(ndecade * decades + 1e-9))
    return np.geomspace(low, high, n_points, axis=-1)


def _log_ratio(first, second):
    """Return ln(second / first), 0 where the signs differ, and where they agree (None: everywhere)."""
    if first.size and min(first.min(), second.min()) > 0:
        return np.log(second / first), None
    same = np.sign(first) * np.sign(second) > 0
    return np.log(np.where(same, second, 1.0) / np.where(same, first, 1.0)), same


def logarithmic_mean(first, second):
    r"""Return :math:`(b - a) / \ln(b / a)`, and 0 where the two have different signs or one is 0.

    Examples
    --------
    >>> float(logarithmic_mean(1.0, np.e).round(6)), float(logarithmic_mean(2.0, 2.0))
    (1.718282, 2.0)
    """
    first, second = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    slope, same = _log_ratio(first, second)
    near = np.abs(slope) < 1e-4
    if near.any():
        mean = (second - first) / np.where(near, 1.0, slope)
        mean = np.where(near, 0.5 * (first + second) * (1 - slope**2 / 12), mean)
    else:
        mean = (second - first) / slope
    return mean if same is None else np.where(same, mean, 0.0)


class LogLogQuadrature:
    """Integrals over bins from values on the energies of `bin_grid`.

    Parameters
    ----------
    low, high : ndarray, shape (*bins)
        Edges of the bins in TeV.
    ndecade : int
        Points per decade.

    Attributes
    ----------
    energies : ndarray, shape (*bins, points)
    """

    def __init__(self, low, high, ndecade=POINTS_PER_DECADE):
        self.energies = bin_grid(low, high, ndecade)
        self.step = np.diff(np.log(self.energies), axis=-1)

    def integrate(self, values):
        """Return the integral over each bin of values on the grid.

        Parameters
        ----------
        values : ndarray, shape (..., *bins, points)

        Returns
        -------
        ndarray, shape (..., *bins)
        """
        weighted = values * self.energies
        return (self.step * logarithmic_mean(weighted[..., :-1], weighted[..., 1:])).sum(axis=-1)

    def weights(self, values):
        """Return the derivative of each integral with respect to each value.

        Parameters
        ----------
        values : ndarray, shape (*bins, points)

        Returns
        -------
        ndarray, shape (*bins, points)
            The sum over points of weights times values is the integral.
        """
        weighted = values * self.energies
        slope, same = _log_ratio(weighted[..., :-1], weighted[..., 1:])
        near = np.abs(slope) < 1e-3
        if near.any():
            safe = np.where(near, 1.0, slope)
            by_first, by_second = self._shares(safe)
            middle = 0.5 + slope**2 / 24
            by_first = np.where(near, middle + slope / 6, by_first)
            by_second = np.where(near, middle - slope / 6, by_second)
        else:
            by_first, by_second = self._shares(slope)
        if same is not None:
            by_first, by_second = by_first * same, by_second * same
        result = np.zeros(weighted.shape)
        result[..., :-1] += self.step * by_first
        result[..., 1:] += self.step * by_second
        return result * self.energies

    @staticmethod
    def _shares(slope):
        """Return the derivatives of the logarithmic mean with respect to its two ends."""
        growth = np.expm1(slope)
        return (growth / slope - 1) / slope, (1 - growth / (slope * (growth + 1))) / slope


def integrate_spectrum(
    func, energy_min, energy_max, ndecade=POINTS_PER_DECADE, energy_flux=False, parameter_samples=None
):
    r"""Integrate a spectrum over energy with a power law between neighbouring points.

    Parameters
    ----------
    func : callable
        Spectrum: takes energies (`~astropy.units.Quantity`) and returns a quantity.
    energy_min, energy_max : `~astropy.units.Quantity`
        Range of the integral; arrays of ranges are fine.
    ndecade : int
        Points per decade of energy.
    energy_flux : bool
        Integrate :math:`E\,F(E)` instead of :math:`F(E)`.
    parameter_samples : list of array, optional
        Parameter values handed to `func` after the energies, each of shape (n_samples,); the result then has
        a first axis for the samples.

    Returns
    -------
    `~astropy.units.Quantity`

    Examples
    --------
    >>> from astropy import units as u
    >>> integrate_spectrum(lambda energy: energy**-2, 1 * u.TeV, 10 * u.TeV)
    <Quantity 0.9 1 / TeV>
    """
    low = to_quantity(energy_min, name="energy_min")
    unit = low.unit
    low = to_value(low, ENERGY, name="energy_min")
    high = to_value(energy_max, ENERGY, name="energy_max")
    quadrature = LogLogQuadrature(low, high, ndecade)
    energies = (quadrature.energies * ENERGY).to(unit)
    if parameter_samples is None:
        values = to_quantity(func(energies), name="result of the spectrum")
    else:
        shape = (-1,) + (1,) * energies.ndim
        values = func(energies, *[np.reshape(sample, shape) for sample in parameter_samples])
        values = to_quantity(values, name="result of the spectrum")
    numbers = np.broadcast_to(values.value, np.broadcast_shapes(values.shape, energies.shape))
    if energy_flux:
        numbers = numbers * quadrature.energies
    result = quadrature.integrate(numbers) * (values.unit * ENERGY ** (2 if energy_flux else 1))
    return tidy(result)


def tidy(quantity):
    """Return a quantity in a unit that names the energy once, in the engine's unit where it did not.

    Examples
    --------
    >>> from astropy import units as u
    >>> tidy(u.Quantity(1.0, "TeV / (MeV cm2 s)"))
    <Quantity 1000000. 1 / (s cm2)>
    """
    energies = [base for base in quantity.unit.bases if base.is_equivalent(ENERGY)]
    if len(energies) < 2 and quantity.unit.scale == 1:
        return quantity
    return quantity.to(internal_unit(quantity.unit))
