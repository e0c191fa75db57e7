"""Fixtures that every part of the test suite shares."""

import os
from pathlib import Path

import pytest

os.environ.setdefault("MPLBACKEND", "Agg")


@pytest.fixture(scope="session")
def gammapy_data() -> Path:
    """Return the folder with the public test data, or skip."""
    folder = os.environ.get("GEMINGA_DATA") or os.environ.get("GAMMAPY_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("GEMINGA_DATA is not set")
    return Path(folder)
