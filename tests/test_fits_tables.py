"""The plain reader against astropy, and on damaged files."""

import gzip
import os

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table
from numpy.testing import assert_array_equal

from geminga import fits_tables
from geminga.errors import FormatError
from geminga.fits_headers import header_value, unit_from_text, write_header
from geminga.fits_tables import FitsColumns, open_tables, read_columns, read_table

RNG = np.random.default_rng(0)


def all_kinds_of_columns() -> fits.BinTableHDU:
    n = 7
    columns = [
        fits.Column("BYTE", "B", array=np.arange(n, dtype="u1")),
        fits.Column("SHORT", "I", array=np.arange(n, dtype="i2") - 3),
        fits.Column("INT", "J", unit="s", array=np.arange(n, dtype="i4") * 100000),
        fits.Column("LONG", "K", array=np.arange(n, dtype="i8") * 10**12),
        fits.Column("UINT", "J", bzero=2**31, array=np.arange(n, dtype="u4") + 2**31),
        fits.Column("SCALED", "D", bscale=0.5, bzero=10, array=np.arange(n) * 0.5 + 10),
        fits.Column("FLOAT", "E", unit="TeV", array=RNG.random(n).astype("f4")),
        fits.Column("DOUBLE", "D", unit="deg", array=RNG.random(n)),
        fits.Column("COMPLEX", "C", array=RNG.random(n).astype("c8")),
        fits.Column("LOGICAL", "L", array=np.arange(n) % 2 == 0),
        fits.Column("TEXT", "8A", array=[f"row {i}" for i in range(n)]),
        fits.Column("VECTOR", "3D", array=RNG.random((n, 3))),
        fits.Column("MATRIX", "6E", dim="(3,2)", array=RNG.random((n, 2, 3)).astype("f4")),
    ]
    return fits.BinTableHDU.from_columns(columns, name="PLAIN")


def unusual_columns() -> fits.BinTableHDU:
    ragged = np.array([np.arange(i, dtype="i4") for i in range(1, 4)], dtype=object)
    columns = [
        fits.Column("RAGGED", "PJ()", array=ragged),
        fits.Column("BITS", "11X", array=RNG.random((3, 11)) > 0.5),
        fits.Column("NULLS", "J", null=-1, array=np.array([1, -1, 3])),
    ]
    return fits.BinTableHDU.from_columns(columns, name="UNUSUAL")


@pytest.fixture
def path(tmp_path):
    image = fits.ImageHDU(np.zeros((3, 5), dtype="f4"), name="IMAGE")
    plain = all_kinds_of_columns()
    header = plain.header
    header["TEXTKEY"] = "it's / a 'text'"
    header["EMPTY"] = ""
    header["NUMBER"] = (1.5e-7, "a comment")
    header["COUNT"] = -3
    header["FLAG"] = True
    header["UNDEF"] = None
    header["COMMENT"] = "one"
    header["COMMENT"] = "two"
    header["HISTORY"] = "made"
    name = tmp_path / "tables.fits"
    fits.HDUList([fits.PrimaryHDU(), image, plain, unusual_columns()]).writeto(name)
    return name


def compress(path):
    target = path.with_suffix(".fits.gz")
    target.write_bytes(gzip.compress(path.read_bytes()))
    return target


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("name", ["PLAIN", "UNUSUAL"])
def test_columns_equal_astropy(path, compressed, name):
    path = compress(path) if compressed else path
    found = read_columns(path, name)
    with fits.open(path) as hdulist:
        expected = hdulist[name]
        assert list(found.columns) == expected.columns.names
        for column in expected.columns.names:
            mine, theirs = found.columns[column], np.array(expected.data[column])
            if theirs.dtype.kind == "O":
                assert all(np.array_equal(a, b) for a, b in zip(mine, theirs, strict=True))
            elif theirs.dtype.kind in "SU":
                assert_array_equal(np.char.decode(mine), theirs.astype(str))
            else:
                assert_array_equal(mine, theirs)
                assert mine.dtype.isnative
                assert mine.dtype == theirs.dtype.newbyteorder("=")
        assert found.units.get("FLOAT") == (None if name == "UNUSUAL" else "TeV")


def test_header_values(path):
    header = open_tables(path).header("plain")
    assert header["TEXTKEY"] == "it's / a 'text'"
    assert header["EMPTY"] == ""
    assert header["NUMBER"] == 1.5e-7
    assert header["COUNT"] == -3
    assert header["FLAG"] is True
    assert header["UNDEF"] is None
    assert header["comments"] == ["one", "two"]
    assert header["HISTORY"] == ["made"]
    assert "TFORM1" not in header
    assert open_tables(path).header("plain", structure=True)["TFORM1"] == "B"


def test_long_text_goes_through_astropy(tmp_path):
    hdu = all_kinds_of_columns()
    hdu.header["LONG"] = "x" * 200
    hdu.header["HIERARCH a long keyword"] = 3
    hdu.writeto(tmp_path / "long.fits")
    header = open_tables(tmp_path / "long.fits").header(1)
    assert header["LONG"] == "x" * 200
    assert {key.lower(): value for key, value in header.items()}["a long keyword"] == 3


