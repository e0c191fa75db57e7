"""Observations of which the sky drifts through the field of view, against sums over many short exposures."""

from itertools import pairwise

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import AltAz, SkyCoord
from astropy.time import Time
from numpy.testing import assert_allclose

from geminga.data import GTI, FixedPointingInfo, Observation
from geminga.datasets import MapDataset
from geminga.errors import DataError
from geminga.irf import Background2D, Background3D
from geminga.makers import DatasetsMaker, MapDatasetMaker, SafeMaskMaker
from geminga.makers.pointings import largest_offset, pointings, time_quadrature
from geminga.maps import MapAxis, WcsGeom
from geminga.sky.frames import sky_to_fov
from geminga.sky.locations import observatory_locations

REFERENCE = Time("2026-01-15T22:00:00", scale="tt")
PLACE = observatory_locations["hess"]
DURATION = 1200 * u.s


def drift(irfs, gti=None, obs_id=1):
    observation = Observation.create(
        obs_id=obs_id,
        pointing=FixedPointingInfo(fixed_altaz=SkyCoord(az=30 * u.deg, alt=70 * u.deg, frame="altaz")),
        location=PLACE,
        tstart=0 * u.s,
        tstop=DURATION,
        reference_time=REFERENCE,
        deadtime_fraction=0.1,
        irfs=irfs,
    )
    if gti is not None:
        observation.gti = gti
    return observation


@pytest.fixture
def geom(energy, responses):
    center = drift(responses).get_pointing_icrs(REFERENCE + 600 * u.s)
    return WcsGeom.create(skydir=center, npix=(8, 6), binsz=0.7, proj="TAN", axes=[energy])


def background_3d(alignment):
    """Return a rate that depends on both coordinates."""
    energy = MapAxis.from_energy_bounds("0.05 TeV", "100 TeV", 12, name="energy")
    lon, lat = (MapAxis.from_bounds(-6, 6, nbin=24, unit="deg", name=f"fov_{n}") for n in ("lon", "lat"))
    rate = np.exp(0.3 * lon.center.value[:, np.newaxis] + 0.1 * lat.center.value)
    data = np.ones((12, 1, 1)) * rate
    return Background3D(axes=[energy, lon, lat], data=data, unit="s-1 TeV-1 sr-1", fov_alignment=alignment)


def moments(gti=None, n=80):
    """Return the middles of many short parts of an observation."""
    if gti is None:
        return [REFERENCE + (i + 0.5) / n * DURATION for i in range(n)]
    seconds = [
        start + (i + 0.5) / n * (stop - start)
        for start, stop in zip(gti.met_start.to_value("s"), gti.met_stop.to_value("s"), strict=True)
        for i in range(n)
    ]
    return [gti.time_ref + s * u.s for s in seconds]


def test_tracking_observations_have_one_direction(make_observation):
    observation = make_observation()
    ((direction, share),) = pointings(observation)
    assert share == 1
    assert direction.separation(observation.get_pointing_icrs(observation.tmid)).deg == 0
    assert largest_offset(observation) == 0 * u.deg


def test_directions_of_a_drift(responses):
    observation = drift(responses)
    directions = pointings(observation, step=0.5 * u.deg)
    assert sum(share for _, share in directions) == pytest.approx(1)
    steps = [a[0].separation(b[0]).deg for a, b in pairwise(directions)]
    assert max(steps) < 0.5
    # 20 minutes are 5 deg of rotation
    assert directions[0][0].separation(directions[-1][0]).deg == pytest.approx(
        5 * np.cos(directions[0][0].dec.rad), abs=0.05
    )
    assert largest_offset(observation).deg == pytest.approx(2.5, abs=0.2)


