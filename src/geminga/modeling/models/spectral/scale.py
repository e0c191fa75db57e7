"""A fixed spectrum times a norm."""

from __future__ import annotations

import numpy as np

from geminga.errors import ModelError
from geminga.modeling.parameter import Parameter

from ..registries import SPECTRAL_MODEL_REGISTRY
from .base import SpectralModel
from .binned import BoundSpectrum

__all__ = ["ScaleSpectralModel"]


@SPECTRAL_MODEL_REGISTRY.register
class ScaleSpectralModel(SpectralModel):
    """A spectral model whose parameters are fixed, times a norm.

    Parameters
    ----------
    model : `SpectralModel`
        The spectrum to scale; its parameters are not parameters of this model.
    norm : float
        Factor, default 1.

    Examples
    --------
    >>> from geminga.modeling.models import PowerLawSpectralModel
    >>> ScaleSpectralModel(PowerLawSpectralModel(), norm=2)("1 TeV")
    <Quantity 2.e-12 1 / (TeV s cm2)>
    """

    tag = ["ScaleSpectralModel", "scale"]
    norm = Parameter("norm", 1.0, interp="log")

    def __init__(self, model, norm=norm.quantity, **kwargs):
        if not isinstance(model, SpectralModel):
            raise ModelError(f"model must be a SpectralModel, got {model!r}. Create one first.")
        self.model = model
        super().__init__(norm=norm, **kwargs)

    def evaluate(self, energy, norm):
        """Return the scaled spectrum at energies."""
        return norm * self.model(energy)

    def on_points(self, energies):
        """Bind to energies; see `SpectralModel.on_points`."""
        return ScaledSpectrum(self.norm, self.model.on_points(energies))

    def on_bins(self, edges, weight="flux"):
        """Bind to energy bins; see `SpectralModel.on_bins`."""
        return ScaledSpectrum(self.norm, self.model.on_bins(edges, weight))

    def _pivot_start(self):
        return self.model._pivot_start()

    def to_dict(self, full_output=False) -> dict:
        """Return the model as a dictionary of plain YAML types, with the scaled model inside."""
        data = super().to_dict(full_output)
        data["spectral"]["model"] = self.model.to_dict(full_output)["spectral"]
        return data

    @classmethod
    def _extra_keys(cls):
        return ("model",)

    @classmethod
    def from_dict(cls, data, **kwargs):
        """Create from a dictionary in the form of `to_dict`."""
        content = cls._unwrap(data)
        if "model" in content:
            kwargs.setdefault("model", SpectralModel.from_dict({"spectral": content["model"]}))
        if "model" not in kwargs:
            raise ModelError(
                "scale model must have the key 'model' with the scaled spectrum, "
                f"got keys {sorted(content)}. Add it, or pass model=."
            )
        return super().from_dict(data, **kwargs)

    def __str__(self) -> str:
        return f"{super().__str__()}\n    Scaled model : {self.model}\n"


class ScaledSpectrum(BoundSpectrum):
    """A norm times a bound spectrum at the present values of its parameters."""

    def __init__(self, norm, inner):
        self.parameters = (norm,)
        self.inner = inner
        self.size = inner.size

    def _shape(self):
        return self.inner.evaluate(self.inner.values)

    def evaluate(self, values):
        """Return norm times the spectrum, shape (size,)."""
        return values[0] * self._shape()

    def evaluate_many(self, values):
        """Return the spectrum for many norms, shape (n_draws, size)."""
        return np.asarray(values, dtype=float)[:, :1] * self._shape()

    def _declared_rows(self, values):
        return {0: self._shape()}
