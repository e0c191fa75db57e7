"""Dataset classes by tag, for reading lists of datasets."""

from __future__ import annotations

from ..registry import Registry

__all__ = ["DATASET_REGISTRY"]

DATASET_REGISTRY = Registry("dataset", packages=("geminga.datasets",), group="geminga.datasets")