def test_directions_of_many_days_are_joined(responses):
    """A thousand short intervals, a sidereal day apart, are one short drift."""
    reference = Time("2016-01-15T22:00:00", scale="tt")
    starts = np.arange(1000) * 86164.0905
    many = GTI.create(starts * u.s, (starts + 200) * u.s, reference_time=reference)
    directions = pointings(drift(responses, many), step=0.5 * u.deg)
    assert len(directions) <= 4
    assert sum(share for _, share in directions) == pytest.approx(1)
    one = GTI.create(0 * u.s, 200 * u.s, reference_time=reference)
    first = pointings(drift(responses, one), step=0.5 * u.deg)
    mean = [sum(share * position.ra.deg for position, share in part) for part in (directions, first)]
    # the equinox moves by 0.04 deg in three years
    assert mean[0] == pytest.approx(mean[1], abs=0.1)


def test_time_quadrature_is_the_trapezium_rule():
    nodes = time_quadrature([(REFERENCE, 10 * u.s), (REFERENCE + 100 * u.s, 4 * u.s)], lambda time: 4 * u.s)
    seconds = [(time - REFERENCE).to_value("s") for time, _ in nodes]
    assert_allclose(seconds, [0, 4, 8, 10, 100, 104], atol=1e-6)
    assert_allclose([weight.to_value("s") for _, weight in nodes], [2, 4, 3, 1, 2, 2])


def test_exposure_is_integrated_along_the_drift(geom, energy_true, responses):
    observation = drift(responses)
    cube = geom.to_image().to_cube([energy_true])
    exposure = MapDatasetMaker(fov_rotation_step="0.2 deg").make_exposure(cube, observation)
    sky, energy = geom.to_image().get_coord().skycoord, energy_true.center.reshape(-1, 1, 1)
    area = 0
    for time in moments():
        offset = sky.separation(observation.get_pointing_icrs(time))
        area = area + observation.aeff.evaluate(offset=offset[np.newaxis], energy_true=energy) / 80
    expected = (area * 1080 * u.s).to_value("m2 s")
    # pixels that cross the rim of the response differ by up to one step
    assert_allclose(exposure.quantity.to_value("m2 s"), expected, rtol=0.01, atol=0.02 * expected.max())
    inner = (slice(None), slice(2, 4), slice(3, 5))
    assert_allclose(exposure.quantity.to_value("m2 s")[inner], expected[inner], rtol=0.01)
    assert_allclose(exposure.meta["livetime"].to_value("s"), 1080)


@pytest.mark.parametrize("alignment", ["RADEC", "REVERSE_LON_RADEC", "ALTAZ"])
@pytest.mark.parametrize("interrupted", [False, True])
def test_background_is_integrated_along_the_drift(alignment, interrupted, geom, responses):
    """Fault 23: the peer refuses drifts, and forgets the reversed longitude where it integrates over time."""
    gti = GTI.create([0, 900] * u.s, [300, 1200] * u.s, reference_time=REFERENCE) if interrupted else None
    observation = drift({**responses, "bkg": background_3d(alignment)}, gti)
    made = MapDatasetMaker(fov_rotation_step="0.2 deg").make_background(geom, observation)
    sky, times = geom.to_image().get_coord().skycoord, moments(gti, n=60)
    rate = 0
    for time in times:
        if alignment == "ALTAZ":
            pixels = sky.transform_to(AltAz(obstime=time, location=PLACE))
            lon, lat = sky_to_fov(pixels.az, pixels.alt, 30 * u.deg, 70 * u.deg)
        else:
            center = observation.get_pointing_icrs(time)
            lon, lat = sky_to_fov(sky.icrs.ra, sky.icrs.dec, center.ra, center.dec)
            lon = -lon if alignment == "REVERSE_LON_RADEC" else lon
        rate = rate + observation.bkg.evaluate(energy=1 * u.TeV, fov_lon=lon, fov_lat=lat).value / len(times)
    seconds = 600 if interrupted else 1200
    width = geom.axes["energy"].bin_width.to_value("TeV").reshape(-1, 1, 1)
    expected = rate * seconds * width * geom.to_image().solid_angle().to_value("sr")
    inside = np.broadcast_to(rate > 0.05, expected.shape)
    assert inside.sum() > 300
    assert np.ptp(rate) > 1
    assert_allclose(made.data[inside], expected[inside], rtol=3e-3)


