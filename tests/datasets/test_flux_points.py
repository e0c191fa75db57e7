"""Flux points as data."""

import numpy as np
import pytest
from astropy import units as u
from astropy.table import Table
from numpy.testing import assert_allclose
from scipy.special import erfc

from geminga.datasets import Datasets, FluxPointsDataset
from geminga.errors import DataError, GeometryError, UnknownNameError
from geminga.modeling.models import PowerLawSpectralModel, SkyModel
from geminga.results import FluxPoints

DNDE = np.array([4e-12, 0.9e-12, 2.2e-13, 7e-14])
ERROR = 0.1 * DNDE


@pytest.fixture
def points():
    table = Table({"e_ref": [0.5, 1.0, 2.0, 4.0] * u.TeV})
    table["dnde"] = DNDE * u.Unit("cm-2 s-1 TeV-1")
    table["dnde_err"] = ERROR * u.Unit("cm-2 s-1 TeV-1")
    table["dnde_errn"] = 2 * ERROR * u.Unit("cm-2 s-1 TeV-1")
    table["dnde_errp"] = 3 * ERROR * u.Unit("cm-2 s-1 TeV-1")
    table["dnde_ul"] = 3 * DNDE * u.Unit("cm-2 s-1 TeV-1")
    table["is_ul"] = [False, False, False, True]
    return FluxPoints.from_table(table, sed_type="dnde", reference_model=PowerLawSpectralModel())


@pytest.fixture
def source():
    return SkyModel(PowerLawSpectralModel(), name="source")


@pytest.fixture
def dataset(points, source):
    return FluxPointsDataset(data=points, models=source, name="points")


PREDICTED = np.array([4e-12, 1e-12, 2.5e-13, 6.25e-14])


def test_flux_pred(dataset):
    predicted = dataset.flux_pred()
    assert predicted.shape == (4, 1, 1)
    assert_allclose(predicted.to_value("cm-2 s-1 TeV-1").ravel(), PREDICTED)


def test_chi2_leaves_limits_out(dataset):
    expected = ((DNDE - PREDICTED) / ERROR)[:3] ** 2
    assert_allclose(dataset.stat_array().ravel()[:3], expected)
    assert np.isnan(dataset.stat_array().ravel()[3])
    assert_allclose(dataset.stat_sum(), expected.sum())
    assert dataset.mask_valid.ravel().tolist() == [True, True, True, False]
    assert_allclose(Datasets([dataset]).stat_sum(), expected.sum())


def test_distrib_uses_the_error_of_the_side_and_the_tail_of_limits(points, source):
    dataset = FluxPointsDataset(data=points, models=source, stat_type="distrib")
    sides = np.where(PREDICTED >= DNDE, 3 * ERROR, 2 * ERROR)
    expected = ((DNDE - PREDICTED) / sides) ** 2
    limit = 3 * DNDE[3]
    # recipes: 2 ln[erfc((UL - m) / UL) / erfc(1)]
    tail = 2 * np.log(erfc((limit - PREDICTED[3]) / limit) / erfc(1))
    assert_allclose(dataset.stat_sum(), expected[:3].sum() + tail)
    assert dataset.mask_valid.all()


def test_masks(dataset):
    dataset.mask_fit = dataset.data.energy_ref > 0.8 * u.TeV
    assert dataset.mask_fit.shape == (4, 1, 1)
    assert dataset.mask.ravel().tolist() == [False, True, True, False]
    assert_allclose(dataset.stat_sum(), (((DNDE - PREDICTED) / ERROR)[1:3] ** 2).sum())
    dataset.mask_safe = np.array([True, True, False, True])
    assert dataset.mask.ravel().tolist() == [False, True, False, False]
    assert np.isnan(dataset.residuals().ravel()[0])
    assert_allclose(dataset.residuals("diff/model").value.ravel()[1], -0.1)
    assert_allclose(dataset.residuals().to_value("cm-2 s-1 TeV-1").ravel()[1], -1e-13)
    with pytest.raises(GeometryError, match="mask_fit"):
        dataset.mask_fit = [True, False]


def test_wrong_arguments(dataset, points):
    with pytest.raises(DataError, match="FluxPoints"):
        FluxPointsDataset()
    with pytest.raises(UnknownNameError, match="profile"):
        FluxPointsDataset(data=points, stat_type="cash")
    with pytest.raises(UnknownNameError, match="diff/model"):
        dataset.residuals("diff/sqrt(model)")
    with pytest.raises(DataError, match="scan"):
        FluxPointsDataset(data=points, stat_type="profile").stat_profiles()


def test_copy_and_summary(dataset):
    dataset.mask_fit = [True, True, False, True]
    copy = dataset.copy(name="copy")
    assert copy.name == "copy"
    assert copy.models is None
    assert copy.mask_fit.ravel().tolist() == [True, True, False, True]
    assert "points" in str(dataset)
    assert dataset.info_dict()["n_fit_bins"] == 2
    assert dataset.data_shape() == (4,)
    assert dataset.available_stat_type == ["chi2", "distrib", "profile"]


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("stat_type", "expected"),
    [
        # oracle: peer 2.1, FluxPointsDataset.stat_sum
        ("chi2", 0.5341162579653889),
        ("distrib", 0.46515977297329647),
        ("profile", 2.0566697434460925),
    ],
)
def test_crab(gammapy_data, stat_type, expected):
    points = FluxPoints.read(gammapy_data / "estimators/crab_hess_fp/crab_hess_fp.fits")
    source = SkyModel(PowerLawSpectralModel(amplitude="4.2e-11 TeV-1 s-1 cm-2", index=2.6), name="crab")
    dataset = FluxPointsDataset(data=points, models=source, stat_type=stat_type)
    assert_allclose(dataset.stat_sum(), expected, rtol=1e-6)
    assert_allclose(Datasets([dataset]).stat_sum(), expected, rtol=1e-6)
    assert dataset.mask_valid.ravel().tolist() == [False, True, True, True, True]


@pytest.mark.realdata
def test_light_curve(gammapy_data):
    points = FluxPoints.read(
        gammapy_data / "estimators/pks2155_hess_lc/pks2155_hess_lc.fits", format="lightcurve"
    )
    source = SkyModel(PowerLawSpectralModel(amplitude="1e-10 TeV-1 s-1 cm-2", index=3.4), name="pks")
    dataset = FluxPointsDataset(data=points, models=source)
    # oracle: peer 2.1
    assert_allclose(dataset.stat_sum(), 1654.0947795412142, rtol=1e-6)
    assert dataset.stat_array().shape == (34, 1, 1, 1)
