"""The base of binned datasets."""

import numpy as np
import pytest
from astropy import units as u
from numpy.testing import assert_allclose

from geminga.datasets import SpectrumDataset
from geminga.errors import DataError, GeometryError, UnknownNameError
from geminga.maps import RegionNDMap
from geminga.modeling.models import FoVBackgroundModel, PowerLawSpectralModel, SkyModel


def test_properties(spectrum):
    assert spectrum.data_shape == (4, 1, 1)
    assert_allclose(spectrum.excess.data.ravel(), [1.5, 9.5, 1.5, 6.5])
    assert spectrum.mask.data.ravel().tolist() == [False, False, True, True]
    assert spectrum.mask_image.data.ravel().tolist() == [True]
    assert spectrum.mask_safe_psf is None
    assert spectrum.mask_safe_edisp.data.ravel().tolist() == [False, True, True, True]
    assert set(spectrum.geoms) == {"geom", "geom_exposure", "geom_edisp"}
    assert spectrum.background_model is None


def test_mask_is_the_one_that_there_is(spectrum):
    fit = spectrum.mask_fit
    spectrum.mask_safe = None
    assert spectrum.mask is fit
    spectrum.mask_fit = None
    assert spectrum.mask is None
    assert spectrum.mask_image is None


def test_weights_multiply(spectrum, geom):
    spectrum.stat_type = "cash_weighted"
    spectrum.mask_fit = RegionNDMap.from_geom(geom, data=np.array([0.5, 0.5, 1, 0.25]).reshape(4, 1, 1))
    assert_allclose(spectrum.mask.data.ravel(), [0, 0.5, 1, 0.25])


def test_energy_ranges(spectrum):
    # oracle: peer 2.1
    low, high = spectrum.energy_range
    assert_allclose(
        [low.quantity.to_value("TeV").item(), high.quantity.to_value("TeV").item()], [10**0.5, 10]
    )
    low, high = spectrum.energy_range_safe
    assert_allclose([low.data.item(), high.data.item()], [10**0.25, 10])
    assert_allclose(u.Quantity(spectrum.energy_range_total).to_value("TeV"), [10**0.5, 10])
    spectrum.mask_safe.data[...] = False
    assert np.isnan(spectrum.energy_range_safe[0].data).all()
    assert np.isnan(spectrum.energy_range_total[0])
    spectrum.mask_safe = spectrum.mask_fit = None
    assert_allclose(u.Quantity(spectrum.energy_range_total).to_value("TeV"), [1, 10])
    assert_allclose(spectrum.energy_range[1].data, 10)


def test_prediction(spectrum):
    sources = [
        SkyModel(PowerLawSpectralModel(amplitude="3e-12 TeV-1 s-1 cm-2"), name=name)
        for name in ("one", "two")
    ]
    spectrum.models = sources
    # oracle: peer 2.1, npred_signal of the same arrays
    total = [131.73003509, 129.24924445, 104.50300143, 76.64337707]
    assert_allclose(spectrum.npred_signal().data.ravel(), total, rtol=1e-6)
    assert_allclose(spectrum.npred_signal(model_names=["two"]).data.ravel(), np.array(total) / 2, rtol=1e-6)
    split = spectrum.npred_signal(model_names=["one", "two"], stack=False)
    assert split.geom.axes.names == ["energy", "models"]
    assert split.data.shape == (2, 4, 1, 1)
    assert_allclose(spectrum.npred().data.ravel(), np.array(total) + 3.5, rtol=1e-6)
    assert_allclose(spectrum.npred_background().data, 3.5)
    assert set(spectrum.evaluators) == {"one", "two"}
    assert_allclose(spectrum.evaluators["one"].compute_npred().data.ravel(), np.array(total) / 2, rtol=1e-6)
    assert spectrum.evaluators["one"].contributes


def test_statistic_without_models(spectrum):
    # oracle: peer 2.1, SpectrumDataset.stat_array and stat_sum
    assert_allclose(
        spectrum.stat_array().ravel(), [-5.52762968, -25.57183718, -5.52762968, -18.05525937], rtol=1e-7
    )
    assert_allclose(spectrum.stat_sum(), -23.58288905486104)


def test_background_model(spectrum):
    background = FoVBackgroundModel(dataset_name="spec")
    background.spectral_model.norm.value = 2
    spectrum.models = [background]
    assert spectrum.background_model is background
    assert_allclose(spectrum.npred_background().data, 7)
    assert_allclose(spectrum.background.data, 3.5)


def test_copy(spectrum, model):
    spectrum.models = [model]
    copy = spectrum.copy(name="copy")
    assert copy.name == "copy"
    assert copy.models is None
    copy.counts.data += 1
    copy.exposure.meta["livetime"] = 0 * u.s
    copy.meta_table["OBS_ID"] = 0
    assert spectrum.counts.data[0, 0, 0] == 5
    assert spectrum.exposure.meta["livetime"] == 1800 * u.s
    assert spectrum.meta_table["OBS_ID"][0] == 123
    assert copy.stat_type == "cash"


def test_wrong_arguments(spectrum, geom):
    with pytest.raises(UnknownNameError, match="wstat"):
        spectrum.stat_type = "chi"
    with pytest.raises(DataError, match="counts"):
        spectrum.counts = 3
    with pytest.raises(DataError, match="edisp_map"):
        spectrum.edisp = spectrum.counts
    half = RegionNDMap.from_geom(geom.slice_by_idx({"energy": slice(0, 2)}), dtype=bool)
    with pytest.raises(GeometryError, match="mask_safe"):
        SpectrumDataset(counts=spectrum.counts, mask_safe=half)


def test_empty_dataset():
    dataset = SpectrumDataset(name="empty")
    assert dataset.mask is None
    with pytest.raises(DataError, match="none of them"):
        dataset.data_shape
    assert "empty" in str(dataset)


def test_reset_data_cache_changes_nothing(spectrum, model):
    spectrum.models = [model]
    before = spectrum.stat_sum()
    spectrum.reset_data_cache()
    assert spectrum.stat_sum() == before


def test_create_defaults(geom):
    dataset = SpectrumDataset.create(geom)
    assert dataset.psf is None
    assert dataset.exposure.unit == "m2 s"
    assert dataset.exposure.geom.axes.names == ["energy_true"]
    assert dataset.edisp.edisp_map.geom.axes.names == ["energy", "energy_true"]
    assert dataset.edisp.exposure_map.geom.data_shape == (4, 1, 1, 1)
    assert not dataset.mask_safe.data.any()
    assert dataset.mask_fit is None
    assert dataset.gti.time_sum == 0 * u.s
    assert dataset.counts.data.dtype == np.float64
