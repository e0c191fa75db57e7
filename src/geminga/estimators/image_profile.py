"""Profiles across images: sums or means of pixels along one coordinate."""

from __future__ import annotations

import numpy as np
from astropy import units as u
from astropy.coordinates import Angle
from astropy.table import Column, Table

from ..doors import drawn_by
from ..errors import DataError, GeometryError, UnknownNameError
from ..units import to_quantity
from .core import ESTIMATOR_REGISTRY, Estimator

__all__ = ["ImageProfile", "ImageProfileEstimator"]


class ImageProfile:
    """A profile as a table.

    Parameters
    ----------
    table : `~astropy.table.Table`
        Columns x_min, x_max, x_ref, profile and, optionally, profile_err.
    """

    plot = drawn_by("geminga.visualization.image_profile:plot_image_profile")
    plot_err = drawn_by("geminga.visualization.image_profile:plot_image_profile_error")
    peek = drawn_by("geminga.visualization.image_profile:peek_image_profile")

    def __init__(self, table):
        self.table = table

    def _quantity(self, name):
        if name not in self.table.colnames:
            raise DataError(
                f"table must have the column {name!r}, got {self.table.colnames}. Give the estimator image_err."
            )
        return self.table[name].quantity

    @property
    def x_min(self):
        """Beginnings of the bins."""
        return self._quantity("x_min")

    @property
    def x_max(self):
        """Ends of the bins."""
        return self._quantity("x_max")

    @property
    def x_ref(self):
        """Centres of the bins."""
        return self._quantity("x_ref")

    @property
    def profile(self):
        """Values of the profile."""
        return self._quantity("profile")

    @property
    def profile_err(self):
        """Errors of the profile."""
        return self._quantity("profile_err")

    def _changed(self, **columns):
        table = self.table.copy()
        for name, values in columns.items():
            table[name] = u.Quantity(values, table[name].unit) if table[name].unit else values
        return ImageProfile(table)

    def normalize(self, mode="peak"):
        """Return the profile divided by its highest value, or by its sum.

        Parameters
        ----------
        mode : {"peak", "integral"}
        """
        if mode not in ("peak", "integral"):
            raise UnknownNameError("mode of normalisation", mode, ("peak", "integral"))
        values = np.asarray(self.table["profile"], dtype=float)
        norm = np.nanmax(values) if mode == "peak" else np.nansum(values)
        names = [name for name in ("profile", "profile_err") if name in self.table.colnames]
        table = self.table.copy()
        for name in names:
            table[name] = Column(np.asarray(table[name], dtype=float) / norm, name=name)
        return ImageProfile(table)

    def smooth(self, kernel="box", radius="0.1 deg"):
        """Return the profile smoothed; its errors are those of the weighted means, taken as independent.

        Parameters
        ----------
        kernel : {"box", "gauss"}
        radius : `~astropy.units.Quantity`, str or float
            Half width of the box, or standard deviation of the Gaussian; plain numbers are bins.

        Notes
        -----
        At its ends the profile goes on mirrored.
        """
        from scipy.ndimage import correlate1d

        if kernel not in ("box", "gauss"):
            raise UnknownNameError("kernel", kernel, ("box", "gauss"))
        step = abs((self.x_max - self.x_min)[0])
        bins = float(radius) if isinstance(radius, (int, float)) else (Angle(radius) / step).to_value("")
        if kernel == "box":
            # bins that the box reaches in part have a part of the weight, so that the profile stays where it is
            half = int(np.ceil(bins))
            weights = np.clip(bins + 0.5 - np.abs(np.arange(-half, half + 1)), 0, 1)
        else:
            half = int(np.ceil(5 * bins))
            weights = np.exp(-0.5 * (np.arange(-half, half + 1) / max(bins, 1e-9)) ** 2)
        weights /= weights.sum()
        columns = {"profile": correlate1d(np.asarray(self.table["profile"], dtype=float), weights)}
        if "profile_err" in self.table.colnames:
            variance = np.asarray(self.table["profile_err"], dtype=float) ** 2
            columns["profile_err"] = np.sqrt(correlate1d(variance, weights**2))
        return self._changed(**columns)


