"""Importing what a spectral analysis needs."""

from harness import Case

case = Case()


def load():
    for module, name in [
        ("data", "DataStore"),
        ("makers", "SpectrumDatasetMaker"),
        ("datasets", "Datasets"),
        ("modeling", "Fit"),
        ("modeling.models", "PowerLawSpectralModel"),
        ("estimators", "FluxPointsEstimator"),
    ]:
        getattr(case.module(module), name)


case.timed("import data, makers, datasets, modeling, estimators", load)
case.report()
