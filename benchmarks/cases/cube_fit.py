"""Fits of the stacked cube, each step in a process of its own.

``point``: a point with a cut-off power law and the background. ``two_sources``: with a Gaussian. ``eight_sources``:
four points, four Gaussians, 37 free parameters. ``spectral_only``: the two sources at fixed places. ``flux_points``: of
the point, in three bands. ``first_call``: the two sources again, from the start of the process, imports and all.
"""

import astropy.units as u
import numpy as np
from cube_models import background, four_points_and_four_gaussians, galactic_centre, gaussian, moved
from harness import Case

case = Case()
datasets, models, modeling = case.module("datasets"), case.module("modeling.models"), case.module("modeling")


def sources():
    if case.step == "point" or case.step == "flux_points":
        return [galactic_centre(models)]
    if case.step == "eight_sources":
        return four_points_and_four_gaussians(models)
    pair = [galactic_centre(models), gaussian(models)]
    if case.step == "spectral_only":
        for model in pair:
            model.spatial_model.freeze()
    return pair


def read():
    counts = {"point": "stacked", "flux_points": "stacked", "eight_sources": "eight_sources"}
    filename = f"{case.inputs}/{counts.get(case.step, 'two_sources')}.fits"
    return datasets.Datasets([datasets.MapDataset.read(filename, name="cube")])


def fit():
    cube.models = [*moved(sources()), background(models)]
    return modeling.Fit().run(cube)


def answers(result):
    case.counts["values of the statistic"] = int(result.nfev)
    case.counts["converged"] = bool(result.success)
    if case.step == "eight_sources":
        # The peer's fit fails 80 above the minimum, in its own likelihood evaluated afresh: only that can be compared.
        cube.models = [*sources(), background(models)]
        case.answer("statistic at the truth", cube.stat_sum(), atol=0.1)
        return
    free = [p for p in cube.models.parameters if not p.frozen]
    values, errors = (np.array([getattr(p, name) for p in free]) for name in ("value", "error"))
    case.answer("statistic", result.total_stat, atol=0.1)
    case.answer("parameters", values, atol=0.1 * np.abs(errors))
    # The peer takes the covariance of its minimiser, which is this good.
    case.answer("errors", errors, rtol=0.15)


cube = read()
if case.step == "first_call":
    result = fit()
    case.since_start("two sources, imports and all")
    answers(result)
elif case.step == "flux_points":
    estimators = case.module("estimators")
    fit()
    estimator = estimators.FluxPointsEstimator(
        energy_edges=[0.1, 0.5, 2, 10] * u.TeV, source="galactic-centre", selection_optional=None
    )
    points = case.timed("flux points in 3 bands", lambda: estimator.run(cube), repeat=case.repeats(2))
    case.answer("dnde", points.dnde.data.ravel(), atol=0.1 * points.dnde_err.data.ravel())
    case.answer("dnde_err", points.dnde_err.data.ravel(), rtol=0.05)
    case.answer("ts", points.ts.data.ravel(), rtol=0.02)
else:
    label = {
        "point": "point and background",
        "two_sources": "point, Gaussian and background",
        "eight_sources": "eight sources, 37 parameters",
        "spectral_only": "two sources, positions fixed",
    }[case.step]
    result = case.timed(f"fit: {label}", fit, repeat=case.repeats(2))
    answers(result)
    case.timed(f"statistic: {label}", cube.stat_sum, repeat=case.repeats(5))
case.report()
