"""What every prior has: numbers, a weight, and -2 ln p."""

from __future__ import annotations

import numpy as np

from ....errors import ModelError, UnknownNameError
from ...parameter import Parameter
from ...parameters import Parameters, PriorParameters
from ..base import ModelBase, parameters_from_dict
from ..registries import PRIOR_REGISTRY

__all__ = ["Prior"]


class Prior(ModelBase):
    """Base class of priors: a probability density of the value of one parameter.

    A subclass declares its numbers as `PriorParameter` class attributes and offers ``evaluate(value, **numbers)``,
    which returns -2 ln p, and ``inverse_cdf(probability)``. Values are plain numbers in the unit of the parameter.

    Parameters
    ----------
    weight : float
        Factor of -2 ln p in the fit statistic.
    **kwargs : float
        Numbers of the prior by name.

    Examples
    --------
    >>> from geminga.modeling import Parameter
    >>> from geminga.modeling.models import GaussianPrior
    >>> index = Parameter("index", 2.5, prior=GaussianPrior(mu=2.0, sigma=0.5))
    >>> round(index.prior_stat_sum() - index.prior(2.0), 12)
    1.0
    """

    _type = "prior"

    def __init__(self, weight=1, **kwargs):
        self.weight = weight
        super().__init__(**kwargs)

    @property
    def weight(self) -> float:
        """Factor of -2 ln p in the fit statistic."""
        return self._weight

    @weight.setter
    def weight(self, value):
        if isinstance(value, str | bool) or not np.isfinite(value):
            raise ModelError(f"weight of a prior must be a finite number, got {value!r}. Use 1.")
        self._weight = value

    @property
    def parameters(self) -> PriorParameters:
        """Numbers of the prior."""
        return PriorParameters(super().parameters)

    def __call__(self, value) -> float:
        """Return weight times -2 ln p.

        Parameters
        ----------
        value : `Parameter` or float
        """
        number = value.value if isinstance(value, Parameter) else value
        return self.weight * self.evaluate(number, **self._numbers())

    def _numbers(self) -> dict[str, float]:
        return {declared.name: getattr(self, declared.name).value for declared in self.default_parameters}

    @property
    def support(self) -> tuple[float, float]:
        """Lowest and highest value that the prior allows."""
        return -np.inf, np.inf

    def inverse_cdf(self, probability):
        """Return the value below which the prior has a given probability; takes unit draws to draws of the prior.

        Parameters
        ----------
        probability : float or ndarray
            Between 0 and 1.
        """
        raise ModelError(
            f"prior {type(self).__name__} must define inverse_cdf for nested sampling. Add the method to the class."
        )

    def to_dict(self, full_output=False) -> dict:
        """Return the prior as a dictionary of plain YAML types."""
        data = super().to_dict(full_output)
        data["prior"]["weight"] = self.weight
        return data

    def _parameters_to_dict(self, full_output=False) -> list[dict]:
        entries = [parameter.to_dict() for parameter in self.parameters]
        if full_output:
            return entries
        return [{key: entry[key] for key in ("name", "value", "unit")} for entry in entries]

    @classmethod
    def from_dict(cls, data, **kwargs):
        """Create from a dictionary in the form of `to_dict`.

        Called on `Prior`, it finds the class by the type in the dictionary.
        """
        content = data.get("prior", data)
        if "type" not in content:
            raise ModelError(
                f"prior must have a type, got {content!r}. Add for example 'type: GaussianPrior'."
            )
        if cls is Prior:
            return PRIOR_REGISTRY.get_cls(content["type"]).from_dict(data, **kwargs)
        content = cls._unwrap(data)
        known = ["type", "parameters", "weight", *cls._extra_keys()]
        for key in content:
            if key not in known:
                raise UnknownNameError(f"key of {cls.__name__}", key, known)
        return cls._from_content(content, weight=content.get("weight", 1), **kwargs)

    @classmethod
    def _from_content(cls, content, **kwargs):
        defaults = Parameters(cls.default_parameters)
        return cls(
            **kwargs,
            **{
                parameter.name: parameter
                for parameter in parameters_from_dict(content.get("parameters", []), defaults, cls.__name__)
            },
        )
