"""Observations of a simulated campaign: analytic responses, known events."""

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.table import Table
from astropy.time import Time

from geminga.data import EventList, FixedPointingInfo, Observation
from geminga.maps import MapAxis
from geminga.simulate import make_responses
from geminga.sky.locations import observatory_locations

SOURCE = SkyCoord(83.63, 22.01, unit="deg")


@pytest.fixture(scope="session")
def responses():
    return make_responses()


@pytest.fixture
def make_observation(responses):
    """Return a function that makes observations with given events, around a pointing."""

    def make(
        pointing=None,
        obs_id=1,
        livetime=1000 * u.s,
        n_events=500,
        seed=1,
        events=None,
        irfs=responses,
        **columns,
    ):
        pointing = SOURCE.directional_offset_by(0 * u.deg, 0.5 * u.deg) if pointing is None else pointing
        reference = Time("2026-01-15T22:00:00", scale="tt")
        observation = Observation.create(
            obs_id=obs_id,
            pointing=FixedPointingInfo(fixed_icrs=pointing.icrs),
            location=observatory_locations["hess"],
            tstart=obs_id * 2000 * u.s,
            tstop=obs_id * 2000 * u.s + livetime / 0.95,
            reference_time=reference,
            deadtime_fraction=0.05,
            irfs=irfs,
        )
        if events is None:
            random = np.random.default_rng(seed)
            sky = pointing.directional_offset_by(
                random.uniform(0, 360, n_events) * u.deg, 2 * np.sqrt(random.uniform(size=n_events)) * u.deg
            )
            events = {
                "RA": sky.ra.deg,
                "DEC": sky.dec.deg,
                "ENERGY": 10 ** random.uniform(-1, 1.5, n_events),
                **columns,
            }
        table = Table(events)
        table["EVENT_ID"] = np.arange(len(table))
        seconds = observation.gti.met_start.to_value("s")[0] + np.linspace(1, 900, len(table))
        table["TIME"] = observation.gti.time_ref + seconds * u.s
        for name, unit in (("RA", "deg"), ("DEC", "deg"), ("ENERGY", "TeV")):
            table[name].unit = unit
        table.meta.update(
            {"RA_PNT": pointing.icrs.ra.deg, "DEC_PNT": pointing.icrs.dec.deg, "OBS_ID": obs_id}
        )
        observation.events = EventList(table)
        return observation

    return make


@pytest.fixture
def energy():
    return MapAxis.from_energy_bounds("0.1 TeV", "30 TeV", 8, name="energy")


@pytest.fixture
def energy_true():
    return MapAxis.from_energy_bounds("0.05 TeV", "60 TeV", 14, name="energy_true")
