"""Maps on other geometries."""

import numpy as np
import pytest
from astropy import units as u
from numpy.testing import assert_allclose, assert_array_equal

from geminga.errors import AxisMismatchError, GeometryError, UnitError
from geminga.maps import Map, MapAxis, RegionGeom, RegionNDMap, WcsGeom
from geminga.maps.averaging import mean_over_pixels, refinement

ENERGY = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=3)
GEOM = WcsGeom.create(npix=(4, 3), binsz=0.5, axes=[ENERGY])
LARGER = WcsGeom.create(npix=(3, 2), binsz=0.6, axes=[ENERGY])
SMALLER = WcsGeom.create(npix=(8, 6), binsz=0.25, axes=[ENERGY])


@pytest.fixture
def ramp():
    data = np.arange(36.0).reshape(GEOM.data_shape) * 4 + 216
    return Map.from_geom(GEOM, data=data.astype("float32"), unit="s")


def test_interpolation(ramp):
    values = ramp.interp_to_geom(LARGER)
    # oracle: peer 2.1, interp_to_geom: linear in the pixels
    assert_allclose(values.data[0], [[223.6, 228.4, 233.2], [242.8, 247.6, 252.4]], rtol=1e-6)
    assert values.unit == "s"
    counts = ramp.interp_to_geom(LARGER, preserve_counts=True)
    assert_allclose(counts.data / values.data, 1.44, rtol=1e-4)


def test_interpolation_outside(ramp):
    wide = WcsGeom.create(npix=(9, 9), binsz=0.5, axes=[ENERGY])
    assert ramp.interp_to_geom(wide).data[0, 0, 0] == 0
    assert ramp.interp_to_geom(wide, fill_value=None).data[0, 0, 0] != 0


def test_interpolation_along_axes(ramp):
    finer = GEOM.upsample(2, axis_name="energy")
    assert ramp.interp_to_geom(finer, fill_value=None).data.shape == (6, 3, 4)
    image = ramp.sum_over_axes(keepdims=False)
    repeated = image.interp_to_geom(GEOM)
    assert_allclose(repeated.data[0], repeated.data[2])
    with pytest.raises(GeometryError, match="energy"):
        ramp.interp_to_geom(GEOM.to_image())


def test_interpolation_of_masks(ramp):
    mask = ramp > 300 * u.s
    assert mask.interp_to_geom(SMALLER).is_mask


def test_reprojection_keeps_means_and_sums(ramp):
    mean = ramp.reproject_to_geom(SMALLER)
    assert_allclose(mean.data.mean(), ramp.data.mean(), rtol=1e-6)
    assert_allclose(mean.data[0, ::2, ::2], ramp.data[0], rtol=1e-6)
    counts = ramp.reproject_to_geom(SMALLER, preserve_counts=True)
    assert_allclose(counts.data.sum(), ramp.data.sum(), rtol=1e-5)
    assert counts.unit == "s"
    image = ramp.reproject_to_geom(SMALLER.to_image())
    assert image.geom == SMALLER
    with pytest.raises(AxisMismatchError, match="energy"):
        ramp.reproject_to_geom(SMALLER.rename_axes("energy", "e"))
    with pytest.raises(GeometryError, match="without axes"):
        ramp.reproject_by_image(SMALLER)


def test_reprojection_to_a_region(ramp):
    region = RegionGeom.create("icrs;circle(0,0,0.6)", axes=[ENERGY])
    counts = ramp.reproject_to_geom(region, preserve_counts=True)
    inside = GEOM.to_image().region_mask([region.region]).data
    assert_allclose(counts.data.ravel(), (ramp.data * inside).sum(axis=(1, 2)), rtol=1e-6)


def test_averaging_is_a_loop():
    """Slow twin: look every point up; the general way serves geometries of all kinds."""
    source = Map.from_geom(GEOM, data=np.arange(36.0).reshape(GEOM.data_shape))
    source.data[1, 1, 1] = np.nan
    target = WcsGeom.create(npix=(3, 3), binsz=0.7, skydir=(0.2, 0.1))
    assert refinement(GEOM.to_image(), target, 3) == 6
    for zero_outside in (True, False):
        mean = mean_over_pixels(source, target, 3, zero_outside)
        expected = np.zeros_like(mean)
        for plane, y, x in np.ndindex(mean.shape):
            values = []
            for dy in (-1 / 3, 0, 1 / 3):
                for dx in (-1 / 3, 0, 1 / 3):
                    lon, lat = target.pix_to_coord((x + dx, y + dy))
                    coords = {"lon": lon, "lat": lat, "energy": ENERGY.center[plane]}
                    values.append(float(source.get_by_coord(coords)[0]))
            values = np.nan_to_num(values) if zero_outside else np.array(values)[~np.isnan(values)]
            expected[plane, y, x] = np.mean(values) if len(values) else 0
        assert_allclose(mean, expected, rtol=1e-12)
    with pytest.raises(GeometryError, match="precision_factor"):
        refinement(GEOM.to_image(), target, 0)


def test_resample(ramp):
    # oracle: peer 2.1, resample
    counts = ramp.resample(LARGER)
    assert_array_equal(counts.data[0], [[216, 444, 228], [480, 984, 504]])
    assert_allclose(counts.data.sum(), ramp.data.sum())
    assert_array_equal(
        ramp.resample(LARGER, preserve_counts=False).data[0], [[216, 222, 228], [240, 246, 252]]
    )
    assert_allclose(ramp.resample(SMALLER).data.sum(axis=(1, 2)), ramp.data.sum(axis=(1, 2)))
    assert ramp.resample(LARGER.to_image()).data.sum() == pytest.approx(ramp.data.sum())
    masked = ramp.resample(LARGER, weights=ramp > 220 * u.s)
    assert masked.data[0, 0, 0] == 0
    with pytest.raises(GeometryError, match="energy"):
        ramp.sum_over_axes(keepdims=False).resample(LARGER)


def test_even_resampling(ramp):
    """Each image keeps its sum; the peer keeps that of the whole cube only."""
    flat = ramp.copy(data=np.ones(GEOM.data_shape))
    even = flat.resample(LARGER, smooth=True)
    assert_allclose(even.data, 2, rtol=1e-6)
    even = ramp.resample(LARGER, smooth=True)
    assert_allclose(even.data.sum(axis=(1, 2)), ramp.data.sum(axis=(1, 2)), rtol=1e-6)


def test_coadd(ramp):
    total = Map.from_geom(LARGER.to_image(), unit="min")
    total.coadd(ramp)
    assert_allclose(total.data.sum() * 60, ramp.data.sum(), rtol=1e-6)
    total.coadd(ramp, weights=ramp > 1e9 * u.s)
    assert_allclose(total.data.sum() * 60, ramp.data.sum(), rtol=1e-6)
    ramp.data[0, 0, 0] = np.nan
    total.coadd(ramp)
    assert np.isfinite(total.data).all()
    with pytest.raises(UnitError, match="convertible"):
        Map.from_geom(LARGER.to_image()).coadd(ramp)


def test_regions_on_other_axes():
    spectrum = RegionNDMap.create("icrs;circle(83,22,0.5)", axes=[ENERGY], data=[0.0, 1, 2])
    finer = RegionGeom.create(None, axes=[ENERGY.upsample(2)])
    # oracle: peer 2.1, interp_to_geom
    assert_allclose(spectrum.interp_to_geom(finer).data.ravel(), [0, 0.25, 0.75, 1.25, 1.75, 0], atol=1e-12)
    assert_allclose(spectrum.interp_to_geom(GEOM, fill_value=None).data[:, 0, 0], [0, 1, 2], atol=1e-12)
