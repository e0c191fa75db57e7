"""File formats of region maps."""
