"""Tiles of a dataset."""

import numpy as np
import pytest
from astropy import units as u
from numpy.testing import assert_allclose

from geminga.datasets import MapDataset, split_dataset
from geminga.errors import GeometryError
from geminga.maps import MapAxis, WcsGeom
from geminga.modeling.models import PowerLawSpectralModel, SkyModel


@pytest.fixture
def cube():
    geom = WcsGeom.create(
        skydir=(83, 22),
        width=(2.2, 2),
        binsz=0.1,
        axes=[MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=2)],
    )
    dataset = MapDataset.from_geoms(geom, name="cube")
    dataset.counts.data = np.random.default_rng(0).poisson(2, size=dataset.data_shape).astype(float)
    return dataset


@pytest.mark.parametrize(
    ("width", "margin"), [("1 deg", "0.2 deg"), (0.7 * u.deg, 0 * u.deg), ("5 deg", "1 deg")]
)
def test_each_pixel_is_fitted_once(cube, width, margin):
    tiles = split_dataset(cube, width=width, margin=margin)
    assert sum(tile.mask_fit.data.sum() for tile in tiles) == cube.counts.data.size
    assert_allclose(sum(tile.counts.data[tile.mask_fit.data].sum() for tile in tiles), cube.counts.data.sum())
    assert tiles.names == [f"cube-{i}" for i in range(len(tiles))]


def test_margin(cube):
    tiles = split_dataset(cube, width="1 deg", margin="0.2 deg")
    assert tiles[0].counts.data.shape == (2, 12, 12)
    assert tiles[0].mask_fit.data[0, :10, :10].all()
    assert not tiles[0].mask_fit.data[0, 10:].any()


def test_fit_mask_and_models_are_kept(cube):
    cube.mask_fit = cube.counts.geom.energy_mask("3 TeV")
    cube.models = SkyModel(PowerLawSpectralModel(), name="source")
    tiles = split_dataset(cube, width="1 deg", margin="0 deg")
    assert sum(tile.mask_fit.data.sum() for tile in tiles) == cube.mask_fit.data.sum()
    assert tiles.models.names == ["source"]


def test_spectra_cannot_be_split(spectrum):
    with pytest.raises(GeometryError, match="WCS"):
        split_dataset(spectrum, "1 deg", "0 deg")
