"""Stacking weighted with the exposure, against plain sums."""

import numpy as np
import pytest
from astropy.coordinates import SkyCoord

from geminga.errors import AxisMismatchError, DataError, GeometryError
from geminga.irf import PSFMap
from geminga.maps import Map, WcsGeom


def other_map(psf_map, seed=5):
    rng = np.random.default_rng(seed)
    other = psf_map.copy()
    other.psf_map.data = rng.uniform(1, 2, other.psf_map.data.shape)
    other.exposure_map.data = rng.uniform(1, 2, other.exposure_map.data.shape)
    return other


def test_weighted_mean(psf_map):
    other = other_map(psf_map)
    stacked = psf_map.copy()
    stacked.stack(other)
    e1, e2 = psf_map.exposure_map.data, other.exposure_map.data
    expected = (e1 * psf_map.psf_map.data + e2 * other.psf_map.data) / (e1 + e2)
    np.testing.assert_allclose(stacked.psf_map.data, expected)
    np.testing.assert_allclose(stacked.exposure_map.data, e1 + e2)
    # without own exposure the other one counts alone
    np.testing.assert_allclose(stacked.psf_map.data[..., 0], other.psf_map.data[..., 0])


def test_order_does_not_matter(psf_map):
    maps = [other_map(psf_map, seed) for seed in range(3)]
    forward, backward = PSFMap.from_geom(psf_map.psf_map.geom), PSFMap.from_geom(psf_map.psf_map.geom)
    for item in maps:
        forward.stack(item)
    for item in maps[::-1]:
        backward.stack(item)
    np.testing.assert_allclose(forward.psf_map.data, backward.psf_map.data, rtol=1e-5)


def test_units(psf_map):
    other = other_map(psf_map)
    stacked = psf_map.copy()
    stacked.stack(PSFMap(other.psf_map.to_unit("deg-2"), other.exposure_map.to_unit("cm2 s")))
    expected = psf_map.copy()
    expected.stack(other)
    np.testing.assert_allclose(stacked.psf_map.data, expected.psf_map.data)
    np.testing.assert_allclose(stacked.exposure_map.data, expected.exposure_map.data)


def test_weights_image_and_cube(psf_map):
    other = other_map(psf_map)
    image = psf_map.psf_map.geom.to_image()
    mask = Map.from_geom(image, data=np.arange(20).reshape(4, 5) % 2 == 0)
    cube = Map.from_geom(
        image.to_cube([psf_map.psf_map.geom.axes["energy_true"]]),
        data=np.broadcast_to(mask.data, (3, 4, 5)).copy(),
    )
    for weights in (mask, cube):
        stacked = psf_map.copy()
        stacked.stack(other, weights=weights)
        e1, e2 = psf_map.exposure_map.data, other.exposure_map.data * mask.data
        total = np.where(e1 + e2 > 0, e1 + e2, 1)
        expected = np.where(e1 + e2 > 0, (e1 * psf_map.psf_map.data + e2 * other.psf_map.data) / total, 0)
        np.testing.assert_allclose(stacked.psf_map.data, expected)


def test_cutout_touches_only_its_pixels(psf_map):
    wide = WcsGeom.create(npix=(15, 14), binsz=0.5, skydir=(83, 22), axes=psf_map.psf_map.geom.axes)
    stacked = PSFMap.from_geom(wide)
    stacked.psf_map.data[...] = 7.0
    part = stacked.cutout(SkyCoord(82, 22.5, unit="deg"), "1.5 deg")
    part.psf_map.data[...] = 3.0
    part.exposure_map.data[...] = 2.0
    stacked.stack(part)
    assert (stacked.psf_map.data == 3).sum() == part.psf_map.data.size
    assert (stacked.psf_map.data == 7).sum() == stacked.psf_map.data.size - part.psf_map.data.size
    assert stacked.exposure_map.data.sum() == 2 * part.exposure_map.data.size


