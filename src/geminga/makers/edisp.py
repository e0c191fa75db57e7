"""Energy dispersion maps of one pointing."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ..irf.edisp.matrix import cumulative_of_migra, matrix_of_migra
from ..irf.grid import interpolate_on_grid
from ..maps import Map
from .positions import along, average_over_region, data_on, pixel_offsets

__all__ = ["make_edisp_kernel_map", "make_edisp_map"]


def make_edisp_map(edisp, pointing, geom, exposure_map=None, use_region_center=True):
    """Return the migration probability on a map.

    Parameters
    ----------
    edisp : `~geminga.irf.EnergyDispersion2D`
    pointing : `~astropy.coordinates.SkyCoord`
    geom : `~geminga.maps.Geom`
        With the axes ``migra`` and ``energy_true``.
    exposure_map : `~geminga.maps.Map`, optional
        Weight of this pointing when it is stacked.
    use_region_center : bool
        For a region, take the response at its centre instead of its average.

    Returns
    -------
    `~geminga.irf.EDispMap`
        Normalised along ``migra``.
    """
    from ..irf import EDispMap

    # densities are the largest arrays of a reduction: none is kept beside its successor
    density = Map.from_geom(geom, data=_densities(edisp, pointing, geom, use_region_center), unit="")
    result = EDispMap(density, exposure_map)
    del density
    result.normalize()
    return result


def _densities(edisp, pointing, geom, use_region_center) -> np.ndarray:
    """Return probability densities of the migration at the pixels of a geometry, in the shape of its data."""
    offset, weights = pixel_offsets(geom, pointing, use_region_center)
    density = edisp.evaluate(
        offset=offset[np.newaxis, np.newaxis], **{axis.name: along(axis, geom) for axis in geom.axes}
    )
    return data_on(geom, average_over_region(density, weights).to_value(""))


def make_edisp_kernel_map(edisp, pointing, geom, exposure_map=None, use_region_center=True, threshold=1e-8):
    """Return energy dispersion kernels on a map.

    Parameters
    ----------
    edisp : `~geminga.irf.EnergyDispersion2D`
    pointing : `~astropy.coordinates.SkyCoord`
    geom : `~geminga.maps.Geom`
        With the axes ``energy`` and ``energy_true``.
    exposure_map : `~geminga.maps.Map`, optional
        Weight of this pointing when it is stacked.
    use_region_center : bool
        For a region, take the response at its centre instead of its average.
    threshold : float
        Smaller probabilities are set to 0.

    Returns
    -------
    `~geminga.irf.EDispKernelMap`
    """
    from ..irf import EDispKernelMap

    if geom.is_region and (use_region_center or geom.is_all_point_sky_regions):
        offset = geom.center_skydir.separation(pointing)
        kernel = edisp.to_edisp_kernel(
            offset,
            energy_axis_true=geom.axes["energy_true"],
            energy_axis=geom.axes["energy"],
            threshold=threshold,
        )
        matrix = kernel.pdf_matrix
        data = matrix if geom.axes.names[0] == "energy" else matrix.T
        kernel_map = Map.from_geom(geom, data=data.reshape(geom.data_shape), unit="")
        return EDispKernelMap(kernel_map, exposure_map)
    offset, weights = pixel_offsets(geom, pointing, use_region_center)
    data = _kernels(edisp, offset, geom.axes, weights, threshold)
    return EDispKernelMap(Map.from_geom(geom, data=data.reshape(geom.data_shape), unit=""), exposure_map)


def _kernels(edisp, offset, axes, weights, threshold) -> np.ndarray:
    """Return the probabilities of reconstructed energies at positions, shape (n_true, n_reco, *positions).

    The density is linear between the offsets of the table, and so are its integrals, before they are normalised: they
    are made at these offsets alone, and interpolated.
    """
    energy_true, energy, migra = axes["energy_true"], axes["energy"], edisp.axes["migra"]
    edges = migra.edges.value

    def integrals(offsets):
        density = edisp.evaluate(
            offset=offsets * u.deg,
            energy_true=energy_true.center[:, np.newaxis, np.newaxis],
            migra=migra.center[:, np.newaxis],
        )
        cumulative = cumulative_of_migra(density.to_value(""), edges)
        matrix = matrix_of_migra(
            cumulative, edges, energy_true.center.to_value("TeV"), energy.edges.to_value("TeV"), threshold=0.0
        )
        return np.concatenate([matrix, cumulative[:, -1:]], axis=1)

    points = offset.to_value("deg")
    nodes = edisp.axes["offset"].center.to_value("deg")
    between = (points >= nodes[0]) & (points <= nodes[-1])
    if len(nodes) == 1 or edisp.axes["offset"].interp != "lin" or points.size < len(nodes):
        between[...] = False
    values = np.empty((energy_true.nbin, energy.nbin + 1, *points.shape))
    if between.any():
        values[..., between] = interpolate_on_grid(integrals(nodes), [nodes], [points[between]])
    if not between.all():
        values[..., ~between] = integrals(points[~between])
    values = average_over_region(values, weights)
    total = values[:, -1:]
    kernels = np.divide(values[:, :-1], total, out=np.zeros_like(values[:, :-1]), where=total > 0)
    kernels[kernels < threshold] = 0.0
    return kernels
