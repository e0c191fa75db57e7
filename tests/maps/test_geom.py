"""What all geometries have in common."""

import numpy as np
import pytest
from astropy import units as u
from numpy.testing import assert_array_equal

from geminga.errors import UnitError, UnknownNameError
from geminga.maps import Geom, MapAxis, RegionGeom, WcsGeom

ENERGY = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=3)
RAD = MapAxis.from_bounds(0, 1, 4, unit="deg", name="rad")
GEOMS = [
    WcsGeom.create(npix=(4, 3), axes=[ENERGY, RAD]),
    RegionGeom.create("icrs;circle(83,22,0.5)", axes=[ENERGY, RAD]),
]


@pytest.fixture(params=GEOMS, ids=["wcs", "region"])
def geom(request):
    return request.param


def test_attributes(geom):
    assert geom.axes_names == ["lon", "lat", "energy", "rad"]
    assert geom.ndim == 4
    assert not geom.is_image
    assert not geom.is_flat
    assert geom.to_image().is_image
    assert geom.has_energy_axis
    assert geom.as_energy_true.axes.names == ["energy_true", "rad"]
    assert geom.as_energy_true.as_energy_true == geom.as_energy_true
    assert all(isinstance(n, int) for n in geom.data_shape)
    n = np.prod(geom.data_shape)
    assert geom.data_nbytes() == n * 4e-6 * u.Mbyte
    assert geom.data_nbytes("float64") == n * 8e-6 * u.Mbyte


def test_new_geometries(geom):
    assert geom.drop("rad").axes.names == ["energy"]
    assert geom.squash("rad").axes.shape == (3, 1)
    assert geom.to_image().to_cube([RAD]).axes.names == ["rad"]
    assert geom.rename_axes("rad", "r").axes.names == ["energy", "r"]
    assert geom.replace_axis(RAD.upsample(2)).axes.shape == (3, 8)
    assert geom.resample_axis(MapAxis.from_energy_edges([1, 4, 10] * u.TeV)).axes.shape == (2, 4)
    assert geom.slice_by_idx({"energy": slice(0, 2), "rad": 0}).axes.shape == (2,)
    assert geom.pad(1, axis_name="energy").axes.shape == (5, 4)
    assert geom.upsample(2, axis_name="energy").axes.shape == (6, 4)
    assert geom.downsample(3, axis_name="energy").axes.shape == (1, 4)
    assert geom.copy() == geom
    assert geom.copy(axes=[RAD]).axes.names == ["rad"]


def test_pixels_and_indices(geom):
    idx = geom.coord_to_idx((*geom.center_coord[:2], 5 * u.TeV, 0.3 * u.deg))
    assert [int(i[0]) for i in idx[2:]] == [2, 1]
    pix = geom.coord_to_pix(geom.center_coord)
    np.testing.assert_allclose(np.ravel(pix), geom.center_pix, atol=1e-9)
    assert geom.contains_pix(geom.center_pix).all()
    assert not geom.contains_pix((*geom.center_pix[:3], 9.0)).any()
    clipped = geom.coord_to_idx((*geom.center_coord[:2], 50 * u.TeV, -3 * u.deg), clip=True)
    assert [int(i[0]) for i in clipped[2:]] == [2, 0]


def test_energy_mask(geom):
    """Bins count only if they lie fully inside."""
    mask = geom.energy_mask("2 TeV", "10 TeV")
    assert mask.is_mask
    assert_array_equal(mask.data.any(axis=(0, 2, 3)), [False, True, True])
    assert_array_equal(geom.energy_mask(energy_max=5 * u.TeV).data[0, :, 0, 0], [True, True, False])
    # oracle: peer 2.1, energy_mask(2 TeV, round_to_edge=True)
    assert_array_equal(geom.energy_mask(2 * u.TeV, round_to_edge=True).data[0, :, 0, 0], [False, True, True])
    assert_array_equal(
        geom.energy_mask(1.5 * u.TeV, round_to_edge=True).data[0, :, 0, 0], [False, True, True]
    )
    assert geom.energy_mask().data.all()
    assert geom.as_energy_true.energy_mask("2 TeV").data.sum() == mask.data.sum()


def test_mask_along_any_axis(geom):
    assert_array_equal(
        geom.create_mask("rad", 0.25 * u.deg, "0.75 deg").data[:, 0, 0, 0], [False, True, True, False]
    )
    with pytest.raises(UnknownNameError):
        geom.create_mask("time", 1 * u.s)
    with pytest.raises(UnknownNameError, match="energy"):
        geom.to_image().energy_mask("1 TeV")
    with pytest.raises(UnitError):
        geom.energy_mask(1 * u.m)


def test_masks_with_a_limit_for_each_pixel():
    geom = GEOMS[0].drop("rad")
    limits = np.full((3, 4), 1.0)
    limits[0, 0] = 4
    mask = geom.energy_mask(energy_min=limits * u.TeV)
    assert_array_equal(mask.data[:, 0, 0], [False, False, True])
    assert mask.data[:, 1, 1].all()


def test_comparison(geom):
    other = GEOMS[1] if geom is GEOMS[0] else GEOMS[0]
    assert geom != other
    assert geom != 3
    assert geom != geom.drop("rad")
    with pytest.raises(TypeError):
        geom.is_allclose(other)


def test_bands(geom):
    hdu = geom.to_bands_hdu()
    assert hdu.name == "BANDS"
    assert len(hdu.data) == 12


def test_repr(geom):
    assert "'rad'" in repr(geom)
    assert "<pre>" in geom._repr_html_()


def test_geometries_are_made_by_their_kinds():
    with pytest.raises(TypeError, match="abstract"):
        Geom()
