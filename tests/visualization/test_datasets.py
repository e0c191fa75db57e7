"""Spectra, residuals, maps at a glance."""

import warnings

import numpy as np
import pytest
from astropy import units as u

from geminga.errors import UnknownNameError
from geminga.visualization import plot_npred_signal


def test_counts_and_background(fresh_pyplot, spectrum_dataset):
    ax = spectrum_dataset.plot_counts()
    counts, background = (patch.get_data() for patch in ax.patches if hasattr(patch, "get_data"))
    np.testing.assert_allclose(counts.values, spectrum_dataset.counts.data.ravel())
    np.testing.assert_allclose(background.values, spectrum_dataset.background.data.ravel())
    assert ax.get_xlim() == pytest.approx((0.1, 100))


def test_excess_leaves_unused_energies_out(fresh_pyplot, spectrum_dataset):
    ax = spectrum_dataset.plot_excess()
    points = ax.containers[0].lines[0]
    np.testing.assert_allclose(points.get_ydata(), [40, 22, 7, 3, 0.5])


def test_fit_shares_its_energies(fresh_pyplot, spectrum_dataset):
    upper, lower = spectrum_dataset.plot_fit()
    assert upper.get_xlim() == lower.get_xlim()
    assert lower.get_ylim()[0] == -lower.get_ylim()[1]


@pytest.mark.parametrize("method", ["diff", "diff/model", "diff/sqrt(model)"])
def test_residuals_are_those_of_the_dataset(fresh_pyplot, spectrum_dataset, method):
    ax = spectrum_dataset.plot_residuals_spectral(method=method)
    points = ax.containers[0].lines[0]
    expected = spectrum_dataset.residuals(method=method).data.ravel()[1:]
    np.testing.assert_allclose(points.get_ydata(), expected)


def test_unknown_residuals(spectrum_dataset):
    with pytest.raises(UnknownNameError, match="diff/model"):
        spectrum_dataset.plot_residuals_spectral(method="ratio")


def test_masks_and_peek(fresh_pyplot, spectrum_dataset):
    assert spectrum_dataset.plot_masks().get_legend() is not None
    spectrum_dataset.peek()
    assert [ax.get_title() for ax in fresh_pyplot.gcf().axes] == ["Counts", "Exposure", "Energy dispersion"]


def test_predicted_counts_of_each_model(fresh_pyplot, spectrum_dataset):
    ax = plot_npred_signal(spectrum_dataset)
    (patch,) = ax.patches
    np.testing.assert_allclose(patch.get_data().values, spectrum_dataset.npred_signal().data.ravel())


@pytest.fixture
def map_dataset(cube, energy_axis_true):
    from geminga.datasets import MapDataset
    from geminga.maps import Map

    exposure = Map.from_geom(cube.geom.to_image().to_cube([energy_axis_true]), unit="m2 s")
    exposure.data += 1e10
    mask = Map.from_geom(cube.geom, data=np.ones(cube.geom.data_shape, bool))
    mask.data[:, :, :5] = False
    background = cube.copy(data=np.full(cube.data.shape, 500.0))
    return MapDataset(name="map", counts=cube, background=background, exposure=exposure, mask_safe=mask)


def test_residuals_on_the_sky_end_at_the_mask(fresh_pyplot, map_dataset):
    ax = map_dataset.plot_residuals_spatial()
    shown = ax.images[0].get_array()
    assert np.isnan(np.ma.filled(shown, np.nan)[:, :5]).all()
    norm = ax.images[0].norm
    assert norm.vmin == -norm.vmax


def test_residuals_of_a_constant_are_that_constant(fresh_pyplot, map_dataset):
    map_dataset.counts = map_dataset.counts.copy(data=np.full(map_dataset.counts.data.shape, 501.0))
    ax = map_dataset.plot_residuals_spatial(smooth_radius="0.4 deg")
    # 6 energies with one count above the prediction, smoothed with the mask in mind
    np.testing.assert_allclose(np.ma.filled(ax.images[0].get_array(), np.nan)[:, 5:], 6, rtol=1e-6)


def test_residuals_on_the_sky_and_in_energy(fresh_pyplot, map_dataset):
    from regions import CircleSkyRegion

    region = CircleSkyRegion(map_dataset.counts.geom.center_skydir, 0.5 * u.deg)
    spatial, spectral = map_dataset.plot_residuals(kwargs_spectral={"region": region})
    assert len(spatial.patches) == 1
    assert spectral.get_xscale() == "log"


def test_map_dataset_at_a_glance(fresh_pyplot, map_dataset):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        map_dataset.peek()
        fresh_pyplot.gcf().canvas.draw()
    titles = {ax.get_title() for ax in fresh_pyplot.gcf().axes}
    assert {"Counts", "Background", "Excess, smoothed", "Counts of the whole map"} <= titles
