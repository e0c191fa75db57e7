"""Spectra bound to fixed energies: fast functions of plain parameter values, with derivatives.

The likelihood asks a model once for its spectrum on the true-energy bins of a dataset and then calls it many
times. Everything that does not depend on the parameters (energy grids, unit factors, tables at these
energies) is computed when binding. A bound spectrum is a snapshot of the model's structure, units and
tables; bind again after replacing one of them.

All classes here have the same interface: ``parameters``, ``evaluate(values)``, ``jacobian(values)`` and
``evaluate_many(values)``.
"""

from __future__ import annotations

import numpy as np

from geminga.errors import ModelError
from geminga.units import ENERGY, to_value

from .arguments import FormulaCall, unique_parameters
from .differences import partial_derivative
from .quadrature import LogLogQuadrature

__all__ = [
    "BoundSpectrum",
    "FixedSpectrum",
    "FormulaOnBins",
    "FormulaOnPoints",
    "ProductOfSpectra",
    "QuadratureOnBins",
    "SpectrumOnBins",
    "SpectrumOnPoints",
    "SumOfSpectra",
]


def energies_in_tev(energies, name="energies"):
    """Return energies as plain float64 in TeV; plain numbers are in TeV already."""
    if hasattr(energies, "unit") or isinstance(energies, str):
        return np.atleast_1d(to_value(energies, ENERGY, name=name))
    return np.atleast_1d(np.asarray(energies, dtype=float))


class BoundSpectrum:
    """A spectrum at fixed energies as a function of plain parameter values.

    Attributes
    ----------
    parameters : tuple of `~geminga.modeling.Parameter`
        Each parameter once; `values` below are in this order and in the parameters' own units.
    size : int
        Number of bins or points.
    """

    parameters: tuple = ()
    size: int = 0

    @property
    def values(self):
        """Present values of the parameters, shape (n_par,)."""
        return np.array([parameter.value for parameter in self.parameters], dtype=float)

    def evaluate(self, values):
        """Return the spectrum, shape (size,)."""
        raise NotImplementedError

    def evaluate_many(self, values):
        """Return the spectrum for many sets of parameters.

        Parameters
        ----------
        values : ndarray, shape (n_draws, n_par)

        Returns
        -------
        ndarray, shape (n_draws, size)
        """
        return np.array([self.evaluate(row) for row in values]).reshape(len(values), self.size)

    def jacobian(self, values, wanted=None):
        """Return the spectrum and its derivatives with respect to each parameter, in its own unit.

        Parameters
        ----------
        values : array_like, shape (n_par,)
        wanted : sequence of bool, shape (n_par,), optional
            Rows to compute; the others are 0. Default: all.

        Returns
        -------
        tuple of ndarray, shapes (size,) and (n_par, size)
        """
        values = np.asarray(values, dtype=float)
        result = np.zeros((len(self.parameters), self.size))
        known = self._declared_rows(values)
        for index in range(len(self.parameters)):
            if wanted is not None and not wanted[index]:
                continue
            result[index] = known[index] if index in known else self._numeric_row(values, index)
        return self.evaluate(values), result

    def _declared_rows(self, values) -> dict:
        """Return the derivatives that are known in closed form, by index."""
        return {}

    def _numeric_row(self, values, index):
        """Return one derivative from differences of this spectrum alone."""
        if index in self._linear_rows():
            trial = values.copy()
            trial[index] = 1.0
            return self.evaluate(trial)

        def moved(number):
            trial = values.copy()
            trial[index] = number
            return self.evaluate(trial)

        parameter = self.parameters[index]
        scale = abs(values[index]) or abs(parameter.scale) or 1.0
        return partial_derivative(moved, values[index], scale)

    def _linear_rows(self):
        """Return the indices of parameters in which the spectrum is linear and homogeneous."""
        return ()

    def __repr__(self):
        names = ", ".join(parameter.name for parameter in self.parameters)
        return f"{type(self).__name__}({self.size} values, parameters: {names})"


class _Formula(BoundSpectrum):
    """A bound spectrum that is one formula of one model."""

    def __init__(self, model):
        self.call = FormulaCall(model)
        self.parameters = self.call.parameters
        linear = set(model.linear_parameters)
        self._linear = tuple(
            i for i in range(len(self.parameters)) if self.call.names[self.call.index.index(i)] in linear
        )
        if self.call.shared:
            self._linear = ()

    def _linear_rows(self):
        return self._linear

    def _rows(self, declared, energies, values):
        if declared is None or not self.call.plain:
            return {}
        arguments = self.call.arguments(values)
        return self.call.gradient(lambda *grid: declared(*grid, **arguments), energies, (self.size,))

    def _many(self, function, values):
        """Evaluate all draws at once where the formula broadcasts, one by one where it does not."""
        columns = np.asarray(values, dtype=float).T[:, :, np.newaxis]
        if self.call.plain:
            return function(columns)
        try:
            result = function(columns)
            check = function(np.asarray(values[0], dtype=float))
        except (ValueError, TypeError, IndexError, AttributeError, ArithmeticError):
            return super().evaluate_many(values)
        # a user's formula may reduce over its arguments and still return the right shape
        return result if np.allclose(result[0], check, equal_nan=True) else super().evaluate_many(values)


