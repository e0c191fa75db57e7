"""Entries of index tables as plain Python objects, and the folder that they may name files in."""

from __future__ import annotations

from pathlib import Path

import numpy as np

__all__ = ["default_root", "plain"]


def default_root(base_dir) -> Path:
    """Return the folder that the files of a store must not leave: that of the index.

    A folder named "index" keeps the indices of the data beside it, as in the CTA data challenge; its parent is then the
    root.
    """
    base = Path(base_dir).resolve()
    for folder in (base, *base.parents[:2]):
        if folder.name == "index":
            return folder.parent
    return base


def plain(value):
    """Return a table entry as a plain Python object, text as str."""
    if isinstance(value, bytes):
        return value.decode("utf-8").strip()
    return value.item() if isinstance(value, np.generic) else value
