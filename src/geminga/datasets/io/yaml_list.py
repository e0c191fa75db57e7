"""Lists of datasets as YAML files that name the FITS files of their members."""

from __future__ import annotations

import hashlib
import logging
import warnings

import yaml

from ...errors import FileExistsGemingaError, FormatError, UnknownNameError
from ...files import make_path, read_yaml, write_yaml
from ...metadata import CreatorMetaData
from ..registry import DATASET_REGISTRY

__all__ = ["read_datasets", "write_datasets"]

log = logging.getLogger(__name__)

KNOWN_KEYS = {"datasets", "metadata", "checksum"}


def _text(content) -> str:
    """Return YAML text in the layout of which the checksum is taken."""
    return yaml.safe_dump(content, sort_keys=False, indent=4, width=50)


def _digest(text: str) -> str:
    return hashlib.md5(text.encode("utf-8"), usedforsecurity=False).hexdigest()


def write_datasets(
    datasets, filename, filename_models=None, overwrite=False, write_covariance=True, checksum=True
) -> None:
    """Write a list of datasets: a YAML file, one FITS file for each dataset beside it, and the models.

    Parameters
    ----------
    datasets : `~geminga.datasets.Datasets`
    filename : str or path-like
        The YAML file.
    filename_models : str or path-like, optional
        YAML file for the models.
    overwrite : bool
        Replace existing files.
    write_covariance : bool
        Write the covariance of the models too.
    checksum : bool
        Add checksums.

    Raises
    ------
    FileExistsGemingaError
        If a file exists; nothing is written then.
    """
    path = make_path(filename)
    entries = [dataset.to_dict() for dataset in datasets]
    targets = [path, *(path.parent / entry["filename"] for entry in entries)]
    if filename_models is not None:
        targets.append(make_path(filename_models))
    existing = [target for target in targets if target.exists()]
    if existing and not overwrite:
        raise FileExistsGemingaError(
            f"file {existing[0]} must not exist already. Pass overwrite=True to replace it."
        )
    for dataset, entry in zip(datasets, entries, strict=True):
        dataset.write(path.parent / entry["filename"], overwrite=overwrite, checksum=checksum)
    creation = CreatorMetaData()
    metadata = {"creator": creation.creator, "date": creation.date.isot, "origin": creation.origin}
    text = _text({"datasets": entries, "metadata": metadata})
    if checksum:
        text += f"checksum: {_digest(text)}\n"
    write_yaml(text, path, overwrite=overwrite)
    if filename_models is not None:
        datasets.models.write(
            filename_models, overwrite=overwrite, write_covariance=write_covariance, checksum=checksum
        )


def read_datasets(cls, filename, filename_models=None, lazy=True, cache=True, checksum=True):
    """Read a list of datasets, and its models.

    Parameters
    ----------
    cls : type
        Class of the list.
    filename : str or path-like
        The YAML file.
    filename_models : str or path-like, optional
    lazy : bool
        Read each map when it is first looked at.
    cache : bool
        With `lazy`, keep what was read.
    checksum : bool
        Verify checksums, and warn where they do not agree.
    """
    path = make_path(filename)
    content = read_yaml(path)
    if not isinstance(content, dict) or not isinstance(content.get("datasets"), list):
        raise FormatError(
            "the file must have a list under the key 'datasets'. Check that it names datasets.", path=path
        )
    unknown = set(content) - KNOWN_KEYS
    if unknown:
        log.warning("%s: unknown keys %s are ignored.", path, ", ".join(sorted(unknown)))
    if checksum:
        _verify(content, path)
    datasets = [_read_entry(entry, path, lazy, cache) for entry in content["datasets"]]
    datasets = cls(datasets)
    if filename_models is not None:
        from ...modeling.models import Models

        datasets.models = Models.read(filename_models, checksum=checksum)
    return datasets


def _verify(content, path) -> None:
    """Warn if a file states a checksum that it does not have."""
    stated = content.get("checksum")
    rest = {key: value for key, value in content.items() if key != "checksum"}
    if stated is not None and stated != _digest(_text(rest)):
        warnings.warn(f"{path}: checksum verification failed.", UserWarning, stacklevel=4)


def _read_entry(entry, path, lazy, cache):
    """Read one dataset of a list."""
    missing = [key for key in ("type", "filename") if not isinstance(entry, dict) or key not in entry]
    if missing:
        raise FormatError(f"each dataset must have {' and '.join(missing)}, got {entry!r}.", path=path)
    try:
        cls = DATASET_REGISTRY.get_cls(entry["type"])
    except UnknownNameError as error:
        raise FormatError(str(error), path=path) from error
    target = make_path(entry["filename"])
    entry = {**entry, "filename": str(target if target.is_absolute() else path.parent / target)}
    if cls.reads_lazily:
        return cls.from_dict(entry, lazy=lazy, cache=cache)
    return cls.from_dict(entry)
