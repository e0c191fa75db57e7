"""Types of metadata, under the names that scripts import."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    "geminga.metadata",
    submod_attrs={
        "types": [
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
        ],
    },
)
