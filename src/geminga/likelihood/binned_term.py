"""The term of binned data: any number of datasets, concatenated into one long row of bins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from .components import Component

__all__ = ["BinStatistic", "BinnedTerm"]


class BinStatistic(Protocol):
    """A statistic of independent bins, bound to what was observed."""

    def value(self, mu: np.ndarray) -> float:
        """Return the sum over bins."""

    def array(self, mu: np.ndarray) -> np.ndarray:
        """Return the statistic of each bin."""

    def derivatives(self, mu: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the first and second derivative in the prediction of each bin."""


class BinnedTerm:
    """Statistic of concatenated bins whose prediction is a constant plus a sum of components.

    Parameters
    ----------
    statistic : BinStatistic
        Bound to the observations of all bins.
    constant : ndarray, shape (n_bins,)
        Prediction that depends on no free parameter.
    components : sequence of Component
        The others.
    segments : dict of str to slice
        Bins of each dataset.
    """

    def __init__(
        self,
        statistic: BinStatistic,
        constant: np.ndarray,
        components: Sequence[Component],
        segments: dict[str, slice],
    ):
        self.statistic, self.constant, self.segments = statistic, constant, segments
        self.components = tuple(components)
        self.parameters: list[Any] = []
        slot: dict[int, int] = {}
        self._slots = []
        for component in self.components:
            positions = []
            for parameter in component.parameters:
                if id(parameter) not in slot:
                    slot[id(parameter)] = len(self.parameters)
                    self.parameters.append(parameter)
                positions.append(slot[id(parameter)])
            self._slots.append(np.array(positions, dtype=int))

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Return the prediction of all bins."""
        mu = self.constant.copy()
        for component, slots in zip(self.components, self._slots, strict=True):
            mu[component.bins] += component.predict(values[slots])
        return mu

    def predict_with_jacobian(self, values, wanted) -> tuple[np.ndarray, np.ndarray]:
        """Return the prediction and their derivatives in the wanted parameters."""
        row_of = {int(index): row for row, index in enumerate(wanted)}
        mu = self.constant.copy()
        jacobian = np.zeros((len(wanted), mu.size))
        for component, slots in zip(self.components, self._slots, strict=True):
            local = [i for i, position in enumerate(slots) if int(position) in row_of]
            counts, derivatives = component.jacobian(values[slots], local)
            mu[component.bins] += counts
            for position, derivative in zip(local, derivatives, strict=True):
                jacobian[row_of[int(slots[position])], component.bins] += derivative
        return mu, jacobian

    def npred(self, values: np.ndarray) -> dict[str, np.ndarray]:
        """Return the prediction of each dataset, by name."""
        mu = self.predict(values)
        return {name: mu[bins] for name, bins in self.segments.items()}

    def stat(self, values: np.ndarray) -> float:
        """Return the statistic, summed over bins."""
        return self.statistic.value(self.predict(values))

    def stat_and_gradient(self, values, wanted) -> tuple[float, np.ndarray]:
        """Return the statistic and its derivative in the wanted parameters."""
        mu, jacobian = self.predict_with_jacobian(values, wanted)
        first, _ = self.statistic.derivatives(mu)
        return self.statistic.value(mu), jacobian @ first

    def fisher(self, values, wanted) -> np.ndarray:
        """Return the curvature with second derivatives of the prediction neglected."""
        mu, jacobian = self.predict_with_jacobian(values, wanted)
        _, second = self.statistic.derivatives(mu)
        return (jacobian * second) @ jacobian.T
