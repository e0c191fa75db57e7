"""Chains of makers over many observations."""

import gc
import logging
import weakref
from typing import ClassVar

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from numpy.testing import assert_allclose, assert_array_equal

from geminga.data import Observation
from geminga.datasets import Datasets, MapDataset, SpectrumDataset, SpectrumDatasetOnOff
from geminga.errors import GeometryError
from geminga.makers import (
    DatasetsMaker,
    Maker,
    MapDatasetMaker,
    PhaseBackgroundMaker,
    ReflectedRegionsBackgroundMaker,
    SafeMaskMaker,
    SpectrumDatasetMaker,
)
from geminga.maps import RegionGeom, WcsGeom

from .conftest import SOURCE


@pytest.fixture
def observations(make_observation):
    angles = (0, 180, 90)
    return [
        make_observation(SOURCE.directional_offset_by(a * u.deg, 0.6 * u.deg), obs_id=i + 1, seed=i)
        for i, a in enumerate(angles)
    ]


@pytest.fixture
def spectrum(energy, energy_true):
    geom = RegionGeom.create("icrs;circle(83.63, 22.01, 0.2)", axes=[energy])
    return SpectrumDataset.create(geom, energy_axis_true=energy_true, name="all")


@pytest.fixture
def cube(energy, energy_true):
    geom = WcsGeom.create(skydir=SOURCE, width=3, binsz=0.1, axes=[energy])
    return MapDataset.create(geom, energy_axis_true=energy_true, binsz_irf="1 deg", name="all")


SPECTRA = [
    SpectrumDatasetMaker(selection=["counts", "exposure", "edisp"]),
    ReflectedRegionsBackgroundMaker(),
    SafeMaskMaker(methods=["aeff-max"]),
]
CUBES = [
    MapDatasetMaker(selection=["counts", "exposure", "background"]),
    SafeMaskMaker(methods=["offset-max"], offset_max="1 deg"),
]


def assert_same(one, other):
    assert type(one) is type(other)
    for name in ("counts", "exposure", "mask_safe", "background", "counts_off", "acceptance_off"):
        a, b = getattr(one, name, None), getattr(other, name, None)
        assert (a is None) == (b is None)
        if a is not None:
            assert_allclose(a.data, b.data, rtol=1e-6)


def test_unstacked_keeps_order_and_names(spectrum, observations):
    datasets = DatasetsMaker(SPECTRA, stack_datasets=False).run(spectrum, observations)
    assert datasets.names == ["1", "2", "3"]
    by_hand = spectrum.copy(name="2")
    for maker in SPECTRA:
        by_hand = maker.run(by_hand, observations[1])
    assert_same(datasets[1], by_hand)


def test_on_off_spectra_stack_to_an_on_off_spectrum(spectrum, observations):
    (stacked,) = DatasetsMaker(SPECTRA).run(spectrum, observations)
    single = DatasetsMaker(SPECTRA, stack_datasets=False).run(spectrum, observations)
    assert isinstance(stacked, SpectrumDatasetOnOff)
    assert stacked.name == "all"
    assert_same(stacked, single.stack_reduce(name="all"))
    expected = sum(np.where(d.mask_safe.data, d.counts_off.data, 0) for d in single)
    assert_array_equal(stacked.counts_off.data, expected)


def test_the_input_is_not_changed(spectrum, observations):
    DatasetsMaker(SPECTRA[:1]).run(spectrum, observations)
    assert spectrum.counts.data.sum() == 0


def test_cubes_stack_on_cutouts(cube, observations):
    (stacked,) = DatasetsMaker(CUBES).run(cube, observations)
    single = DatasetsMaker(CUBES, stack_datasets=False).run(cube, observations)
    assert single.names == ["obs_1", "obs_2", "obs_3"]
    assert single[0].counts.geom.data_shape[-1] == 20
    assert stacked.counts.geom == cube.counts.geom
    assert stacked.counts.data.sum() == sum((d.counts.data * d.mask_safe.data).sum() for d in single)
    assert_allclose(
        stacked.background.data.sum(),
        sum((d.background.data * d.mask_safe.data).sum() for d in single),
        rtol=1e-5,
    )


