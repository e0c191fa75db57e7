"""Flux points as data to be fitted."""

from __future__ import annotations

from copy import deepcopy

import numpy as np
from astropy import units as u

from ..doors import drawn_by, opens
from ..errors import DataError, GeometryError, UnknownNameError
from ..results import FluxPoints
from .core import Dataset
from .names import make_name
from .registry import DATASET_REGISTRY
from .residuals import residuals_of

__all__ = ["FluxPointsDataset"]

STAT_TYPES = ("chi2", "distrib", "profile")
DNDE_UNIT = u.Unit("cm-2 s-1 TeV-1")
PROFILE_DEFAULTS = {"interp_scale": "sqrt", "extrapolate": True}


@DATASET_REGISTRY.register
class FluxPointsDataset(Dataset):
    """Flux points, compared with the differential flux of the models at their reference energies.

    Parameters
    ----------
    models : `~geminga.modeling.models.Models`, list or model, optional
    data : `~geminga.estimators.FluxPoints`
        Flux points of an energy spectrum, or along further axes.
    mask_fit, mask_safe : ndarray of bool, optional
        Points to be fitted, and points to be trusted, in the shape of the data or one value a point. By default all
        that are valid.
    name : str, optional
    meta_table : `~astropy.table.Table`, optional
    stat_type : {"chi2", "distrib", "profile"}
        "chi2": residuals over symmetric errors, upper limits are left out; "distrib": the error of the side on which
        the model lies, upper limits by their tail; "profile": the stored likelihood profiles.
    stat_kwargs : dict, optional
        For "profile": ``interp_scale`` and ``extrapolate``.

    Examples
    --------
    >>> from astropy.table import Table
    >>> from geminga.estimators import FluxPoints
    >>> from geminga.modeling.models import PowerLawSpectralModel, SkyModel
    >>> table = Table({"e_ref": [1.0, 10.0], "dnde": [1e-12, 3e-14], "dnde_err": [1e-13, 1e-14]})
    >>> table["e_ref"].unit = "TeV"
    >>> table["dnde"].unit = table["dnde_err"].unit = "cm-2 s-1 TeV-1"
    >>> points = FluxPoints.from_table(table, sed_type="dnde", reference_model=PowerLawSpectralModel())
    >>> dataset = FluxPointsDataset(data=points, models=SkyModel(PowerLawSpectralModel()))
    >>> round(dataset.stat_sum(), 6)
    4.0
    """

    tag = "FluxPointsDataset"

    def __init__(
        self,
        models=None,
        data=None,
        mask_fit=None,
        mask_safe=None,
        name=None,
        meta_table=None,
        stat_type="chi2",
        stat_kwargs=None,
    ):
        if not isinstance(data, FluxPoints):
            raise DataError(
                f"data must be FluxPoints, got {type(data).__name__}. Read them with FluxPoints.read."
            )
        self._name = make_name(name)
        self.data = data
        self.mask_fit, self.mask_safe = mask_fit, mask_safe
        self.meta_table = meta_table
        self.stat_type = stat_type
        defaults = PROFILE_DEFAULTS if stat_type == "profile" else {}
        self.stat_kwargs = {**defaults, **(stat_kwargs or {})}
        if models is not None:
            self.models = models

    # ------------------------------------------------------------------ what the dataset is

    @property
    def available_stat_type(self) -> list[str]:
        """Statistics that there are."""
        return list(STAT_TYPES)

    @property
    def stat_type(self) -> str:
        """Statistic: "chi2", "distrib" or "profile"."""
        return self._stat_type

    @stat_type.setter
    def stat_type(self, value):
        if value not in STAT_TYPES:
            raise UnknownNameError("stat_type", value, STAT_TYPES)
        self._stat_type = value

    @property
    def gti(self):
        """Good time intervals of the flux points."""
        return self.data.gti

    def data_shape(self) -> tuple:
        """Return the number of energies, as a shape."""
        return tuple(np.shape(self.data.energy_ref))

    @property
    def _data_shape(self) -> tuple:
        return tuple(int(n) for n in self.data.geom.data_shape)

    # ------------------------------------------------------------------ masks

    def _as_mask(self, mask, name):
        """Return a mask in the shape of the data."""
        if mask is None:
            return None
        values = np.asarray(getattr(mask, "data", mask) if hasattr(mask, "geom") else mask, dtype=bool)
        shape = self._data_shape
        if values.size == int(np.prod(shape)):
            return values.reshape(shape)
        if values.ndim == 1 and values.size == shape[-3]:
            return np.broadcast_to(values.reshape(-1, 1, 1), shape).copy()
        raise GeometryError(
            f"{name} of dataset {self.name!r} must have a value for each of the points, shape {shape}, got "
            f"{values.shape}. Compare for example with data.energy_ref."
        )

    @property
    def mask_fit(self):
        """Points to be fitted, an array of bool in the shape of the data, or None for all."""
        return self._mask_fit

    @mask_fit.setter
    def mask_fit(self, mask):
        self._mask_fit = self._as_mask(mask, "mask_fit")

    @property
    def mask_safe(self):
        """Points to be trusted, an array of bool in the shape of the data; by default the valid ones."""
        return self.mask_valid if self._mask_safe is None else self.mask_valid & self._mask_safe

    @mask_safe.setter
    def mask_safe(self, mask):
        self._mask_safe = self._as_mask(mask, "mask_safe")

    @property
    def mask_valid(self):
        """Points that the statistic can use, an array of bool in the shape of the data."""
        data = self.data
        if self.stat_type == "profile" and data.has_stat_profiles:
            scans = np.isfinite(data.ts_scan.data).reshape(-1, data.stat_scan.geom.axes[0].nbin)
            return (scans.sum(axis=1) > 2).reshape(self._data_shape)
        is_limit = np.asarray(data.is_ul.data, dtype=bool)
        measured = np.isfinite(np.asarray(data.norm.data, dtype=float)) & ~is_limit
        if self.stat_type == "distrib" and data.has_ul:
            return measured | (is_limit & np.isfinite(np.asarray(data.norm_ul.data, dtype=float)))
        return measured

    @property
    def mask(self):
        """Points that count, an array of bool in the shape of the data."""
        return self.mask_safe if self._mask_fit is None else self.mask_safe & self._mask_fit

    # ------------------------------------------------------------------ prediction and statistic

    def flux_pred(self) -> u.Quantity:
        """Return the differential flux of the models at the points, in the shape of the data.

        A temporal model is averaged over the good time intervals.
        """
        from ..likelihood.region_response import temporal_factor

        shape = self._data_shape
        energy = self.data.energy_ref
        total = np.zeros(shape)
        for model in self.models or ():
            values = u.Quantity(model.spectral_model(energy)).to_value(DNDE_UNIT).reshape(-1, 1, 1)
            factor = temporal_factor(model, self)
            if factor is not None:
                values = values * factor.evaluate([parameter.value for parameter in factor.parameters])
            total = total + values
        return np.broadcast_to(total, shape).copy() * DNDE_UNIT

    def _statistic(self):
        """Return the statistic of the points that can be used, and which those are, shape (n_points,)."""
        from ..likelihood.binding import flux_points_statistic

        return flux_points_statistic(self, np.ones(int(np.prod(self._data_shape)), dtype=bool))

    def stat_profiles(self) -> list:
        """Return the likelihood profile of each point as a function of its flux in cm-2 s-1 TeV-1; None if it has none.

        Raises
        ------
        DataError
            If the flux points have no profiles.
        """
        from ..numerics.interpolation import interpolate_profile

        if not self.data.has_stat_profiles:
            raise DataError(
                f"flux points of dataset {self.name!r} must have profiles for stat_type 'profile', got none. "
                "Estimate them with selection_optional=['scan']."
            )
        kwargs = {**PROFILE_DEFAULTS, **self.stat_kwargs}
        flux = np.asarray(self.data.dnde_scan_values.quantity.to_value(DNDE_UNIT), dtype=float)
        stat = np.asarray(self.data.ts_scan.data, dtype=float)
        n_scan = self.data.stat_scan.geom.axes[0].nbin
        profiles: list = []
        for x, y in zip(flux.reshape(-1, n_scan), stat.reshape(-1, n_scan), strict=True):
            good = np.isfinite(x) & np.isfinite(y)
            profiles.append(interpolate_profile(x[good], y[good], **kwargs) if good.sum() > 2 else None)
        return profiles

    def stat_array(self) -> np.ndarray:
        """Return the statistic of each point, in the shape of the data; NaN where it cannot be computed."""
        statistic, usable = self._statistic()
        values = np.full(usable.size, np.nan)
        values[usable] = statistic.array(self.flux_pred().value.reshape(-1)[usable])
        return values.reshape(self._data_shape)

    def stat_sum(self) -> float:
        """Return the statistic of the points inside the mask, without priors."""
        return float(np.nansum(self.stat_array()[self.mask]))

    def residuals(self, method="diff") -> u.Quantity:
        """Return measured minus predicted flux; NaN outside the mask.

        Parameters
        ----------
        method : {"diff", "diff/model"}
            What the difference is divided by.

        Returns
        -------
        `~astropy.units.Quantity`, in the shape of the data
            Dimensionless for "diff/model".
        """
        if method not in ("diff", "diff/model"):
            raise UnknownNameError("residual method", method, ("diff", "diff/model"))
        measured = self.data.dnde.quantity.to_value(DNDE_UNIT)
        values = residuals_of(measured, self.flux_pred().value, method)
        values = np.where(self.mask, values, np.nan)
        return values * (DNDE_UNIT if method == "diff" else u.one)

    # ------------------------------------------------------------------ copies, files, pictures

    def copy(self, name=None):
        """Return a copy without models.

        Parameters
        ----------
        name : str, optional
            By default a new name.
        """
        return self.__class__(
            data=deepcopy(self.data),
            mask_fit=deepcopy(self._mask_fit),
            mask_safe=deepcopy(self._mask_safe),
            name=name,
            meta_table=deepcopy(self.meta_table),
            stat_type=self.stat_type,
            stat_kwargs=deepcopy(self.stat_kwargs),
        )

    write = opens("geminga.datasets.io.flux_points:write_flux_points_dataset")

    @classmethod
    def read(cls, filename, name=None):
        """Read from a FITS or ECSV file.

        Parameters
        ----------
        filename : str or path-like
        name : str, optional
            By default that in the file.
        """
        from .io.flux_points import read_flux_points_dataset

        return read_flux_points_dataset(cls, filename, name)

    @classmethod
    def from_dict(cls, data, **kwargs):
        """Read the dataset that an entry of a list of datasets names.

        Parameters
        ----------
        data : dict
            With ``filename`` and, optionally, ``name``.
        """
        return cls.read(data["filename"], name=data.get("name"))

    info_dict = opens("geminga.datasets.summary:info_dict_flux_points")
    plot_fit = drawn_by("geminga.visualization.datasets:plot_flux_points_fit")
    plot_residuals = drawn_by("geminga.visualization.datasets:plot_flux_points_residuals")
    plot_spectrum = drawn_by("geminga.visualization.datasets:plot_flux_points_spectrum")

    def __str__(self) -> str:
        from .summary import text_of

        return text_of(self)
