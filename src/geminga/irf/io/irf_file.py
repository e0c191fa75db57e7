"""All responses of a file at once."""

from __future__ import annotations

import logging

from ...fits_tables import open_tables
from ..rad_max import RadMax2D
from ..registry import IRF_REGISTRY
from .gadf_dl3 import read_gadf_dl3, tag_of_header

__all__ = ["load_irf_dict_from_file"]

log = logging.getLogger(__name__)

KINDS = {"aeff": "aeff", "edisp": "edisp", "psf": "psf", "bkg": "bkg", "rad": "rad_max"}


def load_irf_dict_from_file(filename) -> dict:
    """Read all responses of a DL3 file.

    Parameters
    ----------
    filename : str or path-like

    Returns
    -------
    dict
        Keys "aeff", "edisp", "psf", "bkg" and "rad_max", as far as the file has them. Of several HDUs of one kind the
        first is taken. A point-like effective area without a table of the cut gives "rad_max" from its keyword.
    """
    file = open_tables(filename)
    irfs: dict = {}
    for number, item in enumerate(file.hdus):
        tag = tag_of_header(file.header(number, structure=True)) if item.is_table else None
        if tag is None:
            continue
        kind = KINDS[tag.split("_")[0]]
        if kind in irfs:
            log.warning(
                "%s: HDU %s is skipped, the file has another %s before it.", file.path, item.name, kind
            )
            continue
        irfs[kind] = read_gadf_dl3(file, IRF_REGISTRY.get_cls(tag), hdu=number)
    aeff = irfs.get("aeff")
    if aeff is not None and aeff.is_pointlike and "rad_max" not in irfs and "RAD_MAX" in aeff.meta:
        irfs["rad_max"] = RadMax2D.from_irf(aeff)
    return irfs
