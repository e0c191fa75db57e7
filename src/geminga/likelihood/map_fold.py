"""Response of one map dataset to the image of one sky model.

What the model adds to the map is linear in its image: convolved with the PSF of each energy, times the exposure,
spread over the reconstructed energies. Two things are wanted of it, and no cube: the counts in the bins with counts
(`response`), and their sum over all bins (`totals`). The sum goes the other way round: what each pixel of the image
adds to it is folded once, so that the total of any image is a product with `visible`. Derivatives take the same way
back (`pull`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

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
        self._window, self._exposure_map, self._unit = window, exposure, unit
        shape = tuple(part.stop - part.start for part in window)
        self._kept = kept = tuple(part.stop - part.start for part in reach)
        first = tuple(r.start - part.start for r, part in zip(reach, window, strict=True))
        self._convolution = convolution(kernels, self._n_planes, shape, first, kept, dtype)
        y, x = reach
        self.near = np.flatnonzero(
            (bins.lat >= y.start) & (bins.lat < y.stop) & (bins.lon >= x.start) & (bins.lon < x.stop)
        )
        self._pixel = (bins.lat[self.near] - y.start) * kept[1] + bins.lon[self.near] - x.start
        self._energy = bins.energy[self.near]
        self._ranges = [self._range(row) for row in matrix]
        self._weight = bins.weight[(slice(None), *reach)]

    @property
    def _n_planes(self) -> int:
        """Number of images that are convolved."""
        return len(self.matrix)

    def _range(self, row) -> slice:
        """Return the near bins that a true energy can reach; they are in the order of reconstructed energy."""
        reached = np.flatnonzero(row)
        if not reached.size:
            return slice(0, 0)
        first, last = np.searchsorted(self._energy, [reached[0], reached[-1] + 1])
        return slice(int(first), int(last))

    def _exposed(self) -> np.ndarray:
        """Return the exposure in cm2 s where it is applied: after the convolution."""
        return self._exposure_in(self.reach)

    def _exposure_in(self, part) -> np.ndarray:
        values = self._exposure_map[(slice(None), *part)].astype(float) * self._unit
        return np.nan_to_num(values, copy=False, nan=0.0, posinf=0.0, neginf=0.0)

    @cached_property
    def _seen(self) -> list[np.ndarray]:
        """What the near bins see of unit counts in the convolved image, for each true energy."""
        exposed = self._exposed()
        planes = exposed.reshape(len(exposed), -1)
        return [
            plane[self._pixel[bins]] * row[self._energy[bins]]
            for plane, row, bins in zip(planes, self.matrix, self._ranges, strict=True)
        ]

    @cached_property
    def visible(self) -> np.ndarray:
        """What unit flux in each pixel of the image adds to the total, shape (n_true, n_lat, n_lon)."""
        weight = self._weight.reshape(len(self._weight), -1).astype(float)
        planes = (self.matrix @ weight).reshape(-1, *self._kept)
        planes *= self._exposed()
        return self._convolution.adjoint(planes)

    def response(self, image) -> list[np.ndarray]:
        """Return the counts in the near bins for unit flux in cm2 s: those that each true energy can reach."""
        result = []
        for energies, planes in self._convolution.planes(image):
            flat = planes.reshape(len(planes), -1)
            for plane, bins, seen in zip(flat, self._ranges[energies], self._seen[energies], strict=True):
                result.append(plane[self._pixel[bins]] * seen)
        return result

    def counts(self, response, flux) -> np.ndarray:
        """Return the counts in the near bins for a flux, shape (n_near,)."""
        result = np.zeros(self.near.size)
        for row, amount, bins in zip(response, flux, self._ranges, strict=True):
            result[bins] += amount * row
        return result

    def worth(self, response, slopes) -> np.ndarray:
        """Return the derivative of a function of the near bins in the flux, shape (n_true,)."""
        return np.array([row @ slopes[bins] for row, bins in zip(response, self._ranges, strict=True)])

    def totals(self, image) -> np.ndarray:
        """Return the counts for unit flux, summed over all bins with their weights, shape (n_true,)."""
        if image.ndim == 2:
            return self.visible.reshape(len(self.visible), -1) @ image.ravel()
        return np.einsum("eij,eij->e", self.visible, image)

    def cube(self, image, flux) -> np.ndarray:
        """Return the counts for a flux in all bins of `reach`, shape (n_reco, n_lat, n_lon)."""
        exposed = self._exposed()
        result = np.zeros((self.matrix.shape[1], *self._kept))
        for energies, planes in self._convolution.planes(image):
            for index, plane in zip(range(energies.start, energies.stop), planes, strict=True):
                counts = plane * exposed[index]
                for reco in np.flatnonzero(self.matrix[index]):
                    result[reco] += flux[index] * self.matrix[index, reco] * counts
        return result

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
        for plane, seen, bins in zip(planes, self._seen, self._ranges, strict=True):
            weights = seen * slopes[bins]
            plane[:] = np.bincount(self._pixel[bins], weights=weights, minlength=size).reshape(self._kept)
        if flux is None:
            return self._convolution.adjoint(planes)
        return self._convolution.adjoint_sum(planes, flux)
