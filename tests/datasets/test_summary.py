"""Summaries."""

import numpy as np
import pytest
from astropy import units as u
from numpy.testing import assert_allclose

from geminga.datasets import Datasets, MapDataset, SpectrumDataset
from geminga.errors import DataError
from geminga.modeling.models import FoVBackgroundModel


def test_info_dict(datasets):
    info = datasets[0].info_dict()
    # oracle: peer 2.1, SpectrumDataset.info_dict
    expected = {
        "counts": 28,
        "excess": 17.5,
        "sqrt_ts": 4.463903915706148,
        "background": 10.5,
        "npred": 1562.4781147642889,
        "npred_background": 10.5,
        "npred_signal": 1551.9781147642889,
        "n_bins": 4,
        "n_fit_bins": 2,
        "stat_sum": 1643.6566303314373,
    }
    for key, value in expected.items():
        assert_allclose(info[key], value, rtol=1e-6, err_msg=key)
    assert info["name"] == "spec"
    assert info["stat_type"] == "cash"
    assert info["livetime"] == 1800 * u.s
    assert_allclose(info["ontime"].to_value("s"), 1800)
    assert_allclose(info["counts_rate"].to_value("s-1"), 28 / 1800)
    assert_allclose(info["excess_rate"].to_value("s-1"), 17.5 / 1800)
    assert_allclose(info["exposure_max"].to_value("m2 s"), 2e10)
    assert datasets[0].info_dict(in_safe_data_range=False)["counts"] == 33
    # Bins without exposure do not count for the smallest.
    datasets[0].exposure.data[0] = 0
    assert datasets[0].info_dict()["exposure_min"].to_value("m2 s") > 1e9


def test_info_dict_on_off(datasets, on_off):
    info = datasets[1].info_dict()
    # oracle: peer 2.1, SpectrumDatasetOnOff.info_dict
    expected = {
        "counts": 28,
        "excess": 19.0,
        "sqrt_ts": 4.508992660878601,
        "background": 9.0,
        "npred": 1559.7125076958755,
        "npred_background": 7.734392931586455,
        "npred_signal": 1551.9781147642889,
        "stat_sum": 1672.9717279404686,
        "counts_off": 54,
        "acceptance": 3.0,
        "acceptance_off": 18.0,
        "alpha": 1 / 6,
    }
    for key, value in expected.items():
        assert_allclose(info[key], value, rtol=1e-6, err_msg=key)
    on_off.acceptance_off.data = np.array([6, 5, 4, 8.0]).reshape(4, 1, 1)
    info = on_off.info_dict(in_safe_data_range=False)
    # oracle: peer 2.1; alpha is that for which the background of all bins comes out
    assert_allclose(info["alpha"], 0.18582251082251083)
    assert_allclose(info["acceptance_off"], 21.525917297612114)
    assert_allclose(info["sqrt_ts"], 3.765832107778336, rtol=1e-6)


def test_excess_uses_the_background_model(spectrum):
    background = FoVBackgroundModel(dataset_name="spec")
    background.spectral_model.norm.value = 2
    spectrum.models = [background]
    info = spectrum.info_dict()
    # oracle: peer 2.1
    assert info["background"] == 10.5
    assert info["npred_background"] == 21
    assert info["excess"] == 7
    assert_allclose(info["sqrt_ts"], 1.4526513887714876)
    assert np.isnan(info["npred_signal"])


def test_missing_parts_are_nan(spectrum):
    spectrum.background = None
    info = spectrum.info_dict()
    assert np.isnan([info["excess"], info["background"], info["npred"], info["sqrt_ts"]]).all()
    info = SpectrumDataset(name="empty").info_dict()
    assert info["counts"] == 0
    assert info["n_bins"] == 0
    assert np.isnan(info["exposure_min"])
    assert np.isnan(info["livetime"])


def test_all_bins_are_fitted_without_mask(spectrum):
    spectrum.mask_safe = spectrum.mask_fit = None
    assert spectrum.info_dict()["n_fit_bins"] == 4


def test_text(datasets):
    text = str(datasets[1])
    for piece in (
        "SpectrumDatasetOnOff",
        "onoff",
        "Total counts",
        "28",
        "wstat",
        "Acceptance off",
        "crab",
        "amplitude",
    ):
        assert piece in text
    assert "<table>" in datasets[0]._repr_html_()
    assert "name='spec'" in repr(datasets[0])


def test_text_has_a_dash_for_what_is_not_known(spectrum):
    spectrum.models = None
    lines = {line.split(":")[0].strip(): line.split(":")[-1].strip() for line in str(spectrum).splitlines()}
    assert lines["Predicted excess counts"] == lines["Fit statistic value (-2 log(L))"] == "-"
    assert float(lines["Total background counts"]) >= 0
    for text in (str(spectrum), spectrum._repr_html_(), str(MapDataset(name="empty"))):
        assert "nan" not in text.lower()


def test_info_table(spectrum, datasets):
    table = Datasets([spectrum, spectrum.copy(name="b")]).info_table()
    assert list(table["name"]) == ["spec", "b"]
    assert table["livetime"].unit == "s"
    cumulative = Datasets([spectrum, spectrum.copy(name="b")]).info_table(cumulative=True)
    # oracle: peer 2.1
    assert list(cumulative["counts"]) == [28, 56]
    assert_allclose(cumulative["sqrt_ts"], [4.463903915706148, 6.312913458722001], rtol=1e-6)
    assert list(cumulative["name"]) == ["stacked", "stacked"]
    with pytest.raises(DataError, match="one type"):
        datasets.info_table()
    assert len(Datasets().info_table()) == 0
