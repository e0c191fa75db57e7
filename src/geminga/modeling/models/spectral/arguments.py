"""From the plain values of a minimiser to the arguments of a model formula.

Formulas that work on plain arrays get numbers in the engine's units (TeV, cm, s); all others, such as those of
users, get quantities.
"""

from __future__ import annotations

import numpy as np
from astropy import units as u

from geminga.units import ENERGY, conversion_factor, internal_unit

__all__ = ["FormulaCall", "unique_parameters"]


def unique_parameters(parameters) -> tuple:
    """Return the parameters without repetitions, in order.

    Examples
    --------
    >>> unique_parameters(["a", "b", "a"])
    ('a', 'b')
    """
    seen: dict = {}
    for parameter in parameters:
        seen.setdefault(id(parameter), parameter)
    return tuple(seen.values())


class FormulaCall:
    """A model formula as a function of energies in TeV and of parameter values in the parameters' own units.

    Units are read once, at construction. Results are in the engine's units.

    Parameters
    ----------
    model : `SpectralModel`

    Attributes
    ----------
    parameters : tuple of `~geminga.modeling.Parameter`
        Each parameter once, also when the model holds it under two names.
    """

    def __init__(self, model):
        self.model = model
        own = list(model.parameters)
        self.parameters = unique_parameters(own)
        place = {id(parameter): index for index, parameter in enumerate(self.parameters)}
        self.names = [parameter.name for parameter in own]
        self.index = [place[id(parameter)] for parameter in own]
        self.plain = bool(model.array_evaluate)
        self.units = [parameter.unit for parameter in own]
        self.factors = np.array([conversion_factor(unit, internal_unit(unit)) for unit in self.units])
        self.shared = len(own) != len(self.parameters)

    def arguments(self, values) -> dict:
        """Return the arguments by name.

        Parameters
        ----------
        values : array_like, shape (n_par,) or (n_par, n_draws, 1)
            In the units of the parameters.
        """
        if self.plain:
            if getattr(values, "ndim", 1) > 1:
                return {
                    name: values[i] * factor
                    for name, i, factor in zip(self.names, self.index, self.factors, strict=True)
                }
            values = np.asarray(values, dtype=float)
            numbers = ((values[self.index] if self.shared else values) * self.factors).tolist()
            return dict(zip(self.names, numbers, strict=True))
        return {
            name: u.Quantity(values[i], unit, copy=None)
            for name, i, unit in zip(self.names, self.index, self.units, strict=True)
        }

    def _energies(self, energies):
        return energies if self.plain else u.Quantity(energies, ENERGY, copy=None)

    @staticmethod
    def _numbers(result, shape):
        """Return plain numbers in the engine's units."""
        if isinstance(result, u.Quantity):
            result = result.to_value(internal_unit(result.unit))
        result = np.asarray(result, dtype=float)
        return result if result.shape == shape else np.broadcast_to(result, shape)

    def density(self, energies, values):
        """Return the spectrum at energies in TeV, shape (n,) or (n_draws, n)."""
        with np.errstate(over="ignore", under="ignore"):
            result = self.model._evaluate_with(self._energies(energies), self.arguments(values))
        shape = np.broadcast_shapes(np.shape(energies), np.shape(values)[1:])
        return self._numbers(result, shape)

    def integral(self, low, high, values):
        """Return the closed-form integral between energies in TeV, shape (n,) or (n_draws, n)."""
        with np.errstate(over="ignore", under="ignore"):
            result = self.model.evaluate_integral(
                self._energies(low), self._energies(high), **self.arguments(values)
            )
        shape = np.broadcast_shapes(np.shape(low), np.shape(values)[1:])
        return self._numbers(result, shape)

    def energy_flux(self, low, high, values):
        """Return the closed-form integral of energy times the spectrum."""
        with np.errstate(over="ignore", under="ignore"):
            result = self.model.evaluate_energy_flux(
                self._energies(low), self._energies(high), **self.arguments(values)
            )
        shape = np.broadcast_shapes(np.shape(low), np.shape(values)[1:])
        return self._numbers(result, shape)

    def gradient(self, declared, arguments, shape):
        """Return the rows of the Jacobian that a declared gradient gives.

        Parameters
        ----------
        declared : callable
            Returns a dictionary from names to derivatives, for plain arguments.
        arguments : tuple
            Energies.
        shape : tuple
            Shape of a row.

        Returns
        -------
        dict of int to ndarray
            Row by index into `parameters`; what the model does not declare is missing.
        """
        rows: dict[int, np.ndarray] = {}
        with np.errstate(over="ignore", under="ignore"):
            slopes = declared(*arguments)
        for name, index, factor in zip(self.names, self.index, self.factors, strict=True):
            if name not in slopes:
                if self.shared:
                    return {}
                continue
            row = self._numbers(slopes[name], shape) * factor
            rows[index] = rows[index] + row if index in rows else row
        return rows
