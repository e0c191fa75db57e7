"""Sources that fill the sky."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from geminga.modeling.parameter import Parameter

from ..arrays import array_namespace
from ..registries import SPATIAL_MODEL_REGISTRY
from .base import SpatialModel, as_density

__all__ = ["ConstantFluxSpatialModel", "ConstantSpatialModel"]


def _whole_sky(**kwargs):
    from astropy.coordinates import SkyCoord
    from regions import RectangleSkyRegion

    kwargs.pop("size_factor", None)
    center = SkyCoord(0 * u.deg, 0 * u.deg, frame="icrs")
    return RectangleSkyRegion(center=center, width=360 * u.deg, height=180 * u.deg, **kwargs)


class _Everywhere(SpatialModel):
    """A model without position, frame and extent."""

    position = None
    evaluation_radius = None

    def to_region(self, **kwargs):
        """Return the whole sky.

        Parameters
        ----------
        **kwargs : dict
            Arguments of `~regions.RectangleSkyRegion`.
        """
        return _whole_sky(**kwargs)

    def to_dict(self, full_output=False) -> dict:
        """Return the model as a dictionary of plain YAML types, without frame."""
        data = super().to_dict(full_output)
        del data["spatial"]["frame"]
        return data


@SPATIAL_MODEL_REGISTRY.register
class ConstantSpatialModel(_Everywhere):
    """The same density everywhere.

    Parameters
    ----------
    value : `~astropy.units.Quantity`
        Density, default 1 sr-1, frozen.
    """

    tag = ["ConstantSpatialModel", "const"]
    array_evaluate = False
    value = Parameter("value", "1 sr-1", frozen=True)

    @staticmethod
    def evaluate(lon, lat, value):
        """Return the density at positions."""
        xp = array_namespace(lon, lat, value)
        shape = np.broadcast_shapes(np.shape(lon), np.shape(lat))
        return value * xp.ones(shape)

    def _density_on(self, geom, energies=None, factor=None):
        return np.broadcast_to(as_density(self.value.quantity).value, geom.to_image().data_shape)

    def _density_unit(self):
        return as_density(self.value.quantity).unit


class ConstantFluxSpatialModel(_Everywhere):
    """The same flux in every pixel, whatever its size: the integral over each pixel is 1."""

    tag = ["ConstantFluxSpatialModel", "const-flux"]

    @staticmethod
    def evaluate(lon, lat):
        """Return one per steradian at positions; the density in a pixel needs its geometry."""
        return np.ones(np.broadcast_shapes(np.shape(lon), np.shape(lat))) / u.sr

    def evaluate_geom(self, geom):
        """Return one over the solid angle of each pixel."""
        area = geom.solid_angle()
        return np.broadcast_to(1 / area, area.shape, subok=True)

    def integrate_geom(self, geom, oversampling_factor=None):
        """Return one for each pixel."""
        from geminga.maps import Map

        return Map.from_geom(geom, data=np.ones(geom.data_shape), unit="")
