"""Adaptive smoothing: each pixel is smoothed just as much as it needs to be significant."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ..datasets import MapDataset
from ..errors import DataError, GeometryError, UnknownNameError
from ..maps import Maps
from ..modeling.models import PowerLawSpectralModel
from ..stats import CashCountsStatistic
from ..units import to_quantity
from .core import ESTIMATOR_REGISTRY, Estimator
from .map_bands import MapBands, energy_bands, smoothed

__all__ = ["ASmoothMapEstimator"]

METHODS = ("lima", "asmooth")


def _gaussian(scale, **kwargs):
    """Return a Gaussian kernel."""
    # astropy.convolution is slow to import
    from astropy.convolution import Gaussian2DKernel

    return Gaussian2DKernel(scale, **kwargs)


@ESTIMATOR_REGISTRY.register
class ASmoothMapEstimator(Estimator):
    """Smooth each pixel with the smallest of several kernels that makes it significant.

    Parameters
    ----------
    scales : `~astropy.units.Quantity`, optional
        Increasing widths of the kernel. By default nine, from a fraction of a pixel, each larger by the root of 2.
    kernel : class, optional
        Of `astropy.convolution`, called with the width in pixels. By default ``Gaussian2DKernel``.
    spectral_model : `~geminga.modeling.models.SpectralModel`, optional
        Shape that turns counts into flux. By default a power law of index 2.
    method : {"lima", "asmooth"}
        Significance of smoothed counts: root of the Cash TS, or excess over the root of counts plus background.
    threshold : float
        Smallest significance.
    energy_edges : `~astropy.units.Quantity`, optional
        Edges of the bands, moved to the nearest edges of the dataset. By default one band.

    References
    ----------
    .. [1] Ebeling, White & Rangarajan (2006), MNRAS 368, 65.
    """

    tag = "ASmoothMapEstimator"

    def __init__(
        self, scales=None, kernel=None, spectral_model=None, method="lima", threshold=5, energy_edges=None
    ):
        if method not in METHODS:
            raise UnknownNameError("method of adaptive smoothing", method, METHODS)
        self.scales = None if scales is None else to_quantity(scales, u.deg, "scales")
        self.kernel = _gaussian if kernel is None else kernel
        self.spectral_model = PowerLawSpectralModel() if spectral_model is None else spectral_model
        self.method, self.threshold = method, threshold
        self.energy_edges = None if energy_edges is None else to_quantity(energy_edges, name="energy_edges")

    def selection_all(self) -> list[str]:
        """Return the names of the maps that are estimated."""
        return ["counts", "background", "scale", "sqrt_ts", "flux"]

    @staticmethod
    def get_scales(n_scales, factor=2**0.5, kernel=None):
        """Return widths that grow by a factor, in pixels, the first of about one pixel.

        Parameters
        ----------
        n_scales : int
        factor : float
        kernel : class, optional
            By default ``Gaussian2DKernel``.

        Examples
        --------
        >>> ASmoothMapEstimator.get_scales(3, factor=2).round(3).tolist()
        [0.188, 0.376, 0.752]
        """
        is_gaussian = kernel is None or kernel.__name__ == "Gaussian2DKernel"
        first = 1 / np.sqrt((9 if is_gaussian else 1) * np.pi)
        return first * float(factor) ** np.arange(n_scales)

    def get_kernels(self, pixel_scale):
        """Return the kernels of all widths, with a maximum of 1.

        Parameters
        ----------
        pixel_scale : `~astropy.units.Quantity`
            Size of a pixel.
        """
        scales = self._scales(pixel_scale)
        kernels = []
        for width in (scales / to_quantity(pixel_scale, u.deg, "pixel_scale")).to_value(""):
            kernel = self.kernel(float(width), mode="oversample")
            kernel.normalize("peak")
            kernels.append(kernel)
        return kernels

    def _scales(self, pixel_scale):
        if self.scales is not None:
            return self.scales
        kernel = None if self.kernel is _gaussian else self.kernel
        return self.get_scales(9, kernel=kernel) * to_quantity(pixel_scale, u.deg, "pixel_scale")

    def run(self, dataset):
        """Smooth a dataset.

        Parameters
        ----------
        dataset : `~geminga.datasets.MapDataset`
            With known background; without exposure there is no flux.

        Returns
        -------
        `~geminga.maps.Maps`
            counts and background for each pixel of the dataset, scale (deg, NaN where no scale is enough), sqrt_ts
            and flux (cm-2 s-1). Where no scale is enough counts, background and exposure are means of all such pixels.

        Raises
        ------
        DataError, GeometryError
            If the background is measured, there are no counts, or no pixels of a WCS.
        """
        return self.estimate_maps(dataset)

    def estimate_maps(self, dataset):
        """Smooth a dataset; see `run`."""
        if not isinstance(dataset, MapDataset) or dataset.stat_type == "wstat":
            raise DataError(
                f"dataset must be a map dataset with known background, got {type(dataset).__name__}. "
                "Convert on-off data with to_map_dataset()."
            )
        if dataset._geom.is_region or dataset._geom.is_hpx:
            raise GeometryError(
                f"dataset {dataset.name!r} must have pixels of a WCS, got {type(dataset._geom).__name__}. "
                "Reduce or fake it on a WcsGeom."
            )
        bands = MapBands(dataset, *energy_bands(dataset._energy_axis, self.energy_edges))
        pixel = np.mean(dataset._geom.to_image().pixel_scales)
        scales, kernels = self._scales(pixel), self.get_kernels(pixel)
        given = {"counts": bands.counts, "background": bands.npred}
        if dataset.exposure is not None:
            given["exposure"] = self._exposure(bands)
        result = self._smoothed(given, bands.mask, scales.to_value("deg"), kernels)
        units = {"scale": "deg", "flux": "cm-2 s-1"}
        maps = Maps()
        for name, values in result.items():
            maps[name] = bands.as_map(np.where(bands.mask, values, np.nan), unit=units.get(name, ""))
        return maps

    def _exposure(self, bands):
        """Return the exposure of each band for the shape of the spectrum, in cm2 s."""
        exposure = bands.exposure(self.spectral_model)
        edges = bands.axis.edges
        flux = self.spectral_model.integral(edges[:-1], edges[1:]).to_value("cm-2 s-1").reshape(-1, 1, 1)
        return exposure / flux

    def _smoothed(self, given, mask, scales, kernels):
        names = list(given)
        result = {name: np.full(mask.shape, np.nan) for name in (*names, "scale", "sqrt_ts")}
        open_ = mask.copy()
        for scale, kernel in zip(scales, kernels, strict=True):
            smooth = {name: smoothed(values, kernel.array) for name, values in given.items()}
            significance = self._significance(smooth["counts"], smooth["background"])
            reached = open_ & (significance > self.threshold)
            for name in names:
                result[name][reached] = smooth[name][reached] / kernel.array.sum()
            result["scale"][reached], result["sqrt_ts"][reached] = scale, significance[reached]
            open_ &= ~reached
        for band, rest in enumerate(open_):
            for name in names:
                if rest.any():
                    result[name][band][rest] = given[name][band][rest].mean()
        if "exposure" in result:
            exposure = result.pop("exposure")
            excess = result["counts"] - result["background"]
            result["flux"] = np.divide(excess, exposure, out=np.full(mask.shape, np.nan), where=exposure > 0)
        return result

    def _significance(self, counts, background):
        if self.method == "lima":
            return CashCountsStatistic(counts, background).sqrt_ts
        total = counts + background
        return np.divide(counts - background, np.sqrt(total), out=np.zeros_like(total), where=total > 0)
