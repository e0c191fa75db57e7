"""Peaks against a loop over boxes."""

import numpy as np
import pytest
from astropy.coordinates import SkyCoord

from geminga.errors import GeometryError
from geminga.estimators import ExcessMapEstimator, TSMapEstimator
from geminga.estimators.utils import find_peaks, find_peaks_in_flux_map
from geminga.maps import MapAxis, WcsNDMap


def image(seed=0, **kwargs):
    result = WcsNDMap.create(npix=(30, 20), binsz=0.1, frame="galactic", **kwargs)
    result.data = np.random.default_rng(seed).normal(size=result.data.shape)
    return result


@pytest.mark.parametrize("distance", [1, 3])
def test_peaks_by_a_loop(distance):
    map_ = image()
    map_.data[3, 4] = np.nan
    expected = set()
    for y in range(20):
        for x in range(30):
            box = map_.data[max(y - distance, 0) : y + distance + 1, max(x - distance, 0) : x + distance + 1]
            if map_.data[y, x] > 0.5 and map_.data[y, x] == np.nanmax(box):
                expected.add((x, y))
    table = find_peaks(map_, threshold=0.5, min_distance=distance)
    assert set(zip(table["x"].tolist(), table["y"].tolist(), strict=True)) == expected
    assert np.all(np.diff(table["value"]) <= 0)
    position = map_.geom.pix_to_coord((table["x"][0], table["y"][0]))
    found = SkyCoord(table["ra"][0], table["dec"][0], unit="deg")
    assert found.separation(SkyCoord(*position, frame="galactic")).deg < 1e-9


def test_distances_are_pixels_or_angles():
    map_ = image()
    assert len(find_peaks(map_, 0.5, "0.3 deg")) == len(find_peaks(map_, 0.5, 3))
    empty = find_peaks(map_, threshold=100)
    assert (len(empty), empty.colnames) == (0, ["value", "x", "y", "ra", "dec"])


def test_cubes_of_one_bin():
    axis = MapAxis.from_energy_bounds("1 TeV", "10 TeV", 1)
    assert len(find_peaks(image(axes=[axis]), 0.5)) > 0
    with pytest.raises(GeometryError, match="one bin on each axis"):
        find_peaks(image(axes=[MapAxis.from_energy_bounds("1 TeV", "10 TeV", 2)]), 0.5)


@pytest.mark.parametrize(
    "estimator", [TSMapEstimator(kernel_width="0.45 deg"), ExcessMapEstimator()], ids=["ts", "excess"]
)
def test_peaks_in_a_flux_map_bring_their_quantities(make_map_dataset, estimator):
    maps = estimator.run(make_map_dataset())
    table = find_peaks_in_flux_map(maps, threshold=5, min_distance="0.3 deg")
    x, y = table["x"][0], table["y"][0]
    assert abs(SkyCoord(table["ra"][0], table["dec"][0], unit="deg").ra.deg - 83.72) < 0.08
    assert table["sqrt_ts"][0] == maps.sqrt_ts.data[0, y, x]
    assert table["flux"][0] == maps.flux.data[0, y, x]
    assert {"ts", "norm", "norm_err", "flux_err", "npred_excess"} <= set(table.colnames)
    assert table["flux"].unit == "cm-2 s-1"
    assert np.all(np.diff(table["sqrt_ts"]) <= 0)
