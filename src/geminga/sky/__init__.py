"""Sky frames, regions, times and places."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "coordinates": [
            "D_SUN_TO_GALACTIC_CENTER",
            "cartesian",
            "galactic",
            "motion_since_birth",
            "polar",
            "velocity_glon_glat",
        ],
        "frames": ["FoVAltAzFrame", "FoVICRSFrame", "fov_offsets", "fov_to_sky", "sky_offsets", "sky_to_fov"],
        "headers": ["skycoord_from_dict"],
        "locations": ["earth_location_from_dict", "earth_location_to_dict", "observatory_locations"],
        "rotation": ["galactic_to_icrs", "icrs_to_galactic", "separation"],
        "timing": [
            "absolute_time",
            "extract_time_info",
            "seconds_to_time",
            "time_ref_from_dict",
            "time_ref_to_dict",
            "time_relative_to_ref",
            "time_to_fits",
            "time_to_fits_header",
            "time_to_seconds",
            "unique_time_info",
        ],
    },
)
