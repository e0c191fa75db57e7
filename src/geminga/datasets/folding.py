"""Energy dispersion applied to maps of predicted counts."""

from __future__ import annotations

import numpy as np

from ..maps import Map

__all__ = ["apply_edisp"]


def apply_edisp(input_map, edisp):
    """Return a map of counts in true energy as a map in reconstructed energy.

    Parameters
    ----------
    input_map : `~geminga.maps.Map`
        With an axis ``energy_true``.
    edisp : `~geminga.irf.EDispKernel` or None
        Without one, true energy is taken as reconstructed energy.

    Returns
    -------
    `~geminga.maps.Map`
        With an axis ``energy``.

    Examples
    --------
    >>> from geminga.irf import EDispKernel
    >>> from geminga.maps import MapAxis, RegionGeom, RegionNDMap
    >>> true = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=2, name="energy_true")
    >>> counts = RegionNDMap.create(None, axes=[true])
    >>> counts.data += 1
    >>> edisp = EDispKernel.from_diagonal_response(true)
    >>> apply_edisp(counts, edisp).data.ravel().tolist()
    [1.0, 1.0]
    """
    axes = input_map.geom.axes
    position = len(axes) - 1 - axes.names.index("energy_true")
    if edisp is None:
        energy = axes["energy_true"].copy(name="energy")
        return Map.from_geom(_with_energy(input_map.geom, energy), data=input_map.data, unit=input_map.unit)
    data = np.moveaxis(np.asarray(input_map.data, dtype=float), position, -1) @ np.asarray(edisp.pdf_matrix)
    geom = _with_energy(input_map.geom, edisp.axes["energy"])
    return Map.from_geom(geom, data=np.moveaxis(data, -1, position), unit=input_map.unit)


def _with_energy(geom, energy):
    """Return the geometry with true energy replaced by reconstructed energy."""
    axes = [energy if axis.name == "energy_true" else axis for axis in geom.axes]
    return geom.to_image().to_cube(axes)
