"""Models as YAML.

A file has ``components`` (a list of models), the name of the file with their ``covariance``, and ``metadata``. A
parameter that several components share has the same ``link`` in each of them.
"""

from __future__ import annotations

import hashlib
import logging
import warnings
from datetime import UTC, datetime
from pathlib import Path

import yaml

from ....errors import FileExistsGemingaError, FormatError, GemingaError, UnknownNameError
from ....files import from_yaml, make_path, read_yaml, to_yaml, write_text
from ..registries import MODEL_REGISTRY
from .covariance import read_covariance, write_covariance
from .penalties import penalties_from_list, penalties_to_list

__all__ = [
    "models_from_dict",
    "models_from_yaml",
    "models_to_dict",
    "models_to_yaml",
    "read_models",
    "write_document",
    "write_models",
]

log = logging.getLogger(__name__)

_MAX_COVARIANCE = 5000  # parameters: a table of 500 MB
_INDENT = 4  # the peer's layout: its checksum is that of the text as it would write it
_KEYS = (
    "components",
    "covariance",
    "metadata",
    "penalties",
    "checksum",
    "OptimizeResult",
    "CovarianceResult",
)


def models_to_dict(models, full_output=False, overwrite_templates=False) -> dict:
    """Return the models as a dictionary of plain YAML types.

    Parameters
    ----------
    models : `DatasetModels`
    full_output : bool
        Include entries that equal the defaults.
    overwrite_templates : bool
        Replace existing files of template maps; files that do not exist are written in any case.
    """
    models.update_link_label()
    _write_templates(models, overwrite_templates)
    data: dict = {"components": [model.to_dict(full_output) for model in models]}
    if models.penalties:
        data["penalties"] = penalties_to_list(models)
    return data


def _write_templates(models, overwrite: bool) -> None:
    """Write the maps of templates that know the name of their file, unless it is there already."""
    for model in models:
        for part in (model, *model._parts().values()):
            filename = getattr(part, "filename", None)
            if filename is None or not hasattr(part, "write"):
                continue
            if overwrite or not make_path(filename).exists():
                part.write(overwrite=overwrite)


def models_to_yaml(models, full_output=False, overwrite_templates=False) -> str:
    """Return the models as YAML text.

    Parameters
    ----------
    models : `DatasetModels`
    full_output : bool
        Include entries that equal the defaults.
    overwrite_templates : bool
        Replace existing files of template maps.
    """
    data = {**models_to_dict(models, full_output, overwrite_templates), "metadata": _metadata()}
    return to_yaml(data, indent=_INDENT)


def _metadata() -> dict:
    from .... import __version__

    return {"creator": f"Geminga {__version__}", "date": datetime.now(UTC).isoformat(), "origin": None}


def models_from_dict(cls, data, path=""):
    """Create models from a dictionary in the form of `models_to_dict`.

    Parameters
    ----------
    cls : type
        `Models` or `DatasetModels`.
    data : dict
    path : str or path-like
        Folder of the covariance file.

    Raises
    ------
    FormatError
        If the dictionary is not one of models.
    UnknownNameError
        If it has keys, tags or parameters that are not known.
    """
    if not isinstance(data, dict) or not isinstance(data.get("components"), list):
        raise FormatError("models must be a mapping with a list 'components'. Check the file.")
    for key in data:
        if key not in _KEYS:
            raise UnknownNameError("key of models", key, _KEYS)
    components = []
    for number, entry in enumerate(data["components"]):
        if not isinstance(entry, dict) or "type" not in entry:
            raise FormatError(f"component {number} must be a mapping with a 'type', got {entry!r}. Add it.")
        components.append(MODEL_REGISTRY.get_cls(entry["type"]).from_dict(entry))
    models = cls(components)
    _share_linked(models)
    if data.get("penalties"):
        models._penalties = penalties_from_list(data["penalties"], models)
    if data.get("covariance"):
        read_covariance(models, path, data["covariance"])
    return models


