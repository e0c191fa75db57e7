"""Fast HDUs against those of astropy, the slow twin."""

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table

from geminga.datasets.io.plain_hdus import PlainHdus, opened, read_table
from geminga.errors import FormatError


@pytest.fixture(params=["a.fits", "a.fits.gz"])
def path(request, tmp_path):
    table = Table(
        {"SHAPE": ["circle", "point"], "X": [[1.0, 2.0], [3.0, 4.0]], "OK": [True, False], "N": [1, 2]}
    )
    table["X"].unit = "pix"
    image = fits.ImageHDU(np.arange(3000, dtype=">f4").reshape(50, 60), name="IMAGE")
    image.header["BUNIT"] = "m2 s"
    primary = fits.PrimaryHDU()
    primary.header["NAME"] = "test"
    primary.header["LONG"] = "x" * 100
    path = tmp_path / request.param
    fits.HDUList([primary, fits.BinTableHDU(table, name="TABLE"), image]).writeto(path)
    return path


def test_agreement_with_astropy(path):
    plain = PlainHdus.open(path)
    with fits.open(path) as slow:
        assert [hdu.name for hdu in plain] == [hdu.name for hdu in slow]
        assert plain[0].header["NAME"] == slow[0].header["NAME"]
        assert plain[0].header["LONG"] == slow[0].header["LONG"]
        assert plain["TABLE"].columns.names == slow["TABLE"].columns.names
        for name in plain["table"].columns.names:
            assert plain["TABLE"].data[name].tolist() == slow["TABLE"].data[name].tolist()
        assert plain["TABLE"].columns["X"].unit == slow["TABLE"].columns["X"].unit
        assert [row["SHAPE"] for row in plain["TABLE"].data] == [row["SHAPE"] for row in slow["TABLE"].data]
        assert len(plain["TABLE"].data) == 2
        assert np.array_equal(plain["IMAGE"].data, slow["IMAGE"].data)
        assert plain["IMAGE"].header["BUNIT"] == slow["IMAGE"].header["BUNIT"]
    assert "image" in plain
    assert plain.part("IMAGE")[1].name == "IMAGE"
    assert plain.filename() == path
    with pytest.raises(KeyError, match="NOTHING"):
        plain["NOTHING"]


def test_read_table(path):
    table = read_table(PlainHdus.open(path)["TABLE"])
    assert table["X"].unit == "pix"
    assert table["N"].tolist() == [1, 2]


def test_checksums_are_left_to_astropy(path):
    with opened(path, checksum=True) as hdulist:
        assert isinstance(hdulist, fits.HDUList)
    with opened(path) as hdulist:
        assert isinstance(hdulist, PlainHdus)


def test_a_changed_file_is_read_again(path):
    before = PlainHdus.open(path)["TABLE"].data["N"].tolist()
    fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU(Table({"N": [7]}), name="TABLE")]).writeto(
        path, overwrite=True
    )
    assert PlainHdus.open(path)["TABLE"].data["N"].tolist() != before


def test_missing_and_damaged(tmp_path):
    with pytest.raises(FormatError, match="gone"), opened(tmp_path / "gone.fits"):
        pass
    (tmp_path / "text.fits").write_text("no FITS file")
    with pytest.raises(FormatError, match="text"), opened(tmp_path / "text.fits"):
        pass


def test_tables_do_not_keep_the_file_in_memory(tmp_path):
    path = tmp_path / "table.fits"
    fits.BinTableHDU(Table({"value": np.arange(10.0), "name": ["run"] * 10}), name="META").writeto(path)
    with fits.open(path, memmap=True) as hdulist:
        table = read_table(hdulist["META"])
        assert not any(np.shares_memory(table[name], hdulist["META"].data) for name in table.colnames)
    assert table["value"][3] == 3
