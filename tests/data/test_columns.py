import numpy as np
import pytest
from astropy import units as u
from astropy.table import Table
from astropy.time import Time
from numpy.testing import assert_allclose, assert_array_equal

from geminga.data.columns import ColumnStore
from geminga.errors import DataError
from geminga.fits_tables import FitsColumns

REFERENCE = Time(51910, 0.25, format="mjd", scale="tt")


@pytest.fixture(params=[False, True], ids=["plain", "table"])
def store(request):
    store = ColumnStore(
        ("TIME",),
        {
            "TIME": np.array([1.0, 2.0, 3.0]),
            "ENERGY": np.array([1, 2, 3], dtype="f4"),
            "NAME": np.array(["a", "b", "c"]),
        },
        {"ENERGY": "GeV"},
        {"OBS_ID": 5},
        REFERENCE,
    )
    if request.param:
        store.table
    return store


def test_columns(store):
    assert store.names == ["TIME", "ENERGY", "NAME"]
    assert len(store) == 3
    assert "TIME" in store
    assert store.meta == {"OBS_ID": 5}
    assert_allclose(store.array("TIME"), [1, 2, 3], rtol=0, atol=1e-9)
    assert_array_equal(store.array("ENERGY"), [1, 2, 3])
    assert (store.unit("TIME"), store.unit("ENERGY"), store.unit("NAME")) == (u.s, u.GeV, None)
    assert store.quantity("ENERGY").dtype == np.float32
    assert_allclose((store.time("TIME") - REFERENCE).to_value("s"), [1, 2, 3], atol=1e-9)
    with pytest.raises(DataError, match="COLOUR, got TIME, ENERGY, NAME"):
        store.array("COLOUR")


def test_rows_and_copies(store):
    part = store.take(np.array([True, False, True]))
    assert_array_equal(part.array("ENERGY"), [1, 3])
    part.meta["OBS_ID"] = 6
    part.array("ENERGY")[:] = 0
    other = store.copy()
    other.array("ENERGY")[:] = 0
    assert_array_equal(store.array("ENERGY"), [1, 2, 3])
    assert store.meta["OBS_ID"] == 5


def test_plain_columns_for_files(store):
    columns, units = store.plain()
    assert units == {"TIME": "s", "ENERGY": "GeV"}
    assert_allclose(columns["TIME"], [1, 2, 3], atol=1e-9)


def test_reference():
    assert ColumnStore(("TIME",)).reference.isot == "2000-01-01T00:00:00.000"
    assert ColumnStore(("TIME",), meta={"MJDREFI": 51544, "MJDREFF": 0.5}).reference.mjd == 51544.5
    table = Table({"TIME": Time([55000.0], format="mjd", scale="utc")})
    store = ColumnStore(("TIME",), table=table)
    assert store.reference.scale == "tt"
    assert store.shown_reference.scale == "utc"


def test_numbers_in_the_time_column_of_a_table():
    table = Table({"TIME": [1.0, 2.0] * u.min})
    assert_allclose(ColumnStore(("TIME",), table=table).array("TIME"), [60, 120])


def test_from_fits():
    source = FitsColumns(
        {"A": np.arange(2), "TIME": np.array([1.0, 2.0])}, {"TIME": "min"},
        {"MJDREFI": 51544, "MJDREFF": 0.5, "TIMEZERO": 10.0},
    )  # fmt: skip
    store = ColumnStore.from_fits(source, ("TIME",), drop=("A",))
    assert store.names == ["TIME"]
    assert_allclose(store.array("TIME"), [70, 130])
    assert store.meta["TIMEZERO"] == 0
