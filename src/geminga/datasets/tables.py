"""Lists of datasets as tables and text."""

from __future__ import annotations

import html

import numpy as np
from astropy import units as u
from astropy.table import Table

__all__ = ["html_of_list", "text_of_list", "united_meta_table"]


def united_meta_table(datasets) -> Table:
    """Return a table with name, type and the table of each dataset, one row a dataset.

    A column that a dataset lacks is masked in its row; so is one whose cells do not fit the others'.

    Parameters
    ----------
    datasets : `~geminga.datasets.Datasets`
    """
    table = Table()
    table["NAME"] = np.array(datasets.names, dtype=str)
    table["TYPE"] = np.array([dataset.tag for dataset in datasets], dtype=str)
    tables = [getattr(dataset, "meta_table", None) for dataset in datasets]
    names = list(dict.fromkeys(name for one in tables if one is not None for name in one.colnames))
    for name in names:
        cells = [
            None if one is None or name not in one.colnames or not len(one) else one[name][0]
            for one in tables
        ]
        unit = next((one[name].unit for one in tables if one is not None and name in one.colnames), None)
        table[name] = _column(cells, unit)
    return table


def _column(cells, unit):
    """Return cells, some of them None, as a column."""
    from astropy.table import Column, MaskedColumn

    known = [
        u.Quantity(cell).to_value(unit) if isinstance(cell, u.Quantity) else cell
        for cell in cells
        if cell is not None
    ]
    arrays = [np.asarray(cell) for cell in known]
    if len({array.shape for array in arrays}) > 1:
        data = np.empty(len(cells), dtype=object)
        values = iter(known)
        for position, cell in enumerate(cells):
            data[position] = None if cell is None else next(values)
        return Column(data, unit=unit)
    missing = np.array([cell is None for cell in cells])
    values = iter(arrays)
    blank = np.zeros_like(arrays[0])
    data = np.array([blank if gone else next(values) for gone in missing])
    if not missing.any():
        return Column(data, unit=unit)
    mask = np.broadcast_to(missing.reshape(-1, *[1] * (data.ndim - 1)), data.shape)
    return MaskedColumn(data, mask=mask, unit=unit)


def _rows(datasets) -> list[tuple[str, str, str, str]]:
    """Return name, type, instrument and models of each dataset, as text."""
    rows = []
    for dataset in datasets:
        table = getattr(dataset, "meta_table", None)
        instrument = ""
        if table is not None and "TELESCOP" in table.colnames and len(table):
            instrument = ", ".join(sorted({str(value) for value in np.ravel(table["TELESCOP"])}))
        names = [str(getattr(model, "name", model)) for model in dataset.models or ()]
        rows.append((dataset.name, type(dataset).__name__, instrument, ", ".join(names)))
    return rows


def text_of_list(datasets) -> str:
    """Return a list of datasets as text."""
    lines = ["Datasets", "--------"]
    for position, (name, kind, instrument, models) in enumerate(_rows(datasets)):
        lines += [
            "",
            f"Dataset {position}:",
            "",
            f"  Type       : {kind}",
            f"  Name       : {name}",
            f"  Instrument : {instrument}",
            f"  Models     : {models}",
        ]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def html_of_list(datasets) -> str:
    """Return a list of datasets as an HTML table."""
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in _rows(datasets)
    )
    head = "<tr><th>Name</th><th>Type</th><th>Instrument</th><th>Models</th></tr>"
    return f"<div><b>Datasets ({len(datasets)})</b><table>{head}{body}</table></div>"
