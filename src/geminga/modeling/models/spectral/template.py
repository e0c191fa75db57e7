"""Tabulated spectra."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from geminga.errors import ModelError
from geminga.numerics.interpolation import ScaledRegularGridInterpolator
from geminga.units import ENERGY, internal_unit, to_quantity, to_value

from ..registries import SPECTRAL_MODEL_REGISTRY
from .base import SpectralModel
from .tables import quantity_from_dict, quantity_to_dict, read_xspec_table

__all__ = ["TemplateSpectralModel", "plain_options", "with_tuples"]

_DEFAULT_INTERPOLATION = {"values_scale": "log", "points_scale": ("log",)}


@SPECTRAL_MODEL_REGISTRY.register
class TemplateSpectralModel(SpectralModel):
    """A table of values at energies, joined by power laws.

    Beyond the table the outer power laws go on. Values are never negative. A table with a single energy is constant.

    Parameters
    ----------
    energy : `~astropy.units.Quantity`, shape (n,)
        Energies, ascending.
    values : `~astropy.units.Quantity`, shape (n,)
        Values at the energies; dimensionless ones make a norm.
    interp_kwargs : dict, optional
        Arguments of `~geminga.numerics.interpolation.ScaledRegularGridInterpolator`: ``values_scale``,
        ``method``, ``fill_value``, ...
    meta : dict, optional
        Anything to remember.

    Examples
    --------
    >>> model = TemplateSpectralModel([1, 10] * u.TeV, [1e-12, 1e-14] * u.Unit("cm-2 s-1 TeV-1"))
    >>> model("2 TeV")
    <Quantity 2.5e-13 1 / (TeV s cm2)>
    """

    tag = ["TemplateSpectralModel", "template"]

    def __init__(self, energy, values, interp_kwargs=None, meta=None, **kwargs):
        self._energy = np.atleast_1d(to_quantity(energy, name="energy"))
        self._values = np.atleast_1d(u.Quantity(values, dtype=float))
        if self._energy.shape != self._values.shape or self._energy.ndim != 1:
            raise ModelError(
                f"energy and values of a template must be one-dimensional and of equal length, "
                f"got shapes {self._energy.shape} and {self._values.shape}."
            )
        self.interp_kwargs = dict(interp_kwargs or {})
        self.meta = {} if meta is None else meta
        super().__init__(**kwargs)

    @property
    def energy(self):
        """Energies of the table."""
        return self._energy

    @property
    def values(self):
        """Values of the table."""
        return self._values

    def _interpolator(self):
        return ScaledRegularGridInterpolator(
            (self._energy.to_value(ENERGY),),
            self._values.value,
            **(_DEFAULT_INTERPOLATION | with_tuples(self.interp_kwargs)),
        )

    def evaluate(self, energy):
        """Return the spectrum at energies."""
        numbers = self._interpolator()((to_value(energy, ENERGY, name="energy"),))
        return u.Quantity(numbers, self._values.unit, copy=None)

    def on_points(self, energies):
        """Bind to energies; see `SpectralModel.on_points`."""
        from .binned import FixedSpectrum, energies_in_tev

        unit = self._values.unit
        numbers = self._interpolator()((energies_in_tev(energies).ravel(),))
        return FixedSpectrum(numbers * unit.to(internal_unit(unit)))

    @property
    def is_norm_spectral_model(self) -> bool:
        """Whether the values are dimensionless."""
        return self._values.unit.physical_type == "dimensionless"

    def _pivot_start(self):
        return self._energy[len(self._energy) // 2]

    @classmethod
    def read_xspec_model(cls, filename, param, **kwargs):
        """Read one spectrum of an XSPEC table model.

        Parameters
        ----------
        filename : str or path-like
        param : float
            Value of the table's parameter; the nearest one in the table is taken.
        **kwargs : dict
            Further arguments of the constructor.

        Returns
        -------
        `TemplateSpectralModel`
        """
        energy, parameter, values = read_xspec_table(filename)
        row = int(np.argmin(np.abs(parameter - param)))
        kwargs.setdefault("interp_kwargs", {"values_scale": "lin"})
        return cls(energy, values[row] * u.one, **kwargs)

    @classmethod
    def from_region_map(cls, map, **kwargs):
        """Create from a region map with an energy axis.

        Parameters
        ----------
        map : `~geminga.maps.RegionNDMap`
            Its values at the centres of the axis become the table.
        **kwargs : dict
            Further arguments of the constructor.
        """
        axis = next((axis for axis in map.geom.axes if axis.name in ("energy", "energy_true")), None)
        if axis is None:
            raise ModelError(f"map must have an energy axis, got axes {map.geom.axes.names}.")
        return cls(axis.center, map.quantity.reshape(-1), **kwargs)

    def to_dict(self, full_output=False) -> dict:
        """Return the model as a dictionary of plain YAML types."""
        data = super().to_dict(full_output)
        data["spectral"]["energy"] = quantity_to_dict(self._energy)
        data["spectral"]["values"] = quantity_to_dict(self._values)
        if self.interp_kwargs:
            data["spectral"]["interp_kwargs"] = plain_options(self.interp_kwargs)
        return data

    @classmethod
    def from_dict(cls, data, **kwargs):
        """Create from a dictionary in the form of `to_dict`."""
        data = cls._unwrap(data)
        kwargs.setdefault("interp_kwargs", data.get("interp_kwargs"))
        return cls(quantity_from_dict(data, "energy"), quantity_from_dict(data, "values"), **kwargs)

    def __repr__(self) -> str:
        low, high = self._energy[0], self._energy[-1]
        return f"{type(self).__name__}({len(self._energy)} energies from {low:g} to {high:g})"


def plain_options(options) -> dict:
    """Return interpolation options as plain YAML types."""
    return {key: list(value) if isinstance(value, tuple) else value for key, value in options.items()}


def with_tuples(options) -> dict:
    """Return interpolation options as the interpolator takes them; files hold lists."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in options.items()}
