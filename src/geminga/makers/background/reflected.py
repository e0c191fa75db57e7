"""Background measured in off regions at the same offset as the on region."""

from __future__ import annotations

import logging

import numpy as np
from regions import PointSkyRegion

from ...maps import Map, RegionGeom, RegionNDMap
from ..core import MAKER_REGISTRY, Maker
from ..counts import make_counts_off_rad_max
from ..pointings import middle_pointing
from .exclusion import check_exclusion_mask
from .region_finders import ReflectedRegionsFinder

__all__ = ["ReflectedRegionsBackgroundMaker"]

log = logging.getLogger(__name__)


@MAKER_REGISTRY.register
class ReflectedRegionsBackgroundMaker(Maker):
    """Count events in off regions at the same offset from the pointing as the on region.

    Parameters
    ----------
    region_finder : RegionsFinder, optional
        By default a `ReflectedRegionsFinder` with the remaining arguments.
    exclusion_mask : `~geminga.maps.WcsNDMap`, optional
        False where the sky shall not be used.
    **kwargs
        Passed to `ReflectedRegionsFinder`.
    """

    tag = "ReflectedRegionsBackgroundMaker"

    def __init__(self, region_finder=None, exclusion_mask=None, **kwargs):
        self.exclusion_mask = check_exclusion_mask(exclusion_mask)
        self.region_finder = ReflectedRegionsFinder(**kwargs) if region_finder is None else region_finder

    def make_counts_off(self, dataset, observation):
        """Return counts and acceptance of the off regions.

        Parameters
        ----------
        dataset : `~geminga.datasets.SpectrumDataset`
        observation : `~geminga.data.Observation`

        Returns
        -------
        counts_off, acceptance_off : `~geminga.maps.RegionNDMap`
            The acceptance is the number of off regions; the counts are None when there is none.
        """
        geom = dataset.counts.geom
        regions, wcs = self.region_finder.run(
            region=geom.region,
            center=middle_pointing(observation),
            exclusion_mask=self.exclusion_mask,
        )
        is_point = isinstance(geom.region, PointSkyRegion)
        if regions and is_point:
            regions = self._without_overlap(regions, geom, observation)
        if not regions:
            log.warning(
                "Found no off region for observation %s: its dataset %r has no usable bin.",
                observation.obs_id,
                dataset.name,
            )
            return None, RegionNDMap.from_geom(geom=geom, data=0)
        energy_axis = geom.axes["energy"]
        geom_off = RegionGeom.from_regions(regions, axes=[energy_axis], wcs=wcs)
        if is_point:
            counts_off = make_counts_off_rad_max(geom_off, observation.rad_max, observation.events)
        else:
            counts_off = Map.from_geom(geom_off)
            counts_off.fill_events(observation.events)
        acceptance_off = RegionNDMap.from_geom(geom=geom_off, data=float(len(regions)))
        return counts_off, acceptance_off

    def _without_overlap(self, regions, geom, observation):
        """Return the regions if no two circles of the used RAD_MAX overlap, else none."""
        energy = geom.axes["energy"].center
        pointing = middle_pointing(observation)
        offset = geom.center_skydir.separation(pointing)
        radius = observation.rad_max.evaluate(energy=energy, offset=offset, method="nearest").max()
        centers = [geom.center_skydir, *(region.center for region in regions)]
        for i, one in enumerate(centers):
            for other in centers[:i]:
                if one.separation(other) < 2 * radius:
                    log.warning("Off regions of observation %s overlap: none is used.", observation.obs_id)
                    return []
        return regions

    def run(self, dataset, observation):
        """Return an on-off dataset.

        Parameters
        ----------
        dataset : `~geminga.datasets.SpectrumDataset`
        observation : `~geminga.data.Observation`

        Returns
        -------
        `~geminga.datasets.SpectrumDatasetOnOff`
            All bins are unsafe when no off region was found.
        """
        from ...datasets import SpectrumDatasetOnOff

        counts_off, acceptance_off = self.make_counts_off(dataset, observation)
        acceptance = RegionNDMap.from_geom(geom=dataset.counts.geom, data=1.0)
        result = SpectrumDatasetOnOff.from_spectrum_dataset(
            dataset=dataset,
            acceptance=acceptance,
            acceptance_off=acceptance_off,
            counts_off=counts_off,
            name=dataset.name,
        )
        if counts_off is None:
            result.mask_safe = RegionNDMap.from_geom(
                dataset.counts.geom, data=np.zeros(dataset.counts.geom.data_shape, dtype=bool)
            )
        return result
