"""On-off datasets."""

import numpy as np
import pytest
from astropy import units as u
from numpy.testing import assert_allclose

from geminga.datasets import SpectrumDatasetOnOff
from geminga.errors import DataError
from geminga.maps import RegionNDMap
from geminga.modeling.models import PowerLawSpectralModel, SkyModel


def test_alpha_and_background(on_off):
    assert on_off.stat_type == "wstat"
    assert_allclose(on_off.alpha.data, 1 / 6)
    assert_allclose(on_off.background.data.ravel(), np.array([23, 18, 19, 17]) / 6)
    assert_allclose(on_off.excess.data.ravel(), np.array([5, 13, 5, 10]) - np.array([23, 18, 19, 17]) / 6)
    on_off.acceptance_off.data[0] = 0
    assert on_off.alpha.data[0] == 0
    with pytest.raises(AttributeError):
        on_off.background = None
    on_off.acceptance_off = None
    assert on_off.alpha is None
    assert on_off.background is None


def test_prediction(on_off, model):
    on_off.models = [model]
    # oracle: peer 2.1, npred_background and npred_off of the same arrays
    background = [3.28926366, 2.57880994, 2.71798201, 2.43760098]
    assert_allclose(on_off.npred_background().data.ravel(), background, rtol=1e-6)
    assert_allclose(on_off.npred_off().data.ravel(), np.array(background) * 6, rtol=1e-6)
    assert_allclose(on_off.npred().data, on_off.npred_signal().data + on_off.npred_background().data)


def test_statistic_without_models(on_off):
    # oracle: peer 2.1, stat_sum of the masked dataset
    assert_allclose(on_off.stat_sum(), 9.318394688744831, rtol=1e-7)


def test_from_spectrum_dataset_with_numbers(spectrum):
    dataset = SpectrumDatasetOnOff.from_spectrum_dataset(dataset=spectrum, acceptance=1, acceptance_off=5)
    # oracle: peer 2.1: the background stands for that many off counts
    assert_allclose(dataset.counts_off.data.ravel(), 17.5)
    assert_allclose(dataset.background.data.ravel(), 3.5)
    assert len(dataset.name) == 8
    with pytest.raises(DataError, match="acceptance_off"):
        SpectrumDatasetOnOff.from_spectrum_dataset(dataset=spectrum, acceptance=1, acceptance_off=None)
    with pytest.raises(DataError, match="shape"):
        SpectrumDatasetOnOff.from_spectrum_dataset(dataset=spectrum, acceptance=[1, 2], acceptance_off=1)


def test_to_spectrum_dataset(on_off):
    dataset = on_off.to_spectrum_dataset(name="x")
    assert type(dataset).__name__ == "SpectrumDataset"
    assert dataset.name == "x"
    assert_allclose(dataset.background.data.ravel(), np.array([23, 18, 19, 17]) / 6)
    assert dataset.mask_fit is on_off.mask_fit
    assert dataset.gti is on_off.gti
    assert type(on_off.to_map_dataset()).__name__ == "MapDataset"


def test_background_is_not_an_argument(spectrum):
    with pytest.raises(TypeError):
        SpectrumDatasetOnOff(background=spectrum.background)


def test_pad_is_refused(on_off):
    with pytest.raises(NotImplementedError):
        on_off.pad()


def test_create(geom):
    dataset = SpectrumDatasetOnOff.create(geom, name="new")
    assert dataset.stat_type == "wstat"
    for part in (dataset.counts_off, dataset.acceptance, dataset.acceptance_off):
        assert not part.data.any()
    assert dataset.gti.time_sum == 0 * u.s


def test_asimov_has_its_best_fit_at_the_truth(on_off, geom):
    source = SkyModel(PowerLawSpectralModel(amplitude="3e-12 TeV-1 s-1 cm-2"), name="source")
    on_off.counts_off = RegionNDMap.from_geom(geom, data=np.full((4, 1, 1), 60.0))
    on_off.models = [source]
    asimov = on_off.to_asimov()
    assert_allclose(asimov.counts.data, on_off.npred_signal().data + 10)
    assert_allclose(asimov.counts_off.data, 60)
    # All derivatives of -2 ln L vanish there.
    from geminga.datasets import Datasets

    gradient = Datasets([asimov]).likelihood()
    amplitude = [parameter.name for parameter in gradient.parameters].index("amplitude")
    slope = gradient.gradient(gradient.values)
    assert abs(slope[amplitude] * source.spectral_model.amplitude.value) < 1e-6
