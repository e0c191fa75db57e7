import json

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import Angle, EarthLocation, SkyCoord
from astropy.time import Time
from pydantic import BaseModel, ConfigDict, ValidationError

from geminga.metadata import (
    AngleType,
    EarthLocationType,
    EnergyType,
    JsonQuantityDecoder,
    JsonQuantityEncoder,
    PathType,
    QuantityType,
    SkyCoordType,
    TimeType,
)


class Everything(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True, validate_assignment=True)

    angle: AngleType = "1 deg"
    energy: EnergyType = "1 TeV"
    quantity: QuantityType = "3 m"
    time: TimeType = Time("2020-01-01")
    place: EarthLocationType = "hess"
    position: SkyCoordType = SkyCoord(1, 2, unit="deg")
    path: PathType = "data"


def test_values_of_all_types_are_converted():
    model = Everything(
        angle="1 deg", energy="1 TeV", place="hess", time="2020-01-01", position="1d 2d", quantity=4
    )
    assert isinstance(model.angle, Angle)
    assert model.energy == 1 * u.TeV
    assert model.quantity == 4
    assert isinstance(model.place, EarthLocation)
    assert model.position.ra.deg == 1
    assert model.time.iso.startswith("2020-01-01")
    content = json.loads(model.model_dump_json())
    assert content["energy"] == "1.0 TeV"
    assert content["time"] == "2020-01-01 00:00:00.000"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("angle", "1 TeV"),
        ("energy", "1 deg"),
        ("energy", 1.5),
        ("quantity", "nothing"),
        ("time", "nothing"),
        ("place", "nowhere"),
        ("place", 3),
        ("position", SkyCoord([1, 2], [3, 4], unit="deg")),
        ("position", "nowhere"),
    ],
)
def test_wrong_values_are_refused(field, value):
    with pytest.raises((ValidationError, TypeError)):
        Everything(**{field: value})


def test_variables_in_paths(monkeypatch):
    monkeypatch.setenv("GEMINGA_DATA", "/data")
    assert str(Everything(path="$GEMINGA_DATA/x").path) == "/data/x"


def test_json_round_trip():
    content = {"a": 3 * u.TeV, "b": [1, 2] * u.s, "c": "some text", "d": 2.0, "e": np.float64(1)}
    text = json.dumps(content, cls=JsonQuantityEncoder)
    back = json.loads(text, cls=JsonQuantityDecoder)
    assert back["a"] == 3 * u.TeV
    assert (back["b"] == [1, 2] * u.s).all()
    assert (back["c"], back["d"], back["e"]) == ("some text", 2.0, 1.0)
