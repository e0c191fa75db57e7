"""OGIP files of on-off spectra."""

import numpy as np
import pytest
from astropy import units as u
from astropy.io import fits
from numpy.testing import assert_allclose

from geminga.datasets import OGIPDatasetReader, OGIPDatasetWriter, SpectrumDatasetOnOff
from geminga.errors import FileExistsGemingaError, FormatError, UnknownNameError


@pytest.mark.parametrize("format", ["ogip", "ogip-sherpa"])
def test_round_trip(on_off, model, tmp_path, format):
    on_off.models = [model]
    expected = on_off.stat_sum()
    on_off.write(tmp_path / "pha.fits", format=format)
    back = SpectrumDatasetOnOff.read(tmp_path / "pha.fits")
    assert back.name == "onoff"
    for key in ("counts", "counts_off", "acceptance", "acceptance_off", "mask_safe", "mask_fit"):
        assert_allclose(getattr(back, key).data, getattr(on_off, key).data, err_msg=key)
    assert_allclose(back.exposure.quantity.to_value("m2 s"), on_off.exposure.quantity.to_value("m2 s"))
    assert back.exposure.meta["livetime"] == 1800 * u.s
    assert_allclose(back.gti.time_sum.to_value("s"), 1800)
    assert back.meta_table["OBS_ID"][0] == 123
    back.models = [model]
    assert_allclose(back.stat_sum(), expected, rtol=1e-5)


def test_files(on_off, tmp_path):
    on_off.write(tmp_path / "crab.fits.gz", format="ogip-sherpa")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "crab.fits.gz",
        "crab_arf.fits.gz",
        "crab_bkg.fits.gz",
        "crab_rmf.fits.gz",
    ]
    with fits.open(tmp_path / "crab.fits.gz") as hdulist:
        header = hdulist["SPECTRUM"].header
        assert header["EXPOSURE"] == 1800
        assert header["BACKFILE"] == "crab_bkg.fits.gz"
        assert header["TELESCOP"] == "HESS"
        assert hdulist["SPECTRUM"].data["QUALITY"].tolist() == [1, 0, 0, 0]
        assert hdulist["SPECTRUM"].columns["COUNTS"].format == "J"
        assert hdulist["EBOUNDS"].columns["E_MIN"].unit == "keV"
        assert_allclose(hdulist["EBOUNDS"].data["E_MIN"][0], 1e9)
    with fits.open(tmp_path / "crab_arf.fits.gz") as hdulist:
        assert hdulist["SPECRESP"].columns["SPECRESP"].unit == "cm2"
        assert_allclose(hdulist["SPECRESP"].data["SPECRESP"][0], 1e9 / 1800 * 1e4)
        assert_allclose(hdulist["SPECRESP"].data["ENERG_LO"][0], 0.5e9)


def test_counts_that_are_no_integers(on_off, tmp_path):
    on_off.counts.data = on_off.counts.data + 0.5
    on_off.write(tmp_path / "pha.fits", format="ogip")
    back = SpectrumDatasetOnOff.read(tmp_path / "pha.fits")
    assert_allclose(back.counts.data, on_off.counts.data)


def test_without_off_counts_and_matrix(on_off, tmp_path):
    on_off.counts_off = on_off.acceptance_off = on_off.edisp = None
    on_off.write(tmp_path / "pha.fits", format="ogip")
    back = SpectrumDatasetOnOff.read(tmp_path / "pha.fits")
    assert back.counts_off is None
    assert back.edisp is None
    assert not (tmp_path / "pha_bkg.fits").exists()


def test_unknown_livetime(on_off, tmp_path):
    on_off.exposure.meta = {}
    on_off.write(tmp_path / "pha.fits", format="ogip")
    back = SpectrumDatasetOnOff.read(tmp_path / "pha.fits")
    assert_allclose(back.exposure.meta["livetime"].to_value("s"), 1800)
    assert_allclose(back.exposure.data, on_off.exposure.data)


def test_off_exposure_counts(on_off, tmp_path):
    on_off.write(tmp_path / "pha.fits", format="ogip")
    with fits.open(tmp_path / "pha_bkg.fits", mode="update") as hdulist:
        hdulist["SPECTRUM"].header["EXPOSURE"] = 3600
    back = SpectrumDatasetOnOff.read(tmp_path / "pha.fits")
    assert_allclose(back.alpha.data, on_off.alpha.data / 2)


