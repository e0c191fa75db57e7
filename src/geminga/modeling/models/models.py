"""Lists of models."""

from __future__ import annotations

import copy
import html
from collections.abc import MutableSequence, Sequence
from contextlib import contextmanager

import numpy as np

from ...doors import drawn_by, opens
from ...errors import ModelError, UnknownNameError
from ..covariance import Covariance, CovarianceMixin
from ..parameters import Parameters
from .base import ModelBase, sample_parameters
from .composite import CompositeModel

__all__ = ["DatasetModels", "Models"]

_HERE = "geminga.modeling.models"


class DatasetModels(Sequence, CovarianceMixin):
    """An immutable list of models with unique names; the models themselves can change.

    Parameters
    ----------
    models : model or iterable of models, optional
    covariance_data : array_like, optional
        Covariance of the parameters.
    penalties : list of penalties, optional
        Terms that are added to the fit statistic, such as `~geminga.stats.GaussianPriorPenalty`.

    Examples
    --------
    >>> from geminga.modeling.models import Models, PowerLawSpectralModel, SkyModel
    >>> models = Models([SkyModel(PowerLawSpectralModel(), name="one")])
    >>> models["one"].spectral_model.index.value
    2.0
    """

    def __init__(self, models=None, covariance_data=None, penalties=None):
        if models is None:
            models = []
        elif isinstance(models, CompositeModel):
            models = [models]
        self._models = [self._checked(model) for model in models]
        self._check_names(self._models)
        self._penalties = (
            list(penalties) if penalties is not None else list(getattr(models, "_penalties", []))
        )
        if covariance_data is not None:
            self.covariance = covariance_data
        elif isinstance(models, DatasetModels):
            kept = models._covariance
            self._covariance = None if kept is None else Covariance(kept.parameters, kept.data)

    @staticmethod
    def _checked(model):
        if not isinstance(model, CompositeModel) and not (
            isinstance(model, ModelBase) and hasattr(model, "name")
        ):
            hint = "Wrap it in a SkyModel." if getattr(model, "type", None) else "Create a SkyModel."
            raise ModelError(
                f"item of Models must be a SkyModel, FoVBackgroundModel or TemplateNPredModel, got {model!r}. {hint}"
            )
        return model

    @staticmethod
    def _check_names(models) -> None:
        seen: set[str] = set()
        for model in models:
            if model.name in seen:
                raise ModelError(
                    f"names of models must be unique, got {model.name!r} twice. Rename one of them."
                )
            seen.add(model.name)

    # ------------------------------------------------------------------ the list

    @property
    def names(self) -> list[str]:
        """Name of each model."""
        return [model.name for model in self._models]

    def index(self, key) -> int:
        """Return the position of a model given by itself, by name or by number.

        Raises
        ------
        UnknownNameError
            If it is not in the list.
        """
        if isinstance(key, int | np.integer):
            return int(key)
        for position, model in enumerate(self._models):
            if model is key or (isinstance(key, str) and model.name == key):
                return position
        raise UnknownNameError("model", getattr(key, "name", key), self.names)

    def __getitem__(self, key):
        if isinstance(key, slice):
            return type(self)(self._models[key])
        return self._models[self.index(key)]

    def __len__(self) -> int:
        return len(self._models)

    def __iter__(self):
        return iter(self._models)

    def __contains__(self, key) -> bool:
        return any(model is key or (isinstance(key, str) and model.name == key) for model in self._models)

    def __add__(self, other):
        if isinstance(other, CompositeModel):
            other = [other]
        elif not isinstance(other, Sequence):
            return NotImplemented
        penalties = [*self._penalties, *getattr(other, "_penalties", [])]
        return Models([*self._models, *other], penalties=penalties)

    def _ipython_key_completions_(self):
        return self.names

    @property
    def background_models(self) -> dict[str, str]:
        """Name of the background model of each dataset that has one."""
        from .background import FoVBackgroundModel

        return {m.datasets_names[0]: m.name for m in self._models if isinstance(m, FoVBackgroundModel)}

    @property
    def penalties(self) -> list:
        """Terms that are added to the fit statistic."""
        return self._penalties

    # ------------------------------------------------------------------ parameters

    def _covariance_parts(self) -> list:
        return self._models

    @property
    def parameters(self) -> Parameters:
        """Parameters of all models."""
        return Parameters.from_stack([model.parameters for model in self._models])

    @property
    def parameters_unique_names(self) -> list[str]:
        """Names of all parameters with model and kind of part in front."""
        return [f"{model.name}.{name}" for model in self._models for name in model.parameters_unique_names]

    @property
    def frozen(self) -> bool:
        """Whether all parameters are frozen."""
        return all(model.frozen for model in self._models)

    def freeze(self, model_type=None) -> None:
        """Freeze all parameters, or those of some parts.

        Parameters
        ----------
        model_type : {"spectral", "spatial", "temporal"}, optional
        """
        for model in self._models:
            model.freeze(model_type)

    def unfreeze(self, model_type=None) -> None:
        """Give all parameters, or those of some parts, the frozen flags that they have by default.

        Parameters
        ----------
        model_type : {"spectral", "spatial", "temporal"}, optional
        """
        for model in self._models:
            model.unfreeze(model_type)

    def update_link_label(self) -> None:
        """Give a common label to each parameter that several models share."""
        self.parameters.update_link_label()

    @contextmanager
    def restore_status(self, restore_values=True):
        """Put values, errors, covariance and frozen flags back when the block ends.

        Parameters
        ----------
        restore_values : bool
            Put values, errors and covariance back, or only the frozen flags.
        """
        before = self._kept_covariances() if restore_values else []
        try:
            with self.parameters.restore_status(restore_values):
                yield
        finally:
            for owner, covariance in before:
                owner._covariance = covariance

    def sample_parameters_from_covariance(self, n_samples=1000, random_state=42, free_only=True):
        """Draw parameter values from a multivariate normal distribution around the present ones.

        Parameters
        ----------
        n_samples : int
            Number of draws.
        random_state : int, "random-seed", "global-rng" or `~numpy.random.Generator`
            Seed or generator.
        free_only : bool
            Draw the free parameters only.

        Returns
        -------
        ndarray, shape (n_samples, n_parameters)
            Values in units of the parameters.
        """
        return sample_parameters(self.covariance, n_samples, random_state, free_only)

    set_parameters_bounds = opens(f"{_HERE}.bounds:set_parameters_bounds")
    to_parameters_table = opens(f"{_HERE}.tables:to_parameters_table")
    update_parameters_from_table = opens(f"{_HERE}.tables:update_parameters_from_table")

    # ------------------------------------------------------------------ selections

    selection_mask = opens(f"{_HERE}.select:selection_mask")
    select = opens(f"{_HERE}.select:select")
    select_mask = opens(f"{_HERE}.select:select_mask")
    select_from_geom = opens(f"{_HERE}.select:select_from_geom")
    select_region = opens(f"{_HERE}.select:select_region")

    def reassign(self, dataset_name, new_dataset_name):
        """Return copies of the models that belong to other datasets.

        Parameters
        ----------
        dataset_name : str or list of str
            Names of datasets to be replaced.
        new_dataset_name : str or list of str
            Names to put in their place.
        """
        models = [model.reassign(dataset_name, new_dataset_name) for model in self._models]
        return type(self)(models, penalties=self._penalties)

    def _slice_by_energy(self, energy_min, energy_max):
        """Return the models with templates of counts cut to an energy range."""
        return type(self)(
            [
                model.slice_by_energy(energy_min, energy_max, name=model.name)
                if hasattr(model, "slice_by_energy")
                else model
                for model in self._models
            ],
            penalties=self._penalties,
        )

    def copy(self, copy_data=False):
        """Return independent copies of the models with the same names; links between them are kept.

        Parameters
        ----------
        copy_data : bool
            Copy the maps of templates too.
        """
        memo = {}
        if not copy_data:
            memo = {id(item): item for model in self._models for item in model._shared_data()}
        new = object.__new__(type(self))
        new._models = copy.deepcopy(self._models, memo)
        new._penalties = copy.deepcopy(self._penalties, memo)
        new._covariance = copy.deepcopy(self._covariance, memo)
        return new

    # ------------------------------------------------------------------ places

    @property
    def positions(self):
        """Position of each model that has one, as a `~astropy.coordinates.SkyCoord`."""
        from .places import positions

        return positions(self)

    @property
    def wcs_geom(self):
        """Smallest geometry around the outlines of all models, a `~geminga.maps.WcsGeom`."""
        from .places import wcs_geom

        return wcs_geom(self)

    to_regions = opens(f"{_HERE}.places:to_regions")
    to_template_sky_model = opens(f"{_HERE}.merge:to_template_sky_model")
    to_template_spectral_model = opens(f"{_HERE}.merge:to_template_spectral_model")
    plot_regions = drawn_by("geminga.visualization.modeling:plot_models_regions")
    plot_positions = drawn_by("geminga.visualization.modeling:plot_models_positions")

    # ------------------------------------------------------------------ files

    @classmethod
    def from_dict(cls, data, path=""):
        """Create from a dictionary in the form of `to_dict`.

        Parameters
        ----------
        data : dict
        path : str or path-like
            Folder of the covariance file.
        """
        from .io.yaml import models_from_dict

        return models_from_dict(cls, data, path)

    @classmethod
    def from_yaml(cls, yaml_str, path="", checksum=False):
        """Create from YAML text.

        Parameters
        ----------
        yaml_str : str
        path : str or path-like
            Folder of the covariance file.
        checksum : bool
            Warn when the text does not have the checksum that it states.
        """
        from .io.yaml import models_from_yaml

        return models_from_yaml(cls, yaml_str, path, checksum)

    @classmethod
    def read(cls, filename, checksum=False):
        """Read a YAML file and the covariance beside it.

        Parameters
        ----------
        filename : str or path-like
        checksum : bool
            Warn when the file does not have the checksum that it states.
        """
        from .io.yaml import read_models

        return read_models(cls, filename, checksum)

    write = opens(f"{_HERE}.io.yaml:write_models")
    to_yaml = opens(f"{_HERE}.io.yaml:models_to_yaml")
    to_dict = opens(f"{_HERE}.io.yaml:models_to_dict")
    read_covariance = opens(f"{_HERE}.io.covariance:read_covariance")
    write_covariance = opens(f"{_HERE}.io.covariance:write_covariance")

    # ------------------------------------------------------------------ text

    def __str__(self) -> str:
        parts = [type(self).__name__, ""]
        parts += [f"Component {number}: {model}" for number, model in enumerate(self._models)]
        return "\n".join(parts)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{m.name}: {type(m).__name__}' for m in self._models)})"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"


