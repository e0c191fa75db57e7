"""Excess maps against loops over the pixels of each circle."""

from itertools import pairwise

import numpy as np
import pytest
from astropy import units as u
from scipy.optimize import brentq

from geminga.errors import DataError, UnknownNameError
from geminga.estimators import ExcessMapEstimator, TSMapEstimator
from geminga.estimators.utils import estimate_exposure_reco_energy
from geminga.maps import Map, MapAxis
from geminga.modeling.models import FoVBackgroundModel, PowerLawSpectralModel
from geminga.stats import cash, wstat

EDGES = [0.5, 2.0, 12.0] * u.TeV
RADIUS = "0.11 deg"


def bands_of(dataset, edges):
    axis = dataset.counts.geom.axes["energy"]
    borders = [int(np.argmin(np.abs(np.log(axis.edges / edge)))) for edge in edges]
    return [slice(*pair) for pair in pairwise(borders)]


def circle_sum(dataset, values, rows, pixel, radius=0.11):
    """Sum the used bins of one band over the pixels whose centres lie in the circle, one by one."""
    inside = np.asarray(values, dtype=float)[rows] * dataset.mask.data[rows]
    total = 0.0
    for y in range(inside.shape[1]):
        for x in range(inside.shape[2]):
            if np.hypot(y - pixel[0], x - pixel[1]) * 0.05 <= radius:
                total += inside[:, y, x].sum()
    return total


def crossing(stat, best, level):
    """Return the excess above the best one at which the statistic has risen by a level."""
    return brentq(lambda x: stat(x) - stat(best) - level, best, best + 100 + 10 * abs(best), xtol=1e-11)


PIXELS = [(12, 15), (10, 8), (1, 2), (24, 30)]


@pytest.mark.parametrize("with_models", [False, True])
def test_cash_maps_are_loops_over_circles(make_map_dataset, point_source, with_models):
    dataset = make_map_dataset()
    if with_models:
        background = FoVBackgroundModel(dataset_name="map")
        background.spectral_model.norm.value = 1.1
        dataset.models = [point_source, background]
    maps = ExcessMapEstimator(RADIUS, energy_edges=EDGES, selection_optional="all").run(dataset)
    predicted = dataset.npred().data
    for band, rows in enumerate(bands_of(dataset, EDGES)):
        for pixel in PIXELS:
            at = (band, *pixel)
            n = circle_sum(dataset, dataset.counts.data, rows, pixel)
            mu = circle_sum(dataset, predicted, rows, pixel)
            assert maps.counts.data[at] == n
            assert maps.npred_excess.data[at] == pytest.approx(n - mu, rel=1e-9)
            ts = cash(n, mu) - cash(n, n)
            assert maps.sqrt_ts.data[at] == pytest.approx(np.sign(n - mu) * np.sqrt(ts), rel=1e-8)
            unit = (n - mu) / maps.norm.data[at]
            limit = crossing(lambda x: cash(n, x + mu), n - mu, 4) if n > 0 else n - mu + 2  # noqa: B023
            assert maps.norm_ul.data[at] * unit == pytest.approx(limit, rel=1e-6)
            assert maps.norm_err.data[at] * unit == pytest.approx(np.sqrt(n))
            seen = maps.norm_sensitivity.data[at] * unit
            assert cash(seen + mu, mu) - cash(seen + mu, seen + mu) == pytest.approx(25, rel=1e-6)


