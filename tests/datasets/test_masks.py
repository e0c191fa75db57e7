"""Temporary fit masks."""

import pytest
from astropy import units as u

from geminga.datasets import Datasets, set_and_restore_mask_fit


@pytest.mark.parametrize(
    ("kwargs", "first", "second"),
    [
        # oracle: peer 2.1, set_and_restore_mask_fit on the same masks
        ({"energy_min": 2 * u.TeV}, [False, False, True, True], [False, False, True, True]),
        (
            {"energy_min": 2 * u.TeV, "round_to_edge": True},
            [False, False, True, True],
            [False, True, True, True],
        ),
        ({}, [False, False, True, True], None),
    ],
)
def test_mask_is_combined_and_restored(spectrum, kwargs, first, second):
    other = spectrum.copy(name="other")
    other.mask_fit = None
    before = spectrum.mask_fit
    with set_and_restore_mask_fit(Datasets([spectrum, other]), **kwargs) as datasets:
        assert datasets[0].mask_fit.data.ravel().tolist() == first
        if second is not None:
            assert datasets[1].mask_fit.data.ravel().tolist() == second
    assert spectrum.mask_fit is before
    assert other.mask_fit is None


def test_datasets_without_bins_are_left_out(spectrum):
    with set_and_restore_mask_fit([spectrum], energy_min="20 TeV") as datasets:
        assert len(datasets) == 0


def test_given_mask_and_operator(spectrum, geom):
    mask = geom.energy_mask(5 * u.TeV)
    with set_and_restore_mask_fit([spectrum], mask_fit=mask) as datasets:
        assert datasets[0].mask_fit.data.ravel().tolist() == [False, False, False, True]


def test_masks_come_back_after_an_error(spectrum):
    before = spectrum.mask_fit
    with pytest.raises(KeyError), set_and_restore_mask_fit([spectrum], energy_min="2 TeV"):
        raise KeyError
    assert spectrum.mask_fit is before