class Models(DatasetModels, MutableSequence):
    """A list of models with unique names that can grow and shrink.

    Parameters are those of `DatasetModels`.

    Examples
    --------
    >>> from geminga.modeling.models import Models, PowerLawSpectralModel, SkyModel
    >>> models = Models()
    >>> models.append(SkyModel(PowerLawSpectralModel(), name="one"))
    >>> models.names
    ['one']
    """

    def __delitem__(self, key):
        del self._models[key if isinstance(key, slice) else self.index(key)]

    def __setitem__(self, key, model):
        models = list(self._models)
        models[self.index(key)] = self._checked(model)
        self._check_names(models)
        self._models = models

    def insert(self, idx, model) -> None:
        """Put a model before a position.

        Parameters
        ----------
        idx : int
        model : `SkyModel`, `FoVBackgroundModel` or `TemplateNPredModel`
        """
        self._checked(model)
        if any(known.name == model.name for known in self._models):
            raise ModelError(f"names of models must be unique, got {model.name!r} twice. Rename one of them.")
        self._models.insert(idx, model)

    def remove(self, value) -> None:
        """Remove a model given by itself or by name."""
        del self[value]

    def set_prior(self, parameters, priors) -> None:
        """Set the priors of parameters.

        Parameters
        ----------
        parameters : `Parameters` or list of `Parameter`
        priors : list of `Prior`
        """
        parameters, priors = list(parameters), list(priors)
        if len(parameters) != len(priors):
            raise ModelError(
                f"priors must be {len(parameters)}, got {len(priors)}. Give one for each parameter."
            )
        for parameter, prior in zip(parameters, priors, strict=True):
            parameter.prior = prior

    def set_penalties(self, penalties) -> None:
        """Set the terms that are added to the fit statistic.

        Parameters
        ----------
        penalties : list of penalties
            With ``parameters`` and ``stat_sum()``.
        """
        penalties = [] if penalties is None else list(penalties)
        for penalty in penalties:
            if not hasattr(penalty, "stat_sum"):
                raise ModelError(
                    f"penalty must have a method stat_sum, got {penalty!r}. See GaussianPriorPenalty."
                )
        self._penalties = penalties
