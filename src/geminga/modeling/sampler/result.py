"""What a sampler found."""

from __future__ import annotations

import html

import numpy as np

__all__ = ["SamplerResult"]


class SamplerResult:
    """Samples of the posterior.

    Parameters
    ----------
    nfev : int
        Evaluations of the likelihood.
    success : bool
        Whether the sampler says that it converged.
    models : `~geminga.modeling.models.DatasetModels`, optional
        Copies of the models at the mean of the posterior.
    samples : ndarray, shape (n_samples, n_parameters), optional
        Values with equal weights, in units of the free parameters.
    sampler_results : dict, optional
        What the sampler returned; at least "samples", "paramnames" and "posterior".
    """

    def __init__(self, nfev=0, success=False, models=None, samples=None, sampler_results=None):
        self.nfev, self.success = nfev, success
        self.models, self.samples, self.sampler_results = models, samples, sampler_results

    @classmethod
    def from_ultranest(cls, ultranest_result):
        """Create from the dictionary that UltraNest returns."""
        return cls(
            nfev=int(ultranest_result["ncall"]),
            success=bool(ultranest_result["insertion_order_MWW_test"]["converged"]),
            samples=np.asarray(ultranest_result["samples"]),
            sampler_results=ultranest_result,
        )

    @classmethod
    def from_nautilus(cls, nautilus_result):
        """Create from a dictionary with what Nautilus offers: samples, log_w, log_l, log_z, n_eff, nfev, success."""
        samples, log_weights = np.asarray(nautilus_result["points"]), np.asarray(nautilus_result["log_w"])
        weights = np.exp(log_weights - np.max(log_weights))
        weights /= weights.sum()
        equal = np.random.RandomState(0).choice(len(samples), size=len(samples), p=weights)
        results = {
            **nautilus_result,
            "logz": float(nautilus_result["log_z"]),
            "weighted_samples": {"points": samples, "weights": weights, "logl": nautilus_result["log_l"]},
            "samples": samples[equal],
        }
        return cls(
            nfev=int(nautilus_result["nfev"]),
            success=bool(nautilus_result["success"]),
            samples=samples[equal],
            sampler_results=results,
        )

    def __str__(self) -> str:
        results = self.sampler_results or {}
        lines = ["SamplerResult", ""]
        lines += [f"\t{'success':<10} : {self.success}", f"\t{'nfev':<10} : {self.nfev}"]
        if self.samples is not None:
            lines.append(f"\t{'samples':<10} : {len(self.samples)}")
        if "logz" in results:
            error = f" +/- {results['logzerr']:.2f}" if "logzerr" in results else ""
            lines.append(f"\t{'log(Z)':<10} : {results['logz']:.2f}{error}")
        return "\n".join(lines) + "\n"

    def __repr__(self) -> str:
        n = 0 if self.samples is None else len(self.samples)
        return f"SamplerResult(success={self.success}, nfev={self.nfev}, {n} samples)"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"
