"""Regions, under the names that scripts import."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    "geminga.sky.regions",
    submod_attrs={
        "builders": [
            "make_concentric_annulus_sky_regions",
            "make_grid_rectangle_sky_regions",
            "make_orthogonal_rectangle_sky_regions",
        ],
        "compound": ["compound_region_center", "compound_region_to_regions", "regions_to_compound_region"],
        "shapes": [
            "PolygonPointsPixelRegion",
            "PolygonPointsSkyRegion",
            "SphericalCircleSkyRegion",
            "get_centroid",
        ],
        "stars": ["extract_bright_star_regions"],
        "transform": ["pixel_scale_angle_at_skycoord", "region_circle_to_ellipse", "region_to_frame"],
    },
)
