import pytest

from geminga.errors import FormatError, UnknownNameError
from geminga.sky import skycoord_from_dict


def test_frames():
    header = {"RA_PNT": 1, "DEC_PNT": "2", "AZ_PNT": 3, "ALT_PNT": 4, "GLON_OBJ": 5, "GLAT_OBJ": 6}
    assert skycoord_from_dict(header).to_string() == "1 2"
    altaz = skycoord_from_dict(header, frame="altaz")
    assert (altaz.az.deg, altaz.alt.deg) == (3, 4)
    assert skycoord_from_dict(header, frame="galactic", ext="OBJ").l.deg == 5


def test_missing_and_wrong():
    assert skycoord_from_dict({"RA_PNT": 1}) is None
    with pytest.raises(FormatError, match="RA_PNT"):
        skycoord_from_dict({"RA_PNT": "x", "DEC_PNT": 1})
    with pytest.raises(UnknownNameError, match="altaz"):
        skycoord_from_dict({}, frame="fk4")
