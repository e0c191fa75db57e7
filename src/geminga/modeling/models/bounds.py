"""Limits and start values for many models at once."""

from __future__ import annotations

from ...errors import ModelError, UnknownNameError
from .select import has_part_with_tag

__all__ = ["set_parameters_bounds"]


def set_parameters_bounds(
    models, tag, model_type, parameters_names=None, min=None, max=None, value=None
) -> None:
    """Set limits and values of parameters of all parts with a tag.

    Parameters
    ----------
    models : `DatasetModels`
    tag : str or list of str
        Tags of the parts.
    model_type : {"spectral", "spatial", "temporal"}
        Kind of the parts.
    parameters_names : str or list of str, optional
        Names of the parameters, all by default.
    min, max, value : float or `~astropy.units.Quantity`, optional
        What to set; plain numbers in units of the parameters. None leaves as it is.
    """
    names = [parameters_names] if isinstance(parameters_names, str) else parameters_names
    found = False
    for model in models:
        if not has_part_with_tag(model, tag, model_type):
            continue
        part = getattr(model, f"{model_type}_model")
        for name in part.parameters.names if names is None else names:
            if name not in part.parameters.names:
                raise UnknownNameError(f"parameter of {type(part).__name__}", name, part.parameters.names)
            parameter = part.parameters[name]
            found = True
            parameter.set_lim(min=min, max=max)
            if value is not None:
                parameter.value = parameter._in_own_unit(value, "value")
    if not found:
        raise ModelError(
            f"models must have a {model_type} part with tag {tag!r}, got none. Check tag and model_type."
        )
