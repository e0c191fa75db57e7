"""Integrals of spatial models over the pixels of a geometry, and over regions."""

from __future__ import annotations

import weakref
from math import ceil, log2

import numpy as np
from astropy import units as u

from geminga.maps.wcs.cutout import window_geom
from geminga.sky.rotation import galactic_to_icrs, icrs_to_galactic

from .sphere import rotate_to

__all__ = [
    "blocks_in_frame",
    "coordinates_in_frame",
    "energies_of",
    "image_of",
    "integrate_on_all_pixels",
    "integrate_on_pixels",
    "integrate_on_region",
    "outline_window",
    "remembered",
]

_MOST_SUBPIXELS = 200
_CHUNK = 2_000_000
_MOST_CHILDREN = 64
_OWN_PIXELS = 50
_BLOCK = 16_000
_REMEMBERED = 1_000_000
_REGION_PIXELS = 100
_ENERGY_NAMES = ("energy_true", "energy")
_ROTATIONS = {("icrs", "galactic"): icrs_to_galactic, ("galactic", "icrs"): galactic_to_icrs}

_memory: dict = {}


def remembered(geom, key, compute):
    """Return what follows from a geometry alone; geometries never change, so it is kept while they live."""
    if np.prod([int(n) for n in geom.data_shape[-2:]]) > _REMEMBERED:
        return compute()
    entry = _memory.get(id(geom))
    if entry is None or entry[0]() is not geom:
        name = id(geom)
        entry = (weakref.ref(geom, lambda _, forget=_memory.pop: forget(name, None)), {})
        _memory[name] = entry
    values = entry[1]
    if key not in values:
        if len(values) >= 8:
            values.clear()
        values[key] = compute()
    return values[key]


def image_of(geom):
    """Return the image of a geometry, the same object each time."""
    return remembered(geom, "image", geom.to_image)


def coordinates_in_frame(geom, frame):
    """Return longitude and latitude of the pixel centres in a frame, plain degrees, for broadcasting.

    Parameters
    ----------
    geom : `~geminga.maps.Geom`
    frame : str

    Returns
    -------
    tuple of ndarray, shapes (..., n_lat, n_lon)
        Where the longitude depends on the column and the latitude on the row alone, shapes (1, n_lon), (n_lat, 1).
    """

    def compute():
        lon, lat = dense()
        if lon.ndim == 2 and np.array_equal(lon[:-1], lon[1:]) and np.array_equal(lat[:, :-1], lat[:, 1:]):
            lon, lat = lon[:1], lat[:, :1]
        lon, lat = np.array(lon), np.array(lat)
        lon.flags.writeable = lat.flags.writeable = False
        return lon, lat

    def dense():
        coords = geom.get_coord(sparse=True) if geom.is_region else geom.to_image().get_coord(sparse=True)
        rotate = _ROTATIONS.get((coords.frame, frame))
        if rotate is not None:
            return rotate(coords["lon"].to_value("deg"), coords["lat"].to_value("deg"))
        if coords.frame is not None and coords.frame != frame:
            coords = coords.to_frame(frame)
        return coords["lon"].to_value("deg"), coords["lat"].to_value("deg")

    return remembered(geom, ("coordinates", frame), compute)


