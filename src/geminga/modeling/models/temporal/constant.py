"""A factor that does not change."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ..registries import TEMPORAL_MODEL_REGISTRY
from .base import TemporalModel

__all__ = ["ConstantTemporalModel"]


@TEMPORAL_MODEL_REGISTRY.register
class ConstantTemporalModel(TemporalModel):
    """The factor 1 at all times."""

    tag = ["ConstantTemporalModel", "const"]

    @staticmethod
    def evaluate(time):
        """Return 1 for each time."""
        return np.ones(np.shape(time)) * u.one

    def _integral_in_days(self, t_min, t_max, oversampling_factor=100, **kwargs):
        return (t_max - t_min).to_value("d")
