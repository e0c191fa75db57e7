"""Four targets of H.E.S.S.: background of each run, stacked and joint fits.

This work made use of data from the H.E.S.S. DL3 public test data release 1 (HESS DL3 DR1, H.E.S.S.
collaboration, 2018).
"""

import pytest
from numpy.testing import assert_allclose

pytestmark = pytest.mark.realdata

#: The peer extrapolates the PSF into the corners of its kernels (docs/differences.md), which moves the statistic by up
#: to 0.2, and nothing else.
CORNERS = 0.3
#: Errors of the position of a point: see test_cubes_cta.test_error_of_a_position.
POINT = 0.15


@pytest.fixture(scope="module")
def script(cube_script):
    return cube_script("hess")


def assert_same_reduction(found, peer):
    for run, expected in peer["runs"].items():
        actual = found["runs"][run]
        assert actual["safe"] == expected["safe"]
        assert actual["counts"] == expected["counts"]
        for name in ("norm", "tilt"):
            (value, error), (wanted, width) = actual[name], expected[name]
            assert abs(value - wanted) < 0.1 * width
            assert_allclose(error, width, rtol=0.05)
    for name in ("counts", "safe"):
        assert found["content"][name] == peer["content"][name]
    assert_allclose(found["content"]["exposure"], peer["content"]["exposure"], rtol=1e-5)
    assert_allclose(found["content"]["background"], peer["content"]["background"], rtol=1e-3)


@pytest.mark.parametrize("target", ["crab", "pks2155", "msh1552"])
def test_target(script, assert_same_minimum, target):
    found, peer = script.run(target)
    assert_same_reduction(found, peer)
    assert_same_minimum(found["stacked"], peer["stacked"], stat=CORNERS, shape_error=POINT)
    assert_allclose(found["npred"], peer["npred"], rtol=2e-3)
    assert_same_minimum(found["joint"], peer["joint"], stat=CORNERS, shape_error=POINT)


def test_stack_of_runs_with_different_thresholds(script):
    """Below the thresholds of some runs, the sum says what the joint fit says; the peer's 2.9e-11 against 4.6e-11."""
    p, module = script.package, script.script
    datasets = module.reduce(p, script.folder, "crab", energy_min=0.5)
    assert len({int(dataset.mask_safe.data.any(axis=(1, 2)).sum()) for dataset in datasets}) > 1
    stacked = module.stack(p, datasets, "crab", energy_min=0.5)
    stacked.models = p.Models([module.source(p, "crab"), p.FoVBackgroundModel(dataset_name="stacked")])
    found = module.fit(p, [stacked])["parameters"]
    datasets.models = p.Models(
        [module.source(p, "crab"), *(dataset.background_model for dataset in datasets)]
    )
    expected = module.fit(p, datasets)["parameters"]
    for name in ("crab.index", "crab.amplitude"):
        assert abs(found[name][0] - expected[name][0]) < 0.3 * expected[name][1]
        assert_allclose(found[name][1], expected[name][1], rtol=0.05)


def test_shell(script):
    found, peer = script.run("rxj1713")
    assert_same_reduction(found, peer)
    # The statistic of a shell has kinks: the peer finds the minimum of the sum, but not that of the joint fit.
    assert found["stacked"]["success"]
    assert abs(found["stacked"]["stat"] - peer["stacked"]["stat"]) < CORNERS
    assert_allclose(found["npred"], peer["npred"], rtol=2e-3)
    assert found["joint"]["success"]
    assert found["joint"]["stat"] < peer["joint"]["stat"]
    exact = peer["stacked"]["curvature"]
    for (name, (wanted, _)), width in zip(peer["stacked"]["parameters"].items(), exact, strict=True):
        # The peer's statistic jumps by 0.15 (rms) as the radius moves: its minimum is no better known than this.
        close = 0.15 if name == "rxj1713.radius" else 0.1
        assert abs(found["stacked"]["parameters"][name][0] - wanted) < close * width, name
        if "background" not in name:
            assert_allclose(found["stacked"]["parameters"][name][1], width, rtol=0.2)
            assert abs(found["joint"]["parameters"][name][0] - wanted) < 0.3 * width, name
            assert_allclose(found["joint"]["parameters"][name][1], width, rtol=0.2)


def test_survey_with_rings(script):
    found, peer = script.run("survey")
    for name in ("safe", "pixels"):
        assert found[name] == peer[name]
    for name in ("counts", "safe"):
        assert found["content"][name] == peer["content"][name]
    assert_allclose(found["content"]["background"], peer["content"]["background"], rtol=1e-6)
    # The sums of the peer's rings are in single precision.
    for name in ("counts_off", "alpha"):
        assert_allclose(found[name], peer[name], rtol=1e-5)
    for name in ("extremes", "off", "excess", "sqrt_ts"):
        assert_allclose(found[name], peer[name], rtol=2e-3, atol=1e-3)
    # Without sources, significances are those of chance.
    mean, width = found["off"]
    assert abs(mean) < 0.1
    assert abs(width - 1) < 0.1
