"""The vocabulary of fluxes: SED types, their quantities, units, and which of them a table may hold."""

from __future__ import annotations

from astropy import units as u

from ..errors import UnknownNameError

__all__ = [
    "COUNTS_QUANTITIES",
    "DEFAULT_UNIT",
    "FLUX_TYPES",
    "NORM_QUANTITIES",
    "OTHER_QUANTITIES",
    "REQUIRED_COLUMNS",
    "SED_TYPES",
    "SUFFIXES",
    "check_sed_type",
    "flux_columns",
]

#: Kinds of flux that are a norm times a reference flux.
FLUX_TYPES = ("dnde", "e2dnde", "flux", "eflux")
SED_TYPES = (*FLUX_TYPES, "likelihood")

#: What can be said about a norm or a flux, beside its value.
SUFFIXES = ("", "_err", "_errn", "_errp", "_ul", "_sensitivity")
NORM_QUANTITIES = tuple(f"norm{suffix}" for suffix in SUFFIXES)

DEFAULT_UNIT = {
    "dnde": u.Unit("cm-2 s-1 TeV-1"),
    "e2dnde": u.Unit("erg cm-2 s-1"),
    "flux": u.Unit("cm-2 s-1"),
    "eflux": u.Unit("erg cm-2 s-1"),
    "norm": u.one,
}

#: Columns without which a table of this type makes no sense.
REQUIRED_COLUMNS = {
    "dnde": ("e_ref", "dnde"),
    "e2dnde": ("e_ref", "e2dnde"),
    "flux": ("e_min", "e_max", "flux"),
    "eflux": ("e_min", "e_max", "eflux"),
    "likelihood": ("e_min", "e_max", "e_ref", "ref_dnde", "norm"),
}

#: Quantities that belong to the fit rather than to the flux, in the order of tables.
COUNTS_QUANTITIES = ("npred", "npred_excess")
OTHER_QUANTITIES = (
    "ts",
    "sqrt_ts",
    "npred",
    "npred_excess",
    "stat",
    "stat_null",
    "stat_scan",
    "dnde_scan_values",
    "niter",
    "is_ul",
    "counts",
    "success",
    "n_dof",
    "alpha",
    "acceptance_on",
    "acceptance_off",
)


def check_sed_type(sed_type: str) -> str:
    """Return the SED type if it is known.

    Raises
    ------
    UnknownNameError
        If it is not.
    """
    if sed_type not in SED_TYPES:
        raise UnknownNameError("SED type", sed_type, SED_TYPES)
    return sed_type


def flux_columns(sed_type: str) -> tuple[str, ...]:
    """Return the names of value, errors, limit and sensitivity of an SED type."""
    stem = "norm" if check_sed_type(sed_type) == "likelihood" else sed_type
    return tuple(f"{stem}{suffix}" for suffix in SUFFIXES)
