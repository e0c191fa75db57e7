"""Responses that are maps already, against the analytic functions that the maps hold."""

import logging

import numpy as np
import pytest
from astropy import units as u
from numpy.testing import assert_allclose, assert_array_equal

from geminga.datasets import MapDataset
from geminga.errors import GeometryError, UnitError
from geminga.irf import EDispKernelMap, EDispMap, PSFMap, RecoPSFMap
from geminga.makers import DatasetsMaker, MapDatasetMaker
from geminga.maps import Map, MapAxis, WcsGeom
from geminga.units import TRANSIT

from .conftest import SOURCE

LIVETIME = 950 * u.s  # 1000 s of on-time


def geom_of(axes, binsz, width=4.0, skydir=SOURCE):
    return WcsGeom.create(skydir=skydir, width=width, binsz=binsz, axes=axes, proj="CAR", frame="icrs")


def plane(geom):
    """Return a function linear in the position, 1 at the source."""
    coords = geom.to_image().get_coord()
    return 1 + 0.1 * (coords.lon.to_value("deg") - 83.63) + 0.05 * (coords.lat.to_value("deg") - 22.01)


@pytest.fixture
def axis():
    return MapAxis.from_energy_bounds("1 TeV", "16 TeV", nbin=4, name="energy")


@pytest.fixture
def axis_true():
    return MapAxis.from_energy_bounds("0.5 TeV", "32 TeV", nbin=12, name="energy_true")


@pytest.fixture
def irfs(axis, axis_true):
    aeff_geom, bkg_geom = geom_of([axis_true], 0.5), geom_of([axis], 0.1)
    aeff = np.log10(axis_true.center.to_value("TeV") / 0.1).reshape(-1, 1, 1) * plane(aeff_geom)
    kernel = EDispKernelMap.from_gauss(axis, axis_true, sigma=0.3, bias=0.0, geom=geom_of(None, 1.0))
    psf = RecoPSFMap.from_gauss(axis, sigma="0.2 deg", geom=geom_of(None, 1.0))
    return {
        "aeff": Map.from_geom(aeff_geom, data=1e9 * aeff, unit="m2 s"),
        "bkg": Map.from_geom(bkg_geom, data=np.array([8, 4, 2, 1]).reshape(4, 1, 1) * plane(bkg_geom)),
        "psf": psf,
        "edisp": kernel,
    }


@pytest.fixture
def empty(axis, axis_true):
    geom = geom_of([axis], 0.05, width=2)
    return MapDataset.create(geom, energy_axis_true=axis_true, binsz_irf="0.5 deg", reco_psf=True, name="map")


@pytest.fixture
def observe(make_observation):
    def make(irfs, **kwargs):
        return make_observation(irfs=irfs, livetime=LIVETIME, **kwargs)

    return make


def test_exposure_is_interpolated(empty, irfs, observe, axis_true):
    observation = observe(irfs)
    dataset = MapDatasetMaker().run(empty, observation)
    expected = 1e9 * np.log10(axis_true.center.value / 0.1).reshape(-1, 1, 1) * plane(empty.counts.geom)
    assert_allclose(dataset.exposure.quantity.to_value("m2 s"), expected, rtol=5e-5)
    assert_allclose(dataset.exposure.meta["livetime"].to_value("s"), 950)


def test_between_energies_linear_in_the_logarithm(irfs, observe):
    other = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=5, name="energy_true")
    geom = geom_of([other], 0.2, width=1)
    exposure = MapDatasetMaker().make_exposure(geom, observe(irfs))
    expected = 1e9 * np.log10(other.center.value / 0.1).reshape(-1, 1, 1) * plane(geom)
    assert_allclose(exposure.quantity.to_value("m2 s"), expected, rtol=5e-5)


def test_per_transit_is_multiplied_by_sidereal_days(empty, irfs, observe):
    plain = MapDatasetMaker().run(empty, observe(irfs))
    aeff, bkg = irfs["aeff"], irfs["bkg"]
    scaled = irfs | {
        "aeff": Map.from_geom(aeff.geom, data=aeff.data, unit=u.Unit("m2 s") / TRANSIT),
        "bkg": Map.from_geom(bkg.geom, data=bkg.data, unit=TRANSIT**-1),
    }
    dataset = MapDatasetMaker().run(empty, observe(scaled))
    days = 1000 / 86164.0905
    assert_allclose(dataset.exposure.data, plain.exposure.data * days, rtol=1e-6)
    assert_allclose(dataset.background.data, plain.background.data * days, rtol=1e-6)
    assert dataset.exposure.unit == "m2 s"


