"""File formats of instrument responses."""
