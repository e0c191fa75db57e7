"""Energies at which a spectrum has a value, and the energy at which it is best known."""

from __future__ import annotations

import logging

import numpy as np
from astropy import units as u

from geminga.units import ENERGY

__all__ = ["crossings", "numeric_pivot"]

log = logging.getLogger(__name__)

_POINTS_PER_DECADE = 100
_PIVOT_RANGE = 3.0


def crossings(function, values, low, high):
    """Return for each value all energies in a range at which a function has it.

    Parameters
    ----------
    function : callable
        Takes energies, shape (n,), returns plain numbers.
    values : ndarray, shape (m,)
    low, high : float
        Range in TeV.

    Returns
    -------
    list of ndarray
        Energies in TeV in ascending order, one array for each value; ``[nan]`` where there is none.

    Examples
    --------
    >>> crossings(lambda energy: energy**-2, np.array([0.25]), 0.1, 10.0)[0].round(9).tolist()
    [2.0]
    """
    from scipy.optimize import brentq

    n_points = max(10, int(_POINTS_PER_DECADE * np.log10(high / low)) + 1)
    grid = np.geomspace(low, high, n_points)
    numbers = function(grid)
    result = []
    for value in values:
        difference = numbers - value
        sign = np.sign(difference)
        roots = list(grid[sign == 0])
        for k in np.flatnonzero(sign[:-1] * sign[1:] < 0):

            def offset(log_energy, value=value):
                return float(function(np.array([np.exp(log_energy)]))[0] / value - 1) if value else 0.0

            if value == 0:
                roots.append(
                    grid[k] + (grid[k + 1] - grid[k]) * difference[k] / (difference[k] - difference[k + 1])
                )
            else:
                roots.append(np.exp(brentq(offset, np.log(grid[k]), np.log(grid[k + 1]), xtol=1e-13)))
        result.append(np.sort(roots) if roots else np.array([np.nan]))
    return result


def numeric_pivot(model, start):
    """Return the energy with the smallest relative error of the spectrum.

    Parameters
    ----------
    model : `SpectralModel`
    start : `~astropy.units.Quantity`
        Energy around which to search, up to a factor e^3 to both sides.

    Returns
    -------
    `~astropy.units.Quantity`
        In the unit of `start`; NaN when the relative error does not depend on energy.
    """
    from scipy.optimize import minimize_scalar

    center = np.log(start.to_value(ENERGY))
    covariance = _unique_covariance(model)

    def relative_error(log_energies):
        bound = model.on_points(np.exp(np.atleast_1d(log_energies)))
        if not bound.parameters:
            return np.zeros(bound.size)
        matrix = covariance(bound.parameters)
        numbers, slopes = bound.jacobian(bound.values, [row.any() for row in matrix])
        variance = np.einsum("in,ij,jn->n", slopes, matrix, slopes)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.sqrt(np.clip(variance, 0, None)) / np.abs(numbers)

    grid = center + np.linspace(-_PIVOT_RANGE, _PIVOT_RANGE, 121)
    errors = relative_error(grid)
    unknown = u.Quantity(np.nan, start.unit)
    if not np.any(np.isfinite(errors)):
        return unknown
    best = int(np.nanargmin(errors))
    if np.nanmax(errors) - errors[best] <= 1e-9 * np.nanmax(errors):
        log.warning("The relative error of %r does not depend on energy: it has no pivot energy.", model)
        return unknown
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    found = minimize_scalar(
        lambda x: float(relative_error(x)[0]), bounds=(low, high), method="bounded", options={"xatol": 1e-10}
    )
    return u.Quantity(np.exp(found.x), ENERGY).to(start.unit)


def _unique_covariance(model):
    """Return a function from unique parameters to their covariance matrix."""
    full = model.covariance
    own = list(full.parameters)

    def matrix(parameters):
        place = {id(parameter): index for index, parameter in reversed(list(enumerate(own)))}
        index = [place[id(parameter)] for parameter in parameters]
        return full.data[np.ix_(index, index)]

    return matrix
