import astropy.units as u
import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table
from astropy.time import Time
from numpy.testing import assert_allclose

from geminga.data import GTI
from geminga.errors import DataError, FileExistsGemingaError, FormatError, UnitError

from .conftest import REFERENCE, T0, gti_hdu, window, write_file


def pairs(gti):
    return np.column_stack([gti.met_start.value, gti.met_stop.value])


def test_create_from_quantities(seconds):
    gti = seconds((0, 5), (10, 20), (30, 40))
    assert_allclose(pairs(gti), [[0, 5], [10, 20], [30, 40]], atol=1e-9)
    assert_allclose(gti.time_sum.to_value("s"), 25)
    assert_allclose(gti.time_delta.to_value("s"), [5, 10, 10])
    assert isinstance(gti.table["START"], Time)
    assert gti.table["START"].scale == "tt"
    assert gti.time_ref.isot == "2000-01-01T00:00:00.000"
    assert [float((b - a).to_value("s")) for a, b in gti.time_intervals] == pytest.approx([5, 10, 10])
    assert len(gti) == 3


def test_create_from_scalars_strings_and_times():
    assert_allclose(GTI.create("0 s", "1 h").time_sum.to_value("h"), 1)
    gti = GTI.create(Time("2020-01-01"), Time("2020-01-02"))
    assert gti.table["START"].scale == "utc"
    assert_allclose(gti.time_sum.to_value("d"), 1)
    assert GTI.create(0 * u.h, 5 * u.h, Time("2020-01-01")).table["START"].scale == "utc"
    mixed = GTI.create(Time("2000-01-01T00:00:00", scale="tt"), 5 * u.s)
    assert_allclose(mixed.time_sum.to_value("s"), 5)


def test_empty():
    gti = GTI.create([], [])
    assert len(gti) == 0
    assert gti.time_sum == 0 * u.s
    assert gti.time_intervals == []
    assert len(gti.union()) == len(gti.select_time(window(0, 1))) == len(gti.copy()) == 0
    assert len(GTI.from_table_hdu(gti.to_table_hdu())) == 0
    assert "Number of GTIs: 0" in str(gti)
    assert len(gti.group_table([window(0, 1)])) == 0


@pytest.mark.parametrize("edges", [([0, 10], [5, 9]), ([0, np.nan], [5, 9])])
def test_impossible_intervals(edges):
    with pytest.raises(DataError, match="interval 1"):
        GTI.create(edges[0] * u.s, edges[1] * u.s)


def test_wrong_input():
    with pytest.raises(DataError, match="equally many"):
        GTI.create([0, 1] * u.s, [2] * u.s)
    with pytest.raises(UnitError):
        GTI.create(0 * u.m, 1 * u.m)
    with pytest.raises(DataError, match="START"):
        GTI(Table({"A": [1]}))


def test_from_time_intervals():
    gti = GTI.from_time_intervals([window(0, 5), [T0 + 10 * u.s, T0 + 20 * u.s]])
    assert_allclose(pairs(gti), [[0, 5], [10, 20]], atol=1e-9)
    assert len(GTI.from_time_intervals([])) == 0


def test_union(seconds):
    gti = seconds((30, 40), (0, 5), (5, 20), (4, 6))
    assert_allclose(pairs(gti.union()), [[0, 20], [30, 40]], atol=1e-9)
    touching = seconds((0, 5), (5, 20))
    assert len(touching.union(merge_equal=False)) == 2
    assert len(touching.union(overlap_ok=False)) == 1
    with pytest.raises(ValueError, match="overlap"):
        gti.union(overlap_ok=False)
    assert len(gti) == 4  # the original stays


class TestSelection:
    """Fault 7 of the peer: negative lengths, lost intervals, lost reference time."""

    def test_inside(self, seconds):
        gti = seconds((0, 100))
        for (low, high), expected in {
            (20, 40): [[20, 40]],
            (0, 40): [[0, 40]],
            (-10, 200): [[0, 100]],
            (50, 200): [[50, 100]],
            (100, 120): [],
            (200, 300): [],
        }.items():
            selected = gti.select_time(window(low, high))
            assert_allclose(pairs(selected), np.reshape(expected, (-1, 2)), atol=1e-9)

    def test_outside(self, seconds):
        gti = seconds((0, 100))
        for (low, high), expected in {
            (20, 40): [[0, 20], [40, 100]],
            (0, 40): [[40, 100]],
            (-10, 200): [],
            (50, 200): [[0, 50]],
            (100, 120): [[0, 100]],
            (200, 300): [[0, 100]],
        }.items():
            for selected in (
                gti.select_time(window(low, high), inverted=True),
                gti.delete_interval(window(low, high)),
            ):
                assert_allclose(pairs(selected), np.reshape(expected, (-1, 2)), atol=1e-9)
                assert (selected.time_delta >= 0 * u.s).all()
        assert len(gti) == 1

    def test_reference_time_is_kept(self, seconds):
        reference = Time("2010-05-05", scale="tt")
        gti = seconds((0, 100), reference=reference)
        for other in (
            gti.select_time(window(20, 40, reference)),
            gti.delete_interval(window(20, 40, reference)),
            gti.union(),
            gti.copy(),
            GTI.from_stack([gti, gti]),
        ):
            assert_allclose((other.time_ref - reference).to_value("s"), 0, atol=1e-9)

    def test_scale_of_times_is_kept(self):
        gti = GTI.create(Time(["2020-01-01"]), Time(["2020-01-02"]))
        assert gti.union().table["START"].scale == "utc"
        assert_allclose(gti.union().time_start.mjd, 58849, rtol=0, atol=1e-10)

    def test_strings(self, seconds):
        selected = seconds((0, 1000)).select_time(["2000-01-01T00:00:00", "2000-01-01T00:01:00"])
        assert_allclose(selected.time_sum.to_value("s"), 60)

    def test_bad_windows(self, seconds):
        with pytest.raises(DataError, match="after its start"):
            seconds((0, 1)).select_time(window(5, 0))
        with pytest.raises(DataError, match="two"):
            seconds((0, 1)).select_time(Time(["2000-01-01"]))


