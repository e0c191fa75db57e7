"""The term of counts maps: sparse in the bins with counts, linear in the rest.

``-2 ln L = 2 [ sum(mu) - sum_{n>0} n ln mu ]``: only bins with counts need a logarithm, and the sum over all
bins is linear in every
spectrum. A source with a fixed position is folded once, after which a value costs as much as that of a spectrum.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .components import Factor
from .likelihood import parameters_set
from .map_fold import MapFold
from .statistics import PREDICTION_FLOOR

__all__ = ["MapSource", "MapTerm", "SpatialFactor", "TemplateSource"]

#: Steps of central differences of a fold: in degrees for positions, relative for sizes and shapes.
POSITION_STEP = 2e-3
SHAPE_STEP = 5e-3


class MapSource:
    """A sky model in the bins with counts, and summed over all bins of the mask.

    Parameters
    ----------
    fold : MapFold
    spectrum : object with ``parameters``, ``evaluate`` and ``jacobian``
        The spectrum on true-energy bins.
    mask : ndarray of bool, shape (n_reco, n_lat, n_lon)
    filled : tuple of ndarray of int
        Reconstructed energy, latitude and longitude index of the bins with counts.
    factors : sequence of Factor
        Scalars that depend on other parameters, such as averages over time.
    """

    def __init__(self, fold: MapFold, spectrum, mask: np.ndarray, filled, factors: Sequence[Factor] = ()):
        self.fold, self.spectrum, self.mask, self.filled = fold, spectrum, mask, filled
        self.factors = tuple(factors)
        self.n_spectral = len(spectrum.parameters)
        self.parameters: list[Any] = []
        known: dict[int, int] = {}

        def slots_of(parameters):
            slots = []
            for parameter in parameters:
                if id(parameter) not in known:
                    known[id(parameter)] = len(self.parameters)
                    self.parameters.append(parameter)
                slots.append(known[id(parameter)])
            return slots

        slots_of(spectrum.parameters)
        self._spatial_slots = slots_of(fold.parameters)
        self._factor_slots = [slots_of(factor.parameters) for factor in self.factors]
        self._folded: dict[tuple, tuple] = {}

    def response(self, values) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the response to unit flux: which bins with counts it reaches, there, and summed over the mask.

        Returns
        -------
        near : ndarray of int, shape (n_near,)
            Positions among the bins with counts.
        response : ndarray, shape (n_true, n_near)
        total : ndarray, shape (n_true,)
        """
        key = tuple(float(value) for value in values)
        if key not in self._folded:
            # A line search looks back at few points; the responses of large sources are large.
            while len(self._folded) > 2:
                self._folded.pop(next(iter(self._folded)))
            self._folded[key] = self._fold(values)
        return self._folded[key]

    def _near(self, slices):
        """Return the bins with counts inside a cut-out, and their indices there."""
        energy, lat, lon = self.filled
        y, x = slices
        near = np.flatnonzero((lat >= y.start) & (lat < y.stop) & (lon >= x.start) & (lon < x.stop))
        return near, (energy[near], lat[near] - y.start, lon[near] - x.start)

    def _fold(self, values):
        slices, counts = self.fold.fold(values)
        matrix = self.fold.matrix
        if slices is None:
            return np.empty(0, dtype=int), np.zeros((len(matrix), 0)), np.zeros(len(matrix))
        near, (energy, lat, lon) = self._near(slices)
        response = counts[:, lat, lon] * matrix[:, energy]
        inside = self.mask[(slice(None), *slices)].reshape(matrix.shape[1], -1)
        visible = counts.reshape(len(matrix), -1) @ inside.T.astype(float)
        return near, response, (visible * matrix).sum(axis=1)

    def _predicted(self, values, flux):
        """Return the counts for a flux in the bins with counts, and summed over the mask; nothing is kept."""
        slices, counts = self.fold.fold(values)
        result = np.zeros(self.filled[0].size)
        if slices is None:
            return result, 0.0
        near, indices = self._near(slices)
        matrix = self.fold.matrix
        cube = (flux[:, np.newaxis] * matrix).T @ counts.reshape(len(matrix), -1)
        inside = self.mask[(slice(None), *slices)].reshape(matrix.shape[1], -1)
        result[near] = cube.reshape(-1, *counts.shape[1:])[indices]
        return result, float(cube[inside].sum())

    def _spatial_step(self, position: int, value: float) -> float:
        name = self.fold.parameters[position].name
        return POSITION_STEP if name in ("lon_0", "lat_0") else SHAPE_STEP * max(abs(value), 1e-2)

    def predict(self, values) -> tuple[np.ndarray, float]:
        """Return the counts in the bins with counts, and summed over the mask."""
        near, response, total = self.response(values[self._spatial_slots])
        flux = self.spectrum.evaluate(values[: self.n_spectral])
        scale = self._scale(values)
        counts = np.zeros(self.filled[0].size)
        counts[near] = scale * (flux @ response)
        return counts, float(scale * (flux @ total))

    def _scale(self, values) -> float:
        product = 1.0
        for factor, slots in zip(self.factors, self._factor_slots, strict=True):
            product *= float(factor.evaluate(values[slots]))
        return product

    def jacobian(self, values, wanted):
        """Return predictions as `predict` does, and their derivatives in the wanted parameters.

        Returns
        -------
        counts, total
        derivatives : ndarray, shape (len(wanted), n_filled)
        total_derivatives : ndarray, shape (len(wanted),)
        """
        near, response, total = self.response(values[self._spatial_slots])
        needed = np.zeros(self.n_spectral, dtype=bool)
        needed[[index for index in wanted if index < self.n_spectral]] = True
        flux, flux_jacobian = self.spectrum.jacobian(values[: self.n_spectral], needed)
        scale = self._scale(values)
        counts, summed = np.zeros(self.filled[0].size), float(flux @ total)
        counts[near] = flux @ response
        rows, totals = np.zeros((len(wanted), counts.size)), np.zeros(len(wanted))
        for row, index in enumerate(wanted):
            if index < self.n_spectral:
                rows[row, near] += scale * (flux_jacobian[index] @ response)
                totals[row] += scale * float(flux_jacobian[index] @ total)
            if index in self._spatial_slots:
                d_counts, d_total = self._spatial_derivative(values, self._spatial_slots.index(index), flux)
                rows[row] += scale * d_counts
                totals[row] += scale * d_total
            for factor, slots in zip(self.factors, self._factor_slots, strict=True):
                if index in slots:
                    amount = float(factor.evaluate(values[slots]))
                    slope = float(factor.derivative(values[slots], slots.index(index)))
                    others = scale / amount if amount else 0.0
                    rows[row] += others * slope * counts
                    totals[row] += others * slope * summed
        return scale * counts, scale * summed, rows, totals

    def _spatial_derivative(self, values, position, flux):
        """Return the derivative in one spatial parameter, by two folds of this source."""
        spatial = np.array(values[self._spatial_slots], dtype=float)
        parameter = self.fold.parameters[position]
        step = self._spatial_step(position, spatial[position])
        ends = []
        for sign in (1, -1):
            moved = spatial.copy()
            moved[position] = np.clip(
                moved[position] + sign * step,
                parameter.min if np.isfinite(parameter.min) else -np.inf,
                parameter.max if np.isfinite(parameter.max) else np.inf,
            )
            ends.append((moved[position], *self._predicted(moved, flux)))
        width = ends[0][0] - ends[1][0]
        if width == 0:
            return np.zeros(self.filled[0].size), 0.0
        return (ends[0][1] - ends[1][1]) / width, (ends[0][2] - ends[1][2]) / width


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
            return np.asarray(self.spatial.evaluate_geom(self.geom).value, dtype=float)

    def derivative(self, values, position: int) -> np.ndarray:
        """Return the derivative in one parameter, by central differences."""
        step = SHAPE_STEP * max(abs(values[position]), 1e-2)
        up, down = np.array(values, dtype=float), np.array(values, dtype=float)
        up[position] += step
        down[position] -= step
        return (self.evaluate(up) - self.evaluate(down)) / (2 * step)


