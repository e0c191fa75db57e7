"""The base of response maps: a response that depends on the position, and the exposure that weighs it."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ..doors import opens
from ..errors import AxisMismatchError, DataError, GeometryError
from ..files import make_path, write_fits
from ..maps import Map, RegionNDMap, WcsGeom
from .description import Described
from .io.formats import IRF_MAP_FORMATS
from .map_position import nearest_pixel

__all__ = ["IRFMap", "all_sky_image", "map_on"]


def all_sky_image() -> WcsGeom:
    """Return an image of two pixels that cover the sky, for responses that are the same everywhere."""
    return WcsGeom.create(npix=(2, 1), proj="CAR", binsz=180)


def map_on(geom, axes, unit="", data=None, dtype=float) -> Map:
    """Return a map on the image of a geometry (all sky by default) with the given axes."""
    image = all_sky_image() if geom is None else geom.to_image()
    return Map.from_geom(image.to_cube(list(axes)), data=data, unit=unit, dtype=dtype)


class IRFMap(Described):
    """Response that depends on the position on the sky.

    Parameters
    ----------
    irf_map : `~geminga.maps.Map`
        Response, with the axes of `required_axes`.
    exposure_map : `~geminga.maps.Map`, optional
        Exposure, with the same axes, the first of them with one bin. Without it, the map cannot be stacked.

    Raises
    ------
    AxisMismatchError
        If the axes do not fit.
    """

    tag = "irf_map"
    required_axes: list[str] | None = None
    default_unit = u.one
    _hdu_name = "IRF"

    def __init__(self, irf_map, exposure_map=None):
        self._irf_map = self._checked(irf_map)
        self.exposure_map = exposure_map

    def _checked(self, irf_map):
        names = list(irf_map.geom.axes.names)
        if self.required_axes is not None and names != list(self.required_axes):
            raise AxisMismatchError(
                f"axes of {type(self).__name__} must be {list(self.required_axes)} in this order, got {names}. "
                "Reorder or rename the axes."
            )
        return irf_map

    @property
    def exposure_map(self):
        """Exposure, with one bin along the first axis; or None."""
        return self._exposure_map

    @exposure_map.setter
    def exposure_map(self, exposure):
        if exposure is not None and exposure.data.shape != self._exposure_shape():
            raise AxisMismatchError(
                f"exposure of {type(self).__name__} must have the shape {self._exposure_shape()}, "
                f"got {exposure.data.shape}. Squash the first axis of the response."
            )
        self._exposure_map = exposure

    def _exposure_shape(self) -> tuple[int, ...]:
        geom = self._irf_map.geom
        shape = list(self._irf_map.data.shape)
        shape[geom.axes.index_data(geom.axes[0].name)] = 1
        return tuple(shape)

    @classmethod
    def _empty_exposure(cls, geom, data=None):
        return Map.from_geom(geom.squash(geom.axes[0].name), unit="m2 s", data=data, dtype=float)

    @classmethod
    def _of(cls, irf_map, exposure=1.0):
        """Return a response with the same exposure everywhere."""
        return cls(irf_map, cls._empty_exposure(irf_map.geom, data=exposure))

    @classmethod
    def from_geom(cls, geom):
        """Create a response of zeros, without exposure.

        Parameters
        ----------
        geom : `~geminga.maps.Geom`
            With the axes of `required_axes`.
        """
        exposure = Map.from_geom(geom.squash(geom.axes[0].name), unit="m2 s")
        return cls(Map.from_geom(geom, unit=cls.default_unit), exposure)

    # ------------------------------------------------------------------ position

    @property
    def has_single_spatial_bin(self) -> bool:
        """Whether the response is the same everywhere."""
        geom = self._irf_map.geom
        return geom.is_region or int(np.prod(geom.to_image().data_shape)) == 1

    @property
    def mask_safe_image(self) -> Map:
        """Image that is True where there is exposure at any energy."""
        geom = self._irf_map.geom
        image = geom.to_image()
        if self.exposure_map is None:
            return Map.from_geom(image, data=np.ones(image.data_shape, dtype=bool))
        n_axes = len(geom.axes.names)
        return Map.from_geom(image, data=(self.exposure_map.data > 0).any(axis=tuple(range(n_axes))))

    def _at(self, position) -> np.ndarray:
        """Return the values at a position: of its pixel, or of the nearest pixel with exposure."""
        return self._irf_map.data[(..., *nearest_pixel(self, position))]

    # ------------------------------------------------------------------ stacking

    stack = opens("geminga.irf.map_stacking:stack")

    # ------------------------------------------------------------------ other maps made from this one

    def copy(self):
        """Return a copy that shares nothing with this map."""
        exposure = None if self.exposure_map is None else self.exposure_map.copy()
        return type(self)(self._irf_map.copy(), exposure)

    def _normalize_first_axis(self, widths, unit) -> None:
        """Divide by the sum over the first axis, weighted with the widths of its bins, in place; 0 stays 0."""
        response = self._irf_map
        data = np.asarray(response.data, dtype=float)
        along = response.geom.axes.index_data(response.geom.axes[0].name)
        planes = data.reshape(*data.shape[: along + 1], -1)
        total = (widths @ planes).reshape(*data.shape[:along], 1, *data.shape[along + 1 :])
        data = np.divide(data, total, out=np.zeros_like(data), where=total > 0)
        self._irf_map = response._init_copy(data=data, unit=unit)

    def _weights(self) -> np.ndarray:
        """Return the exposure; 1 everywhere without one."""
        if self.exposure_map is None:
            return np.ones(self._exposure_shape())
        return np.asarray(self.exposure_map.data, dtype=float)

    def cutout(self, position, width, mode="trim", min_npix=3):
        """Return the part around a position.

        Parameters
        ----------
        position : `~astropy.coordinates.SkyCoord`
        width : `~astropy.units.Quantity`, str or pair of those
        mode : {"trim", "partial", "strict"}
        min_npix : int
            Least number of pixels in each direction.
        """
        if self._irf_map.geom.is_region:
            return self.copy()
        kwargs = {"position": position, "width": width, "mode": mode, "min_npix": min_npix}
        exposure = None if self.exposure_map is None else self.exposure_map.cutout(**kwargs)
        return type(self)(self._irf_map.cutout(**kwargs), exposure)

    def slice_by_idx(self, slices):
        """Return the response on a part of its axes.

        Parameters
        ----------
        slices : dict of slice
            Slices by axis name. The first axis of the exposure has one bin and is not cut.
        """
        first = self._irf_map.geom.axes[0].name
        exposure = None
        if self.exposure_map is not None:
            rest = {name: item for name, item in slices.items() if name != first}
            exposure = self.exposure_map.slice_by_idx(rest) if rest else self.exposure_map.copy()
            if first in slices:
                exposure = exposure._init_copy(
                    geom=self._irf_map.geom.slice_by_idx(slices).squash(first), data=exposure.data
                )
        return type(self)(self._irf_map.slice_by_idx(slices), exposure)

    def downsample(self, factor, axis_name=None, weights=None):
        """Return the response with larger pixels, or wider bins of one axis.

        Bins of reconstructed energy are summed; everything else is the mean, weighted with the exposure.

        Parameters
        ----------
        factor : int
        axis_name : str, optional
            By default the pixels on the sky.
        weights : `~geminga.maps.Map`, optional
            More weights, for example a mask.
        """
        response = self._irf_map
        first = response.geom.axes[0].name
        if axis_name == "energy" and first == "energy":
            summed = response.downsample(factor, preserve_counts=True, axis_name="energy", weights=weights)
            exposure = self.exposure_map
            if exposure is not None:
                exposure = exposure._init_copy(geom=summed.geom.squash("energy"), data=exposure.data.copy())
            return type(self)(summed, exposure)
        kwargs = {"factor": factor, "preserve_counts": False, "axis_name": axis_name}
        weight = self._weights()
        if weights is not None:
            weight = weight * weights.data
        if axis_name == first:
            mean = response.downsample(**kwargs)
            exposure = self.exposure_map
            if exposure is not None:
                exposure = exposure._init_copy(geom=mean.geom.squash(first), data=exposure.data.copy())
            return type(self)(mean, exposure)
        one = Map.from_geom(response.geom.squash(first), data=weight, dtype=float)
        total = one.downsample(**kwargs)
        weighted = response._init_copy(data=response.data * weight).downsample(**kwargs)
        data = np.where(total.data > 0, weighted.data / np.where(total.data > 0, total.data, 1.0), 0.0)
        exposure = None if self.exposure_map is None else self.exposure_map.downsample(**kwargs)
        return type(self)(response._init_copy(geom=weighted.geom, data=data), exposure)

    def to_region_nd_map(self, region):
        """Return the response in a region: the mean of its pixels, weighted with the exposure.

        A point, or a region without the centre of a pixel, takes the nearest pixel with exposure.

        Parameters
        ----------
        region : str, `~regions.SkyRegion` or `~astropy.coordinates.SkyCoord`
        """
        response = self._irf_map
        if response.geom.is_region:
            return self.copy()
        geom = RegionNDMap.create(region, axes=response.geom.axes).geom
        weight = self._weights()
        inside = self._pixels_in(geom)
        if inside is None:
            idx = nearest_pixel(self, geom.center_skydir)
            data, exposure = response.data[(..., *idx)], weight[(..., *idx)]
        else:
            values, weights = response.data[..., inside], weight[..., inside]
            total = weights.sum(axis=-1)
            mean = (values * weights).sum(axis=-1) / np.where(total > 0, total, 1.0)
            data = np.where(total > 0, mean, values.mean(axis=-1))
            exposure = weights.mean(axis=-1)
        region_map = RegionNDMap(geom, data=data.reshape(geom.data_shape), unit=response.unit)
        if self.exposure_map is None:
            return type(self)(region_map)
        one = geom.squash(geom.axes[0].name)
        return type(self)(
            region_map, RegionNDMap(one, data=exposure.reshape(one.data_shape), unit=self.exposure_map.unit)
        )

    def _pixels_in(self, region_geom):
        """Return the mask of pixels whose centres are in a region; None if there are none."""
        if region_geom.region is None or region_geom.is_all_point_sky_regions:
            return None
        image = self._irf_map.geom.to_image()
        try:
            mask = image.region_mask([region_geom.region]).data
        except GeometryError:
            return None
        mask = np.asarray(mask, dtype=bool).reshape(image.data_shape)
        return mask if mask.any() else None

    # ------------------------------------------------------------------ files

    @classmethod
    def read(cls, filename, format="gadf", hdu=None, checksum=False):
        """Read from a FITS file.

        Parameters
        ----------
        filename : str or path-like
        format : {"gadf", "gtpsf"}
            The latter is the table of a Fermi point spread function.
        hdu : str, optional
            HDU of the response.
        checksum : bool
            Check the sums in the headers.

        Returns
        -------
        `IRFMap`
            Of the class that fits the axes in the file.
        """
        return IRF_MAP_FORMATS.read(make_path(filename), format, cls=cls, hdu=hdu, checksum=checksum)

    @classmethod
    def from_hdulist(
        cls, hdulist, hdu=None, hdu_bands=None, exposure_hdu=None, exposure_hdu_bands=None, format="gadf"
    ):
        """Create from an open FITS file.

        Parameters
        ----------
        hdulist : `~astropy.io.fits.HDUList`
        hdu, hdu_bands, exposure_hdu, exposure_hdu_bands : str, optional
            HDUs of the response and the exposure and of their axes.
        format : {"gadf", "gtpsf"}
        """
        return IRF_MAP_FORMATS.read(
            hdulist,
            format,
            cls=cls,
            hdu=hdu,
            hdu_bands=hdu_bands,
            exposure_hdu=exposure_hdu,
            exposure_hdu_bands=exposure_hdu_bands,
        )

    def to_hdulist(self, format="gadf"):
        """Return a `~astropy.io.fits.HDUList` of the response and the exposure."""
        return IRF_MAP_FORMATS.write(self, format=format)

    def write(self, filename, overwrite=False, format="gadf", checksum=False):
        """Write to a FITS file.

        Parameters
        ----------
        filename : str or path-like
        overwrite : bool
            Replace an existing file.
        format : {"gadf", "gtpsf"}
        checksum : bool
            Add checksums to the headers.
        """
        write_fits(self.to_hdulist(format=format), filename, overwrite=overwrite, checksum=checksum)

    # ------------------------------------------------------------------ text

    def _require_exposure(self, what):
        if self.exposure_map is None:
            raise DataError(f"{type(self).__name__} must have an exposure map {what}. Set exposure_map.")

    def _facts(self) -> dict[str, str]:
        geom = self._irf_map.geom
        return {
            "geom": type(geom).__name__,
            "axes": ", ".join(geom.axes_names),
            "shape": str(tuple(int(n) for n in self._irf_map.data.shape[::-1])),
            "unit": self._irf_map.unit.to_string() or "dimensionless",
            "exposure": "none" if self.exposure_map is None else self.exposure_map.unit.to_string(),
        }
