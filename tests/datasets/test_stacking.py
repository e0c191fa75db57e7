"""Adding datasets up."""

import logging

import numpy as np
import pytest
from astropy import units as u
from astropy.table import Table
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from geminga.datasets.stacking import off_acceptance, stack_meta_tables
from geminga.errors import DataError
from geminga.modeling.models import FoVBackgroundModel, PowerLawSpectralModel, SkyModel


def other_of(dataset):
    """Return a dataset with other counts, twice the exposure, and the lower half safe."""
    other = dataset.copy(name="other")
    other.mask_safe.data = np.array([True, True, False, False]).reshape(4, 1, 1)
    other.counts.data = other.counts.data * 10
    other.exposure.data = other.exposure.data * 2
    return other


def test_stack(spectrum):
    other = other_of(spectrum)
    spectrum.stack(other)
    # oracle: peer 2.1, SpectrumDataset.stack of the same arrays
    assert_allclose(spectrum.counts.data.ravel(), [55, 143, 5, 10])
    assert_allclose(spectrum.background.data.ravel(), [7, 7, 3.5, 3.5])
    assert spectrum.mask_safe.data.all()
    assert_allclose(spectrum.exposure.data.ravel(), 3 * np.linspace(1e9, 2e10, 7))
    assert_allclose(spectrum.edisp.exposure_map.data.ravel(), 2 * np.linspace(1e9, 2e10, 7))
    expected = [7.22643e-03, 3.93965631e-01, 2.9933566e-01, 6.8275294e-05]
    assert_allclose(spectrum.edisp.edisp_map.data[3, :, 0, 0], expected, rtol=2e-5)
    assert_allclose(spectrum.gti.time_sum.to_value("s"), 1800)
    assert spectrum.exposure.meta["livetime"] == 3600 * u.s
    assert spectrum.meta_table["OBS_ID"][0].tolist() == [123, 123]


def test_stack_on_off(on_off):
    other = other_of(on_off)
    other.acceptance.data = other.acceptance.data * 2
    other.counts_off.data[1], other.counts_off.data[3], on_off.counts_off.data[3] = 7, 0, 0
    on_off.stack(other)
    # oracle: peer 2.1, SpectrumDatasetOnOff.stack of the same arrays
    assert_allclose(on_off.counts.data.ravel(), [55, 143, 5, 10])
    assert_allclose(on_off.counts_off.data.ravel(), [46, 25, 19, 0])
    assert_allclose(on_off.acceptance.data.ravel(), [3, 3, 1, 1])
    assert_allclose(on_off.acceptance_off.data.ravel(), [12, 14.0625, 6, 4.5])
    assert_allclose(on_off.background.data.ravel(), [11.5, 16 / 3, 19 / 6, 0])


def test_stacked_data_agree_with_the_sum_of_predictions(spectrum):
    """What a stacked dataset predicts is the sum over the datasets, bin by bin where both are safe."""
    source = SkyModel(PowerLawSpectralModel(amplitude="3e-12 TeV-1 s-1 cm-2"), name="source")
    other = spectrum.copy(name="other")
    other.exposure.data = other.exposure.data * np.linspace(1, 3, 7).reshape(7, 1, 1)
    other.edisp.exposure_map.data = other.exposure.data[:, None].copy()
    for dataset in (spectrum, other):
        dataset.mask_safe.data[...] = True
        dataset.models = [source]
    expected = spectrum.npred().data + other.npred().data
    spectrum.stack(other)
    assert_allclose(spectrum.npred().data, expected, rtol=1e-6)


def test_off_counts_nowhere(on_off):
    other = other_of(on_off)
    other.mask_safe.data[...] = True
    for dataset in (on_off, other):
        dataset.counts_off.data[...] = 0
    on_off.stack(other)
    assert_allclose(on_off.acceptance_off.data.ravel(), 12)


def test_incomplete_on_off(on_off):
    other = on_off.copy()
    other.counts_off = None
    with pytest.raises(DataError, match="counts_off"):
        on_off.stack(other)


def test_nothing_safe_is_skipped(spectrum, caplog):
    other = other_of(spectrum)
    other.mask_safe.data[...] = False
    other.gti = type(other.gti).create([5000] * u.s, [6000] * u.s)
    with caplog.at_level(logging.WARNING):
        spectrum.stack(other)
    assert "no safe bin" in caplog.text
    assert_allclose(spectrum.counts.data.ravel(), [5, 13, 5, 10])
    assert_allclose(spectrum.gti.time_sum.to_value("s"), 1800)


