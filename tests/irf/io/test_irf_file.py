"""All responses of a file at once."""

import pytest
from astropy.io import fits

from geminga.errors import FormatError
from geminga.irf import IRF_REGISTRY, load_irf_dict_from_file


def write(responses, names, path):
    hdus = [responses[name].to_table_hdu() for name in names]
    fits.HDUList([fits.PrimaryHDU(), *hdus]).writeto(path)


def test_all_kinds(responses, tmp_path):
    write(responses, ["aeff", "edisp", "gauss", "bkg_3d", "rad_max"], tmp_path / "irf.fits")
    irfs = load_irf_dict_from_file(tmp_path / "irf.fits")
    assert list(irfs) == ["aeff", "edisp", "psf", "bkg", "rad_max"]
    assert irfs["psf"].tag == "psf_3gauss"
    assert irfs["bkg"].is_allclose(responses["bkg_3d"])


def test_first_of_a_kind_wins(responses, tmp_path, caplog):
    write(responses, ["king", "psf"], tmp_path / "irf.fits")
    irfs = load_irf_dict_from_file(tmp_path / "irf.fits")
    assert irfs["psf"].tag == "psf_king"
    assert "PSF_2D_TABLE is skipped" in caplog.text


def test_old_class_names_are_told_by_columns(responses, tmp_path):
    hdus = [responses[name].to_table_hdu() for name in ("aeff", "edisp", "gauss", "bkg_3d")]
    for hdu, old in zip(hdus, ("2D", "2D", "3GAUSS", "3D"), strict=True):
        hdu.header["HDUCLAS4"] = old
    fits.HDUList([fits.PrimaryHDU(), *hdus]).writeto(tmp_path / "irf.fits")
    irfs = load_irf_dict_from_file(tmp_path / "irf.fits")
    assert {name: irf.tag for name, irf in irfs.items()} == {
        "aeff": "aeff_2d",
        "edisp": "edisp_2d",
        "psf": "psf_3gauss",
        "bkg": "bkg_3d",
    }


def test_radius_of_the_keyword(responses, tmp_path):
    aeff = responses["aeff"]
    aeff.is_pointlike = True
    aeff.meta["RAD_MAX"] = 0.11
    write(responses, ["aeff"], tmp_path / "irf.fits")
    rad_max = load_irf_dict_from_file(tmp_path / "irf.fits")["rad_max"]
    assert rad_max.is_fixed_rad_max
    assert rad_max.data[0, 0] == 0.11


def test_no_file(tmp_path):
    with pytest.raises(FormatError, match=r"none\.fits"):
        load_irf_dict_from_file(tmp_path / "none.fits")


def test_registry():
    for tag in (
        "aeff_2d",
        "edisp_2d",
        "psf_table",
        "psf_3gauss",
        "psf_king",
        "bkg_2d",
        "bkg_3d",
        "rad_max_2d",
    ):
        assert IRF_REGISTRY.get_cls(tag).tag == tag
