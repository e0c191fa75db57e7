"""The registries of region map formats: whole files and single tables."""

from ....registry import FormatRegistry

__all__ = ["REGION_FILES", "REGION_GEOMS", "REGION_TABLES"]

REGION_FILES = FormatRegistry("region map", "geminga.maps.region.io")
REGION_TABLES = FormatRegistry("region map table", "geminga.maps.region.io")
REGION_GEOMS = FormatRegistry("region geometry", "geminga.maps.region.io")
