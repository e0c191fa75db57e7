"""Temporary fit masks."""

import numpy as np
import pytest
from astropy import units as u

from geminga.datasets import Datasets, MapDataset, set_and_restore_mask_fit
from geminga.irf import EDispKernelMap, PSFMap
from geminga.maps import Map, MapAxis, WcsGeom


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


def test_responses_with_pixels_larger_than_the_map_are_kept():
    """A PSF for the whole sky has its two pixel centres far outside: what is stacked must keep it."""
    energy = MapAxis.from_energy_bounds("1 TeV", "10 TeV", 2, name="energy")
    energy_true = MapAxis.from_energy_bounds("1 TeV", "10 TeV", 3, name="energy_true")
    geom = WcsGeom.create(skydir=(83.6, 22.0), npix=(8, 8), binsz=0.1, axes=[energy])
    mask = np.ones(geom.data_shape, dtype=bool)
    mask[0, :4] = False
    mask[:, 0, 0] = False
    dataset = MapDataset(
        counts=Map.from_geom(geom, data=np.ones(geom.data_shape)),
        exposure=Map.from_geom(geom.to_image().to_cube([energy_true]), data=1e10, unit="m2 s"),
        psf=PSFMap.from_gauss(energy_true, sigma="0.1 deg"),
        edisp=EDispKernelMap.from_gauss(energy, energy_true, sigma=0.2, bias=0.0),
        mask_safe=Map.from_geom(geom, data=mask),
    )
    assert dataset.mask_safe_psf.data.any()
    assert dataset.mask_safe_edisp.data.any(axis=(-2, -1)).all()
    stacked = Datasets([dataset, dataset.copy()]).stack_reduce()
    np.testing.assert_allclose(
        stacked.psf.psf_map.data.max(axis=(-2, -1)), dataset.psf.psf_map.data.max(axis=(-2, -1))
    )
    kernels = [d.edisp.get_edisp_kernel(position=geom.center_skydir).pdf_matrix for d in (dataset, stacked)]
    np.testing.assert_allclose(kernels[1], kernels[0])
