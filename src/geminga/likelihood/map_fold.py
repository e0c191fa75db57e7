"""Fold of one sky model on the pixels of one map dataset.

For unit flux in each true-energy bin, the counts in the pixels around the source: the spatial image, convolved with
the PSF of each energy, times the exposure. One forward transform of the image serves all energies; the transforms of
the kernels are kept with the fold.
"""

from __future__ import annotations

import numpy as np
from astropy import units as u
from scipy import fft

from ..errors import DataError, ModelError
from .likelihood import parameters_set
from .region_response import EXPOSURE, energies, energy_dispersion_matrix, overlap

__all__ = ["MapFold"]

#: Margin around the reach of a source, as in the field's tools.
CUTOUT_MARGIN = 0.1 * u.deg

#: Sub-pixels are this much smaller than the source asks for, so that it may shrink during a fit.
OVERSAMPLING_MARGIN = 1.5
OVERSAMPLING_MAX = 200


class MapFold:
    """Counts of a sky model in map pixels and true-energy bins, as a function of its spatial parameters.

    Parameters
    ----------
    dataset : `~geminga.datasets.MapDataset`
        On a WCS geometry.
    model : `~geminga.modeling.models.SkyModel`

    Notes
    -----
    PSF and energy dispersion are those at the position of the model when it is bound. The cut-out follows the source.
    """

    def __init__(self, dataset, model):
        if dataset.exposure is None:
            raise DataError(
                f"exposure of dataset {dataset.name!r} must be set to predict counts, got None. "
                "Run a maker with selection 'exposure' or assign a map."
            )
        if dataset.psf is not None and dataset.psf.energy_name == "energy":
            raise DataError(
                f"psf of dataset {dataset.name!r} must be in true energy, got one in reconstructed energy. "
                "Convert it to a PSFMap."
            )
        self.dataset, self.model, self.spatial = dataset, model, model.spatial_model
        if self.spatial is None:
            raise ModelError(
                f"model {model.name!r} must have a spatial model for the map dataset {dataset.name!r}, got None. "
                "Add for example a PointSpatialModel."
            )
        apply_irf = {
            "exposure": True,
            "psf": True,
            "edisp": True,
            **(getattr(model, "apply_irf", None) or {}),
        }
        self.geom = dataset.exposure.geom
        self.image_geom = self.geom.to_image()
        position = self.spatial.position
        self.exposure = self._exposure(apply_irf)
        self.kernel: np.ndarray | None = (
            self._kernel(position) if apply_irf["psf"] and dataset.psf is not None else None
        )
        self._kernel_transforms: dict[tuple[int, int], np.ndarray] = {}
        if apply_irf["edisp"]:
            self.matrix = energy_dispersion_matrix(dataset, position)
        else:
            self.matrix = overlap(
                energies(self.geom.axes["energy_true"]), energies(dataset._geom.axes["energy"])
            )
        self.parameters = list(self.spatial.parameters)
        self.oversampling = self._oversampling()

    def _oversampling(self) -> int | None:
        """Return into how many parts the sides of a pixel are divided.

        The factor is finer than the size of the source asks for, and fixed: a factor that follows the size during a
        fit makes the likelihood jump.
        """
        size = self.spatial.evaluation_bin_size_min
        if size is None or not size.to_value("deg") > 0:
            return None
        pixel = np.max(self.image_geom.pixel_scales.to_value("deg"))
        return int(np.clip(np.ceil(OVERSAMPLING_MARGIN * pixel / size.to_value("deg")), 1, OVERSAMPLING_MAX))

    def _exposure(self, apply_irf):
        if not apply_irf["exposure"]:
            return np.ones(self.geom.data_shape)
        values = np.asarray(self.dataset.exposure.data, dtype=float) * self.dataset.exposure.unit.to(EXPOSURE)
        return np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)

    def _kernel(self, position):
        kernel = self.dataset.psf.get_psf_kernel(self.geom, position=position)
        return np.asarray(kernel.psf_kernel_map.data, dtype=float)

    def _cutout(self):
        """Return the slices of the map around the source, and the image geometry there."""
        position, radius = self.spatial.position, self.spatial.evaluation_radius
        if position is None or radius is None or not np.isfinite(radius.value):
            return (slice(0, self.geom.data_shape[-2]), slice(0, self.geom.data_shape[-1])), self.image_geom
        reach = radius + CUTOUT_MARGIN
        if self.kernel is not None:
            half = 0.5 * max(self.kernel.shape[-2:]) * np.max(self.image_geom.pixel_scales)
            reach = reach + half
        lon, lat = self.image_geom.coord_to_pix(position)
        pixels = (reach / self.image_geom.pixel_scales).to_value("").astype(float)
        n_lat, n_lon = self.geom.data_shape[-2:]
        x = np.clip([np.floor(lon - pixels[0]), np.ceil(lon + pixels[0]) + 1], 0, n_lon).astype(int).ravel()
        y = np.clip([np.floor(lat - pixels[1]), np.ceil(lat + pixels[1]) + 1], 0, n_lat).astype(int).ravel()
        if x[1] <= x[0] or y[1] <= y[0]:
            return None, None
        slices = (slice(int(y[0]), int(y[1])), slice(int(x[0]), int(x[1])))
        return slices, self._part(slices)

    def _part(self, slices):
        """Return the image geometry of a part of the map."""
        wcs = self.image_geom.wcs.deepcopy()
        wcs.wcs.crpix = wcs.wcs.crpix - [slices[1].start, slices[0].start]
        npix = (slices[1].stop - slices[1].start, slices[0].stop - slices[0].start)
        wcs.array_shape = npix[::-1]
        return type(self.image_geom)(wcs, npix=npix)

    def fold(self, values=None):
        """Return the counts for unit flux.

        Parameters
        ----------
        values : array_like, shape (n_parameters,), optional
            Values of the spatial parameters. By default those of now.

        Returns
        -------
        slices : tuple of slice or None
            Where the cut-out is; None if the source does not reach the map.
        counts : ndarray, shape (n_true, n_lat, n_lon)
            In cm2 s.
        """
        values = [parameter.value for parameter in self.parameters] if values is None else values
        with parameters_set(self.parameters, values):
            slices, image_geom = self._cutout()
            if slices is None:
                return None, np.zeros((self.geom.axes["energy_true"].nbin, 0, 0))
            if self.is_point and self.kernel is not None:
                return slices, self._point(image_geom, self.kernel) * self.exposure[(slice(None), *slices)]
            if self.spatial.is_energy_dependent:
                cube = image_geom.to_cube([self.geom.axes["energy_true"]])
                image = self.spatial.integrate_geom(
                    cube, oversampling_factor=self.oversampling
                ).quantity.to_value("")
            else:
                image = self.spatial.integrate_geom(
                    image_geom, oversampling_factor=self.oversampling
                ).quantity.to_value("")
        folded = self._convolved(np.nan_to_num(np.asarray(image, dtype=float)))
        return slices, folded * self.exposure[(slice(None), *slices)]

    @property
    def is_point(self) -> bool:
        """Whether the source is a point: then no transform is needed."""
        tags = [self.spatial.tag] if isinstance(self.spatial.tag, str) else self.spatial.tag
        return "PointSpatialModel" in tags

    def _point(self, image_geom, kernel):
        """Return the PSF around a point, shared among the four pixels around it, on the cut-out."""
        lon, lat = (float(np.ravel(pixel)[0]) for pixel in image_geom.coord_to_pix(self.spatial.position))
        x, y = int(np.floor(lon)), int(np.floor(lat))
        n_true, k_lat, k_lon = kernel.shape
        n_lat, n_lon = image_geom.data_shape[-2:]
        result = np.zeros((n_true, n_lat, n_lon))
        for dx, weight_x in ((0, 1 - (lon - x)), (1, lon - x)):
            for dy, weight_y in ((0, 1 - (lat - y)), (1, lat - y)):
                weight = weight_x * weight_y
                if weight == 0 or not (0 <= x + dx < n_lon and 0 <= y + dy < n_lat):
                    continue
                left, low = x + dx - (k_lon - 1) // 2, y + dy - (k_lat - 1) // 2
                x0, x1 = max(left, 0), min(left + k_lon, n_lon)
                y0, y1 = max(low, 0), min(low + k_lat, n_lat)
                result[:, y0:y1, x0:x1] += weight * kernel[:, y0 - low : y1 - low, x0 - left : x1 - left]
        return result

    def _convolved(self, image):
        """Return the image convolved with the PSF of each energy."""
        n_true = self.geom.axes["energy_true"].nbin
        if self.kernel is None:
            return np.broadcast_to(image, (n_true, *image.shape[-2:]))
        kernel_shape = self.kernel.shape[-2:]
        shape = tuple(
            fft.next_fast_len(n + k - 1, real=True)
            for n, k in zip(image.shape[-2:], kernel_shape, strict=True)
        )
        if shape not in self._kernel_transforms:
            kernel = self.kernel.astype(np.float32)
            self._kernel_transforms = {shape: fft.rfft2(kernel, s=shape, axes=(-2, -1), workers=-1)}
        # Single precision: the statistic of a map moves by less than 1e-3, the transforms take half the time.
        transform = fft.rfft2(image.astype(np.float32), s=shape, axes=(-2, -1), workers=-1)
        full = fft.irfft2(self._kernel_transforms[shape] * transform, s=shape, axes=(-2, -1), workers=-1)
        y, x = ((k - 1) // 2 for k in kernel_shape)
        n_lat, n_lon = image.shape[-2:]
        return np.clip(full[..., y : y + n_lat, x : x + n_lon], 0, None)
