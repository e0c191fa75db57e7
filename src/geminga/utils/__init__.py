"""Helpers under the names that scripts import; each module is a table of contents of a lower layer."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        "array",
        "cluster",
        "coordinates",
        "gauss",
        "integrate",
        "interpolation",
        "metadata",
        "observers",
        "parallel",
        "random",
        "regions",
        "roots",
        "scripts",
        "time",
        "types",
    ],
)
