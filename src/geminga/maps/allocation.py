"""Arrays for maps, refused when they cannot fit in memory."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from ..errors import GeometryError

__all__ = ["allocate", "available_memory"]

# smaller arrays are not worth a look at the machine
_UNCHECKED_BYTES = 256 << 20


def available_memory() -> int | None:
    """Return the memory in bytes that a new array may take, None when the machine does not tell."""
    meminfo = Path("/proc/meminfo")
    if meminfo.exists():
        for line in meminfo.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def allocate(shape, dtype="float32") -> np.ndarray:
    """Return zeros of a shape.

    Raises
    ------
    GeometryError
        If the array would not fit in the memory that is free; the message gives its size.

    Examples
    --------
    >>> allocate((2, 1, 1)).dtype
    dtype('float32')
    """
    shape = tuple(int(n) for n in shape)
    n_bytes = int(np.prod(shape, dtype=object)) * np.dtype(dtype).itemsize
    if n_bytes > _UNCHECKED_BYTES:
        free = available_memory()
        if free is not None and n_bytes > free:
            raise GeometryError(
                f"data of a map must fit in memory, got {n_bytes / 1e9:.1f} GB for shape {shape} of {np.dtype(dtype)}, "
                f"where {free / 1e9:.1f} GB are free. Use larger pixels, fewer bins, a smaller dtype, a cutout, "
                "HEALPix pixels of a part of the sky (region=...), or Map.read(memmap=True)."
            )
    return np.zeros(shape, dtype=dtype)