def test_background_counts_are_preserved(empty, irfs, observe):
    """Pixels of a quarter of the area get a quarter of the counts."""
    dataset = MapDatasetMaker().run(empty, observe(irfs))
    expected = np.array([8, 4, 2, 1]).reshape(4, 1, 1) / 4 * plane(empty.counts.geom)
    assert_allclose(
        dataset.background.data, np.broadcast_to(expected, dataset.background.data.shape), rtol=1e-4
    )


@pytest.mark.parametrize("n_bins", [1, 2, 3, 9])
def test_background_counts_are_preserved_in_other_energy_bins(n_bins, empty, irfs, observe):
    """Counts per bin fall by two: as a density they would be far off in wide bins."""
    whole = MapDatasetMaker().run(empty, observe(irfs)).background
    low, high = whole.geom.axes["energy"].edges[[0, -1]]
    geom = whole.geom.to_image().to_cube([MapAxis.from_energy_bounds(low, high, nbin=n_bins)])
    background = MapDatasetMaker().make_background(geom, observe(irfs))
    assert_allclose(background.data.sum(axis=0), whole.data.sum(axis=0), rtol=1e-6)
    if n_bins == 2:
        assert_allclose(background.data[0], whole.data[:2].sum(axis=0), rtol=1e-6)


def test_empty_energies_of_the_background_stay_empty(empty, irfs, observe):
    irfs["bkg"].data[3] = 0
    assert_array_equal(MapDatasetMaker().run(empty, observe(irfs)).background.data[3], 0)


def test_negative_background_is_set_to_zero_and_logged(empty, irfs, observe, caplog):
    irfs["bkg"].data[2] *= -1
    with caplog.at_level(logging.WARNING, logger="geminga"):
        background = MapDatasetMaker().run(empty, observe(irfs)).background
    assert "background of observation 1 has negative values" in caplog.text
    assert_array_equal(background.data[2], 0)
    assert background.data[1].min() > 0


def test_background_density(empty, irfs, observe):
    bkg = irfs["bkg"]
    density = Map.from_geom(bkg.geom, data=np.ones(bkg.data.shape) * 1e-3, unit="GeV-1 deg-2")
    dataset = MapDatasetMaker().run(empty, observe(irfs | {"bkg": density}))
    geom = dataset.counts.geom
    width = geom.axes["energy"].bin_width.to_value("GeV").reshape(-1, 1, 1)
    assert_allclose(
        dataset.background.data, 1e-3 * width * geom.to_image().solid_angle().to_value("deg2"), rtol=1e-6
    )


def test_energy_dispersion_and_psf(empty, irfs, observe):
    dataset = MapDatasetMaker().run(empty, observe(irfs))
    kernel = dataset.edisp.get_edisp_kernel(position=SOURCE).pdf_matrix
    assert_allclose(kernel, irfs["edisp"].get_edisp_kernel(position=SOURCE).pdf_matrix, atol=1e-9)
    assert type(dataset.psf) is RecoPSFMap
    energy = empty.counts.geom.axes["energy"].center
    radius = dataset.psf.containment_radius(0.68, energy=energy, position=SOURCE).to_value("deg")
    assert_allclose(radius, 0.2 * np.sqrt(-2 * np.log(0.32)), rtol=0.01)
    aeff = np.log10(energy.to_value("TeV") / 0.1).reshape(-1, 1, 1, 1)
    expected = 1e9 * aeff * plane(dataset.psf.psf_map.geom)
    assert_allclose(dataset.psf.exposure_map.quantity.to_value("m2 s"), expected, rtol=1e-6)
    assert dataset.edisp.exposure_map.data.min() > 0


