"""Fetching the files that a query result names."""

from __future__ import annotations

import logging
import re
import shutil
from pathlib import Path
from urllib.parse import unquote, urlparse
from urllib.request import Request, urlopen

from astropy.table import Table

from ...errors import DataError, FormatError
from ...files import atomic_path, make_path
from ...progress import progress_bar

__all__ = ["as_table", "fetch_files", "make_fetch_list", "progress_download"]

log = logging.getLogger(__name__)

TIMEOUT = 60  # s without an answer


def as_table(results) -> Table:
    """Return a query result as a table."""
    return results.to_table() if hasattr(results, "to_table") else Table(results)


def make_fetch_list(result) -> list[tuple[str, str]]:
    """Return what a query result names.

    Parameters
    ----------
    result : `~pyvo.dal.TAPResults` or `~astropy.table.Table`
        With the columns obs_id and access_url.

    Returns
    -------
    list of (str, str)
        Identifier and address of each file.
    """
    table = as_table(result)
    names = {name.lower(): name for name in table.colnames}
    for name in ("obs_id", "access_url"):
        if name not in names:
            raise FormatError(
                f"the query result must have the column {name}, got {', '.join(names)}.", column=name
            )
    return [(str(row[names["obs_id"]]).strip(), str(row[names["access_url"]]).strip()) for row in table]


def progress_download(source: str, destination) -> Path:
    """Download a file; it appears when it is complete.

    Parameters
    ----------
    source : str
        Address, http or https.
    destination : str or path-like
        File; it must not exist.

    Returns
    -------
    `~pathlib.Path`
    """
    scheme = urlparse(source).scheme
    if scheme not in ("http", "https"):
        raise DataError(f"address must start with http or https, got {source!r}. Fetch the file by hand.")
    path = make_path(destination)
    log.info("Fetching %s.", source)
    request = Request(source, headers={"User-Agent": "geminga"})  # noqa: S310 - the scheme was checked
    with urlopen(request, timeout=TIMEOUT) as stream, atomic_path(path) as temporary:  # noqa: S310
        with temporary.open("wb") as target:
            shutil.copyfileobj(stream, target)
        expected = stream.headers.get("Content-Length")
        if expected is not None and int(expected) != temporary.stat().st_size:
            raise DataError(
                f"{source} must have {expected} bytes, got {temporary.stat().st_size}. "
                "The connection was cut; try again."
            )
    return path


def file_name(obs_id: str, url: str) -> str:
    """Return a plain file name for an address, whatever the address holds."""
    name = Path(unquote(urlparse(url).path)).name
    name = re.sub(r"[^A-Za-z0-9._+-]", "_", name).lstrip(".")
    return name or f"{re.sub(r'[^A-Za-z0-9]', '_', obs_id)}.fits"


def fetch_files(fetch_list, save_dir) -> list[tuple[str, Path]]:
    """Download files; those that are there already are kept.

    Parameters
    ----------
    fetch_list : list of (str, str)
        Identifiers and addresses, see `make_fetch_list`.
    save_dir : str or path-like
        Folder.

    Returns
    -------
    list of (str, `~pathlib.Path`)
        Identifiers and files.
    """
    folder = make_path(save_dir)
    fetched = []
    for obs_id, url in progress_bar(fetch_list, "Fetching files", len(fetch_list)):
        path = folder / file_name(obs_id, url)
        if path.exists():
            log.info("%s is there already.", path)
        else:
            progress_download(url, path)
        fetched.append((obs_id, path))
    return fetched