def test_stack(seconds):
    first, second = seconds((0, 10)), seconds((5, 20), reference=Time("2000-01-01T00:01:00", scale="tt"))
    stacked = GTI.from_stack([first, second])
    assert_allclose(pairs(stacked), [[0, 10], [65, 80]], atol=1e-6)
    assert len(first) == 1
    first.stack(second)
    assert_allclose(pairs(first), pairs(stacked))
    with pytest.raises(DataError):
        GTI.from_stack([])


def test_group_table(seconds):
    gti = seconds((0, 0.5), (1, 7), (2, 9), (7, 8), (0, 30), (12, 13))
    table = gti.group_table([window(1, 7), window(10, 20)])
    # oracle: peer 2.1, GTI.group_table with the same intervals
    assert list(table["group_idx"]) == [-1, 0, -1, -1, -1, 1]
    assert list(table["bin_type"]) == ["underflow", "", "overflow", "overflow", "outflow", ""]
    assert_allclose(table["time_min"][0], T0.utc.mjd, rtol=0, atol=1e-10)
    assert list(gti.group_table([])["group_idx"]) == [-1] * 6


def test_group_table_tolerance(seconds):
    gti = seconds((1 - 5e-7, 7 + 5e-7))
    assert gti.group_table([window(1, 7)])["group_idx"][0] == 0
    assert gti.group_table([window(1, 7)], atol="1e-9 s")["group_idx"][0] == -1


def test_table_is_the_truth_once_it_was_asked_for(seconds):
    gti = seconds((0, 10))
    gti.table["STOP"] = gti.table["STOP"] + 10 * u.s
    assert_allclose(gti.time_sum.to_value("s"), 20)
    gti.table = seconds((0, 3)).table
    assert_allclose(gti.time_sum.to_value("s"), 3)


def test_copy_is_independent(seconds):
    gti = seconds((0, 10))
    other = gti.copy()
    other.stack(gti)
    assert (len(gti), len(other)) == (1, 2)


def test_write_and_read(seconds, tmp_path):
    gti = seconds((0, 5), (10, 20), reference=Time("2010-05-05T03:00:00", scale="utc"))
    path = tmp_path / "gti.fits"
    gti.write(path)
    back = GTI.read(path)
    assert_allclose(pairs(back), pairs(gti), atol=1e-6)
    assert_allclose((back.time_start - gti.time_start).to_value("s"), 0, atol=1e-7)
    header = fits.getheader(path, "GTI")
    assert (header["TIMESYS"], header["TIMEUNIT"], header["HDUCLAS1"]) == ("TT", "s", "GTI")
    assert_allclose((back.time_ref - gti.time_ref).to_value("s"), 0, atol=1e-7)


def test_nothing_is_overwritten_without_being_asked(seconds, tmp_path):
    path = tmp_path / "gti.fits"
    seconds((0, 5)).write(path)
    with pytest.raises(FileExistsGemingaError):
        seconds((0, 6)).write(path)
    assert_allclose(GTI.read(path).time_sum.to_value("s"), 5)
    seconds((0, 6)).write(path, overwrite=True, checksum=True)
    assert_allclose(GTI.read(path, checksum=True).time_sum.to_value("s"), 6)


def test_stored_seconds_and_offset(tmp_path):
    hdu = gti_hdu(((100, 200),))
    hdu.header["TIMEZERO"] = 50.0
    gti = GTI.read(write_file(tmp_path / "x.fits", hdu))
    assert_allclose(pairs(gti), [[150, 250]])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda hdu: hdu.header.remove("MJDREFI"), "MJDREFI"),
        (lambda hdu: hdu.header.set("TIMESYS", "NONE"), "TIMESYS"),
        (lambda hdu: hdu.columns.change_name("START", "BEGIN"), "START"),
        (lambda hdu: hdu.data.__setitem__("STOP", 0.0), "end after its start"),
    ],
)
def test_bad_tables(tmp_path, change, message):
    hdu = gti_hdu()
    change(hdu)
    path = write_file(tmp_path / "x.fits", hdu)
    with pytest.raises(FormatError, match=message) as caught:
        GTI.read(path)
    assert caught.value.path == path


def test_missing_hdu_is_named(tmp_path):
    path = write_file(tmp_path / "x.fits", gti_hdu())
    with pytest.raises(FormatError, match="TIMES") as caught:
        GTI.read(path, hdu="TIMES")
    assert caught.value.path == path


def test_text(seconds):
    gti = seconds((0, 5), (10, 20))
    assert repr(gti) == "<GTI: 2 intervals, 15.0 s>"
    assert "Number of GTIs: 2" in str(gti)
    assert "2000-01-01T00:00:20.000 (time standard: TT)" in str(gti)
    assert "<pre>" in gti._repr_html_()


def test_header_of_the_reference():
    assert REFERENCE["MJDREFI"] == 51910
    hdu = gti_hdu(((0, 1),))
    # oracle: 51910.000742870370370241 MJD (TT) is 2001-01-01 00:01:04.184 TT
    assert GTI.from_table_hdu(hdu).time_ref.isot == "2001-01-01T00:01:04.184"
