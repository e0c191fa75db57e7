"""What every estimator is, and where they are registered."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from copy import deepcopy

from ..errors import UnknownNameError
from ..registry import Registry

__all__ = ["ESTIMATOR_REGISTRY", "Estimator"]

ESTIMATOR_REGISTRY = Registry("estimator", packages=("geminga.estimators",), group="geminga.estimators")


class Estimator(ABC):
    """Something that measures on datasets with models.

    Subclasses name their optional quantities in ``_available_selection_optional``; arguments of the constructor are
    attributes of the same name.
    """

    tag = "Estimator"
    _available_selection_optional: tuple[str, ...] = ()

    @abstractmethod
    def run(self, datasets):
        """Return the estimate."""

    @property
    def selection_optional(self) -> list[str]:
        """Optional quantities that are estimated."""
        return self._selection_optional

    @selection_optional.setter
    def selection_optional(self, selection):
        available = self._available_selection_optional
        if selection is None:
            chosen = []
        elif isinstance(selection, str) and selection == "all":
            chosen = list(available)
        else:
            chosen = [selection] if isinstance(selection, str) else list(selection)
        for name in chosen:
            if name not in available:
                raise UnknownNameError(
                    f"optional quantity of {type(self).__name__}", name, (*available, "all")
                )
        self._selection_optional = chosen

    @property
    def config_parameters(self) -> dict:
        """Arguments of the constructor and their values."""
        names = [
            parameter.name
            for parameter in inspect.signature(type(self).__init__).parameters.values()
            if parameter.name != "self" and parameter.kind is not inspect.Parameter.VAR_KEYWORD
        ]
        for base in type(self).__mro__[1:]:
            if base is Estimator or base is object:
                break
            names += [
                n for n in inspect.signature(base.__init__).parameters if n not in (*names, "self", "kwargs")
            ]
        return {name: getattr(self, name) for name in names if hasattr(self, name)}

    def copy(self):
        """Return a copy."""
        return deepcopy(self)

    def __str__(self):
        name = type(self).__name__
        width = max((len(key) for key in self.config_parameters), default=0)
        rows = [f"  {key:{width}s} : {value}" for key, value in self.config_parameters.items()]
        return "\n".join([name, "-" * len(name), "", *rows]) + "\n"
