"""All roots of a function in an interval."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from astropy import units as u

from geminga.errors import UnknownNameError

from .scales import interpolation_scale

__all__ = ["find_roots"]


def find_roots(
    f: Callable[..., float],
    lower_bound,
    upper_bound,
    nbin: int = 100,
    points_scale: str = "lin",
    args: tuple = (),
    method: str = "brentq",
    fprime: Callable | None = None,
    fprime2: Callable | None = None,
    xtol: float | None = None,
    rtol: float | None = None,
    maxiter: int | None = None,
    options: dict[str, Any] | None = None,
):
    """Find the roots of a scalar function between two bounds.

    The interval is cut into `nbin` pieces; each piece at whose ends the signs differ is searched for its root.
    A node at which the function is exactly 0 is a root. Pieces with an even number of roots are not seen.

    Parameters
    ----------
    f : callable
        Function of one float; with bounds that are quantities, in the unit of `lower_bound`.
    lower_bound, upper_bound : float or `~astropy.units.Quantity`
        Interval to search.
    nbin : int
        Number of pieces.
    points_scale : {"lin", "log", "sqrt"}
        Spacing of the pieces.
    args : tuple
        Further arguments of `f`.
    method : {"brentq", "secant", ...}
        Method for `scipy.optimize.root_scalar`.
    fprime, fprime2, xtol, rtol, maxiter, options : optional
        Passed to `scipy.optimize.root_scalar`.

    Returns
    -------
    roots : ndarray, shape (n_roots,)
        Roots in ascending order, with the unit of the bounds; one NaN when there is none or when a search failed.
    results : ndarray of `~scipy.optimize.RootResults`, shape (n_roots,)
        How each was found.

    Examples
    --------
    >>> roots, results = find_roots(lambda x: x**2 - 4, lower_bound=-3, upper_bound=3)
    >>> [round(float(root), 6) for root in roots], bool(results[0].converged)
    ([-2.0, 2.0], True)
    """
    from scipy.optimize import RootResults, root_scalar

    if method == "secant":
        extra: Callable[[float, float], dict[str, Any]] = lambda a, b: {"x0": a, "x1": b}  # noqa: E731
    else:
        extra = lambda a, b: {"bracket": (a, b), "x0": 0.5 * (a + b)}  # noqa: E731
    known = ("bisect", "brentq", "brenth", "ridder", "toms748", "newton", "secant", "halley")
    if method not in known:
        raise UnknownNameError("root finder", method, known)

    unit = getattr(lower_bound, "unit", getattr(upper_bound, "unit", None))
    if unit is not None:
        lower_bound, upper_bound = (u.Quantity(b).to_value(unit) for b in (lower_bound, upper_bound))
    scale = interpolation_scale(points_scale)
    ends = np.array([lower_bound, upper_bound], dtype=float)
    first, last = scale.scale(ends)
    nodes = scale.unscale(np.linspace(first, last, nbin + 1))
    nodes[0], nodes[-1] = ends

    signs = np.sign([float(f(node, *args)) for node in nodes])
    pieces = np.flatnonzero(signs[:-1] * signs[1:] < 0)
    found = []
    for i in pieces:
        result = root_scalar(
            f,
            args=args,
            method=method,
            fprime=fprime,
            fprime2=fprime2,
            xtol=xtol,
            rtol=rtol,
            maxiter=maxiter,
            options=options,
            **extra(nodes[i], nodes[i + 1]),
        )
        if not result.converged:
            result.root = np.nan
        found.append((nodes[i], result))
    for i in np.flatnonzero(signs == 0):
        found.append((nodes[i], RootResults(nodes[i], 0, 1, 0, method)))
    if not found:
        found = [(np.nan, RootResults(np.nan, 0, 0, 0, method))]
        found[0][1].converged = False
        found[0][1].flag = "no change of sign"
    results = np.empty(len(found), dtype=object)
    results[:] = [result for _, result in sorted(found, key=lambda item: item[0])]
    roots = np.array([result.root for result in results], dtype=float)
    return (roots if unit is None else roots * unit), results