class TemplateSource:
    """Counts of a template times a norm spectrum at the bin centres: background models and templates.

    Parameters
    ----------
    spectrum : object with ``parameters``, ``evaluate`` and ``jacobian``
        The norm at the centres of the reconstructed energies.
    template : ndarray, shape (n_reco, n_lat, n_lon)
    mask : ndarray of bool, same shape
    filled : tuple of ndarray of int
    shape : SpatialFactor, optional
        Factor of each position.
    """

    def __init__(self, spectrum, template: np.ndarray, mask: np.ndarray, filled, shape=None):
        self.spectrum, self.shape, self.filled = spectrum, shape, filled
        self.n_spectral = len(spectrum.parameters)
        self.parameters = [*spectrum.parameters, *(shape.parameters if shape is not None else ())]
        self.energy = filled[0]
        self._template = np.where(mask, template, 0.0)
        self._unshaped = self._collect(self._template)

    def _collect(self, template) -> tuple[np.ndarray, np.ndarray]:
        """Return the counts of a template in the bins with counts, and summed over the mask in each energy."""
        return template[self.filled], template.reshape(template.shape[0], -1).sum(axis=1)

    def _shaped(self, values) -> tuple[np.ndarray, np.ndarray]:
        if self.shape is None:
            return self._unshaped
        return self._collect(self._template * self.shape.evaluate(values[self.n_spectral :]))

    def predict(self, values) -> tuple[np.ndarray, float]:
        """Return the counts in the bins with counts, and summed over the mask."""
        norm = self.spectrum.evaluate(values[: self.n_spectral])
        counts, totals = self._shaped(values)
        return norm[self.energy] * counts, float(norm @ totals)

    def jacobian(self, values, wanted):
        """Return predictions as `predict` does, and their derivatives in the wanted parameters."""
        needed = np.zeros(self.n_spectral, dtype=bool)
        needed[[index for index in wanted if index < self.n_spectral]] = True
        norm, slopes = self.spectrum.jacobian(values[: self.n_spectral], needed)
        counts, totals = self._shaped(values)
        rows, row_totals = np.zeros((len(wanted), counts.size)), np.zeros(len(wanted))
        for row, index in enumerate(wanted):
            if index < self.n_spectral:
                rows[row] = slopes[index][self.energy] * counts
                row_totals[row] = slopes[index] @ totals
            else:
                slope = self.shape.derivative(values[self.n_spectral :], index - self.n_spectral)
                moved, moved_totals = self._collect(self._template * slope)
                rows[row] = norm[self.energy] * moved
                row_totals[row] = norm @ moved_totals
        return norm[self.energy] * counts, float(norm @ totals), rows, row_totals


