"""Parameters of a list of models as a table."""

from __future__ import annotations

import numpy as np

from ...errors import ModelError

__all__ = ["to_parameters_table", "update_parameters_from_table"]


def to_parameters_table(models):
    """Return all parameters of all models.

    Parameters
    ----------
    models : `DatasetModels`

    Returns
    -------
    `~astropy.table.Table`
        Columns model, type, name, value, unit, error, min, max, frozen, link, prior.
    """
    table = models.parameters.to_table()
    names = [model.name for model in models for _ in model.parameters]
    table.add_column(np.array(names, dtype=str), name="model", index=0)
    return table


def update_parameters_from_table(models, t) -> None:
    """Set values, errors, limits and frozen flags as a table gives them.

    Parameters
    ----------
    models : `DatasetModels`
    t : `~astropy.table.Table`
        In the form of `to_parameters_table`, a row for each parameter in the same order.
    """
    parameters = models.parameters
    if len(t) != len(parameters):
        raise ModelError(
            f"table must have {len(parameters)} rows, got {len(t)}. Start from to_parameters_table()."
        )
    for row, name in enumerate(t["name"]):
        if str(name) != parameters[row].name:
            raise ModelError(
                f"row {row} of the table must be {parameters[row].name!r}, got {name!r}. Keep the order."
            )
    for parameter, row in zip(parameters, t, strict=True):
        entry = {key: row[key] for key in ("value", "error", "min", "max", "frozen") if key in t.colnames}
        if "frozen" in entry:
            entry["frozen"] = bool(entry["frozen"])
        if "unit" in t.colnames:
            entry["unit"] = str(row["unit"])
        parameter.update_from_dict(entry)
