"""Fluxes on a map: norms of a reference model, shown as any kind of flux.

Only norms are stored. ``dnde``, ``flux``, ``eflux`` and ``e2dnde`` are norm times the flux of the reference model,
computed when asked for, so they cannot disagree with each other.
"""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ..doors import opens
from ..errors import AxisMismatchError, DataError, UnknownNameError
from ..maps import Map
from .descriptors import Excess, Flux, Reference, Stored
from .quantities import DEFAULT_UNIT, FLUX_TYPES, OTHER_QUANTITIES, SED_TYPES, flux_columns

__all__ = ["FluxMaps"]

DEFAULT_SQRT_TS_THRESHOLD_UL = 2.0


class FluxMaps:
    """Norms of a reference model on an energy axis and, where there are, further axes and pixels.

    Parameters
    ----------
    data : dict of str to `~geminga.maps.Map`
        Norm quantities ("norm", "norm_err", "norm_ul", ...) and fit quantities ("ts", "npred", "stat_scan", ...).
    reference_model : SkyModel or SpectralModel
        The flux is the norm times the flux of this model.
    meta : dict, optional
        ``n_sigma``, ``n_sigma_ul``, ``sqrt_ts_threshold_ul``, ``sed_type_init``, ...
    gti : `~geminga.data.GTI`, optional
        Time intervals of the data.
    filter_success_nan : bool
        Show values of fits that did not succeed as NaN.

    Raises
    ------
    DataError
        If a quantity is unknown, or the norm is missing.
    AxisMismatchError
        If two maps have different energy axes.
    """

    _expected = ("norm",)
    filter_success_nan = True

    def __init__(self, data, reference_model, meta=None, gti=None, filter_success_nan=True):
        data = dict(data)
        for name in self._expected:
            if name not in data:
                raise DataError(f"data must hold {name!r}, got {sorted(data)}. Add the map.")
        reference = next(iter(data.values())).geom.axes["energy"]
        for name, map_ in data.items():
            axis = map_.geom.axes["energy"]
            if axis.nbin != reference.nbin or not axis.is_allclose(reference, rtol=1e-5):
                raise AxisMismatchError(
                    f"energy axis of {name!r} must equal that of the other maps, got {axis.edges} "
                    f"and {reference.edges}. Resample one of them."
                )
        self._data = data
        if hasattr(reference_model, "integral"):
            from ..modeling.models import SkyModel

            reference_model = SkyModel(spectral_model=reference_model)
        self._reference_model = reference_model
        self.meta = dict(meta or {})
        self.gti = gti
        self.filter_success_nan = filter_success_nan

    # ---------------------------------------------------------------- what there is

    @property
    def available_quantities(self) -> list[str]:
        """Names of the stored quantities."""
        return list(self._data)

    def __getitem__(self, name):
        """Return a quantity or a flux by name: ``maps["sqrt_ts"]`` is ``maps.sqrt_ts``."""
        known = {quantity for sed_type in SED_TYPES for quantity in self.all_quantities(sed_type)}
        if name not in known:
            raise UnknownNameError("quantity of flux maps", name, sorted(known))
        return getattr(self, name)

    @staticmethod
    def all_quantities(sed_type: str) -> list[str]:
        """Return the names that maps and tables of an SED type may use."""
        return [*flux_columns(sed_type), *OTHER_QUANTITIES]

    @property
    def geom(self):
        """Geometry of the norm map."""
        return self._data["norm"].geom

    @property
    def energy_axis(self):
        """Energy axis."""
        return self.geom.axes["energy"]

    @property
    def energy_ref(self):
        """Reference energies, the logarithmic centres of the bins unless the axis says otherwise."""
        return self.energy_axis.center

    @property
    def energy_min(self):
        """Lower edges of the energy bins."""
        return self.energy_axis.edges[:-1]

    @property
    def energy_max(self):
        """Upper edges of the energy bins."""
        return self.energy_axis.edges[1:]

    @property
    def reference_model(self):
        """Model whose norm is stored, a SkyModel."""
        return self._reference_model

    @property
    def reference_spectral_model(self):
        """Spectral part of the reference model."""
        return self._reference_model.spectral_model

    @staticmethod
    def reference_model_default():
        """Return a point source with a power law of index 2, used when no model is given."""
        from ..modeling.models import PointSpatialModel, PowerLawSpectralModel, SkyModel

        return SkyModel(spectral_model=PowerLawSpectralModel(index=2), spatial_model=PointSpatialModel())

    @property
    def has_ul(self) -> bool:
        """Whether there are upper limits."""
        return "norm_ul" in self._data

    @property
    def has_any_ts(self) -> bool:
        """Whether there is a test statistic of any kind."""
        return any(name in self._data for name in ("ts", "sqrt_ts"))

    @property
    def has_stat_profiles(self) -> bool:
        """Whether there are likelihood profiles."""
        return "stat_scan" in self._data

    @property
    def has_success(self) -> bool:
        """Whether the success of the fits is known."""
        return "success" in self._data

    @property
    def n_sigma(self) -> float:
        """Number of standard deviations of the errors."""
        return self.meta.get("n_sigma", 1)

    @property
    def n_sigma_ul(self):
        """Number of standard deviations of the upper limits, or None."""
        return self.meta.get("n_sigma_ul")

    @property
    def sqrt_ts_threshold_ul(self) -> float:
        """Significance below which a point is shown as an upper limit."""
        return self.meta.get("sqrt_ts_threshold_ul", DEFAULT_SQRT_TS_THRESHOLD_UL)

    @sqrt_ts_threshold_ul.setter
    def sqrt_ts_threshold_ul(self, value: float):
        self.meta["sqrt_ts_threshold_ul"] = value
        if self.has_any_ts:
            self._data.pop("is_ul", None)

    @property
    def sed_type_init(self):
        """SED type from which the maps were made, or None."""
        return self.meta.get("sed_type_init")

    @property
    def sed_type_plot_default(self) -> str:
        """SED type of plots without argument: that of the input, dnde for likelihoods."""
        return "dnde" if self.sed_type_init in (None, "likelihood") else self.sed_type_init

    @property
    def is_convertible_to_flux_sed_type(self) -> bool:
        """Whether integral fluxes make sense, that is, the energy bins have edges."""
        if self.sed_type_init in ("flux", "eflux", "likelihood", None):
            return True
        return self.energy_axis.node_type == "edges"

    # ---------------------------------------------------------------- stored quantities

    def _quantity(self, name):
        if name not in self._data:
            raise AttributeError(
                f"{name} must be among the estimated quantities, got {', '.join(self._data)}. "
                "Ask the estimator for it with selection_optional."
            )
        return self._filtered(self._data[name])

    def _filtered(self, map_):
        """Return the map with NaN where the fit did not succeed."""
        if not (self.has_success and self.filter_success_nan) or map_.data.dtype.kind not in "f":
            return map_
        success = self._data["success"].data.astype(bool)
        if success.all():
            return map_
        if success.shape != map_.data.shape:
            if success.ndim != map_.data.ndim:
                return map_
            success = np.broadcast_to(success, map_.data.shape)
        return map_.copy(data=np.where(success, map_.data, np.nan))

    norm = Stored("Norm with respect to the reference model.")
    norm_err = Stored("Symmetric error of the norm.")
    norm_errn = Stored("Negative error of the norm.")
    norm_errp = Stored("Positive error of the norm.")
    norm_ul = Stored("Upper limit of the norm.")
    norm_sensitivity = Stored("Sensitivity in norm.")
    npred = Stored("Predicted counts of the best fit, with background.")
    npred_excess = Stored("Predicted excess counts of the best fit.")
    counts = Stored("Observed counts.")
    stat = Stored("Fit statistic of the best fit.")
    stat_null = Stored("Fit statistic of the null hypothesis.")
    niter = Stored("Number of iterations of the solver.")
    n_dof = Stored("Degrees of freedom of the test statistic.")
    alpha = Stored("Ratio of on to off acceptance.")
    acceptance_on = Stored("Acceptance of the on region.")
    acceptance_off = Stored("Acceptance of the off region.")
    success = Stored("Whether the fit succeeded.")

    @property
    def ts(self):
        """Test statistic of the norm against 0."""
        if "ts" in self._data:
            return self._quantity("ts")
        if "sqrt_ts" in self._data:
            return self._quantity("sqrt_ts") ** 2
        return self._quantity("ts")

    @property
    def sqrt_ts(self):
        """Square root of the test statistic, with the sign of the norm."""
        if "sqrt_ts" in self._data:
            return self._quantity("sqrt_ts")
        ts = self._quantity("ts")
        with np.errstate(invalid="ignore"):
            root = np.sqrt(np.clip(ts.data, 0, None))
            data = np.where(self.norm.data > 0, root, -root)
        return ts.copy(data=data)

    @property
    def stat_scan(self):
        """Fit statistic along the scanned norms, an axis ``norm``, or ``dnde`` after combination."""
        return self._quantity("stat_scan")

    @property
    def ts_scan(self):
        """Fit statistic along the scan, relative to its best fit."""
        scan = self.stat_scan
        best = self.stat.data if "stat" in self._data else np.nanmin(scan.data, axis=-3, keepdims=True)
        if best.ndim != scan.data.ndim:
            best = np.expand_dims(best, -3)
        return scan.copy(data=scan.data - best)

    @property
    def dnde_scan_values(self):
        """Values of dnde at which the statistic was scanned."""
        if "dnde_scan_values" in self._data:
            return self._quantity("dnde_scan_values")
        norms = self.stat_scan.geom.axes["norm"].center.value
        shape = (-1,) + (1,) * 2
        reference = np.expand_dims(self.dnde_ref.value, -3)
        values = norms.reshape(shape) * np.broadcast_to(reference, self.stat_scan.data.shape)
        return Map.from_geom(self.stat_scan.geom, data=values, unit=self.dnde_ref.unit)

    @property
    def is_ul(self):
        """Whether a value shall be read as an upper limit: stored, or not significant, or without value."""
        if "is_ul" in self._data:
            return self._data["is_ul"]
        if self.has_any_ts and self.has_ul:
            with np.errstate(invalid="ignore"):
                data = self.sqrt_ts.data < self.sqrt_ts_threshold_ul
        elif self.has_ul:
            data = np.isfinite(self._data["norm_ul"].data) & ~np.isfinite(self._data["norm"].data)
        else:
            data = np.isnan(self._data["norm"].data)
        return Map.from_geom(self.geom, data=data)

    # ---------------------------------------------------------------- reference fluxes and fluxes

    def _reference(self, sed_type: str):
        """Return the flux of the reference model on the energy bins, shape (n_energy, 1, 1)."""
        if sed_type in ("flux", "eflux") and not self.is_convertible_to_flux_sed_type:
            raise DataError(
                f"energies must be bins with edges for {sed_type!r}, got points in energy. "
                "Use dnde or e2dnde, or give e_min and e_max."
            )
        model = self.reference_spectral_model
        shape = [1] * self.norm.data.ndim
        axis_index = self.geom.axes.index_data("energy")
        shape[axis_index] = -1
        if sed_type == "dnde":
            values = model(self.energy_ref)
        elif sed_type == "e2dnde":
            values = model(self.energy_ref) * self.energy_ref**2
        elif sed_type == "flux":
            values = model.integral(self.energy_min, self.energy_max)
        else:
            values = model.energy_flux(self.energy_min, self.energy_max)
        return u.Quantity(values).to(DEFAULT_UNIT[sed_type]).reshape(shape)

    dnde_ref = Reference("dnde", "Differential flux of the reference model at the reference energies.")
    e2dnde_ref = Reference("e2dnde", "Squared energy times differential flux of the reference model.")
    flux_ref = Reference("flux", "Integral flux of the reference model in the energy bins.")
    eflux_ref = Reference("eflux", "Energy flux of the reference model in the energy bins.")

    def _flux(self, sed_type: str, suffix: str):
        stored = self._quantity(f"norm{suffix}")
        reference = self._reference(sed_type)
        return Map.from_geom(stored.geom, data=stored.data * reference.value, unit=reference.unit)

    @property
    def npred_background(self):
        """Predicted background counts of the best fit."""
        return self.npred - self.npred_excess

    @property
    def npred_excess_ref(self):
        """Predicted excess counts of the reference model."""
        return self.npred_excess / self._as_excess(self.norm)

    def _as_excess(self, norm):
        """Return a norm map broadcast over the further axes of the excess map."""
        excess = self._data["npred_excess"]
        data = norm.data
        if data.ndim < excess.data.ndim:
            data = np.expand_dims(data, -3)
        return Map.from_geom(excess.geom, data=np.broadcast_to(data, excess.data.shape).copy())

    def _excess(self, suffix):
        return self.npred_excess_ref * self._as_excess(self._quantity(f"norm{suffix}"))

    npred_excess_err = Excess("_err", "Symmetric error of the predicted excess.")
    npred_excess_errn = Excess("_errn", "Negative error of the predicted excess.")
    npred_excess_errp = Excess("_errp", "Positive error of the predicted excess.")
    npred_excess_ul = Excess("_ul", "Upper limit of the predicted excess.")

    # ---------------------------------------------------------------- selections

    copy = opens("geminga.results.selection:copy")
    slice_by_idx = opens("geminga.results.selection:slice_by_idx")
    slice_by_coord = opens("geminga.results.selection:slice_by_coord")
    slice_by_energy = opens("geminga.results.selection:slice_by_energy")
    slice_by_time = opens("geminga.results.selection:slice_by_time")
    iter_by_axis = opens("geminga.results.selection:iter_by_axis")
    get_flux_points = opens("geminga.results.selection:get_flux_points")

    @classmethod
    def from_stack(cls, maps, axis, meta=None):
        """Join along a new or existing axis.

        Parameters
        ----------
        maps : sequence of FluxMaps
            With the same reference model; quantities that not all have are dropped.
        axis : `~geminga.maps.MapAxis`
        meta : dict, optional
            By default that of the first.
        """
        from .selection import stacked

        return stacked(cls, maps, axis, meta)

    # ---------------------------------------------------------------- conversion

    to_maps = opens("geminga.results.conversion:to_maps")

    @classmethod
    def from_maps(cls, maps, sed_type=None, reference_model=None, gti=None, meta=None):
        """Make flux maps from maps of one SED type.

        Parameters
        ----------
        maps : dict of str to `~geminga.maps.Map`
        sed_type : str, optional
            By default guessed from the names.
        reference_model : SkyModel or SpectralModel, optional
            By default a power law of index 2, with a message.
        gti : `~geminga.data.GTI`, optional
        meta : dict, optional

        Raises
        ------
        UnknownNameError
            If the SED type is unknown and cannot be guessed.
        """
        from .conversion import made_from_maps

        return made_from_maps(cls, maps, sed_type, reference_model, gti, meta)

    # ---------------------------------------------------------------- files

    write = opens("geminga.results.io.flux_maps:write_flux_maps")
    to_hdulist = opens("geminga.results.io.flux_maps:flux_maps_to_hdulist")

    @classmethod
    def read(cls, filename, checksum=False):
        """Read flux maps from a FITS file.

        Parameters
        ----------
        filename : path-like
        checksum : bool
            Verify the checksums of the file.
        """
        from .io.flux_maps import read_flux_maps

        return read_flux_maps(cls, filename, checksum)

    @classmethod
    def from_hdulist(cls, hdulist, hdu_bands=None, sed_type=None, checksum=False):
        """Make flux maps from an open FITS file."""
        from .io.flux_maps import flux_maps_from_hdulist

        return flux_maps_from_hdulist(cls, hdulist, hdu_bands, sed_type)

    # ---------------------------------------------------------------- looks

    def __str__(self):
        tags = getattr(self.reference_spectral_model, "tag", ["?"])
        rows = {
            "geom": type(self.geom).__name__,
            "axes": list(self.geom.axes_names),
            "shape": tuple(self.geom.data_shape[::-1]),
            "quantities": self.available_quantities,
            "ref. model": tags if isinstance(tags, str) else tags[-1],
            "n_sigma": self.n_sigma,
            "n_sigma_ul": self.n_sigma_ul,
            "sqrt_ts_threshold_ul": self.sqrt_ts_threshold_ul,
            "sed type init": self.sed_type_init,
        }
        name = type(self).__name__
        lines = [name, "-" * len(name), ""] + [f"  {key:22s} : {value}" for key, value in rows.items()]
        return "\n".join(lines) + "\n"

    def __repr__(self):
        axes = ", ".join(f"{axis.nbin} {axis.name}" for axis in self.geom.axes)
        return f"<{type(self).__name__}: {axes}; {', '.join(self.available_quantities)}>"


for _sed_type in FLUX_TYPES:
    for _suffix in ("", "_err", "_errn", "_errp", "_ul", "_sensitivity"):
        setattr(FluxMaps, f"{_sed_type}{_suffix}", Flux(_sed_type, _suffix))
