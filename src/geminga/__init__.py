"""Geminga: gamma-ray astronomy, fast.

Importing the package costs nothing; each subpackage is loaded when it is used.
"""

__all__ = ["__version__"]


def __getattr__(name):
    if name != "__version__":
        raise AttributeError(f"module 'geminga' has no attribute {name!r}")
    from importlib.metadata import PackageNotFoundError, version

    try:
        found = version("geminga")
    except PackageNotFoundError:  # a source tree that was never installed
        found = "0+unknown"
    # Looked up once: the metadata of an installed package does not change under a running program.
    globals()["__version__"] = found
    return found
