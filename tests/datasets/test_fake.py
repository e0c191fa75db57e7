"""Draws of counts."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from geminga.datasets import SpectrumDatasetOnOff
from geminga.errors import DataError
from geminga.modeling.models import PowerLawSpectralModel, SkyModel


@pytest.fixture
def sources():
    return [
        SkyModel(PowerLawSpectralModel(amplitude="3e-12 TeV-1 s-1 cm-2"), name="a", datasets_names=["spec"]),
        SkyModel(PowerLawSpectralModel(amplitude="3e-12 TeV-1 s-1 cm-2"), name="b"),
    ]


def test_fake_is_a_seeded_poisson_draw(spectrum, sources):
    spectrum.models = sources
    before = spectrum.counts
    spectrum.fake(42)
    # oracle: peer 2.1, SpectrumDataset.fake(42)
    assert_allclose(spectrum.counts.data.ravel(), [131, 141, 96, 83])
    assert_allclose(before.data.ravel(), [5, 13, 5, 10])


def test_fake_takes_nan_as_zero(spectrum):
    spectrum.background.data[0] = np.nan
    spectrum.fake(0)
    assert spectrum.counts.data[0, 0, 0] == 0


def test_fake_on_off(on_off, sources):
    on_off.models = sources
    background = on_off.npred_background()
    # oracle: peer 2.1; the draws depend on the background only through its rounding
    assert_allclose(background.data.ravel(), [3.31999082, 2.6444353, 2.74999901, 2.51660523], rtol=1e-6)
    on_off.fake(npred_background=background, random_state=42)
    assert_allclose(on_off.counts.data.ravel(), [63, 73, 45, 42])
    assert_allclose(on_off.counts_off.data.ravel(), [21, 13, 16, 11])


def test_fake_on_off_mean(geom, on_off):
    """Averaged over draws, off counts are background over alpha."""
    background = on_off.background
    total = np.zeros(4)
    state = np.random.RandomState(0)
    for _ in range(400):
        on_off.fake(background, state)
        total += on_off.counts_off.data.ravel()
    expected = background.data.ravel() * 6
    assert np.all(abs(total / 400 - expected) < 5 * np.sqrt(expected / 400))


def test_fake_checks_the_background(on_off):
    with pytest.raises(DataError, match="shape"):
        on_off.fake(on_off.background.slice_by_idx({"energy": slice(0, 1)}))


def test_asimov(spectrum, sources):
    spectrum.models = sources
    asimov = spectrum.to_asimov()
    assert_allclose(asimov.counts.data, spectrum.npred().data)
    assert asimov.models is spectrum.models
    assert asimov.name == spectrum.name
    assert_allclose(spectrum.counts.data.ravel(), [5, 13, 5, 10])
    assert isinstance(SpectrumDatasetOnOff._to_asimov_dataset, type(test_asimov))
