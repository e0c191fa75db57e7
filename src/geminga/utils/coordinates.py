"""Frames and galactic coordinates, under the names that scripts import."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    "geminga.sky",
    submod_attrs={
        "coordinates": [
            "D_SUN_TO_GALACTIC_CENTER",
            "cartesian",
            "galactic",
            "motion_since_birth",
            "polar",
            "velocity_glon_glat",
        ],
        "frames": ["FoVAltAzFrame", "FoVICRSFrame", "fov_to_sky", "sky_to_fov"],
    },
)