@ESTIMATOR_REGISTRY.register
class ImageProfileEstimator(Estimator):
    """Estimate the profile of an image along longitude, latitude or distance.

    Parameters
    ----------
    x_edges : `~astropy.units.Quantity` or `~astropy.coordinates.Angle`, optional
        Edges of the bins. By default the edges of the pixels through the middle of the image.
    method : {"sum", "mean"}
        The mean of a bin without pixels is NaN.
    axis : {"lon", "lat", "radial"}
    center : `~astropy.coordinates.SkyCoord`, optional
        From which distances are counted. By default the centre of the image.
    """

    tag = "ImageProfileEstimator"

    def __init__(self, x_edges=None, method="sum", axis="lon", center=None):
        if method not in ("sum", "mean"):
            raise UnknownNameError("method of a profile", method, ("sum", "mean"))
        if axis not in ("lon", "lat", "radial"):
            raise UnknownNameError("axis of a profile", axis, ("lon", "lat", "radial"))
        self.x_edges = None if x_edges is None else to_quantity(x_edges, u.deg, "x_edges")
        if x_edges is not None:
            steps = np.diff(self.x_edges.value)
            if not steps.size or not (np.all(steps > 0) or np.all(steps < 0)):
                raise DataError(
                    f"x_edges must be at least two, all rising or all falling, got {self.x_edges}. Sort them."
                )
        self.method, self.axis, self.center = method, axis, center

    def _coordinate(self, geom):
        """Return the coordinate of each pixel and the edges of the bins, in deg."""
        edges = self._pixel_edges(geom) if self.x_edges is None else self.x_edges.to_value("deg")
        coords = geom.get_coord()
        if self.axis == "radial":
            center = geom.center_skydir if self.center is None else self.center
            return coords.skycoord.separation(center).deg, edges
        if self.axis == "lat":
            return coords.lat.to_value("deg"), edges
        middle = 0.5 * (edges[0] + edges[-1])
        return (coords.lon.to_value("deg") - middle + 180) % 360 - 180 + middle, edges

    def _pixel_edges(self, geom):
        """Return the edges of the pixels through the middle of the image, where it shows the sky, in deg."""
        n_lat, n_lon = geom.data_shape
        if self.axis == "radial":
            center = geom.center_skydir if self.center is None else self.center
            step = float(np.mean(geom.pixel_scales.to_value("deg")))
            farthest = np.nanmax(geom.get_coord().skycoord.separation(center).deg)
            return step * np.arange(int(farthest / step) + 2)
        is_lon = self.axis == "lon"
        along = np.arange((n_lon if is_lon else n_lat) + 1) - 0.5
        across = np.full(along.size, 0.5 * ((n_lat if is_lon else n_lon) - 1))
        edges = geom.pix_to_coord((along, across) if is_lon else (across, along))[0 if is_lon else 1]
        edges = u.Quantity(edges, "deg").value
        edges = edges[np.isfinite(edges)]
        if not is_lon:
            return edges
        edges = np.unwrap(edges, period=360)
        # longitudes around 0 are from -180 to 180
        return edges - 360 * np.ceil(0.5 * (edges[0] + edges[-1]) / 360 - 0.5)

    def run(self, image, image_err=None, mask=None):
        """Estimate a profile.

        Parameters
        ----------
        image : `~geminga.maps.WcsNDMap`
            Image, or a cube with one bin.
        image_err : `~geminga.maps.WcsNDMap`, optional
            Errors of the pixels, independent of each other.
        mask : `~geminga.maps.WcsNDMap` of bool, optional
            Pixels to be used.

        Returns
        -------
        `~geminga.estimators.ImageProfile`

        Raises
        ------
        GeometryError
            If this is no image, or errors or mask are on other pixels.
        """
        geom = image.geom.to_image()
        if geom.is_region or geom.is_hpx or image.data.size != np.prod(geom.data_shape):
            raise GeometryError(
                f"image must be an image with pixels of a WCS, got {image.geom.axes_names} of "
                f"{type(image.geom).__name__}. Sum or slice its axes."
            )
        for name, other in (("image_err", image_err), ("mask", mask)):
            if other is not None and not other.geom.to_image().is_allclose(geom):
                raise GeometryError(
                    f"{name} must have the pixels of the image, got {other.geom.to_image().data_shape} for "
                    f"{geom.data_shape}. Use interp_to_geom."
                )
        values = np.asarray(image.data, dtype=float).reshape(geom.data_shape)
        used = np.isfinite(values)
        if mask is not None:
            used &= np.asarray(mask.data, dtype=bool).reshape(geom.data_shape)
        position, edges = self._coordinate(geom)
        order = slice(None) if edges[-1] > edges[0] else slice(None, None, -1)
        index = np.searchsorted(edges[order], position, side="right") - 1
        n = len(edges) - 1
        index = index if order == slice(None) else n - 1 - index
        used &= (index >= 0) & (index < n)

        def total(array):
            return np.bincount(index[used], array[used], minlength=n)

        number = np.ones(n)
        if self.method == "mean":
            number = total(np.ones(values.shape))
            number[number == 0] = np.nan
        table = Table(meta={"PROFILE_TYPE": self.axis})
        table["x_min"], table["x_max"] = edges[:-1] * u.deg, edges[1:] * u.deg
        table["x_ref"] = 0.5 * (edges[:-1] + edges[1:]) * u.deg
        table["profile"] = Column(total(values) / number, unit=image.unit)
        if image_err is not None:
            errors = np.asarray(image_err.data, dtype=float).reshape(geom.data_shape)
            table["profile_err"] = Column(np.sqrt(total(errors**2)) / number, unit=image.unit)
        return ImageProfile(table)
