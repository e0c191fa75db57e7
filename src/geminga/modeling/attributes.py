"""Attributes of parameters that check what they are set to."""

from __future__ import annotations

from ..errors import UnknownNameError

__all__ = ["Choice", "InOwnUnit"]


class _Checked:
    """A descriptor that keeps its value in the slot of its name with an underscore in front."""

    def __init__(self, doc: str):
        self.__doc__ = doc

    def __set_name__(self, owner, name):
        self.name, self.slot = name, f"_{name}"

    def __get__(self, instance, owner=None):
        return self if instance is None else getattr(instance, self.slot)


class Choice(_Checked):
    """One of some names.

    Parameters
    ----------
    options : tuple of str or None
    doc : str
    """

    def __init__(self, options: tuple, doc: str):
        super().__init__(doc)
        self.options = options

    def __set__(self, instance, value):
        if value not in self.options:
            raise UnknownNameError(f"{self.name} of {instance.name}", value, self.options)
        setattr(instance, self.slot, value)


class InOwnUnit(_Checked):
    """A number in the unit of the parameter; quantities are converted.

    Parameters
    ----------
    doc : str
    missing : float or None
        What None stands for.
    """

    def __init__(self, doc: str, missing=None):
        super().__init__(doc)
        self.missing = missing

    def __set__(self, instance, value):
        number = self.missing if value is None else instance._in_own_unit(value, self.name)
        setattr(instance, self.slot, number)
