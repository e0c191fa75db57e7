"""Map on a region geometry: spectra and other profiles along axes."""

from __future__ import annotations

import numpy as np

from ...doors import drawn_by
from ...errors import AxisMismatchError
from ...files import open_fits, write_fits
from ...numerics.interpolation import ScaledRegularGridInterpolator
from ...units import conversion_factor
from ..allocation import allocate
from ..axes.pixels import interpolate_and_extrapolate
from ..map import Map
from .geom import RegionGeom

__all__ = ["RegionNDMap"]


class RegionNDMap(Map):
    """Values in one region, along axes.

    Parameters
    ----------
    geom : `RegionGeom`
    data : array_like, optional
        Shape `geom.data_shape` or one that can be reshaped to it; by default zeros.
    dtype : dtype
        Type of the zeros.
    meta : dict, optional
    unit : unit-like

    Examples
    --------
    >>> from astropy import units as u
    >>> from geminga.maps import MapAxis
    >>> axis = MapAxis.from_energy_bounds("1 TeV", "100 TeV", nbin=2)
    >>> spectrum = RegionNDMap.create("icrs;circle(83.6, 22, 0.5)", axes=[axis], data=[[[3.0]], [[1.0]]])
    >>> spectrum.get_by_coord({"energy": [2, 20] * u.TeV})
    array([3., 1.])
    """

    def __init__(self, geom, data=None, dtype="float32", meta=None, unit=""):
        if data is None:
            data = allocate(geom.data_shape, dtype)
        super().__init__(geom, data, meta=meta, unit=unit)

    @classmethod
    def create(
        cls, region, axes=None, dtype="float32", meta=None, unit="", wcs=None, binsz_wcs="0.1 deg", data=None
    ) -> RegionNDMap:
        """Make a map.

        Parameters
        ----------
        region : str, `~regions.SkyRegion`, `~astropy.coordinates.SkyCoord`, list of those, or None
        axes : list of `MapAxis`, optional
        dtype : dtype
            Type of the zeros when `data` is not given.
        meta : dict, optional
        unit : unit-like
        wcs : `~astropy.wcs.WCS`, optional
        binsz_wcs : `~astropy.units.Quantity` or str
            Pixel size of the projection around the region.
        data : array_like, optional
        """
        geom = RegionGeom.create(region, axes=axes, wcs=wcs, binsz_wcs=binsz_wcs)
        return cls(geom, data=data, dtype=dtype, meta=meta, unit=unit)

    # ------------------------------------------------------------------ values

    def interp_by_coord(self, coords, method="linear", fill_value=None, values_scale="lin") -> np.ndarray:
        """Interpolate along the axes; the position on the sky does not matter.

        Parameters
        ----------
        coords : tuple, dict or `MapCoord`
            A dictionary may lack the sky position.
        method : {"linear", "nearest"}
        fill_value : float, optional
            Value outside the outer bin centres; by default the map is extrapolated.
        values_scale : {"lin", "log", "sqrt"}
            Scale of the values between which is interpolated.

        Returns
        -------
        ndarray
            Plain numbers in the unit of the map.
        """
        axes = self.geom.axes
        if isinstance(coords, dict) and "skycoord" not in coords and "lon" not in coords:
            return self._interp_along_axes(axes.coord_to_pix(coords), (1,), method, fill_value, values_scale)
        coords = self.geom._as_coords(coords)
        pix = axes.coord_to_pix(coords._matched(axes.names))
        shape = np.broadcast_shapes(coords.lon.shape, coords.lat.shape)
        return self._interp_along_axes(pix, shape, method, fill_value, values_scale)

    def interp_by_pix(self, pix, method="linear", fill_value=None, values_scale="lin") -> np.ndarray:
        """Interpolate along the axes at pixel coordinates; arguments are those of `interp_by_coord`."""
        shape = np.broadcast_shapes(np.shape(pix[0]), np.shape(pix[1]))
        return self._interp_along_axes(pix[2:], shape, method, fill_value, values_scale)

    def _interp_along_axes(self, pix, sky_shape, method, fill_value, values_scale) -> np.ndarray:
        """Interpolate at pixel coordinates along the axes; the result has the shape of these and of the positions."""
        pix = tuple(np.asarray(p, dtype=float) for p in pix)
        shape = np.broadcast_shapes(sky_shape, *(p.shape for p in pix))
        values = np.nan_to_num(np.asarray(self.data[..., 0, 0], dtype=float).T)
        if not pix:
            return np.full(shape, float(values))
        if (
            len(pix) == 1
            and len(values) > 1
            and (method, fill_value, values_scale) == ("linear", None, "lin")
        ):
            result = interpolate_and_extrapolate(pix[0], np.arange(len(values)), values)
        else:
            interpolate = ScaledRegularGridInterpolator(
                tuple(np.arange(n) for n in values.shape),
                values,
                values_scale=values_scale,
                method=method,
                clip=False,
                fill_value=fill_value,
            )
            result = interpolate.evaluate(pix)
        return result if result.shape == shape else np.array(np.broadcast_to(result, shape))

    def get_by_idx(self, idxs) -> np.ndarray:
        """Return the values at indices ``(0, 0, axis0, ...)``; plain numbers in the unit of the map."""
        return super().get_by_idx(idxs)

    def set_by_idx(self, idx, value) -> None:
        """Set the values at indices ``(0, 0, axis0, ...)``; plain numbers are in the unit of the map."""
        super().set_by_idx(idx, value)

    def iter_by_axis_data(self, axis_name):
        """Iterate over the spectra along one axis.

        Yields
        ------
        tuple
            Index of the data array.
        `~astropy.units.Quantity`
            Values at that index.
        """
        dimension = self.geom.axes.index_data(axis_name)
        shape = list(self.geom.data_shape)
        shape[dimension] = 1
        for idx in np.ndindex(*shape):
            idx = list(idx)
            idx[dimension] = slice(None)
            yield tuple(idx), self.quantity[tuple(idx)]

    def stack(self, other, weights=None, nan_to_num=True) -> None:
        """Add another map, in place; the regions may differ, and masks are united.

        Parameters
        ----------
        other : `RegionNDMap`
            With the same axes, in a convertible unit.
        weights : `RegionNDMap`, optional
            `other` is multiplied by these.
        nan_to_num : bool
            Take NaN in `other` as 0.
        """
        if self.geom.axes != other.geom.axes:
            raise AxisMismatchError(
                "maps to stack must have equal axes, got different ones. Resample one of them."
            )
        if self.data.dtype == bool and other.data.dtype == bool:
            data = other.data if weights is None else other.data & (np.asarray(weights.data) > 0)
            self.data = self.data | data
            return
        data = other.data * conversion_factor(other.unit, self.unit, "unit of the other map")
        if weights is not None:
            data = data * weights.data
        if nan_to_num:
            data = np.where(np.isnan(data), 0, data)
        self.data = self.data + data.astype(np.result_type(self.data.dtype, data.dtype))

    # ------------------------------------------------------------------ new maps from this one

    def _axis_to_resize(self, axis_name) -> str:
        return self.geom.axes[0].name if axis_name is None else axis_name

    def downsample(self, factor, preserve_counts=True, axis_name=None, weights=None) -> RegionNDMap:
        """Return the map with `factor` bins of one axis combined to one.

        Parameters
        ----------
        factor : int
        preserve_counts : bool
            Sum the bins; otherwise average them. NaN does not count. Masks are combined by "or".
        axis_name : str, optional
            By default "energy" or the first axis.
        weights : `RegionNDMap`, optional
            The data are multiplied by these first.
        """
        axis_name = self._axis_to_resize(axis_name)
        geom = self.geom.downsample(factor, axis_name)
        dimension = self.geom.axes.index_data(axis_name)
        shape = list(self.data.shape)
        shape[dimension : dimension + 1] = [shape[dimension] // factor, factor]
        data = self._weighted(weights).reshape(shape)
        if self.is_mask:
            data = np.logical_or.reduce(data, axis=dimension + 1)
        else:
            data = (np.nansum if preserve_counts else _mean_without_nan)(data, axis=dimension + 1)
        return self._init_copy(geom=geom, data=data)

    def upsample(self, factor, order=0, preserve_counts=True, axis_name=None) -> RegionNDMap:
        """Return the map with the bins of one axis split into `factor` ones.

        Parameters
        ----------
        factor : int
        order : {0, 1}
            Repeat the values, or interpolate linearly between the bin centres.
        preserve_counts : bool
            Divide by `factor`.
        axis_name : str, optional
            By default "energy" or the first axis.
        """
        axis_name = self._axis_to_resize(axis_name)
        geom = self.geom.upsample(factor, axis_name)
        dimension = self.geom.axes.index_data(axis_name)
        if order == 0:
            data = np.repeat(self.data, factor, axis=dimension)
        else:
            data = self.interp_by_coord(geom.get_coord())
        if self.is_mask:
            data = data.astype(bool)
        elif preserve_counts:
            data = data / factor
        return self._init_copy(geom=geom, data=data)

    def _pad_spatial(self, pad_width, mode="constant", cval=0, method="linear"):
        return self.geom._pad_spatial(pad_width)

    def crop(self, crop_width=None):
        """Not possible: a region is one pixel."""
        return self.geom.crop()

    def cutout(self, *args, **kwargs) -> RegionNDMap:
        """Return the map itself: a region is one pixel."""
        return self

    def to_region_nd_map(self, *args, **kwargs) -> RegionNDMap:
        """Return the map itself."""
        return self

    def get_spectrum(self, *args, **kwargs) -> RegionNDMap:
        """Return the map itself."""
        return self

    # ------------------------------------------------------------------ tables, files

    def to_table(self, format="gadf"):
        """Return the values as a table.

        Parameters
        ----------
        format : {"gadf", "ogip", "ogip-sherpa", "ogip-arf", "ogip-arf-sherpa"}
        """
        from .io.formats import REGION_TABLES

        return REGION_TABLES.write(self, format=format)

    @classmethod
    def from_table(cls, table, format="", colname=None) -> RegionNDMap:
        """Read a map from a table.

        Parameters
        ----------
        table : `~astropy.table.Table`
            ``meta`` holds the header keywords.
        format : {"gadf", "ogip", "ogip-sherpa", "ogip-arf", "ogip-arf-sherpa", "gadf-sed", "lightcurve", "profile"}
        colname : str, optional
            Column with the values.
        """
        from .io.formats import REGION_TABLES

        return REGION_TABLES.read(table, format=format, colname=colname)

    @classmethod
    def read(cls, filename, format="gadf", ogip_column=None, hdu=None, checksum=False) -> RegionNDMap:
        """Read a map from a FITS file.

        Parameters
        ----------
        filename : str or path-like
        format : {"gadf", "ogip", "ogip-sherpa", "ogip-arf", "ogip-arf-sherpa"}
        ogip_column : {"COUNTS", "QUALITY", "BACKSCAL"}, optional
            Column of an OGIP spectrum.
        hdu : str, optional
            HDU with the values.
        checksum : bool
            Verify the checksums in the file, and warn if they fail.
        """
        with open_fits(filename, checksum=checksum, memmap=False) as hdulist:
            return cls.from_hdulist(hdulist, format=format, ogip_column=ogip_column, hdu=hdu)

    @classmethod
    def from_hdulist(cls, hdulist, format="gadf", ogip_column=None, hdu=None, **kwargs) -> RegionNDMap:
        """Read a map from open FITS data; arguments are those of `read`."""
        from .io.formats import REGION_FILES

        return REGION_FILES.read(hdulist, format=format, ogip_column=ogip_column, hdu=hdu)

    def to_hdulist(self, format="gadf", hdu="SKYMAP", hdu_bands=None, hdu_region=None):
        """Return the map as FITS data.

        Parameters
        ----------
        format : {"gadf", "ogip", "ogip-sherpa", "ogip-arf", "ogip-arf-sherpa"}
        hdu : str
            Name of the HDU with the values ("gadf").
        hdu_bands, hdu_region : str, optional
            Names of the HDUs with axes and region; by default ``<hdu>_BANDS`` and ``<hdu>_REGION``.
        """
        from .io.formats import REGION_FILES

        return REGION_FILES.write(self, format=format, hdu=hdu, hdu_bands=hdu_bands, hdu_region=hdu_region)

    def write(self, filename, overwrite=False, format="gadf", hdu="SKYMAP", checksum=False) -> None:
        """Write the map to a FITS file.

        Parameters
        ----------
        filename : str or path-like
        overwrite : bool
            Replace an existing file.
        format, hdu
            See `to_hdulist`.
        checksum : bool
            Add checksums.
        """
        write_fits(self.to_hdulist(format=format, hdu=hdu), filename, overwrite=overwrite, checksum=checksum)

    plot = drawn_by("geminga.visualization.maps:plot_region_map")
    plot_hist = drawn_by("geminga.visualization.maps:plot_region_map_hist")
    plot_interactive = drawn_by("geminga.visualization.maps:plot_region_map_interactive")
    plot_mask = drawn_by("geminga.visualization.maps:plot_region_map_mask")
    plot_region = drawn_by("geminga.visualization.maps:plot_region_of_map")


def _mean_without_nan(data, axis):
    """Return the mean of what is not NaN, NaN where everything is."""
    known = ~np.isnan(data)
    number = known.sum(axis=axis)
    total = np.where(known, data, 0).sum(axis=axis)
    return np.divide(total, number, out=np.full(total.shape, np.nan), where=number > 0)
