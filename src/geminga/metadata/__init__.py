"""Metadata containers that read and write FITS keywords, and the types that they are made of."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "base": ["MetaData"],
        "creator": ["CreatorMetaData"],
        "obs_info": ["ObsInfoMetaData"],
        "pointing": ["PointingInfoMetaData"],
        "target": ["TargetMetaData"],
        "time_info": ["TimeInfoMetaData"],
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
            "validate_altaz_coord",
            "validate_angle",
            "validate_earth_location",
            "validate_energy",
            "validate_quantity",
            "validate_scalar",
            "validate_sky_coord",
            "validate_sky_coord_icrs",
            "validate_time",
        ],
    },
)
