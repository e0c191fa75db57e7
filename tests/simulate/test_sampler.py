"""Statistics of events drawn from datasets; every tolerance is a number of standard deviations, for several seeds."""

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from numpy.testing import assert_allclose
from scipy import stats

from geminga.data import GTI, Observation, Observations
from geminga.datasets import (
    MapDataset,
    MapDatasetEventSampler,
    ObservationEventSampler,
    create_map_dataset_from_observation,
)
from geminga.errors import DataError, FileExistsGemingaError
from geminga.irf import EDispKernelMap, EDispMap, FoVAlignment, PSFMap, RecoPSFMap
from geminga.maps import HpxGeom, Map, MapAxis, RegionNDMap, WcsGeom
from geminga.modeling.models import (
    ExpDecayTemporalModel,
    FoVBackgroundModel,
    GaussianSpatialModel,
    LightCurveTemplateTemporalModel,
    PointSpatialModel,
    PowerLawSpectralModel,
    SkyModel,
    TemplateNPredModel,
)
from geminga.simulate import ObservationsEventsSampler
from geminga.simulate.source_events import _finer

PLACE = SkyCoord(83.63, 22.01, unit="deg")
ENERGY = MapAxis.from_energy_bounds("0.5 TeV", "50 TeV", nbin=20)
TRUE = MapAxis.from_energy_bounds("0.5 TeV", "50 TeV", nbin=10, name="energy_true")
SEEDS = [1, 2, 3]
#: Two intervals with a gap of four hours.
INTERVALS = GTI.create([0, 4] * u.h, [1, 4.5] * u.h, "2026-01-15T22:00:00")


def dataset_of(models=(), geom=None, **parts):
    """Return a dataset with 1e13 cm2 s everywhere and no other response."""
    geom = WcsGeom.create(skydir=PLACE, width=4, binsz=0.1, axes=[ENERGY]) if geom is None else geom
    exposure = Map.from_geom(geom.to_image().to_cube([TRUE]), unit="cm2 s")
    exposure.data += 1e14
    dataset = MapDataset(counts=Map.from_geom(geom), exposure=exposure, gti=INTERVALS, name="sky", **parts)
    dataset.models = list(models)
    return dataset


def source(name="source", spatial=None, **kwargs):
    spatial = PointSpatialModel(lon_0=PLACE.ra, lat_0=PLACE.dec) if spatial is None else spatial
    spectrum = PowerLawSpectralModel(index=2.2, amplitude="1e-11 cm-2 s-1 TeV-1")
    return SkyModel(spectrum, spatial, name=name, **kwargs)


def drawn(dataset, seed, observation=None, **kwargs):
    return MapDatasetEventSampler(random_state=seed, **kwargs).run(dataset, observation)


def assert_uniform(values, low, high):
    assert stats.kstest(np.asarray(values), "uniform", args=(low, high - low)).pvalue > 1e-3


# ---------------------------------------------------------------------- sources


@pytest.mark.parametrize("seed", SEEDS)
def test_numbers_of_events_are_those_predicted(seed):
    extended = GaussianSpatialModel(lon_0="83.2 deg", lat_0="21.7 deg", sigma="0.2 deg")
    dataset = dataset_of([source(), source("wide", extended), FoVBackgroundModel(dataset_name="sky")])
    dataset.background = Map.from_geom(dataset.counts.geom)
    dataset.background.data += 0.1
    dataset.background_model.spectral_model.norm.value = 1.5
    events = drawn(dataset, seed).table
    for number, expected in enumerate([0.15 * 40 * 40 * 20, *_predicted(dataset)]):
        n_events = np.count_nonzero(events["MC_ID"] == number)
        assert expected > 500
        assert abs(n_events - expected) < 4 * np.sqrt(expected)
    # in each bin of true energy, which is two of reconstructed energy
    counts = np.histogram(events["ENERGY"], TRUE.edges.value)[0]
    expected = dataset.npred().data.sum(axis=(1, 2)).reshape(10, 2).sum(axis=1)
    assert np.sum((counts - expected) ** 2 / expected) < stats.chi2(10).isf(1e-3)


def _predicted(dataset):
    return [dataset.npred_signal(model_names=[name]).data.sum() for name in ("source", "wide")]


def test_numbers_follow_poisson():
    dataset = dataset_of([source()])
    sampler = MapDatasetEventSampler(random_state=5)
    numbers = np.array([len(sampler.sample_sources(dataset).table) for _ in range(60)])
    expected = dataset.npred_signal().data.sum()
    assert abs(numbers.mean() - expected) < 4 * np.sqrt(expected / 60)
    assert 0.5 < numbers.var(ddof=1) / expected < 1.7


