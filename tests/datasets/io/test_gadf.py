"""FITS files of datasets."""

import numpy as np
import pytest
from astropy import units as u
from astropy.io import fits
from numpy.testing import assert_allclose

from geminga.datasets import MapDatasetMetaData, SpectrumDataset, SpectrumDatasetOnOff
from geminga.datasets.attributes import Deferred
from geminga.errors import FileExistsGemingaError, FormatError


def assert_same(one, other):
    for key in one._maps:
        a, b = getattr(one, key), getattr(other, key)
        assert (a is None) == (b is None), key
        if a is None:
            continue
        if key in ("psf", "edisp"):
            assert_allclose(
                getattr(b, f"{key}_map").data, getattr(a, f"{key}_map").data, rtol=1e-6, err_msg=key
            )
            assert_allclose(b.exposure_map.data, a.exposure_map.data, err_msg=key)
        else:
            assert_allclose(b.data, a.data, err_msg=key)
            assert b.unit == a.unit
            assert b.data.dtype.kind == a.data.dtype.kind


@pytest.mark.parametrize("lazy", [False, True])
def test_spectrum_round_trip(spectrum, model, tmp_path, lazy):
    path = tmp_path / "spec.fits"
    spectrum.meta = MapDatasetMetaData(obs_info=[{"obs_id": 1}, {"obs_id": 2}], optional={"a": 1})
    spectrum.write(path)
    back = SpectrumDataset.read(path, lazy=lazy)
    assert_same(spectrum, back)
    assert back.name == "spec"
    assert back.exposure.meta["livetime"] == 1800 * u.s
    assert_allclose(back.gti.time_sum.to_value("s"), 1800)
    assert back.meta_table["OBS_ID"][0] == 123
    assert [info.obs_id for info in back.meta.obs_info] == [1, 2]
    assert back.meta.optional == {"a": 1}
    spectrum.models = back.models = [model]
    assert_allclose(back.stat_sum(), spectrum.stat_sum(), rtol=1e-7)
    assert back.info_dict()["livetime"] == 1800 * u.s


def test_on_off_round_trip(on_off, tmp_path):
    on_off.write(tmp_path / "onoff.fits", format="gadf")
    back = SpectrumDatasetOnOff.read(tmp_path / "onoff.fits")
    assert_same(on_off, back)
    assert back.name == "onoff"
    assert_allclose(back.stat_sum(), on_off.stat_sum())
    lazy = SpectrumDatasetOnOff.read(tmp_path / "onoff.fits", lazy=True)
    assert_allclose(lazy.background.data, on_off.background.data)


def test_lazy_parts_are_read_when_needed(spectrum, tmp_path):
    path = tmp_path / "spec.fits"
    spectrum.write(path)
    back = SpectrumDataset.read(path, lazy=True)
    assert isinstance(back.__dict__["_exposure"], Deferred)
    assert back.exposure is back.exposure
    again = SpectrumDataset.read(path, lazy=True, cache=False)
    assert again.exposure is not again.exposure
    assert back.name == "spec"


def test_stat_type_is_kept(spectrum, tmp_path):
    spectrum.stat_type = "cash_weighted"
    spectrum.write(tmp_path / "a.fits")
    assert SpectrumDataset.read(tmp_path / "a.fits").stat_type == "cash_weighted"


def test_few_parts(geom, tmp_path):
    dataset = SpectrumDataset.from_geoms(geom, name="few")
    dataset.background = None
    dataset.gti = None
    dataset.write(tmp_path / "few.fits")
    back = SpectrumDataset.read(tmp_path / "few.fits")
    assert back.background is None
    assert back.gti is None
    assert back.exposure is None


def test_on_off_without_off_counts(on_off, tmp_path):
    on_off.counts_off = None
    on_off.write(tmp_path / "a.fits", format="gadf")
    back = SpectrumDatasetOnOff.read(tmp_path / "a.fits")
    assert back.counts_off is None
    assert_allclose(back.acceptance.data, 1)


def test_names_of_the_hdus(spectrum):
    names = [hdu.name for hdu in spectrum.to_hdulist()]
    for name in ("COUNTS", "EXPOSURE", "BACKGROUND", "EDISP", "EDISP_EXPOSURE", "MASK_SAFE", "MASK_FIT"):
        assert name in names
        assert f"{name}_BANDS" in names
        assert f"{name}_REGION" in names
    assert names[-2:] == ["GTI", "META_TABLE"]


def test_from_hdulist(spectrum):
    back = SpectrumDataset.from_hdulist(spectrum.to_hdulist(), name="again")
    assert_same(spectrum, back)
    assert back.name == "again"


def test_nothing_is_overwritten(spectrum, tmp_path):
    path = tmp_path / "spec.fits"
    spectrum.write(path)
    with pytest.raises(FileExistsGemingaError):
        spectrum.write(path)
    spectrum.write(path, overwrite=True, checksum=True)
    SpectrumDataset.read(path, checksum=True)


def test_errors_name_the_file(spectrum, tmp_path):
    with pytest.raises(FormatError, match="missing"):
        SpectrumDataset.read(tmp_path / "missing.fits")
    path = tmp_path / "empty.fits"
    fits.HDUList([fits.PrimaryHDU()]).writeto(path)
    with pytest.raises(FormatError, match=r"empty\.fits"):
        SpectrumDataset.read(path)
    path = tmp_path / "damaged.fits"
    hdulist = spectrum.to_hdulist()
    del hdulist["COUNTS_BANDS"]
    hdulist.writeto(path)
    with pytest.raises(FormatError, match=r"damaged\.fits.*COUNTS"):
        SpectrumDataset.read(path)


def test_text_table_cells(spectrum, tmp_path):
    spectrum.meta_table["NOTE"] = np.array([{"a": 1}], dtype=object)
    spectrum.write(tmp_path / "a.fits")
    assert "a" in SpectrumDataset.read(tmp_path / "a.fits").meta_table["NOTE"][0]
