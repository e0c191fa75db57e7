"""Maps in HEALPix pixels: geometry, map, file formats."""
