"""Places of observatories, under the name by which data are looked up."""

from ..sky.locations import observatory_locations

__all__ = ["observatory_locations"]
