"""The covariance of models as a text table beside their YAML file."""

from __future__ import annotations

from io import StringIO

import numpy as np

from ....errors import FormatError
from ....files import make_path, write_text

__all__ = ["read_covariance", "write_covariance"]

_FORMAT = "ascii.fixed_width"


def read_covariance(models, path, filename="_covariance.dat", **kwargs) -> None:
    """Read the covariance of the parameters from a text table, and set it.

    Parameters
    ----------
    models : `DatasetModels`
    path : str or path-like
        Folder.
    filename : str
        Name of the file.
    **kwargs : dict
        Arguments of `~astropy.table.Table.read`.

    Raises
    ------
    FormatError
        If the file is missing or is no square table with a row for each parameter.
    """
    from astropy.table import Table

    file = make_path(path) / filename
    if not file.exists():
        raise FormatError("the file with the covariance must exist. Restore it or remove the key.", path=file)
    kwargs.setdefault("format", _FORMAT)
    try:
        table = Table.read(file, **kwargs)
        names = [str(name) for name in table["Parameters"]]
        columns = [name for name in table.colnames if name != "Parameters"]
        data = np.array([np.asarray(table[name], dtype=float) for name in columns]).T.reshape(
            -1, len(columns)
        )
    except (ValueError, KeyError, OSError, UnicodeDecodeError) as error:
        raise FormatError(
            f"the file must be a table with a column 'Parameters', got: {error}", path=file
        ) from error
    n = len(models.parameters)
    if data.shape != (n, n):
        raise FormatError(f"the table must have {n} rows and columns, got {data.shape}.", path=file)
    expected = models.parameters_unique_names
    if names != expected:
        if sorted(names) != sorted(expected):
            wrong = next(name for name in names if name not in expected)
            raise FormatError(f"the rows must be the parameters of the models, got {wrong!r}.", path=file)
        order = [names.index(name) for name in expected]
        data = data[np.ix_(order, order)]
    models.covariance = data


def write_covariance(models, filename, **kwargs) -> None:
    """Write the covariance of the parameters as a text table.

    Parameters
    ----------
    models : `DatasetModels`
    filename : str or path-like
    **kwargs : dict
        Arguments of `~astropy.table.Table.write`; ``overwrite=True`` replaces an existing file.
    """
    from astropy.table import Table

    overwrite = kwargs.pop("overwrite", False)
    kwargs.setdefault("format", _FORMAT)
    data = models.covariance.data
    table = Table({"Parameters": np.array(models.parameters_unique_names, dtype=str)})
    for position, column in enumerate(data.T):
        table[str(position)] = column
    text = StringIO()
    table.write(text, **kwargs)
    write_text(text.getvalue(), filename, overwrite)
