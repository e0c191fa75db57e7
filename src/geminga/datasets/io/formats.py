"""Registry of the file formats of datasets."""

from __future__ import annotations

from ...registry import FormatRegistry

__all__ = ["DATASET_FORMATS"]

DATASET_FORMATS = FormatRegistry("dataset", "geminga.datasets.io")
