"""Doors: methods that are declared by a dotted name and resolved on first use.

A data class offers ``plot`` without importing upward: the method is a door to a function that lives in a
higher layer, and the layer is loaded when somebody walks through.
"""

from __future__ import annotations

from functools import partial
from importlib import import_module

__all__ = ["Door", "drawn_by", "opens"]


class Door:
    """A method whose body is a function elsewhere.

    Parameters
    ----------
    target : str
        ``"package.module:function"``; the function takes the instance as first argument.
    """

    def __init__(self, target: str):
        self.target = target
        self.name = target.rpartition(":")[2]

    def __set_name__(self, owner, name):
        self.name = name

    def resolve(self):
        """Import and return the function behind the door."""
        module, _, function = self.target.partition(":")
        return getattr(import_module(module), function)

    def __get__(self, instance, owner=None):
        if instance is None:
            return self.resolve()
        return partial(self.resolve(), instance)

    def __repr__(self):
        return f"<door {self.name} -> {self.target}>"


def opens(target: str) -> Door:
    """Declare a method by the dotted name of the function that does the work.

    Examples
    --------
    >>> class Circle:
    ...     radius = 2.0
    ...     area = opens("geminga.doors:_example_area")
    >>> Circle().area()
    4.0
    """
    return Door(target)


drawn_by = opens


def _example_area(circle):
    return circle.radius**2
