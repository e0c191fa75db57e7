"""A source in the sky: what it looks like in energy, position and time."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ...errors import ModelError, UnitError, UnknownNameError
from .composite import CompositeModel, check_keys, part_from_dict
from .names import as_names, model_name
from .reach import reaches
from .registries import MODEL_REGISTRY, registry_of

__all__ = ["SkyModel"]

_IRFS = ("exposure", "psf", "edisp")

_ENERGY = u.Quantity(1.0, "TeV")
_ORIGIN = u.Quantity(0.0, "deg")
_UNITS = {  # by (exposure is applied, there is a spatial model)
    (True, False): u.Unit("TeV-1 s-1 cm-2"),
    (True, True): u.Unit("TeV-1 s-1 cm-2 sr-1"),
    (False, False): u.Unit("TeV-1"),
    (False, True): u.Unit("TeV-1 sr-1"),
}


@MODEL_REGISTRY.register
class SkyModel(CompositeModel):
    r"""Product of a spectral, a spatial and a temporal model.

    .. math:: f(E, l, b, t) = S(E) \cdot M(l, b \,[, E]) \cdot T(t \,[, E])

    Parameters
    ----------
    spectral_model : `SpectralModel`
    spatial_model : `SpatialModel`, optional
    temporal_model : `TemporalModel`, optional
    name : str, optional
        Random by default.
    apply_irf : dict, optional
        Which of "exposure", "psf" and "edisp" to apply, all by default.
    datasets_names : str or list of str, optional
        Datasets for which the model is meant, all by default.
    covariance_data : array_like, optional
        Covariance of the parameters.

    Raises
    ------
    UnitError
        If the product is no differential flux (with spatial model: per solid angle), or, without exposure, no
        number per energy.

    Examples
    --------
    >>> from geminga.modeling.models import PowerLawSpectralModel, SkyModel
    >>> source = SkyModel(PowerLawSpectralModel(index=2.3), name="source")
    >>> source.parameters_unique_names
    ['spectral.index', 'spectral.amplitude', 'spectral.reference']
    """

    tag = ["SkyModel", "sky-model"]

    def __init__(
        self,
        spectral_model,
        spatial_model=None,
        temporal_model=None,
        name=None,
        apply_irf=None,
        datasets_names=None,
        covariance_data=None,
    ):
        self._name = model_name(name)
        self.datasets_names = datasets_names
        self._spectral_model = self._checked_part(spectral_model, "spectral")
        self._spatial_model = self._checked_part(spatial_model, "spatial", optional=True)
        self._temporal_model = self._checked_part(temporal_model, "temporal", optional=True)
        self.apply_irf = apply_irf
        self._check_unit()
        super().__init__()
        if covariance_data is not None:
            self.covariance = covariance_data

    @staticmethod
    def _checked_part(part, kind: str, optional=False):
        if part is None and optional:
            return None
        if getattr(part, "type", None) != kind:
            raise ModelError(
                f"{kind}_model of a SkyModel must be a {kind} model, got {part!r}. Create one, see Model.create."
            )
        return part

    def _check_unit(self) -> None:
        """Raise unless the product of the parts is a flux."""
        expected = _UNITS[self.apply_irf["exposure"], self._spatial_model is not None]
        unit = u.Quantity(self._spectral_model(_ENERGY), copy=False).unit
        if self._spatial_model is not None:
            keywords = {"energy": _ENERGY} if self._spatial_model.is_energy_dependent else {}
            unit = unit * u.Quantity(self._spatial_model(_ORIGIN, _ORIGIN, **keywords), copy=False).unit
        if not unit.is_equivalent(expected):
            raise UnitError(
                f"unit of SkyModel {self.name!r} must be convertible to {expected.to_string()!r}, "
                f"got {unit.to_string() or 'no unit'!r}. Check the units of its parts and apply_irf."
            )

    # ------------------------------------------------------------------ parts

    @property
    def name(self) -> str:
        """Name of the source."""
        return self._name

    @property
    def datasets_names(self) -> list[str] | None:
        """Names of the datasets for which the model is meant; None means all."""
        return self._datasets_names

    @datasets_names.setter
    def datasets_names(self, names):
        self._datasets_names = as_names(names)

    @property
    def apply_irf(self) -> dict[str, bool]:
        """Which of "exposure", "psf" and "edisp" to apply."""
        return self._apply_irf

    @apply_irf.setter
    def apply_irf(self, value):
        for key in value or {}:
            if key not in _IRFS:
                raise UnknownNameError("key of apply_irf", key, _IRFS)
        self._apply_irf = {**dict.fromkeys(_IRFS, True), **(value or {})}

    @property
    def spectral_model(self):
        """Shape in energy."""
        return self._spectral_model

    @spectral_model.setter
    def spectral_model(self, model):
        self._spectral_model = self._checked_part(model, "spectral")

    @property
    def spatial_model(self):
        """Shape in the sky, or None."""
        return self._spatial_model

    @spatial_model.setter
    def spatial_model(self, model):
        self._spatial_model = self._checked_part(model, "spatial", optional=True)

    @property
    def temporal_model(self):
        """Shape in time, or None."""
        return self._temporal_model

    @temporal_model.setter
    def temporal_model(self, model):
        self._temporal_model = self._checked_part(model, "temporal", optional=True)

    @staticmethod
    def create(spectral_model, spatial_model=None, temporal_model=None, **kwargs):
        """Create from the tags of the parts.

        Parameters
        ----------
        spectral_model, spatial_model, temporal_model : str
            Tags.
        **kwargs : dict
            Further arguments of the constructor.
        """
        parts = {"spectral": spectral_model, "spatial": spatial_model, "temporal": temporal_model}
        made = {
            f"{kind}_model": registry_of(kind).get_cls(tag)()
            for kind, tag in parts.items()
            if tag is not None
        }
        return SkyModel(**made, **kwargs)

    # ------------------------------------------------------------------ place

    @property
    def position(self):
        """Position of the spatial model as a `~astropy.coordinates.SkyCoord`, or None."""
        return getattr(self.spatial_model, "position", None)

    @property
    def position_lonlat(self):
        """Longitude and latitude in radians, or None."""
        return getattr(self.spatial_model, "position_lonlat", None)

    @property
    def evaluation_bin_size_min(self):
        """Largest bin size that still follows the shape, or None."""
        return getattr(self.spatial_model, "evaluation_bin_size_min", None)

    @property
    def evaluation_radius(self):
        """Radius beyond which the model is taken as zero, or None."""
        return getattr(self.spatial_model, "evaluation_radius", None)

    @property
    def evaluation_region(self):
        """Region beyond which the model is taken as zero, or None."""
        return getattr(self.spatial_model, "evaluation_region", None)

    @property
    def frame(self) -> str | None:
        """Frame of the spatial model, or None."""
        return getattr(self.spatial_model, "frame", None)

    def contributes(self, mask, margin="0 deg") -> bool:
        """Tell whether the model reaches a pixel of a mask.

        Parameters
        ----------
        mask : `~geminga.maps.Map`
            True where data count; any non-spatial axis is taken together.
        margin : str or `~astropy.units.Quantity`
            Added to the radius of the model, for example for the point spread function.
        """
        if mask is None or self.position is None or self.evaluation_radius is None:
            return True
        return reaches(mask, self.position, self.evaluation_radius + u.Quantity(margin))

    # ------------------------------------------------------------------ values

    def evaluate(self, lon, lat, energy, time=None):
        """Return the differential flux, with a spatial model per solid angle.

        Parameters
        ----------
        lon, lat : `~astropy.units.Quantity`
            Position in the frame of the model.
        energy : `~astropy.units.Quantity`
        time : `~astropy.time.Time`, optional

        Returns
        -------
        `~astropy.units.Quantity`
        """
        value = self.spectral_model(energy)
        if self.spatial_model is not None:
            keywords = {"energy": energy} if self.spatial_model.is_energy_dependent else {}
            value = value * self.spatial_model(lon, lat, **keywords)
        if self.temporal_model is not None and time is not None:
            keywords = {"energy": energy} if self.temporal_model.is_energy_dependent else {}
            value = value * self.temporal_model(time, **keywords)
        return value

    def evaluate_geom(self, geom, gti=None):
        """Return the differential flux at the centres of a geometry.

        Parameters
        ----------
        geom : `~geminga.maps.Geom`
            With an axis ``energy_true``.
        gti : `~geminga.data.GTI`, optional
            Average the temporal model over these intervals.

        Returns
        -------
        `~astropy.units.Quantity`, shape (n_energy, ..., n_lat, n_lon), or with ones where nothing depends on the place
        """
        energy = geom.axes["energy_true"].center[:, np.newaxis, np.newaxis]
        value = self.spectral_model(energy)
        if self.spatial_model is not None:
            value = value * self.spatial_model.evaluate_geom(geom)
        return value * self._temporal_factor(geom, gti)

    def integrate_geom(self, geom, gti=None, oversampling_factor=None):
        """Return the flux in each pixel and energy bin.

        Parameters
        ----------
        geom : `~geminga.maps.Geom`
            With an axis ``energy_true``.
        gti : `~geminga.data.GTI`, optional
            Average the temporal model over these intervals.
        oversampling_factor : int, optional
            Sub-pixels along each side; chosen by the size of the model by default.

        Returns
        -------
        `~geminga.maps.Map`
            In cm-2 s-1. Without a spatial model every pixel has the whole flux.
        """
        from ...maps import Map

        edges = geom.axes["energy_true"].edges
        value = self.spectral_model.integral(edges[:-1], edges[1:])[:, np.newaxis, np.newaxis]
        if self.spatial_model is not None:
            image = self.spatial_model.integrate_geom(geom, oversampling_factor=oversampling_factor)
            value = value * image.quantity
        value = value * self._temporal_factor(geom, gti)
        data = np.broadcast_to(value.value, geom.data_shape).copy()
        return Map.from_geom(geom=geom, data=data, unit=value.unit)

    def _temporal_factor(self, geom, gti):
        """Return the average of the temporal model over intervals; a number, or one for each energy."""
        if self.temporal_model is None or gti is None:
            return 1.0
        if self.temporal_model.is_energy_dependent:
            energy = geom.axes["energy_true"].center
            integral = self.temporal_model.integral(gti.time_start, gti.time_stop, energy=energy)
            return np.sum(integral, axis=-1).reshape(-1)[:, np.newaxis, np.newaxis]
        return np.sum(self.temporal_model.integral(gti.time_start, gti.time_stop))

    # ------------------------------------------------------------------ copies and dictionaries

    def copy(self, name=None, copy_data=False, **kwargs):
        """Return an independent copy.

        Parameters
        ----------
        name : str, optional
            Random by default.
        copy_data : bool
            Copy the maps of templates too.
        **kwargs : dict
            Arguments of the constructor to change.
        """
        known = ["spectral_model", "spatial_model", "temporal_model", "apply_irf", "datasets_names"]
        new = self._copy_with(name, copy_data, kwargs, known)
        if kwargs:
            new._check_unit()
        return new

    def to_dict(self, full_output=False) -> dict:
        """Return the model as a dictionary of plain YAML types.

        Parameters
        ----------
        full_output : bool
            Include entries that equal the defaults.
        """
        data: dict = {"name": self.name, "type": self.tag[0]}
        if not all(self.apply_irf.values()):
            data["apply_irf"] = dict(self.apply_irf)
        if self.datasets_names is not None:
            data["datasets_names"] = list(self.datasets_names)
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
        known = ["name", "type", "apply_irf", "datasets_names", "spectral", "spatial", "temporal"]
        check_keys(data, known, f"model {data.get('name', '')!r}")
        if "spectral" not in data:
            raise ModelError(
                f"model {data.get('name')!r} must have a spectral part, got none. Add 'spectral:'."
            )
        parts = {f"{kind}_model": part_from_dict(data, kind) for kind in ("spectral", "spatial", "temporal")}
        return cls(
            **parts,
            name=data.get("name"),
            apply_irf=data.get("apply_irf"),
            datasets_names=data.get("datasets_names"),
            **kwargs,
        )

    def __repr__(self) -> str:
        parts = ", ".join(f"{kind}={type(part).__name__}" for kind, part in self._parts().items())
        return f"SkyModel(name={self.name!r}, {parts})"
