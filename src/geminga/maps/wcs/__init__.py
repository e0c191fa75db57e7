"""Maps on world coordinate systems: images and cubes with a FITS projection."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={"geom": ["WcsGeom"], "map": ["WcsMap", "WcsNDMap"]},
)
