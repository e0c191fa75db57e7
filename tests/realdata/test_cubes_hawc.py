"""The Crab nebula in five fHit bins of HAWC, from maps and from events."""

import pytest
from numpy.testing import assert_allclose

pytestmark = pytest.mark.realdata

# Errors of the position of a point: see test_cubes_cta.test_error_of_a_position.


@pytest.mark.parametrize("analysis", ["maps", "events"])
def test_crab(cube_script, assert_same_minimum, analysis):
    found, peer = cube_script("hawc").run(analysis)
    for name, expected in peer.items():
        if isinstance(expected, dict) and "counts" in expected:
            assert found[name]["counts"] == expected["counts"]
            assert found[name]["safe"] == expected["safe"]
            assert_allclose(found[name]["background"], expected["background"], rtol=1e-5)
            assert_allclose(found[name]["exposure"], expected["exposure"], rtol=1e-5)
    assert_allclose(found["start"], peer["start"], rtol=0, atol=0.1)
    assert_same_minimum(found["fit"], peer["fit"], shape_error=0.15)
    assert_allclose(found["npred"], peer["npred"], rtol=1e-3)
