"""Slices, resampled axes and images of spectra."""

import numpy as np
import pytest
from astropy import units as u
from numpy.testing import assert_allclose

from geminga.datasets.regridding import energy_slice
from geminga.errors import AxisMismatchError, DataError
from geminga.maps import MapAxis
from geminga.modeling.models import PowerLawSpectralModel, SkyModel


@pytest.fixture
def wide_axis():
    return MapAxis.from_energy_edges([1, 10**0.5, 10] * u.TeV)


def test_slice_by_idx(spectrum, on_off):
    sliced = spectrum.slice_by_idx({"energy": slice(1, 3)}, name="part")
    assert sliced.name == "part"
    assert_allclose(sliced.counts.data.ravel(), [13, 5])
    assert sliced.mask_safe.data.ravel().tolist() == [True, True]
    assert sliced.mask_fit.data.ravel().tolist() == [False, True]
    assert sliced.exposure.data.shape == (7, 1, 1)
    assert sliced.edisp.edisp_map.data.shape == (7, 2, 1, 1)
    assert_allclose(sliced.edisp.edisp_map.data, spectrum.edisp.edisp_map.data[:, 1:3])
    assert len(spectrum.slice_by_idx({"energy": 1}).counts.data) == 1
    sliced = on_off.slice_by_idx({"energy": slice(1, 3)})
    assert_allclose(sliced.counts_off.data.ravel(), [18, 19])
    assert_allclose(sliced.acceptance_off.data.ravel(), [6, 6])


def test_slice_keeps_times_tables_and_provenance(spectrum):
    spectrum.meta.optional = {"origin": "test"}
    for part in (
        spectrum.slice_by_idx({"energy": slice(0, 2)}),
        spectrum.to_image(),
        spectrum.slice_by_energy("2 TeV", "6 TeV"),
    ):
        assert part.gti is spectrum.gti
        assert part.meta_table is spectrum.meta_table
        assert part.meta.optional == {"origin": "test"}
        assert part.exposure.meta["livetime"] == 1800 * u.s


def test_slice_predicts_a_part(spectrum):
    source = SkyModel(PowerLawSpectralModel(), name="source")
    spectrum.models = [source]
    sliced = spectrum.slice_by_energy("2 TeV", "6 TeV")
    sliced.models = [source]
    assert_allclose(sliced.npred().data, spectrum.npred().data[1:3])


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        ("2 TeV", "6 TeV", slice(1, 3)),
        (None, None, slice(0, 4)),
        ("0.1 TeV", "100 TeV", slice(0, 4)),
        (1778.2794 * u.GeV, None, slice(1, 4)),
        ("1.33 TeV", "10 TeV", slice(0, 4)),
        ("1.34 TeV", "10 TeV", slice(1, 4)),
    ],
)
def test_energy_slice_rounds_to_edges(geom, low, high, expected):
    # The middle between 1 and 10**0.25 TeV is 10**0.125 = 1.3335 TeV.
    assert energy_slice(geom.axes["energy"], low, high) == expected


@pytest.mark.parametrize(
    ("low", "high"), [("20 TeV", "60 TeV"), ("0.1 TeV", "0.5 TeV"), ("3.1 TeV", "3.2 TeV")]
)
def test_energy_slice_without_bins(geom, low, high):
    with pytest.raises(AxisMismatchError, match="10 TeV"):
        energy_slice(geom.axes["energy"], low, high)


def test_slices_agree_with_group_table(geom):
    """The rounding is that of the table of groups."""
    axis = geom.axes["energy"]
    for low, high in [(1.2, 4.0), (2.5, 7.0), (1.0, 9.0)]:
        table = axis.group_table([low, high] * u.TeV)
        normal = table[[kind.strip() == "normal" for kind in table["bin_type"]]][0]
        found = energy_slice(axis, low * u.TeV, high * u.TeV)
        assert (found.start, found.stop - 1) == (normal["idx_min"], normal["idx_max"])


def test_resample_energy_axis(spectrum, wide_axis):
    new = spectrum.resample_energy_axis(wide_axis, name="wide")
    # oracle: peer 2.1
    assert new.name == "wide"
    assert_allclose(new.counts.data.ravel(), [13, 15])
    assert_allclose(new.background.data.ravel(), [3.5, 7])
    assert new.mask_safe.data.all()
    assert new.mask_fit.data.ravel().tolist() == [False, True]
    assert_allclose(new.exposure.data, spectrum.exposure.data)
    assert_allclose(new.edisp.edisp_map.data[3, :, 0, 0], [3.93965632e-01, 5.98807868e-01], rtol=2e-6)


def test_resample_on_off(on_off, wide_axis):
    new = on_off.resample_energy_axis(wide_axis)
    # oracle: peer 2.1
    assert_allclose(new.counts.data.ravel(), [13, 15])
    assert_allclose(new.counts_off.data.ravel(), [18, 36])
    assert_allclose(new.acceptance.data.ravel(), [1, 2])
    assert_allclose(new.acceptance_off.data.ravel(), [6, 12])


def test_resample_conserves_the_background_estimate(on_off, wide_axis):
    on_off.acceptance_off.data = np.array([6, 5, 4, 8.0]).reshape(4, 1, 1)
    safe = on_off.mask_safe.data
    new = on_off.resample_energy_axis(wide_axis)
    assert_allclose(new.background.data.sum(), on_off.background.data[safe].sum())


def test_to_image(spectrum, on_off):
    image = spectrum.to_image(name="image")
    # oracle: peer 2.1
    assert_allclose(image.counts.data.ravel(), [28])
    assert_allclose(image.background.data.ravel(), [10.5])
    expected = [0.0, 0.00242569, 0.68706766, 0.9927735, 0.99997795, 0.60287799, 0.02282012]
    assert_allclose(image.edisp.edisp_map.data.ravel(), expected, rtol=1e-5)
    image = on_off.to_image()
    assert_allclose([image.counts_off.data.item(), image.acceptance.data.item()], [54, 3])
    assert_allclose(image.acceptance_off.data.item(), 18)
    assert type(image) is type(on_off)


def test_downsample_energy(spectrum, wide_axis):
    new = spectrum.downsample(2, axis_name="energy")
    assert_allclose(new.counts.data, spectrum.resample_energy_axis(wide_axis).counts.data)
    with pytest.raises(DataError, match="energy_true"):
        spectrum.downsample(2, axis_name="energy_true")
