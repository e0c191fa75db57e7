"""Safe ranges, each method against a calculation by hand."""

import logging

import numpy as np
import pytest
from astropy import units as u
from numpy.testing import assert_allclose, assert_array_equal

from geminga.datasets import MapDataset, SpectrumDataset
from geminga.errors import DataError, UnknownNameError
from geminga.makers import MapDatasetMaker, SafeMaskMaker, SpectrumDatasetMaker
from geminga.maps import HpxGeom, MapAxis, RegionGeom, RegionNDMap, WcsGeom

from .conftest import SOURCE


@pytest.fixture
def fine():
    return MapAxis.from_energy_bounds("0.05 TeV", "30 TeV", 60, name="energy")


@pytest.fixture
def fine_true():
    return MapAxis.from_energy_bounds("0.03 TeV", "100 TeV", 80, name="energy_true")


@pytest.fixture
def observation(make_observation):
    return make_observation()


@pytest.fixture
def dataset(observation, fine, fine_true):
    geom = RegionGeom.create("icrs;circle(83.63, 22.01, 0.2)", axes=[fine])
    empty = SpectrumDataset.create(geom, energy_axis_true=fine_true, name="run")
    return SpectrumDatasetMaker().run(empty, observation)


@pytest.fixture
def cube(observation, fine_true):
    energy = MapAxis.from_energy_bounds("0.05 TeV", "30 TeV", 12, name="energy")
    geom = WcsGeom.create(skydir=SOURCE, width=3, binsz=0.25, proj="TAN", axes=[energy])
    empty = MapDataset.create(geom, energy_axis_true=fine_true, binsz_irf="0.5 deg", name="run")
    return MapDatasetMaker().run(empty, observation)


def lower_edge(dataset):
    """Return the lower edge of the first safe bin, in TeV, and check that all above are safe."""
    safe = dataset.mask_safe.data.any(axis=(1, 2))
    first = int(np.argmax(safe))
    assert safe[first:].all()
    return dataset.counts.geom.axes["energy"].edges.to_value("TeV")[first]


def next_edge(axis, energy):
    """Return the first edge at or above an energy: only bins entirely above it are safe."""
    edges = axis.edges.to_value("TeV")
    return edges[np.searchsorted(edges, energy * (1 - 1e-9))]


def test_default_range_of_the_header(dataset, observation, fine):
    safe = SafeMaskMaker(methods=["aeff-default"]).run(dataset, observation)
    # LO_THRES is the threshold 0.25 TeV, HI_THRES 100 TeV
    assert lower_edge(safe) == next_edge(fine, 0.25)


def test_default_range_without_keywords(dataset, make_observation, responses, caplog):
    area = responses["aeff"].copy()
    area.meta = {}
    observation = make_observation(irfs={**responses, "aeff": area})
    with caplog.at_level(logging.WARNING, logger="geminga"):
        safe = SafeMaskMaker(methods=["aeff-default"]).run(dataset, observation)
    assert safe.mask_safe.data.all()
    assert "No LO_THRES" in caplog.text


@pytest.mark.parametrize("percent", [1, 10, 50])
def test_share_of_the_largest_area(percent, dataset, observation, fine, fine_true):
    safe = SafeMaskMaker(methods=["aeff-max"], aeff_percent=percent).run(dataset)
    energy = np.geomspace(0.031, 99, 20001)
    nodes = fine_true.center.value
    area = observation.aeff.evaluate(energy_true=nodes * u.TeV, offset=0.5 * u.deg).to_value("m2").reshape(-1)
    curve = np.exp(np.interp(np.log(energy), np.log(nodes), np.log(area)))
    crossing = energy[np.argmax(curve >= percent / 100 * area.max())]
    assert lower_edge(safe) == next_edge(fine, crossing)


def test_share_of_the_largest_area_in_a_cube(cube, observation):
    """The curve at the pointing reaches its share at the same energy: area depends on offset by a factor only."""
    axis = cube.counts.geom.axes["energy"]
    for maker in (
        SafeMaskMaker(methods=["aeff-max"]),
        SafeMaskMaker(methods=["aeff-max"], fixed_offset="0.8 deg"),
        SafeMaskMaker(methods=["aeff-max"], position=SOURCE),
    ):
        energy = np.geomspace(0.03, 100, 20001)
        area = observation.aeff.evaluate(energy_true=energy * u.TeV, offset=0.5 * u.deg).value.reshape(-1)
        crossing = energy[np.argmax(area >= 0.1 * area.max())]
        assert lower_edge(maker.run(cube.copy(name="c"), observation)) == next_edge(axis, crossing)


def test_share_of_the_largest_area_of_the_observation(dataset, observation, fine):
    """Fault 48: raw and reduced responses have one definition of the threshold."""
    safe = SafeMaskMaker(methods=["aeff-max"], irfs="DL3").run(dataset, observation)
    energy = observation.aeff.axes["energy_true"].center
    area = observation.aeff.evaluate(energy_true=energy, offset=0.5 * u.deg).value.reshape(-1)
    above = np.argmax(area > 0.1 * area.max())
    x, y = np.log(energy.to_value("TeV")[above - 1 : above + 1]), np.log(area[above - 1 : above + 1])
    crossing = np.exp(np.interp(np.log(0.1 * area.max()), y, x))
    assert lower_edge(safe) == next_edge(fine, crossing)
    reduced = SafeMaskMaker(methods=["aeff-max"], irfs="DL4").run(dataset, observation)
    ratio = lower_edge(reduced) / lower_edge(safe)
    assert ratio == pytest.approx(1, abs=fine.edges.value[1] / fine.edges.value[0] - 1 + 1e-6)


