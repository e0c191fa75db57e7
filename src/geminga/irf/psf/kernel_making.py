"""From a point spread function that depends on position and distance to a kernel on pixels."""

from __future__ import annotations

import numpy as np

from ...errors import AxisMismatchError
from ...maps import Map
from ...units import to_value
from .kernel import PSFKernel
from .kernel_geometry import half_width, kernel_image, pixel_size, separations

__all__ = ["psf_kernel_at"]

LARGEST_FACTOR = 4


def psf_kernel_at(
    psf_map, geom, position=None, max_radius=None, containment=0.999, precision_factor=12
) -> PSFKernel:
    """Return the kernel at a position.

    Each image is the mean of the function over the pixels, in a square as wide as the circle that contains
    `containment`, and normalised. Pixels are divided into up to 4 x 4 points, so that there are `precision_factor` of
    them within twice the 68% containment radius.

    Parameters
    ----------
    psf_map : `PSFMap`
    geom : `~geminga.maps.Geom`
        Gives pixel size and energies; of a HEALPix geometry, the size of its pixels.
    position : `~astropy.coordinates.SkyCoord`, optional
        Where to take the function; by default the centre of the map.
    max_radius : `~astropy.units.Quantity`, optional
        Half width of the kernel; by default the largest containment radius.
    containment : float
        Fraction of the events inside the circle.
    precision_factor : int
        Number of points within twice the 68% containment radius.
    """
    name = psf_map.energy_name
    if name not in geom.axes.names:
        raise AxisMismatchError(
            f"geometry must have an axis {name!r} to make a kernel, got {list(geom.axes.names)}. "
            "Use geom.to_cube([axis])."
        )
    axis = geom.axes[name]
    profiles = psf_map._profiles(position)
    energy = axis.center.to_value(profiles.energy_axis.unit)
    radii = profiles.radius_of(containment, energy)
    largest = radii.max() if max_radius is None else float(to_value(max_radius, "deg", "max_radius"))
    pixel = pixel_size(geom)
    image = kernel_image(geom, half_width(largest, pixel))
    halves = half_width(np.minimum(radii, largest), pixel)
    factors = np.ceil(precision_factor / (2 * profiles.radius_of(0.68, energy) / pixel))
    factors = np.clip(factors, 1, LARGEST_FACTOR).astype(int)
    center = image.data_shape[0] // 2
    data = np.zeros((axis.nbin, *image.data_shape))
    density = profiles.radial_functions(energy)
    for factor in np.unique(factors):
        which = np.flatnonzero(factors == factor)
        most = halves[which].max()
        distance = separations(image, most, factor)
        for k in which:
            n_pixels, cut = 2 * halves[k] + 1, (most - halves[k]) * factor
            inner = slice(cut, cut + n_pixels * factor)
            values = density[k](distance[inner, inner]).reshape(n_pixels, factor, n_pixels, factor)
            square = slice(center - halves[k], center + halves[k] + 1)
            data[k, square, square] = values.sum(axis=(1, 3))
    return PSFKernel(Map.from_geom(image.to_cube([axis]), data=data, dtype=float))
