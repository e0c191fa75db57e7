"""Joint fit of ten runs of 500 x 400 pixels and 10 energies each, not stacked, with a background norm for each."""

import numpy as np
from cube_inputs import N_RUNS
from cube_models import background, galactic_centre, gaussian, moved
from harness import Case

case = Case()
datasets, models, modeling = case.module("datasets"), case.module("modeling.models"), case.module("modeling")

runs = datasets.Datasets(
    [
        datasets.MapDataset.read(f"{case.inputs}/run-{number}.fits", name=f"run-{number}")
        for number in range(N_RUNS)
    ]
)


def fit():
    sources = moved([galactic_centre(models), gaussian(models)])
    runs.models = [*sources, *(background(models, name) for name in runs.names)]
    return modeling.Fit().run(runs)


result = case.timed(f"joint fit of {N_RUNS} runs, 20 parameters", fit, repeat=case.repeats(1))
free = [p for p in runs.models.parameters if not p.frozen]
values, errors = (np.array([getattr(p, name) for p in free]) for name in ("value", "error"))
case.answer("statistic", result.total_stat, atol=0.1)
case.answer("parameters", values, atol=0.1 * np.abs(errors))
# The peer takes the covariance of its minimiser, which is this good.
case.answer("errors", errors, rtol=0.15)
case.counts["values of the statistic"] = int(result.nfev)
case.timed(f"statistic of {N_RUNS} runs", runs.stat_sum, repeat=case.repeats(5))
case.report()
