"""The interface of spectral models: flux at an energy, integrals, errors, inversion, arithmetic."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from geminga.doors import drawn_by
from geminga.errors import ModelError
from geminga.units import ENERGY, conversion_factor, internal_unit, to_quantity

from ..base import ModelBase
from ..registries import SPECTRAL_MODEL_REGISTRY
from .binned import FixedSpectrum, FormulaOnPoints, SpectrumOnBins, energies_in_tev, split_edges
from .inversion import crossings, numeric_pivot
from .propagation import sampled_errors
from .quadrature import tidy

__all__ = ["SpectralModel"]

_FORMULAS = (
    "evaluate_integral",
    "evaluate_energy_flux",
    "evaluate_gradient",
    "evaluate_integral_gradient",
)


class SpectralModel(ModelBase):
    r"""Base class of spectral models.

    A subclass declares `~geminga.modeling.Parameter` class attributes and a static method ``evaluate(energy,
    ...)`` whose arguments have the names of the parameters. It gets quantities and returns one.

    Two optional declarations make a model fast. ``array_evaluate = True`` says that `evaluate` also works on
    plain arrays in TeV, cm and s. Static methods ``evaluate_integral`` and ``evaluate_energy_flux``
    ``(energy_min, energy_max, ...)`` give closed-form integrals, ``evaluate_gradient`` and
    ``evaluate_integral_gradient`` return derivatives by name, for plain arrays. ``linear_parameters`` names
    those in which the model is linear and homogeneous. A subclass that overrides ``evaluate`` inherits none
    of these.

    Examples
    --------
    >>> from geminga.modeling import Parameter
    >>> class Line(SpectralModel):
    ...     amplitude = Parameter("amplitude", "2e-12 cm-2 s-1 TeV-1")
    ...     @staticmethod
    ...     def evaluate(energy, amplitude):
    ...         return amplitude * (energy / (1 * u.TeV)).to_value("") ** -2
    >>> Line()("2 TeV")
    <Quantity 5.e-13 1 / (TeV s cm2)>
    """

    _type = "spectral"
    array_evaluate = False
    linear_parameters: tuple[str, ...] = ()
    evaluate_integral = None
    evaluate_energy_flux = None
    evaluate_gradient = None
    evaluate_integral_gradient = None

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        own = vars(cls)
        if "evaluate" not in own:
            return
        if "array_evaluate" not in own:
            cls.array_evaluate = False
        if "linear_parameters" not in own:
            cls.linear_parameters = ()
        for name in _FORMULAS:
            if name not in own:
                setattr(cls, name, None)

    def _evaluate_with(self, energy, arguments):
        """Call the formula with arguments by name."""
        return self.evaluate(energy, **arguments)

    def _quantities(self) -> dict:
        return {parameter.name: parameter.quantity for parameter in self.parameters}

    def __call__(self, energy):
        """Return the spectrum at energies.

        Parameters
        ----------
        energy : `~astropy.units.Quantity` or str
            Any shape.

        Returns
        -------
        `~astropy.units.Quantity`
            Same shape; for example in cm-2 s-1 TeV-1, dimensionless for norms.
        """
        energy = to_quantity(energy, name="energy")
        conversion_factor(energy.unit, ENERGY, name="energy")
        result = u.Quantity(self._evaluate_with(energy, self._quantities()), copy=None)
        if result.shape != energy.shape:
            result = np.broadcast_to(
                result, np.broadcast_shapes(result.shape, energy.shape), subok=True
            ).copy()
        return tidy(result)

    @property
    def is_norm_spectral_model(self) -> bool:
        """Whether the values are dimensionless, so that the model scales another one."""
        return self(1 * ENERGY).unit.physical_type == "dimensionless"

    # ------------------------------------------------------------------ bound evaluation

    def on_points(self, energies):
        """Bind to energies, for many evaluations with plain parameter values.

        Parameters
        ----------
        energies : array_like, shape (n,)
            In TeV, or quantities.

        Returns
        -------
        `~geminga.modeling.models.spectral.binned.BoundSpectrum`
            Values in cm-2 s-1 TeV-1, dimensionless for norms.
        """
        bound = FormulaOnPoints(self, energies_in_tev(energies).ravel())
        return bound if bound.parameters else FixedSpectrum(bound.evaluate(()))

    def on_bins(self, edges, weight="flux"):
        """Bind to energy bins, for many integrals with plain parameter values.

        Parameters
        ----------
        edges : array_like, shape (n + 1,), or tuple of two arrays, shapes (n,)
            Edges of adjacent bins, or lower and upper edges, in TeV or quantities.
        weight : {"flux", "energy_flux"}
            Integrate the spectrum or energy times the spectrum.

        Returns
        -------
        `~geminga.modeling.models.spectral.binned.BoundSpectrum`
            Values in cm-2 s-1, or TeV cm-2 s-1.
        """
        return SpectrumOnBins(self, edges, weight)

    def _flux_unit(self):
        """Return the unit of integrals: that of the values times TeV, or the engine's where energies do not cancel."""
        unit = self(1 * ENERGY).unit * ENERGY
        return (tidy(u.Quantity(1.0, unit))).unit, internal_unit(unit)

    # ------------------------------------------------------------------ integrals

    def _integrate(self, energy_min, energy_max, weight, ndecade=None):
        low, high = (
            to_quantity(energy, ENERGY, name=name).value
            for energy, name in ((energy_min, "energy_min"), (energy_max, "energy_max"))
        )
        low, high = np.broadcast_arrays(low, high)
        unit, plain_unit = self._flux_unit()
        if ndecade is not None:
            from .binned import QuadratureOnBins

            bound = QuadratureOnBins(self, *split_edges((low.ravel(), high.ravel())), weight, ndecade)
        else:
            bound = self.on_bins((low.ravel(), high.ravel()), weight)
        result = bound.evaluate(bound.values).reshape(low.shape)
        if weight == "energy_flux":
            unit, plain_unit = unit * ENERGY, plain_unit * ENERGY
        return u.Quantity(result * conversion_factor(plain_unit, unit), unit)

    def integral(self, energy_min, energy_max, **kwargs):
        r"""Return the integral :math:`\int F(E)\,dE` over energy ranges.

        Parameters
        ----------
        energy_min, energy_max : `~astropy.units.Quantity` or str
            Ends of the ranges; arrays are fine.
        ndecade : int, optional
            Force quadrature with this number of points per decade. By default the closed form is used where
            there is one, and 100 points per decade elsewhere.

        Returns
        -------
        `~astropy.units.Quantity`
            In cm-2 s-1, for example.
        """
        return self._integrate(energy_min, energy_max, "flux", **kwargs)

    def energy_flux(self, energy_min, energy_max, **kwargs):
        r"""Return the energy flux :math:`\int E\,F(E)\,dE` over energy ranges.

        Parameters and Returns are those of `integral`, times an energy.
        """
        return self._integrate(energy_min, energy_max, "energy_flux", **kwargs)

    def spectral_index(self, energy, epsilon=1e-5):
        r"""Return the local index :math:`-d \ln F / d \ln E`.

        Parameters
        ----------
        energy : `~astropy.units.Quantity` or str
        epsilon : float
            Relative energy step of the difference.

        Returns
        -------
        ndarray
        """
        energy = to_quantity(energy, ENERGY, name="energy")
        low, high = self(energy), self(energy * (1 + epsilon))
        with np.errstate(divide="ignore", invalid="ignore"):
            return -np.log((high / low).to_value("")) / np.log1p(epsilon)

    # ------------------------------------------------------------------ errors

    def evaluate_error(self, energy, n_samples=3500, random_state=42, samples=None):
        """Return the spectrum and its errors from the covariance of the parameters.

        Parameter sets are drawn from the covariance; the value is the median of their spectra and the errors
        reach to the 15.87 and 84.13 percentiles. The median is not exactly the spectrum of the best fit.

        Parameters
        ----------
        energy : `~astropy.units.Quantity` or str
        n_samples : int
            Number of draws per parameter.
        random_state : int, "random-seed", "global-rng" or `~numpy.random.Generator`
        samples : array_like, shape (n_draws, n_parameters), optional
            Draws to use instead, in units of the parameters; all parameters or the free ones.

        Returns
        -------
        `~astropy.units.Quantity`, shape (3, *energy)
            Value, lower error, upper error.
        """
        energy = to_quantity(energy, ENERGY, name="energy")
        bound = self.on_points(energy.value.ravel())
        unit = self(1 * ENERGY).unit
        errors = sampled_errors(self, bound.evaluate_many, bound.parameters, n_samples, random_state, samples)
        return u.Quantity(
            errors.reshape(3, *energy.shape) * conversion_factor(internal_unit(unit), unit), unit
        )

    def _integral_error(self, energy_min, energy_max, weight, n_samples, random_state, samples):
        low = to_quantity(energy_min, ENERGY, name="energy_min").value
        high = to_quantity(energy_max, ENERGY, name="energy_max").value
        low, high = np.broadcast_arrays(low, high)
        bound = self.on_bins((low.ravel(), high.ravel()), weight)
        unit, plain_unit = self._flux_unit()
        if weight == "energy_flux":
            unit, plain_unit = unit * ENERGY, plain_unit * ENERGY
        errors = sampled_errors(self, bound.evaluate_many, bound.parameters, n_samples, random_state, samples)
        return u.Quantity(errors.reshape(3, *low.shape) * conversion_factor(plain_unit, unit), unit)

    def integral_error(self, energy_min, energy_max, n_samples=3500, random_state=42, samples=None, **kwargs):
        """Return the integral and its errors; see `integral` and `evaluate_error`.

        Returns
        -------
        `~astropy.units.Quantity`, shape (3, *ranges)
            Value, lower error, upper error.
        """
        return self._integral_error(
            energy_min, energy_max, "flux", n_samples, random_state, samples, **kwargs
        )

    def energy_flux_error(
        self, energy_min, energy_max, n_samples=3500, random_state=42, samples=None, **kwargs
    ):
        """Return the energy flux and its errors; see `energy_flux` and `evaluate_error`.

        Returns
        -------
        `~astropy.units.Quantity`, shape (3, *ranges)
            Value, lower error, upper error.
        """
        return self._integral_error(
            energy_min, energy_max, "energy_flux", n_samples, random_state, samples, **kwargs
        )

    def spectral_index_error(self, energy, n_samples=3500, random_state=42, samples=None):
        """Return the local spectral index and its errors; see `spectral_index` and `evaluate_error`.

        Returns
        -------
        `~astropy.units.Quantity`, shape (3, *energy)
            Value, lower error, upper error.
        """
        energy = to_quantity(energy, ENERGY, name="energy")
        epsilon = 1e-5
        flat = energy.value.ravel()
        bound = self.on_points(np.concatenate([flat, flat * (1 + epsilon)]))

        def index(values):
            spectra = bound.evaluate_many(values)
            with np.errstate(divide="ignore", invalid="ignore"):
                return -np.log(spectra[:, flat.size :] / spectra[:, : flat.size]) / np.log1p(epsilon)

        errors = sampled_errors(self, index, bound.parameters, n_samples, random_state, samples)
        return u.Quantity(errors.reshape(3, *energy.shape))

    # ------------------------------------------------------------------ inversion, reference

    def inverse(self, value, energy_min=0.1 * u.TeV, energy_max=100 * u.TeV):
        """Return the energies at which the spectrum has a value.

        Parameters
        ----------
        value : `~astropy.units.Quantity`
            One value, or an array of values.
        energy_min, energy_max : `~astropy.units.Quantity` or str
            Range to search.

        Returns
        -------
        `~astropy.units.Quantity`
            For one value all energies, in ascending order; for an array of values the lowest energy for
            each. NaN where there is none.
        """
        found = self.inverse_all(value, energy_min, energy_max)
        if np.ndim(to_quantity(value, name="value")) == 0:
            return found[0]
        shape = np.shape(to_quantity(value, name="value"))
        return u.Quantity([roots[0] for roots in found]).reshape(shape)

    def inverse_all(self, values, energy_min=0.1 * u.TeV, energy_max=100 * u.TeV):
        """Return for each value all energies at which the spectrum has it.

        Parameters are those of `inverse`.

        Returns
        -------
        list of `~astropy.units.Quantity`
            One array for each value, in ascending order; NaN where there is none.
        """
        low, high = (
            to_quantity(energy_min, name="energy_min"),
            to_quantity(energy_max, ENERGY, name="energy_max"),
        )
        unit = self(1 * ENERGY).unit
        numbers = np.atleast_1d(to_quantity(values, unit, name="values").value)
        roots = crossings(
            lambda energies: self(energies * ENERGY).to_value(unit),
            numbers.ravel(),
            low.to_value(ENERGY),
            high.to_value(ENERGY),
        )
        return [(root * ENERGY).to(low.unit) for root in roots]

    @property
    def pivot_energy(self):
        """Energy at which the relative error of the spectrum is smallest, within a factor e^3 of the reference.

        The errors follow from the covariance to first order. NaN when they are zero or depend on energy
        nowhere.
        """
        return numeric_pivot(self, self._pivot_start())

    def _pivot_start(self):
        """Return the energy around which the pivot is searched."""
        for name in ("reference", "ebreak", "mean", "Ep"):
            if name in self.parameters.names:
                return self.parameters[name].quantity
        return 1 * ENERGY

    def reference_fluxes(self, energy_axis):
        """Return the fluxes of the model in the bins of an axis, as estimators use them for reference.

        Parameters
        ----------
        energy_axis : `~geminga.maps.MapAxis`

        Returns
        -------
        dict of `~astropy.units.Quantity`
            ``e_ref, e_min, e_max, ref_dnde, ref_flux, ref_eflux, ref_e2dnde``.
        """
        energy = energy_axis.center
        low, high = energy_axis.edges_min, energy_axis.edges_max
        dnde = self(energy)
        flux, energy_flux = self.integral(low, high), self.energy_flux(low, high)
        return {
            "e_ref": energy,
            "e_min": low,
            "e_max": high,
            "ref_dnde": dnde,
            "ref_flux": flux,
            "ref_eflux": energy_flux,
            "ref_e2dnde": (dnde * energy**2).to(energy_flux.unit),
        }

    # ------------------------------------------------------------------ arithmetic

    def _combine(self, other, operator, swap=False):
        from .compound import CompoundSpectralModel
        from .constant import ConstantSpectralModel

        if isinstance(other, u.Quantity | float | int | np.number) and np.ndim(other) == 0:
            other = ConstantSpectralModel(const=u.Quantity(other))
        if not isinstance(other, SpectralModel):
            return NotImplemented
        first, second = (other, self) if swap else (self, other)
        return CompoundSpectralModel(first, second, operator)

    def __add__(self, other):
        return self._combine(other, "add")

    def __radd__(self, other):
        return self._combine(other, "add", swap=True)

    def __sub__(self, other):
        return self._combine(other, "sub")

    def __rsub__(self, other):
        return self._combine(other, "sub", swap=True)

    def __mul__(self, other):
        return self._combine(other, "mul")

    def __rmul__(self, other):
        return self._combine(other, "mul", swap=True)

    # an astropy quantity on the left would otherwise multiply element by element
    __array_ufunc__ = None

    plot = drawn_by("geminga.visualization.spectral:plot_spectral_model")
    plot_error = drawn_by("geminga.visualization.spectral:plot_spectral_model_error")

    @classmethod
    def from_dict(cls, data, **kwargs):
        """Create from a dictionary in the form of `to_dict`; the base class reads any spectral model.

        See `ModelBase.from_dict`.
        """
        if cls is SpectralModel:
            content = data.get("spectral", data)
            if "type" not in content:
                raise ModelError(f"spectral model must have a type, got keys {sorted(content)}. Add its tag.")
            return SPECTRAL_MODEL_REGISTRY.get_cls(content["type"]).from_dict(data, **kwargs)
        return super().from_dict(data, **kwargs)
