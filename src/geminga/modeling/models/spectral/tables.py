"""Tables of numbers in the dictionaries of models, and in XSPEC table models."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from geminga.errors import FormatError, ModelError
from geminga.files import open_fits

__all__ = ["quantity_from_dict", "quantity_to_dict", "read_xspec_table"]


def quantity_to_dict(quantity) -> dict:
    """Return an array as plain YAML types.

    Examples
    --------
    >>> quantity_to_dict([1, 2] * u.TeV)
    {'data': [1.0, 2.0], 'unit': 'TeV'}
    """
    quantity = u.Quantity(quantity)
    return {"data": quantity.value.tolist(), "unit": str(quantity.unit)}


def quantity_from_dict(data, key):
    """Return the array that a model's dictionary has under a key.

    Raises
    ------
    ModelError
        If the key is missing or its content is no array with unit.
    """
    try:
        return u.Quantity(data[key]["data"], data[key].get("unit", ""), dtype=float)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"key {key!r} of a model must hold 'data' and 'unit', got {data.get(key)!r}. Add it."
        ) from error


def read_xspec_table(path):
    """Read an XSPEC table model with one parameter.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    energy : `~astropy.units.Quantity`, shape (n_energy,)
        Geometric centres of the bins.
    parameter : ndarray, shape (n_parameter,)
        Values of the parameter.
    values : ndarray, shape (n_parameter, n_energy)

    Raises
    ------
    FormatError
        If an extension or column is missing.

    References
    ----------
    .. [1] Arnaud, OGIP Memo OGIP/92-009, "The File Format for XSPEC Table Models".
    """
    with open_fits(path) as hdulist:
        columns = {}
        for hdu, names in (("ENERGIES", ("ENERG_LO", "ENERG_HI")), ("SPECTRA", ("PARAMVAL", "INTPSPEC"))):
            if hdu not in hdulist:
                raise FormatError(f"the file must have an extension {hdu}. Give a table model.", path, hdu)
            for name in names:
                if name not in hdulist[hdu].columns.names:
                    raise FormatError("the column must exist. Give a table model.", path, hdu, name)
                columns[name] = np.array(hdulist[hdu].data[name], dtype=float)
        unit = u.Unit(hdulist["ENERGIES"].columns["ENERG_LO"].unit or "keV")
    energy = np.sqrt(columns["ENERG_LO"] * columns["ENERG_HI"]) * unit
    return energy, columns["PARAMVAL"].reshape(len(columns["INTPSPEC"])), columns["INTPSPEC"]
