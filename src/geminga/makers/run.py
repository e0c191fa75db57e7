"""Running a chain of makers over many observations."""

from __future__ import annotations

import logging

from ..errors import GeometryError
from ..parallel import ParallelMixin
from ..progress import progress_bar
from .core import MAKER_REGISTRY, Maker
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
        Width of the cutouts around each pointing. By default twice the largest offset of the safe mask.
    parallel_backend : str, optional
        Accepted for scripts; any executor works.
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
        self.cutout_width = cutout_width
        self.parallel_backend = parallel_backend

    @property
    def safe_mask_maker(self):
        """The safe mask maker of the chain, or None."""
        return next((maker for maker in self.makers if isinstance(maker, SafeMaskMaker)), None)

    @property
    def offset_max(self):
        """Largest offset that the chain keeps, or None if it keeps all."""
        maker = self.safe_mask_maker
        return maker.offset_max if maker is not None and "offset-max" in maker.methods else None

    def _cutout(self, dataset, observation):
        """Return the part of a map around the pointing, or the dataset itself for spectra."""
        if dataset.counts.geom.is_region:
            return dataset.copy(name=f"{observation.obs_id}")
        width = self.cutout_width
        if width is None and self.offset_max is not None:
            width = 2 * self.offset_max
        if width is None:
            return dataset.copy(name=f"obs_{observation.obs_id}")
        return dataset.cutout(
            position=observation.get_pointing_icrs(observation.tmid),
            width=width,
            mode=self.cutout_mode,
            name=f"obs_{observation.obs_id}",
        )

    def make_dataset(self, dataset, observation):
        """Return the dataset of one observation, or None if it lies outside the geometry."""
        if self._datasets is None:
            try:
                dataset = self._cutout(dataset, observation)
            except (GeometryError, ValueError) as error:
                log.warning("Skipped observation %s, outside of the geometry: %s", observation.obs_id, error)
                return None
        for maker in self.makers:
            log.debug("Observation %s: %s", observation.obs_id, type(maker).__name__)
            dataset = maker.run(dataset, observation)
        return dataset

    def callback(self, dataset):
        """Take one finished dataset: stack it, or keep it."""
        if dataset is None:
            return
        if self.stack_datasets:
            if type(dataset) is not type(self._stacked) and hasattr(dataset, "to_map_dataset"):
                if hasattr(dataset, "counts_off") and dataset.counts.geom.is_region:
                    self._stacked = dataset if self._is_empty else self._stacked
                    if not self._is_empty:
                        self._stacked.stack(dataset)
                    self._is_empty = False
                    return
                dataset = dataset.to_map_dataset()
            self._stacked.stack(dataset)
            self._is_empty = False
        else:
            self._results.append(dataset)

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
            One stacked dataset, or one for each observation, in their order.
        """
        from ..datasets import Datasets
        from ..parallel import run as run_parallel

        observations = list(observations)
        if datasets is not None and len(datasets) != len(observations):
            raise GeometryError(
                f"datasets must be as many as observations, got {len(datasets)} and {len(observations)}. "
                "Give one for each."
            )
        self._datasets = datasets
        self._results, self._is_empty = [], True
        self._stacked = dataset.copy(name=dataset.name) if self.stack_datasets else None
        inputs = [dataset] * len(observations) if datasets is None else list(datasets)
        pairs = list(zip(inputs, observations, strict=True))
        if (self.n_jobs or 1) > 1:
            results = run_parallel(self._make_pair, pairs, n_jobs=self.n_jobs)
        else:
            results = map(self._make_pair, pairs)
        for result in progress_bar(results, "Reducing observations", total=len(pairs)):
            self.callback(result)
        results = [self._stacked] if self.stack_datasets else self._results
        del self._results, self._stacked
        return Datasets(results)

    def _make_pair(self, pair):
        return self.make_dataset(*pair)
