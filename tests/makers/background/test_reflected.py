"""On-off spectra with reflected regions."""

import logging

import numpy as np
import pytest
from astropy import units as u
from numpy.testing import assert_allclose, assert_array_equal
from regions import CircleSkyRegion, PointSkyRegion

from geminga.datasets import Datasets, SpectrumDataset, SpectrumDatasetOnOff
from geminga.errors import DataError
from geminga.irf import RadMax2D
from geminga.makers import (
    ReflectedRegionsBackgroundMaker,
    ReflectedRegionsFinder,
    SafeMaskMaker,
    SpectrumDatasetMaker,
    WobbleRegionsFinder,
)
from geminga.maps import Map, MapAxis, RegionGeom, WcsGeom
from geminga.modeling import Fit
from geminga.modeling.models import PowerLawSpectralModel, SkyModel

from ..conftest import SOURCE

REGION = CircleSkyRegion(SOURCE, 0.2 * u.deg)


@pytest.fixture
def reduced(make_observation, energy, energy_true):
    observation = make_observation(n_events=3000)
    geom = RegionGeom.create(REGION, axes=[energy])
    empty = SpectrumDataset.create(geom, energy_axis_true=energy_true, name="run")
    return SpectrumDatasetMaker(selection=["counts", "exposure", "edisp"]).run(
        empty, observation
    ), observation


def test_counts_are_those_inside_the_off_regions(reduced):
    dataset, observation = reduced
    maker = ReflectedRegionsBackgroundMaker(min_distance="0.1 rad")
    result = maker.run(dataset, observation)
    regions, _ = ReflectedRegionsFinder(min_distance="0.1 rad").run(
        REGION, observation.get_pointing_icrs(observation.tmid)
    )
    inside = np.zeros(len(observation.events.table), dtype=bool)
    for region in regions:
        inside |= observation.events.radec.separation(region.center) < region.radius
    axis = dataset.counts.geom.axes["energy"]
    expected, _ = np.histogram(observation.events.energy[inside].to_value(axis.unit), axis.edges.value)
    assert isinstance(result, SpectrumDatasetOnOff)
    assert_array_equal(result.counts_off.data[:, 0, 0], expected)
    assert_array_equal(result.acceptance.data, 1)
    assert_array_equal(result.acceptance_off.data, len(regions))
    assert_array_equal(result.counts.data, dataset.counts.data)
    assert result.name == "run"


def nothing_allowed():
    geom = WcsGeom.create(skydir=SOURCE, width=6, binsz=0.05, proj="TAN")
    return Map.from_geom(geom, data=np.zeros(geom.data_shape, dtype=bool))


def test_without_off_region_nothing_is_safe(reduced, caplog):
    dataset, observation = reduced
    with caplog.at_level(logging.WARNING, logger="geminga"):
        result = ReflectedRegionsBackgroundMaker(exclusion_mask=nothing_allowed()).run(dataset, observation)
    assert "no off region for observation 1" in caplog.text
    assert result.counts_off is None
    assert not result.mask_safe.data.any()
    assert_array_equal(result.acceptance_off.data, 0)
    # the rest of the chain still runs
    result = SafeMaskMaker(methods=["aeff-max"]).run(result, observation)
    assert not result.mask_safe.data.any()


def test_a_run_without_off_regions_leaves_the_fit_of_the_others_alone(make_observation, energy, energy_true):
    geom = RegionGeom.create(REGION, axes=[energy])
    maker = SpectrumDatasetMaker(selection=["counts", "exposure", "edisp"])
    datasets = Datasets()
    for number, mask in ((1, None), (2, nothing_allowed()), (3, None)):
        observation = make_observation(obs_id=number, seed=number, n_events=3000)
        empty = SpectrumDataset.create(geom, energy_axis_true=energy_true, name=f"run-{number}")
        dataset = ReflectedRegionsBackgroundMaker(exclusion_mask=mask).run(
            maker.run(empty, observation), observation
        )
        datasets.append(dataset)

    def fitted(chosen):
        spectrum = PowerLawSpectralModel(index=2, amplitude="1e-12 cm-2 s-1 TeV-1")
        spectrum.index.frozen = True
        chosen.models = [SkyModel(spectrum, name="source")]
        result = Fit().run(chosen)
        return spectrum.amplitude.value, result.total_stat

    assert_allclose(fitted(datasets), fitted(Datasets([datasets[0], datasets[2]])), rtol=1e-6)
    total = datasets.stack_reduce(name="total")
    assert (
        total.counts_off.data.sum() == datasets[0].counts_off.data.sum() + datasets[2].counts_off.data.sum()
    )


def test_mask_must_hold_booleans():
    geom = WcsGeom.create(skydir=SOURCE, width=1, binsz=0.1)
    with pytest.raises(DataError, match="must hold booleans"):
        ReflectedRegionsBackgroundMaker(exclusion_mask=Map.from_geom(geom))


def point_chain(make_observation, responses, energy, energy_true, radius, n_off):
    axis = MapAxis.from_energy_bounds("0.1 TeV", "30 TeV", 2, name="energy")
    offset = MapAxis.from_edges([0, 1, 3] * u.deg, name="offset")
    rad_max = RadMax2D(
        axes=[axis, offset], data=np.array([[radius, radius], [radius / 2, radius]]), unit="deg"
    )
    observation = make_observation(n_events=4000, irfs={**responses, "rad_max": rad_max})
    geom = RegionGeom.create(PointSkyRegion(SOURCE), axes=[energy])
    empty = SpectrumDataset.create(geom, energy_axis_true=energy_true, name="run")
    dataset = SpectrumDatasetMaker(selection=["counts", "exposure"]).run(empty, observation)
    maker = ReflectedRegionsBackgroundMaker(region_finder=WobbleRegionsFinder(n_off_regions=n_off))
    return maker.run(dataset, observation), observation


def test_energy_dependent_radius(make_observation, responses, energy, energy_true):
    result, observation = point_chain(make_observation, responses, energy, energy_true, 0.3, 3)
    edge = np.sqrt(0.1 * 30)
    events = observation.events
    radius = np.where(events.energy.to_value("TeV") < edge, 0.3, 0.15) * u.deg
    pointing = observation.get_pointing_icrs(observation.tmid)
    for counts, angles in ((result.counts, [180]), (result.counts_off, [0, 90, 270])):
        expected = 0
        for angle in angles:
            center = pointing.directional_offset_by(angle * u.deg, 0.5 * u.deg)
            inside = events.radec.separation(center) < radius
            expected = expected + np.histogram(events.energy.value[inside], energy.edges.value)[0]
        assert_array_equal(counts.data[:, 0, 0], expected)
    assert_array_equal(result.acceptance_off.data, 3)


def test_overlapping_radii_give_no_off_region(make_observation, responses, energy, energy_true, caplog):
    """Three neighbours at 0.5 deg are 0.71 deg apart: less than twice 0.4 deg."""
    with caplog.at_level(logging.WARNING, logger="geminga"):
        result, _ = point_chain(make_observation, responses, energy, energy_true, 0.4, 3)
    assert result.counts_off is None
    assert not result.mask_safe.data.any()
    assert "overlap" in caplog.text


def test_points_need_a_directional_cut(make_observation, energy, energy_true):
    geom = RegionGeom.create(PointSkyRegion(SOURCE), axes=[energy])
    empty = SpectrumDataset.create(geom, energy_axis_true=energy_true)
    with pytest.raises(ValueError, match="must have an area"):
        SpectrumDatasetMaker(selection=["counts"]).run(empty, make_observation())
