"""Fermi-LAT products."""

import numpy as np
import pytest
from astropy import units as u
from astropy.io import fits
from numpy.testing import assert_allclose

from geminga.datasets import FermipyDatasetsReader
from geminga.errors import FormatError
from geminga.maps import WcsGeom


def write_exposure(path, energies):
    """Write an exposure that grows with energy and latitude, as gtexpcube2 lays it out."""
    geom = WcsGeom.create(skydir=(0, 0), width=12, binsz=0.5, frame="galactic", proj="CAR")
    lat = geom.get_coord().lat.to_value("deg")
    data = 1e11 * np.log10(energies)[:, None, None] * (1 + 0.1 * lat)
    primary = fits.PrimaryHDU(data=data.astype("f4"), header=geom.to_header())
    primary.header["BUNIT"] = "cm2 s"
    table = fits.BinTableHDU.from_columns(
        [fits.Column("Energy", "D", unit="MeV", array=energies)], name="ENERGIES"
    )
    fits.HDUList([primary, table]).writeto(path)


@pytest.fixture
def products(gammapy_data, tmp_path):
    source = gammapy_data / "fermi-gc"
    for item in source.iterdir():
        (tmp_path / item.name).symlink_to(item)
    with fits.open(source / "drm_00.fits") as hdulist:
        low, high = hdulist["DRM"].data["ENERG_LO"], hdulist["DRM"].data["ENERG_HI"]
    for number in ("00", "01"):
        write_exposure(tmp_path / f"bexpmap_{number}.fits", np.sqrt(low * high))
    return tmp_path


@pytest.mark.realdata
def test_reader(products, monkeypatch, gammapy_data):
    monkeypatch.setenv("GAMMAPY_DATA", str(gammapy_data))
    datasets = FermipyDatasetsReader(products / "config_fermipy_gc_example.yaml", edisp_bins=2).read()
    # oracle: peer 2.1, FermipyDatasetsReader with the same files
    assert datasets.names == ["P8R3_CLEAN_V3_PSF2_v1", "P8R3_CLEAN_V3_PSF3_v1"]
    dataset = datasets[0]
    axis = dataset.counts.geom.axes["energy"]
    assert axis.nbin == 24
    assert_allclose(axis.edges[[0, -1]].to_value("MeV"), [6309.5735, 1584893.184], rtol=1e-6)
    assert dataset.counts.data.sum() == 12202
    assert dataset.exposure.data.shape == (28, 80, 80)
    expected = [3.66825000e11, 3.76875005e11, 3.86924996e11, 3.96974988e11]
    assert_allclose(dataset.exposure.data[:4, 40, 40], expected, rtol=1e-6)
    assert dataset.psf.psf_map.data.shape == (28, 200, 1, 1)
    assert_allclose(
        dataset.psf.psf_map.data[:3, 0, 0, 0], [49164.79607057, 68064.90775598, 87073.27457823], rtol=1e-6
    )
    assert_allclose(dataset.psf.exposure_map.data.ravel()[:2], [1.51981899e11, 1.51100467e11], rtol=1e-6)
    expected = [2.59123766e-03, 1.07759675e-02, 8.27840716e-02, 8.69262815e-01]
    assert_allclose(dataset.edisp.edisp_map.data[5, :4, 0, 0], expected, rtol=1e-6)
    assert dataset.models.names == ["isotropic_P8R3_CLEAN_V3_PSF2_v1"]
    assert dataset.mask_safe.data.all()
    assert not dataset.background.data.any()
    assert dataset.gti is None


@pytest.mark.realdata
def test_create_dataset(products):
    files = [products / f"{stem}_00.fits" for stem in ("ccube", "bexpmap", "psf", "drm")]
    dataset = FermipyDatasetsReader.create_dataset(*files, edisp_bins=1, name="x", gti_file=files[0])
    assert dataset.name == "x"
    assert dataset.counts.data.sum() == 18080
    assert dataset.models is None
    assert dataset.gti.time_sum > 1 * u.yr
    with pytest.raises(FormatError, match="DRM"):
        FermipyDatasetsReader.create_dataset(files[0], files[1], files[2], files[0])


def test_missing_products(tmp_path):
    (tmp_path / "config.yaml").write_text("components: [{}]")
    with pytest.raises(FormatError, match="ccube_00"):
        FermipyDatasetsReader(tmp_path / "config.yaml").read()
    (tmp_path / "config.yaml").write_text("- 1")
    with pytest.raises(FormatError, match="config"):
        FermipyDatasetsReader(tmp_path / "config.yaml").read()
