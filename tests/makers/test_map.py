"""Maps of counts and responses of one observation, against the responses themselves."""

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import AltAz
from numpy.testing import assert_allclose, assert_array_equal

from geminga.datasets import MapDataset
from geminga.errors import DataError, GeometryError, UnknownNameError
from geminga.irf import Background3D
from geminga.makers import DatasetsMaker, MapDatasetMaker, SafeMaskMaker
from geminga.maps import HpxGeom, MapAxis, WcsGeom
from geminga.sky.frames import sky_to_fov

from .conftest import SOURCE


@pytest.fixture
def geom(energy):
    return WcsGeom.create(skydir=SOURCE, npix=(11, 9), binsz=0.2, proj="TAN", axes=[energy])


@pytest.fixture
def geom_true(energy_true):
    return WcsGeom.create(skydir=SOURCE, npix=(7, 5), binsz=0.4, proj="TAN", axes=[energy_true])


@pytest.fixture
def empty(geom, energy_true):
    return MapDataset.create(geom, energy_axis_true=energy_true, binsz_irf="0.5 deg", name="run")


def offsets(geom, observation):
    return geom.to_image().get_coord().skycoord.separation(observation.get_pointing_icrs(observation.tmid))


def test_counts_are_a_histogram_of_the_events(geom, make_observation):
    observation = make_observation(n_events=2000)
    counts = MapDatasetMaker().make_counts(geom, observation)
    events = observation.events
    x, y = geom.wcs.world_to_pixel(events.radec)
    edges = [geom.axes["energy"].edges.to_value("TeV"), np.arange(-0.5, 9), np.arange(-0.5, 11)]
    expected, _ = np.histogramdd((events.energy.to_value("TeV"), y, x), bins=edges)
    assert_array_equal(counts.data, expected)


def test_exposure_is_area_times_live_time(geom_true, make_observation):
    observation = make_observation()
    exposure = MapDatasetMaker().make_exposure(geom_true, observation)
    energy = geom_true.axes["energy_true"].center
    expected = observation.aeff.evaluate(
        energy_true=energy.reshape(-1, 1, 1), offset=offsets(geom_true, observation)[np.newaxis]
    )
    assert_allclose(exposure.quantity.to_value("m2 s"), expected.to_value("m2") * 1000, rtol=1e-6)
    assert_allclose(exposure.meta["livetime"].to_value("s"), 1000)
    assert exposure.meta["is_pointlike"] is False


def test_background_is_the_integral_of_the_rate(geom, make_observation):
    """Twin: log-log trapezium in 40 steps for each energy bin; the responses are log-log interpolated between bins."""
    observation = make_observation()
    background = MapDatasetMaker(background_pad_offset=False, background_oversampling=40).make_background(
        geom, observation
    )
    offset = offsets(geom, observation)
    ontime = observation.observation_time_duration.to_value("s")
    solid = geom.to_image().solid_angle().to_value("sr")
    for index in (0, 3, 7):
        low, high = geom.axes["energy"].edges.to_value("TeV")[index : index + 2]
        steps = np.geomspace(low, high, 41)
        rate = observation.bkg.evaluate(
            energy=steps.reshape(-1, 1, 1) * u.TeV, offset=offset[np.newaxis]
        ).to_value("s-1 TeV-1 sr-1")
        slope = np.log(rate[1:] / rate[:-1]) / np.log(steps[1:] / steps[:-1]).reshape(-1, 1, 1)
        power = slope + 1
        parts = (rate[1:] * steps[1:].reshape(-1, 1, 1) - rate[:-1] * steps[:-1].reshape(-1, 1, 1)) / power
        assert_allclose(background.data[index], parts.sum(axis=0) * solid * ontime, rtol=1e-5)


def test_background_counts_on_time_not_live_time(geom, make_observation):
    one = MapDatasetMaker().make_background(geom, make_observation())
    other = MapDatasetMaker().make_background(geom, make_observation(livetime=2000 * u.s))
    assert_allclose(other.data, 2 * one.data, rtol=1e-6)


def test_missing_energies_of_the_background_are_filled_and_the_response_stays(
    geom, make_observation, responses
):
    holed = responses["bkg"].copy()
    holed.data = np.where(np.arange(holed.data.shape[0])[:, np.newaxis] == 20, 0.0, holed.data)
    before = holed.data.copy()
    observation = make_observation(irfs={**responses, "bkg": holed})
    filled = MapDatasetMaker().make_background(geom, observation)
    whole = MapDatasetMaker().make_background(geom, make_observation())
    assert_allclose(filled.data, whole.data, rtol=0.03)
    assert_array_equal(observation.bkg.data, before)