def test_scalar_backscal(on_off, tmp_path):
    on_off.write(tmp_path / "pha.fits", format="ogip")
    with fits.open(tmp_path / "pha.fits") as hdulist:
        spectrum = hdulist["SPECTRUM"]
        columns = [column for column in spectrum.columns if column.name != "BACKSCAL"]
        new = fits.BinTableHDU.from_columns(columns, header=spectrum.header)
        new.header["BACKSCAL"] = 0.5
        hdulist["SPECTRUM"] = new
        hdulist.writeto(tmp_path / "scalar.fits")
    assert_allclose(SpectrumDatasetOnOff.read(tmp_path / "scalar.fits").acceptance.data, 0.5)


def test_nothing_is_written_if_a_file_exists(on_off, tmp_path):
    (tmp_path / "pha_rmf.fits").touch()
    with pytest.raises(FileExistsGemingaError, match="rmf"):
        on_off.write(tmp_path / "pha.fits", format="ogip")
    assert not (tmp_path / "pha.fits").exists()
    on_off.write(tmp_path / "pha.fits", format="ogip", overwrite=True)


def test_errors_name_file_and_column(on_off, tmp_path):
    with pytest.raises(FormatError, match="missing"):
        SpectrumDatasetOnOff.read(tmp_path / "missing.fits")
    with pytest.raises(UnknownNameError, match="ogip-sherpa"):
        on_off.write(tmp_path / "a.fits", format="xspec")
    on_off.write(tmp_path / "pha.fits", format="ogip")
    (tmp_path / "pha_arf.fits").rename(tmp_path / "elsewhere.fits")
    with pytest.raises(FormatError, match="pha_arf"):
        SpectrumDatasetOnOff.read(tmp_path / "pha.fits")
    with fits.open(tmp_path / "elsewhere.fits") as hdulist:
        hdulist["SPECRESP"].header["TUNIT3"] = "TeV"
        hdulist.writeto(tmp_path / "pha_arf.fits")
    with pytest.raises(FormatError, match=r"pha_arf.*SPECRESP.*m2"):
        SpectrumDatasetOnOff.read(tmp_path / "pha.fits")
    with pytest.raises(FormatError, match="SPECTRUM"):
        OGIPDatasetReader(tmp_path / "pha_arf.fits").read()


def test_parts(on_off, tmp_path):
    writer = OGIPDatasetWriter(tmp_path / "pha.fits")
    writer.write(on_off)
    reader = OGIPDatasetReader(tmp_path / "pha.fits")
    pha = reader.read_pha(tmp_path / "pha.fits")
    assert_allclose(pha["counts"].data, on_off.counts.data)
    assert set(reader.read_bkg(tmp_path / "pha_bkg.fits")) == {"counts_off", "acceptance_off"}
    arf = reader.read_arf(tmp_path / "pha_arf.fits", livetime=1800 * u.s)
    rmf = reader.read_rmf(tmp_path / "pha_rmf.fits", exposure=arf)
    assert_allclose(rmf.exposure_map.data.ravel(), arf.data.ravel())
    assert rmf.edisp_map.geom.axes["energy_true"] == arf.geom.axes["energy_true"]
    assert reader.get_valid_path("pha_bkg.fits") == tmp_path / "pha_bkg.fits"
    meta = writer.get_ogip_meta(on_off, is_bkg=True)
    assert meta["HDUCLAS2"] == "BKG"


@pytest.mark.realdata
def test_pks_2155(gammapy_data):
    dataset = SpectrumDatasetOnOff.read(gammapy_data / "PKS2155-steady/pks2155-304_steady.fits.gz")
    info = dataset.info_dict()
    # oracle: peer 2.1, info_dict
    expected = {
        "counts": 119,
        "excess": 81.24999641627073,
        "sqrt_ts": 9.899054343611413,
        "counts_off": 453,
        "acceptance_off": 95.99999088641121,
        "n_fit_bins": 8,
        "npred": 44.0000038196349,
        "stat_sum": 109.20995592347637,
    }
    for key, value in expected.items():
        assert_allclose(info[key], value, rtol=1e-6, err_msg=key)
    assert_allclose(info["livetime"].to_value("s"), 9397.20266787)
    assert_allclose(info["ontime"].to_value("s"), 10128)
    assert_allclose(info["exposure_max"].to_value("m2 s"), 2.67716261e09, rtol=1e-6)
    assert dataset.name == "stacked"
    assert np.isclose(dataset.counts.geom.region.radius.to_value("deg"), 0.11)