def test_probabilities_move_to_other_energies_without_loss(irfs, observe, axis_true):
    """A bin that ends inside an old one takes the part of its logarithmic width; merged bins add up."""
    old = irfs["edisp"].get_edisp_kernel(position=SOURCE).pdf_matrix
    observation = observe(irfs)
    for edges, expected in [
        ([1, 4, 16], np.stack([old[:, :2].sum(axis=1), old[:, 2:].sum(axis=1)], axis=1)),
        ([1, np.sqrt(2), 16], np.stack([0.5 * old[:, 0], old.sum(axis=1) - 0.5 * old[:, 0]], axis=1)),
    ]:
        axis = MapAxis.from_energy_edges(edges * u.TeV, name="energy")
        made = MapDatasetMaker().make_edisp_kernel(geom_of([axis, axis_true], 0.5, width=1), observation)
        assert_allclose(made.edisp_map.data[:, :, 1, 1], expected, atol=1e-9)


def test_migra_and_true_energy_psf(irfs, observe, axis, axis_true):
    migra = MapAxis.from_edges(np.linspace(0.2, 2, 37), name="migra")
    edisp = EDispMap.from_diagonal_response(axis_true, migra_axis=migra)
    psf = PSFMap.from_gauss(axis_true, sigma="0.2 deg", geom=geom_of(None, 1.0))
    observation = observe(irfs | {"edisp": edisp, "psf": psf})
    empty = MapDataset.create(
        geom_of([axis], 0.1, width=1), energy_axis_true=axis_true, migra_axis=migra, binsz_irf="0.5 deg"
    )
    dataset = MapDatasetMaker().run(empty, observation)
    mass = (dataset.edisp.edisp_map.data * migra.bin_width.value.reshape(-1, 1, 1)).sum(axis=1)
    assert_allclose(mass, 1, rtol=1e-6)
    assert type(dataset.psf) is PSFMap
    assert_allclose(dataset.psf.exposure_map.data[:, 0], dataset.edisp.exposure_map.data[:, 0])


def test_fitting_axes_are_asked_for(irfs, observe, axis, axis_true):
    empty = MapDataset.create(geom_of([axis], 0.1, width=1), energy_axis_true=axis_true)
    with pytest.raises(GeometryError, match="reco_psf=True"):
        MapDatasetMaker().run(empty, observe(irfs))


def test_partial_coverage_is_logged_and_none_refused(irfs, observe, axis, axis_true, caplog):
    beside = SOURCE.directional_offset_by(90 * u.deg, 2.5 * u.deg)
    empty = MapDataset.create(
        geom_of([axis], 0.1, width=2, skydir=beside), energy_axis_true=axis_true, reco_psf=True
    )
    with caplog.at_level(logging.WARNING, logger="geminga"):
        dataset = MapDatasetMaker(selection=["exposure"]).run(empty, observe(irfs, obs_id=7))
    assert "exposure of observation 7 covers 2" in caplog.text
    assert np.mean(dataset.exposure.data > 0) == pytest.approx(0.25, abs=0.03)
    away = geom_of([axis_true], 0.1, width=1, skydir=SOURCE.directional_offset_by(0 * u.deg, 9 * u.deg))
    with pytest.raises(GeometryError, match="must cover a part"):
        MapDatasetMaker().make_exposure(away, observe(irfs))


def test_units_are_checked(irfs, observe, empty):
    wrong = irfs | {"aeff": Map.from_geom(irfs["aeff"].geom, unit="m2")}
    with pytest.raises(UnitError, match="per transit"):
        MapDatasetMaker().run(empty, observe(wrong))
    wrong = irfs | {"bkg": Map.from_geom(irfs["bkg"].geom, unit="s-1")}
    with pytest.raises(UnitError, match="per transit"):
        MapDatasetMaker().run(empty, observe(wrong))


def test_observations_with_maps_stack(empty, irfs, observe):
    observations = [observe(irfs, obs_id=i + 1, seed=i) for i in range(2)]
    (stacked,) = DatasetsMaker([MapDatasetMaker()]).run(empty, observations)
    one = MapDatasetMaker().run(empty, observations[0])
    assert_allclose(stacked.exposure.data, 2 * one.exposure.data, rtol=1e-6)
    assert_allclose(stacked.background.data, 2 * one.background.data, rtol=1e-6)
    assert_allclose(stacked.edisp.edisp_map.data, one.edisp.edisp_map.data, atol=1e-6)
    assert_allclose(stacked.psf.psf_map.quantity, one.psf.psf_map.quantity, rtol=1e-5)