@pytest.mark.parametrize("irfs", ["DL3", "DL4"])
def test_energy_bias(irfs, dataset, observation, fine):
    """The mean of the dispersion is 1 + 0.1 exp(-E / 0.25 TeV); a bias of 2 % is reached at 0.25 ln 5 TeV."""
    safe = SafeMaskMaker(methods=["edisp-bias"], bias_percent=2, irfs=irfs).run(dataset, observation)
    expected = 0.25 * np.log(5)
    bin_width = fine.edges.value[1] / fine.edges.value[0]
    assert expected / bin_width**2 < lower_edge(safe) < expected * bin_width**2


def test_peak_of_the_background(dataset, fine):
    background = np.ones((60, 1, 1))
    background[17] = 5
    dataset.background = RegionNDMap.from_geom(dataset.counts.geom, data=background)
    assert lower_edge(SafeMaskMaker(methods=["bkg-peak"]).run(dataset)) == fine.edges.value[17]


def test_offset(cube, observation):
    safe = SafeMaskMaker(methods=["offset-max"], offset_max="1 deg").run(cube, observation)
    sky = cube.counts.geom.to_image().get_coord().skycoord
    near = sky.separation(observation.get_pointing_icrs(observation.tmid)) < 1 * u.deg
    assert 0 < near.sum() < near.size
    assert_array_equal(safe.mask_safe.data, np.broadcast_to(near, safe.mask_safe.data.shape))


def test_methods_are_combined_and_old_masks_kept(cube, observation):
    one = SafeMaskMaker(methods=["offset-max"], offset_max="1 deg").run(cube.copy(name="a"), observation)
    two = SafeMaskMaker(methods=["aeff-max"]).run(cube.copy(name="b"), observation)
    both = SafeMaskMaker(methods=["offset-max", "aeff-max"], offset_max="1 deg").run(
        cube.copy(name="c"), observation
    )
    in_turn = SafeMaskMaker(methods=["aeff-max"]).run(one.copy(name="d"), observation)
    assert_array_equal(both.mask_safe.data, one.mask_safe.data & two.mask_safe.data)
    assert_array_equal(in_turn.mask_safe.data, both.mask_safe.data)


def test_bins_without_usable_background(dataset):
    dataset.background.data[3] = np.nan
    dataset.background.data[5] = 0
    safe = SafeMaskMaker(methods=[]).run(dataset)
    assert_array_equal(np.flatnonzero(~safe.mask_safe.data.reshape(-1)), [3, 5])


def test_nothing_left_is_said(dataset, observation, caplog):
    dataset.background.data[...] = 0
    with caplog.at_level(logging.INFO, logger="geminga"):
        SafeMaskMaker(methods=["aeff-max"]).run(dataset, observation)
    assert not dataset.mask_safe.data.any()
    assert "Dataset run has no safe bin after aeff-max" in caplog.text


def test_no_exposure_is_an_error(dataset):
    dataset.exposure.data[...] = 0
    with pytest.raises(DataError, match="must be positive somewhere"):
        SafeMaskMaker(methods=["aeff-max"]).run(dataset)


@pytest.mark.parametrize("name", ["exposure", "edisp", "background"])
def test_what_a_method_needs(name, dataset):
    setattr(dataset, name, None)
    method = {"exposure": "aeff-max", "edisp": "edisp-bias", "background": "bkg-peak"}[name]
    with pytest.raises(DataError, match=f"{name} of dataset 'run' must be set"):
        SafeMaskMaker(methods=[method]).run(dataset)


@pytest.mark.parametrize("method", ["aeff-default", "offset-max"])
def test_methods_that_need_an_observation(method, dataset):
    with pytest.raises(DataError, match="observation must be given"):
        SafeMaskMaker(methods=[method]).run(dataset)


@pytest.mark.parametrize("method", ["aeff-max", "edisp-bias"])
def test_raw_responses_need_an_observation(method, dataset):
    with pytest.raises(DataError, match="observation must be given"):
        SafeMaskMaker(methods=[method], irfs="DL3").run(dataset)
    with pytest.raises(DataError, match="observation must be given"):
        SafeMaskMaker(methods=[method], fixed_offset="1 deg").run(dataset)


def test_wrong_settings():
    with pytest.raises(UnknownNameError, match="aeff-max"):
        SafeMaskMaker(methods=["aeff-maximum"])
    with pytest.raises(UnknownNameError, match="DL4"):
        SafeMaskMaker(irfs="DL5")
    with pytest.raises(DataError, match="must not be given together"):
        SafeMaskMaker(position=SOURCE, fixed_offset="1 deg")


def test_default_methods():
    assert SafeMaskMaker().methods == ["aeff-default"]
    assert_allclose(SafeMaskMaker().offset_max.to_value("deg"), 3)


@pytest.mark.parametrize("method", ["aeff-max", "edisp-bias", "bkg-peak", "aeff-default"])
def test_energies_on_healpix_maps_are_those_of_a_wcs_map(method, fine, fine_true, observation):
    safe = []
    for geom in (
        WcsGeom.create(skydir=SOURCE, width=1, binsz=0.2, axes=[fine]),
        HpxGeom.create(nside=256, frame="icrs", axes=[fine], region="DISK(83.63,22.01,0.6)"),
    ):
        empty = MapDataset.create(geom, energy_axis_true=fine_true, binsz_irf="0.5 deg")
        made = MapDatasetMaker(selection=["exposure", "background", "edisp", "counts"]).run(
            empty, observation
        )
        made = SafeMaskMaker(methods=[method], position=SOURCE).run(made, observation)
        safe.append(made.mask_safe.data.reshape(fine.nbin, -1).any(axis=1))
    assert np.array_equal(*safe)
    assert safe[0].sum() > 0
