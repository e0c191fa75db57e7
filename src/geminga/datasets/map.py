"""Binned counts with their responses, on any geometry: the dataset from which the others derive."""

from __future__ import annotations

from copy import deepcopy

from astropy import units as u

from .. import likelihood
from ..doors import drawn_by, opens
from ..errors import DataError, GeometryError, UnknownNameError
from .attributes import Deferred, Part
from .checks import check_parts
from .core import Dataset
from .files import Files
from .mask_properties import MaskProperties
from .metadata import MapDatasetMetaData
from .names import make_name
from .registry import DATASET_REGISTRY

__all__ = ["MapDataset"]

COUNTS_STATISTICS = ("cash", "cash_weighted", "wstat")


@DATASET_REGISTRY.register
class MapDataset(MaskProperties, Files, Dataset):
    """Counts, background, exposure, PSF and energy dispersion, with masks and models.

    Nothing that is predicted is kept: replacing a map, a response or a model is seen by the next prediction.

    Parameters
    ----------
    models : `~geminga.modeling.models.Models`, list or model, optional
        Those that apply to the dataset are kept.
    counts : `~geminga.maps.Map`, optional
        Observed counts in reconstructed energy.
    exposure : `~geminga.maps.Map`, optional
        Effective area times live time in true energy; ``meta["livetime"]`` is the live time.
    background : `~geminga.maps.Map`, optional
        Expected background counts, before any background model.
    psf : `~geminga.irf.PSFMap` or `~geminga.irf.RecoPSFMap`, optional
    edisp : `~geminga.irf.EDispKernelMap` or `~geminga.irf.EDispMap`, optional
    mask_safe, mask_fit : `~geminga.maps.Map` of bool, optional
        Bins to be trusted, and bins to be fitted. With ``stat_type="cash_weighted"`` a mask of numbers is a weight.
    gti : `~geminga.data.GTI`, optional
        Good time intervals.
    meta_table : `~astropy.table.Table`, optional
        What is known of the observations, one column a quantity.
    name : str, optional
        By default a random one.
    meta : `MapDatasetMetaData`, optional
        Provenance.
    stat_type : {"cash", "cash_weighted"}
        Statistic.
    """

    tag = "MapDataset"
    _default_stat_type = "cash"
    _shares_maps = False
    #: Parts that a copy or a slice of the dataset takes along.
    _maps = ("counts", "exposure", "background", "psf", "edisp", "mask_safe", "mask_fit")
    #: Maps on the geometry of the counts.
    _counts_like = ("counts", "background", "mask_safe", "mask_fit")

    counts = Part("Observed counts, a map in reconstructed energy, or None.")
    exposure = Part("Effective area times live time, a map in true energy, or None.")
    background = Part("Expected background counts before any background model, a map, or None.")
    psf = Part("Point spread function, a PSFMap or RecoPSFMap, or None.", required="psf_map")
    edisp = Part("Energy dispersion, an EDispKernelMap or EDispMap, or None.", required="edisp_map")

    def __init__(
        self,
        models=None,
        counts=None,
        exposure=None,
        background=None,
        psf=None,
        edisp=None,
        mask_safe=None,
        mask_fit=None,
        gti=None,
        meta_table=None,
        name=None,
        meta=None,
        stat_type="cash",
    ):
        self._set_up(
            models, gti, meta_table, name, meta, stat_type,
            {"counts": counts, "exposure": exposure, "background": background, "psf": psf, "edisp": edisp,
             "mask_safe": mask_safe, "mask_fit": mask_fit},
        )  # fmt: skip

    def _set_up(self, models, gti, meta_table, name, meta, stat_type, parts):
        self._name = make_name(name)
        for key, part in parts.items():
            setattr(self, key, part)
        self.gti, self.meta_table = gti, meta_table
        self.meta = MapDatasetMetaData() if meta is None else meta
        self.stat_type = stat_type
        self._check_shapes(parts)
        self._models = None
        if models is not None:
            self.models = models

    def _check_shapes(self, parts) -> None:
        """Check that the maps in reconstructed energy have one shape."""
        first = None
        for key in self._counts_like:
            part = parts.get(key)
            if part is None or type(part) is Deferred:
                continue
            shape = part.data.shape
            if first is None:
                first = key, shape
            elif shape != first[1]:
                raise GeometryError(
                    f"{key} of dataset {self.name!r} must have the shape of {first[0]}, {first[1]}, got {shape}. "
                    "Make it on the same geometry."
                )

    # ------------------------------------------------------------------ what the dataset is

    @property
    def stat_type(self) -> str:
        """Statistic: "cash", "cash_weighted" or, for on-off datasets, "wstat"."""
        return self._stat_type

    @stat_type.setter
    def stat_type(self, value):
        if value not in COUNTS_STATISTICS:
            raise UnknownNameError("stat_type", value, COUNTS_STATISTICS)
        self._stat_type = value

    @property
    def _geom(self):
        """Geometry of the counts and whatever is in reconstructed energy."""
        for key in ("counts", "mask_safe", "mask_fit", "background"):
            if (part := getattr(self, key)) is not None:
                return part.geom
        raise DataError(
            f"dataset {self.name!r} must have counts, background, mask_fit or mask_safe, got none of them. "
            "Create it with MapDataset.create or assign one."
        )

    @property
    def _energy_axis(self):
        return self._geom.axes["energy"]

    @property
    def geoms(self) -> dict:
        """Geometries of counts, exposure, PSF and energy dispersion, as far as there are any."""
        geoms = {"geom": self._geom}
        if self.exposure is not None:
            geoms["geom_exposure"] = self.exposure.geom
        if self.psf is not None:
            geoms["geom_psf"] = self.psf.psf_map.geom
        if self.edisp is not None:
            geoms["geom_edisp"] = self.edisp.edisp_map.geom
        return geoms

    @property
    def data_shape(self) -> tuple:
        """Shape of the counts array."""
        return self._geom.data_shape

    @property
    def excess(self):
        """Counts minus background, a map."""
        counts, background = self.counts, self.background
        return type(counts)(geom=counts.geom, data=counts.data - background.data)

    @property
    def background_model(self):
        """Background model of the dataset, or None."""
        for model in self.models or ():
            tags = [model.tag] if isinstance(model.tag, str) else model.tag
            if "FoVBackgroundModel" in tags:
                return model
        return None

    def _rebuilt(self, name=None, **parts):
        """Return a dataset of the same class with some parts exchanged; models are left behind."""
        new = self.__class__.__new__(self.__class__)
        kept = {key: parts[key] if key in parts else self.__dict__.get(f"_{key}") for key in self._maps}
        new._set_up(
            None, parts.get("gti", self.gti), parts.get("meta_table", self.meta_table), name,
            parts.get("meta", self.meta), self.stat_type, kept,
        )  # fmt: skip
        new._shares_maps = self._shares_maps = True
        return new

    def _own_maps(self) -> None:
        """Copy the maps that this dataset may share with another, before they are changed in place."""
        if self._shares_maps:
            for key in self._maps:
                if (part := getattr(self, key)) is not None:
                    setattr(self, key, part.copy())
            self._shares_maps = False

    def copy(self, name=None):
        """Return a copy without models.

        Parameters
        ----------
        name : str, optional
            By default a new name.
        """
        parts = {key: None if (part := getattr(self, key)) is None else part.copy() for key in self._maps}
        parts["gti"] = None if self.gti is None else self.gti.copy()
        return self._rebuilt(name, **parts, meta_table=deepcopy(self.meta_table), meta=deepcopy(self.meta))

    # ------------------------------------------------------------------ creation

    @classmethod
    def from_geoms(
        cls,
        geom,
        geom_exposure=None,
        geom_psf=None,
        geom_edisp=None,
        reference_time="2000-01-01",
        name=None,
        **kwargs,
    ):
        """Create a dataset of zeros, with nothing safe and a diagonal energy dispersion, on given geometries.

        Parameters
        ----------
        geom : `~geminga.maps.Geom`
            Of counts, background and masks, with an axis ``energy``.
        geom_exposure : `~geminga.maps.Geom`, optional
            With an axis ``energy_true``.
        geom_psf : `~geminga.maps.Geom`, optional
            With axes ``rad`` and ``energy_true``, or ``energy`` for a `~geminga.irf.RecoPSFMap`.
        geom_edisp : `~geminga.maps.Geom`, optional
            With axes ``energy`` or ``migra``, and ``energy_true``.
        reference_time : str or `~astropy.time.Time`
            Of the empty good time intervals.
        name : str, optional
        **kwargs : dict
            Further arguments of the class.
        """
        from .geometries import empty_parts

        parts = empty_parts(cls, geom, geom_exposure, geom_psf, geom_edisp, reference_time)
        return cls(name=name, **{**parts, **kwargs})

    @classmethod
    def create(
        cls,
        geom,
        energy_axis_true=None,
        migra_axis=None,
        rad_axis=None,
        binsz_irf=0.2 * u.deg,
        reference_time="2000-01-01",
        name=None,
        meta_table=None,
        reco_psf=False,
        **kwargs,
    ):
        """Create a dataset of zeros, with nothing safe, to be filled by makers or by stacking.

        Until then the energy dispersion is diagonal.

        Parameters
        ----------
        geom : `~geminga.maps.WcsGeom`, `~geminga.maps.HpxGeom` or `~geminga.maps.RegionGeom`
            Of the counts, with an axis ``energy``.
        energy_axis_true : `~geminga.maps.MapAxis`, optional
            By default that of reconstructed energy.
        migra_axis : `~geminga.maps.MapAxis`, optional
            With it the energy dispersion is a function of migra; otherwise a matrix on the energy axis.
        rad_axis : `~geminga.maps.MapAxis`, optional
            Of the PSF; by default 66 bins up to 0.66 deg.
        binsz_irf : `~astropy.units.Quantity`, str or float
            Pixel size of PSF and energy dispersion; numbers are degrees.
        reference_time : str or `~astropy.time.Time`
        name : str, optional
        meta_table : `~astropy.table.Table`, optional
        reco_psf : bool
            Keep the PSF in reconstructed energy.
        **kwargs : dict
            Further arguments of the class.
        """
        from .geometries import create_map_dataset_geoms

        geoms = create_map_dataset_geoms(geom, energy_axis_true, migra_axis, rad_axis, binsz_irf, reco_psf)
        return cls.from_geoms(
            **geoms, reference_time=reference_time, name=name, **kwargs, meta_table=meta_table
        )

    # ------------------------------------------------------------------ prediction and statistic

    def npred(self):
        """Return the predicted counts of models and background, a map; negative totals are set to 0."""
        check_parts(self)
        return likelihood.npred(self)

    def npred_signal(self, model_names=None, stack=True):
        """Return the predicted counts of the source models.

        Parameters
        ----------
        model_names : str or list of str, optional
            Which models; by default all.
        stack : bool
            Add the models up; otherwise the map has an axis ``models``.

        Returns
        -------
        `~geminga.maps.Map`
        """
        check_parts(self)
        known = [] if self.models is None else self.models.names
        for name in [model_names] if isinstance(model_names, str) else model_names or ():
            if name not in known:
                raise UnknownNameError(f"model of dataset {self.name!r}", name, known)
        return likelihood.npred_signal(self, model_names=model_names, stack=stack)

    def npred_background(self):
        """Return the predicted background counts, with the background model applied, a map."""
        check_parts(self)
        return likelihood.npred_background(self)

    def stat_array(self):
        """Return the statistic of each bin, whatever the mask, in the shape of the data."""
        check_parts(self)
        return likelihood.stat_array(self)

    def stat_sum(self) -> float:
        """Return -2 ln L of the bins inside the mask, without priors."""
        check_parts(self)
        return likelihood.stat_sum(self)

    @property
    def evaluators(self) -> dict:
        """One `~geminga.datasets.evaluators.Evaluator` for each source model, by name."""
        from .evaluators import evaluators_of

        return evaluators_of(self)

    def reset_data_cache(self) -> None:
        """Do nothing: predictions are never kept, so there is nothing to reset."""

    residuals = opens("geminga.datasets.residuals:residuals")
    fake = opens("geminga.datasets.fake:fake_map_dataset")
    to_asimov = opens("geminga.datasets.fake:to_asimov")
    _to_asimov_dataset = opens("geminga.datasets.fake:to_asimov")

    # ------------------------------------------------------------------ other datasets made of this one

    stack = opens("geminga.datasets.stacking:stack")
    _add_data = opens("geminga.datasets.stacking:add_data")
    to_masked = opens("geminga.datasets.stacking:to_masked")
    to_image = opens("geminga.datasets.regridding:to_image")
    resample_energy_axis = opens("geminga.datasets.regridding:resample_energy_axis")
    downsample = opens("geminga.datasets.regridding:downsample")
    pad = opens("geminga.datasets.regridding:pad")
    cutout = opens("geminga.datasets.regridding:cutout")
    slice_by_idx = opens("geminga.datasets.regridding:slice_by_idx")
    slice_by_energy = opens("geminga.datasets.regridding:slice_by_energy")
    to_spectrum_dataset = opens("geminga.datasets.conversion:to_spectrum_dataset")
    to_region_map_dataset = opens("geminga.datasets.conversion:to_region_map_dataset")

    # ------------------------------------------------------------------ summary and pictures

    info_dict = opens("geminga.datasets.summary:info_dict")
    peek = drawn_by("geminga.visualization.datasets:peek_map_dataset")
    plot_residuals = drawn_by("geminga.visualization.datasets:plot_residuals")
    plot_residuals_spatial = drawn_by("geminga.visualization.datasets:plot_residuals_spatial")
    plot_residuals_spectral = drawn_by("geminga.visualization.datasets:plot_residuals_spectral")

    def __str__(self) -> str:
        from .summary import text_of

        return text_of(self)