@pytest.mark.parametrize("correlate_off", [True, False])
def test_on_off_maps_are_loops_over_circles(make_map_dataset, point_source, correlate_off):
    dataset = make_map_dataset("wstat")
    dataset.models = [point_source]
    maps = ExcessMapEstimator(
        RADIUS, energy_edges=EDGES, selection_optional="all", correlate_off=correlate_off
    ).run(dataset)
    signal = dataset.npred_signal().data
    for band, rows in enumerate(bands_of(dataset, EDGES)):
        for pixel in PIXELS[:2]:
            at = (band, *pixel)
            used = dataset.mask.data[rows]
            n = circle_sum(dataset, dataset.counts.data, rows, pixel)
            mu = circle_sum(dataset, signal, rows, pixel)
            background = circle_sum(dataset, dataset.background.data, rows, pixel)
            off = circle_sum(dataset, dataset.counts_off.data, rows, pixel)
            alpha = background / off
            if not correlate_off:
                off = (dataset.counts_off.data[rows] * used)[:, pixel[0], pixel[1]].sum()
                own = (dataset.background.data[rows] * used)[:, pixel[0], pixel[1]].sum()
                acceptance = (dataset.acceptance.data[rows] * used)[:, pixel[0], pixel[1]].sum()
                total = circle_sum(dataset, dataset.acceptance.data, rows, pixel)
                alpha = total / acceptance * own / off
            assert maps.alpha.data[at] == pytest.approx(alpha)
            assert maps.acceptance_on.data[at] / maps.acceptance_off.data[at] == pytest.approx(alpha)
            excess = n - alpha * off - mu
            assert maps.npred_excess.data[at] == pytest.approx(excess, abs=1e-9)
            ts = wstat(n, off, alpha, mu) - wstat(n, off, alpha, excess + mu)
            assert maps.ts.data[at] == pytest.approx(ts, rel=1e-6, abs=1e-9)
            limit = crossing(lambda x: wstat(n, off, alpha, x + mu), excess, 4)  # noqa: B023
            assert maps.norm_ul.data[at] / maps.norm.data[at] * excess == pytest.approx(limit, rel=1e-6)


def test_flux_is_excess_over_the_mean_exposure(make_map_dataset):
    """A spectrum of any normalisation gives the same flux."""
    dataset = make_map_dataset(source=False)
    dataset.counts.data = 2 * dataset.background.data
    spectrum = PowerLawSpectralModel(index=2.5, amplitude="3e-10 cm-2 s-1 TeV-1", reference="2 TeV")
    one = ExcessMapEstimator(RADIUS, spectral_model=spectrum).run(dataset)
    spectrum = PowerLawSpectralModel(index=2.5, amplitude="1e-12 cm-2 s-1 TeV-1", reference="1 TeV")
    other = ExcessMapEstimator(RADIUS, spectral_model=spectrum).run(dataset)
    np.testing.assert_allclose(one.flux.data, other.flux.data, rtol=1e-10)
    unit = estimate_exposure_reco_energy(dataset, spectrum, normalize=False).data
    pixel = (12, 15)
    rows = slice(0, dataset.data_shape[0])
    circle = circle_sum(dataset, unit, rows, pixel) / circle_sum(
        dataset, np.ones(unit.shape), slice(5, 6), pixel
    )
    assert other.npred_excess.data[(0, *pixel)] / other.norm.data[(0, *pixel)] == pytest.approx(circle)


def test_exposure_in_reconstructed_energy(make_map_dataset):
    """Without dispersion the exposure is that of the true energy."""
    dataset = make_map_dataset()
    axis = dataset.counts.geom.axes["energy"]
    true = MapAxis.from_energy_edges(axis.edges, name="energy_true")
    geom = dataset.counts.geom.to_image().to_cube([true])
    dataset.exposure = Map.from_geom(
        geom, data=np.arange(geom.data_shape[0]).reshape(-1, 1, 1) + np.zeros(geom.data_shape), unit="m2 s"
    )
    dataset.edisp = None
    exposure = estimate_exposure_reco_energy(dataset)
    np.testing.assert_allclose(exposure.quantity.to_value("m2 s"), dataset.exposure.data, rtol=1e-9)


