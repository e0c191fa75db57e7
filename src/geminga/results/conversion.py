"""Conversion between norms and maps of one kind of flux."""

from __future__ import annotations

import logging

import numpy as np

from ..errors import DataError, UnknownNameError
from ..maps import Map
from ..units import to_value
from .quantities import NORM_QUANTITIES, OTHER_QUANTITIES, SED_TYPES, check_sed_type, flux_columns

__all__ = ["made_from_maps", "to_maps"]

log = logging.getLogger(__name__)


def to_maps(flux_maps, sed_type=None):
    """Return the fluxes of one SED type, with the fit quantities, as a dict of maps.

    Parameters
    ----------
    flux_maps : FluxMaps
    sed_type : {"dnde", "flux", "eflux", "e2dnde", "likelihood"}, optional
        By default that of the input, else likelihood.
    """
    sed_type = check_sed_type(sed_type or flux_maps.sed_type_init or "likelihood")
    maps = {}
    for norm_name, name in zip(NORM_QUANTITIES, flux_columns(sed_type), strict=True):
        if norm_name in flux_maps._data:
            suffix = norm_name.removeprefix("norm")
            maps[name] = (
                flux_maps._quantity(norm_name)
                if sed_type == "likelihood"
                else flux_maps._flux(sed_type, suffix)
            )
    for name in OTHER_QUANTITIES:
        if name in flux_maps._data:
            maps[name] = flux_maps._data[name]
    return maps


def made_from_maps(cls, maps, sed_type=None, reference_model=None, gti=None, meta=None):
    """Make flux maps from maps of one SED type, see `FluxMaps.from_maps`."""
    maps = dict(maps)
    if sed_type is None:
        sed_type = next((t for t in SED_TYPES if flux_columns(t)[0] in maps), None)
        if sed_type is None:
            raise UnknownNameError("SED type of maps", sorted(maps), SED_TYPES)
    check_sed_type(sed_type)
    if reference_model is None:
        log.warning("No reference model given: fluxes are relative to a power law of index 2.")
        reference_model = cls.reference_model_default()
    names = flux_columns(sed_type)
    if names[0] not in maps:
        raise DataError(f"maps of SED type {sed_type!r} must hold {names[0]!r}, got {sorted(maps)}. Add it.")
    meta = {**(meta or {})}
    meta.setdefault("sed_type_init", sed_type)
    data = {}
    first = maps[names[0]]
    empty = Map.from_geom(first.geom, data=np.ones(first.data.shape))
    helper = cls({"norm": empty}, reference_model)
    for norm_name, name in zip(NORM_QUANTITIES, names, strict=True):
        if name not in maps:
            continue
        if sed_type == "likelihood":
            data[norm_name] = maps[name]
            continue
        reference = helper._reference(sed_type)
        values = to_value(maps[name].quantity, reference.unit, name) / reference.value
        data[norm_name] = Map.from_geom(maps[name].geom, data=values)
    for name in OTHER_QUANTITIES:
        if name in maps:
            data[name] = maps[name]
    return cls(data, helper.reference_model, meta, gti)
