"""Sampling of the posterior of models."""

from __future__ import annotations

import logging

import numpy as np

from ...errors import FitError, UnknownNameError
from ...numerics.random import get_random_state
from ..covariance import Covariance
from ..fit.adapter import as_datasets, parameters_of
from .posterior import Posterior
from .result import SamplerResult

__all__ = ["Sampler"]

log = logging.getLogger(__name__)

_DEFAULTS = {
    "ultranest": (
        {
            "live_points": 400,
            "frac_remain": 0.5,
            "log_dir": None,
            "resume": "subfolder",
            "step_sampler": False,
        },
        {},
    ),
    "nautilus": ({"n_live": 2000}, {"n_eff": 2000, "f_live": 0.01}),
    "ensemble": ({"n_walkers": None, "random_state": 42}, {"n_steps": 1000, "n_burn": 500}),
}


class Sampler:
    """Samples the posterior of the free parameters.

    Each of them needs a prior.

    Parameters
    ----------
    backend : {"ultranest", "nautilus", "ensemble"}
        The first two are nested samplers of packages that have to be installed, and give the evidence. "ensemble" is
        built in.
    sampler_opts : dict, optional
        For ultranest: live_points, frac_remain, log_dir, resume, and arguments of ``ReactiveNestedSampler``. For
        nautilus: n_live, and arguments of its ``Sampler``. For ensemble: n_walkers, random_state.
    run_opts : dict, optional
        Arguments of the run of the sampler; for ensemble n_steps (kept) and n_burn (thrown away).
    """

    def __init__(self, backend="ultranest", sampler_opts=None, run_opts=None):
        if backend not in _DEFAULTS:
            raise UnknownNameError("backend of the sampler", backend, _DEFAULTS)
        self.backend = backend
        sampler_defaults, run_defaults = _DEFAULTS[backend]
        self.sampler_opts = {**sampler_defaults, **(sampler_opts or {})}
        self.run_opts = {**run_defaults, **(run_opts or {})}

    def run(self, datasets) -> SamplerResult:
        """Sample; the models of the datasets get mean, error and covariance of the posterior.

        Parameters
        ----------
        datasets : `~geminga.datasets.Datasets`, dataset or list of datasets
        """
        datasets = as_datasets(datasets)
        everything = parameters_of(datasets)
        with everything.restore_status():
            posterior = Posterior(datasets)
            result = getattr(self, f"sampler_{self.backend}")(posterior.parameters, posterior)
        for parameter, value in zip(
            posterior.parameters, np.mean(result.samples, axis=0).tolist(), strict=True
        ):
            parameter.value = value
        models = getattr(datasets, "models", None)
        matrix = np.atleast_2d(np.cov(result.samples.T))
        if hasattr(models, "covariance"):
            models.covariance = Covariance.from_free_matrix(everything, matrix)
            result.models = models.copy()
        else:
            for parameter, variance in zip(posterior.parameters, np.diag(matrix), strict=True):
                parameter.error = float(np.sqrt(variance))
        if not result.success:
            log.warning("The sampler did not converge. Take more live points or steps.")
        return result

    def sampler_ultranest(self, parameters, like) -> SamplerResult:
        """Sample with UltraNest.

        Parameters
        ----------
        parameters : sequence of `~geminga.modeling.Parameter`
        like : `~geminga.modeling.sampler.posterior.Posterior`
        """
        ultranest = _import("ultranest")
        options = dict(self.sampler_opts)
        live_points, frac_remain = options.pop("live_points"), options.pop("frac_remain")
        step_sampler = options.pop("step_sampler")
        sampler = ultranest.ReactiveNestedSampler(
            like.names, like.log_likelihood, transform=like.from_unit_cube, **options
        )
        if step_sampler:
            steps = _import("ultranest.stepsampler")
            sampler.stepsampler = steps.SliceSampler(
                nsteps=2 * len(parameters), generate_direction=steps.generate_mixture_random_direction
            )
        found = sampler.run(min_num_live_points=live_points, frac_remain=frac_remain, **self.run_opts)
        return SamplerResult.from_ultranest(found)

    def sampler_nautilus(self, parameters, like) -> SamplerResult:
        """Sample with Nautilus.

        Parameters
        ----------
        parameters : sequence of `~geminga.modeling.Parameter`
        like : `~geminga.modeling.sampler.posterior.Posterior`
        """
        nautilus = _import("nautilus")
        sampler = nautilus.Sampler(
            like.from_unit_cube,
            like.log_likelihood,
            n_dim=len(parameters),
            pass_dict=False,
            **self.sampler_opts,
        )
        success = sampler.run(**self.run_opts)
        points, log_weights, log_likelihood = sampler.posterior()
        return SamplerResult.from_nautilus(
            {
                "points": points,
                "log_w": log_weights,
                "log_l": log_likelihood,
                "log_z": getattr(sampler, "log_z", None),
                "n_eff": getattr(sampler, "n_eff", None),
                "nfev": sampler.n_like,
                "success": True if success is None else success,
                "paramnames": like.names,
            }
        )

    def sampler_ensemble(self, parameters, like) -> SamplerResult:
        """Sample with the built-in ensemble of walkers.

        Parameters
        ----------
        parameters : sequence of `~geminga.modeling.Parameter`
        like : `~geminga.modeling.sampler.posterior.Posterior`
        """
        from .ensemble import run_ensemble

        n = len(parameters)
        n_walkers = self.sampler_opts["n_walkers"] or max(4 * n, 20)
        n_walkers += n_walkers % 2
        random_state = get_random_state(self.sampler_opts["random_state"])
        start = _start_of_walkers(like, n_walkers, random_state)
        n_steps, n_burn = self.run_opts["n_steps"], self.run_opts["n_burn"]
        chain, logs, acceptance = run_ensemble(like.log_posterior, start, n_steps + n_burn, random_state)
        samples = chain[n_burn:].reshape(-1, n)
        results = {
            "samples": samples,
            "chain": chain[n_burn:],
            "log_posterior": logs[n_burn:],
            "acceptance": acceptance,
            "paramnames": like.names,
            "posterior": {
                "mean": samples.mean(axis=0).tolist(),
                "stdev": samples.std(axis=0).tolist(),
                "median": np.median(samples, axis=0).tolist(),
            },
        }
        nfev = n_walkers * (n_steps + n_burn + 1)
        return SamplerResult(nfev=nfev, success=acceptance > 0.1, samples=samples, sampler_results=results)


def _start_of_walkers(like, n_walkers: int, random_state) -> np.ndarray:
    """Return the best of ten times as many draws from the priors: no walker starts where nothing is likely."""
    draws = np.array(
        [like.from_unit_cube(u) for u in random_state.uniform(size=(10 * n_walkers, len(like.parameters)))]
    )
    logs = np.array([like.log_posterior(draw) for draw in draws])
    best = np.argsort(-logs)[:n_walkers]
    if not np.all(np.isfinite(logs[best])):
        raise FitError(
            "the likelihood must be finite inside the priors, got too few such places. Narrow the priors."
        )
    return draws[best]


def _import(module: str):
    """Import an optional package."""
    from importlib import import_module

    try:
        return import_module(module)
    except ImportError as error:
        package = "nautilus-sampler" if module.startswith("nautilus") else module.split(".")[0]
        raise FitError(
            f"backend must be installed, got no module {module}. Run: pip install {package}."
        ) from error
