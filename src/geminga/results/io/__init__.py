"""Files of fluxes."""
