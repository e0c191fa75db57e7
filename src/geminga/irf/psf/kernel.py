"""Point spread function on pixels, ready for a convolution."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ...doors import drawn_by
from ...errors import AxisMismatchError
from ...maps import Map
from ...units import to_quantity, to_value
from .kernel_geometry import half_width, kernel_image, pixel_size
from .spectral_mean import spectral_weights

__all__ = ["PSFKernel"]


class PSFKernel:
    """Kernel of a convolution, one image for each energy.

    Parameters
    ----------
    psf_kernel_map : `~geminga.maps.Map`
        Image or cube with an odd number of pixels.
    normalize : bool
        Divide each image by its sum.

    Examples
    --------
    >>> from geminga.maps import WcsGeom
    >>> kernel = PSFKernel.from_gauss(WcsGeom.create(binsz=0.1, width=5), sigma="0.1 deg", max_radius="0.3 deg")
    >>> kernel.data.shape, round(float(kernel.data.sum()), 6)
    ((7, 7), 1.0)
    """

    plot_kernel = drawn_by("geminga.visualization.irf:plot_psf_kernel")
    peek = drawn_by("geminga.visualization.irf:peek_psf_kernel")

    def __init__(self, psf_kernel_map, normalize=True):
        self._psf_kernel_map = psf_kernel_map
        if normalize:
            self.normalize()

    @property
    def psf_kernel_map(self) -> Map:
        """Map of the kernel."""
        return self._psf_kernel_map

    @property
    def data(self) -> np.ndarray:
        """Values of the kernel."""
        return self._psf_kernel_map.data

    def normalize(self):
        """Divide each image by its sum; an empty image stays empty."""
        data = np.asarray(self.data, dtype=float)
        n_spatial = len(self._psf_kernel_map.geom.to_image().data_shape)
        total = data.sum(axis=tuple(range(-n_spatial, 0)), keepdims=True)
        self._psf_kernel_map = self._psf_kernel_map._init_copy(
            data=np.divide(data, total, out=np.zeros_like(data), where=total > 0)
        )

    # ------------------------------------------------------------------ constructors

    @classmethod
    def from_gauss(cls, geom, sigma, max_radius=None, factor=4):
        """Create a Gaussian kernel.

        Parameters
        ----------
        geom : `~geminga.maps.WcsGeom`
            Gives pixel size and energy axis.
        sigma : `~astropy.units.Quantity`
        max_radius : `~astropy.units.Quantity`, optional
            Half width of the kernel; by default 5 sigma.
        factor : int
            Number of points along each side of a pixel whose mean is taken.
        """
        sigma = to_quantity(sigma, "deg", "sigma")
        max_radius = 5 * sigma if max_radius is None else max_radius
        # a Gaussian on the sphere, exp(-(1 - cos s) / (2 (1 - cos sigma))), as the spatial model has it
        scale = 1 - np.cos(sigma.to_value("rad"))

        def gauss(geom):
            separation = geom.separation(geom.center_skydir).to_value("rad")
            return np.exp(-0.5 * (1 - np.cos(separation)) / scale)

        return cls._from_function(gauss, geom, max_radius, factor)

    @classmethod
    def from_spatial_model(cls, model, geom, max_radius=None, factor=4):
        """Create a kernel with the shape of a spatial model.

        Parameters
        ----------
        model : `~geminga.modeling.models.SpatialModel`
            At the centre of the geometry.
        geom : `~geminga.maps.WcsGeom`
            Gives pixel size and energy axis.
        max_radius : `~astropy.units.Quantity`, optional
            Half width of the kernel; by default the radius of evaluation of the model.
        factor : int
            Number of points along each side of a pixel whose mean is taken.
        """
        max_radius = model.evaluation_radius if max_radius is None else max_radius

        def values(geom):
            values = model.evaluate_geom(geom)
            return np.asarray(getattr(values, "value", values), dtype=float)

        return cls._from_function(values, geom, max_radius, factor)

    @classmethod
    def _from_function(cls, function, geom, max_radius, factor):
        pixel = pixel_size(geom)
        image = kernel_image(geom, half_width(to_value(max_radius, "deg", "max_radius"), pixel))
        fine = image.upsample(factor)
        values = np.asarray(function(fine))
        values = values.reshape(image.data_shape[0], factor, image.data_shape[1], factor).sum(axis=(1, 3))
        cube = image.to_cube(list(geom.axes))
        data = np.broadcast_to(values, cube.data_shape).copy()
        return cls(Map.from_geom(cube, data=data, dtype=float))

    # ------------------------------------------------------------------ parts and means

    def slice_by_idx(self, slices):
        """Return the kernel on a part of its axes."""
        return type(self)(self._psf_kernel_map.slice_by_idx(slices), normalize=False)

    def to_image(self, spectral_model=None, exposure=None, keepdims=True):
        """Return the kernel averaged over the energy.

        Parameters
        ----------
        spectral_model : `~geminga.modeling.models.SpectralModel`, optional
            Weight of the energies; by default a power law of index 2.
        exposure : `~geminga.maps.Map`, `~astropy.units.Quantity` or array_like, shape (n_energy,), optional
            More weights; of a map, the mean over the pixels.
        keepdims : bool
            Keep the energy axis, with one bin.
        """
        geom = self._psf_kernel_map.geom
        axis = geom.axes[0]
        weights = spectral_weights(axis, spectral_model)
        if exposure is not None:
            weights = weights * _exposure_by_energy(exposure, axis)
        data = np.tensordot(weights, np.asarray(self.data, dtype=float), axes=1)
        image = geom.squash(axis.name) if keepdims else geom.drop(axis.name)
        return type(self)(Map.from_geom(image, data=data.reshape(image.data_shape), dtype=float))

    # ------------------------------------------------------------------ files

    @classmethod
    def read(cls, *args, **kwargs):
        """Read with `~geminga.maps.Map.read`; the kernel is normalised."""
        return cls(Map.read(*args, **kwargs))

    def write(self, *args, **kwargs):
        """Write with `~geminga.maps.Map.write`."""
        self._psf_kernel_map.write(*args, **kwargs)

    def __repr__(self):
        geom = self._psf_kernel_map.geom
        axes = ", ".join(f"{axis.name} ({axis.nbin})" for axis in geom.axes) or "none"
        return f"{type(self).__name__}\n\n  pixels: {self.data.shape[-1]} x {self.data.shape[-2]}\n  axes  : {axes}\n"


def _exposure_by_energy(exposure, axis) -> np.ndarray:
    """Return one weight for each energy."""
    if hasattr(exposure, "geom"):
        values = np.asarray(exposure.data, dtype=float)
        values = np.nanmean(values.reshape(values.shape[0], -1), axis=1)
    else:
        values = np.ravel(u.Quantity(exposure).value)
    if values.shape != (axis.nbin,):
        raise AxisMismatchError(
            f"exposure must have {axis.nbin} values, one for each energy, got {values.shape}."
        )
    return values
