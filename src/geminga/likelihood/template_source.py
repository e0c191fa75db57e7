"""Counts of a template times a norm: background models and templates of predicted counts."""

from __future__ import annotations

import numpy as np

from .components import spectral_step
from .likelihood import parameters_set
from .map_fold import FilledBins

__all__ = ["SpatialFactor", "TemplateSource"]

#: Relative step of differences of the factor that a spatial model gives.
SHAPE_STEP = 5e-3


class SpatialFactor:
    """Factor of each bin that a spatial model gives, as a function of its parameters.

    Parameters
    ----------
    spatial : spatial model
    geom : `~geminga.maps.Geom`
    """

    def __init__(self, spatial, geom):
        self.spatial, self.geom = spatial, geom
        self.parameters = list(spatial.parameters)

    def evaluate(self, values) -> np.ndarray:
        """Return the factors, shape (1 or n_reco, n_lat, n_lon)."""
        with parameters_set(self.parameters, values):
            values = np.asarray(self.spatial.evaluate_geom(self.geom).value, dtype=float)
        return values.reshape(values.shape[0], 1, -1) if self.geom.is_hpx else values

    def derivative(self, values, position: int) -> np.ndarray:
        """Return the derivative in one parameter, by central differences."""
        step = SHAPE_STEP * max(abs(values[position]), 1e-2)
        up, down = np.array(values, dtype=float), np.array(values, dtype=float)
        up[position] += step
        down[position] -= step
        return (self.evaluate(up) - self.evaluate(down)) / (2 * step)


class TemplateSource:
    """Counts of a template times a norm spectrum at the bin centres.

    Parameters
    ----------
    spectrum : object with ``parameters``, ``evaluate`` and ``jacobian``
        The norm at the centres of the reconstructed energies.
    template : ndarray, shape (n_reco, n_lat, n_lon)
    bins : FilledBins
    shape : SpatialFactor, optional
        Factor of each position.
    """

    def __init__(self, spectrum, template: np.ndarray, bins: FilledBins, shape=None):
        self.spectrum, self.shape, self.bins = spectrum, shape, bins
        self.n_spectral = len(spectrum.parameters)
        self.parameters = [*spectrum.parameters, *(shape.parameters if shape is not None else ())]
        self.energy = bins.energy
        self._template = template if shape is not None else None
        self._unshaped = self._collect(template)

    def _collect(self, template) -> tuple[np.ndarray, np.ndarray]:
        """Return the counts of a template in the bins with counts, and summed over all bins of each energy."""
        return template[self.bins.index].astype(float), weighted_sums(template, self.bins.weight)

    def _shaped(self, values) -> tuple[np.ndarray, np.ndarray]:
        if self.shape is None:
            return self._unshaped
        return self._collect(self._template * self.shape.evaluate(values[self.n_spectral :]))

    def predict(self, values) -> tuple[np.ndarray, float]:
        """Return the counts in the bins with counts, and summed over all bins."""
        norm = self.spectrum.evaluate(values[: self.n_spectral])
        counts, totals = self._shaped(values)
        return norm[self.energy] * counts, float(norm @ totals)

    def _worth(self, counts, totals, slopes) -> np.ndarray:
        """Return the derivative of a statistic in the norm of each energy."""
        return np.bincount(self.energy, weights=counts * slopes, minlength=totals.size) + 2.0 * totals

    def _norm_jacobian(self, values, wanted):
        needed = np.zeros(self.n_spectral, dtype=bool)
        needed[[index for index in wanted if index < self.n_spectral]] = True
        return self.spectrum.jacobian(values[: self.n_spectral], needed)

    def _moved(self, values, index) -> tuple[np.ndarray, np.ndarray]:
        """Return the counts of the template times the derivative of its shape."""
        slope = self.shape.derivative(values[self.n_spectral :], index - self.n_spectral)
        return self._collect(self._template * slope)

    def gradient(self, values, wanted, slopes) -> np.ndarray:
        """Return the derivative of a statistic in the wanted parameters; see `MapSource.gradient`."""
        norm, norm_jacobian = self._norm_jacobian(values, wanted)
        worth = self._worth(*self._shaped(values), slopes)
        return np.array(
            [
                norm_jacobian[index] @ worth
                if index < self.n_spectral
                else norm @ self._worth(*self._moved(values, index), slopes)
                for index in wanted
            ]
        )

    def jacobian(self, values, wanted) -> tuple[np.ndarray, np.ndarray]:
        """Return the derivatives of the counts in the bins with counts; see `MapSource.jacobian`."""
        norm, norm_jacobian = self._norm_jacobian(values, wanted)
        counts, _ = self._shaped(values)
        rows = np.zeros((len(wanted), counts.size))
        for row, index in zip(rows, wanted, strict=True):
            if index < self.n_spectral:
                row[:] = norm_jacobian[index][self.energy] * counts
            else:
                row[:] = norm[self.energy] * self._moved(values, index)[0]
        return np.arange(counts.size), rows

    def curvature(self, values, wanted, slopes, errors) -> np.ndarray:
        """Return what second derivatives add to those of a statistic; see `MapSource.curvature`."""
        n = len(wanted)
        matrix = np.zeros((n, n))
        for row, index in enumerate(wanted):
            step = spectral_step(values[index], self.parameters[index])
            ends = []
            for sign in (1, -1):
                moved = np.array(values, dtype=float)
                moved[index] += sign * step
                ends.append(self.gradient(moved, wanted, slopes))
            matrix[row] = (ends[0] - ends[1]) / (2 * step)
        return 0.5 * (matrix + matrix.T)


def weighted_sums(cube, weight) -> np.ndarray:
    """Return the sum over the pixels of each energy, with weights that may be bool."""
    planes = zip(cube, weight, strict=True)
    return np.array([np.dot(a.ravel().astype(float), w.ravel().astype(float)) for a, w in planes])