class FormulaOnPoints(_Formula):
    """The formula of a model at fixed energies.

    Parameters
    ----------
    model : `SpectralModel`
    energies : ndarray, shape (n,)
        In TeV.
    """

    def __init__(self, model, energies):
        super().__init__(model)
        self.energies = energies_in_tev(energies)
        self.size = self.energies.size

    def evaluate(self, values):
        """Return the spectrum at the energies, in cm-2 s-1 TeV-1 (dimensionless for norms)."""
        return self.call.density(self.energies, values)

    def evaluate_many(self, values):
        """Return the spectrum for many sets of parameters, shape (n_draws, n)."""
        return self._many(lambda columns: self.call.density(self.energies, columns), values)

    def _declared_rows(self, values):
        return self._rows(self.call.model.evaluate_gradient, (self.energies,), values)


class FormulaOnBins(_Formula):
    """The closed-form integral of a model over bins.

    Parameters
    ----------
    model : `SpectralModel`
        With `evaluate_integral`.
    low, high : ndarray, shape (n,)
        Edges of the bins in TeV.
    weight : {"flux", "energy_flux"}
        Integrate the spectrum or energy times the spectrum.
    """

    def __init__(self, model, low, high, weight="flux"):
        super().__init__(model)
        self.low, self.high, self.weight = low, high, weight
        self.size = low.size

    def evaluate(self, values):
        """Return the integral over each bin, in cm-2 s-1 (TeV cm-2 s-1 for energy fluxes)."""
        if self.weight == "energy_flux":
            return self.call.energy_flux(self.low, self.high, values)
        return self.call.integral(self.low, self.high, values)

    def evaluate_many(self, values):
        """Return the integrals for many sets of parameters, shape (n_draws, n)."""
        return self._many(self.evaluate, values)

    def _declared_rows(self, values):
        if self.weight == "energy_flux":
            return {}
        return self._rows(self.call.model.evaluate_integral_gradient, (self.low, self.high), values)


