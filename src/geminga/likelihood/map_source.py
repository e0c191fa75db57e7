"""What one sky model adds to the counts of one map dataset, with its derivatives.

While the image of the source stays, its response is a small matrix and a value costs as much as that of a spectrum.
The derivative in a spatial parameter needs no further fold: it is the derivative of the image, a small thing, times
what each pixel of the image is worth to the statistic (`MapFold.pull`), which is one fold back for all parameters
together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .components import Factor, spectral_step
from .map_fold import FilledBins, MapFold
from .source_image import SourceImage

__all__ = ["MapSource"]


class _Shape:
    """The source at one set of spatial parameters: its image, and the response to it."""

    def __init__(self, fold: MapFold, image: np.ndarray):
        self.fold, self.image = fold, image
        self.response, self.total = fold.response(image), fold.totals(image)
        self.slopes: dict[int, np.ndarray] = {}


class MapSource:
    """A sky model in the bins with counts, and summed over all bins.

    Parameters
    ----------
    image : SourceImage
    make_fold : callable
        From a part of the map to the `MapFold` there.
    bins : FilledBins
    spectrum : object with ``parameters``, ``evaluate`` and ``jacobian``
        The spectrum on true-energy bins.
    factors : sequence of Factor
        Scalars that depend on other parameters, such as averages over time.
    """

    def __init__(
        self,
        image: SourceImage,
        make_fold: Callable[[tuple[slice, slice]], MapFold],
        bins: FilledBins,
        spectrum,
        factors: Sequence[Factor] = (),
    ):
        self.image, self.spectrum, self.factors = image, spectrum, tuple(factors)
        self._make_fold, self._n_filled = make_fold, bins.size
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
        self._spatial = slots_of(image.parameters)
        self._factor_slots = [slots_of(factor.parameters) for factor in self.factors]
        self._fold: MapFold | None = None
        self._shapes: dict[tuple, _Shape | None] = {}

    # ------------------------------------------------------------------ shape, flux, scale

    def _shape(self, values) -> _Shape | None:
        """Return the source at its spatial parameters, or None where it does not reach the map."""
        spatial = values[self._spatial]
        key = tuple(spatial.tolist())
        if key not in self._shapes:
            self._place(spatial)
            # A line search looks back at few points; the responses of large sources are large.
            while len(self._shapes) > 1:
                self._shapes.pop(next(iter(self._shapes)))
            fold = self._fold
            self._shapes[key] = None if fold is None else _Shape(fold, self.image.evaluate(spatial))
        return self._shapes[key]

    def _place(self, spatial) -> None:
        """Make a fold for the part of the map where the source is, if that part changed."""
        if self.image.place(spatial):
            self._fold = None if self.image.window is None else self._make_fold(self.image.window)
            self._shapes.clear()

    def _slope(self, shape: _Shape, values, index: int) -> np.ndarray:
        """Return the derivative of the image in one spatial parameter."""
        if index not in shape.slopes:
            shape.slopes[index] = self.image.derivative(values[self._spatial], index)
        return shape.slopes[index]

    def _amounts(self, values) -> list[float]:
        return [
            float(factor.evaluate(values[slots]))
            for factor, slots in zip(self.factors, self._factor_slots, strict=True)
        ]

    def _flux_jacobian(self, values, wanted):
        needed = np.zeros(self.n_spectral, dtype=bool)
        needed[[index for index in wanted if index < self.n_spectral]] = True
        return self.spectrum.jacobian(values[: self.n_spectral], needed)

    def _factor_slopes(self, values, amounts, index) -> float:
        """Return the derivative of the product of the factors in one parameter."""
        slope = 0.0
        for position, (factor, slots) in enumerate(zip(self.factors, self._factor_slots, strict=True)):
            if index in slots:
                others = np.prod([a for i, a in enumerate(amounts) if i != position])
                slope += float(others * factor.derivative(values[slots], slots.index(index)))
        return slope

    @property
    def rough(self) -> set[int]:
        """Parameters, by position, in which the counts change in small jumps: those of the place of an edge."""
        return set(self._spatial) if self.image.spatial.has_edges else set()

    def reaches_map(self, values) -> bool:
        """Tell whether any light of the source falls on pixels of the map."""
        return self._shape(values) is not None

    def has_left(self, values, distance: float) -> bool:
        """Tell whether the source is further than a distance in deg from where its responses were taken."""
        return self.image.distance_from_start(values[self._spatial]) > distance

    def round_point(self, half: float) -> None:
        """Choose over how many pixels the kinks in the image of a point are rounded off."""
        self.image.rounding = half
        self._shapes.clear()

    # ------------------------------------------------------------------ prediction

    def predict(self, values) -> tuple[np.ndarray, float]:
        """Return the counts in the bins with counts, and summed over all bins."""
        counts = np.zeros(self._n_filled)
        shape = self._shape(values)
        if shape is None:
            return counts, 0.0
        flux = self.spectrum.evaluate(values[: self.n_spectral]) * np.prod(self._amounts(values))
        counts[shape.fold.near] = shape.fold.counts(shape.response, flux)
        return counts, float(flux @ shape.total)

    def add_to(self, cube, values) -> None:
        """Add the counts to all bins of a cube."""
        spatial = values[self._spatial]
        self._place(spatial)
        if self._fold is not None:
            flux = self.spectrum.evaluate(values[: self.n_spectral]) * np.prod(self._amounts(values))
            part = self._fold.cube(self.image.evaluate(spatial), flux)
            cube[(slice(None), *self._fold.reach)] += part

    # ------------------------------------------------------------------ derivatives

    def gradient(self, values, wanted, slopes) -> np.ndarray:
        """Return the derivative of a statistic in the wanted parameters.

        Parameters
        ----------
        values : ndarray, shape (n_parameters,)
        wanted : sequence of int
        slopes : ndarray, shape (n_filled,)
            Derivative of the statistic in the counts of each bin with counts, beyond the 2 of every bin in the total.
        """
        result = np.zeros(len(wanted))
        shape = self._shape(values)
        if shape is None:
            return result
        slopes = slopes[shape.fold.near]
        flux, flux_jacobian = self._flux_jacobian(values, wanted)
        amounts = self._amounts(values)
        scale = np.prod(amounts)
        worth = shape.fold.worth(shape.response, slopes) + 2.0 * shape.total
        pulled = None
        for row, index in enumerate(wanted):
            if index < self.n_spectral:
                result[row] += scale * float(flux_jacobian[index] @ worth)
            if index in self._spatial:
                if pulled is None:
                    pulled = self._pulled(shape, slopes, flux)
                slope = self._slope(shape, values, self._spatial.index(index))
                result[row] += scale * float(np.vdot(pulled, slope))
            result[row] += self._factor_slopes(values, amounts, index) * float(flux @ worth)
        return result

    def _pulled(self, shape, slopes, flux) -> np.ndarray:
        """Return the derivative of the statistic in the image, for a flux."""
        fold = shape.fold
        if self.image.depends_on_energy:
            return flux[:, np.newaxis, np.newaxis] * (fold.pull(slopes) + 2.0 * fold.visible)
        return fold.pull(slopes, flux) + 2.0 * np.tensordot(flux, fold.visible, axes=1)

    def jacobian(self, values, wanted) -> tuple[np.ndarray, np.ndarray]:
        """Return the derivatives of the counts in the bins with counts.

        Returns
        -------
        near : ndarray of int, shape (n_near,)
            The bins that the source reaches, in order.
        rows : ndarray, shape (len(wanted), n_near)
        """
        shape = self._shape(values)
        if shape is None:
            return np.empty(0, dtype=int), np.zeros((len(wanted), 0))
        flux, flux_jacobian = self._flux_jacobian(values, wanted)
        amounts = self._amounts(values)
        scale = np.prod(amounts)
        rows = np.zeros((len(wanted), shape.fold.near.size))
        for row, index in zip(rows, wanted, strict=True):
            if index < self.n_spectral:
                row += scale * shape.fold.counts(shape.response, flux_jacobian[index])
            if index in self._spatial:
                slope = self._slope(shape, values, self._spatial.index(index))
                row += scale * shape.fold.counts(shape.fold.response(slope), flux)
            change = self._factor_slopes(values, amounts, index)
            if change:
                row += change * shape.fold.counts(shape.response, flux)
        return shape.fold.near, rows

    def curvature(self, values, wanted, slopes, errors) -> np.ndarray:
        """Return what the second derivatives of the counts add to those of a statistic.

        Parameters
        ----------
        values, wanted, slopes
            As for `gradient`.
        errors : ndarray, shape (len(wanted),)
            Rough standard deviations of the wanted parameters.

        Returns
        -------
        ndarray, shape (len(wanted), len(wanted))
        """
        n = len(wanted)
        matrix = np.zeros((n, n))
        shape = self._shape(values)
        if shape is None:
            return matrix
        slopes = slopes[shape.fold.near]
        flux, flux_jacobian = self._flux_jacobian(values, wanted)
        amounts = self._amounts(values)
        scale = np.prod(amounts)
        worth = shape.fold.worth(shape.response, slopes) + 2.0 * shape.total
        spectral = [row for row, index in enumerate(wanted) if index < self.n_spectral]
        spatial = [row for row, index in enumerate(wanted) if index in self._spatial]
        for row in spectral:
            bend = self._flux_bend(values, wanted, row) @ worth
            matrix[row, spectral] += scale * bend[spectral]
        if spatial:
            places = [self._spatial.index(wanted[row]) for row in spatial]
            pulled = self._pulled(shape, slopes, flux)
            matrix[np.ix_(spatial, spatial)] += scale * self.image.curvature(
                values[self._spatial], places, pulled, errors[spatial]
            )
            for row, place in zip(spatial, places, strict=True):
                slope = self._slope(shape, values, place)
                moved = shape.fold.worth(shape.fold.response(slope), slopes) + 2.0 * shape.fold.totals(slope)
                for other in spectral:
                    mixed = scale * float(flux_jacobian[wanted[other]] @ moved)
                    matrix[row, other] += mixed
                    matrix[other, row] += mixed
        if self.factors:
            matrix += self._factor_curvature(values, wanted, slopes, amounts, flux @ worth)
        return 0.5 * (matrix + matrix.T)

    def _flux_bend(self, values, wanted, row) -> np.ndarray:
        """Return the derivative of all spectral derivatives in one spectral parameter, (len(wanted), n_true)."""
        index = wanted[row]
        step = spectral_step(values[index], self.parameters[index])
        ends = []
        for sign in (1, -1):
            moved = np.array(values, dtype=float)
            moved[index] += sign * step
            ends.append(self._flux_jacobian(moved, wanted)[1])
        bend = (ends[0] - ends[1]) / (2 * step)
        return np.array([bend[i] if i < self.n_spectral else np.zeros(bend.shape[1]) for i in wanted])

    def _factor_curvature(self, values, wanted, slopes, amounts, amount) -> np.ndarray:
        """Return the second derivatives that involve a factor; `amount` is what the source is worth for factors 1."""
        n = len(wanted)
        matrix = np.zeros((n, n))
        scale = np.prod(amounts)
        full = np.zeros(self._n_filled)
        shape = self._shape(values)
        if shape is not None:
            full[shape.fold.near] = slopes
        changes = np.array([self._factor_slopes(values, amounts, index) for index in wanted])
        base = (self.gradient(values, wanted, full) - changes * amount) / scale if scale else np.zeros(n)
        matrix += np.outer(changes, base) + np.outer(base, changes)
        for row, index in enumerate(wanted):
            if not changes[row]:
                continue
            step = spectral_step(values[index], self.parameters[index])
            ends = []
            for sign in (1, -1):
                moved = np.array(values, dtype=float)
                moved[index] += sign * step
                moved_amounts = self._amounts(moved)
                ends.append([self._factor_slopes(moved, moved_amounts, i) for i in wanted])
            matrix[row] += amount * (np.array(ends[0]) - np.array(ends[1])) / (2 * step)
        return matrix