def test_cutouts_only_with_offset_cut(cube, observations):
    """Fault 48: no cutout when the offset is not cut."""
    makers = [CUBES[0], SafeMaskMaker(methods=["bkg-peak"], offset_max="0.5 deg")]
    datasets = DatasetsMaker(makers, stack_datasets=False).run(cube, observations[:1])
    assert datasets[0].counts.geom == cube.counts.geom
    wanted = DatasetsMaker(makers, stack_datasets=False, cutout_width="1 deg").run(cube, observations[:1])
    assert wanted[0].counts.geom.data_shape[-2:] == (10, 10)


def test_cutouts_hold_the_whole_field_in_any_projection(energy, energy_true, observations):
    """Far from the centre of an all-sky map a circle is sheared; nothing of it is cut off."""
    for proj, skydir in (("AIT", (0, 0)), ("TAN", (184.6, -5.8))):
        sizes = {"width": 40} if proj == "TAN" else {}
        geom = WcsGeom.create(skydir=skydir, frame="galactic", proj=proj, binsz=0.5, axes=[energy], **sizes)
        empty = MapDataset.create(geom, energy_axis_true=energy_true, binsz_irf="2 deg")
        makers = [CUBES[0], SafeMaskMaker(methods=["offset-max"], offset_max="1.9 deg")]
        (cut,) = DatasetsMaker(makers).run(empty, observations[:1])
        whole = makers[1].run(makers[0].run(empty, observations[0]), observations[0])
        assert_array_equal(cut.counts.data, whole.counts.data * whole.mask_safe.data)
        assert cut.counts.data.sum() > 300
        assert np.isfinite(whole.background.data).all()


def test_on_off_maps_stack_to_a_map(cube, make_observation):
    phases = np.linspace(0, 0.999, 500)
    observation = make_observation(n_events=500, PHASE=phases)
    makers = [CUBES[0], PhaseBackgroundMaker(on_phase=(0.0, 0.2), off_phase=(0.5, 0.9))]
    (stacked,) = DatasetsMaker(makers).run(cube, [observation])
    assert type(stacked) is MapDataset
    off = makers[1].make_counts_off(cube, observation).data
    assert_allclose(stacked.background.data.sum(), 0.5 * off.sum(), rtol=1e-6)


def test_processes_agree_with_a_loop(spectrum, observations):
    loop = DatasetsMaker(SPECTRA, stack_datasets=False).run(spectrum, observations)
    pool = DatasetsMaker(SPECTRA, stack_datasets=False, n_jobs=2).run(spectrum, observations)
    assert pool.names == loop.names
    for one, other in zip(pool, loop, strict=True):
        assert_same(one, other)


def test_an_observation_outside_is_skipped(cube, observations, make_observation, caplog):
    far = make_observation(SOURCE.directional_offset_by(0 * u.deg, 20 * u.deg), obs_id=99)
    with caplog.at_level(logging.WARNING, logger="geminga"):
        datasets = DatasetsMaker(CUBES, stack_datasets=False).run(cube, [observations[0], far])
    assert datasets.names == ["obs_1"]
    assert "Skipped observation 99" in caplog.text


class Broken(Maker):
    """A maker with a fault of its own."""

    def run(self, dataset, observation=None):
        """Fail as a programming error does."""
        raise ValueError("a fault in the maker")


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_errors_of_makers_are_not_hidden(n_jobs, cube, observations, caplog):
    with (
        caplog.at_level(logging.ERROR, logger="geminga"),
        pytest.raises(ValueError, match="a fault in the maker") as caught,
    ):
        DatasetsMaker([Broken()], n_jobs=n_jobs).run(cube, observations)
    assert caught.value.__notes__ == ["While Broken worked on observation 1."]
    if n_jobs == 1:
        assert "observation 1. a fault" in caplog.text