@pytest.mark.parametrize("seed", SEEDS)
def test_energies_follow_the_spectrum_inside_bins(seed):
    events = MapDatasetEventSampler(random_state=seed).sample_sources(dataset_of([source()])).table
    energy = events["ENERGY_TRUE"].quantity.to_value("TeV")
    low, high = 0.5**-1.2, 50**-1.2
    assert_uniform((low - energy**-1.2) / (low - high), 0, 1)
    # a point stays a point
    assert np.ptp(events["RA_TRUE"]) == 0
    assert SkyCoord(events["RA_TRUE"][0], events["DEC_TRUE"][0], unit="deg").separation(PLACE) < 1e-9 * u.deg


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", ["wcs", "hpx"])
def test_positions_follow_an_extended_source(seed, kind):
    model = GaussianSpatialModel(lon_0=PLACE.ra, lat_0=PLACE.dec, sigma="0.3 deg")
    geom = (
        HpxGeom.create(nside=512, frame="icrs", region="DISK(83.63,22.01,2)", axes=[ENERGY])
        if kind == "hpx"
        else None
    )
    events = (
        MapDatasetEventSampler(random_state=seed)
        .sample_sources(dataset_of([source(spatial=model)], geom))
        .table
    )
    separation = PLACE.separation(SkyCoord(events["RA_TRUE"], events["DEC_TRUE"])).deg
    # pixels widen the source a little
    assert stats.kstest(separation, "rayleigh", args=(0, 0.301)).pvalue > 1e-3


def test_small_sources_are_smaller_than_pixels():
    model = GaussianSpatialModel(lon_0=PLACE.ra, lat_0=PLACE.dec, sigma="0.05 deg")
    events = MapDatasetEventSampler(random_state=1).sample_sources(dataset_of([source(spatial=model)])).table
    separation = PLACE.separation(SkyCoord(events["RA_TRUE"], events["DEC_TRUE"])).deg
    assert np.median(separation) == pytest.approx(0.05 * np.sqrt(2 * np.log(2)), rel=0.05)


# ---------------------------------------------------------------------- times


def test_sources_over_the_edge_and_beside_the_map():
    image = WcsGeom.create(skydir=PLACE, width=4, binsz=0.1)
    values = np.ones((3, *image.data_shape))

    def finer(distance):
        place = PLACE.directional_offset_by(0 * u.deg, distance * u.deg)
        spatial = GaussianSpatialModel(lon_0=place.ra, lat_0=place.dec, sigma="0.01 deg")
        return _finer(image, values, spatial)

    for distance in (0, 2, 2.02):
        part, exposure = finer(distance)
        assert exposure.shape == (3, *part.data_shape)
        assert exposure.size < values.size * 10
        assert exposure.all()
    # pixels of a map far from the source are not divided
    part, exposure = finer(10)
    assert part == image
    assert exposure.shape == values.shape
    assert not exposure.any()
    at_edge = GaussianSpatialModel(
        lon_0=PLACE.ra, lat_0=PLACE.dec + 2 * u.deg, sigma="0.05 deg", frame="icrs"
    )
    n_events = len(drawn(dataset_of([source(spatial=at_edge)]), 1).table)
    n_all = len(drawn(dataset_of([source()]), 1).table)
    assert abs(n_events - 0.5 * n_all) < 5 * np.sqrt(0.75 * n_all)


@pytest.mark.parametrize("seed", SEEDS)
def test_times_fill_several_intervals(seed):
    dataset = dataset_of([source()])
    events = drawn(dataset, seed)
    seconds = (events.time - INTERVALS.time_ref).to_value("s")
    assert (np.diff(seconds) >= 0).all()
    first = seconds < 3600
    assert ((seconds[~first] > 4 * 3600) & (seconds[~first] < 4.5 * 3600)).all()
    n_first, n_all = np.count_nonzero(first), len(seconds)
    assert abs(n_first - n_all * 2 / 3) < 4 * np.sqrt(n_all * 2 / 9)
    assert_uniform(seconds[first], 0, 3600)


@pytest.mark.parametrize("seed", SEEDS)
def test_times_follow_the_model(seed):
    decay = ExpDecayTemporalModel(t0="0.5 h", t_ref=INTERVALS.time_ref.mjd * u.d, scale="tt")
    dataset = dataset_of([source(temporal_model=decay)])
    events = drawn(dataset, seed)
    expected = dataset.npred_signal().data.sum()
    assert 100 < expected < dataset_of([source()]).npred_signal().data.sum() / 2
    assert abs(len(events.table) - expected) < 4 * np.sqrt(expected)
    hours = (events.time - INTERVALS.time_ref).to_value("h")
    hours = hours[hours < 1]
    assert_uniform((1 - np.exp(-2 * hours)) / (1 - np.exp(-2)), 0, 1)


