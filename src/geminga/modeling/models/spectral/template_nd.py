"""Spectra tabulated over energy and any number of parameters."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from geminga.errors import ModelError
from geminga.files import make_path
from geminga.modeling.parameter import Parameter
from geminga.numerics.interpolation import ScaledRegularGridInterpolator
from geminga.units import ENERGY, conversion_factor, internal_unit

from ...parameters import Parameters
from ..arrays import number_in
from ..base import parameters_from_dict
from ..registries import SPECTRAL_MODEL_REGISTRY
from .base import SpectralModel
from .template import plain_options, with_tuples

__all__ = ["TemplateNDSpectralModel"]

_ENERGY_NAMES = ("energy_true", "energy")


@SPECTRAL_MODEL_REGISTRY.register
class TemplateNDSpectralModel(SpectralModel):
    """A table of spectra; every axis other than energy is a parameter.

    The table is interpolated logarithmically in the values, on the scales of the axes, and continued beyond its edges.
    A parameter starts in the middle of its axis; the ends of the axis are its limits.

    Parameters
    ----------
    map : `~geminga.maps.RegionNDMap`
        Table with an energy axis. Without unit the model is a norm.
    interp_kwargs : dict, optional
        Arguments of `~geminga.numerics.interpolation.ScaledRegularGridInterpolator`.
    meta : dict, optional
        Anything to remember.
    filename : str or path-like, optional
        Where `write` writes the map.
    **kwargs : `Parameter`, `~astropy.units.Quantity`, str or float
        Parameters by the names of the axes.
    """

    tag = ["TemplateNDSpectralModel", "templateND"]
    array_evaluate = True

    def __init__(self, map, interp_kwargs=None, meta=None, filename=None, **kwargs):
        self._map = map
        self.interp_kwargs = dict(interp_kwargs or {})
        self.meta = {} if meta is None else meta
        self.filename = filename
        axes = list(map.geom.axes)
        if not any(axis.name in _ENERGY_NAMES for axis in axes):
            raise ModelError(f"map of a template must have an energy axis, got {[a.name for a in axes]}.")
        self.default_parameters = Parameters(
            [_parameter(axis) for axis in axes if axis.name not in _ENERGY_NAMES]
        )
        super().__init__(**kwargs)

    @property
    def map(self):
        """Table as a map."""
        return self._map

    @property
    def is_norm_spectral_model(self) -> bool:
        """Whether the values are dimensionless."""
        return self._map.unit.physical_type == "dimensionless"

    def _evaluate_with(self, energy, arguments):
        return self.evaluate(energy, *arguments.values())

    def evaluate(self, energy, *args):
        """Return the spectrum at energies, for parameter values in the order of `parameters`."""
        values = iter(args)
        coordinates, nodes, scales = [], [], []
        for axis in self._map.geom.axes:
            if axis.name in _ENERGY_NAMES:
                coordinates.append(np.asarray(number_in(energy, ENERGY)))
                nodes.append(axis.center.to_value(ENERGY))
            else:
                factor = conversion_factor(internal_unit(axis.unit), axis.unit)
                coordinates.append(np.asarray(number_in(next(values), axis.unit, factor)))
                nodes.append(axis.center.value)
            scales.append(axis.interp)
        # the data of a map run over its axes backwards
        table = np.asarray(self._map.data, dtype=float).reshape([len(node) for node in nodes[::-1]])
        options = {"values_scale": "log", "extrapolate": True} | with_tuples(self.interp_kwargs)
        interpolate = ScaledRegularGridInterpolator(
            nodes[::-1], table, points_scale=options.pop("points_scale", scales[::-1]), **options
        )
        result = interpolate(coordinates[::-1])
        unit = self._map.unit
        if isinstance(energy, u.Quantity):
            return u.Quantity(result, unit, copy=None)
        return result * conversion_factor(unit, internal_unit(unit))

    def write(self, overwrite=False, filename=None):
        """Write the map to a file.

        Parameters
        ----------
        overwrite : bool
            Replace an existing file.
        filename : str or path-like, optional
            Where; default is the attribute `filename`.
        """
        if filename is not None:
            self.filename = filename
        if self.filename is None:
            raise ModelError("filename of a template must be set to write its map, got None. Name the file.")
        self._map.write(make_path(self.filename), overwrite=overwrite)

    def to_dict(self, full_output=False) -> dict:
        """Return the model as a dictionary of plain YAML types; the map is in the file `filename`."""
        data = super().to_dict(full_output)
        data["spectral"]["filename"] = None if self.filename is None else str(self.filename)
        data["spectral"]["unit"] = str(self._map.unit)
        if self.interp_kwargs:
            data["spectral"]["interp_kwargs"] = plain_options(self.interp_kwargs)
        return data

    @classmethod
    def from_dict(cls, data, **kwargs):
        """Create from a dictionary in the form of `to_dict`, reading the map."""
        from geminga.maps import Map

        data = cls._unwrap(data)
        filename = data.get("filename")
        if filename is None:
            raise ModelError("template must have a filename, got none. Set model.filename before writing.")
        table = Map.read(make_path(filename))
        if "unit" in data and table.unit != u.Unit(data["unit"]):
            table = table.to_unit(data["unit"]) if table.unit != u.one else table.copy(unit=data["unit"])
        kwargs = {"interp_kwargs": data.get("interp_kwargs"), "filename": filename} | kwargs
        defaults = cls(table, **kwargs).default_parameters
        parameters = parameters_from_dict(data.get("parameters", []), defaults, cls.__name__)
        return cls(table, **kwargs, **{parameter.name: parameter for parameter in parameters})

    def __repr__(self) -> str:
        return f"{super().__repr__()[:-1]}; table over {', '.join(self._map.geom.axes.names)})"


def _parameter(axis):
    """Return the parameter of an axis: it starts in the middle and stays inside."""
    edges = axis.edges.value
    low, high = float(min(edges)), float(max(edges))
    return Parameter(axis.name, 0.5 * (low + high), unit=axis.unit, min=low, max=high)
