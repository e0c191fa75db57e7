"""How the time of a fit grows with the number of ``sources``, ``datasets`` or ``pixels``; for the peer only at first.

Everything is free: flux, index, position, width, and the norm of each background.
"""

import numpy as np
from cube_models import background
from cube_toy import cube, sources
from harness import Case

case = Case()
datasets, models, modeling = case.module("datasets"), case.module("modeling.models"), case.module("modeling")

#: Label, number of sources, datasets, pixels on a side.
TABLES = {
    "sources": [("{} sources", n, 1, 200) for n in (1, 2, 4, 8, 16, 32)],
    "datasets": [("{} datasets", 2, n, 100) for n in (1, 3, 10, 30, 100)],
    "pixels": [("{}^2 pixels", 2, 1, n) for n in (100, 200, 500, 1000)],
}
LARGEST_OF_PEER = {"sources": 4, "datasets": 3, "pixels": 200}


def measure(label, n_sources, n_datasets, npix):
    toys = datasets.Datasets(
        [cube(case, npix, n_sources, name=f"toy-{number}", seed=number) for number in range(n_datasets)]
    )

    def fit():
        toys.models = [*sources(case, npix, n_sources), *(background(models, name) for name in toys.names)]
        return modeling.Fit().run(toys)

    result = case.timed(f"fit, {label}", fit)
    case.timed(f"statistic, {label}", toys.stat_sum, repeat=3)
    case.counts[f"values, {label}"] = int(result.nfev)
    free = [p for p in toys.models.parameters if not p.frozen]
    values, errors = (np.array([getattr(p, name) for p in free]) for name in ("value", "error"))
    case.answer(f"parameters, {label}", values, atol=0.1 * np.abs(errors))
    case.answer(f"errors, {label}", errors, rtol=0.1)
    case.answer(f"statistic, {label}", result.total_stat, atol=0.1)


for text, n_sources, n_datasets, npix in TABLES[case.step]:
    size = {"sources": n_sources, "datasets": n_datasets, "pixels": npix}[case.step]
    if case.package == "geminga" or size <= LARGEST_OF_PEER[case.step]:
        measure(text.format(size), n_sources, n_datasets, npix)
case.report()