class MapTerm:
    """Cash statistic of one map dataset.

    Parameters
    ----------
    counts : ndarray, shape (n_filled,)
        Counts of the bins that have some, inside the mask.
    constant : ndarray, shape (n_filled,)
        Prediction there that depends on no free parameter.
    constant_total : float
        The same, summed over the mask.
    sources : sequence of MapSource or TemplateSource
    """

    def __init__(self, counts, constant, constant_total, sources):
        self.counts, self.constant, self.constant_total = counts, constant, float(constant_total)
        self.sources = tuple(sources)
        self.parameters: list[Any] = []
        slot: dict[int, int] = {}
        self._slots = []
        for source in self.sources:
            positions = []
            for parameter in source.parameters:
                if id(parameter) not in slot:
                    slot[id(parameter)] = len(self.parameters)
                    self.parameters.append(parameter)
                positions.append(slot[id(parameter)])
            self._slots.append(np.array(positions, dtype=int))

    def _value(self, mu, total) -> float:
        return float(2.0 * (total - self.counts @ np.log(np.maximum(mu, PREDICTION_FLOOR))))

    def stat(self, values) -> float:
        """Return the statistic, summed over the mask."""
        mu, total = self.constant.copy(), self.constant_total
        for source, slots in zip(self.sources, self._slots, strict=True):
            counts, summed = source.predict(values[slots])
            mu += counts
            total += summed
        return self._value(mu, total)

    def _derivatives(self, values, wanted):
        row_of = {int(index): row for row, index in enumerate(wanted)}
        mu, total = self.constant.copy(), self.constant_total
        rows, totals = np.zeros((len(wanted), mu.size)), np.zeros(len(wanted))
        for source, slots in zip(self.sources, self._slots, strict=True):
            local = [i for i, position in enumerate(slots) if int(position) in row_of]
            counts, summed, slopes, total_slopes = source.jacobian(values[slots], local)
            mu += counts
            total += summed
            for position, slope, total_slope in zip(local, slopes, total_slopes, strict=True):
                rows[row_of[int(slots[position])]] += slope
                totals[row_of[int(slots[position])]] += total_slope
        return mu, total, rows, totals

    def stat_and_gradient(self, values, wanted) -> tuple[float, np.ndarray]:
        """Return the statistic and its derivative in the wanted parameters."""
        mu, total, rows, totals = self._derivatives(values, wanted)
        weight = np.where(mu > PREDICTION_FLOOR, self.counts / np.maximum(mu, PREDICTION_FLOOR), 0.0)
        return self._value(mu, total), 2.0 * (totals - rows @ weight)

    def fisher(self, values, wanted) -> np.ndarray:
        """Return the curvature with second derivatives of the prediction neglected."""
        mu, _, rows, _ = self._derivatives(values, wanted)
        weight = np.where(mu > PREDICTION_FLOOR, self.counts / np.maximum(mu, PREDICTION_FLOOR) ** 2, 0.0)
        return 2.0 * (rows * weight) @ rows.T
