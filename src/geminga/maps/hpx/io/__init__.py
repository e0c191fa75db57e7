"""File formats of HEALPix maps: one module each."""