def _share_linked(models) -> None:
    """Put one parameter in all the places that have the same link."""
    shared: dict[str, object] = {}
    for model in models:
        for part in model._parts().values():
            _share_in(part, shared)


def _share_in(part, shared) -> None:
    for name, member in list(vars(part).items()):
        if hasattr(member, "default_parameters"):
            _share_in(member, shared)
            continue
        label = getattr(member, "_link_label", None)
        if label is not None:
            setattr(part, name, shared.setdefault(label, member))


def models_from_yaml(cls, yaml_str, path="", checksum=False):
    """Create models from YAML text.

    Parameters
    ----------
    cls : type
        `Models` or `DatasetModels`.
    yaml_str : str
    path : str or path-like
        Folder of the covariance file.
    checksum : bool
        Warn when the text does not have the checksum that it states.
    """
    try:
        data = from_yaml(yaml_str)
    except yaml.YAMLError as error:
        raise FormatError(f"models must be plain YAML, got: {error}") from error
    if checksum:
        _check(yaml_str)
    return models_from_dict(cls, data, path)


def read_models(cls, filename, checksum=False):
    """Read models from a YAML file and the covariance beside it.

    Parameters
    ----------
    cls : type
        `Models` or `DatasetModels`.
    filename : str or path-like
    checksum : bool
        Warn when the file does not have the checksum that it states.
    """
    file = make_path(filename)
    data = read_yaml(file)
    if checksum:
        _check(file.read_text(encoding="utf-8"))
    try:
        return models_from_dict(cls, data, file.parent)
    except GemingaError as error:
        error.add_note(f"while reading {file}")
        raise


def write_models(
    models,
    path,
    overwrite=False,
    full_output=False,
    overwrite_templates=False,
    write_covariance=True,
    checksum=False,
) -> None:
    """Write models to a YAML file and their covariance to ``<stem>_covariance.dat`` beside it.

    Parameters
    ----------
    models : `DatasetModels`
    path : str or path-like
    overwrite : bool
        Replace existing files.
    full_output : bool
        Include entries that equal the defaults.
    overwrite_templates : bool
        Replace existing files of template maps.
    write_covariance : bool
        Write the covariance.
    checksum : bool
        Add a checksum of the text.
    """
    write_document(
        models,
        make_path(path),
        head={},
        overwrite=overwrite,
        full_output=full_output,
        overwrite_templates=overwrite_templates,
        covariance=write_covariance,
        checksum=checksum,
    )


def write_document(
    models, file: Path, head, overwrite, full_output, overwrite_templates, covariance, checksum
) -> None:
    """Write a YAML file with something at its head, followed by models; the covariance goes beside it."""
    if file.exists() and not overwrite:
        raise FileExistsGemingaError(
            f"file {file} must not exist already. Pass overwrite=True to replace it."
        )
    data = {**head, **models_to_dict(models, full_output, overwrite_templates)}
    n = len(models.parameters)
    if covariance and n > _MAX_COVARIANCE:
        log.warning("The covariance of %d parameters is not written: the table would be too large.", n)
    elif covariance and n:
        data["covariance"] = _write_covariance_beside(models, file, overwrite)
    data["metadata"] = _metadata()
    text = to_yaml(data, indent=_INDENT)
    if checksum:
        text += f"checksum: {_digest(text)}\n"
    write_text(text, file, overwrite)


def _write_covariance_beside(models, file: Path, overwrite: bool) -> str:
    name = f"{file.stem}_covariance.dat"
    write_covariance(models, file.parent / name, overwrite=overwrite)
    return name


def _digest(text: str) -> str:
    return hashlib.md5(text.encode("utf-8"), usedforsecurity=False).hexdigest()


def _check(text: str) -> None:
    body, found, stated = text.rpartition("checksum:")
    # A file without a checksum makes no claim that could fail.
    if found and _digest(body) != stated.strip():
        warnings.warn("Checksum verification failed.", UserWarning, stacklevel=4)
