"""Attributes of flux maps: stored quantities, and fluxes that follow from norms."""

from __future__ import annotations

from .quantities import DEFAULT_UNIT

__all__ = ["Excess", "Flux", "Reference", "Stored"]


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


class Reference:
    """A flux of the reference model on the energy bins."""

    def __init__(self, sed_type: str, doc: str):
        self.sed_type, self.__doc__ = sed_type, doc

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        return instance._reference(self.sed_type)


class Excess:
    """Predicted excess counts of a norm quantity."""

    def __init__(self, suffix: str, doc: str):
        self.suffix, self.__doc__ = suffix, doc

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        return instance._excess(self.suffix)
