"""Non-thermal radiation of particle populations, computed by the package naima."""

from __future__ import annotations

import copy

import numpy as np
from astropy import constants
from astropy import units as u

from geminga.errors import ModelError, UnknownNameError
from geminga.modeling.parameter import Parameter
from geminga.units import to_quantity

from ...parameters import Parameters
from ..base import parameters_from_dict
from ..registries import SPECTRAL_MODEL_REGISTRY
from .base import SpectralModel
from .binned import FormulaOnPoints, energies_in_tev

__all__ = ["NaimaSpectralModel"]

# photons that a homogeneous sphere holds, over those that leave it (Atoyan & Aharonian 1996, MNRAS 278, 525)
_SPHERE_FACTOR = 2.24
_SYNCHROTRON_ENERGIES = np.logspace(-7, 9, 100) * u.eV
# more draws than this are too slow one by one
_DRAWS_ONE_BY_ONE = 100


@SPECTRAL_MODEL_REGISTRY.register
class NaimaSpectralModel(SpectralModel):
    """Radiation of a particle population, from a radiative model of naima.

    The parameters are those of the particle distribution; synchrotron models add the magnetic field ``B``.

    Parameters
    ----------
    radiative_model : `naima.models.BaseRadiative`
        Such as `naima.models.InverseCompton`; it is read, never changed.
    distance : `~astropy.units.Quantity`
        Distance of the source; 0 gives the luminosity.
    seed : str or list of str, optional
        Seed photon fields of inverse Compton models to include; default all.
    nested_models : dict, optional
        ``{"SSC": {"B": ..., "radius": ...}}`` adds the synchrotron photons of the electrons, in a sphere of
        that radius, to the seed photons of an inverse Compton model. ``B`` and the frozen ``radius`` become
        parameters.
    use_cache : bool
        Let naima remember results.

    Notes
    -----
    One evaluation takes milliseconds. Errors from many draws are therefore taken from a power law in each
    parameter around the mean of the draws.
    """

    tag = ["NaimaSpectralModel", "naima"]

    def __init__(
        self, radiative_model, distance=1.0 * u.kpc, seed=None, nested_models=None, use_cache=False, **kwargs
    ):
        self.radiative_model = radiative_model
        self.distance = to_quantity(distance, "kpc", name="distance").to(u.Quantity(distance).unit)
        self.seed = seed
        self.nested_models = {} if nested_models is None else dict(nested_models)
        self.use_cache = use_cache
        unknown = set(self.nested_models) - {"SSC"}
        if unknown:
            raise UnknownNameError("nested model of naima", unknown.pop(), ["SSC"])
        self.default_parameters = Parameters(self._declare())
        super().__init__(**kwargs)

    def _declare(self):
        """Return the parameters with the values that the radiative model has."""
        distribution = self.particle_distribution
        for name in distribution.param_names:
            yield Parameter(name, u.Quantity(getattr(distribution, name)))
        if self.include_ssc:
            ssc = self.nested_models["SSC"]
            yield Parameter("B", ssc["B"])
            yield Parameter("radius", ssc["radius"], frozen=True)
        elif "B" in self.radiative_model.param_names:
            yield Parameter("B", self.radiative_model.B)

    @property
    def particle_distribution(self):
        """Particle distribution of the radiative model."""
        return self.radiative_model.particle_distribution

    @property
    def include_ssc(self) -> bool:
        """Whether the synchrotron photons of the electrons are scattered too."""
        return "SSC" in self.nested_models

    @property
    def ssc_model(self):
        """Synchrotron model whose photons are scattered, with the present parameters; None without them."""
        if not self.include_ssc:
            return None
        return self._synchrotron(self._distribution(self._quantities()), self.parameters["B"].quantity)

    def _synchrotron(self, distribution, field):
        import naima

        electrons = self.radiative_model
        return naima.models.Synchrotron(
            distribution, B=field, Eemin=electrons.Eemin, Eemax=electrons.Eemax, nEed=electrons.nEed
        )

    def _distribution(self, values):
        """Return a copy of the particle distribution with other values."""
        distribution = copy.copy(self.particle_distribution)
        for name in distribution.param_names:
            value = u.Quantity(values[name])
            setattr(distribution, name, value if value.unit != u.one else float(value.value))
        self._remember(distribution)
        return distribution

    def _remember(self, model):
        """Give a copied naima object a memory of its own, or none."""
        model._memoize = bool(self.use_cache and getattr(model, "_memoize", False))
        model._cache, model._queue = {}, []

    def _evaluate_with(self, energy, arguments):
        return self.evaluate(energy, *arguments.values())

    def evaluate(self, energy, *args):
        """Return the spectrum at energies, for parameter values in the order of `parameters`."""
        names = self.default_parameters.names
        values = dict(zip(names, args, strict=True))
        radiative = copy.copy(self.radiative_model)
        self._remember(radiative)
        radiative.particle_distribution = self._distribution(values)
        if self.include_ssc:
            self._add_synchrotron_photons(radiative, values["B"], values["radius"])
        elif "B" in values and "B" not in radiative.particle_distribution.param_names:
            radiative.B = u.Quantity(values["B"])
        energy = np.atleast_1d(u.Quantity(energy))
        options = {} if self.seed is None else {"seed": self.seed}
        flux = radiative.flux(energy.ravel(), distance=self.distance, **options)
        unit = 1 / (energy.unit * u.s) if self.distance == 0 else 1 / (energy.unit * u.s * u.cm**2)
        return flux.to(unit).reshape(energy.shape)

    def __call__(self, energy):
        """Return the spectrum at energies; see `SpectralModel.__call__`."""
        return super().__call__(energy).reshape(np.shape(to_quantity(energy, name="energy")))

    def _add_synchrotron_photons(self, radiative, field, radius):
        luminosity = self._synchrotron(radiative.particle_distribution, u.Quantity(field)).flux(
            _SYNCHROTRON_ENERGIES, distance=0 * u.cm
        )
        sphere = 4 * np.pi * u.Quantity(radius) ** 2 * constants.c
        photons = {
            "isotropic": True,
            "type": "array",
            "energy": _SYNCHROTRON_ENERGIES,
            "photon_density": (luminosity / sphere * _SPHERE_FACTOR).to("cm-3 eV-1"),
        }
        radiative.seed_photon_fields = radiative.seed_photon_fields | {"SSC": photons}

    def on_points(self, energies):
        """Bind to energies; see `SpectralModel.on_points`."""
        return _SlowFormulaOnPoints(self, energies_in_tev(energies).ravel())

    # ------------------------------------------------------------------ dictionaries

    def to_dict(self, full_output=True) -> dict:
        """Return the model as a dictionary of plain YAML types, with all that is needed to create it again."""
        data = super().to_dict(full_output=True)
        radiative = self.radiative_model
        settings = {name: getattr(radiative, name) for name in radiative.param_names}
        data["spectral"] |= {
            "radiative_model": {
                "type": type(radiative).__name__,
                "particle_distribution": type(self.particle_distribution).__name__,
                "settings": {name: _to_plain(value) for name, value in settings.items()},
            },
            "distance": str(self.distance),
        }
        if self.seed is not None:
            data["spectral"]["seed"] = self.seed
        if self.include_ssc:
            data["spectral"]["nested_models"] = list(self.nested_models)
        return data

    @classmethod
    def from_dict(cls, data, **kwargs):
        """Create from a dictionary in the form of `to_dict`."""
        data = cls._unwrap(data)
        if "radiative_model" not in data:
            raise ModelError(
                f"naima model must have the key 'radiative_model', got keys {sorted(data)}. "
                "Create it from the radiative model."
            )
        entries = {entry["name"]: entry for entry in data["parameters"]}
        values = {name: u.Quantity(entry["value"], entry.get("unit", "")) for name, entry in entries.items()}
        nested = {}
        if data.get("nested_models"):
            nested = {"SSC": {"B": values["B"], "radius": values["radius"]}}
        model = cls(
            _radiative_from_dict(data["radiative_model"], values),
            distance=u.Quantity(data.get("distance", "1 kpc")),
            seed=data.get("seed"),
            nested_models=nested,
            **kwargs,
        )
        parameters = parameters_from_dict(data["parameters"], model.default_parameters, cls.__name__)
        return model._with(parameters)

    @classmethod
    def from_parameters(cls, parameters, **kwargs):
        """Create from parameters, used as they are, and the arguments of the constructor."""
        return cls(**kwargs)._with(parameters)

    def _with(self, parameters):
        for parameter in parameters:
            setattr(self, parameter.name, parameter)
        return self


