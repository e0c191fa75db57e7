"""Symmetric errors from the curvature of the statistic at its minimum."""

from __future__ import annotations

import numpy as np

from .chunks import in_chunks
from .minimum import minimize_terms
from .problems import NormProblems
from .status import NormStatus
from .terms import Terms, make_terms

__all__ = ["curvature_errors", "errors", "errors_of_curvature"]


def errors(problems: NormProblems, n_sigma=1.0, norm=None) -> np.ndarray:
    r"""Compute the symmetric error of each norm.

    Parameters
    ----------
    problems : NormProblems
    n_sigma : float
        Number of standard deviations.
    norm : array_like, shape (M,), optional
        Best norms, if known.

    Returns
    -------
    ndarray, shape (M,)
        :math:`n_\sigma \sqrt{2 / \mathrm{stat}''}`, for Cash :math:`n_\sigma / \sqrt{\sum n s^2 / \mu^2}`. NaN
        where the statistic has no curvature, as without any counts.

    Examples
    --------
    >>> errors(NormProblems(counts=[4.0], background=[0.0], signal=[1.0])).tolist()
    [2.0]
    """

    def run(part: NormProblems, best) -> np.ndarray:
        terms, status = make_terms(part)
        if best is None:
            best, _ = minimize_terms(terms, status)
        return curvature_errors(terms, np.where(status <= NormStatus.AT_LIMIT, best, np.nan), n_sigma)

    return in_chunks(run, problems, norm)


def curvature_errors(terms: Terms, norm: np.ndarray, n_sigma=1.0) -> np.ndarray:
    """Compute symmetric errors at known norms; NaN where the norm is."""
    _, curvature = terms.derivatives(np.where(np.isfinite(norm), norm, 0.0))
    return errors_of_curvature(curvature, np.isfinite(norm), n_sigma)


def errors_of_curvature(curvature: np.ndarray, good: np.ndarray, n_sigma=1.0) -> np.ndarray:
    """Turn second derivatives into errors; NaN where they are not positive."""
    good = good & (curvature > 0) & np.isfinite(curvature)
    return np.where(good, n_sigma * np.sqrt(2 / np.where(good, curvature, 1.0)), np.nan)
