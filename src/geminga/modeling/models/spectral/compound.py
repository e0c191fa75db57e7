"""Sums, differences and products of spectral models."""

from __future__ import annotations

import operator as operators

from geminga.errors import ModelError, UnknownNameError

from ...parameters import Parameters
from ..registries import SPECTRAL_MODEL_REGISTRY
from .base import SpectralModel
from .binned import ProductOfSpectra, QuadratureOnBins, SumOfSpectra, energies_in_tev, split_edges

__all__ = ["CompoundSpectralModel"]

_OPERATORS = {"add": operators.add, "sub": operators.sub, "mul": operators.mul}


@SPECTRAL_MODEL_REGISTRY.register
class CompoundSpectralModel(SpectralModel):
    """Sum, difference or product of two spectral models.

    Integrals of sums are sums of the integrals of the parts, each by its own closed form.

    Parameters
    ----------
    model1, model2 : `SpectralModel`
    operator : {"add", "sub", "mul"} or function of the `operator` module

    Examples
    --------
    >>> from geminga.modeling.models import PowerLawSpectralModel, PowerLawNormSpectralModel
    >>> model = PowerLawSpectralModel() * PowerLawNormSpectralModel(norm=3)
    >>> model("1 TeV")
    <Quantity 3.e-12 1 / (TeV s cm2)>
    >>> model.parameters_unique_names[:2]
    ['model1.index', 'model1.amplitude']
    """

    tag = ["CompoundSpectralModel", "compound"]
    _models_in_dictionaries = ("model1", "model2")

    def __init__(self, model1, model2, operator, covariance_data=None):
        for name, model in (("model1", model1), ("model2", model2)):
            if not isinstance(model, SpectralModel):
                raise ModelError(f"{name} must be a SpectralModel, got {model!r}. Create one first.")
        self.model1, self.model2 = model1, model2
        self.operator = _read_operator(operator)
        super().__init__(covariance_data=covariance_data)

    @property
    def parameters(self):
        """Parameters of both models; one that both share occurs twice."""
        return self.model1.parameters + self.model2.parameters

    @property
    def parameters_unique_names(self) -> list[str]:
        """Names with ``model1.`` or ``model2.`` in front."""
        return [
            f"{label}.{name}"
            for label, model in (("model1", self.model1), ("model2", self.model2))
            for name in model.parameters_unique_names
        ]

    def _covariance_parts(self):
        return [self.model1, self.model2]

    def freeze(self) -> None:
        """Freeze all parameters."""
        self.model1.freeze()
        self.model2.freeze()

    def unfreeze(self) -> None:
        """Give all parameters the frozen flags that they have by default."""
        self.model1.unfreeze()
        self.model2.unfreeze()

    def __call__(self, energy):
        """Return the spectrum at energies; see `SpectralModel.__call__`."""
        return self.operator(self.model1(energy), self.model2(energy))

    def evaluate(self, energy, *args):
        """Return the spectrum for parameter values given in the order of `parameters`."""
        n_first = len(self.model1.parameters)
        parts = []
        for model, values in ((self.model1, args[:n_first]), (self.model2, args[n_first:])):
            names = model.parameters.names
            if isinstance(model, CompoundSpectralModel):
                parts.append(model.evaluate(energy, *values))
            else:
                parts.append(model._evaluate_with(energy, dict(zip(names, values, strict=True))))
        return self.operator(*parts)

    def on_points(self, energies):
        """Bind to energies; see `SpectralModel.on_points`."""
        energies = energies_in_tev(energies).ravel()
        first, second = self.model1.on_points(energies), self.model2.on_points(energies)
        if self.operator is operators.mul:
            return ProductOfSpectra(first, second)
        return SumOfSpectra(first, second, 1 if self.operator is operators.add else -1)

    def on_bins(self, edges, weight="flux"):
        """Bind to energy bins; see `SpectralModel.on_bins`."""
        if self.operator is operators.mul:
            return QuadratureOnBins(self, *split_edges(edges), weight)
        first, second = self.model1.on_bins(edges, weight), self.model2.on_bins(edges, weight)
        return SumOfSpectra(first, second, 1 if self.operator is operators.add else -1)

    def _pivot_start(self):
        names = self.model1.parameters.names
        model = self.model1 if {"reference", "ebreak", "mean"} & set(names) else self.model2
        return model._pivot_start()

    def to_dict(self, full_output=False) -> dict:
        """Return the model as a dictionary of plain YAML types; see `ModelBase.to_dict`."""
        return {
            "spectral": {
                "type": self._tag_for_files(),
                "model1": self.model1.to_dict(full_output)["spectral"],
                "model2": self.model2.to_dict(full_output)["spectral"],
                "operator": self.operator.__name__,
            }
        }

    @classmethod
    def from_dict(cls, data, **kwargs):
        """Create from a dictionary in the form of `to_dict`."""
        data = cls._unwrap(data)
        missing = {"model1", "model2", "operator"} - set(data)
        if missing:
            raise ModelError(
                f"compound model must have model1, model2 and operator, got keys {sorted(data)}. "
                f"Add {', '.join(sorted(missing))}."
            )
        return cls(
            SpectralModel.from_dict({"spectral": data["model1"]}),
            SpectralModel.from_dict({"spectral": data["model2"]}),
            data["operator"],
            **kwargs,
        )

    @classmethod
    def from_parameters(cls, parameters, **kwargs):
        """Create from the parameters of both models and the models that show their kinds.

        Parameters
        ----------
        parameters : `Parameters`
            Those of `model1`, then those of `model2`; used as they are.
        **kwargs : dict
            `model1`, `model2` and `operator`.
        """
        model1, model2 = kwargs.pop("model1"), kwargs.pop("model2")
        n_first = len(model1.parameters)
        return cls(
            _with_parameters(model1, parameters[:n_first]),
            _with_parameters(model2, parameters[n_first:]),
            **kwargs,
        )

    def __repr__(self) -> str:
        symbol = {"add": "+", "sub": "-", "mul": "*"}[self.operator.__name__]
        return f"{self.model1!r} {symbol} {self.model2!r}"

    def __str__(self) -> str:
        return (
            f"{type(self).__name__}\n"
            f"    Component 1 : {self.model1}\n"
            f"    Component 2 : {self.model2}\n"
            f"    Operator : {self.operator.__name__}\n"
        )


def _read_operator(operator):
    """Return the function of an operator given by name or as function."""
    name = operator if isinstance(operator, str) else getattr(operator, "__name__", str(operator))
    if name not in _OPERATORS:
        raise UnknownNameError("operator of spectral models", name, _OPERATORS)
    return _OPERATORS[name]


def _with_parameters(model, parameters):
    """Return a copy of a model that uses other parameters."""
    new = model.copy()
    for parameter in Parameters(parameters):
        setattr(new, parameter.name, parameter)
    return new