def test_radial_background_of_a_drift(geom, responses):
    offset = MapAxis.from_edges(np.linspace(0, 8, 17), unit="deg", name="offset")
    energy = MapAxis.from_energy_bounds("0.05 TeV", "100 TeV", 12, name="energy")
    data = np.ones((12, 1)) * np.exp(-0.5 * offset.center.value)
    bkg = Background2D(axes=[energy, offset], data=data, unit="s-1 TeV-1 sr-1")
    observation = drift({**responses, "bkg": bkg})
    made = MapDatasetMaker(fov_rotation_step="0.2 deg").make_background(geom, observation)
    sky = geom.to_image().get_coord().skycoord
    rate = sum(
        bkg.evaluate(energy=1 * u.TeV, offset=sky.separation(observation.get_pointing_icrs(time))).value / 80
        for time in moments()
    )
    width = geom.axes["energy"].bin_width.to_value("TeV").reshape(-1, 1, 1)
    expected = rate * 1200 * width * geom.to_image().solid_angle().to_value("sr")
    assert_allclose(made.data, expected, rtol=5e-3)


def test_tracked_background_over_several_intervals(geom, responses, make_observation):
    """A field that rotates is integrated over the intervals, not over as much time from the first start on."""
    gti = GTI.create([0, 20000] * u.s, [300, 20300] * u.s, reference_time=REFERENCE)
    irfs = {**responses, "bkg": background_3d("ALTAZ")}
    center = drift(responses).get_pointing_icrs(REFERENCE + 600 * u.s)
    observation = make_observation(center, irfs=irfs)
    observation.gti = gti
    made = MapDatasetMaker(fov_rotation_step="0.2 deg").make_background(geom, observation)
    parts = []
    for start in (0, 20000):
        observation.gti = GTI.create(start * u.s, (start + 300) * u.s, reference_time=REFERENCE)
        parts.append(MapDatasetMaker(fov_rotation_step="0.2 deg").make_background(geom, observation).data)
    assert_allclose(made.data, parts[0] + parts[1], rtol=1e-6)
    assert np.abs(parts[0] / parts[1] - 1).max() > 0.1


def test_chain_on_a_drift(energy, energy_true, responses):
    observation = drift(responses)
    observation.events = _no_events(observation)
    center = observation.get_pointing_icrs(observation.tmid)
    geom = WcsGeom.create(skydir=center, width=12, binsz=0.5, axes=[energy])
    empty = MapDataset.create(geom, energy_axis_true=energy_true, binsz_irf="1 deg")
    makers = [MapDatasetMaker(), SafeMaskMaker(methods=["offset-max"], offset_max="1 deg")]
    (dataset,) = DatasetsMaker(makers, stack_datasets=False).run(empty, [observation])
    # the sky within 1 deg of the pointing at any time, and the cutout around it
    safe = dataset.mask_safe.data.any(axis=0)
    along = safe.sum(axis=1).max() * 0.5
    assert along == pytest.approx(2 + 5 * np.cos(center.dec.rad), abs=0.6)
    assert dataset.counts.geom.width[0, 0].to_value("deg") >= along
    assert dataset.psf.psf_map.data.max() > 0
    mass = dataset.edisp.edisp_map.data.sum(axis=1)
    assert mass[dataset.edisp.exposure_map.data[:, 0] > 0].max() <= 1 + 1e-6


def _no_events(observation):
    from astropy.table import Table

    from geminga.data import EventList

    table = Table(
        {"RA": [0.0], "DEC": [0.0], "ENERGY": [1.0]}, units={"RA": "deg", "DEC": "deg", "ENERGY": "TeV"}
    )
    table["TIME"] = observation.gti.time_ref + [10] * u.s
    table["EVENT_ID"] = [0]
    return EventList(table)


@pytest.mark.parametrize("seconds", [[], [5]])
def test_no_time_to_drift_is_said(seconds, responses):
    gti = GTI.create(seconds * u.s, seconds * u.s, REFERENCE)
    with pytest.raises(DataError, match="observation 1 must have some time to drift"):
        pointings(drift(responses, gti=gti))
