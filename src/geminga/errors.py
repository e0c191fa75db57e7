"""The exception tree of Geminga.

::

    GemingaError
    ├── UnitError (astropy UnitConversionError)   a quantity has the wrong unit
    ├── GeometryError (ValueError)                positions, regions or pixels that do not fit
    ├── AxisMismatchError (ValueError)            axes that should agree and do not
    ├── FormatError (ValueError, OSError)         a file cannot be understood; names path, HDU, column
    ├── FileExistsGemingaError (FileExistsError, OSError)
    ├── DataError (ValueError)                    event lists, intervals, responses with impossible content
    ├── ModelError (ValueError)                   models and parameters
    ├── StatisticError (ValueError)               statistics asked for impossible input
    ├── FitError (RuntimeError)                   a fit that cannot run
    ├── ConfigError (ValueError)                  configuration files
    └── UnknownNameError (KeyError, ValueError)   a name that no registry knows

Each class also derives from the builtin that callers expect. Messages read
``<what> must <rule>, got <value>. <how to fix>.``
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from astropy.units import UnitConversionError

__all__ = [
    "AxisMismatchError",
    "ConfigError",
    "DataError",
    "FileExistsGemingaError",
    "FitError",
    "FormatError",
    "GemingaError",
    "GeometryError",
    "ModelError",
    "StatisticError",
    "UnitError",
    "UnknownNameError",
]


class GemingaError(Exception):
    """Base of every error that Geminga raises on purpose."""


class UnitError(GemingaError, UnitConversionError):
    """A quantity has a unit that cannot be converted to the expected one."""


class GeometryError(GemingaError, ValueError):
    """Positions, regions or pixels do not fit the geometry."""


class AxisMismatchError(GemingaError, ValueError):
    """Two sets of axes should agree and do not."""


class FormatError(GemingaError, ValueError, OSError):
    """A file cannot be understood.

    Parameters
    ----------
    problem : str
        What is wrong and how to mend it, as one or two sentences.
    path : path-like, optional
        File in which the problem is.
    hdu, column : str or int, optional
        Where in the file.
    """

    def __init__(self, problem, path=None, hdu=None, column=None):
        self.problem, self.path, self.hdu, self.column = problem, path, hdu, column
        place = [
            f"{label} {value!s}"
            for label, value in (("file", path), ("HDU", hdu), ("column", column))
            if value is not None
        ]
        super().__init__(f"{', '.join(place)}: {problem}" if place else problem)


class FileExistsGemingaError(GemingaError, FileExistsError):
    """A file would be overwritten without being asked."""


class DataError(GemingaError, ValueError):
    """Events, time intervals or responses have impossible content."""


class ModelError(GemingaError, ValueError):
    """A model or parameter is used in a way that it does not allow."""


class StatisticError(GemingaError, ValueError):
    """A statistic is asked for impossible input."""


class FitError(GemingaError, RuntimeError):
    """A fit cannot be run."""


class ConfigError(GemingaError, ValueError):
    """A configuration has unknown keys or impossible values."""


class UnknownNameError(GemingaError, KeyError, ValueError):
    """A name is not known; the message lists the known ones and the closest match.

    Parameters
    ----------
    what : str
        Kind of thing that was looked up, for example "spectral model".
    name : object
        The name that was asked for.
    known : iterable of str
        Names that exist.
    """

    def __init__(self, what: str, name: object, known: Iterable[str] = ()):
        known = sorted({str(item) for item in known})
        self.what, self.name, self.known = what, name, known
        close = get_close_matches(str(name), known, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        listing = f" Known: {', '.join(known)}." if known else ""
        self.message = f"{what} must be a known name, got {name!r}.{hint}{listing}"
        super().__init__(self.message)

    def __str__(self) -> str:
        return self.message
