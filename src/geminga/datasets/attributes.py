"""Attributes of datasets that hold maps, read from the file when they are first looked at if need be."""

from __future__ import annotations

from collections.abc import Callable

from ..errors import DataError

__all__ = ["Deferred", "Part", "resolved"]


class Deferred:
    """A part of a dataset that is still in its file.

    Parameters
    ----------
    load : callable
        Reads the part.
    keep : bool
        Keep what was read; otherwise it is read again on each access.
    """

    def __init__(self, load: Callable[[], object], keep: bool = True):
        self.load, self.keep = load, keep

    def __repr__(self) -> str:
        return "<not read yet>"


class Part:
    """An attribute with a map, a response map, or None.

    Parameters
    ----------
    doc : str
        What the attribute is.
    required : str
        Attribute that a value must have: "geom" for maps.
    """

    def __init__(self, doc: str, required: str = "geom"):
        self.__doc__ = doc
        self.required = required

    def __set_name__(self, owner, name):
        self.name, self.slot = name, f"_{name}"

    def __get__(self, dataset, owner=None):
        if dataset is None:
            return self
        value = dataset.__dict__.get(self.slot)
        return resolved(dataset, self.slot, value) if type(value) is Deferred else value

    def __set__(self, dataset, value):
        if value is not None and type(value) is not Deferred and not hasattr(value, self.required):
            kind = "map" if self.required == "geom" else f"response map with a {self.required}"
            raise DataError(
                f"{self.name} of a dataset must be a {kind} or None, got {type(value).__name__}. "
                "Make a map with Map.from_geom."
            )
        dataset.__dict__[self.slot] = value

    def __delete__(self, dataset):
        dataset.__dict__[self.slot] = None


def resolved(dataset, slot: str, deferred: Deferred):
    """Read a deferred part, and keep it where it is to be kept."""
    value = deferred.load()
    if deferred.keep:
        dataset.__dict__[slot] = value
    return value
