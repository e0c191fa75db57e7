"""Integrals of spatial models over the pixels of a geometry, and over regions."""

from __future__ import annotations

import weakref
from math import ceil

import numpy as np
from astropy import units as u

from geminga.maps.wcs.cutout import window_geom

from .sphere import rotate_to

__all__ = ["coordinates_in_frame", "energies_of", "integrate_on_pixels", "integrate_on_region"]

_MOST_SUBPIXELS = 200
_CHUNK = 2_000_000
_REMEMBERED = 1_000_000
_REGION_PIXELS = 100
_ENERGY_NAMES = ("energy_true", "energy")

_memory: dict = {}


def _remembered(geom, key, compute):
    """Return what follows from a geometry alone; geometries never change, so it is kept while they live."""
    if np.prod([int(n) for n in geom.data_shape[-2:]]) > _REMEMBERED:
        return compute()
    entry = _memory.get(id(geom))
    if entry is None or entry[0]() is not geom:
        name = id(geom)
        entry = (weakref.ref(geom, lambda _: _memory.pop(name, None)), {})
        _memory[name] = entry
    values = entry[1]
    if key not in values:
        if len(values) >= 4:
            values.clear()
        values[key] = compute()
    return values[key]


def coordinates_in_frame(geom, frame):
    """Return longitude and latitude of the pixel centres in a frame, plain degrees, for broadcasting.

    Parameters
    ----------
    geom : `~geminga.maps.Geom`
    frame : str

    Returns
    -------
    tuple of ndarray, shapes (..., n_lat, n_lon)
    """

    def compute():
        coords = geom.get_coord(sparse=True) if geom.is_region else geom.to_image().get_coord(sparse=True)
        if coords.frame is not None and coords.frame != frame:
            coords = coords.to_frame(frame)
        return coords["lon"].to_value("deg"), coords["lat"].to_value("deg")

    return _remembered(geom, ("coordinates", frame), compute)


def energies_of(geom):
    """Return the energies at the centres of the bins for broadcasting over pixels, or None without an energy axis."""
    for name in _ENERGY_NAMES:
        if name in geom.axes.names:
            n_spatial = 1 if geom.is_hpx else 2
            shape = [1] * (len(geom.axes) + n_spatial)
            shape[len(geom.axes) - 1 - geom.axes.names.index(name)] = -1
            return geom.axes[name].center.reshape(shape)
    return None


def oversampling(model, geom) -> int:
    """Return the number of sub-pixels along each side of a pixel that the size of a model asks for."""
    size = model._sampling_size
    if size is None or not size.value > 0:
        return 1
    pixel = float(np.max(u.Quantity(geom.pixel_scales).to_value("deg")))
    return int(min(max(ceil(pixel / size.to_value("deg") - 1e-9), 1), _MOST_SUBPIXELS))


def integrate_on_pixels(model, geom, factor=None):
    """Return the integral of a model over each pixel of a WCS or HEALPix geometry.

    Parameters
    ----------
    model : `SpatialModel`
    geom : `~geminga.maps.WcsGeom` or `~geminga.maps.HpxGeom`
    factor : int, optional
        Sub-pixels along each side; chosen by the size of the model by default.

    Returns
    -------
    ndarray
        Plain numbers in the unit of the model times sr; broadcast to ``geom.data_shape``.
    """
    energies = energies_of(geom) if model.is_energy_dependent else None
    image = geom.to_image()
    window = _window(model, image)
    if window is None:
        return np.zeros(geom.data_shape)
    (x0, x1), (y0, y1) = window
    part = image if image.is_hpx else window_geom(image, *window)
    if factor is None:
        factor = oversampling(model, image)
    factor = 1 if image.is_hpx else max(int(factor), 1)
    if factor == 1:
        values = model._density_on(part, energies, 1)
    else:
        values = _mean_over_subpixels(model, part, energies, factor)
    values = values * part.solid_angle().to_value("sr")
    if part is not image:
        full = np.zeros((*values.shape[:-2], *image.data_shape))
        full[..., y0:y1, x0:x1] = values
        values = full
    return np.broadcast_to(values, geom.data_shape).copy()


