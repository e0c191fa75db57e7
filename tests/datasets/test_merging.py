"""Datasets on the geometry of others."""

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord

from geminga.datasets import Datasets, MapDataset, utils
from geminga.datasets.merging import (
    create_global_dataset,
    create_map_dataset_from_dl4,
    get_nearest_valid_exposure_position,
)
from geminga.errors import DataError, GeometryError
from geminga.irf import PSFMap
from geminga.maps import Map, MapAxis, RegionGeom, WcsGeom

NARROW = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=4)
WIDE = MapAxis.from_energy_bounds("0.5 TeV", "20 TeV", nbin=6)


@pytest.fixture
def datasets():
    one = WcsGeom.create(skydir=(83, 22), npix=20, binsz=0.1, axes=[NARROW])
    two = WcsGeom.create(skydir=(84.5, 22.5), npix=20, binsz=0.1, axes=[WIDE])
    return Datasets([MapDataset.create(geom, name=name) for geom, name in ((one, "one"), (two, "two"))])


def test_fewer_bins_than_decades():
    axis = MapAxis.from_energy_bounds("1 TeV", "1000 TeV", nbin=1)
    wide = MapDataset.create(WcsGeom.create(npix=4, binsz=0.1, axes=[axis]))
    assert create_global_dataset(Datasets([wide])).counts.geom.axes["energy"].nbin == 3


def test_it_covers_all(datasets):
    dataset = create_global_dataset(datasets, name="all")
    # oracle: peer 2.1, 35 pixels around (83.7, 22.3), energies from 0.5 to 20 TeV in 7 bins; a square there
    assert dataset.name == "all"
    assert dataset.counts.geom.axes["energy"].nbin == 7
    assert dataset.exposure.geom.axes["energy_true"].nbin == 7
    np.testing.assert_allclose(dataset.counts.geom.axes["energy"].edges[[0, -1]].to_value("TeV"), [0.5, 20])
    assert dataset.counts.geom.center_skydir.separation(SkyCoord(83.74, 22.25, unit="deg")) < 0.1 * u.deg
    assert 33 <= dataset.data_shape[2] <= 37
    assert 24 <= dataset.data_shape[1] <= 28
    for part in datasets:
        assert np.all(dataset.counts.geom.to_image().contains(part.counts.geom.to_image().get_coord()))


def test_choices(datasets):
    dataset = create_global_dataset(
        datasets, position=SkyCoord(83, 22, unit="deg"), binsz="0.2 deg", width="2 deg", energy_min="1 TeV",
        energy_max="10 TeV", energy_true_min="0.1 TeV", energy_true_max="100 TeV", nbin_per_decade=3,
    )  # fmt: skip
    assert dataset.data_shape == (3, 10, 10)
    assert dataset.exposure.geom.axes["energy_true"].nbin == 9
    with pytest.raises(GeometryError, match="WCS"):
        create_global_dataset(Datasets([MapDataset.create(RegionGeom.create(None, axes=[NARROW]))]))


def test_nearest_exposure():
    geom = WcsGeom.create(skydir=(83, 22), npix=(11, 11), binsz=1, axes=[WIDE.copy(name="energy_true")])
    exposure = Map.from_geom(geom, unit="m2 s")
    exposure.data[3, 5, 8] = 1
    found = get_nearest_valid_exposure_position(exposure)
    lon, lat = geom.to_image().pix_to_coord((8, 5))
    assert found.separation(SkyCoord(lon, lat)) < 1e-6 * u.deg
    exposure.data[0] = 1
    assert get_nearest_valid_exposure_position(exposure).separation(geom.center_skydir) < 1e-6 * u.deg
    assert utils.get_nearest_valid_exposure_position is get_nearest_valid_exposure_position


def test_level_four(datasets):
    data = datasets["two"]
    data.exposure.data += np.arange(1, 7).reshape(6, 1, 1) * 1e10
    data.psf = PSFMap.from_gauss(data.exposure.geom.axes["energy_true"], sigma="0.1 deg")
    dataset = create_map_dataset_from_dl4(data, name="new")
    assert dataset.name == "new"
    assert dataset.mask_safe.data.all()
    assert dataset.background.data.sum() == 0
    assert dataset.exposure is data.exposure
    true = MapAxis.from_energy_bounds("0.6 TeV", "15 TeV", nbin=9, name="energy_true")
    finer = create_map_dataset_from_dl4(data, energy_axis_true=true)
    assert finer.exposure.data.shape == (9, 20, 20)
    assert finer.psf.psf_map.geom.axes["energy_true"] == true
    assert finer.edisp.edisp_map.geom.axes["energy_true"] == true
    np.testing.assert_allclose(
        finer.psf.psf_map.data, data.psf.psf_map.data[:1] * np.ones((9, 1, 1, 1)), rtol=1e-5
    )
    with pytest.raises(GeometryError, match="counts"):
        create_map_dataset_from_dl4(data, geom=datasets["one"].counts.geom)
    with pytest.raises(DataError, match="MapDatasetMaker"):
        create_map_dataset_from_dl4("file")
