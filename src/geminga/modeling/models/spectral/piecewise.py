"""Norms at a few energies, joined by straight lines or power laws."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from geminga.errors import ModelError, UnknownNameError
from geminga.modeling.parameter import Parameter
from geminga.units import ENERGY, to_quantity

from ...parameters import Parameters
from ..arrays import array_namespace, number, number_in
from ..base import parameters_from_dict
from ..registries import SPECTRAL_MODEL_REGISTRY
from .base import SpectralModel
from .binned import FormulaOnPoints, energies_in_tev
from .tables import quantity_from_dict, quantity_to_dict

__all__ = ["PiecewiseNormSpectralModel"]

_INTERPOLATIONS = ("log", "lin")
_FLOOR = np.finfo(float).tiny


@SPECTRAL_MODEL_REGISTRY.register
class PiecewiseNormSpectralModel(SpectralModel):
    """Norms at energy nodes, interpolated between them and constant outside.

    Parameters
    ----------
    energy : `~astropy.units.Quantity`, shape (n,)
        Nodes, ascending, at least two.
    norms : array_like or list of `~geminga.modeling.Parameter`, shape (n,), optional
        Norms at the nodes, default 1. They are the parameters ``norm_0``, ``norm_1``, ...
    interp : {"log", "lin"}
        Interpolate logarithms of norms over logarithms of energies, or the numbers themselves.

    Examples
    --------
    >>> model = PiecewiseNormSpectralModel([1, 100] * u.TeV, norms=[1, 100])
    >>> model("10 TeV").round(6)
    <Quantity 10.>
    """

    tag = ["PiecewiseNormSpectralModel", "piecewise-norm"]
    array_evaluate = True

    def __init__(self, energy, norms=None, interp="log", **kwargs):
        self._energy = _nodes(energy)
        if interp not in _INTERPOLATIONS:
            raise UnknownNameError("interp of a piecewise norm", interp, _INTERPOLATIONS)
        self._interp = interp
        if norms is None:
            norms = np.ones(len(self._energy))
        if len(norms) != len(self._energy):
            raise ModelError(
                f"norms must have one entry for each energy, got {len(norms)} for {len(self._energy)} energies."
            )
        self.default_parameters = Parameters([Parameter(f"norm_{k}", 1.0) for k in range(len(norms))])
        if not isinstance(norms, Parameters | list | tuple):
            norms = list(np.asarray(number(norms), dtype=float))
        super().__init__(**dict(zip(self.default_parameters.names, norms, strict=True)), **kwargs)

    @property
    def energy(self):
        """Energies of the nodes."""
        return self._energy

    @property
    def norms(self):
        """Norms at the nodes, dimensionless `~astropy.units.Quantity`."""
        return u.Quantity(self.parameters.value)

    @property
    def is_norm_spectral_model(self) -> bool:
        """Always true."""
        return True

    def _evaluate_with(self, energy, arguments):
        return self.evaluate(energy, *arguments.values())

    def _weights(self, energy):
        """Return the weight of each node at each energy, shape (n_nodes, *energy)."""
        energy = np.asarray(number_in(energy, ENERGY))
        nodes = self._energy.to_value(ENERGY)
        if self._interp == "log":
            energy, nodes = np.log(energy), np.log(nodes)
        identity = np.eye(len(nodes))
        return np.array([np.interp(energy, nodes, row) for row in identity])

    def evaluate(self, energy, *norms):
        """Return the norm at energies, for norms at the nodes."""
        norms = [number(norm) for norm in norms]
        xp = array_namespace(*norms)
        logarithmic = self._interp == "log"
        result = 0.0
        for weight, norm in zip(self._weights(energy), norms, strict=True):
            node = xp.log(xp.maximum(xp.asarray(norm), _FLOOR)) if logarithmic else norm
            result = result + weight * node
        return xp.exp(result) if logarithmic else result

    def evaluate_gradient(self, energy, **norms):
        """Return the derivatives of the norm by parameter, for plain arrays."""
        weights = self._weights(energy)
        if self._interp == "lin":
            return dict(zip(norms, weights, strict=True))
        value = self.evaluate(energy, *norms.values())
        return {
            name: value * weight / norm if norm > 0 else 0.0 * value
            for weight, (name, norm) in zip(weights, norms.items(), strict=True)
        }

    def on_points(self, energies):
        """Bind to energies; see `SpectralModel.on_points`."""
        return PiecewiseOnPoints(self, energies_in_tev(energies).ravel())

    def _pivot_start(self):
        return u.Quantity(np.sqrt(self._energy[0] * self._energy[-1])).to(self._energy.unit)

    def to_dict(self, full_output=False) -> dict:
        """Return the model as a dictionary of plain YAML types."""
        data = super().to_dict(full_output)
        data["spectral"]["energy"] = quantity_to_dict(self._energy)
        data["spectral"]["interp"] = self._interp
        return data

    @classmethod
    def from_dict(cls, data, **kwargs):
        """Create from a dictionary in the form of `to_dict`."""
        data = cls._unwrap(data)
        kwargs = {"energy": quantity_from_dict(data, "energy"), "interp": data.get("interp", "log")} | kwargs
        defaults = cls(**kwargs).default_parameters
        parameters = parameters_from_dict(data.get("parameters", []), defaults, cls.__name__)
        return cls.from_parameters(parameters, **kwargs)

    @classmethod
    def from_parameters(cls, parameters, **kwargs):
        """Create from the norms, used as they are, and `energy` and `interp`."""
        return cls(norms=list(parameters), **kwargs)


class PiecewiseOnPoints(FormulaOnPoints):
    """The norm at fixed energies, a product with a matrix of weights that is computed once."""

    def __init__(self, model, energies):
        super().__init__(model, energies)
        self.logarithmic = model._interp == "log"
        self.weights = model._weights(self.energies)
        if self.call.shared:
            own = np.zeros((len(self.parameters), self.size))
            np.add.at(own, self.call.index, self.weights)
            self.weights = own

    def evaluate(self, values):
        """Return the norm, shape (n,)."""
        return self.evaluate_many(np.asarray(values, dtype=float))

    def evaluate_many(self, values):
        """Return the norm for many sets of parameters, shape (n_draws, n)."""
        values = np.asarray(values, dtype=float)
        if not self.logarithmic:
            return values @ self.weights
        return np.exp(np.log(np.maximum(values, _FLOOR)) @ self.weights)

    def _declared_rows(self, values):
        if not self.logarithmic:
            return dict(enumerate(self.weights))
        slopes = np.divide(1.0, values, out=np.zeros(len(values)), where=values > _FLOOR)
        return dict(enumerate(self.evaluate(values) * self.weights * slopes[:, np.newaxis]))


def _nodes(energy):
    energy = np.atleast_1d(to_quantity(energy, name="energy"))
    numbers = energy.to_value(ENERGY)
    if energy.ndim != 1 or len(energy) < 2 or np.any(np.diff(numbers) <= 0) or numbers[0] <= 0:
        raise ModelError(
            f"energy of a piecewise norm must be at least two positive ascending energies, got {energy}. Sort them."
        )
    return energy
