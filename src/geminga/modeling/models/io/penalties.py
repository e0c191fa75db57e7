"""Penalties of models as dictionaries."""

from __future__ import annotations

import numpy as np

from ....errors import FormatError, UnknownNameError

__all__ = ["penalties_from_list", "penalties_to_list"]

_TYPE = "GaussianPriorPenalty"


def penalties_to_list(models) -> list[dict]:
    """Return the penalties as dictionaries of plain YAML types; parameters are given by their unique names.

    Raises
    ------
    FormatError
        If a penalty is of a type that has no file format, or has parameters of other models.
    """
    names = {
        id(p): n for p, n in reversed([*zip(models.parameters, models.parameters_unique_names, strict=True)])
    }
    entries = []
    for penalty in models.penalties:
        if type(penalty).__name__ != _TYPE:
            raise FormatError(
                f"penalty must be a {_TYPE} to be written, got {type(penalty).__name__}. Remove it."
            )
        foreign = [p.name for p in penalty.parameters if id(p) not in names]
        if foreign:
            raise FormatError(
                f"penalty must be on parameters of the models, got {foreign[0]!r} of another model."
            )
        entries.append(
            {
                "type": _TYPE,
                "parameters": [names[id(p)] for p in penalty.parameters],
                "mean": np.asarray(penalty.mean, dtype=float).reshape(-1).tolist(),
                "covariance": np.asarray(penalty.covariance, dtype=float).tolist(),
                "lambda": float(penalty.lambda_),
            }
        )
    return entries


def penalties_from_list(entries, models) -> list:
    """Create penalties from dictionaries in the form of `penalties_to_list`."""
    from ....stats import GaussianPriorPenalty
    from ...parameters import Parameters

    known = dict(zip(models.parameters_unique_names, models.parameters, strict=True))
    penalties = []
    for entry in entries:
        if entry.get("type") != _TYPE:
            raise UnknownNameError("type of penalty", entry.get("type"), [_TYPE])
        for name in entry["parameters"]:
            if name not in known:
                raise UnknownNameError("parameter of a penalty", name, known)
        penalties.append(
            GaussianPriorPenalty(
                Parameters([known[name] for name in entry["parameters"]]),
                mean=np.array(entry["mean"], dtype=float),
                covariance=np.array(entry["covariance"], dtype=float),
                lambda_=entry.get("lambda", 1.0),
            )
        )
    return penalties