def test_weights_of_a_cutout_that_reaches_over_the_edge(psf_map):
    grid = WcsGeom.create(npix=(12, 12), binsz=0.5, skydir=(83, 22), axes=psf_map.psf_map.geom.axes)
    parent = PSFMap.from_geom(grid.cutout(SkyCoord(83, 22, unit="deg"), "3 deg"))
    other = PSFMap.from_geom(grid.cutout(SkyCoord(81.5, 23.5, unit="deg"), "3 deg"))
    other.psf_map.data[...], other.exposure_map.data[...] = 3.0, 2.0
    weights = Map.from_geom(other.psf_map.geom.to_image(), data=True, dtype=bool)
    weights.data[:, 0] = False
    stacked, plain = parent.copy(), parent.copy()
    stacked.stack(other, weights=weights)
    plain.stack(other)
    added = plain.exposure_map.data > 0
    assert 0 < added.sum() < added.size
    kept = stacked.exposure_map.data > 0
    assert 0 < kept.sum() < added.sum()
    np.testing.assert_array_equal(
        stacked.psf_map.data, 3.0 * np.broadcast_to(kept, stacked.psf_map.data.shape)
    )


def test_no_overlap_changes_nothing(psf_map):
    wide = PSFMap.from_geom(
        WcsGeom.create(npix=(45, 44), binsz=0.5, skydir=(83, 22), axes=psf_map.psf_map.geom.axes)
    )
    stacked = wide.cutout(SkyCoord(83, 22, unit="deg"), "2 deg")
    stacked.psf_map.data[...] = 7.0
    other = wide.cutout(SkyCoord(76, 15, unit="deg"), "2 deg")
    other.exposure_map.data[...] = 1
    stacked.stack(other)
    assert (stacked.psf_map.data == 7).all()
    assert not stacked.exposure_map.data.any()


def test_nan_counts_as_zero(psf_map):
    other = other_map(psf_map)
    other.psf_map.data[0, 0, 0, 1] = np.nan
    stacked = psf_map.copy()
    stacked.stack(other)
    e1, e2 = psf_map.exposure_map.data[0, 0, 0, 1], other.exposure_map.data[0, 0, 0, 1]
    np.testing.assert_allclose(
        stacked.psf_map.data[0, 0, 0, 1], e1 * psf_map.psf_map.data[0, 0, 0, 1] / (e1 + e2)
    )
    stacked.stack(other, nan_to_num=False)
    assert np.isnan(stacked.psf_map.data[0, 0, 0, 1])


def test_other_is_not_changed(psf_map):
    other = other_map(psf_map)
    before = other.psf_map.data.copy()
    psf_map.stack(other)
    assert (other.psf_map.data == before).all()


def test_regions(region_psf_map):
    other = other_map(region_psf_map)
    stacked = region_psf_map.copy()
    stacked.stack(other)
    e1, e2 = region_psf_map.exposure_map.data, other.exposure_map.data
    expected = (e1 * region_psf_map.psf_map.data + e2 * other.psf_map.data) / (e1 + e2)
    np.testing.assert_allclose(stacked.psf_map.data, expected)


def test_what_does_not_fit(psf_map, region_psf_map, edisp_map):
    with pytest.raises(DataError, match="exposure"):
        PSFMap(psf_map.psf_map).stack(psf_map)
    with pytest.raises(DataError, match="exposure"):
        psf_map.stack(PSFMap(psf_map.psf_map))
    with pytest.raises(AxisMismatchError, match="EDispMap"):
        psf_map.stack(edisp_map)
    with pytest.raises(AxisMismatchError, match="axes"):
        psf_map.stack(psf_map.slice_by_idx({"energy_true": slice(0, 2)}))
    with pytest.raises(GeometryError):
        psf_map.stack(region_psf_map)
    shifted = WcsGeom.create(npix=(5, 4), binsz=0.5, skydir=(83.1, 22), axes=psf_map.psf_map.geom.axes)
    other = PSFMap.from_geom(shifted)
    with pytest.raises(GeometryError, match="grid"):
        psf_map.stack(other)