class QuadratureOnBins(BoundSpectrum):
    """The integral over bins of any spectrum, from its values on a fine grid.

    Parameters
    ----------
    model : `SpectralModel`
    low, high : ndarray, shape (n,)
        Edges of the bins in TeV.
    weight : {"flux", "energy_flux"}
        Integrate the spectrum or energy times the spectrum.
    ndecade : int
        Points per decade.
    """

    def __init__(self, model, low, high, weight="flux", ndecade=100):
        self.quadrature = LogLogQuadrature(low, high, ndecade)
        self.shape = self.quadrature.energies.shape
        self.size = self.shape[0]
        self.points = model.on_points(self.quadrature.energies.ravel())
        self.parameters = self.points.parameters
        self.moment = self.quadrature.energies if weight == "energy_flux" else None

    def _weighted(self, values):
        values = values.reshape(*values.shape[:-1], *self.shape)
        return values if self.moment is None else values * self.moment

    def evaluate(self, values):
        """Return the integral over each bin."""
        return self.quadrature.integrate(self._weighted(self.points.evaluate(values)))

    def evaluate_many(self, values):
        """Return the integrals for many sets of parameters, shape (n_draws, n)."""
        chunk = max(1, 2_000_000 // max(1, self.points.size))
        parts = [
            self.quadrature.integrate(self._weighted(self.points.evaluate_many(values[i : i + chunk])))
            for i in range(0, len(values), chunk)
        ]
        return np.concatenate(parts) if parts else np.zeros((0, self.size))

    def jacobian(self, values, wanted=None):
        """Return the integrals and their derivatives; see `BoundSpectrum.jacobian`."""
        numbers, slopes = self.points.jacobian(values, wanted)
        numbers, slopes = self._weighted(numbers), self._weighted(slopes)
        weights = self.quadrature.weights(numbers)
        return (weights * numbers).sum(axis=-1), (weights * slopes).sum(axis=-1)


class _Pair(BoundSpectrum):
    """A spectrum made of two; a parameter that both use occurs once."""

    def __init__(self, first, second):
        self.first, self.second = first, second
        self.parameters = unique_parameters((*first.parameters, *second.parameters))
        place = {id(parameter): index for index, parameter in enumerate(self.parameters)}
        self.first_index = np.array([place[id(p)] for p in first.parameters], dtype=int)
        self.second_index = np.array([place[id(p)] for p in second.parameters], dtype=int)
        self.size = first.size

    def _both(self, values, method="evaluate"):
        values = np.asarray(values, dtype=float)
        return (
            getattr(self.first, method)(values[..., self.first_index]),
            getattr(self.second, method)(values[..., self.second_index]),
        )

    def _both_jacobians(self, values, wanted):
        values = np.asarray(values, dtype=float)
        parts = []
        for part, index in ((self.first, self.first_index), (self.second, self.second_index)):
            rows = None if wanted is None else [bool(wanted[i]) for i in index]
            parts.append(part.jacobian(values[index], rows))
        return parts

    def _spread(self, first, second):
        """Add the rows of both into one Jacobian."""
        result = np.zeros((len(self.parameters), self.size))
        result[self.first_index] += first
        result[self.second_index] += second
        return result


class SumOfSpectra(_Pair):
    """The sum or difference of two bound spectra.

    Parameters
    ----------
    first, second : `BoundSpectrum`
    sign : {1, -1}
    """

    def __init__(self, first, second, sign=1):
        super().__init__(first, second)
        self.sign = sign

    def evaluate(self, values):
        """Return the sum, shape (size,)."""
        first, second = self._both(values)
        return first + self.sign * second

    def evaluate_many(self, values):
        """Return the sum for many sets of parameters, shape (n_draws, size)."""
        first, second = self._both(values, "evaluate_many")
        return first + self.sign * second

    def jacobian(self, values, wanted=None):
        """Return the sum and its derivatives; see `BoundSpectrum.jacobian`."""
        (first, first_rows), (second, second_rows) = self._both_jacobians(values, wanted)
        return first + self.sign * second, self._spread(first_rows, self.sign * second_rows)


class ProductOfSpectra(_Pair):
    """The product of two spectra bound to the same points."""

    def evaluate(self, values):
        """Return the product, shape (size,)."""
        first, second = self._both(values)
        return first * second

    def evaluate_many(self, values):
        """Return the product for many sets of parameters, shape (n_draws, size)."""
        first, second = self._both(values, "evaluate_many")
        return first * second

    def jacobian(self, values, wanted=None):
        """Return the product and its derivatives; see `BoundSpectrum.jacobian`."""
        (first, first_rows), (second, second_rows) = self._both_jacobians(values, wanted)
        return first * second, self._spread(first_rows * second, second_rows * first)


class FixedSpectrum(BoundSpectrum):
    """A spectrum without parameters."""

    def __init__(self, numbers):
        self.numbers = np.asarray(numbers, dtype=float)
        self.size = self.numbers.size

    def evaluate(self, values=()):
        """Return the spectrum, shape (size,)."""
        return self.numbers.copy()

    def evaluate_many(self, values):
        """Return the same spectrum for each draw, shape (n_draws, size)."""
        return np.broadcast_to(self.numbers, (len(values), self.size)).copy()


def SpectrumOnPoints(model, energies):
    """Bind a model to energies; the same as ``model.on_points(energies)``.

    Parameters
    ----------
    model : `SpectralModel`
    energies : array_like, shape (n,)
        In TeV, or quantities.

    Returns
    -------
    `BoundSpectrum`
    """
    return model.on_points(energies)


def SpectrumOnBins(model, edges, weight="flux"):
    """Bind a model to energy bins: closed form where there is one, else quadrature.

    Parameters
    ----------
    model : `SpectralModel`
    edges : array_like, shape (n + 1,), or tuple of two arrays, shapes (n,)
        Edges of adjacent bins, or lower and upper edges, in TeV or quantities.
    weight : {"flux", "energy_flux"}
        Integrate the spectrum or energy times the spectrum.

    Returns
    -------
    `BoundSpectrum`
    """
    low, high = split_edges(edges)
    formula = model.evaluate_integral if weight == "flux" else model.evaluate_energy_flux
    if formula is not None:
        return FormulaOnBins(model, low, high, weight)
    return QuadratureOnBins(model, low, high, weight)


def split_edges(edges):
    """Return lower and upper edges in TeV, each of shape (n,)."""
    if isinstance(edges, tuple):
        low, high = (energies_in_tev(part, "edges").ravel() for part in edges)
    else:
        edges = energies_in_tev(edges, "edges")
        low, high = edges[:-1], edges[1:]
    if low.shape != high.shape or not np.all(low > 0) or not np.all(high >= low):
        raise ModelError(f"edges of energy bins must be positive and ascending, got {edges}. Sort them.")
    return low, high
