"""Components: what one model adds to the predicted counts of a group of bins.

A component is a linear response applied to the spectrum of a model. The response is folded once; after that a
prediction costs one small matrix product, and its derivative in every spectral parameter another one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

__all__ = ["Component", "EnergyFactor", "Factor", "FactoredSpectrum", "TemplateComponent", "spectral_step"]

#: Relative step of central differences of a factor; the error is about its square.
DIFFERENCE_STEP = 1e-4
#: Relative step of the differences of spectral derivatives.
SPECTRAL_STEP = 1e-3


def spectral_step(value: float, parameter) -> float:
    """Return the step of the difference of a derivative in a parameter, which may be 0 and of unknown error."""
    size = abs(value) or abs(np.nan_to_num(parameter.error)) or abs(parameter.scale) or 1.0
    return SPECTRAL_STEP * float(size)


class Factor:
    """A number for each bin that multiplies a component and depends on other parameters than the spectral ones.

    Temporal averages over the good time intervals and the fraction of a morphology inside a region are factors.

    Parameters
    ----------
    parameters : sequence of Parameter
        What the factor depends on.
    function : callable
        From the values of the parameters, in their own units, to the factor: a number or an array over bins.
    """

    def __init__(self, parameters: Sequence[Any], function: Callable[[np.ndarray], np.ndarray]):
        self.parameters = tuple(parameters)
        self.function = function

    def evaluate(self, values: np.ndarray) -> np.ndarray:
        """Return the factor."""
        return np.asarray(self.function(np.asarray(values, dtype=float)), dtype=float)

    def derivative(self, values: np.ndarray, index: int) -> np.ndarray:
        """Return the derivative in one parameter, by central differences of this factor alone."""
        values = np.asarray(values, dtype=float)
        parameter = self.parameters[index]
        step = DIFFERENCE_STEP * max(abs(values[index]), abs(parameter.error or 0.0), 1e-3)
        up, down = values.copy(), values.copy()
        up[index] = (
            min(values[index] + step, parameter.max)
            if parameter.max == parameter.max
            else values[index] + step
        )
        down[index] = (
            max(values[index] - step, parameter.min)
            if parameter.min == parameter.min
            else values[index] - step
        )
        return (self.evaluate(up) - self.evaluate(down)) / (up[index] - down[index])


class EnergyFactor(Factor):
    """A factor of each true energy, applied before the fold: the part of a source inside a region.

    Parameters
    ----------
    parameters : sequence of Parameter
    function : callable
        From the values of the parameters to an array of shape (n_true,).
    slope : callable
        From the values and the position of a parameter to the derivative, shape (n_true,).
    """

    def __init__(self, parameters, function, slope):
        super().__init__(parameters, function)
        self._slope = slope

    def derivative(self, values: np.ndarray, index: int) -> np.ndarray:
        """Return the derivative in one parameter."""
        return np.asarray(self._slope(np.asarray(values, dtype=float), index), dtype=float)


class FactoredSpectrum:
    """A spectrum on true-energy bins times a factor of each energy, with the parameters of both.

    Parameters
    ----------
    spectrum : object with ``parameters``, ``evaluate`` and ``jacobian``
    factor : EnergyFactor
    """

    def __init__(self, spectrum, factor: EnergyFactor):
        self.spectrum, self.factor = spectrum, factor
        self._n = len(spectrum.parameters)
        known = {id(parameter): index for index, parameter in enumerate(spectrum.parameters)}
        own = [parameter for parameter in factor.parameters if id(parameter) not in known]
        self.parameters = (*spectrum.parameters, *own)
        position = {id(parameter): index for index, parameter in enumerate(self.parameters)}
        self._slots = [position[id(parameter)] for parameter in factor.parameters]

    def evaluate(self, values) -> np.ndarray:
        """Return the spectrum times the factor, shape (n_true,)."""
        return self.spectrum.evaluate(values[: self._n]) * self.factor.evaluate(values[self._slots])

    def jacobian(self, values, wanted=None) -> tuple[np.ndarray, np.ndarray]:
        """Return the same, and its derivatives in all parameters; rows that are not wanted are 0."""
        wanted = np.ones(len(self.parameters), dtype=bool) if wanted is None else np.asarray(wanted)
        flux, slopes = self.spectrum.jacobian(values[: self._n], wanted[: self._n])
        own = values[self._slots]
        factor = self.factor.evaluate(own)
        rows = np.zeros((len(self.parameters), flux.size))
        rows[: self._n] = slopes * factor
        for index, slot in enumerate(self._slots):
            if wanted[slot]:
                rows[slot] += flux * self.factor.derivative(own, index)
        return flux * factor, rows


class Component:
    """Predicted counts of one model in some bins: ``(spectrum(values) @ response) * product of factors``.

    Parameters
    ----------
    spectrum : object with ``parameters``, ``evaluate(values)`` and ``jacobian(values, wanted)``
        The spectrum on true-energy bins, see `geminga.modeling.models.spectral.binned`.
    response : ndarray, shape (n_true, n_bins)
        Counts in each bin for unit flux in each true-energy bin.
    bins : ndarray of int or slice
        Where the bins of this component are among the bins of its term.
    factors : sequence of Factor
        Further factors, each a scalar or an array over the bins of this component.
    """

    def __init__(self, spectrum, response: np.ndarray, bins, factors: Sequence[Factor] = ()):
        self.spectrum, self.response, self.bins = spectrum, np.ascontiguousarray(response), bins
        self.factors = tuple(factors)
        self.parameters = list(spectrum.parameters)
        self._factor_slots: list[list[int]] = []
        known = {id(parameter): index for index, parameter in enumerate(self.parameters)}
        for factor in self.factors:
            slots = []
            for parameter in factor.parameters:
                if id(parameter) not in known:
                    known[id(parameter)] = len(self.parameters)
                    self.parameters.append(parameter)
                slots.append(known[id(parameter)])
            self._factor_slots.append(slots)
        self.n_spectral = len(spectrum.parameters)

    def _fold(self, flux: np.ndarray) -> np.ndarray:
        return flux @ self.response

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Return the counts in the bins of this component, shape (n_bins,)."""
        counts = self._fold(self.spectrum.evaluate(values[: self.n_spectral]))
        for factor, slots in zip(self.factors, self._factor_slots, strict=True):
            counts = counts * factor.evaluate(values[slots])
        return counts

    def jacobian(self, values: np.ndarray, wanted: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """Return the counts and their derivatives in the wanted parameters.

        Parameters
        ----------
        values : ndarray, shape (n_parameters,)
        wanted : sequence of int
            Positions in `parameters`.

        Returns
        -------
        counts : ndarray, shape (n_bins,)
        derivatives : ndarray, shape (len(wanted), n_bins)
        """
        wanted = list(wanted)
        spectral = [index for index in wanted if index < self.n_spectral]
        if spectral:
            needed = np.zeros(self.n_spectral, dtype=bool)
            needed[spectral] = True
            flux, flux_jacobian = self.spectrum.jacobian(values[: self.n_spectral], needed)
            folded = self._fold(np.vstack([flux, flux_jacobian[spectral]]))
            base, derivatives = folded[0], dict(zip(spectral, folded[1:], strict=True))
        else:
            base, derivatives = self._fold(self.spectrum.evaluate(values[: self.n_spectral])), {}
        if not self.factors:
            return base, np.array([derivatives[index] for index in wanted]).reshape(len(wanted), -1)
        amounts = [f.evaluate(values[s]) for f, s in zip(self.factors, self._factor_slots, strict=True)]
        product = np.prod(np.broadcast_arrays(*amounts), axis=0) if len(amounts) > 1 else amounts[0]
        rows = np.zeros((len(wanted), base.size))
        for row, index in enumerate(wanted):
            if index in derivatives:
                rows[row] += derivatives[index] * product
            for position, (factor, slots) in enumerate(zip(self.factors, self._factor_slots, strict=True)):
                if index in slots:
                    others = base
                    for other, amount in enumerate(amounts):
                        if other != position:
                            others = others * amount
                    rows[row] += others * factor.derivative(values[slots], slots.index(index))
        return base * product, rows


class TemplateComponent(Component):
    """Counts of a template, bin by bin, times a norm spectrum at the bin centres.

    The background of a dataset and templates of predicted counts are of this kind.
    """

    def __init__(self, spectrum, template: np.ndarray, bins, factors: Sequence[Factor] = ()):
        super().__init__(spectrum, np.empty((0, 0)), bins, factors)
        self.template = np.asarray(template, dtype=float)

    def _fold(self, flux: np.ndarray) -> np.ndarray:
        return flux * self.template