def background_3d(alignment):
    """Return a rate that grows with fov_lon: rate = 1 + 0.5 lon."""
    energy = MapAxis.from_energy_bounds("0.05 TeV", "100 TeV", 12, name="energy")
    lon, lat = (MapAxis.from_bounds(-3, 3, nbin=12, unit="deg", name=f"fov_{n}") for n in ("lon", "lat"))
    data = np.ones((12, 12, 12)) * (1 + 0.3 * lon.center.value[np.newaxis, :, np.newaxis])
    return Background3D(axes=[energy, lon, lat], data=data, unit="s-1 TeV-1 sr-1", fov_alignment=alignment)


@pytest.mark.parametrize("alignment", ["RADEC", "REVERSE_LON_RADEC", "ALTAZ"])
def test_background_by_field_of_view_coordinates(alignment, geom, make_observation, responses):
    observation = make_observation(irfs={**responses, "bkg": background_3d(alignment)}, livetime=95 * u.s)
    made = MapDatasetMaker(fov_rotation_step="0.05 deg").make_background(geom, observation)
    sky = geom.to_image().get_coord().skycoord
    center = observation.get_pointing_icrs(observation.tmid)
    if alignment == "ALTAZ":
        frame = AltAz(obstime=observation.tmid, location=observation.observatory_earth_location)
        sky, center = sky.transform_to(frame), center.transform_to(frame)
        lon, lat = sky_to_fov(sky.az, sky.alt, center.az, center.alt)
    else:
        lon, lat = sky_to_fov(sky.ra, sky.dec, center.ra, center.dec)
        lon = -lon if alignment == "REVERSE_LON_RADEC" else lon
    width = geom.axes["energy"].bin_width.to_value("TeV").reshape(-1, 1, 1)
    rate = observation.bkg.evaluate(energy=1 * u.TeV, fov_lon=lon, fov_lat=lat).to_value("s-1 TeV-1 sr-1")
    solid = geom.to_image().solid_angle().to_value("sr")
    assert np.ptp(rate) > 0.3
    # 100 s rotate the field by less than half a degree
    assert_allclose(made.data, 100 * rate * width * solid, rtol=1e-3)


def test_psf_map_at_its_pixels(empty, make_observation):
    observation = make_observation()
    made = MapDatasetMaker().make_psf(empty.psf.psf_map.geom, observation)
    geom = made.psf_map.geom
    rad, energy = geom.axes["rad"], geom.axes["energy_true"]
    offset = offsets(geom, observation)[2, 1]
    density = observation.psf.evaluate(
        energy_true=energy.center[:, np.newaxis], rad=rad.center[np.newaxis], offset=offset
    ).to_value("sr-1")
    mass = density * rad.bin_width.to_value("rad") * 2 * np.pi * np.sin(rad.center.to_value("rad"))
    expected = density / mass.sum(axis=1, keepdims=True)
    assert_allclose(made.psf_map.quantity.to_value("sr-1")[:, :, 2, 1], expected, rtol=2e-3)
    weight = MapDatasetMaker().make_exposure(geom.squash("rad"), observation)
    assert_allclose(made.exposure_map.data, weight.data)


def test_edisp_map_at_its_pixels(energy, energy_true, make_observation):
    observation = make_observation()
    geom = WcsGeom.create(skydir=SOURCE, npix=(3, 3), binsz=0.5, axes=[energy])
    migra = MapAxis.from_edges(np.linspace(0.2, 2.6, 61), name="migra")
    empty = MapDataset.create(geom, energy_axis_true=energy_true, migra_axis=migra, binsz_irf="0.5 deg")
    made = MapDatasetMaker().make_edisp(empty.edisp.edisp_map.geom, observation)
    offset = offsets(made.edisp_map.geom, observation)[1, 1]
    density = observation.edisp.evaluate(
        energy_true=energy_true.center[:, np.newaxis], migra=migra.center[np.newaxis], offset=offset
    ).to_value("")
    expected = density / (density * migra.bin_width.value).sum(axis=1, keepdims=True)
    assert_allclose(made.edisp_map.data[:, :, 1, 1], expected, rtol=1e-5, atol=1e-8)
    assert_allclose((made.edisp_map.data * migra.bin_width.value.reshape(-1, 1, 1)).sum(axis=1), 1, rtol=1e-6)


