"""Energy dispersion maps of one pointing."""

from __future__ import annotations

import numpy as np

from ..maps import Map
from .positions import average_over_region, pixel_positions

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

    positions, weights = pixel_positions(geom, use_region_center)
    offset = positions.separation(pointing)[np.newaxis, np.newaxis]
    shape = {axis.name: [1] * 4 for axis in geom.axes}
    for axis in geom.axes:
        shape[axis.name][geom.axes.index_data(axis.name)] = -1
    density = edisp.evaluate(
        offset=offset,
        energy_true=geom.axes["energy_true"].center.reshape(shape["energy_true"]),
        migra=geom.axes["migra"].center.reshape(shape["migra"]),
    )
    density = average_over_region(density, weights)
    data = np.broadcast_to(density.to_value(""), geom.data_shape).copy()
    result = EDispMap(Map.from_geom(geom, data=data, unit=""), exposure_map)
    result.normalize()
    return result


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
    from ..maps import MapAxis

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
    migra = edisp.axes["migra"]
    migra_axis = MapAxis.from_edges(migra.edges, name="migra", interp=migra.interp)
    geom_migra = geom.to_image().to_cube([migra_axis, geom.axes["energy_true"]])
    exposure_migra = None
    if exposure_map is not None:
        image = exposure_map.geom.to_image().to_cube([migra_axis.squash(), geom.axes["energy_true"]])
        exposure_migra = Map.from_geom(image, data=exposure_map.data, unit=exposure_map.unit)
    edisp_map = make_edisp_map(edisp, pointing, geom_migra, exposure_migra, use_region_center)
    return edisp_map.to_edisp_kernel_map(geom.axes["energy"], threshold=threshold)
