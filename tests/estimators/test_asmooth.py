"""Adaptive smoothing against a loop over scales and pixels."""

import numpy as np
import pytest
from astropy import units as u
from astropy.convolution import Gaussian2DKernel, Tophat2DKernel

from geminga.datasets import MapDataset
from geminga.errors import DataError, GeometryError, UnknownNameError
from geminga.estimators import ASmoothMapEstimator
from geminga.estimators.utils import estimate_exposure_reco_energy
from geminga.maps import HpxGeom, Map
from geminga.modeling.models import PowerLawSpectralModel

SCALES = [0.06, 0.12] * u.deg


def slow_sum(image, kernel, pixel):
    half = np.array(kernel.shape) // 2
    total = 0.0
    for i in range(kernel.shape[0]):
        for j in range(kernel.shape[1]):
            y, x = pixel[0] + i - half[0], pixel[1] + j - half[1]
            if 0 <= y < image.shape[0] and 0 <= x < image.shape[1]:
                total += image[y, x] * kernel[i, j]
    return total


@pytest.mark.parametrize("method", ["lima", "asmooth"])
@pytest.mark.parametrize("kernel", [Gaussian2DKernel, Tophat2DKernel])
def test_pixels_by_a_loop_over_scales(make_map_dataset, kernel, method):
    dataset = make_map_dataset()
    estimator = ASmoothMapEstimator(SCALES, kernel, threshold=3, method=method)
    maps = estimator.run(dataset)
    mask = dataset.mask.data
    counts, background = ((part.data * mask).sum(axis=0) for part in (dataset.counts, dataset.background))
    for pixel in [(12, 15), (14, 17), (13, 19), (2, 2), (20, 8)]:
        expected = np.nan
        for scale, item in zip(SCALES, estimator.get_kernels(0.05 * u.deg), strict=True):
            c, b = (slow_sum(image, item.array, pixel) for image in (counts, background))
            if method == "lima":
                root = np.sign(c - b) * np.sqrt(2 * (c * np.log(c / b) - c + b))
            else:
                root = (c - b) / np.sqrt(c + b)
            if root > 3:
                expected = scale.value
                assert maps["sqrt_ts"].data[(0, *pixel)] == pytest.approx(root)
                assert maps["counts"].data[(0, *pixel)] == pytest.approx(c / item.array.sum())
                break
        np.testing.assert_equal(maps["scale"].data[(0, *pixel)], expected)


def test_what_no_scale_reaches_has_the_mean(make_map_dataset):
    dataset = make_map_dataset(source=False)
    maps = ASmoothMapEstimator(SCALES, threshold=50).run(dataset)
    mask = dataset.mask.data
    used = mask.any(axis=0)
    counts = (dataset.counts.data * mask).sum(axis=0)
    np.testing.assert_allclose(maps["counts"].data[0][used], counts[used].mean())
    assert np.isnan(maps["scale"].data).all()


def test_flux_is_excess_over_exposure(make_map_dataset):
    """Twice the expected background everywhere is a flux of background over exposure, whatever the scale."""
    dataset = make_map_dataset(source=False, background=20)
    dataset.mask_safe = None
    dataset.counts.data = 2 * dataset.background.data
    spectrum = PowerLawSpectralModel(index=2.5)
    maps = ASmoothMapEstimator([0.05] * u.deg, spectral_model=spectrum, threshold=2).run(dataset)
    edges = dataset.counts.geom.axes["energy"].edges[[0, -1]]
    unit = estimate_exposure_reco_energy(dataset, spectrum, normalize=False).data.sum(axis=0)
    flux = dataset.background.data.sum(axis=0) / unit * spectrum.integral(*edges).to_value("cm-2 s-1")
    np.testing.assert_allclose(maps["flux"].quantity.to_value("cm-2 s-1")[0], flux, rtol=0.02)


def test_default_scales_and_fit_mask(make_map_dataset):
    dataset = make_map_dataset()
    keep = np.zeros(dataset.data_shape, dtype=bool)
    keep[5:, 5:20] = True
    dataset.mask_fit = Map.from_geom(dataset.counts.geom, data=keep)
    maps = ASmoothMapEstimator(energy_edges=[1, 5, 40] * u.TeV).run(dataset)
    assert maps["counts"].data.shape[0] == 2
    assert np.isnan(maps["counts"].data[:, 22:]).all()
    scales = ASmoothMapEstimator.get_scales(9)
    np.testing.assert_allclose(scales[1:] / scales[:-1], np.sqrt(2))
    with pytest.raises(UnknownNameError, match="lima"):
        ASmoothMapEstimator(method="li-ma")
    with pytest.raises(DataError, match="known background"):
        ASmoothMapEstimator().run(make_map_dataset("wstat"))
    axis = dataset.counts.geom.axes["energy"]
    with pytest.raises(GeometryError, match="pixels of a WCS"):
        ASmoothMapEstimator().run(MapDataset.create(HpxGeom.create(nside=4, axes=[axis]), name="sky"))


def test_no_flux_without_exposure(make_map_dataset):
    """Rounding of a transform is no exposure."""
    dataset = make_map_dataset()
    dataset.mask_safe = None
    dataset.exposure.data[:, :, :10] = 0.0
    maps = ASmoothMapEstimator([0.05, 0.1, 0.3, 0.6] * u.deg, threshold=2).run(dataset)
    flux = maps["flux"].quantity.to_value("cm-2 s-1")[0]
    assert np.isfinite(flux[:, 10:]).all()
    assert np.nanmax(flux) < 1e-9