def test_hdu_by_name_in_any_case_or_number(path):
    file = open_tables(path)
    assert file.index("plain") == file.index("PLAIN ") == file.index(2) == file.index(-2) == 2
    with pytest.raises(FormatError, match="PRIMARY, IMAGE, PLAIN, UNUSUAL") as caught:
        file.index("MISSING")
    assert caught.value.path == path
    assert caught.value.hdu == "MISSING"
    with pytest.raises(FormatError):
        file.index(9)
    with pytest.raises(FormatError, match="binary table"):
        file.read("IMAGE")


def test_arrays_are_copies(path):
    first = read_columns(path, "PLAIN").columns["DOUBLE"]
    first[:] = -1
    assert (read_columns(path, "PLAIN").columns["DOUBLE"] >= 0).all()


def test_as_astropy_table_and_back(path):
    table = read_table(path, "PLAIN")
    assert isinstance(table, Table)
    assert table["FLOAT"].unit == "TeV"
    columns = read_columns(path, "PLAIN")
    back = FitsColumns.from_hdu(columns.to_hdu())
    for name, values in columns.columns.items():
        if values.dtype.kind != "S":
            assert_array_equal(back.columns[name], values)
    assert back.units == columns.units
    assert {k: v for k, v in back.header.items() if k != "UNDEF"} == {
        k: v for k, v in columns.header.items() if k != "UNDEF"
    }


def test_file_that_changed_is_read_again(tmp_path):
    path = tmp_path / "a.fits"
    for value in (1.0, 2.0):
        Table({"A": [value]}).write(path, overwrite=True)
        os.utime(path, ns=(int(value), int(value)))
        assert read_columns(path, 1).columns["A"][0] == value


def test_memory_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(fits_tables, "KEEP_FILES", 2)
    monkeypatch.setattr(fits_tables, "_recent", fits_tables._RecentFiles())
    for i in range(5):
        Table({"A": [i]}).write(tmp_path / f"{i}.fits")
        open_tables(tmp_path / f"{i}.fits")
    assert len(fits_tables._recent.files) == 2


def test_large_files_are_mapped(path, monkeypatch):
    monkeypatch.setattr(fits_tables, "MAP_BYTES", 10)
    monkeypatch.setattr(fits_tables, "_recent", fits_tables._RecentFiles())
    assert len(read_columns(path, "PLAIN").columns["DOUBLE"]) == 7


def test_several_gzip_members(path, tmp_path):
    content = path.read_bytes()
    target = tmp_path / "members.fits.gz"
    target.write_bytes(gzip.compress(content[:5000]) + gzip.compress(content[5000:]))
    assert len(read_columns(target, "PLAIN").columns["DOUBLE"]) == 7


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("fraction", [0.0, 0.1, 0.5, 0.9])
def test_truncated_files(path, tmp_path, compressed, fraction):
    content = compress(path).read_bytes() if compressed else path.read_bytes()
    broken = tmp_path / f"broken.fits{'.gz' * compressed}"
    broken.write_bytes(content[: int(fraction * len(content))])
    with pytest.raises(FormatError) as caught:
        read_columns(broken, "UNUSUAL")
    assert caught.value.path == broken


def test_damaged_bytes_in_gzip(path, tmp_path):
    content = bytearray(compress(path).read_bytes())
    content[len(content) // 2] ^= 0xFF
    broken = tmp_path / "broken.fits.gz"
    broken.write_bytes(bytes(content))
    with pytest.raises(FormatError):
        read_columns(broken, "PLAIN")


@pytest.mark.parametrize("content", [b"no FITS file at all" * 500, b"SIMPLE  = T", b"\0" * 3000])
def test_not_fits(tmp_path, content):
    (tmp_path / "x.fits").write_bytes(content)
    with pytest.raises(FormatError):
        open_tables(tmp_path / "x.fits")


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(FormatError, match="must exist"):
        open_tables(tmp_path / "none.fits")
    with pytest.raises(FormatError, match="readable"):
        open_tables(tmp_path)


def test_layout_that_contradicts_itself(path, tmp_path):
    content = path.read_bytes().replace(b"TFORM8  = 'D ", b"TFORM8  = 'E ")
    (tmp_path / "x.fits").write_bytes(content)
    with pytest.raises(FormatError, match="layout"):
        read_columns(tmp_path / "x.fits", "PLAIN")


def test_required_columns(path):
    columns = read_columns(path, "PLAIN")
    columns.require("FLOAT", "DOUBLE")
    with pytest.raises(FormatError, match="column ENERGY") as caught:
        columns.require("ENERGY")
    assert (caught.value.column, caught.value.hdu) == ("ENERGY", "PLAIN")


def test_units():
    assert unit_from_text("m-2 s-1 TeV-1") == unit_from_text("1/(m2 s TeV)")
    assert unit_from_text("") is None
    assert unit_from_text("furlongs per fortnight") is None


def test_header_values_as_numbers():
    assert header_value({"A": "1.5"}, "A") == 1.5
    assert header_value({"A": ""}, "A") is None
    assert header_value({}, "A") is None
    with pytest.raises(FormatError, match="keyword A"):
        header_value({"A": "x"}, "A")


def test_headers_leave_out_what_fits_cannot_hold():
    header = fits.Header()
    write_header(
        header, {"A": 1, "B": np.float64(2), "C": [1, 2], "D": np.nan, "NAXIS": 3, "comments": ["x"]}
    )
    assert dict(header.items()) == {"A": 1, "B": 2.0, "COMMENT": "x"}
