"""File formats of WCS maps: one module each."""
