"""Provenance: what software made a product, from which inputs, with which configuration."""

from __future__ import annotations

import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ..files import file_checksum, make_path

__all__ = ["PACKAGES", "input_files", "provenance"]

#: Packages whose versions can change a number.
PACKAGES = ("geminga", "numpy", "scipy", "astropy", "regions", "iminuit", "pydantic", "matplotlib")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def input_files(datastore, obs_ids) -> list[Path]:
    """Return the files of a data store that hold the given observations, each once, with the index tables first."""
    wanted = {int(obs_id) for obs_id in obs_ids}
    base = Path(datastore.hdu_table.base_dir or ".")
    names = [name for name in ("hdu-index.fits.gz", "obs-index.fits.gz") if (base / name).exists()]
    files = {base / name: None for name in names}
    for row in datastore.hdu_table:
        if int(row["OBS_ID"]) in wanted:
            files[base / str(row["FILE_DIR"]).strip() / str(row["FILE_NAME"]).strip()] = None
    return [path.resolve() for path in files]


def provenance(configuration: str, inputs=(), relative_to=None) -> dict:
    """Return who, what, when and from what.

    Parameters
    ----------
    configuration : str
        The whole configuration as text.
    inputs : sequence of path-like
        Files that were read.
    relative_to : path-like, optional
        Show file names relative to this folder where possible.

    Returns
    -------
    dict
        Plain values, ready for JSON: ``created``, ``command``, ``python``, ``platform``, ``packages``, ``inputs``
        (name, size in bytes, sha256) and ``configuration``.
    """
    root = make_path(relative_to).resolve() if relative_to is not None else None
    files = []
    for path in map(Path, inputs):
        name = path.relative_to(root) if root is not None and path.is_relative_to(root) else path.name
        files.append({"name": str(name), "size": path.stat().st_size, "sha256": file_checksum(path)})
    return {
        "created": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "command": " ".join([Path(sys.argv[0]).name, *sys.argv[1:]]),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "packages": {package: _version(package) for package in PACKAGES},
        "inputs": files,
        "configuration": configuration,
    }
