"""Running a chain of makers over many observations, in constant memory."""

from __future__ import annotations

import logging
from functools import partial

import numpy as np
from astropy import units as u

from ..errors import GeometryError
from ..parallel import ParallelMixin
from ..progress import progress_bar
from ..units import to_quantity
from .core import MAKER_REGISTRY, Maker
from .pointings import largest_offset, middle_pointing
from .safe import SafeMaskMaker

__all__ = ["DatasetsMaker"]

log = logging.getLogger(__name__)


@MAKER_REGISTRY.register
class DatasetsMaker(ParallelMixin, Maker):
    """Run makers over observations, stacking the results or keeping them apart.

    Parameters
    ----------
    makers : sequence of Maker
        The chain.
    stack_datasets : bool
        Stack on the dataset given to `run`.
    n_jobs : int, optional
        Number of processes.
    cutout_mode : {"trim", "partial", "strict"}
        What to do with cutouts that reach over the edge of a map.
    cutout_width : `~astropy.units.Quantity`, optional
        Width of the cutouts around each pointing, or width and height. By default twice the largest offset of the safe
        mask.
    parallel_backend : str, optional
        Kind of local pool.

    Notes
    -----
    Datasets are stacked one by one in the order of the observations, whatever the number of processes, and dropped;
    what an observation read from disk is dropped with its dataset. So the memory does not grow with the number of
    observations.
    """

    tag = "DatasetsMaker"

    def __init__(
        self,
        makers,
        stack_datasets=True,
        n_jobs=None,
        cutout_mode="trim",
        cutout_width=None,
        parallel_backend=None,
    ):
        self.makers = list(makers)
        self.stack_datasets = stack_datasets
        self.n_jobs = n_jobs
        self.cutout_mode = cutout_mode
        self.cutout_width = None if cutout_width is None else to_quantity(cutout_width, "deg", "cutout_width")
        self.parallel_backend = parallel_backend
        self._results = []

    @property
    def safe_mask_maker(self):
        """The safe mask maker of the chain, or None."""
        return next((maker for maker in self.makers if isinstance(maker, SafeMaskMaker)), None)

    @property
    def offset_max(self):
        """Largest offset that the chain keeps, or None if it keeps all."""
        maker = self.safe_mask_maker
        return maker.offset_max if maker is not None and "offset-max" in maker.methods else None

    def _cutout_width(self):
        if self.cutout_width is None and self.offset_max is not None:
            return 2 * self.offset_max
        return self.cutout_width

    def make_dataset(self, dataset, observation):
        """Return the dataset of one observation, or None if it lies outside the geometry.

        Parameters
        ----------
        dataset : `~geminga.datasets.MapDataset`
            Empty; maps are cut out around the pointing.
        observation : `~geminga.data.Observation`
        """
        observation = observation.transient()
        try:
            dataset = _cutout(dataset, observation, self._cutout_width(), self.cutout_mode)
        except GeometryError as error:
            log.warning("Skipped observation %s, outside of the geometry: %s", observation.obs_id, error)
            return None
        return _reduce(self.makers, dataset, observation)

    def __getstate__(self):
        """Leave results out of what is sent to other processes."""
        return self.__dict__ | {"_results": []}

    def callback(self, dataset):
        """Take one finished dataset: stack it on the results, or append it to them."""
        if dataset is None:
            return
        if not self.stack_datasets:
            self._results.append(dataset)
            return
        stacked = self._results[0]
        if type(dataset) is type(stacked):
            stacked.stack(dataset)
        elif dataset.counts.geom.is_region:
            # A background maker turned the spectra into on-off spectra: so is their sum.
            self._results[0] = dataset.to_masked(name=stacked.name)
        else:
            stacked.stack(dataset.to_map_dataset())

    def error_callback(self, dataset):
        """Raise the error of a worker."""
        raise dataset

    def run(self, dataset, observations, datasets=None):
        """Reduce observations.

        Parameters
        ----------
        dataset : `~geminga.datasets.MapDataset`
            Empty dataset with the wanted geometry.
        observations : `~geminga.data.Observations`
        datasets : `~geminga.datasets.Datasets`, optional
            One empty dataset for each observation, used instead of cutouts of `dataset`.

        Returns
        -------
        `~geminga.datasets.Datasets`
            One stacked dataset, or one for each observation, in their order. Spectra with a measured background
            stack to an on-off spectrum, maps with one to a map dataset.

        Raises
        ------
        GeometryError
            If `datasets` and `observations` differ in number.
        """
        from ..datasets import Datasets

        observations = list(observations)
        if datasets is not None and len(datasets) != len(observations):
            raise GeometryError(
                f"datasets must be as many as observations, got {len(datasets)} and {len(observations)}. "
                "Give one for each."
            )
        if datasets is None:
            pairs = [(dataset, observation) for observation in observations]
            function = self.make_dataset
        else:
            pairs = list(zip(datasets, observations, strict=True))
            function = partial(_reduce, self.makers)
        made = self.run_parallel(function, pairs, star=True)
        self._results = [dataset.copy(name=dataset.name)] if self.stack_datasets else []
        for result in progress_bar(made, "Reducing observations", total=len(pairs)):
            self.callback(result)
        results, self._results = self._results, []
        return Datasets(results)


def _cutout(dataset, observation, width, mode):
    """Return the part of a map around the pointing; all of it without a width, and for spectra."""
    if dataset.counts.geom.is_region:
        return dataset.copy(name=f"{observation.obs_id}")
    name = f"obs_{observation.obs_id}"
    if width is None:
        return dataset.copy(name=name)
    # One transformation for all maps.
    position = middle_pointing(observation).transform_to(dataset.counts.geom.frame)
    width = _width_of_circle(dataset.counts.geom, position, width + 2 * largest_offset(observation))
    return dataset.cutout(position=position, width=width, mode=mode, name=name)


def _width_of_circle(geom, center, width):
    """Return the widths of a cutout that holds a circle, also where the projection is distorted.

    A pair of widths stays as it is.
    """
    if geom.is_hpx or np.ndim(width):
        return width
    rim = center.directional_offset_by(np.arange(0, 360, 10) * u.deg, 0.5 * width)
    image = geom.to_image()
    middle, pixels = image.coord_to_pix(center), image.coord_to_pix(rim)
    scales = geom.pixel_scales
    needed = [
        2 * np.max(np.nan_to_num(np.abs(rim - one))) for rim, one in zip(pixels, middle, strict=True)
    ] * scales
    return np.where(needed > width + scales, needed, width << needed.unit) << needed.unit


def _reduce(makers, dataset, observation):
    """Return the dataset of one observation; errors say of which."""
    observation = observation.transient()
    for maker in makers:
        log.debug("Observation %s: %s", observation.obs_id, type(maker).__name__)
        try:
            dataset = maker.run(dataset, observation)
        except Exception as error:
            where = f"While {type(maker).__name__} worked on observation {observation.obs_id}."
            log.error("%s %s", where, error)
            error.add_note(where)
            raise
    return dataset