def test_missing_masks(spectrum):
    """None means that everything is good."""
    other = spectrum.copy()
    other.mask_safe = other.mask_fit = None
    spectrum.stack(other)
    assert spectrum.mask_safe.data.all()
    assert spectrum.mask_fit.data.all()
    assert_allclose(spectrum.counts.data.ravel(), [10, 26, 10, 20])


def test_fit_mask_of_an_empty_dataset_does_not_count(spectrum, geom):
    empty = type(spectrum).create(geom, energy_axis_true=spectrum.exposure.geom.axes["energy_true"])
    empty.stack(spectrum)
    assert empty.mask_fit.data.ravel().tolist() == [False, False, True, True]
    assert spectrum.to_masked().mask_fit.data.ravel().tolist() == [False, False, True, True]


def test_background_models_are_applied(spectrum):
    other = spectrum.copy(name="other")
    for dataset, norm in ((spectrum, 2), (other, 3)):
        background = FoVBackgroundModel(dataset_name=dataset.name)
        background.spectral_model.norm.value = norm
        dataset.models = [background]
    spectrum.stack(other)
    # oracle: peer 2.1
    assert_allclose(spectrum.background.data.ravel(), [7, 17.5, 17.5, 17.5])
    assert_allclose(spectrum.npred_background().data.ravel(), [7, 17.5, 17.5, 17.5])
    assert_allclose(other.background.data, 3.5)


def test_to_masked(spectrum, on_off):
    masked = spectrum.to_masked(name="masked")
    # oracle: peer 2.1
    assert masked.name == "masked"
    assert_allclose(masked.counts.data.ravel(), [0, 13, 5, 10])
    assert_allclose(masked.background.data.ravel(), [0, 3.5, 3.5, 3.5])
    assert_allclose(masked.edisp.edisp_map.data[:, 0], 0)
    assert_allclose(masked.exposure.data, spectrum.exposure.data)
    assert masked.exposure.meta["livetime"] == 1800 * u.s
    masked = on_off.to_masked()
    assert_allclose(masked.counts_off.data.ravel(), [0, 18, 19, 17])
    assert_allclose(masked.acceptance.data.ravel(), [0, 1, 1, 1])
    assert_allclose(masked.acceptance_off.data.ravel(), [0, 6, 6, 6])
    assert masked.stat_type == "wstat"


def test_stacking_a_slice_leaves_the_original_alone(spectrum):
    sliced = spectrum.slice_by_energy("2 TeV", "10 TeV")
    before = spectrum.exposure.data.copy(), spectrum.counts.data.copy(), spectrum.edisp.edisp_map.data.copy()
    sliced.stack(sliced.copy())
    assert_allclose(spectrum.exposure.data, before[0])
    assert_allclose(spectrum.counts.data, before[1])
    assert_allclose(spectrum.edisp.edisp_map.data, before[2])
    assert_allclose(sliced.exposure.data, 2 * before[0])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.floats(0.1, 5), st.floats(0.1, 20)), min_size=2, max_size=5))
def test_off_acceptance_keeps_the_background(rows):
    """Alpha times the off counts of the sum is the sum of the estimates."""
    counts_off = np.array([row[0] for row in rows], dtype=float)
    acceptance, acceptance_off = np.array([row[1] for row in rows]), np.array([row[2] for row in rows])
    background = (acceptance / acceptance_off * counts_off).sum()
    new = off_acceptance(
        np.array([acceptance.sum()]),
        np.array([counts_off.sum()]),
        np.array([background]),
        acceptance_off.sum(),
    )
    assert_allclose(acceptance.sum() / new[0] * counts_off.sum(), background, rtol=1e-9)


def test_meta_tables():
    one, two = Table({"A": [1], "B": ["x"]}), Table({"A": [2]})
    one["A"].unit, two["A"].unit = "m", "cm"
    table = stack_meta_tables([one, two])
    assert table.colnames == ["A"]
    assert_allclose(table["A"][0], [1, 0.02])
    assert table["A"].unit == "m"
    assert stack_meta_tables([None, None]) is None
    assert stack_meta_tables([one, None]).colnames == ["A", "B"]
    three = stack_meta_tables([stack_meta_tables([one, two]), two])
    assert_allclose(three["A"][0], [1, 0.02, 0.02])
