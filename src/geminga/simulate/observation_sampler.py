"""Event lists drawn for observations, from their responses."""

from __future__ import annotations

from ..data import Observations
from ..errors import FileExistsGemingaError
from ..files import make_path
from ..numerics.random import get_random_state
from ..parallel import ParallelMixin
from .from_observation import create_map_dataset_from_observation
from .sampler import MapDatasetEventSampler

__all__ = ["ObservationEventSampler", "ObservationsEventsSampler"]


class ObservationEventSampler(MapDatasetEventSampler):
    """Draw events of models through the responses of an observation.

    Parameters
    ----------
    dataset_kwargs : dict, optional
        Bins of the dataset that is made of the responses; see `create_map_dataset_from_observation`.
    **kwargs : dict
        As for `MapDatasetEventSampler`.
    """

    def __init__(self, *args, dataset_kwargs=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.dataset_kwargs = dict(dataset_kwargs or {})

    def run(self, observation, models=None, dataset_name=None):
        """Return a copy of an observation with events that are drawn from models and its background response.

        Parameters
        ----------
        observation : `~geminga.data.Observation`
            With responses, pointing and good time intervals.
        models : `~geminga.modeling.models.Models`, list or model, optional
        dataset_name : str, optional
            Name that background models refer to; by default ``obs_`` and the identifier.

        Returns
        -------
        `~geminga.data.Observation`
        """
        dataset = create_map_dataset_from_observation(
            observation, models, dataset_name=dataset_name, **self.dataset_kwargs
        )
        return observation.copy(in_memory=True, events=super().run(dataset, observation))


class ObservationsEventsSampler(ParallelMixin):
    """Draw events for many observations, one FITS file for each.

    Parameters
    ----------
    sampler_kwargs : dict, optional
        Arguments of `MapDatasetEventSampler`. With a seed each observation gets a seed of its own that follows from it.
    dataset_kwargs : dict, optional
        Bins; see `create_map_dataset_from_observation`.
    outdir : str or path-like
        Folder of the files ``obs_<identifier>.fits``.
    overwrite : bool
        Replace existing files.
    n_jobs : int, optional
        Number of processes.
    parallel_backend : str, optional
        Kind of local pool.
    """

    def __init__(
        self,
        sampler_kwargs=None,
        dataset_kwargs=None,
        outdir="./simulated_data/",
        overwrite=True,
        n_jobs=None,
        parallel_backend=None,
    ):
        self.sampler_kwargs = dict(sampler_kwargs or {})
        self.dataset_kwargs = dict(dataset_kwargs or {})
        self.outdir = make_path(outdir)
        self.overwrite = overwrite
        self.n_jobs, self.parallel_backend = n_jobs, parallel_backend

    def simulate_observation(self, observation, models=None, seed=None):
        """Draw the events of one observation and write it with its responses.

        Parameters
        ----------
        observation : `~geminga.data.Observation`
        models : `~geminga.modeling.models.Models`, list or model, optional
        seed : int, optional
            Instead of the ``random_state`` of `sampler_kwargs`.

        Returns
        -------
        `~geminga.data.Observation`
        """
        path = self.outdir / f"obs_{observation.obs_id}.fits"
        if path.exists() and not self.overwrite:
            raise FileExistsGemingaError(
                f"file {path} must not exist already. Pass overwrite=True to replace it."
            )
        kwargs = self.sampler_kwargs if seed is None else {**self.sampler_kwargs, "random_state": seed}
        sampler = ObservationEventSampler(**kwargs, dataset_kwargs=self.dataset_kwargs)
        simulated = sampler.run(observation, models)
        path.parent.mkdir(parents=True, exist_ok=True)
        simulated.write(path, overwrite=True, include_irfs=True)
        return simulated

    def run(self, observations, models=None):
        """Draw and write all observations.

        Parameters
        ----------
        observations : `~geminga.data.Observations`
        models : `~geminga.modeling.models.Models`, list or model, optional

        Returns
        -------
        `~geminga.data.Observations`
        """
        random = get_random_state(self.sampler_kwargs.get("random_state", "random-seed"))
        seeds = [int(seed) for seed in random.randint(0, 2**31, size=len(observations))]
        jobs = [(observation, models, seed) for observation, seed in zip(observations, seeds, strict=True)]
        return Observations(
            list(self.run_parallel(self.simulate_observation, jobs, "Event sampling", star=True))
        )