def test_times_that_depend_on_energy():
    # below 5 TeV everything comes in the first interval, above in the second
    time = MapAxis.from_nodes([0, 3.9, 4.0, 6], name="time", unit="h", interp="lin")
    energy = MapAxis.from_energy_edges([0.5, 4.99, 5.01, 50] * u.TeV, name="energy_true")
    template = RegionNDMap.create(region=None, axes=[energy, time])
    values = np.array([[1, 1, 1e-9, 1e-9], [1, 1, 1, 1], [1e-9, 1e-9, 1, 1]]).T
    template.data = values.reshape(template.data.shape)
    model = LightCurveTemplateTemporalModel(template, t_ref=INTERVALS.time_ref.mjd * u.d, scale="tt")
    dataset = dataset_of([source(temporal_model=model)])
    events = MapDatasetEventSampler(random_state=1, t_delta="10 s").sample_sources(dataset)
    hours = (events.time - INTERVALS.time_ref).to_value("h")
    energies = events.table["ENERGY_TRUE"].quantity.to_value("TeV")
    assert len(hours) > 100
    assert (hours[energies < 1.5] < 1).all()
    assert (hours[energies > 16] > 4).all()


# ---------------------------------------------------------------------- responses


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", ["true", "reco"])
def test_point_spread(seed, kind):
    rad = MapAxis.from_bounds(0, 1, nbin=200, name="rad", unit="deg")
    psf = (
        PSFMap.from_gauss(TRUE, rad, sigma="0.15 deg")
        if kind == "true"
        else RecoPSFMap.from_gauss(ENERGY, rad, sigma="0.15 deg")
    )
    events = drawn(dataset_of([source()], psf=psf), seed)
    separation = PLACE.separation(events.radec)
    assert stats.kstest(separation.deg, "rayleigh", args=(0, 0.15)).pvalue > 1e-3
    assert_uniform(PLACE.position_angle(events.radec).wrap_at("360d").deg, 0, 360)


@pytest.mark.parametrize("seed", SEEDS)
def test_energy_dispersion_of_migra(seed):
    migra = MapAxis.from_edges(np.geomspace(0.3, 3, 91), name="migra")
    edisp = EDispMap.from_diagonal_response(TRUE, migra)
    density = np.exp(-0.5 * ((migra.center.value - 1.1) / 0.2) ** 2)
    density /= (density * migra.bin_width.value).sum()
    edisp.edisp_map.data = np.zeros(edisp.edisp_map.data.shape) + density.reshape(1, -1, 1, 1)
    dataset = dataset_of([source()], edisp=edisp)
    sampler = MapDatasetEventSampler(random_state=seed)
    events = sampler.sample_edisp(edisp, sampler.sample_sources(dataset)).table
    ratio = np.asarray(events["ENERGY"] / events["ENERGY_TRUE"])
    assert stats.kstest(ratio, "norm", args=(1.1, 0.2)).pvalue > 1e-3


@pytest.mark.parametrize("seed", SEEDS)
def test_energy_dispersion_of_kernels(seed):
    edisp = EDispKernelMap.from_gauss(ENERGY, TRUE, sigma=0.25, bias=0.0)
    edisp.edisp_map.data *= 0.8
    dataset = dataset_of([source()], edisp=edisp)
    counts = np.histogram(drawn(dataset, seed).table["ENERGY"], ENERGY.edges.value)[0]
    expected = dataset.npred_signal().data.sum(axis=(1, 2))
    assert abs(counts.sum() - expected.sum()) < 4 * np.sqrt(expected.sum())
    used = expected > 5
    assert np.sum((counts - expected)[used] ** 2 / expected[used]) < stats.chi2(used.sum()).isf(1e-3)


def test_responses_that_a_model_does_without():
    psf = PSFMap.from_gauss(TRUE, sigma="0.15 deg")
    model = source(apply_irf={"exposure": True, "psf": False, "edisp": True})
    assert PLACE.separation(drawn(dataset_of([model], psf=psf), 1).radec).max() < 1e-9 * u.deg


# ---------------------------------------------------------------------- background, templates, nothing


def test_background_alone_and_nothing_at_all():
    dataset = dataset_of()
    assert len(drawn(dataset, 1).table) == 0
    dataset.background = Map.from_geom(dataset.counts.geom)
    dataset.background.data[5:, :20, :20] = 0.5
    events = drawn(dataset, 1)
    assert abs(len(events.table) - 3000) < 4 * np.sqrt(3000)
    assert (events.energy >= ENERGY.edges[5]).all()
    assert np.isnan(events.table["ENERGY_TRUE"]).all()
    assert (events.table["MC_ID"] == 0).all()


