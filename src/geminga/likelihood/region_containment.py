"""The fraction of a source that the PSF leaves inside a region, at each true energy.

The region is folded back through the PSF once: how much of the light of each pixel ends up inside. The fraction of any
source, wherever it is, is then the sum of its image with these weights.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from astropy import units as u

from ..errors import DataError
from ..maps import WcsGeom
from .components import EnergyFactor
from .convolution import Convolution
from .source_image import SourceImage

__all__ = ["region_containment"]

#: Pixels across the region, and most pixels across the region and the reach of the PSF around it.
REGION_PIXELS = 40
MOST_PIXELS = 400
#: Sub-pixels along each side of a pixel, for the part of a pixel that lies inside the region.
REGION_OVERSAMPLING = 10


def region_containment(model, dataset) -> EnergyFactor:
    """Return the fraction of a sky model inside the region of a dataset, as a factor of each true energy.

    Parameters
    ----------
    model : `~geminga.modeling.models.SkyModel`
        With a spatial model.
    dataset : `~geminga.datasets.MapDataset`
        On a region, with a PSF in true energy.

    Raises
    ------
    DataError
        If the PSF is in reconstructed energy.
    """
    if dataset.psf.energy_name == "energy":
        raise DataError(
            f"psf of the region dataset {dataset.name!r} must be in true energy, got one in reconstructed energy. "
            "Use a map dataset, or remove the psf."
        )
    containment = _Containment(model.spatial_model, dataset)
    return EnergyFactor(containment.parameters, containment.fraction, containment.slope)


class _Containment:
    """The fraction as a function of the spatial parameters."""

    def __init__(self, spatial, dataset):
        geom = _grid(dataset)
        position = spatial.position
        kernel = dataset.psf.get_psf_kernel(geom, position=position).psf_kernel_map.data
        shape = geom.data_shape[-2:]
        image = geom.to_image()
        weights = image.region_weights([dataset._geom.region], oversampling_factor=REGION_OVERSAMPLING).data
        fold = Convolution(np.asarray(kernel, dtype=float), shape, (0, 0), shape)
        self._visible = fold.adjoint(np.broadcast_to(weights, (len(kernel), *shape)))
        self._image = SourceImage(spatial, geom)
        self.parameters = self._image.parameters

    def _inside(self, values, image_of) -> np.ndarray:
        """Return the light of an image, or of its derivative, that ends up inside the region at each true energy."""
        self._image.place(values)
        if self._image.window is None:
            return np.zeros(len(self._visible))
        image = image_of(values)
        visible = self._visible[(slice(None), *self._image.window)]
        return np.einsum("eij,eij->e" if image.ndim == 3 else "eij,ij->e", visible, image)

    def fraction(self, values) -> np.ndarray:
        """Return the fraction at each true energy."""
        return self._inside(values, self._image.evaluate)

    def slope(self, values, index) -> np.ndarray:
        """Return the derivative of the fraction in one parameter."""
        return self._inside(values, partial(self._image.derivative, index=index))


def _grid(dataset) -> WcsGeom:
    """Return pixels that cover the region and the reach of the PSF around it."""
    geom = dataset.exposure.geom
    width = float(np.max(geom.width.to_value("deg")))
    axis = geom.axes["energy_true"]
    reach = float(dataset.psf.containment_radius(0.999, axis.center).to_value("deg").max())
    total = width + 2 * reach
    return WcsGeom.create(
        skydir=geom.center_skydir,
        width=total * u.deg,
        binsz=max(width / REGION_PIXELS, total / MOST_PIXELS),
        proj="TAN",
        frame=geom.frame,
        axes=[axis],
    )
