"""Axes, coordinates, geometries and maps: binned data on the sky and along energy, time and other axes."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "axes": ["LabelMapAxis", "MapAxes", "MapAxis", "TimeMapAxis"],
        "containment": ["containment_radius", "containment_region"],
        "coord": ["MapCoord"],
        "geom": ["Geom"],
        "hpx.geom": ["HpxGeom"],
        "hpx.map": ["HpxMap", "HpxNDMap"],
        "map": ["Map"],
        "maps": ["Maps"],
        "region.geom": ["RegionGeom"],
        "region.map": ["RegionNDMap"],
        "wcs.geom": ["WcsGeom"],
        "wcs.map": ["WcsMap", "WcsNDMap"],
    },
)
