"""Response of one map dataset to the image of one sky model.

What the model adds to the map is linear in its image: convolved with the PSF of each energy, times the exposure,
spread over the reconstructed energies. Two things are wanted of it, and no cube: the counts in the bins with counts
(`response`), and their sum over all bins (`totals`). The sum goes the other way round: what each pixel of the image
adds to it is folded once, so that the total of any image is a product with `visible`. Derivatives take the same way
back (`pull`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .convolution import convolution

__all__ = ["FilledBins", "MapFold"]


@dataclass(frozen=True)
class FilledBins:
    """The bins of a map that need a logarithm, and the weight of every bin in the sum.

    Parameters
    ----------
    energy, lat, lon : ndarray of int, shape (n_filled,)
        Indices of the bins.
    weight : ndarray, shape (n_reco, n_lat, n_lon)
        Weight of each bin in the total: the mask, as bool or as numbers.
    """

    energy: np.ndarray
    lat: np.ndarray
    lon: np.ndarray
    weight: np.ndarray

    @property
    def size(self) -> int:
        """Number of bins with counts."""
        return self.energy.size

    @property
    def index(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Index of these bins in a cube."""
        return self.energy, self.lat, self.lon


class MapFold:
    """Linear response to an image on a fixed part of a map, for unit flux in each true-energy bin.

    Parameters
    ----------
    exposure : ndarray, shape (n_true, n_lat, n_lon)
        Of the whole map; what is not finite counts as 0.
    unit : float
        Factor from the exposure to cm2 s.
    matrix : ndarray, shape (n_true, n_reco)
        Energy dispersion.
    kernels : ndarray, shape (n_true, k_lat, k_lon), or HpxConvolution, or None
        PSF in true energy.
    window : tuple of slice
        Pixels of the image.
    bins : FilledBins
    dtype : numpy dtype
        Precision of the transforms.

    Attributes
    ----------
    near : ndarray of int, shape (n_near,)
        Positions of the bins with counts that the image can reach.
    visible : ndarray, shape (n_true, n_lat, n_lon)
        What unit flux in each pixel of the image adds to the total.
    """

    def __init__(self, exposure, unit: float, matrix, kernels, window, bins: FilledBins, dtype=np.float64):
        self.matrix = matrix
        halves = (
            tuple((k - 1) // 2 for k in kernels.shape[-2:]) if isinstance(kernels, np.ndarray) else (0, 0)
        )
        lat_reach, lon_reach = (
            slice(max(part.start - half, 0), min(part.stop + half, n))
            for part, half, n in zip(window, halves, exposure.shape[-2:], strict=True)
        )
        self.reach = reach = (lat_reach, lon_reach)
        shape = tuple(part.stop - part.start for part in window)
        kept = tuple(part.stop - part.start for part in reach)
        first = tuple(r.start - part.start for r, part in zip(reach, window, strict=True))
        self._convolution = convolution(kernels, self._n_planes, shape, first, kept, dtype)
        self._kept = kept
        y, x = reach
        self.near = np.flatnonzero(
            (bins.lat >= y.start) & (bins.lat < y.stop) & (bins.lon >= x.start) & (bins.lon < x.stop)
        )
        lat, lon = bins.lat[self.near] - y.start, bins.lon[self.near] - x.start
        self._pixel = lat * kept[1] + lon
        self._energy = bins.energy[self.near]
        weight = bins.weight[(slice(None), *reach)].astype(float)
        used = exposure[(slice(None), *self._exposed(window))].astype(float) * unit
        self._prepare(np.nan_to_num(used, copy=False, nan=0.0, posinf=0.0, neginf=0.0), lat, lon)
        self.visible = self._visible(weight)

    @property
    def _n_planes(self) -> int:
        """Number of images that are convolved."""
        return len(self.matrix)

    def _exposed(self, window) -> tuple[slice, slice]:
        """Return where the exposure is applied: after the convolution."""
        return self.reach

    def _prepare(self, exposure, lat, lon) -> None:
        self._exposure = exposure
        self._seen = self._exposure[:, lat, lon] * self.matrix[:, self._energy]

    def _visible(self, weight) -> np.ndarray:
        planes = (self.matrix @ weight.reshape(len(weight), -1)).reshape(-1, *self._kept) * self._exposure
        return self._convolution.adjoint(planes)

    def response(self, image) -> np.ndarray:
        """Return the counts in the near bins for unit flux, shape (n_true, n_near), in cm2 s."""
        result = np.empty(self._seen.shape)
        for energies, planes in self._convolution.planes(image):
            result[energies] = planes.reshape(len(planes), -1)[:, self._pixel]
        result *= self._seen
        return result

    def totals(self, image) -> np.ndarray:
        """Return the counts for unit flux, summed over all bins with their weights, shape (n_true,)."""
        if image.ndim == 2:
            return self.visible.reshape(len(self.visible), -1) @ image.ravel()
        return np.einsum("eij,eij->e", self.visible, image)

    def cube(self, image, flux) -> np.ndarray:
        """Return the counts for a flux in all bins of `reach`, shape (n_reco, n_lat, n_lon)."""
        result = np.zeros((self.matrix.shape[1], int(np.prod(self._kept))))
        for energies, planes in self._convolution.planes(image):
            counts = (planes * self._exposure[energies]).reshape(len(planes), -1)
            result += (flux[energies, np.newaxis] * self.matrix[energies]).T @ counts
        return result.reshape(-1, *self._kept)

    def pull(self, slopes, flux=None) -> np.ndarray:
        """Return the derivative of a function of the near bins in each pixel of the image.

        Parameters
        ----------
        slopes : ndarray, shape (n_near,)
            Derivative of the function in the counts of each near bin.
        flux : ndarray, shape (n_true,), optional
            Sum over true energies with these weights.

        Returns
        -------
        ndarray, shape (n_true, n_lat, n_lon) or, with `flux`, (n_lat, n_lon)
        """
        size = int(np.prod(self._kept))
        planes = np.empty((len(self._seen), *self._kept))
        for plane, seen in zip(planes, self._seen, strict=True):
            plane[:] = np.bincount(self._pixel, weights=seen * slopes, minlength=size).reshape(self._kept)
        if flux is None:
            return self._convolution.adjoint(planes)
        return self._convolution.adjoint_sum(planes, flux)
