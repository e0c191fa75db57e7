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


@pytest.fixture
def hpx_dataset(energy_axis, energy_axis_true):
    from geminga.datasets import MapDataset
    from geminga.irf import PSFMap
    from geminga.maps import HpxGeom

    geom = HpxGeom.create(nside=64, frame="galactic", region="DISK(0,0,4)", axes=[energy_axis])
    dataset = MapDataset.create(geom, energy_axis_true=energy_axis_true, binsz_irf=2, name="healpix")
    dataset.counts.data += 3
    dataset.background.data += 2
    dataset.exposure.data += 1e10
    dataset.mask_safe.data[:, : geom.data_shape[-1] // 2] = True
    dataset.psf = PSFMap.from_gauss(energy_axis_true, sigma="0.1 deg", geom=dataset.psf.psf_map.geom)
    return dataset


def test_healpix_at_a_glance(fresh_pyplot, hpx_dataset):
    hpx_dataset.peek()
    titles = [ax.get_title() for ax in fresh_pyplot.gcf().axes if ax.get_title()]
    assert titles[:3] == ["Counts", "Background", "Excess, smoothed"]
    assert titles[-1] == "Pixels used at any energy"
    hpx_dataset.psf.peek()
    assert len(fresh_pyplot.gcf().axes) >= 4


def test_healpix_residuals(fresh_pyplot, hpx_dataset):
    spatial, spectral = hpx_dataset.plot_residuals()
    values = spatial.images[0].get_array()
    seen = values.compressed() if np.ma.isMaskedArray(values) else values[np.isfinite(values)]
    np.testing.assert_allclose(seen[np.isfinite(seen)], 6.0, rtol=0.01)
    n_used = np.count_nonzero(hpx_dataset.mask_safe.data[0])
    np.testing.assert_allclose(spectral.containers[0].lines[0].get_ydata(), n_used)


def test_residuals_of_a_region_have_no_sky(fresh_pyplot, spectrum_dataset):
    from geminga.datasets import MapDataset
    from geminga.errors import DataError

    parts = {key: getattr(spectrum_dataset, key) for key in ("counts", "background", "exposure", "edisp")}
    region = MapDataset(**parts, name="region")
    assert region.plot_residuals()[0] is None
    with pytest.raises(DataError, match="pixels"):
        region.plot_residuals_spatial()


def test_residuals_of_a_part_of_a_map(fresh_pyplot, map_dataset):
    from astropy.coordinates import SkyCoord
    from regions import CircleSkyRegion

    from geminga.modeling.models import GaussianSpatialModel, PowerLawSpectralModel, SkyModel

    place = SkyCoord(0.5, 0.2, unit="deg", frame="galactic")
    model = GaussianSpatialModel.from_position(place, sigma="0.3 deg")
    map_dataset.models = [
        SkyModel(PowerLawSpectralModel(amplitude="1e-10 cm-2 s-1 TeV-1"), model, name="source")
    ]
    region = CircleSkyRegion(place, 0.4 * u.deg)
    ax = map_dataset.plot_residuals_spectral(region=region)
    inside = map_dataset.counts.geom.to_image().region_mask([region]).data
    difference = (map_dataset.counts.data - map_dataset.npred().data) * map_dataset.mask.data
    np.testing.assert_allclose(
        ax.containers[0].lines[0].get_ydata(), difference[:, inside].sum(axis=1), rtol=1e-6
    )
    assert map_dataset.npred_signal().data[0, inside].sum() > 100
