"""Datasets with bins that suit the responses."""

import tracemalloc

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from numpy.testing import assert_allclose

from geminga.datasets import create_empty_map_dataset_from_irfs, create_map_dataset_from_observation
from geminga.errors import DataError
from geminga.maps import Map, MapAxis
from geminga.modeling.models import FoVBackgroundModel, PointSpatialModel, PowerLawSpectralModel, SkyModel

ENERGY = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=4)
TRUE = MapAxis.from_energy_bounds("0.5 TeV", "20 TeV", nbin=6, name="energy_true")
BINS = {"energy_axis": ENERGY, "energy_axis_true": TRUE, "spatial_width": 2 * u.deg}


def test_bins_follow_the_resolution(two_hours):
    dataset = create_empty_map_dataset_from_irfs(two_hours, spatial_width="1 deg")
    assert dataset.name == "obs_5"
    energy = dataset.counts.geom.axes["energy"]
    per_decade = energy.nbin / np.log10(energy.edges[-1] / energy.edges[0]).value
    # the resolution is 9% to 40%; half of the median deviation cuts the best ones
    assert 2 / 0.4 < per_decade < 2 / 0.09
    assert_allclose(
        energy.edges[[0, -1]].to_value("TeV"), two_hours.bkg.axes["energy"].bounds.to_value("TeV")
    )
    true = dataset.exposure.geom.axes["energy_true"]
    assert_allclose(true.edges[[0, -1]], two_hours.aeff.axes["energy_true"].bounds)
    pixel = dataset.counts.geom.pixel_scales.to_value("deg")
    psf = two_hours.psf
    radii = psf.containment_radius(0.68, energy_true=psf.axes["energy_true"].edges, offset=0 * u.deg)
    assert radii.min().to_value("deg") <= pixel[0] <= np.median(radii.to_value("deg"))
    assert "migra" in dataset.edisp.edisp_map.geom.axes.names
    assert dataset.counts.geom.center_skydir.separation(SkyCoord(83.63, 22.51, unit="deg")) < 1e-6 * u.deg


def test_limits_and_choices(two_hours):
    coarse = create_empty_map_dataset_from_irfs(
        two_hours, energy_bin_per_decade_max=3, spatial_bin_size_min="0.5 deg", spatial_width_max="3 deg"
    )
    energy = coarse.counts.geom.axes["energy"]
    assert energy.nbin == np.ceil(3 * np.log10(energy.edges[-1] / energy.edges[0]).value)
    assert_allclose(coarse.counts.geom.pixel_scales.to_value("deg"), 0.5)
    assert_allclose(coarse.counts.geom.width.to_value("deg").ravel(), 3)
    place = SkyCoord(84, 22, unit="deg")
    chosen = create_empty_map_dataset_from_irfs(
        two_hours, dataset_name="mine", position=place, frame="galactic", spatial_bin_size="0.1 deg", **BINS
    )
    assert chosen.name == "mine"
    assert chosen.counts.geom.frame == "galactic"
    assert chosen.counts.geom.data_shape == (4, 20, 20)
    assert chosen.exposure.geom.axes["energy_true"] == TRUE
    assert chosen.counts.geom.center_skydir.separation(place) < 1e-6 * u.deg
    assert not chosen.mask_safe.data.any()


def test_responses_are_filled_in(two_hours):
    source = SkyModel(
        PowerLawSpectralModel(), PointSpatialModel(lon_0="83.63 deg", lat_0="22.01 deg"), name="crab"
    )
    dataset = create_map_dataset_from_observation(
        two_hours, models=source, **BINS, spatial_bin_size="0.1 deg"
    )
    assert dataset.models.names == ["crab", "obs_5-bkg"]
    assert isinstance(dataset.background_model, FoVBackgroundModel)
    assert dataset.counts.data.sum() == 0
    assert dataset.mask_safe.data.all()
    assert dataset.exposure.meta["livetime"].to_value("s") == pytest.approx(6480)
    area = two_hours.aeff.evaluate(energy_true=TRUE.center, offset=0 * u.deg)
    at_centre = dataset.exposure.get_by_coord(
        {"skycoord": two_hours.get_pointing_icrs(None), "energy_true": TRUE.center}
    )
    assert_allclose(at_centre.ravel(), area.to_value("m2").ravel() * 6480, rtol=0.01)
    assert dataset.background.data.sum() > 1000
    assert dataset.meta.obs_info.obs_id == 5
    assert dataset.npred().data.sum() > dataset.background.data.sum()
    with_own = create_map_dataset_from_observation(
        two_hours, models=[FoVBackgroundModel(dataset_name="obs_5", name="own")], **BINS
    )
    assert with_own.models.names == ["own"]


def test_responses_that_are_missing(two_hours):
    plain = two_hours.copy(in_memory=True)
    plain.psf = plain.bkg = plain.edisp = None
    dataset = create_map_dataset_from_observation(plain, **BINS)
    assert dataset.psf is None
    assert dataset.edisp is None
    assert dataset.background is None or not dataset.background.data.any()
    assert len(dataset.models) == 0
    plain.aeff = None
    with pytest.raises(DataError, match="effective area"):
        create_empty_map_dataset_from_irfs(plain)


def test_arrays_of_the_responses_are_made_once(two_hours):
    """The energy dispersion is by far the largest array; at most two of its size are there at the same time."""
    bins = {"spatial_width": "6 deg", "spatial_bin_size": "0.2 deg", "energy_bin_per_decade_max": 10}
    create_map_dataset_from_observation(two_hours, **BINS)
    tracemalloc.start()
    dataset = create_map_dataset_from_observation(two_hours, **bins)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    kept = sum(
        part.data.nbytes
        for part in (dataset.counts, dataset.background, dataset.exposure, dataset.psf.psf_map)
    )
    assert peak < 2.3 * dataset.edisp.edisp_map.data.nbytes + 2 * kept
    assert_allclose(
        create_empty_map_dataset_from_irfs(two_hours, **bins).geoms["geom_edisp"].data_shape,
        dataset.edisp.edisp_map.data.shape,
    )


def test_responses_that_are_maps_are_refused(two_hours):
    other = two_hours.copy(in_memory=True)
    other.aeff = Map.create(skydir=(83.6, 22), width=4, binsz=0.5, axes=[TRUE], unit="m2 s")
    with pytest.raises(DataError, match="must be tables"):
        create_map_dataset_from_observation(other)