def test_bands_masks_and_metadata(make_map_dataset):
    dataset = make_map_dataset()
    assert ExcessMapEstimator().run(dataset).norm.data.shape == (1, 25, 31)
    each = ExcessMapEstimator(sum_over_energy_groups=False).run(dataset)
    assert each.norm.data.shape == dataset.data_shape
    np.testing.assert_array_equal(np.isnan(each.ts.data), ~dataset.mask.data)
    assert (each.n_sigma, each.n_sigma_ul) == (1, 2)
    thresholds = {"apply_threshold_sensitivity": True, "selection_optional": ["sensitivity"]}
    high = ExcessMapEstimator(gamma_min_sensitivity=1e6, **thresholds).run(dataset)
    unit = high.npred_excess.data / high.norm.data
    np.testing.assert_allclose((high.norm_sensitivity.data * unit)[0, 12], 1e6)


def test_bad_input(make_map_dataset, make_dataset):
    with pytest.raises(UnknownNameError, match="errn-errp"):
        ExcessMapEstimator(selection_optional=["errn"])
    with pytest.raises(DataError, match="must be a map dataset"):
        ExcessMapEstimator().run(make_dataset())
    dataset = make_map_dataset()
    dataset.counts = None
    with pytest.raises(DataError, match="counts of dataset"):
        ExcessMapEstimator().run(dataset)
    for missing in ("counts_off", "acceptance_off"):
        dataset = make_map_dataset("wstat")
        setattr(dataset, missing, None)
        with pytest.raises(DataError, match="counts_off and acceptances of dataset 'map' must be set"):
            ExcessMapEstimator().run(dataset)
    dataset = make_map_dataset()
    dataset.exposure = None
    maps = ExcessMapEstimator().run(dataset)
    assert np.isnan(maps.norm.data).all()
    assert np.isfinite(maps.sqrt_ts.data[0, 12]).all()


@pytest.mark.parametrize("estimator", [ExcessMapEstimator(RADIUS), TSMapEstimator(kernel_width="0.45 deg")])
@pytest.mark.parametrize("missing", ["counts", "background"])
def test_bins_without_numbers_are_left_out(make_map_dataset, caplog, estimator, missing):
    """NaN counts or background are as good as a mask, and a message says so."""
    dataset, masked = make_map_dataset(), make_map_dataset()
    getattr(dataset, missing).data[4:, 3:5, 7] = np.nan
    mask = masked.mask_safe.data.copy()
    mask[4:, 3:5, 7] = False
    masked.mask_safe = Map.from_geom(masked.counts.geom, data=mask)
    maps = estimator.run(dataset)
    assert "not finite" in caplog.text
    np.testing.assert_allclose(maps.ts.data, estimator.run(masked).ts.data, rtol=1e-6, atol=1e-9)


def test_no_flux_without_exposure(make_map_dataset):
    """Rounding of a transform is no exposure."""
    dataset = make_map_dataset()
    dataset.mask_safe = None
    dataset.exposure.data[:, :, :10] = 0.0
    flux = ExcessMapEstimator(RADIUS).run(dataset).flux.data
    assert np.isnan(flux[:, :, :8]).all()
    assert np.isfinite(flux[:, :, 8:]).all()
    assert np.abs(flux[:, :, 10:]).max() < 1e-9


@pytest.mark.parametrize("correlate_off", [True, False])
def test_bins_without_off_acceptance_are_left_out(make_map_dataset, correlate_off):
    """Nothing is known of their background, so their counts are no excess."""
    dataset, masked = (make_map_dataset("wstat", background=5, source=False) for _ in range(2))
    dataset.acceptance_off.data[:, :, :15] = 0.0
    mask = masked.mask_safe.data.copy()
    mask[:, :, :15] = False
    masked.mask_safe = Map.from_geom(masked.counts.geom, data=mask)
    estimator = ExcessMapEstimator("0.2 deg", correlate_off=correlate_off, selection_optional="all")
    found, expected = estimator.run(dataset), estimator.run(masked)
    for name in ("sqrt_ts", "npred_excess", "norm", "norm_ul", "alpha"):
        np.testing.assert_allclose(found[name].data, expected[name].data, rtol=1e-9, atol=1e-9)
    assert np.isnan(found.sqrt_ts.data[:, :, :15]).all()
    assert np.nanmax(np.abs(found.sqrt_ts.data)) < 6
