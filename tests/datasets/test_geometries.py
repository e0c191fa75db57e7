"""Geometries that go with that of the counts."""

import pytest
from astropy import units as u

from geminga.datasets import MapDataset, create_map_dataset_geoms
from geminga.errors import GemingaError
from geminga.maps import MapAxis, WcsGeom


@pytest.fixture
def cube_geom():
    return WcsGeom.create(
        skydir=(83, 22), width=2, binsz=0.1, axes=[MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=3)]
    )


def test_defaults(cube_geom):
    geoms = create_map_dataset_geoms(cube_geom)
    # oracle: peer 2.1
    assert geoms["geom_exposure"].data_shape == (3, 20, 20)
    assert geoms["geom_psf"].data_shape == (3, 66, 10, 10)
    assert geoms["geom_edisp"].data_shape == (3, 3, 10, 10)
    rad = geoms["geom_psf"].axes["rad"]
    assert rad.edges[-1].to_value("deg") == pytest.approx(0.66)
    assert geoms["geom_edisp"].axes.names == ["energy", "energy_true"]


def test_other_axes(cube_geom):
    migra = MapAxis.from_bounds(0.2, 5, nbin=48, node_type="edges", name="migra")
    geoms = create_map_dataset_geoms(cube_geom, migra_axis=migra, reco_psf=True, binsz_irf="0.5 deg")
    assert geoms["geom_edisp"].axes.names == ["migra", "energy_true"]
    assert geoms["geom_psf"].axes.names == ["rad", "energy"]
    assert geoms["geom_edisp"].data_shape == (3, 48, 4, 4)
    with pytest.raises(GemingaError):
        create_map_dataset_geoms(cube_geom, binsz_irf="1 TeV")


def test_true_energy_must_be_named_so(cube_geom):
    with pytest.raises(ValueError, match="energy_true"):
        create_map_dataset_geoms(cube_geom, energy_axis_true=cube_geom.axes["energy"])


def test_create(cube_geom):
    dataset = MapDataset.create(cube_geom, name="cube", reco_psf=True)
    assert dataset.psf.psf_map.geom.axes.names == ["rad", "energy"]
    assert dataset.psf.exposure_map.unit == u.Unit("m2 s")
    assert dataset.counts.data.dtype == "float32"
    assert not dataset.mask_safe.data.any()
    assert set(dataset.geoms) == {"geom", "geom_exposure", "geom_psf", "geom_edisp"}