def test_events_of_a_template_of_counts():
    dataset = dataset_of()
    template = Map.from_geom(dataset.counts.geom)
    template.data[3] = 1
    dataset.models = [source(), TemplateNPredModel(template, name="counts")]
    events = drawn(dataset, 1).table
    mine = events[events["MC_ID"] == 2]
    assert abs(len(mine) - 1600) < 160
    assert (mine["ENERGY"].quantity >= ENERGY.edges[3]).all()


def test_bad_input():
    dataset = dataset_of([source()])
    dataset.gti = None
    with pytest.raises(DataError, match="good time intervals"):
        drawn(dataset, 1)
    with pytest.raises(DataError, match="spatial model"):
        drawn(dataset_of([SkyModel(PowerLawSpectralModel(), name="flat")]), 1)


def test_seeds():
    dataset = dataset_of([source()], psf=PSFMap.from_gauss(TRUE))
    first, same, other = (drawn(dataset, seed).table for seed in (1, 1, 2))
    assert_allclose(first["RA"], same["RA"])
    assert len(first) != len(other) or not np.allclose(first["RA"], other["RA"])
    few = drawn(dataset, 1, n_event_bunch=7).table
    assert_allclose(first["RA"], few["RA"])
    assert "MC_ID" not in drawn(dataset, 1, keep_mc_id=False).table.colnames


# ---------------------------------------------------------------------- observations


BINS = {
    "energy_axis": ENERGY,
    "energy_axis_true": TRUE,
    "spatial_width": 4 * u.deg,
    "spatial_bin_size": 0.1 * u.deg,
}


def test_field_of_view_coordinates(two_hours):
    dataset = create_map_dataset_from_observation(two_hours, source(), **BINS)
    events = drawn(dataset, 1, two_hours)
    pointing = two_hours.get_pointing_icrs(two_hours.tmid)
    longitude, latitude = pointing.spherical_offsets_to(events.radec)
    # the longitude of the field of view grows with decreasing right ascension
    near = pointing.separation(events.radec) < 1 * u.deg
    assert_allclose(events.table["DETX"][near], -longitude.deg[near], atol=2e-3)
    assert_allclose(events.table["DETY"][near], latitude.deg[near], atol=2e-3)
    reversed_ = two_hours.copy(in_memory=True)
    reversed_.bkg.fov_alignment = FoVAlignment.REVERSE_LON_RADEC
    again = MapDatasetEventSampler().event_det_coords(reversed_, events)
    assert_allclose(again.table["DETX"], -events.table["DETX"])


def test_header(two_hours, tmp_path):
    dataset = create_map_dataset_from_observation(two_hours, source(), **BINS)
    header = MapDatasetEventSampler().event_list_meta(dataset, two_hours)
    assert header["OBS_ID"] == 5
    assert header["ONTIME"] == pytest.approx(7200)
    assert header["LIVETIME"] == pytest.approx(6480)
    assert header["DSVAL2"] == "0.5:50"
    assert header["DSUNI2"] == "TeV"
    assert header["MMN00001"] == "source"
    assert header["MMN00000"] == "obs_5-bkg"
    assert header["NMCIDS"] == 2
    assert "MMN00001" not in MapDatasetEventSampler().event_list_meta(dataset, two_hours, keep_mc_id=False)


def test_a_file_that_is_there_is_no_reason_to_draw(two_hours, tmp_path, monkeypatch):
    (tmp_path / "obs_5.fits").touch()
    monkeypatch.setattr(ObservationEventSampler, "run", lambda *args: pytest.fail("drawn in vain"))
    sampler = ObservationsEventsSampler(outdir=tmp_path, overwrite=False)
    with pytest.raises(FileExistsGemingaError, match="overwrite=True"):
        sampler.run(Observations([two_hours]), models=source())


def test_observations_with_events(two_hours, tmp_path):
    before = two_hours.events
    sampler = ObservationEventSampler(random_state=3, dataset_kwargs=BINS)
    simulated = sampler.run(two_hours, models=source())
    assert two_hours.events is before
    assert len(simulated.events.table) > 1000
    all_of_them = ObservationsEventsSampler(
        sampler_kwargs={"random_state": 3}, dataset_kwargs=BINS, outdir=tmp_path / "out"
    ).run(Observations([two_hours]), models=source())
    again = Observation.read(tmp_path / "out" / "obs_5.fits")
    assert len(again.events.table) == len(all_of_them[0].events.table)
    assert_allclose(again.events.energy, all_of_them[0].events.energy, rtol=1e-6)
    assert again.aeff is not None
    inside = (again.events.time >= two_hours.tstart) & (again.events.time <= two_hours.tstop)
    assert inside.all()
