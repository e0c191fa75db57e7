"""Types for validated models: quantities, coordinates, times and places, with their checks and their text forms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import numpy as np
from astropy import units as u
from astropy.coordinates import AltAz, Angle, EarthLocation, SkyCoord, UnitSphericalRepresentation
from astropy.time import Time
from pydantic import AfterValidator, BeforeValidator, PlainSerializer

from ..errors import UnitError
from ..files import make_path
from ..units import to_quantity

__all__ = [
    "AngleType",
    "EarthLocationType",
    "EnergyType",
    "JsonQuantityDecoder",
    "JsonQuantityEncoder",
    "PathType",
    "QuantityType",
    "SkyCoordType",
    "TimeType",
    "json_encode_earth_location",
    "json_encode_sky_coord",
    "json_encode_time",
    "validate_altaz_coord",
    "validate_angle",
    "validate_earth_location",
    "validate_energy",
    "validate_quantity",
    "validate_scalar",
    "validate_sky_coord",
    "validate_sky_coord_icrs",
    "validate_time",
]


class JsonQuantityEncoder(json.JSONEncoder):
    """JSON encoder that writes quantities as text."""

    def default(self, value):
        """Return what stands for a value that JSON does not know."""
        if isinstance(value, u.Quantity):
            return str(value) if value.isscalar else f"{value.value.tolist()} {value.unit}"
        if isinstance(value, np.generic):
            return value.item()
        if isinstance(value, np.ndarray):
            return value.tolist()
        return super().default(value)


class JsonQuantityDecoder(json.JSONDecoder):
    """JSON decoder that reads texts with a number and a unit as quantities."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, object_hook=self._with_quantities, **kwargs)

    @staticmethod
    def _with_quantities(content):
        return {key: _text_to_quantity(value) for key, value in content.items()}


def _text_to_quantity(value):
    """Return the quantity that a text stands for, or the value as it is."""
    if not isinstance(value, str):
        return value
    number, _, unit = value.strip().rpartition("]") if value.startswith("[") else value.strip().partition(" ")
    try:
        if value.startswith("["):
            numbers = np.array([float(n) for n in number.strip("[ ").replace(",", " ").split()])
            return u.Quantity(numbers, unit.strip())
        return u.Quantity(float(number), unit.strip())
    except (ValueError, TypeError):
        return value


def json_encode_sky_coord(v):
    """Return a position as text."""
    spherical = v.represent_as(UnitSphericalRepresentation)
    return f"lon: {spherical.lon.deg} deg, lat: {spherical.lat.deg} deg, frame: {v.frame.name}"


def json_encode_earth_location(v):
    """Return a place as text."""
    return f"lon: {v.lon.deg} deg, lat: {v.lat.deg} deg, height: {v.height.to_value('m')} m"


def json_encode_time(v):
    """Return a time as its value: a text, a number, or a list of them."""
    value = v.value
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else str(value)


def validate_angle(v):
    """Return an angle, from a quantity or a text."""
    return Angle(v)


def validate_scalar(v):
    """Return the value if it is a scalar."""
    if v is not None and not v.isscalar:
        raise ValueError(f"value must be a scalar, got {v!r}. Give one value.")
    return v


def validate_energy(v):
    """Return an energy, from a quantity or a text."""
    energy = u.Quantity(v)
    if energy.unit.physical_type != "energy":
        raise ValueError(
            f"energy must have a unit of energy, got {energy.unit.to_string()!r}. Give for example '1 TeV'."
        )
    return energy


def validate_quantity(v):
    """Return a quantity, from a quantity, a number or a text."""
    try:
        return to_quantity(v)
    except UnitError as error:
        raise ValueError(str(error)) from error


def validate_time(v):
    """Return a time, from a time, a date or a text."""
    return v if isinstance(v, Time) else Time(v)


def validate_earth_location(v):
    """Return a place, from a place or the name of an observatory."""
    if isinstance(v, EarthLocation):
        return v
    if isinstance(v, str):
        from ..sky.locations import observatory_locations

        if v in observatory_locations:
            return observatory_locations[v]
        raise ValueError(
            f"location must be an EarthLocation or one of {sorted(observatory_locations)}, got {v!r}. Check the name."
        )
    raise ValueError(
        f"location must be an EarthLocation or the name of an observatory, got {v!r}. Pass one of them."
    )


def validate_sky_coord(v):
    """Return a position."""
    return v if isinstance(v, SkyCoord) else SkyCoord(v)


def validate_sky_coord_icrs(v):
    """Return a position in the ICRS frame."""
    position = validate_sky_coord(v)
    if position.frame.name == "altaz" and position.frame.location is None:
        raise ValueError(
            f"position must be convertible to ICRS, got {position!r}. Give right ascension and declination."
        )
    return position.icrs


def validate_altaz_coord(v):
    """Return a position in horizontal coordinates."""
    position = validate_sky_coord(v)
    if position.frame.name != "altaz":
        raise ValueError(
            f"position must be in the AltAz frame, got {position.frame.name}. Give altitude and azimuth."
        )
    return SkyCoord(position.transform_to(AltAz())) if position.frame.location is not None else position


def _validate_path(v):
    """Return a path with variables expanded."""
    return make_path(v)


AngleType = Annotated[
    Angle,
    PlainSerializer(str, return_type=str, when_used="json-unless-none"),
    BeforeValidator(validate_angle),
]
EnergyType = Annotated[
    u.Quantity,
    PlainSerializer(str, return_type=str, when_used="json-unless-none"),
    BeforeValidator(validate_energy),
]
QuantityType = Annotated[
    u.Quantity,
    PlainSerializer(str, return_type=str, when_used="json-unless-none"),
    BeforeValidator(validate_quantity),
]
TimeType = Annotated[
    Time, PlainSerializer(json_encode_time, when_used="json-unless-none"), BeforeValidator(validate_time)
]
EarthLocationType = Annotated[
    EarthLocation,
    PlainSerializer(json_encode_earth_location, return_type=str, when_used="json-unless-none"),
    BeforeValidator(validate_earth_location),
    AfterValidator(validate_scalar),
]
SkyCoordType = Annotated[
    SkyCoord,
    PlainSerializer(json_encode_sky_coord, return_type=str, when_used="json-unless-none"),
    BeforeValidator(validate_sky_coord),
    AfterValidator(validate_scalar),
]
ICRSSkyCoordType = Annotated[
    SkyCoord,
    PlainSerializer(json_encode_sky_coord, return_type=str, when_used="json-unless-none"),
    BeforeValidator(validate_sky_coord_icrs),
    AfterValidator(validate_scalar),
]
AltAzSkyCoordType = Annotated[
    SkyCoord,
    PlainSerializer(json_encode_sky_coord, return_type=str, when_used="json-unless-none"),
    BeforeValidator(validate_altaz_coord),
    AfterValidator(validate_scalar),
]
PathType = Annotated[
    Path, PlainSerializer(str, return_type=str, when_used="json-unless-none"), BeforeValidator(_validate_path)
]
