"""Where the models of a list are."""

from __future__ import annotations

import logging

__all__ = ["positions", "to_regions", "wcs_geom"]

log = logging.getLogger(__name__)


def positions(models):
    """Return the position of each model that has one.

    Returns
    -------
    `~astropy.coordinates.SkyCoord`
        In ICRS.
    """
    from astropy.coordinates import SkyCoord

    found = []
    for model in models:
        position = getattr(model, "position", None)
        if position is None:
            log.warning("Skipping model %s: it has no position.", model.name)
            continue
        found.append(position.icrs)
    return SkyCoord(found)


def to_regions(models, size_factor=None, **kwargs) -> list:
    """Return the outline of each spatial model.

    Parameters
    ----------
    models : `DatasetModels`
    size_factor : float, optional
        Factor on the size; that of each model by default.
    **kwargs : dict
        Arguments of ``SpatialModel.to_region``.

    Returns
    -------
    list of `~regions.SkyRegion`
    """
    if size_factor is not None:
        kwargs["size_factor"] = size_factor
    regions = []
    for model in models:
        spatial = getattr(model, "spatial_model", None)
        if spatial is None or getattr(spatial, "position", None) is None:
            log.warning("Skipping model %s: it has no spatial component.", model.name)
            continue
        regions.append(spatial.to_region(**kwargs))
    return regions


def wcs_geom(models):
    """Return the smallest geometry around the outlines of all models.

    Returns
    -------
    `~geminga.maps.WcsGeom`
    """
    from ...maps import RegionGeom

    return RegionGeom.from_regions(to_regions(models)).to_wcs_geom()
