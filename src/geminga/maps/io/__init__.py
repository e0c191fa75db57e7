"""File formats of maps."""
