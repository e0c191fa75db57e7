"""Maps carried over to another geometry: interpolated, reprojected, resampled."""

from __future__ import annotations

import numpy as np

from ..errors import AxisMismatchError, GeometryError, UnitError
from .averaging import mean_over_pixels, refinement
from .axes import MapAxis

__all__ = ["Regridding"]


class Regridding:
    """Mix-in: a map on another geometry."""

    def interp_to_geom(self, geom, preserve_counts=False, fill_value=0, **kwargs):
        """Return the map interpolated at the bin centres of another geometry.

        Parameters
        ----------
        geom : `~geminga.maps.Geom`
            Must have the axes of this map; values along further axes are repeated.
        preserve_counts : bool
            Interpolate the density, and multiply by the new bin volumes: for counts. Otherwise interpolate the values.
        fill_value : float or None
            Value outside the map; None extrapolates.
        **kwargs
            Keyword arguments of `interp_by_coord`.

        Returns
        -------
        `Map`
        """
        source = self
        if preserve_counts:
            with np.errstate(divide="ignore", invalid="ignore"):
                volume = _volume(self.geom)
                source = self._init_copy(data=np.nan_to_num(self.data / volume, posinf=0.0, neginf=0.0))
        elif self.is_mask:
            source = self._init_copy(data=self.data.astype(float))
        coords = geom.get_coord()
        data = source.interp_by_coord(coords, fill_value=fill_value, **kwargs)
        data = np.broadcast_to(data, geom.data_shape)
        if preserve_counts:
            data = data * _volume(geom)
        elif self.is_mask:
            data = data > 0.5 if kwargs.get("method") != "nearest" else data.astype(bool)
        return _map_on(geom, np.array(data), self)

    def reproject_to_geom(self, geom, preserve_counts=False, precision_factor=10):
        """Return the map on another geometry, averaged over its pixels.

        The map is taken at the nearest pixel at points within each new pixel, and averaged over them. Points outside
        of the map do not count; pixels without any point inside are 0.

        Parameters
        ----------
        geom : `~geminga.maps.WcsGeom`, `~geminga.maps.RegionGeom` or `~geminga.maps.HpxGeom`
            With the axes of this map, or without axes.
        preserve_counts : bool
            Conserve the sum of the values instead of their mean: densities are averaged, and multiplied by the
            solid angles of the new pixels.
        precision_factor : int
            Number of points along one pixel of the map or of the new geometry, whichever is smaller.
        """
        if geom.is_image:
            geom = geom.to_cube(self.geom.axes)
        elif geom.axes.names != self.geom.axes.names:
            raise AxisMismatchError(
                f"geom must have the axes {self.geom.axes.names} of the map, got {geom.axes.names}. Reorder or drop."
            )
        if self.geom.is_image or geom.axes == self.geom.axes:
            same_axes = self
        else:
            same_axes = self.interp_to_geom(
                self.geom.to_image().to_cube(geom.axes), preserve_counts=preserve_counts, fill_value=None
            )
        image = geom.to_image()
        if geom.is_region:
            func = np.nansum if preserve_counts else np.nanmean
            reduced = same_axes.to_region_nd_map(geom.region, func=func)
            return _map_on(geom, reduced.data, self)
        data = same_axes.reproject_by_image(image, preserve_counts, precision_factor).data
        return _map_on(geom, data, self)

    def reproject_by_image(self, geom, preserve_counts=False, precision_factor=10):
        """Return the map on another image geometry, plane by plane; parameters are those of `reproject_to_geom`."""
        if not geom.is_image:
            raise GeometryError(f"geom must be without axes, got {geom.axes.names}. Use geom.to_image().")
        image = self.geom.to_image()
        factor = refinement(image, geom, precision_factor)
        data = self.data.reshape(-1, *image.data_shape)
        data = data.astype(np.result_type(data.dtype, "float32"))
        if preserve_counts:
            data = data / _volume(image)
        planes = MapAxis(np.arange(len(data) + 1) - 0.5, name="plane")
        source = self._init_copy(geom=image.to_cube([planes]), data=data, unit=self.unit)
        mean = mean_over_pixels(source, geom, factor, preserve_counts)
        if preserve_counts:
            mean = mean * _volume(geom)
        target = geom.to_cube(self.geom.axes)
        mean = mean.astype(np.result_type(self.data.dtype, "float32"))
        return _map_on(target, mean.reshape(target.data_shape), self)

    def resample(self, geom, weights=None, preserve_counts=True, smooth=False):
        """Return the map filled into another geometry, each bin into the one that contains its centre.

        Parameters
        ----------
        geom : `~geminga.maps.Geom`
        weights : `Map`, optional
            The data are multiplied by these first.
        preserve_counts : bool
            Conserve the sum of the values; otherwise give the mean of the bins that fall together.
        smooth : bool
            Even out the pattern that arises when some new pixels contain the centres of more old pixels than others:
            bins get the mean of what fell into them, scaled so that the sum of each image is conserved.
        """
        idx = geom.coord_to_idx(self.geom.get_coord())
        data = self._weighted(weights)
        resampled = _map_on(geom, None, self, dtype=data.dtype if data.dtype != bool else "float32")
        resampled.fill_by_idx(*resampled._at_valid(idx, data))
        if preserve_counts and not smooth:
            return resampled
        numbers = _map_on(geom, None, self, dtype="float64")
        numbers.fill_by_idx(*numbers._at_valid(idx, None))
        filled = numbers.data > 0
        mean = np.divide(resampled.data, numbers.data, out=np.zeros(filled.shape), where=filled)
        if preserve_counts:
            spatial = tuple(range(len(geom.axes), mean.ndim))
            total = mean.sum(axis=spatial, keepdims=True)
            before = resampled.data.sum(axis=spatial, keepdims=True)
            scale = np.divide(before, total, out=np.ones(total.shape), where=total != 0)
            mean = mean * scale
        return resampled._init_copy(data=mean.astype(np.result_type(resampled.data.dtype, "float32")))

    def coadd(self, map_in, weights=None) -> None:
        """Add another map, in place, each bin into the one that contains its centre.

        Parameters
        ----------
        map_in : `Map`
            On any geometry; in a convertible unit.
        weights : `Map`, optional
            `map_in` is multiplied by these first.
        """
        if not self.unit.is_equivalent(map_in.unit):
            raise UnitError(
                f"map_in must have a unit convertible to {str(self.unit)!r}, got {str(map_in.unit)!r}."
            )
        data = map_in._weighted(weights)
        coords = map_in.geom.get_coord()
        self.fill_by_coord(coords, weights=np.where(np.isfinite(data), data, 0) << map_in.unit)


def _map_on(geom, data, like, dtype="float32"):
    """Return a map on a geometry with unit and meta of another."""
    from .map import Map

    return Map.from_geom(geom, data=data, unit=like.unit, meta=dict(like.meta or {}), dtype=dtype)


def _volume(geom) -> np.ndarray:
    """Return bin volumes as plain numbers in sr times the units of the axes."""
    return geom.bin_volume().value
