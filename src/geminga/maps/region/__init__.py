"""Maps of one region: spectra and other profiles along axes."""
