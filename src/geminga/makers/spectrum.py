"""Reduction to spectra: counts and responses of one observation in a region."""

from __future__ import annotations

import numpy as np

from ..errors import GeometryError
from .core import MAKER_REGISTRY
from .map import MapDatasetMaker
from .pointings import middle_pointing

__all__ = ["SpectrumDatasetMaker"]


@MAKER_REGISTRY.register
class SpectrumDatasetMaker(MapDatasetMaker):
    """Reduce an observation to a spectral dataset.

    Parameters
    ----------
    selection : sequence of {"counts", "exposure", "background", "edisp"}, optional
        What to make. By default all.
    containment_correction : bool
        Multiply the exposure by the fraction of a point source at the centre of the circular region that the PSF leaves
        inside.
    background_oversampling : int, optional
        Factor by which energy bins are split for the background integral.
    use_region_center : bool
        Take responses at the centre of the region instead of their average over it.

    Raises
    ------
    GeometryError
        If a containment correction is asked for a region other than a circle, or for point-like responses.
    """

    tag = "SpectrumDatasetMaker"
    available_selection = ["counts", "background", "exposure", "edisp"]

    def __init__(
        self,
        selection=None,
        containment_correction=False,
        background_oversampling=None,
        use_region_center=True,
    ):
        super().__init__(selection=selection, background_oversampling=background_oversampling)
        self.containment_correction = containment_correction
        self.use_region_center = use_region_center

    def make_exposure(self, geom, observation):
        """Return the exposure, with the containment correction if it is asked for."""
        exposure = super().make_exposure(geom, observation, use_region_center=self.use_region_center)
        if not self.containment_correction:
            return exposure
        from regions import CircleSkyRegion  # slow to import

        if not isinstance(geom.region, CircleSkyRegion):
            raise GeometryError(
                "region must be a circle for a containment correction, "
                f"got {type(geom.region).__name__}. Set containment_correction=False."
            )
        if exposure.meta["is_pointlike"]:
            raise GeometryError(
                f"responses of observation {observation.obs_id} must be full-enclosure for a containment "
                "correction, got point-like ones. Set containment_correction=False."
            )
        offset = geom.center_skydir.separation(middle_pointing(observation))
        containment = observation.psf.containment(
            rad=geom.region.radius, offset=offset, energy_true=geom.axes["energy_true"].center
        )
        fraction = np.asarray(containment.to_value(""), dtype=float).reshape(geom.data_shape)
        return exposure.copy(data=exposure.data * fraction)