def test_edisp_kernel_map_follows_the_response(empty, make_observation):
    observation = make_observation()
    made = MapDatasetMaker().make_edisp_kernel(empty.edisp.edisp_map.geom, observation)
    geom = made.edisp_map.geom
    offset = offsets(geom, observation)[1, 1]
    kernel = observation.edisp.to_edisp_kernel(
        offset, energy_axis_true=geom.axes["energy_true"], energy_axis=geom.axes["energy"]
    )
    assert_allclose(made.edisp_map.data[:, :, 1, 1], kernel.pdf_matrix, atol=2e-3)


def test_run_fills_a_dataset(empty, make_observation):
    observation = make_observation()
    dataset = MapDatasetMaker().run(empty, observation)
    assert dataset.name == "run"
    assert dataset.mask_safe.data.all()
    assert dataset.gti is observation.gti or len(dataset.gti.table) == 1
    row = dataset.meta_table[0]
    assert row["OBS_ID"] == "1"
    assert_allclose([row["RA_PNT"], row["DEC_PNT"]], [83.63, 22.51], atol=1e-6)
    assert empty.counts.data.sum() == 0


def test_selection(empty, make_observation):
    dataset = MapDatasetMaker(selection=["exposure"]).run(empty, make_observation())
    assert dataset.counts is None
    assert dataset.background is None
    assert dataset.exposure.data.max() > 0
    with pytest.raises(UnknownNameError, match="counts"):
        MapDatasetMaker(selection=["count"])


def test_missing_events_are_said(empty, make_observation):
    observation = make_observation()
    observation.events = None
    with pytest.raises(DataError, match="observation 1 must have events"):
        MapDatasetMaker().run(empty, observation)
    assert MapDatasetMaker(selection=["exposure"]).run(empty, observation).counts is None


@pytest.mark.parametrize("name", ["aeff", "bkg", "psf", "edisp"])
def test_a_missing_response_is_named(name, empty, make_observation, responses):
    observation = make_observation(irfs={key: value for key, value in responses.items() if key != name})
    with pytest.raises(DataError, match=f"must have the response '{name}'"):
        MapDatasetMaker().run(empty, observation)


def test_psf_in_reconstructed_energy_needs_one(geom, energy_true, make_observation):
    empty = MapDataset.create(geom, energy_axis_true=energy_true, reco_psf=True)
    with pytest.raises(GeometryError, match="reco_psf=False"):
        MapDatasetMaker().run(empty, make_observation())


def test_healpix_maps_agree_with_wcs_maps(energy, energy_true, make_observation):
    """The same field on pixels of another kind: equal densities, a stack of cutouts as of the whole."""
    observations = [
        make_observation(SOURCE.directional_offset_by(a * u.deg, 0.6 * u.deg), obs_id=i + 1, seed=i)
        for i, a in enumerate((0, 180))
    ]
    geom = HpxGeom.create(nside=512, frame="icrs", axes=[energy], region="DISK(83.63,22.01,2)")
    empty = MapDataset.create(geom, energy_axis_true=energy_true, binsz_irf="0.5 deg", name="hpx")
    whole = MapDatasetMaker().run(empty, observations[0])
    sky = geom.to_image().get_coord().skycoord
    offset = sky.separation(observations[0].get_pointing_icrs(observations[0].tmid))
    area = observations[0].aeff.evaluate(
        energy_true=energy_true.center[:, np.newaxis], offset=offset[np.newaxis]
    )
    assert_allclose(whole.exposure.quantity.to_value("m2 s"), area.to_value("m2") * 1000, rtol=1e-6)
    wcs = WcsGeom.create(skydir=SOURCE, npix=(11, 9), binsz=0.1, proj="TAN", axes=[energy])
    density = MapDatasetMaker().make_background(wcs, observations[0])
    density = density.data / wcs.solid_angle().to_value("sr")
    at = whole.background.interp_by_coord(wcs.get_coord()) / geom.solid_angle().to_value("sr").ravel()[0]
    assert_allclose(at, density, rtol=0.02)
    makers = [MapDatasetMaker(), SafeMaskMaker(methods=["offset-max"], offset_max="1 deg")]
    (stacked,) = DatasetsMaker(makers).run(empty, observations)
    sums = [makers[1].run(makers[0].run(empty, one), one) for one in observations]
    expected = sum(one.counts.data * one.mask_safe.data for one in sums)
    assert_array_equal(stacked.counts.data, expected)
    assert stacked.psf.psf_map.data.max() > 0