def blocks_in_frame(geom, frame):
    """Return the positions of pixel centres in pieces of some rows, which stay in the processor's cache.

    Parameters
    ----------
    geom : `~geminga.maps.Geom`
    frame : str

    Returns
    -------
    list of tuple
        Rows, and longitude and latitude as of `coordinates_in_frame`.
    """

    def compute():
        lon, lat = coordinates_in_frame(geom, frame)
        if lon.ndim != 2 or lat.ndim != 2:
            return [(..., lon, lat)]
        n_rows, n_columns = np.broadcast_shapes(lon.shape, lat.shape)
        step = max(1, _BLOCK // n_columns)
        if step >= n_rows:
            return [(slice(None), lon, lat)]
        blocks = []
        for start in range(0, n_rows, step):
            rows = slice(start, start + step)
            parts = [np.ascontiguousarray(a[rows] if a.shape[0] > 1 else a) for a in (lon, lat)]
            for part in parts:
                part.flags.writeable = False
            blocks.append((rows, *parts))
        return blocks

    return remembered(geom, ("blocks", frame), compute)


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
    """Return the number of sub-pixels along each side of a pixel that the size of a model asks for, up to 200."""
    return min(_wanted_subpixels(model, geom), _MOST_SUBPIXELS)


def _wanted_subpixels(model, geom) -> int:
    size = model._sampling_size
    if size is None or not size.value > 0:
        return 1
    pixel = float(np.max(u.Quantity(geom.pixel_scales).to_value("deg")))
    return max(ceil(pixel / size.to_value("deg") - 1e-9), 1)


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
    image = image_of(geom)
    window = _window(model, image)
    if window is None:
        return np.zeros(geom.data_shape)
    (x0, x1), (y0, y1) = window
    if factor is None and not image.is_hpx and _is_tiny(model, image):
        return np.broadcast_to(_integral_of_tiny(model, image), geom.data_shape).copy()
    part = image if image.is_hpx else remembered(image, window, lambda: window_geom(image, *window))
    if factor is None:
        factor = oversampling(model, image)
    energies = energies_of(geom) if model.is_energy_dependent else None
    values = integrate_on_all_pixels(model, part, energies, factor)
    if not image.is_hpx and values.shape[-2:] != image.data_shape[-2:]:
        full = np.zeros((*values.shape[:-2], *image.data_shape))
        full[..., y0:y1, x0:x1] = values
        values = full
    return np.broadcast_to(values, geom.data_shape).copy()


def _is_tiny(model, image) -> bool:
    """Tell whether a model is too small for the smallest sub-pixels of an image."""
    if model.is_energy_dependent or model.position is None or model.evaluation_radius is None:
        return False
    return _wanted_subpixels(model, image) > (_MOST_CHILDREN if image.is_hpx else _MOST_SUBPIXELS)


def _integral_of_tiny(model, image) -> np.ndarray:
    """Return the integral of a model over each pixel of an image, from pixels of its own."""
    from geminga.maps import Map, WcsGeom

    radius = model.evaluation_radius.to_value("deg")
    own = WcsGeom.create(
        skydir=model.position,
        npix=_OWN_PIXELS,
        binsz=2.2 * radius / _OWN_PIXELS,
        proj="TAN",
        frame=image.frame,
    )
    content = integrate_on_pixels(model, own, oversampling(model, own))
    total = Map.from_geom(image, dtype=float)
    total.fill_by_coord(own.get_coord(), weights=content)
    return total.data


def integrate_on_all_pixels(model, image, energies, factor):
    """Return the integral of a model over each pixel, however far away.

    Parameters
    ----------
    model : `SpatialModel`
    image : `~geminga.maps.WcsGeom` or `~geminga.maps.HpxGeom`
        Without axes.
    energies : `~astropy.units.Quantity` or None
        From `energies_of`, for models that depend on energy.
    factor : int or None
        Sub-pixels along each side; HEALPix pixels are divided by the next power of two, near the model only, and not at
        all if it is too small for 64.

    Returns
    -------
    ndarray
        Plain numbers in the unit of the model times sr, for one image where the model does not depend on energy.
    """
    if image.is_hpx and _is_tiny(model, image):
        return _integral_of_tiny(model, image)
    factor = max(int(factor or 1), 1)
    if factor == 1:
        values = model._density_on(image, energies, 1)
    elif image.is_hpx:
        values = _mean_over_children(model, image, energies, factor)
    else:
        values = _mean_over_subpixels(model, image, energies, factor)
    return values * image.solid_angle().to_value("sr")


def _window(model, image):
    """Return the ranges of pixels that a model reaches, ((x0, x1), (y0, y1)); None where it reaches nothing."""
    radius, position = model.evaluation_radius, model.position
    if radius is None or position is None or image.is_hpx or not image.is_regular:
        ny, nx = (1, *image.data_shape)[-2:]
        return (0, nx), (0, ny)
    return outline_window(image, position, radius.to_value("deg"))


def outline_window(image, position, radius):
    """Return the ranges of pixels inside a circle on the sky, with a pixel to spare.

    Parameters
    ----------
    image : `~geminga.maps.WcsGeom`
    position : `~astropy.coordinates.SkyCoord`
    radius : float
        In degrees.

    Returns
    -------
    ((x0, x1), (y0, y1)) or None
        All pixels where the outline is not known; None where the circle is off the image.
    """
    ny, nx = image.data_shape[-2:]
    everything = ((0, nx), (0, ny))
    position = position.transform_to(image.frame)
    lon, lat = position.data.lon.deg, position.data.lat.deg
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
        fine = remembered(geom, ("fine", factor), lambda: geom.upsample(factor))
        return _block_mean(model._density_on(fine, energies, factor), factor)
    parts = []
    for first in range(0, ny, rows):
        fine = window_geom(geom, (0, nx), (first, min(first + rows, ny))).upsample(factor)
        parts.append(_block_mean(model._density_on(fine, energies, factor), factor))
    return np.concatenate(parts, axis=-2)


def _mean_over_children(model, image, energies, factor):
    """Return the mean over sub-pixels of each HEALPix pixel; pixels out of reach have the value of their centre."""
    from geminga.maps import HpxGeom
    from geminga.maps.hpx.pixelization import children, lonlat_to_pix

    factor = min(2 ** ceil(log2(factor)), _MOST_CHILDREN)
    nside = int(np.ravel(image.nside)[0])
    values = np.array(model._density_on(image, energies, 1))
    near = np.ones(values.shape[-1], dtype=bool)
    if model.position is not None and model.evaluation_radius is not None:
        reach = model.evaluation_radius.to_value("deg") + 2 * float(
            np.max(image.pixel_scales.to_value("deg"))
        )
        near = np.ravel(image.separation(model.position).to_value("deg")) < reach
    coords = image.get_coord(sparse=True)
    lon, lat = (np.ravel(coords[name].to_value("deg"))[near] for name in ("lon", "lat"))
    parents = lonlat_to_pix(lon, lat, nside, True)
    order = np.argsort(parents)
    if not order.size:
        return values
    fine = children(parents[order], nside, factor, True)
    geom = HpxGeom(nside * factor, nest=True, frame=image.frame, region=(fine.ravel(),))
    means = np.asarray(model._density_on(geom, energies, factor))
    means = means.reshape(*means.shape[:-1], len(order), factor**2).mean(axis=-1)
    values[..., np.flatnonzero(near)[order]] = means
    return values


def _block_mean(values, factor):
    """Return the means of blocks of factor x factor pixels."""
    *rest, ny, nx = values.shape
    rows = values.reshape(*rest, ny // factor, factor, nx).sum(axis=-2)
    # a product with a vector is faster than a sum over a short last axis
    return rows.reshape(*rest, ny // factor, nx // factor, factor) @ np.full(factor, factor**-2.0)


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
