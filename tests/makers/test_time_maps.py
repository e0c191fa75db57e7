"""Maps of observation time."""

import numpy as np
import pytest
from astropy import units as u
from numpy.testing import assert_allclose

from geminga.makers.utils import make_effective_livetime_map, make_observation_time_map
from geminga.maps import HpxGeom, WcsGeom

from .conftest import SOURCE


@pytest.fixture
def observations(make_observation):
    return [
        make_observation(SOURCE.directional_offset_by(a * u.deg, 1 * u.deg), obs_id=i + 1, n_events=1,
                         livetime=(i + 1) * 1800 * u.s)
        for i, a in enumerate((0, 180))
    ]  # fmt: skip


def test_observation_time(observations, energy):
    geom = WcsGeom.create(skydir=SOURCE, width=4, binsz=0.5, axes=[energy])
    made = make_observation_time_map(observations, geom, offset_max="1.4 deg")
    sky = geom.to_image().get_coord().skycoord
    expected = 0
    for hours, observation in zip((0.5, 1), observations, strict=True):
        expected = expected + hours * (
            sky.separation(observation.get_pointing_icrs(observation.tmid)).deg <= 1.4
        )
    assert made.unit == "h"
    assert_allclose(made.data, expected)
    assert set(np.unique(np.round(made.data, 9))) == {0, 0.5, 1, 1.5}


def test_field_of_view_of_each_response(observations):
    """The default is the last bin centre of the effective area: 2.875 deg."""
    geom = WcsGeom.create(skydir=SOURCE, width=9, binsz=0.5)
    assert_allclose(
        make_observation_time_map(observations, geom).data,
        make_observation_time_map(observations, geom, offset_max=2.875 * u.deg).data,
    )


def test_effective_live_time(observations, energy_true):
    geom = WcsGeom.create(skydir=SOURCE, width=4, binsz=0.5, axes=[energy_true])
    made = make_effective_livetime_map(observations, geom, offset_max="2 deg")
    sky = geom.to_image().get_coord().skycoord
    expected = 0
    for hours, observation in zip((0.5, 1), observations, strict=True):
        offset = sky.separation(observation.get_pointing_icrs(observation.tmid)).deg
        # the acceptance is a Gaussian of 1.7 deg, interpolated between offsets of 0.25 deg; the first lies at 0.125
        share = np.exp(-0.5 * (offset / 1.7) ** 2) / np.exp(-0.5 * (0.125 / 1.7) ** 2)
        expected = expected + hours * share * (offset <= 2)
    assert_allclose(made.data[5], expected, rtol=0.02)
    assert made.unit == "h"


def test_healpix_maps(observations, energy_true):
    """At the pixel of the source, times are those of a WCS map."""
    wcs = WcsGeom.create(skydir=SOURCE, npix=(3, 3), binsz=0.1, axes=[energy_true])
    hpx = HpxGeom.create(nside=512, frame="icrs", axes=[energy_true], region="DISK(83.63,22.01,1)")
    for make in (make_observation_time_map, make_effective_livetime_map):
        maps = [make(observations, geom, offset_max="2 deg") for geom in (wcs, hpx)]
        at = [one.get_by_coord({"skycoord": SOURCE, "energy_true": 1 * u.TeV}) for one in maps]
        assert_allclose(at[0], at[1], rtol=0.01)
