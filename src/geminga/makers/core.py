"""What every maker is, and where they are registered."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod

from ..registry import Registry

__all__ = ["MAKER_REGISTRY", "Maker", "described"]

MAKER_REGISTRY = Registry(
    "maker", packages=("geminga.makers", "geminga.makers.background"), group="geminga.makers"
)


class Maker(ABC):
    """A step of data reduction: takes a dataset and an observation, returns a dataset.

    A chain of reduction is a plain list of makers. Third parties subclass this and register with
    ``@MAKER_REGISTRY.register``.
    """

    tag = "Maker"

    @abstractmethod
    def run(self, dataset, observation=None):
        """Return the dataset with what this maker adds; the input dataset may be changed in place."""

    def __repr__(self):
        return described(self)


def described(settings) -> str:
    """Return an object as the call that makes it, from the attributes named like the arguments."""
    names = [
        name
        for name in inspect.signature(type(settings).__init__).parameters
        if name not in ("self", "kwargs")
    ]
    values = ", ".join(f"{name}={getattr(settings, name)!r}" for name in names if hasattr(settings, name))
    return f"{type(settings).__name__}({values})"
