"""Spectral datasets with a source, shared with the tests of the engine."""

from tests.likelihood.conftest import axes, make_dataset, model

__all__ = ["axes", "make_dataset", "model"]
