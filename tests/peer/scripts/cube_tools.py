"""What the cube analyses share: names of either package, and fits as numbers."""

import importlib
import json
import logging
import os
import sys
import time
from pathlib import Path

import numpy as np

MODULES = ["data", "datasets", "makers", "maps", "irf", "modeling", "modeling.models", "estimators"]

#: First steps of a fit: without them the peer starts in position with steps of degrees, and loses weak sources.
STEPS = {
    "lon_0": 0.01,
    "lat_0": 0.01,
    "sigma": 0.02,
    "radius": 0.02,
    "width": 0.02,
    "index": 0.1,
    "alpha": 0.1,
    "beta": 0.05,
    "lambda_": 0.02,
    "tilt": 0.02,
    "norm": 0.05,
}


class Package:
    """The public names of a package with the modules users know: the same script runs with either."""

    def __init__(self, name):
        self.name = name

    def __getattr__(self, name):
        for module in MODULES:
            try:
                return getattr(importlib.import_module(f"{self.__dict__['name']}.{module}"), name)
            except AttributeError:
                continue
        raise AttributeError(name)


def fit(package, datasets, describe=True, exact=True):
    """Fit, and describe the result by plain numbers, with the parameters on demand.

    With `exact`, which takes the peer some time, its errors come from the statistic itself.
    """
    datasets = package.Datasets(datasets)
    for parameter in datasets.models.parameters.free_parameters:
        parameter.error = STEPS.get(parameter.name, 0.1 * parameter.value)
    wall, cpu = time.perf_counter(), time.process_time()
    result = package.Fit().run(datasets)
    timing = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
    found = {
        "stat": float(result.total_stat),
        "success": bool(result.success),
        "calls": int(result.nfev),
        **timing,
    }
    if describe:
        found["parameters"] = parameters(datasets.models)
    if describe and exact and package.name == "gammapy":
        found["curvature"] = curvature(datasets)
    return found


def curvature(datasets, step=0.5):
    """Return errors from second differences of the statistic over half an error.

    The errors of the peer's fit are estimates made on the way to the minimum, and its statistic, folded in single
    precision, is too rough for the short steps of MINUIT's HESSE.
    """
    free = list({id(p): p for p in datasets.models.parameters if not p.frozen}.values())
    best, steps = np.array([p.value for p in free]), np.array([step * p.error for p in free])

    def stat(*moves):
        for parameter, value in zip(free, best + sum(moves), strict=True):
            parameter.value = value
        return float(datasets.stat_sum())

    moves = np.diag(steps)
    size = len(free)
    center, matrix = stat(0 * best), np.zeros((size, size))
    for i in range(size):
        matrix[i, i] = (stat(moves[i]) - 2 * center + stat(-moves[i])) / steps[i] ** 2
        for j in range(i):
            same = stat(moves[i], moves[j]) + stat(-moves[i], -moves[j])
            other = stat(moves[i], -moves[j]) + stat(-moves[i], moves[j])
            matrix[i, j] = matrix[j, i] = (same - other) / (4 * steps[i] * steps[j])
    stat(0 * best)
    return [float(error) for error in np.sqrt(np.diag(np.linalg.inv(matrix / 2)))]


def parameters(models):
    """Return value and error of each free parameter; one that several models share counts once."""
    found, seen, backgrounds = {}, set(), 0
    for model in models:
        name = model.name
        if "FoVBackgroundModel" in model.tag:
            # Names of the peer's runs, and of their backgrounds, are random.
            name, backgrounds = f"background-{backgrounds}", backgrounds + 1
        for parameter in model.parameters:
            if not parameter.frozen and id(parameter) not in seen:
                seen.add(id(parameter))
                found[f"{name}.{parameter.name}"] = [float(parameter.value), float(parameter.error)]
    return found


def content(dataset):
    """Describe what was reduced: sums over the safe range."""
    safe = dataset.mask_safe.data if dataset.mask_safe is not None else np.True_
    found = {
        "counts": float(np.sum(dataset.counts.data * safe)),
        "safe": int(np.sum(safe)),
        "exposure": float(np.nansum(dataset.exposure.quantity.to_value("m2 s"))),
    }
    if dataset.background is not None:
        found["background"] = float(np.nansum(dataset.background.data * safe))
    return found


def main(analyses):
    """Run the analyses named in the arguments, by default all, with the package named first."""
    logging.disable(logging.WARNING)
    package = Package(sys.argv[1])
    folder = Path(os.environ.get("GEMINGA_DATA") or os.environ["GAMMAPY_DATA"])
    wanted = sys.argv[2:] or list(analyses)
    print(json.dumps({name: analyses[name](package, folder) for name in wanted}, indent=1))  # noqa: T201
