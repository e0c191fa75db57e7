"""These tests need the peer's interpreter in PEER_PYTHON; `make peer-test` sets it."""

import os
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def peer_python():
    """Skip without the peer."""
    python = os.environ.get("PEER_PYTHON")
    if not python or not Path(python).exists():
        pytest.skip("PEER_PYTHON is not set")
    return python
