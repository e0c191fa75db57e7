"""Analyses of cubes: the scripts that the peer runs too, and the numbers that it found."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[1] / "peer/scripts"
FROZEN = Path(__file__).parent / "frozen"
#: Parameters of positions and shapes, whose errors may have a tolerance of their own.
SHAPE = ("lon_0", "lat_0", "radius", "width")


class CubeScript:
    """A script of tests/peer/scripts, run with Geminga, and the numbers of the peer, version 2.1.

    ``python tests/peer/scripts/cube_NAME.py gammapy``, run with the peer, prints the contents of frozen/cube_NAME.json.
    """

    def __init__(self, name, folder):
        self.folder = folder
        self.peer = json.loads((FROZEN / f"cube_{name}.json").read_text())
        sys.path.insert(0, str(SCRIPTS))
        try:
            spec = importlib.util.spec_from_file_location(f"cube_{name}", SCRIPTS / f"cube_{name}.py")
            self.script = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(self.script)
            self.package = importlib.import_module("cube_tools").Package("geminga")
        finally:
            sys.path.remove(str(SCRIPTS))

    def run(self, analysis):
        """Return the numbers of Geminga and those of the peer."""
        return self.script.ANALYSES[analysis](self.package, self.folder), self.peer[analysis]


@pytest.fixture(scope="module")
def cube_script(gammapy_data):
    """Return a function that loads a script by name."""
    return lambda name: CubeScript(name, gammapy_data)


@pytest.fixture(scope="session")
def assert_same_minimum():
    """Return a function that compares two fits: statistic, values and errors."""

    def compare(found, expected, stat=0.1, value=0.1, error=0.05, shape_error=None):
        assert found["success"]
        assert abs(found["stat"] - expected["stat"]) < stat
        assert set(found["parameters"]) == set(expected["parameters"])
        # Errors of the peer's fit are estimates: second differences of its statistic are better, where they were made.
        exact = expected.get("curvature", [number for _, number in expected["parameters"].values()])
        worst = {}
        for (name, (wanted, _)), width in zip(expected["parameters"].items(), exact, strict=True):
            best, uncertainty = found["parameters"][name]
            is_shape = shape_error is not None and name.endswith(SHAPE)
            if abs(best - wanted) > value * width:
                worst[name] = f"value {best:.6g}, expected {wanted:.6g} +- {width:.2g}"
            elif abs(uncertainty / width - 1) > (shape_error if is_shape else error):
                worst[name] = f"error {uncertainty:.4g}, expected {width:.4g}"
        assert not worst, worst

    return compare
