"""Masks made larger or smaller."""

import numpy as np
import pytest
from astropy import units as u
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy import ndimage

from geminga.errors import GeometryError
from geminga.maps import MapAxis, WcsGeom, WcsNDMap


def mask_of(data, binsz=1.0):
    data = np.asarray(data, dtype=bool)
    return WcsNDMap(WcsGeom.create(npix=data.shape[::-1], binsz=binsz), data)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 1000),
    share=st.sampled_from([0, 0.01, 0.1, 0.5, 0.9, 1]),
    width=st.sampled_from([0.5, 1, 2, 3, 4.5]),
    binsz=st.sampled_from([1.0, (0.5, 1)]),
    kernel=st.sampled_from(["disk", "box"]),
)
def test_agrees_with_the_slow_twin(seed, share, width, binsz, kernel):
    data = np.random.default_rng(seed).uniform(size=(14, 17)) < share
    m = mask_of(data, binsz)
    structure = m.geom.binary_structure(width, kernel) > 0
    assert_array_equal(m.binary_dilate(width, kernel).data, ndimage.binary_dilation(data, structure))
    assert_array_equal(m.binary_erode(width, kernel).data, ndimage.binary_erosion(data, structure))


# oracle: peer 2.1, with use_fft=False; with use_fft=True its result is empty
@pytest.mark.parametrize(("width", "kernel", "pixels"), [(1.1, "disk", 29), (3, "disk", 29), (2, "box", 9)])
@pytest.mark.parametrize("use_fft", [True, False])
def test_isolated_pixels_survive(width, kernel, pixels, use_fft):
    data = np.zeros((20, 20), dtype=bool)
    data[10, 10] = True
    assert mask_of(data).binary_dilate(width * u.deg, kernel, use_fft=use_fft).data.sum() == pixels
    assert (
        ~mask_of(~data).binary_erode(f"{width} deg", kernel, use_fft=use_fft).data[2:-2, 2:-2]
    ).sum() >= pixels


def test_border_counts_as_false():
    full = mask_of(np.ones((20, 20)))
    # oracle: peer 2.1
    assert full.binary_erode(1 * u.deg).data.sum() == 324
    assert full.binary_dilate(1 * u.deg).data.sum() == 400
    assert not mask_of(np.zeros((5, 5))).binary_dilate(3).data.any()


def test_each_image_by_itself():
    axis = MapAxis.from_edges([0, 1, 2], name="a")
    m = WcsNDMap(WcsGeom.create(npix=9, binsz=1, axes=[axis]), dtype=bool)
    m.data[1, 4, 4] = True
    assert m.binary_dilate(1).data.sum(axis=(1, 2)).tolist() == [0, 5]


def test_refuses():
    with pytest.raises(GeometryError, match="mask"):
        WcsNDMap.create(npix=3).binary_dilate(1)
    with pytest.raises(GeometryError, match="kernel"):
        mask_of(np.ones((3, 3))).binary_erode(1, kernel="star")


@pytest.mark.parametrize("width", ["0.3 deg", ("0.3 deg", "0.7 deg"), "1.2 deg"])
def test_rows_and_distances_agree(monkeypatch, width):
    mask = WcsNDMap.create(npix=(40, 30), binsz=0.1, dtype=bool)
    mask.data = np.random.default_rng(0).uniform(size=mask.data.shape) > 0.98
    by_rows = mask.binary_dilate(width).data
    monkeypatch.setattr("geminga.maps.wcs.morphology.MANY_ROWS", 0)
    assert by_rows.any()
    assert_array_equal(by_rows, mask.binary_dilate(width).data)
