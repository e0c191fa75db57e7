"""Statistics of simulated events; every tolerance is a number of standard deviations at a fixed seed."""

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.time import Time
from numpy.testing import assert_allclose, assert_array_equal

from geminga.data import FixedPointingInfo, Observation
from geminga.modeling.models import PowerLawSpectralModel
from geminga.simulate import make_responses, simulate_events
from geminga.sky.locations import observatory_locations

SOURCE = SkyCoord(83.63, 22.01, unit="deg")
POINTING = SkyCoord(83.63, 22.51, unit="deg")
MODEL = PowerLawSpectralModel(index=2.6, amplitude="3.5e-10 cm-2 s-1 TeV-1", reference="1 TeV")


@pytest.fixture(scope="module")
def observation():
    return Observation.create(
        obs_id=5,
        pointing=FixedPointingInfo(fixed_icrs=POINTING),
        location=observatory_locations["hess"],
        tstart=0 * u.s,
        tstop=2000 * u.s,
        reference_time=Time("2026-01-15T22:00:00", scale="tt"),
        deadtime_fraction=0.1,
        irfs=make_responses(),
    )


@pytest.fixture(scope="module")
def events(observation):
    return simulate_events(observation, MODEL, SOURCE, random_state=3, energy_range=(0, np.inf))


@pytest.fixture(scope="module")
def source(events):
    return events.select_row_subset(np.flatnonzero(events.table["MC_ID"] == 1))


def test_number_of_source_events(source, observation):
    """Trapezium of spectrum x area over 20,000 energies, times 1800 s of live time."""
    axis = observation.aeff.axes["energy_true"]
    energy = np.geomspace(*axis.edges.to_value("TeV")[[0, -1]], 20001)
    area = observation.aeff.evaluate(energy_true=energy * u.TeV, offset=0.5 * u.deg).to_value("m2").ravel()
    density = MODEL(energy * u.TeV).to_value("m-2 s-1 TeV-1") * area
    expected = np.trapezoid(density * energy, np.log(energy)) * 1800
    assert expected > 5000
    assert abs(len(source.table) - expected) < 3 * np.sqrt(expected)


def test_containment_of_the_psf(source):
    """Events above 1 TeV within 0.1 deg against the double Gaussian at their energies (smeared by 14 % at most)."""
    energy = source.energy.to_value("TeV")
    high = energy > 1
    sigma = 0.045 * (1 + energy[high] ** -0.5) * 1.05
    expected = 0.85 * -np.expm1(-0.5 * (0.1 / sigma) ** 2) + 0.15 * -np.expm1(-0.5 * (0.04 / sigma) ** 2)
    inside = source.radec[high].separation(SOURCE).deg < 0.1
    error = np.sqrt(np.mean(expected * (1 - expected)) / high.sum())
    assert abs(inside.mean() - expected.mean()) < 3 * error + 0.005


def test_source_events_are_round(source):
    angle = SOURCE.position_angle(source.radec).rad
    for harmonic in (1, 2):
        n = angle.size
        assert np.hypot(np.cos(harmonic * angle).sum(), np.sin(harmonic * angle).sum()) < 3 * np.sqrt(n)


def test_energies_follow_the_dispersion(observation):
    """All photons at 10 TeV: migra has mean 1 and width 0.09 + 0.05 / sqrt(10)."""
    from geminga.simulate.events import _migra

    migra = _migra(observation.edisp, np.full(20000, 10.0), 0.5 * u.deg, np.random.RandomState(0))
    width = 0.09 + 0.05 / np.sqrt(10)
    assert abs(migra.mean() - 1) < 4 * width / np.sqrt(20000) + 1e-3
    assert_allclose(migra.std(), width, rtol=0.02)


def test_background_by_offset(events, observation):
    """Events in rings against the integral of the table over energy and solid angle, in 2000 s of on-time."""
    background = events.table["MC_ID"] == 0
    offset = events.radec[background].separation(POINTING).deg
    edges = observation.bkg.axes["offset"].edges.to_value("deg")
    rate = observation.bkg.quantity.to_value("s-1 TeV-1 sr-1")
    width = observation.bkg.axes["energy"].bin_width.to_value("TeV")
    solid = 2 * np.pi * -np.diff(np.cos(np.radians(edges)))
    expected = (rate * width[:, np.newaxis]).sum(axis=0) * solid * 2000
    counts, _ = np.histogram(offset, edges)
    assert counts.sum() == background.sum()
    assert np.all(np.abs(counts - expected) < 4 * np.sqrt(expected))


def test_background_by_energy(events, observation):
    background = events.table["MC_ID"] == 0
    axis = observation.bkg.axes["energy"]
    counts, _ = np.histogram(events.energy.to_value("TeV")[background], axis.edges.to_value("TeV"))
    offset = observation.bkg.axes["offset"].edges.to_value("rad")
    rate = observation.bkg.quantity.to_value("s-1 TeV-1 sr-1") @ (2 * np.pi * -np.diff(np.cos(offset)))
    expected = rate * axis.bin_width.to_value("TeV") * 2000
    many = expected > 20
    assert np.all(np.abs(counts - expected)[many] < 4.5 * np.sqrt(expected[many]))


def test_times_and_identifiers(events, observation):
    seconds = (events.time - observation.tstart).to_value("s")
    assert np.all(np.diff(seconds) >= 0)
    assert seconds.min() >= 0
    assert seconds.max() <= 2000
    # uniform: mean 1000 s, width 2000 / sqrt(12)
    assert abs(seconds.mean() - 1000) < 4 * 2000 / np.sqrt(12 * seconds.size)
    assert_array_equal(events.table["EVENT_ID"], np.arange(1, seconds.size + 1))
    assert_allclose(events.pointing_radec.dec.deg, 22.51, atol=1e-6)


def test_source_and_background_are_mixed_in_time(events):
    origin = np.asarray(events.table["MC_ID"], dtype=float)
    half = origin.size // 2
    assert abs(origin[:half].mean() - origin[half:].mean()) < 5 * np.sqrt(0.25 / half)


def test_seeds(observation):
    one, same, other = (simulate_events(observation, MODEL, SOURCE, random_state=s) for s in (1, 1, 2))
    assert_array_equal(one.table["ENERGY"], same.table["ENERGY"])
    assert len(one.table) != len(other.table) or not np.array_equal(
        one.table["ENERGY"], other.table["ENERGY"]
    )


def test_energy_range(observation):
    events = simulate_events(observation, MODEL, SOURCE, random_state=1, energy_range=(1, 10))
    assert events.energy.min() >= 1 * u.TeV
    assert events.energy.max() < 10 * u.TeV