class Counting(Maker):
    """A maker that notes how many datasets of earlier observations are alive."""

    alive: ClassVar[list] = []
    most = 0

    def run(self, dataset, observation=None):
        """Return the dataset as it is."""
        type(self).alive = [reference for reference in self.alive if reference() is not None]
        type(self).most = max(self.most, len(self.alive))
        self.alive.append(weakref.ref(dataset))
        return dataset


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_stacked_datasets_are_dropped(n_jobs, cube, make_observation):
    """The number of datasets alive does not grow with the number of observations."""
    many = [make_observation(obs_id=i + 1, seed=i) for i in range(12)]
    Counting.alive, Counting.most = [], 0
    maker = DatasetsMaker([*CUBES, Counting()], n_jobs=n_jobs, parallel_backend="threads")
    (stacked,) = maker.run(cube, many)
    assert stacked.counts.data.sum() > 500
    # one under way, and at most two waiting for each job
    assert Counting.most <= (1 if n_jobs == 1 else 3 * n_jobs)
    gc.collect()
    assert not [reference for reference in Counting.alive if reference() is not None]


def test_cutouts_with_width_and_height(cube, observations):
    maker = DatasetsMaker(CUBES, stack_datasets=False, cutout_width=["2 deg", "1 deg"])
    for dataset in maker.run(cube, observations):
        n_lat, n_lon = dataset.data_shape[1:]
        assert (n_lat, n_lon) in [(10, 19), (10, 20)]


def test_pointing_behind_the_plane_is_skipped_without_warnings(cube, make_observation, recwarn, caplog):
    opposite = SkyCoord(SOURCE.ra + 180 * u.deg, -SOURCE.dec)
    geom = WcsGeom.create(skydir=SOURCE, width=3, binsz=0.1, axes=cube.counts.geom.axes, proj="TAN")
    plane = MapDataset.create(geom, name="plane")
    (stacked,) = DatasetsMaker(CUBES).run(plane, [make_observation(opposite)])
    assert not stacked.mask_safe.data.any()
    assert "outside of the geometry" in caplog.text
    assert not [warning for warning in recwarn if warning.category is RuntimeWarning]


def test_stacking_in_processes_is_reproducible(cube, observations):
    (loop,) = DatasetsMaker(CUBES).run(cube, observations)
    (pool,) = DatasetsMaker(CUBES, n_jobs=2).run(cube, observations)
    for name in ("counts", "background", "exposure", "mask_safe"):
        assert_array_equal(getattr(pool, name).data, getattr(loop, name).data)


def test_a_dataset_that_is_not_empty_is_passed_on(cube, observations):
    """Content of the first dataset reaches the makers, and the stack begins with it."""
    cube.counts.data[...] = 1
    seen = []

    class Looking(Maker):
        def run(self, dataset, observation=None):
            seen.append(dataset.counts.data.sum())
            return dataset

    DatasetsMaker([Looking(), *CUBES]).run(cube, observations[:1])
    assert seen[0] > 0


def test_what_observations_read_is_forgotten():
    class Location:
        pass

    observation = Observation(obs_id=1)
    transient = observation.transient()
    transient._read["events"] = Location()
    assert "events" not in observation._read
    assert transient.obs_id == 1


def test_explicit_datasets_are_used_as_they_are(cube, observations):
    given = Datasets([cube.copy(name=f"mine-{i}") for i in range(3)])
    result = DatasetsMaker(CUBES, stack_datasets=False).run(cube, observations, datasets=given)
    assert result.names == ["mine-0", "mine-1", "mine-2"]
    assert result[0].counts.geom == cube.counts.geom
    with pytest.raises(GeometryError, match="as many as observations"):
        DatasetsMaker(CUBES).run(cube, observations[:2], datasets=given)


def test_one_dataset_by_hand(spectrum, observations):
    dataset = DatasetsMaker(SPECTRA).make_dataset(spectrum, observations[0])
    assert dataset.name == "1"
    assert dataset.counts.data.sum() > 0


def test_error_callback_raises():
    with pytest.raises(RuntimeError, match="worker"):
        DatasetsMaker([]).error_callback(RuntimeError("worker"))


def test_repr_names_the_settings():
    text = repr(DatasetsMaker(CUBES, n_jobs=2))
    assert "n_jobs=2" in text
    assert "SafeMaskMaker(methods=['offset-max']" in text
