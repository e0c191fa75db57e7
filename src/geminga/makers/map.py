"""Reduction to maps: counts, exposure, background, PSF and energy dispersion of one observation."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ..errors import DataError, GeometryError, UnknownNameError
from ..irf import IRFMap
from ..maps import Map
from ..units import to_quantity
from .background_irf import make_map_background_irf
from .core import MAKER_REGISTRY, Maker
from .counts import make_counts
from .edisp import make_edisp_kernel_map, make_edisp_map
from .exposure import make_map_exposure_true_energy
from .map_responses import background_from_map, edisp_from_map, exposure_from_map, psf_from_map
from .pointings import is_drift, middle_pointing, pointings
from .psf import make_psf_map

__all__ = ["MapDatasetMaker"]


@MAKER_REGISTRY.register
class MapDatasetMaker(Maker):
    """Reduce an observation to a dataset on the geometry of an empty one.

    Parameters
    ----------
    selection : sequence of {"counts", "exposure", "background", "psf", "edisp"}, optional
        What to make. By default all.
    background_oversampling : int, optional
        Factor by which energy bins are split for the background integral.
    background_interp_missing_data : bool
        Fill empty bins of the background response by interpolation along energy.
    background_pad_offset : bool
        Repeat the outermost offset bin of the background response once.
    fov_rotation_step : `~astropy.units.Quantity` or str
        Longest rotation of the field of view, or drift of the sky, in one step of time integrals.

    Notes
    -----
    The pointing is that of the middle of the observation. If the sky drifts through the field of view, exposure and
    background are integrated over time, and the other responses averaged with the exposure as weight. Responses that
    are maps already are put on the geometries of the dataset.
    """

    tag = "MapDatasetMaker"
    available_selection = ["counts", "exposure", "background", "psf", "edisp"]
    use_region_center = True

    def __init__(
        self,
        selection=None,
        background_oversampling=None,
        background_interp_missing_data=True,
        background_pad_offset=True,
        fov_rotation_step=1.0 * u.deg,
    ):
        selection = list(self.available_selection) if selection is None else list(selection)
        for name in selection:
            if name not in self.available_selection:
                raise UnknownNameError("selection of a maker", name, self.available_selection)
        self.selection = selection
        self.background_oversampling = background_oversampling
        self.background_interp_missing_data = background_interp_missing_data
        self.background_pad_offset = background_pad_offset
        self.fov_rotation_step = to_quantity(fov_rotation_step, "deg", "fov_rotation_step")

    def make_counts(self, geom, observation):
        """Return the counts of an observation, a map."""
        return make_counts(geom, observation)

    def make_exposure(self, geom, observation, use_region_center=True):
        """Return the exposure of an observation, a map in m2 s."""
        aeff = _response(observation, "aeff")
        if isinstance(aeff, Map):
            return exposure_from_map(aeff, geom, observation)
        directions = pointings(observation, self.fov_rotation_step)
        return self._exposure(geom, observation, directions, use_region_center)

    def make_exposure_irf(self, geom, observation, use_region_center=True):
        """Return the exposure that weights a response, on its own geometry."""
        return MapDatasetMaker.make_exposure(self, geom, observation, use_region_center)

    @staticmethod
    def _exposure(geom, observation, directions, use_region_center):
        """Return the exposure of some directions of an observation."""
        aeff = _response(observation, "aeff")
        if isinstance(aeff, Map):
            return exposure_from_map(aeff, geom, observation)
        livetime = observation.observation_live_time_duration
        total, *others = (
            make_map_exposure_true_energy(direction, share * livetime, aeff, geom, use_region_center)
            for direction, share in directions
        )
        for other in others:
            total.data += other.data
            total.meta["livetime"] += other.meta["livetime"]
        return total

    def _averaged(self, make, response, geom, axis_name, observation, use_region_center=True):
        """Return a response map, averaged over the directions of an observation."""
        geom_exposure, total = geom.squash(axis_name=axis_name), None
        for direction in pointings(observation, self.fov_rotation_step):
            exposure = self._exposure(geom_exposure, observation, [direction], use_region_center)
            options = {} if make is make_psf_map else {"use_region_center": use_region_center}
            part = make(response, direction[0], geom, exposure, **options)
            if total is None:
                total = part
            else:
                total.stack(part)
        return total

    def make_background(self, geom, observation):
        """Return the background counts that the response predicts, a map."""
        bkg = _response(observation, "bkg")
        if isinstance(bkg, Map):
            return background_from_map(bkg, geom, observation)
        if self.background_interp_missing_data:
            bkg = bkg.copy()
            bkg.interp_missing_data(axis_name="energy")
        if self.background_pad_offset and bkg.has_offset_axis:
            bkg = bkg.pad(pad_width=(0, 1), mode="edge", axis_name="offset")
        drifts = is_drift(observation.pointing)
        return make_map_background_irf(
            pointing=observation.pointing if drifts else middle_pointing(observation),
            ontime=observation.observation_time_duration,
            bkg=bkg,
            geom=geom,
            time_start=observation.tstart,
            fov_rotation_step=self.fov_rotation_step,
            oversampling=self.background_oversampling,
            use_region_center=self.use_region_center,
            location=observation.observatory_earth_location,
            gti=observation.gti,
        )

    def make_edisp(self, geom, observation):
        """Return the energy dispersion as migration, a map."""
        edisp = _response(observation, "edisp")
        if isinstance(edisp, IRFMap):
            return edisp_from_map(edisp, geom, observation)
        return self._averaged(make_edisp_map, edisp, geom, "migra", observation, self.use_region_center)

    def make_edisp_kernel(self, geom, observation):
        """Return the energy dispersion as kernels, a map."""
        edisp = _response(observation, "edisp")
        if isinstance(edisp, IRFMap):
            return edisp_from_map(edisp, geom, observation)
        return self._averaged(
            make_edisp_kernel_map, edisp, geom, "energy", observation, self.use_region_center
        )

    def make_psf(self, geom, observation):
        """Return the point spread function, a map."""
        psf = _response(observation, "psf")
        if isinstance(psf, IRFMap):
            return psf_from_map(psf, geom, observation)
        if "energy_true" not in geom.axes.names:
            raise GeometryError(
                f"PSF of the dataset must be in true energy, as that of observation {observation.obs_id}, "
                f"got the axes {geom.axes.names}. Create the dataset with reco_psf=False."
            )
        return self._averaged(make_psf_map, psf, geom, "rad", observation)

    @staticmethod
    def make_meta_table(observation):
        """Return telescope, identifier and pointing of an observation, a table with one row."""
        from astropy.table import Table

        table = Table()
        info = observation.meta.obs_info if observation.meta is not None else None
        table["TELESCOP"] = [str(getattr(info, "telescope", None) or "unknown")]
        table["OBS_ID"] = [str(observation.obs_id)]
        position = middle_pointing(observation)
        table["RA_PNT"], table["DEC_PNT"] = [position.ra.deg] * u.deg, [position.dec.deg] * u.deg
        return table

    @staticmethod
    def make_meta(observation):
        """Return the provenance of a dataset that is made of an observation."""
        from ..datasets import MapDatasetMetaData
        from ..metadata import ObsInfoMetaData, PointingInfoMetaData

        pointing = middle_pointing(observation)
        info = None if observation.meta is None else observation.meta.obs_info
        if info is None and observation.obs_id is not None:
            info = ObsInfoMetaData(obs_id=observation.obs_id)
        return MapDatasetMetaData(obs_info=info, pointing=PointingInfoMetaData(radec_mean=pointing))

    def run(self, dataset, observation):
        """Return a dataset with what was selected.

        Parameters
        ----------
        dataset : `~geminga.datasets.MapDataset`
            Gives the geometries and the name; it is not changed.
        observation : `~geminga.data.Observation`

        Returns
        -------
        `~geminga.datasets.MapDataset`
            Of the kind of the input. Responses for which that has no geometry are left out.
        """
        return self._run_on(type(dataset), dataset.geoms, dataset.name, observation)

    def _run_on(self, kind, geoms, name, observation):
        """Return a dataset of a kind on geometries, those of `MapDataset.geoms`, without an empty one as model."""
        geom = geoms["geom"]
        parts = {
            "gti": observation.gti,
            "meta_table": self.make_meta_table(observation),
            "meta": self.make_meta(observation),
            "mask_safe": Map.from_geom(geom, data=np.ones(geom.data_shape, dtype=bool)),
        }
        if "counts" in self.selection:
            parts["counts"] = self.make_counts(geom, observation)
        if "background" in self.selection:
            parts["background"] = self.make_background(geom, observation)
        for part, make in (
            ("exposure", self.make_exposure),
            ("psf", self.make_psf),
            ("edisp", self._make_edisp),
        ):
            if part in self.selection and f"geom_{part}" in geoms:
                parts[part] = make(geoms[f"geom_{part}"], observation)
        return kind(name=name, **parts)

    def _make_edisp(self, geom, observation):
        make = self.make_edisp if "migra" in geom.axes.names else self.make_edisp_kernel
        return make(geom, observation)


def _response(observation, name):
    """Return a response of an observation, or say that it has none."""
    response = getattr(observation, name)
    if response is None:
        raise DataError(
            f"observation {observation.obs_id} must have the response {name!r}, got none. "
            "Leave it out of the selection of the maker, or ask the data store for required_irf."
        )
    return response
