"""A point source."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ..arrays import array_namespace
from ..registries import SPATIAL_MODEL_REGISTRY
from .base import SpatialModel
from .position import declare_lat_0, declare_lon_0
from .sphere import per_steradian, separation

__all__ = ["PointSpatialModel"]


@SPATIAL_MODEL_REGISTRY.register
class PointSpatialModel(SpatialModel):
    """Point source: all flux is in the four pixels around the position, with bilinear weights.

    Parameters
    ----------
    lon_0, lat_0 : `~astropy.units.Quantity`
        Position, default 0 deg.
    frame : {"icrs", "galactic"}
    """

    tag = ["PointSpatialModel", "point"]
    array_evaluate = True
    lon_0 = declare_lon_0()
    lat_0 = declare_lat_0()

    @staticmethod
    def evaluate(lon, lat, lon_0, lat_0):
        """Return the density: infinite at the position, 0 elsewhere."""
        xp = array_namespace(lon, lat, lon_0, lat_0)
        value = xp.where(separation(lon, lat, lon_0, lat_0) == 0, np.inf, 0.0)
        return per_steradian(value, lon)

    @property
    def evaluation_radius(self):
        """Zero."""
        return 0 * u.deg

    @property
    def evaluation_bin_size_min(self):
        """Zero."""
        return 0 * u.deg

    def evaluate_geom(self, geom):
        """Return the flux in each pixel divided by its solid angle; see `SpatialModel.evaluate_geom`."""
        image = geom.to_image()
        area = image.solid_angle()
        share = self.integrate_geom(image).data
        density = np.divide(share, area.to_value("sr"), out=np.zeros(share.shape), where=area.value > 0)
        return u.Quantity(density.reshape((1,) * len(geom.axes) + density.shape), "sr-1")

    def integrate_geom(self, geom, oversampling_factor=None):
        """Return the part of the flux in each pixel.

        Parameters
        ----------
        geom : `~geminga.maps.Geom`
            What falls on pixels outside of it is lost.
        oversampling_factor : int, optional
            Not used.

        Returns
        -------
        `~geminga.maps.Map`
            Dimensionless.
        """
        from geminga.maps import Map

        if geom.is_region:
            return super().integrate_geom(geom)
        image = geom.to_image()
        data = np.zeros(image.data_shape)
        if image.is_hpx:
            (index,), weights = image.interp_weights(self.position)
            np.add.at(data, index, weights)
        else:
            x, y = (float(np.squeeze(pix)) for pix in image.coord_to_pix(self.position))
            if np.isfinite(x) and np.isfinite(y):
                _share_among_four(data, x, y)
        return Map.from_geom(geom, data=np.broadcast_to(data, geom.data_shape).copy(), unit="")

    def to_region(self, **kwargs):
        """Return the position as a point region.

        Parameters
        ----------
        **kwargs : dict
            Arguments of `~regions.PointSkyRegion`; a `size_factor` has no effect.
        """
        from regions import PointSkyRegion

        kwargs.pop("size_factor", None)
        return PointSkyRegion(center=self.position, **kwargs)


def _share_among_four(data, x, y):
    """Add one to an image, shared among the four pixels around a position by bilinear weights."""
    ny, nx = data.shape
    left, low = int(np.floor(x)), int(np.floor(y))
    for column, part_x in ((left, left + 1 - x), (left + 1, x - left)):
        for row, part_y in ((low, low + 1 - y), (low + 1, y - low)):
            if 0 <= column < nx and 0 <= row < ny:
                data[row, column] += part_x * part_y
