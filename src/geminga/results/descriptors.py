"""Attributes of flux maps: stored quantities, and fluxes that follow from norms."""

from __future__ import annotations

from .quantities import DEFAULT_UNIT

__all__ = ["Flux", "Stored"]


class Stored:
    """A quantity that is stored as a map; asking for a missing one says what there is."""

    def __init__(self, doc: str):
        self.__doc__ = doc

    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        return instance._quantity(self.name)


class Flux:
    """A flux: a norm quantity times the reference flux."""

    def __init__(self, sed_type: str, suffix: str):
        self.sed_type, self.suffix = sed_type, suffix
        self.__doc__ = f"{sed_type}{suffix} as a map, in {DEFAULT_UNIT[sed_type].to_string()}."

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        return instance._flux(self.sed_type, self.suffix)