def _window(model, image):
    """Return the ranges of pixels that a model reaches, ((x0, x1), (y0, y1)); None where it reaches nothing."""
    ny, nx = (1, *image.data_shape)[-2:]
    everything = ((0, nx), (0, ny))
    radius, position = model.evaluation_radius, model.position
    if radius is None or position is None or image.is_hpx or not image.is_regular:
        return everything
    position = position.transform_to(image.frame)
    lon, lat = position.data.lon.deg, position.data.lat.deg
    radius = radius.to_value("deg")
    if radius > 45 or abs(lat) + radius > 89 or not np.isfinite(lon + lat):
        return everything
    # the outline of the model in pixels, with a pixel to spare
    angles = np.linspace(0, 2 * np.pi, 65)
    ring_lat = np.degrees(np.arctan2(np.sin(np.radians(radius)) * np.cos(angles), np.cos(np.radians(radius))))
    ring_lon = np.degrees(np.arcsin(np.clip(np.sin(np.radians(radius)) * np.sin(angles), -1, 1)))
    ring_lon = ring_lon / np.maximum(np.cos(np.radians(ring_lat)), 1e-3)
    ring = rotate_to(np.append(ring_lon, 0.0), np.append(ring_lat, 0.0), (0.0, 0.0), (lon, lat))
    pixels = image.coord_to_pix((ring[0] * u.deg, ring[1] * u.deg))[:2]
    if not all(np.all(np.isfinite(p)) for p in pixels):
        return everything
    window = []
    for values, total in zip(pixels, (nx, ny), strict=True):
        first, last = int(np.floor(values.min())) - 1, int(np.ceil(values.max())) + 2
        window.append((max(first, 0), min(last, total)))
    return tuple(window) if all(last > first for first, last in window) else None


def _mean_over_subpixels(model, geom, energies, factor):
    """Return the mean over sub-pixels of each pixel, a few rows of pixels at a time."""
    ny, nx = geom.data_shape[-2:]
    rows = max(1, _CHUNK // (nx * factor * factor))
    if rows >= ny:
        fine = _remembered(geom, ("fine", factor), lambda: geom.upsample(factor))
        return _block_mean(model._density_on(fine, energies, factor), factor)
    parts = []
    for first in range(0, ny, rows):
        fine = window_geom(geom, (0, nx), (first, min(first + rows, ny))).upsample(factor)
        parts.append(_block_mean(model._density_on(fine, energies, factor), factor))
    return np.concatenate(parts, axis=-2)


def _block_mean(values, factor):
    """Return the means of blocks of factor x factor pixels."""
    *rest, ny, nx = values.shape
    return values.reshape(*rest, ny // factor, factor, nx // factor, factor).mean(axis=(-3, -1))


def integrate_on_region(model, geom, factor=None):
    """Return the integral of a model over the region of a region geometry.

    A point region stands for a response that is point-like, in which the containment is included: the
    integral is 1. So it is without region.

    Parameters
    ----------
    model : `SpatialModel`
    geom : `~geminga.maps.RegionGeom`
    factor : int, optional
        Sub-pixels of the grid over the region, or over the model where that is smaller.

    Returns
    -------
    ndarray
        Broadcast to ``geom.data_shape``.
    """
    from geminga.maps import WcsGeom

    if geom.region is None or geom.is_all_point_sky_regions:
        return np.ones(geom.data_shape)
    if model.evaluation_radius is not None and not model.evaluation_radius.value > 0:
        inside = bool(np.all(geom.to_image().contains(model.position)))
        return np.full(geom.data_shape, float(inside))
    center, width = geom.center_skydir, geom.width.to_value("deg").max()
    if model.evaluation_radius is not None and 2 * model.evaluation_radius.to_value("deg") < width:
        center, width = model.position, 2 * model.evaluation_radius.to_value("deg")
    grid = WcsGeom.create(
        skydir=center, width=width, binsz=width / _REGION_PIXELS, proj="TAN", frame=model.frame
    )
    energies = energies_of(geom) if model.is_energy_dependent else None
    if energies is not None:
        name = next(name for name in _ENERGY_NAMES if name in geom.axes.names)
        grid = grid.to_cube([geom.axes[name]])
    weights = grid.to_image().region_weights([geom.region], oversampling_factor=3).data
    total = (integrate_on_pixels(model, grid, factor) * weights).sum(axis=(-2, -1), keepdims=True)
    if energies is not None:
        total = total.reshape(energies.shape)
    return np.broadcast_to(total, geom.data_shape).copy()
