"""Everything about the norm of each problem in one call."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from geminga.errors import UnknownNameError

from .asimov import sensitivity
from .chunks import in_chunks
from .crossings import find_crossings
from .curvature import errors_of_curvature
from .minimum import minimize_terms
from .problems import NormProblems
from .profile import compare_with_null, scan_terms
from .status import NormStatus
from .terms import make_terms
from .windows import WindowProblems

__all__ = ["NormSolution", "solve"]

_MESSAGES = [status.message for status in NormStatus]
OPTIONAL = ("errn-errp", "ul", "scan", "sensitivity")


@dataclass(frozen=True, eq=False, repr=False)
class NormSolution:
    """What is known about the norm of each problem; all arrays have shape (M,) but for the scan, (M, n).

    Quantities that were not asked for are None; failures are NaN, and `status` says why.

    Parameters
    ----------
    norm, norm_err : ndarray
        Best norm and symmetric error, times `n_sigma`.
    stat, stat_null, ts, sqrt_ts : ndarray
        Statistic at the best norm and at the null hypothesis, their difference, its root with the sign of the norm.
    success : ndarray of bool
        Whether the norm can be used.
    niter : ndarray of int
        Steps that the search took.
    status : ndarray of int8
        Codes of `NormStatus`.
    norm_errn, norm_errp : ndarray, optional
        Distances to a rise of ``n_sigma ** 2``.
    norm_ul : ndarray, optional
        Best norm plus the positive error at `n_sigma_ul`.
    norm_scan, stat_scan : ndarray, optional
        Norms, and statistic at them.
    norm_sensitivity : ndarray, optional
        Norm that would be seen with `n_sigma_sensitivity`.
    n_sigma, n_sigma_ul, n_sigma_sensitivity : float
        What the errors, limits and sensitivities refer to.
    """

    norm: np.ndarray
    norm_err: np.ndarray
    stat: np.ndarray
    stat_null: np.ndarray
    ts: np.ndarray
    sqrt_ts: np.ndarray
    success: np.ndarray
    niter: np.ndarray
    status: np.ndarray
    norm_errn: np.ndarray | None = None
    norm_errp: np.ndarray | None = None
    norm_ul: np.ndarray | None = None
    norm_scan: np.ndarray | None = None
    stat_scan: np.ndarray | None = None
    norm_sensitivity: np.ndarray | None = None
    n_sigma: float = 1.0
    n_sigma_ul: float = 2.0
    n_sigma_sensitivity: float = 5.0

    @property
    def messages(self) -> list[str]:
        """What happened to each problem, in words."""
        return [_MESSAGES[code] for code in self.status]

    def __len__(self) -> int:
        return len(self.norm)

    def __repr__(self) -> str:
        n, good = len(self.norm), int(np.count_nonzero(self.success))
        lines = [f"NormSolution({n} problem{'' if n == 1 else 's'}, {good} solved)"]
        codes, counts = np.unique(self.status[~self.success], return_counts=True)
        lines += [f"  {count}: {_MESSAGES[code]}" for code, count in zip(codes, counts, strict=True)]
        return "\n".join(lines)


class _Parts(NamedTuple):
    norm: np.ndarray
    norm_err: np.ndarray
    stat: np.ndarray
    stat_null: np.ndarray
    ts: np.ndarray
    sqrt_ts: np.ndarray
    success: np.ndarray
    niter: np.ndarray
    status: np.ndarray
    errors: np.ndarray
    stat_scan: np.ndarray


def solve(
    problems: NormProblems | WindowProblems,
    n_sigma: float = 1.0,
    n_sigma_ul: float = 2.0,
    n_sigma_sensitivity: float = 5.0,
    selection: Iterable[str] = (),
    norm_values=None,
    norm_min=None,
    norm_max=None,
    null_value=0.0,
) -> NormSolution:
    """Find best norm, errors and test statistic of each problem, and what else is selected.

    Parameters
    ----------
    problems : NormProblems or WindowProblems
    n_sigma, n_sigma_ul, n_sigma_sensitivity : float
        Number of standard deviations of errors, upper limits and sensitivities.
    selection : iterable of {"errn-errp", "ul", "scan", "sensitivity"} or "all"
        Optional quantities.
    norm_values : array_like, shape (n,) or (M, n), optional
        Norms of the scan; 11 from 0.2 to 5 by default.
    norm_min, norm_max : float or array_like, shape (M,), optional
        Limits of the norm.
    null_value : float or array_like, shape (M,)
        Norm of the null hypothesis.

    Returns
    -------
    NormSolution

    Examples
    --------
    >>> problems = NormProblems(counts=[5, 3, 4], background=[1, 1, 2], signal=[2, 1, 1], offsets=[0, 2, 3])
    >>> solution = solve(problems, selection=["ul"])
    >>> solution.norm.round(4).tolist(), solution.norm_ul.round(4).tolist()
    ([2.0, 2.0], [4.3492, 7.4307])
    """
    chosen = set(OPTIONAL) if selection == "all" else set(selection or ())
    if not chosen <= set(OPTIONAL):
        raise UnknownNameError("optional quantity", sorted(chosen - set(OPTIONAL))[0], OPTIONAL)
    m = problems.n_problems
    values = np.geomspace(0.2, 5, 11) if norm_values is None else np.asarray(norm_values, dtype=float)
    if "scan" not in chosen:
        values = np.zeros(0)
    values = np.broadcast_to(values, (m, values.shape[-1])) if values.ndim == 1 else values

    targets = []
    if "errn-errp" in chosen:
        targets += [(-1, n_sigma), (1, n_sigma)]
    if "ul" in chosen and not ("errn-errp" in chosen and n_sigma_ul == n_sigma):
        targets += [(1, n_sigma_ul)]

    images = isinstance(problems, WindowProblems)

    def run(part: Any, low, high, zero, points) -> _Parts:
        terms: Any
        terms, status = part.terms() if images else make_terms(part)
        norm, niter = minimize_terms(terms, status, low, high)
        good = status <= NormStatus.AT_LIMIT
        norm = np.where(good, norm, np.nan)
        stat, slope, curvature = terms.all(np.where(good, norm, 0.0))
        if images:
            polished = status == NormStatus.CONVERGED
            better = terms.polished(np.where(good, norm, 0.0), stat, slope, curvature)
            norm, stat = np.where(polished, better[0], norm), np.where(polished, better[1], stat)
        stat = np.where(good, stat, np.nan)
        crossings = find_crossings(terms, norm, targets, low, high) if targets else []
        return _Parts(
            norm,
            errors_of_curvature(curvature, good, n_sigma),
            stat,
            *compare_with_null(terms, status, norm, zero, stat),
            good,
            niter,
            status,
            np.stack(crossings, axis=1) if crossings else np.zeros((part.n_problems, 0)),
            scan_terms(terms, status, points),
        )

    parts = in_chunks(run, problems, norm_min, norm_max, null_value, values)
    fields = parts._asdict()
    errors, stat_scan = fields.pop("errors"), fields.pop("stat_scan")
    if "errn-errp" in chosen:
        fields |= {"norm_errn": errors[:, 0], "norm_errp": errors[:, 1]}
    if "ul" in chosen:
        fields["norm_ul"] = parts.norm + errors[:, -1]
    if "scan" in chosen:
        fields |= {"norm_scan": np.array(values), "stat_scan": stat_scan}
    if "sensitivity" in chosen:
        if isinstance(problems, WindowProblems):
            fields["norm_sensitivity"] = problems.sensitivity(n_sigma_sensitivity)
        else:
            fields["norm_sensitivity"] = sensitivity(problems, n_sigma_sensitivity)
    return NormSolution(
        **fields, n_sigma=n_sigma, n_sigma_ul=n_sigma_ul, n_sigma_sensitivity=n_sigma_sensitivity
    )
