"""Geminga: gamma-ray astronomy, fast.

Importing the package costs nothing; each subpackage is loaded when it is used.
"""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("geminga")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0+unknown"

__all__ = ["__version__"]
