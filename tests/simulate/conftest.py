"""An observation with analytic responses."""

import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.time import Time

from geminga.data import FixedPointingInfo, Observation
from geminga.simulate import make_responses
from geminga.sky.locations import observatory_locations


@pytest.fixture(scope="session")
def two_hours():
    return Observation.create(
        obs_id=5,
        pointing=FixedPointingInfo(fixed_icrs=SkyCoord(83.63, 22.51, unit="deg")),
        location=observatory_locations["hess"],
        tstart=0 * u.s,
        tstop=7200 * u.s,
        reference_time=Time("2026-01-15T22:00:00", scale="tt"),
        deadtime_fraction=0.1,
        irfs=make_responses(),
    )
