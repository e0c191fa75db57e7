"""Combined flux maps against sums of likelihoods and plain weighted means."""

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord

from geminga.datasets import Datasets
from geminga.errors import DataError, GeometryError, UnknownNameError
from geminga.estimators import ExcessMapEstimator, TSMapEstimator
from geminga.estimators.utils import (
    combine_flux_maps,
    combine_significance_maps,
    get_combined_flux_maps,
    get_combined_significance_maps,
)
from geminga.maps import Map, MapAxis, WcsGeom
from geminga.results import FluxMaps
from geminga.stats import ts_to_sigma

ESTIMATOR = TSMapEstimator(
    kernel_width="0.45 deg",
    energy_edges=[0.7, 3, 50] * u.TeV,
    selection_optional=["errn-errp", "ul", "scan"],
    norm={"scan_values": np.linspace(-40, 80, 121)},
)


@pytest.fixture
def datasets(make_map_dataset):
    return Datasets(
        [make_map_dataset(name="a", background=2.0), make_map_dataset(name="b", seed=4, background=1.0)]
    )


@pytest.fixture
def maps(datasets):
    return [ESTIMATOR.run(dataset) for dataset in datasets]


def test_weighted_means(maps):
    combined = combine_flux_maps(maps)
    values = np.array([m.dnde.data for m in maps])
    weights = np.array([m.dnde_err.data for m in maps]) ** -2.0
    mean = (values * weights).sum(axis=0) / weights.sum(axis=0)
    np.testing.assert_allclose(combined.dnde.data, mean, rtol=1e-9)
    np.testing.assert_allclose(combined.dnde_err.data, weights.sum(axis=0) ** -0.5, rtol=1e-9)
    rest = sum(m.ts.data - (m.dnde.data / m.dnde_err.data) ** 2 for m in maps)
    np.testing.assert_allclose(combined.ts.data, mean**2 * weights.sum(axis=0) + rest, rtol=1e-7, atol=1e-8)


def test_profiles_are_those_of_a_joint_fit(datasets, maps):
    """Where the datasets are fitted together the minimum, errors and limit are those of the summed profiles."""
    joint = ESTIMATOR.run(datasets)
    axis = MapAxis.from_nodes(
        np.linspace(-2e-11, 8e-11, 801), unit="cm-2 s-1 TeV-1", name="dnde", interp="lin"
    )
    bright = joint.sqrt_ts.data[0] > 4
    assert bright.sum() > 5
    for method, tolerance in (("profile", 0.03), ("distrib", 0.1)):
        combined = combine_flux_maps(maps, method=method, dnde_scan_axis=axis)
        error = joint.dnde_err.data[0][bright]
        for name in ("dnde", "dnde_ul"):
            difference = getattr(combined, name).data[0] - getattr(joint, name).data[0]
            assert np.abs(difference[bright] / error).max() < 2.5 * tolerance, (method, name)
        for name in ("dnde_errn", "dnde_errp"):
            ratio = getattr(combined, name).data[0][bright] / getattr(joint, name).data[0][bright]
            assert np.abs(ratio - 1).max() < 2 * tolerance, (method, name)
    combined = combine_flux_maps(maps, method="profile", dnde_scan_axis=axis)
    assert combined.stat_scan.geom.axes["dnde"].nbin == 801
    np.testing.assert_allclose(combined.ts.data[0][bright], joint.ts.data[0][bright], rtol=0.02)


def test_a_default_axis_covers_the_maps(maps):
    combined = combine_flux_maps(maps, method="distrib")
    assert np.isfinite(combined.dnde.data[np.isfinite(maps[0].dnde.data)]).mean() > 0.99


def test_significances(maps):
    combined = combine_significance_maps(maps)
    at = (13, 17)
    ts = sum(m.ts.data[(slice(None), *at)].sum() for m in maps)
    assert combined["ts"].data[at] == pytest.approx(ts)
    assert combined["df"].data[at] == 4
    assert combined["significance"].data[at] == pytest.approx(ts_to_sigma(ts, df=4))
    assert len(combined["estimator_results"]) == 2


