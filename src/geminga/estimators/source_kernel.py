"""How a source in the middle of a map is seen: the image of a model in each reconstructed energy."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ..likelihood.region_response import energy_dispersion_matrix
from ..maps import Map, WcsGeom
from ..maps.wcs.convolve import convolve_images
from ..units import to_quantity
from .reco_exposure import require_exposure

__all__ = ["source_kernel"]


def _centred(model, position):
    """Return a copy of a model at a position; models without position are taken where they are."""
    model = model.copy(name=model.name)
    if model.spatial_model.position is not None:
        model.spatial_model.position = position
    return model


def _reach(dataset, model, geom):
    """Return how far from its centre a model is seen."""
    radius = model.spatial_model.evaluation_radius
    reach = 0 * u.deg if radius is None else radius
    if dataset.psf is not None:
        axis = _psf_axis(dataset)
        kernel = dataset.psf.get_psf_kernel(geom.to_cube([axis]))
        side = kernel.psf_kernel_map.data.shape[-1]
        reach = reach + side // 2 * np.max(geom.pixel_scales)
    return reach


def source_kernel(dataset, model, width=None, pixel_factor=1):
    """Return the image of a source at the centre of a dataset, the sum of each energy 1.

    Parameters
    ----------
    dataset : `~geminga.datasets.MapDataset`
        With exposure; PSF and energy dispersion are those at its centre.
    model : `~geminga.modeling.models.SkyModel`
        Source; not changed.
    width : `~astropy.units.Quantity` or str, optional
        Width of the kernel. By default what source and PSF need.
    pixel_factor : int
        Size of the pixels of the kernel in pixels of the dataset.

    Returns
    -------
    `~geminga.maps.Map`
        With an odd number of pixels, on the energy axis of the dataset; 0 in energies that the source does not reach.
    """
    require_exposure(dataset)
    image = dataset._geom.to_image()
    if pixel_factor > 1:
        image = WcsGeom.create(
            skydir=image.center_skydir,
            binsz=image.pixel_scales.to_value("deg") * pixel_factor,
            npix=1,
            frame=image.frame,
            proj=image.projection,
        )
    model = _centred(model, image.center_skydir)
    radius = (
        _reach(dataset, model, image) if width is None else 0.5 * to_quantity(width, u.deg, "kernel_width")
    )
    geom = image.to_odd_npix(max_radius=radius)
    axis_true = dataset.exposure.geom.axes["energy_true"]
    # Straight from the parts: a point in the middle of a pixel stays there, whatever the likelihood does to points
    # that move.
    seen = model.spatial_model.integrate_geom(
        geom.to_cube([axis_true]) if model.spatial_model.is_energy_dependent else geom
    ).quantity.to_value("")
    psf = None
    if dataset.psf is not None:
        psf = dataset.psf.get_psf_kernel(geom.to_cube([_psf_axis(dataset)]), position=geom.center_skydir)
        psf = np.asarray(psf.psf_kernel_map.data, dtype=float)
    in_true_energy = psf is not None and dataset.psf.energy_name == "energy_true"
    if in_true_energy:
        seen = convolve_images(np.asarray(seen, dtype=float), psf)
    edges = axis_true.edges
    flux = model.spectral_model.integral(edges[:-1], edges[1:]).to_value("cm-2 s-1").reshape(-1)
    weights = (flux * _central_exposure(dataset.exposure))[:, np.newaxis] * energy_dispersion_matrix(dataset)
    seen = np.broadcast_to(seen, (axis_true.nbin, *seen.shape[-2:]))
    data = np.tensordot(weights, seen, axes=(0, 0))
    if psf is not None and not in_true_energy:
        data = convolve_images(data, psf)
    data = np.clip(data, 0, None)
    total = data.sum(axis=(1, 2), keepdims=True)
    data = np.divide(data, total, out=np.zeros_like(data), where=total > 0)
    return Map.from_geom(geom.to_cube([dataset._energy_axis]), data=data)


def _psf_axis(dataset):
    """Return the energy axis on which the PSF is known: true, or reconstructed for a `RecoPSFMap`."""
    if dataset.psf.energy_name == "energy":
        return dataset._energy_axis
    return dataset.exposure.geom.axes["energy_true"]


def _central_exposure(exposure) -> np.ndarray:
    """Return the exposure in the central pixel, or in the exposed pixel that is nearest to it."""
    data = np.nan_to_num(np.asarray(exposure.data, dtype=float))
    exposed = np.argwhere(data.max(axis=0) > 0)
    if not len(exposed):
        return np.zeros(len(data))
    centre = (np.array(data.shape[1:]) - 1) // 2
    y, x = exposed[np.argmin(((exposed - centre) ** 2).sum(axis=1))]
    return data[:, y, x]