class _SlowFormulaOnPoints(FormulaOnPoints):
    """Spectrum whose formula takes long: many draws are taken from a power law in each parameter."""

    def evaluate_many(self, values):
        values = np.asarray(values, dtype=float)
        if len(values) <= _DRAWS_ONE_BY_ONE:
            return np.array([self.evaluate(row) for row in values]).reshape(len(values), self.size)
        center = values.mean(axis=0)
        moving = values.std(axis=0) > 0
        spectrum, slopes = self.jacobian(center, moving)
        with np.errstate(divide="ignore", invalid="ignore"):
            relative = np.where(spectrum > 0, slopes / spectrum, 0.0)
        return spectrum * np.exp((values - center) @ relative)


def _to_plain(value):
    """Return a setting of naima as plain YAML types."""
    if isinstance(value, dict):
        return {str(key): _to_plain(item) for key, item in value.items()}
    if isinstance(value, u.Quantity):
        return {"value": value.value.tolist(), "unit": str(value.unit)}
    return value.item() if isinstance(value, np.generic) else value


def _from_plain(value):
    """Return a setting of naima from plain YAML types."""
    if isinstance(value, dict):
        if set(value) == {"value", "unit"}:
            return u.Quantity(value["value"], value["unit"])
        return {key: _from_plain(item) for key, item in value.items()}
    return value


def _radiative_from_dict(data, values):
    """Create the radiative model; only classes of naima.models are looked up."""
    import naima

    known = {name for name in naima.models.__all__ if isinstance(getattr(naima.models, name), type)}
    for name in (data["type"], data["particle_distribution"]):
        if name not in known:
            raise UnknownNameError("class of naima", name, known)
    kind = getattr(naima.models, data["particle_distribution"])
    arguments = {name: values[name] for name in kind.param_names}
    plain = {name: value if value.unit != u.one else float(value.value) for name, value in arguments.items()}
    radiative = getattr(naima.models, data["type"])(kind(**plain))
    for name, value in data["settings"].items():
        setattr(radiative, name, _from_plain(value))
    return radiative
