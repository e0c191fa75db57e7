"""In words: how two geometries differ."""

from __future__ import annotations

import numpy as np

from .axes import LabelMapAxis, TimeMapAxis

__all__ = ["what_differs"]


def _axis(axis) -> str:
    if isinstance(axis, TimeMapAxis):
        return f"{axis.nbin} intervals from {axis.time_min[0].isot} to {axis.time_max[-1].isot}"
    if isinstance(axis, LabelMapAxis):
        return f"labels {', '.join(map(str, axis.center))}"
    ends = axis.edges[[0, -1]]
    return f"{axis.nbin} {axis.interp} bins from {ends[0].value:.6g} to {ends[1]:.6g}"


def _axes(axes) -> dict:
    return {"axes": ", ".join(axes.names) or "none"} | {f"axis {axis.name!r}": _axis(axis) for axis in axes}


def _image(geom) -> dict:
    if geom.is_region:
        return {"region": str(geom.region)}
    if geom.is_hpx:
        return {
            "frame": geom.frame,
            "nside": ", ".join(map(str, np.unique(geom.nside))),
            "order of pixels": geom.ordering,
            "part of the sky": geom.region or "all",
        }
    ny, nx = geom._image_shape
    lon, lat = geom.center_skydir.spherical.lon.deg, geom.center_skydir.spherical.lat.deg
    sizes = geom.pixel_scales.deg
    return {
        "frame": geom.frame,
        "projection": geom.projection,
        "pixels": f"{nx} x {ny}" if geom.is_regular else f"at most {nx} x {ny}, other ones in each image",
        "size of a pixel": f"{sizes[0]:.6g} x {sizes[1]:.6g} deg",
        "centre": f"{lon:.6g}, {lat:.6g} deg",
    }


def what_differs(one, two) -> str:
    """Return what is not the same in two geometries, both sides of it.

    Parameters
    ----------
    one, two : `~geminga.maps.Geom`

    Examples
    --------
    >>> from geminga.maps import WcsGeom
    >>> what_differs(WcsGeom.create(npix=2), WcsGeom.create(npix=2, frame="galactic"))
    'frame: icrs and galactic'
    """
    kinds = type(one).__name__, type(two).__name__
    if kinds[0] != kinds[1]:
        return f"{kinds[0]} and {kinds[1]}"
    sides = [_axes(geom.axes) | _image(geom) for geom in (one, two)]
    lines = [
        f"{name}: {sides[0][name]} and {sides[1][name]}"
        for name in sides[0]
        if name in sides[1] and sides[0][name] != sides[1][name]
    ]
    return "; ".join(lines) or "they differ in small numbers only"
