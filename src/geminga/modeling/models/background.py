"""Background in the field of view, scaled by a spectral and a spatial model."""

from __future__ import annotations

from ...errors import ModelError
from .composite import CompositeModel, check_keys, part_from_dict
from .names import as_names
from .registries import MODEL_REGISTRY, SPECTRAL_MODEL_REGISTRY

__all__ = ["FoVBackgroundModel"]


@MODEL_REGISTRY.register
class FoVBackgroundModel(CompositeModel):
    """Factor on the background of one dataset.

    The background of the dataset is multiplied by the spectral model at the centres of its energy bins and by the
    spatial model at the centres of its pixels.

    Parameters
    ----------
    dataset_name : str
        Dataset whose background is scaled.
    spectral_model : `SpectralModel`, optional
        Dimensionless; a power law around one by default.
    spatial_model : `SpatialModel`, optional
    covariance_data : array_like, optional
        Covariance of the parameters.
    name : str, optional
        By default ``<dataset>-bkg``.

    Examples
    --------
    >>> from geminga.modeling.models import FoVBackgroundModel
    >>> FoVBackgroundModel(dataset_name="run").name
    'run-bkg'
    """

    tag = ["FoVBackgroundModel", "fov-bkg"]

    def __init__(
        self, dataset_name, spectral_model=None, spatial_model=None, covariance_data=None, name=None
    ):
        if not isinstance(dataset_name, str):
            raise ModelError(
                f"dataset_name must be the name of one dataset, got {dataset_name!r}. Give its name."
            )
        self.datasets_names = dataset_name
        self._name = self._usual_name if name is None else str(name)
        if spectral_model is None:
            spectral_model = SPECTRAL_MODEL_REGISTRY.get_cls("pl-norm")()
        self.spectral_model = spectral_model
        self.spatial_model = spatial_model
        super().__init__()
        if covariance_data is not None:
            self.covariance = covariance_data

    @property
    def _usual_name(self) -> str:
        return f"{self.datasets_names[0]}-bkg"

    @property
    def name(self) -> str:
        """Name of the model."""
        return self._name

    @property
    def datasets_names(self) -> list[str]:
        """Name of the dataset, in a list."""
        return self._datasets_names

    @datasets_names.setter
    def datasets_names(self, names):
        names = as_names(names)
        if names is None or len(names) != 1:
            raise ModelError(
                f"datasets_names of a background model must be one name, got {names}. Use one model each."
            )
        self._datasets_names = names

    @property
    def spectral_model(self):
        """Factor for each energy."""
        return self._spectral_model

    @spectral_model.setter
    def spectral_model(self, model):
        if not getattr(model, "is_norm_spectral_model", False):
            raise ModelError(
                f"spectral_model of a background must be dimensionless, got {model!r}. "
                "Use a norm model such as PowerLawNormSpectralModel."
            )
        self._spectral_model = model

    @property
    def spatial_model(self):
        """Factor for each position, or None."""
        return self._spatial_model

    @spatial_model.setter
    def spatial_model(self, model):
        if model is not None and getattr(model, "type", None) != "spatial":
            raise ModelError(
                f"spatial_model of a background must be a spatial model, got {model!r}. Create one."
            )
        self._spatial_model = model

    def contributes(self, *args, **kwargs) -> bool:
        """Return True: a background is everywhere."""
        return True

    def evaluate(self, energy, lon=None, lat=None):
        """Return the factor.

        Parameters
        ----------
        energy : `~astropy.units.Quantity`
        lon, lat : `~astropy.units.Quantity`, optional
            Position in the frame of the spatial model; without it the spatial model is left out.

        Returns
        -------
        `~astropy.units.Quantity`
        """
        value = self.spectral_model(energy)
        if self.spatial_model is not None and lon is not None and lat is not None:
            keywords = {"energy": energy} if self.spatial_model.is_energy_dependent else {}
            value = value * self.spatial_model(lon, lat, **keywords)
        return value

    def evaluate_geom(self, geom):
        """Return the factor at the centres of a geometry.

        Parameters
        ----------
        geom : `~geminga.maps.Geom`
            With an axis ``energy``.

        Returns
        -------
        `~astropy.units.Quantity`
        """
        coords = geom.get_coord(frame=getattr(self.spatial_model, "frame", None), sparse=True)
        if self.spatial_model is None:
            return self.evaluate(coords["energy"])
        return self.evaluate(coords["energy"], coords["lon"], coords["lat"])

    def freeze(self, model_type="spectral") -> None:
        """Freeze the parameters of a part.

        Parameters
        ----------
        model_type : {"spectral", "spatial"}, optional
            None means both.
        """
        super().freeze(model_type)

    def unfreeze(self, model_type="spectral") -> None:
        """Give the parameters of a part the frozen flags that they have by default.

        Parameters
        ----------
        model_type : {"spectral", "spatial"}, optional
            None means both.
        """
        super().unfreeze(model_type)

    def reset_to_default(self) -> None:
        """Set the parameters of the spectral model to their default values."""
        for parameter, default in zip(
            self.spectral_model.parameters, self.spectral_model.default_parameters, strict=True
        ):
            parameter.quantity = default.quantity

    def copy(self, name=None, copy_data=False, **kwargs):
        """Return an independent copy.

        Parameters
        ----------
        name : str, optional
            By default ``<dataset>-bkg``.
        copy_data : bool
            Copy the maps of templates too.
        **kwargs : dict
            Arguments of the constructor to change.
        """
        if "dataset_name" in kwargs:
            kwargs["datasets_names"] = kwargs.pop("dataset_name")
        known = ["datasets_names", "spectral_model", "spatial_model"]
        new = self._copy_with(self.name, copy_data, kwargs, known)
        new._name = new._usual_name if name is None else str(name)
        return new

    def to_dict(self, full_output=False) -> dict:
        """Return the model as a dictionary of plain YAML types; a name is stored if it is not the usual one.

        Parameters
        ----------
        full_output : bool
            Include entries that equal the defaults.
        """
        data: dict = {"name": self.name} if self.name != self._usual_name else {}
        data.update(type=self.tag[0], datasets_names=list(self.datasets_names))
        for part in self._parts().values():
            data.update(part.to_dict(full_output))
        return data

    @classmethod
    def from_dict(cls, data, **kwargs):
        """Create from a dictionary in the form of `to_dict`.

        Raises
        ------
        UnknownNameError
            If the dictionary has keys or tags that are not known.
        """
        if "parameters" in data and "spectral" not in data:
            # files of before 2021 have the parameters of the power law here
            data = dict(data)
            data["spectral"] = {"type": "PowerLawNormSpectralModel", "parameters": data.pop("parameters")}
        check_keys(data, ["name", "type", "datasets_names", "spectral", "spatial"], "background model")
        names = as_names(data.get("datasets_names"))
        if not names or len(names) != 1:
            raise ModelError(f"background model must have one name in datasets_names, got {names}. Add it.")
        return cls(
            dataset_name=names[0],
            spectral_model=part_from_dict(data, "spectral"),
            spatial_model=part_from_dict(data, "spatial"),
            name=data.get("name"),
            **kwargs,
        )

    def __repr__(self) -> str:
        return f"FoVBackgroundModel(name={self.name!r}, dataset={self.datasets_names[0]!r})"
