"""Flux maps in FITS files: one HDU for each quantity, and the reference model beside them."""

from __future__ import annotations

import json
import logging

from astropy.io import fits

from ...errors import FormatError
from ...files import make_path, open_fits, write_fits
from ...maps import Map
from ..quantities import check_sed_type

__all__ = ["flux_maps_from_hdulist", "flux_maps_to_hdulist", "read_flux_maps", "write_flux_maps"]

log = logging.getLogger(__name__)

#: Entries of the metadata that travel in the primary header, as one JSON card.
META_KEY = "META"


def flux_maps_to_hdulist(flux_maps, sed_type=None, hdu_bands=None):
    """Return flux maps as FITS HDUs.

    Parameters
    ----------
    flux_maps : FluxMaps
    sed_type : str, optional
        By default that of the input, else likelihood.
    hdu_bands : str, optional
        Name of the HDU with the axes, shared by all maps. By default each has its own.

    Returns
    -------
    `~astropy.io.fits.HDUList`
    """
    sed_type = check_sed_type(sed_type or flux_maps.sed_type_init or "likelihood")
    primary = fits.PrimaryHDU()
    primary.header["SED_TYPE"] = sed_type
    plain = {k: v for k, v in flux_maps.meta.items() if isinstance(v, (str, int, float, bool, type(None)))}
    primary.header[META_KEY] = json.dumps(plain)
    hdulist = fits.HDUList([primary])
    for name, map_ in flux_maps.to_maps(sed_type).items():
        if map_.data.dtype == bool:
            map_ = map_.copy(data=map_.data.astype("uint8"))
        hdulist += map_.to_hdulist(hdu=name.upper(), hdu_bands=hdu_bands or f"{name.upper()}_BANDS")[1:]
    if flux_maps.gti is not None:
        hdulist.append(flux_maps.gti.to_table_hdu())
    return hdulist


def write_flux_maps(flux_maps, filename, filename_model=None, overwrite=False, sed_type=None, checksum=False):
    """Write flux maps to a FITS file and the reference model to a YAML file.

    Parameters
    ----------
    flux_maps : FluxMaps
    filename : path-like
    filename_model : path-like, optional
        By default the name of the maps with ``_model.yaml`` instead of the ending.
    overwrite : bool
        Replace existing files.
    sed_type : str, optional
        By default that of the input, else likelihood.
    checksum : bool
        Add checksums.
    """
    from ...modeling.models import Models

    filename = make_path(filename)
    stem = filename.name.removesuffix(".gz").removesuffix(".fits")
    model_path = make_path(filename_model) if filename_model else filename.with_name(f"{stem}_model.yaml")
    hdulist = flux_maps_to_hdulist(flux_maps, sed_type)
    hdulist[0].header["MODEL"] = str(model_path) if filename_model else model_path.name
    Models([flux_maps.reference_model]).write(model_path, overwrite=overwrite, write_covariance=False)
    write_fits(hdulist, filename, overwrite, checksum)


def flux_maps_from_hdulist(cls, hdulist, hdu_bands=None, sed_type=None, reference_model=None, path=None):
    """Make flux maps from an open FITS file, see `FluxMaps.from_hdulist`."""
    header = hdulist[0].header
    sed_type = sed_type or header.get("SED_TYPE")
    if sed_type is None:
        raise FormatError("the primary header must have SED_TYPE. Pass sed_type.", path=path, hdu=0)
    known = {hdu.name: hdu for hdu in hdulist}
    maps = {}
    for name in cls.all_quantities(sed_type):
        if name.upper() in known:
            map_ = Map.from_hdulist(hdulist, hdu=name.upper(), hdu_bands=hdu_bands)
            maps[name] = map_.copy(data=map_.data.astype(bool)) if name in ("is_ul", "success") else map_
    gti = None
    if "GTI" in known:
        from ...data import GTI

        gti = GTI.from_table_hdu(known["GTI"])
    meta = json.loads(header[META_KEY]) if META_KEY in header else {}
    if reference_model is None and header.get("MODEL"):
        reference_model = _reference_model(header["MODEL"], path)
    return cls.from_maps(maps, sed_type, reference_model, gti=gti, meta=meta)


def _reference_model(name, path):
    from ...modeling.models import Models

    candidates = [make_path(name)]
    if path is not None:
        candidates.insert(0, make_path(path).parent / make_path(name).name)
    for candidate in candidates:
        if candidate.exists():
            return Models.read(candidate)[0]
    log.warning(
        "Reference model %s of %s was not found: fluxes are relative to a power law of index 2.", name, path
    )
    return None


def read_flux_maps(cls, filename, checksum=False):
    """Read flux maps, see `FluxMaps.read`."""
    filename = make_path(filename)
    with open_fits(filename, checksum=checksum) as hdulist:
        return flux_maps_from_hdulist(cls, hdulist, path=filename)
