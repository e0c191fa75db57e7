"""Types of configuration values: quantities, angles and times as people write them in YAML."""

from __future__ import annotations

from typing import Annotated, Any

from astropy import units as u
from astropy.coordinates import Angle
from astropy.time import Time
from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer

from ..units import to_quantity

__all__ = ["AngleField", "ConfigSection", "EnergyField", "TimeField"]


def _angle(value: Any):
    return None if value is None else Angle(to_quantity(value, "deg", "angle"))


def _energy(value: Any):
    if value is None:
        return None
    quantity = to_quantity(value, name="energy")
    to_quantity(quantity, "TeV", "energy")
    return quantity


def _time(value: Any):
    return None if value is None else Time(value)


def _quantity_text(value):
    return None if value is None else f"{value.value} {value.unit.to_string()}"


def _time_text(value):
    if value is None:
        return None
    return value.iso if value.isscalar else value.iso.tolist()


AngleField = Annotated[Angle, BeforeValidator(_angle), PlainSerializer(_quantity_text)]
EnergyField = Annotated[u.Quantity, BeforeValidator(_energy), PlainSerializer(_quantity_text)]
TimeField = Annotated[Time, BeforeValidator(_time), PlainSerializer(_time_text)]


class ConfigSection(BaseModel):
    """A section of a configuration; unknown keys are refused, assignments are checked."""

    model_config = ConfigDict(
        arbitrary_types_allowed=True,
        validate_assignment=True,
        extra="forbid",
        validate_default=True,
        use_enum_values=True,
    )