def test_estimators_are_run_on_each_dataset(datasets):
    estimator = ExcessMapEstimator()
    combined = get_combined_significance_maps(estimator, datasets)
    alone = [estimator.run(dataset) for dataset in datasets]
    np.testing.assert_allclose(
        combined["npred_excess"].data, sum(m.npred_excess.data[0] for m in alone), rtol=1e-9
    )
    fluxes = get_combined_flux_maps(estimator, datasets)
    expected = combine_flux_maps(alone)
    np.testing.assert_allclose(fluxes["flux_maps"].norm.data, expected.norm.data)


def test_bad_input(maps, make_map_dataset):
    with pytest.raises(UnknownNameError, match="gaussian_errors"):
        combine_flux_maps(maps, method="gauss")
    with pytest.raises(DataError, match="at least one"):
        combine_flux_maps([])
    with pytest.raises(DataError, match="profiles"):
        combine_flux_maps([ExcessMapEstimator().run(make_map_dataset())] * 2, method="profile")
    other = ExcessMapEstimator().run(make_map_dataset(npix=(20, 20)))
    with pytest.raises(GeometryError, match="geometry"):
        combine_flux_maps([maps[0], other])
    with pytest.raises(GeometryError, match="same pixels"):
        combine_significance_maps([maps[0], other])
    geom = WcsGeom.create(skydir=(10, 0), npix=(31, 25), binsz=0.05, proj="TAN", axes=[maps[0].energy_axis])
    elsewhere = {
        name: Map.from_geom(geom, data=maps[0][name].data) for name in ("norm", "ts", "npred_excess")
    }
    with pytest.raises(GeometryError, match=r"same pixels, .* around 10\.00"):
        combine_significance_maps([maps[0], FluxMaps(elsewhere, maps[0].reference_model)])


def brightest(flux_maps, joint):
    """Return a map of the brightest pixel only: all fluxes that are scanned lie far from 0."""
    row, column = np.unravel_index(np.nanargmax(joint.ts.data[0]), joint.ts.data.shape[1:])
    image = flux_maps.geom.to_image()
    center = SkyCoord(*image.pix_to_coord((column, row)), frame=image.frame)
    data = {
        name: flux_maps[name].cutout(center, "0.05 deg")
        for name in ("norm", "norm_err", "norm_errn", "norm_errp")
    }
    data |= {
        name: flux_maps[name].cutout(center, "0.05 deg") for name in ("ts", "stat", "stat_null", "stat_scan")
    }
    return FluxMaps(data, flux_maps.reference_model, flux_maps.meta)


@pytest.mark.parametrize("interp", ["lin", "log", None])
@pytest.mark.parametrize("method", ["distrib", "profile"])
def test_a_bright_pixel_whatever_the_axis(datasets, maps, method, interp):
    """TS counts from no flux at all, on the axis or not; steps of the axis need not be equal."""
    joint = ESTIMATOR.run(datasets)
    expected = brightest(joint, joint)
    dnde, error = (
        expected[name].quantity.to_value("cm-2 s-1 TeV-1")[0].item() for name in ("dnde", "dnde_err")
    )
    axis = None
    if interp is not None:
        nodes = dnde * {"lin": np.linspace(0.3, 2, 400), "log": np.geomspace(0.01, 10, 800)}[interp]
        axis = MapAxis.from_nodes(nodes, unit="cm-2 s-1 TeV-1", name="dnde", interp=interp)
    combined = combine_flux_maps([brightest(m, joint) for m in maps], method, dnde_scan_axis=axis)
    assert dnde > 8 * error
    assert combined.ts.data[0].item() == pytest.approx(expected.ts.data[0].item(), rel=2e-3)
    assert combined.dnde.data[0].item() == pytest.approx(dnde, abs=0.1 * error)
    assert combined.dnde_err.data[0].item() == pytest.approx(error, rel=0.1)


def test_combined_significance_never_exceeds_the_sum(make_map_dataset):
    """Where counts are few, maps end at the norm at which the prediction vanishes: a wall in their profile."""
    alone = [ESTIMATOR.run(make_map_dataset(background=0.02, seed=seed)) for seed in (1, 2)]
    assert any((m.norm_errn.data == 0).any() for m in alone)
    for method in ("distrib", "profile"):
        combined = combine_flux_maps(alone, method=method)
        total = sum(m.ts.data for m in alone)
        known = np.isfinite(combined.ts.data)
        assert known.any()
        assert np.all(combined.ts.data[known] <= total[known] + 1e-6)
