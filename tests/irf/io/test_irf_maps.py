"""Files of response maps."""

import numpy as np
import pytest
from astropy.io import fits

from geminga.errors import FileExistsGemingaError, FormatError, UnknownNameError
from geminga.irf import EDispKernelMap, EDispMap, IRFMap, PSFMap, RecoPSFMap
from geminga.maps import Map, MapAxis


@pytest.fixture
def maps(psf_map, region_psf_map, edisp_map):
    energy = MapAxis.from_energy_bounds("0.1 TeV", "10 TeV", nbin=2)
    return {
        "psf": psf_map,
        "region": region_psf_map,
        "edisp": edisp_map,
        "kernels": edisp_map.to_edisp_kernel_map(energy),
        "reco": RecoPSFMap.from_gauss(energy),
    }


@pytest.mark.parametrize("name", ["psf", "region", "edisp", "kernels", "reco"])
def test_round_trip(maps, name, tmp_path):
    irf = maps[name]
    irf.write(tmp_path / "irf.fits")
    again = type(irf).read(tmp_path / "irf.fits")
    assert type(again) is type(irf)
    np.testing.assert_allclose(again._irf_map.data, irf._irf_map.data, rtol=1e-6)
    np.testing.assert_allclose(again.exposure_map.data, irf.exposure_map.data, rtol=1e-6)
    assert again._irf_map.unit == irf._irf_map.unit
    assert again.exposure_map.unit == "m2 s"
    assert again._irf_map.geom.axes.is_allclose(irf._irf_map.geom.axes)
    with pytest.raises(FileExistsGemingaError):
        irf.write(tmp_path / "irf.fits")


def test_names_of_hdus(maps):
    names = [hdu.name for hdu in maps["edisp"].to_hdulist()]
    assert {"EDISP", "EDISP_BANDS", "EDISP_EXPOSURE", "EDISP_EXPOSURE_BANDS"} <= set(names)
    names = [hdu.name for hdu in PSFMap(maps["psf"].psf_map).to_hdulist()]
    assert "PSF" in names
    assert "PSF_EXPOSURE" not in names


def test_class_follows_the_axes(maps, tmp_path):
    maps["reco"].write(tmp_path / "psf.fits")
    assert type(PSFMap.read(tmp_path / "psf.fits")) is RecoPSFMap
    assert type(IRFMap.read(tmp_path / "psf.fits")) is RecoPSFMap
    maps["kernels"].write(tmp_path / "edisp.fits")
    assert type(EDispMap.read(tmp_path / "edisp.fits")) is EDispKernelMap
    with pytest.raises(FormatError, match=r"edisp\.fits"):
        PSFMap.read(tmp_path / "edisp.fits", hdu="EDISP")


def test_without_exposure(maps, tmp_path):
    PSFMap(maps["psf"].psf_map).write(tmp_path / "psf.fits")
    assert PSFMap.read(tmp_path / "psf.fits").exposure_map is None


def test_from_a_file_with_other_maps(maps):
    hdulist = maps["psf"].to_hdulist()
    for hdu in maps["edisp"].to_hdulist()[1:]:
        hdulist.append(hdu)
    assert type(PSFMap.from_hdulist(hdulist)) is PSFMap
    assert type(EDispMap.from_hdulist(hdulist)) is EDispMap
    assert type(IRFMap.from_hdulist(hdulist, hdu="EDISP", exposure_hdu="EDISP_EXPOSURE")) is EDispMap


def test_what_is_no_response_map(maps, tmp_path):
    with pytest.raises(FormatError, match="NOPE"):
        PSFMap.from_hdulist(maps["psf"].to_hdulist(), hdu="NOPE")
    with pytest.raises(FormatError, match="PSF"):
        PSFMap.from_hdulist(fits.HDUList([fits.PrimaryHDU()]))
    Map.create(npix=3, axes=[MapAxis.from_energy_bounds("1 TeV", "2 TeV", nbin=2)]).write(
        tmp_path / "counts.fits"
    )
    with pytest.raises(FormatError, match=r"counts\.fits"):
        PSFMap.read(tmp_path / "counts.fits")
    with pytest.raises(FormatError, match=r"none\.fits"):
        PSFMap.read(tmp_path / "none.fits")
    with pytest.raises(UnknownNameError, match="gtpsf"):
        PSFMap.read(tmp_path / "counts.fits", format="nonsense")


def test_gtpsf_round_trip(region_psf_map, tmp_path):
    region_psf_map.write(tmp_path / "psf.fits", format="gtpsf")
    again = PSFMap.read(tmp_path / "psf.fits", format="gtpsf")
    np.testing.assert_allclose(again.psf_map.data[..., 0, 0], region_psf_map.psf_map.data[..., 0, 0])
    assert again.exposure_map.unit == "cm2 s"
    np.testing.assert_allclose(again.exposure_map.data, region_psf_map.exposure_map.data * 1e4)
    energy = region_psf_map.psf_map.geom.axes["energy_true"].center
    np.testing.assert_allclose(
        again.containment_radius(0.68, energy), region_psf_map.containment_radius(0.68, energy), atol=1e-3
    )


def test_gtpsf_needs_one_position(psf_map, edisp_map, region_psf_map):
    with pytest.raises(FormatError, match="one position"):
        psf_map.to_hdulist(format="gtpsf")
    with pytest.raises(FormatError, match="gadf"):
        EDispMap.from_hdulist(region_psf_map.to_hdulist(format="gtpsf"), format="gtpsf")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda hdus: hdus.pop("THETA"), "THETA"),
        (lambda hdus: hdus["PSF"].columns.del_col("Exposure"), "EXPOSURE"),
        (lambda hdus: hdus["PSF"].data["Psf"].__setitem__((0, 0), np.nan), "finite"),
        (lambda hdus: setattr(hdus["THETA"].columns["Theta"], "unit", "s"), "convertible"),
    ],
)
def test_damaged_gtpsf(region_psf_map, damage, message):
    hdulist = region_psf_map.to_hdulist(format="gtpsf")
    damage(hdulist)
    with pytest.raises(FormatError, match=message):
        PSFMap.from_hdulist(hdulist, format="gtpsf")


def test_average_over_the_energy(psf_map, tmp_path):
    image = psf_map.to_image(keepdims=False)
    image.write(tmp_path / "image.fits")
    again = PSFMap.read(tmp_path / "image.fits")
    np.testing.assert_allclose(again.psf_map.data, image.psf_map.data, rtol=1e-6)
