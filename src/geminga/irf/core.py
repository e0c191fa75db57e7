"""The base of instrument responses: values on a grid of axes."""

from __future__ import annotations

import copy

import numpy as np
from astropy import units as u

from ..doors import opens
from ..errors import AxisMismatchError, UnitError, UnknownNameError
from ..files import make_path, write_fits
from ..maps import MapAxes
from ..units import conversion_factor, to_quantity
from .alignment import FoVAlignment
from .description import Described
from .evaluation import interpolated_values, plain_coordinates
from .io.formats import IRF_FORMATS

__all__ = ["IRF"]


class IRF(Described):
    """Instrument response on a grid of axes.

    Values are interpolated linearly between bin centres in the scale of each axis (energies logarithmic, the others
    linear), extrapolated inside the outermost half bins, 0 beyond the outer bin edges, and never negative.

    Parameters
    ----------
    axes : list of `~geminga.maps.MapAxis` or `~geminga.maps.MapAxes`
        Axes in the order of `required_axes`.
    data : array_like or `~astropy.units.Quantity`, shape of the axes
        Values; a scalar fills the grid.
    unit : unit-like
        Unit of plain `data`. Without it, the class's own unit (`default_unit`).
    is_pointlike : bool
        The response is for events inside a cut around the source.
    fov_alignment : `FoVAlignment` or str
    meta : dict, optional
        Header keywords.
    interp_kwargs : dict, optional
        Keys "values_scale" ("lin", "log", "sqrt"), "fill_value" (value beyond the edges; None extrapolates on),
        "method" and "bounds_error".

    Raises
    ------
    AxisMismatchError
        If names or order of the axes, or the shape of the data, do not fit.
    UnitError
        If the unit does not fit the class.
    """

    tag: str | None = None
    required_axes: list[str] | None = None
    default_unit = u.one
    default_interp_kwargs: dict = {"bounds_error": False, "fill_value": 0.0}
    is_pointlike = False

    def __init__(
        self,
        axes,
        data=0,
        unit="",
        is_pointlike=False,
        fov_alignment=FoVAlignment.RADEC,
        meta=None,
        interp_kwargs=None,
    ):
        self._axes = axes if isinstance(axes, MapAxes) else MapAxes(list(axes))
        self._check_axes()
        self.fov_alignment = fov_alignment
        self.is_pointlike = bool(is_pointlike)
        self.meta = dict(meta or {})
        self.interp_kwargs = dict(self.default_interp_kwargs if interp_kwargs is None else interp_kwargs)
        self._set_data_and_unit(data, unit)

    def _check_axes(self):
        if self.required_axes is not None and list(self._axes.names) != list(self.required_axes):
            raise AxisMismatchError(
                f"axes of {type(self).__name__} must be {list(self.required_axes)} in this order, "
                f"got {list(self._axes.names)}. Rename or reorder the axes."
            )

    def _set_data_and_unit(self, data, unit):
        if isinstance(data, u.Quantity):
            unit, data = data.unit, data.value
        unit = u.Unit(unit)
        if unit == u.one:
            unit = u.Unit(self.default_unit)
        elif not unit.is_equivalent(self.default_unit) and self.required_axes is not None:
            raise UnitError(
                f"unit of {type(self).__name__} must be convertible to {u.Unit(self.default_unit).to_string()!r}, "
                f"got {unit.to_string()!r}. Give data in that unit."
            )
        self._unit = unit
        self.data = data

    # ------------------------------------------------------------------ attributes

    @property
    def axes(self) -> MapAxes:
        """Axes, in the order of the data."""
        return self._axes

    @property
    def data(self) -> np.ndarray:
        """Values without unit, shape of the axes."""
        return self._data

    @data.setter
    def data(self, values):
        if isinstance(values, u.Quantity):
            raise UnitError("data must be plain numbers, got a quantity. Set `quantity` instead.")
        values = np.asarray(values)
        if values.dtype.kind in "iub":
            values = values.astype(float)
        elif not values.dtype.isnative:
            values = values.astype(values.dtype.newbyteorder("="))
        shape = tuple(self._axes.shape)
        if values.shape == ():
            values = np.full(shape, values)
        if values.shape != shape:
            raise AxisMismatchError(
                f"data of {type(self).__name__} must have the shape of the axes {shape}, got {values.shape}. "
                f"The axes are {list(self._axes.names)}."
            )
        self._data = values

    @property
    def unit(self) -> u.UnitBase:
        """Unit of the data."""
        return self._unit

    @property
    def quantity(self) -> u.Quantity:
        """Values with unit."""
        return u.Quantity(self._data, self._unit, copy=None)

    @quantity.setter
    def quantity(self, values):
        values = to_quantity(values, name="quantity")
        self.data = values.value
        self._unit = values.unit

    @property
    def fov_alignment(self) -> FoVAlignment:
        """Alignment of the field-of-view coordinates."""
        return self._fov_alignment

    @fov_alignment.setter
    def fov_alignment(self, value):
        try:
            self._fov_alignment = FoVAlignment(value)
        except ValueError:
            raise UnknownNameError("FoV alignment", value, [item.value for item in FoVAlignment]) from None

    @property
    def required_arguments(self) -> list[str]:
        """Names of the coordinates that `evaluate` takes."""
        return list(self._axes.names)

    @property
    def has_offset_axis(self) -> bool:
        """Whether one of the axes is the offset from the pointing."""
        return "offset" in self._axes.names

    # ------------------------------------------------------------------ evaluation

    def evaluate(self, method=None, **kwargs) -> u.Quantity:
        """Interpolate the response.

        Parameters
        ----------
        method : {"linear", "nearest"}, optional
            Interpolation between bin centres.
        **kwargs : `~astropy.units.Quantity` or str
            Coordinates by axis name, broadcast against each other. Axes not named are taken at their bin centres,
            along a dimension of their own.

        Returns
        -------
        `~astropy.units.Quantity`
            In the unit of the response.

        Raises
        ------
        UnknownNameError
            If a coordinate is no axis of the response.

        Examples
        --------
        >>> from geminga.irf import EffectiveAreaTable2D
        >>> aeff = EffectiveAreaTable2D.from_parametrization(instrument="HESS")
        >>> aeff.evaluate(energy_true="1 TeV", offset="0.5 deg").to("m2").round()
        <Quantity 121257. m2>
        """
        values = self.evaluate_values(plain_coordinates(self, kwargs), method=method)
        return u.Quantity(values, self._unit, copy=None)

    def evaluate_values(self, coordinates, method=None) -> np.ndarray:
        """Interpolate plain coordinates, given in the units and the order of the axes; plain result.

        The inner part of `evaluate`, for callers that have no use for quantities.
        """
        return interpolated_values(self, coordinates, method=method)

    # ------------------------------------------------------------------ sums along an axis

    cumsum = opens("geminga.irf.integrals:cumsum")
    integral = opens("geminga.irf.integrals:integral")
    integrate_log_log = opens("geminga.irf.integrals:integrate_log_log")
    normalize = opens("geminga.irf.integrals:normalize")
    interp_missing_data = opens("geminga.irf.missing_data:interp_missing_data")

    # ------------------------------------------------------------------ other responses made from this one

    def _with(self, axes=None, data=None, unit=None):
        """Return a copy with other axes, data or unit, everything else kept."""
        other = copy.copy(self)
        other.meta = copy.deepcopy(self.meta)
        other.interp_kwargs = dict(self.interp_kwargs)
        if axes is not None:
            other._axes = axes if isinstance(axes, MapAxes) else MapAxes(list(axes))
        if unit is not None:
            other._unit = u.Unit(unit)
        other.data = self._data.copy() if data is None else data
        return other

    def copy(self):
        """Return a copy that shares nothing with this response."""
        return self._with()

    def slice_by_idx(self, slices):
        """Return the response on a part of its axes.

        Parameters
        ----------
        slices : dict of slice
            Slices by axis name.
        """
        for name, item in slices.items():
            if name not in self._axes.names:
                raise UnknownNameError(f"axis of {type(self).__name__}", name, self._axes.names)
            if not isinstance(item, slice):
                raise AxisMismatchError(
                    f"slice of axis {name!r} must be a slice, got {item!r}. Use slice(i, i + 1) to keep the axis."
                )
        axes = [axis.slice(slices.get(axis.name, slice(None))) for axis in self._axes]
        part = tuple(slices.get(name, slice(None)) for name in self._axes.names)
        return self._with(axes, self._data[part].copy())

    def pad(self, pad_width, axis_name, **kwargs):
        """Return the response with more bins at the ends of an axis.

        Parameters
        ----------
        pad_width : int or tuple of int
            Number of bins before and after.
        axis_name : str
        **kwargs : dict
            Passed to `numpy.pad`: ``mode="edge"``, for example; zeros by default.
        """
        width = (pad_width, pad_width) if np.isscalar(pad_width) else tuple(pad_width)
        axes = [axis.pad(width) if axis.name == axis_name else axis for axis in self._axes]
        widths = [(0, 0)] * len(axes)
        widths[self._axes.index(axis_name)] = width
        kwargs = {"mode": "constant", **kwargs}
        if self._data.dtype.names is None:
            return self._with(axes, np.pad(self._data, widths, **kwargs))
        fields = {name: np.pad(self._data[name], widths, **kwargs) for name in self._data.dtype.names}
        data = np.empty(next(iter(fields.values())).shape, dtype=self._data.dtype)
        for name, values in fields.items():
            data[name] = values
        return self._with(axes, data)

    def to_unit(self, unit):
        """Return the response in another unit.

        Examples
        --------
        >>> from geminga.irf import EffectiveAreaTable2D
        >>> EffectiveAreaTable2D.from_parametrization().to_unit("m2").unit
        Unit("m2")
        """
        factor = conversion_factor(self._unit, unit, "unit of the response")
        return self._with(data=self._data * factor, unit=unit)

    def is_allclose(self, other, rtol_axes=1e-3, atol_axes=1e-6, **kwargs) -> bool:
        """Return whether another response has the same axes and values.

        Parameters
        ----------
        other : `IRF`
        rtol_axes, atol_axes : float
            Tolerances of the axes.
        **kwargs : dict
            Tolerances of the values, passed to `numpy.allclose`.

        Raises
        ------
        TypeError
            If `other` is no response of the same class.
        """
        self._check_same_class(other)
        if self._data.shape != other._data.shape or not self._unit.is_equivalent(other.unit):
            return False
        if not self._axes.is_allclose(other.axes, rtol=rtol_axes, atol=atol_axes):
            return False
        return bool(np.allclose(self._data, other.quantity.to_value(self._unit), **kwargs))

    def _check_same_class(self, other):
        if not isinstance(other, type(self)):
            raise TypeError(
                f"other must be a {type(self).__name__}, got {type(other).__name__}. Compare responses of one kind."
            )

    # ------------------------------------------------------------------ files

    @classmethod
    def read(cls, filename, hdu=None, format="gadf-dl3"):
        """Read from a FITS file.

        Parameters
        ----------
        filename : str or path-like
        hdu : str or int, optional
            Name or number of the HDU. By default the first that holds this kind of response.
        format : str

        Raises
        ------
        FormatError
            If the file, the HDU or a column is missing or damaged; the message names them.
        """
        return IRF_FORMATS.read(make_path(filename), format, cls=cls, hdu=hdu)

    @classmethod
    def from_hdulist(cls, hdulist, hdu=None, format="gadf-dl3"):
        """Create from an open FITS file; parameters as in `read`."""
        return IRF_FORMATS.read(hdulist, format, cls=cls, hdu=hdu)

    @classmethod
    def from_table(cls, table, format="gadf-dl3"):
        """Create from a one-row table."""
        return IRF_FORMATS.read(table, format, cls=cls)

    def to_table(self, format="gadf-dl3"):
        """Return a one-row `~astropy.table.Table`."""
        return IRF_FORMATS.write(self, "table", format=format)

    def to_table_hdu(self, format="gadf-dl3"):
        """Return a `~astropy.io.fits.BinTableHDU`."""
        return IRF_FORMATS.write(self, "hdu", format=format)

    def to_hdulist(self, format="gadf-dl3"):
        """Return a `~astropy.io.fits.HDUList` with an empty primary HDU and the table."""
        return IRF_FORMATS.write(self, "hdulist", format=format)

    def write(self, filename, overwrite=False, format="gadf-dl3", checksum=False):
        """Write to a FITS file.

        Parameters
        ----------
        filename : str or path-like
        overwrite : bool
            Replace an existing file.
        format : str
        checksum : bool
            Add checksums to the headers.
        """
        write_fits(self.to_hdulist(format=format), filename, overwrite=overwrite, checksum=checksum)

    # ------------------------------------------------------------------ text

    def _facts(self) -> dict[str, str]:
        return {
            "axes": ", ".join(self._axes.names),
            "shape": str(tuple(self._axes.shape)),
            "point-like": "yes" if self.is_pointlike else "no",
            **self._facts_of_data(),
        }

    def _facts_of_data(self) -> dict[str, str]:
        return {"unit": self._unit.to_string() or "dimensionless", "dtype": str(self._data.dtype)}
