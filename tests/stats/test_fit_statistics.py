"""Fit statistics of datasets, here stand-ins with the attributes that are used."""

from types import SimpleNamespace

import numpy as np
import pytest
from astropy import units as u
from numpy.testing import assert_allclose
from scipy.special import erfc

from geminga.errors import UnknownNameError
from geminga.stats.fit_statistics import FIT_STATISTICS_REGISTRY, get_fit_statistic


class FakeMap:
    """Data, unit and axes of a map."""

    def __init__(self, data, unit="", axes=None):
        self.data, self.unit = np.asarray(data), u.Unit(unit)
        self.geom = SimpleNamespace(axes=axes)

    @property
    def quantity(self):
        return self.data * self.unit


@pytest.fixture
def counts_dataset():
    """oracle: peer 2.1, counts (1, 2, 3), prediction (1, 2, 4)."""
    return SimpleNamespace(
        counts=FakeMap([1, 2, 3]),
        npred=lambda: FakeMap([1.0, 2, 4]),
        counts_off=FakeMap([1, 2, 3]),
        alpha=FakeMap([0.5, 0.5, 0.0]),
        npred_signal=lambda: FakeMap([1.0, 1.0, 1.0]),
        mask=FakeMap([True, False, True]),
    )


def test_cash(counts_dataset):
    statistic = get_fit_statistic("cash")
    assert_allclose(statistic.stat_array_dataset(counts_dataset), [2, 1.22741128, -0.31776617])
    assert_allclose(statistic.stat_sum_dataset(counts_dataset), 1.682233833280657)
    assert_allclose(statistic.loglikelihood_dataset(counts_dataset), -0.8411169166403285)
    counts_dataset.mask = None
    assert_allclose(statistic.stat_sum_dataset(counts_dataset), 1.682233833280657 + 1.22741128)


def test_weighted_cash(counts_dataset):
    counts_dataset.mask = FakeMap([1, 0, 0.5])
    assert_allclose(get_fit_statistic("cash_weighted").stat_sum_dataset(counts_dataset), 1.8411169166403285)


def test_wstat_leaves_out_bins_without_alpha(counts_dataset):
    statistic = get_fit_statistic("wstat")
    array = statistic.stat_array_dataset(counts_dataset)
    assert np.isnan(array[2])
    assert_allclose(statistic.stat_sum_dataset(counts_dataset), array[0])


@pytest.fixture
def flux_dataset():
    unit = "cm-2 s-1 TeV-1"
    shape = (3, 1, 1)
    norms = np.array([0.2, 0.5, 1, 2, 5.0])
    best, width = np.array([1, 2, 0.5]), np.array([0.15, 0.22, 0.3])
    scan = np.square((norms - best[:, None]) / width[:, None])[:, :, None, None]
    norm_axis = SimpleNamespace(center=norms * u.one)
    axes = type("Axes", (dict,), {"names": ["norm", "energy"]})({"norm": norm_axis})
    data = SimpleNamespace(
        dnde=FakeMap(np.reshape([1.3e-12, 2.6e-13, 6.5e-15], shape), unit),
        dnde_err=FakeMap(np.reshape([1.3e-13, 2.6e-14, 3.9e-15], shape), unit),
        dnde_errn=FakeMap(np.reshape([1.3e-13, 3.25e-14, 3.9e-15], shape), unit),
        dnde_errp=FakeMap(np.reshape([2.6e-13, 2.6e-14, 4.55e-15], shape), unit),
        dnde_ul=FakeMap(np.reshape([1.69e-12, 3.25e-13, 1.56e-14], shape), unit),
        is_ul=FakeMap(np.reshape([False, False, True], shape)),
        dnde_ref=np.reshape([1.3e-12, 1.3e-13, 1.3e-14], shape) * u.Unit(unit),
        stat_scan=FakeMap(scan, axes=axes),
    )
    model = np.reshape([1.3e-12, 1.3e-13, 1.3e-14], shape) * u.Unit(unit)
    return SimpleNamespace(
        data=data, flux_pred=lambda: model.to("m-2 s-1 TeV-1"), mask=np.ones(shape, dtype=bool)
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("chi2", [0, 25, 2.77777778]),
        ("distrib", [0, 16, 3.28679477]),
        ("profile", [0, 20.6611570, 2.77777778]),
    ],
)
def test_flux_points(flux_dataset, name, expected):
    """oracle: peer 2.1, FluxPointsDataset with these points, stat_array()."""
    statistic = get_fit_statistic(name)
    assert_allclose(statistic.stat_array_dataset(flux_dataset).ravel(), expected, rtol=1e-7, atol=1e-12)
    flux_dataset.mask[2] = False
    assert_allclose(statistic.stat_sum_dataset(flux_dataset), sum(expected[:2]), rtol=1e-7)


def test_upper_limit_term(flux_dataset):
    expected = 2 * np.log(erfc((1.56 - 1.3) / 1.56) / erfc(1))
    assert_allclose(get_fit_statistic("distrib").stat_array_dataset(flux_dataset).ravel()[2], expected)


def test_registry():
    assert set(FIT_STATISTICS_REGISTRY) == {"cash", "wstat", "chi2", "distrib", "profile", "cash_weighted"}
    with pytest.raises(UnknownNameError, match="Did you mean 'cash'"):
        get_fit_statistic("cashh")
