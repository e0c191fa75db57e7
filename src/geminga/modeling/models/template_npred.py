"""Predicted counts given as a map."""

from __future__ import annotations

import numpy as np

from ...errors import ModelError
from ...files import make_path
from .composite import CompositeModel, check_keys, part_from_dict
from .names import as_names, model_name
from .registries import MODEL_REGISTRY, SPECTRAL_MODEL_REGISTRY

__all__ = ["TemplateNPredModel"]


@MODEL_REGISTRY.register
class TemplateNPredModel(CompositeModel):
    """Counts that are added to the prediction, scaled by a spectral and a spatial model.

    Parameters
    ----------
    map : `~geminga.maps.Map`
        Counts, with an axis ``energy``.
    spectral_model : `SpectralModel`, optional
        Dimensionless; a power law around one by default.
    name : str, optional
        Random by default.
    filename : str, optional
        File of the map.
    datasets_names : str or list of str, optional
        Datasets for which the model is meant, all by default.
    copy_data : bool
        Copy the map.
    spatial_model : `SpatialModel`, optional
    covariance_data : array_like, optional
        Covariance of the parameters.
    """

    tag = ["TemplateNPredModel", "npred-template"]

    def __init__(
        self,
        map,
        spectral_model=None,
        name=None,
        filename=None,
        datasets_names=None,
        copy_data=True,
        spatial_model=None,
        covariance_data=None,
    ):
        if "energy" not in map.geom.axes.names:
            raise ModelError(
                f"map of a TemplateNPredModel must have an axis 'energy', got {map.geom.axes.names}. Add one."
            )
        self._name = model_name(name)
        self._map = map.copy() if copy_data else map
        self.filename = filename
        self.datasets_names = datasets_names
        if spectral_model is None:
            spectral_model = SPECTRAL_MODEL_REGISTRY.get_cls("pl-norm")()
            spectral_model.tilt.frozen = True
        self.spectral_model = spectral_model
        self.spatial_model = spatial_model
        super().__init__()
        if covariance_data is not None:
            self.covariance = covariance_data

    @property
    def name(self) -> str:
        """Name of the model."""
        return self._name

    @property
    def map(self):
        """Counts, a `~geminga.maps.Map`."""
        return self._map

    @map.setter
    def map(self, map):
        self._map = map

    @property
    def datasets_names(self) -> list[str] | None:
        """Names of the datasets for which the model is meant; None means all."""
        return self._datasets_names

    @datasets_names.setter
    def datasets_names(self, names):
        self._datasets_names = as_names(names)

    @property
    def spectral_model(self):
        """Factor for each energy."""
        return self._spectral_model

    @spectral_model.setter
    def spectral_model(self, model):
        if not getattr(model, "is_norm_spectral_model", False):
            raise ModelError(
                f"spectral_model of a counts template must be dimensionless, got {model!r}. "
                "Use a norm model such as PowerLawNormSpectralModel."
            )
        self._spectral_model = model

    @property
    def energy_center(self):
        """Centres of the energy bins, with an axis for each dimension of the map."""
        axes = self.map.geom.axes
        shape = [1] * len(self.map.geom.data_shape)
        shape[axes.index_data("energy")] = -1
        return axes["energy"].center.reshape(shape)

    @property
    def position(self):
        """Centre of the map as a `~astropy.coordinates.SkyCoord`."""
        return self.map.geom.center_skydir

    @property
    def evaluation_radius(self):
        """Half of the larger width of the map."""
        return np.max(self.map.geom.width) / 2.0

    def _factor(self):
        """Return the spectral factor at the energies of the map, times the spatial one."""
        factor = self.spectral_model(self.energy_center)
        return factor if self.spatial_model is None else factor * self._spatial_factor()

    def _spatial_factor(self):
        geom = self.map.geom
        if not self.spatial_model.is_energy_dependent:
            geom = geom.to_image()
        coords = geom.get_coord(frame=self.spatial_model.frame, sparse=True)
        keywords = {"energy": coords["energy"]} if self.spatial_model.is_energy_dependent else {}
        return self.spatial_model(coords["lon"], coords["lat"], **keywords)

    def evaluate(self):
        """Return the predicted counts.

        Returns
        -------
        `~geminga.maps.Map`
        """
        return self.map.copy(data=self.map.data * self._factor().value)

    def evaluate_template(self, geom) -> np.ndarray:
        """Return the counts on another geometry without the spectral factor.

        Parameters
        ----------
        geom : `~geminga.maps.Geom`
            Aligned with that of the map; parts outside are zero.

        Returns
        -------
        ndarray, shape `geom.data_shape`
        """
        data = np.asarray(self.map.data, dtype=float)
        if self.spatial_model is not None:
            data = data * self._spatial_factor().value
        if self.map.geom == geom:
            return data
        target = type(self.map).from_geom(geom, dtype=float, unit=self.map.unit)
        target.stack(self.map.copy(data=data))
        return target.data

    # ------------------------------------------------------------------ other maps

    def _with_map(self, map, name):
        """Return a copy with another map."""
        new = self._deep_copy()
        new._name = model_name(name)
        new.map = map
        new.filename = None
        return new

    def cutout(self, position, width, mode="trim", name=None):
        """Return a model with a part of the map.

        Parameters
        ----------
        position : `~astropy.coordinates.SkyCoord`
            Centre of the part.
        width : tuple of `~astropy.units.Quantity`
            Size of the part.
        mode : {"trim", "partial", "strict"}
            What to do where the part leaves the map.
        name : str, optional
            Random by default.
        """
        return self._with_map(self.map.cutout(position=position, width=width, mode=mode), name)

    def slice_by_energy(self, energy_min=None, energy_max=None, name=None):
        """Return a model with the energy bins inside a range.

        Parameters
        ----------
        energy_min, energy_max : `~astropy.units.Quantity`, optional
            Ends of the range, rounded to bin edges; by default those of the map.
        name : str, optional
            Random by default.
        """
        axis = self.map.geom.axes["energy"]
        energy_min = axis.edges[0] if energy_min is None else energy_min
        energy_max = axis.edges[-1] if energy_max is None else energy_max
        group = axis.group_table(edges=[energy_min, energy_max])
        normal = [str(kind).strip() == "normal" for kind in group["bin_type"]]
        row = group[normal][0]
        part = self.map.slice_by_idx({"energy": slice(int(row["idx_min"]), int(row["idx_max"]) + 1)})
        return self._with_map(part, name)

    def stack(self, other, weights=None, nan_to_num=True) -> None:
        """Add the counts of another model in place.

        Parameters
        ----------
        other : `TemplateNPredModel`
        weights : `~geminga.maps.Map`, optional
            Multiplied with the counts of the other one.
        nan_to_num : bool
            Take NaN as 0.
        """
        self.map.stack(other.evaluate(), weights=weights, nan_to_num=nan_to_num)

    # ------------------------------------------------------------------ copies, files, dictionaries

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

    def copy(self, name=None, copy_data=False, **kwargs):
        """Return an independent copy.

        Parameters
        ----------
        name : str, optional
            Random by default.
        copy_data : bool
            Copy the map too.
        **kwargs : dict
            Arguments of the constructor to change.
        """
        known = ["map", "spectral_model", "spatial_model", "datasets_names", "filename"]
        return self._copy_with(name, copy_data, kwargs, known)

    def write(self, overwrite=False) -> None:
        """Write the map to `filename`.

        Parameters
        ----------
        overwrite : bool
            Replace an existing file.
        """
        if self.filename is None:
            raise ModelError(
                f"filename of model {self.name!r} must be set to write its map, got None. Set it."
            )
        if make_path(self.filename).exists() and not overwrite:
            return
        self.map.write(self.filename, overwrite=overwrite)

    def to_dict(self, full_output=False) -> dict:
        """Return the model as a dictionary of plain YAML types; the map is referred to by its file.

        Parameters
        ----------
        full_output : bool
            Include entries that equal the defaults.
        """
        data: dict = {"name": self.name, "type": self.tag[0]}
        for part in self._parts().values():
            data.update(part.to_dict(full_output))
        if self.datasets_names is not None:
            data["datasets_names"] = list(self.datasets_names)
        if self.filename is not None:
            data["filename"] = str(self.filename)
        return data

    @classmethod
    def from_dict(cls, data, **kwargs):
        """Create from a dictionary in the form of `to_dict`; the map is read from its file.

        Raises
        ------
        UnknownNameError
            If the dictionary has keys or tags that are not known.
        """
        from ...maps import Map

        known = ["name", "type", "datasets_names", "spectral", "spatial", "filename"]
        check_keys(data, known, f"model {data.get('name', '')!r}")
        if "map" not in kwargs:
            if data.get("filename") is None:
                raise ModelError(
                    f"model {data.get('name')!r} must have a filename, got none. Add the file of its map."
                )
            kwargs["map"] = Map.read(data["filename"])
        return cls(
            spectral_model=part_from_dict(data, "spectral"),
            spatial_model=part_from_dict(data, "spatial"),
            name=data.get("name"),
            filename=data.get("filename"),
            datasets_names=data.get("datasets_names"),
            copy_data=False,
            **kwargs,
        )

    def __repr__(self) -> str:
        return f"TemplateNPredModel(name={self.name!r}, map of shape {self.map.geom.data_shape})"
