"""Response to the image of a sky model where the PSF depends on the reconstructed energy, as that of HAWC.

It is applied last: the image times the exposure of each true energy, spread over the reconstructed energies, convolved.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from .map_fold import MapFold

__all__ = ["MovingRecoMapFold", "RecoMapFold"]


class RecoMapFold(MapFold):
    """Linear response to an image, convolved in reconstructed energy; see `MapFold`.

    Parameters are those of `MapFold`, with `kernels` of shape (n_reco, k_lat, k_lon).
    """

    @property
    def _n_planes(self) -> int:
        return self.matrix.shape[1]

    def _exposed(self) -> np.ndarray:
        """Return the exposure in cm2 s where it is applied: on the image itself."""
        return self._exposure_in(self._window)

    @cached_property
    def _exposure(self) -> np.ndarray:
        return self._exposed()

    @cached_property
    def visible(self) -> np.ndarray:
        """What unit flux in each pixel of the image adds to the total, shape (n_true, n_lat, n_lon)."""
        return self._spread(self._convolution.adjoint(self._weight.astype(float)))

    def _spread(self, planes) -> np.ndarray:
        """Return weights of reconstructed energies as weights of true energies."""
        return np.einsum("ej,jyx->eyx", self.matrix, planes) * self._exposure

    def response(self, image) -> list[np.ndarray]:
        """Return the counts in the near bins for unit flux in cm2 s: those that each true energy can reach."""
        result = [np.zeros(bins.stop - bins.start) for bins in self._ranges]
        exposed = self._exposure * image
        for index in np.unique(self._energy):
            first, last = np.searchsorted(self._energy, [index, index + 1])
            for true in np.flatnonzero(self.matrix[:, index]):
                plane = self._convolution.plane(exposed[true], index).ravel()
                start = self._ranges[true].start
                result[true][first - start : last - start] = (
                    self.matrix[true, index] * plane[self._pixel[first:last]]
                )
        return result

    def cube(self, image, flux) -> np.ndarray:
        """Return the counts for a flux in all bins of `reach`, shape (n_reco, n_lat, n_lon)."""
        exposed = self._exposure * image * flux[:, np.newaxis, np.newaxis]
        spread = np.einsum("ej,eyx->jyx", self.matrix, exposed)
        return np.concatenate([planes for _, planes in self._convolution.planes(spread)])

    def _pulled_planes(self, slopes) -> np.ndarray:
        """Return the derivative of a function of the near bins in the image of each reconstructed energy."""
        planes = np.zeros((self._n_planes, *self._kept))
        np.add.at(planes.reshape(self._n_planes, -1), (self._energy, self._pixel), slopes)
        return self._convolution.adjoint(planes)

    def pull(self, slopes, flux=None) -> np.ndarray:
        """Return the derivative of a function of the near bins in each pixel of the image; see `MapFold.pull`."""
        pulled = self._spread(self._pulled_planes(slopes))
        return pulled if flux is None else np.tensordot(flux, pulled, axes=1)


class MovingRecoMapFold(RecoMapFold):
    """The same for a source that moves: no response is kept, as it would serve one flux only.

    For a known flux the image is spread over the reconstructed energies first, and there are few of those.
    """

    def response(self, image) -> list[np.ndarray]:
        """Return the image times the exposure of each true energy."""
        return list(self._exposure * image)

    def counts(self, response, flux) -> np.ndarray:
        """Return the counts in the near bins for a flux, shape (n_near,)."""
        spread = np.einsum("e,ej,eyx->jyx", flux, self.matrix, np.asarray(response), optimize=True)
        result = np.zeros(self.near.size)
        for energies, planes in self._convolution.planes(spread):
            for index, plane in zip(range(energies.start, energies.stop), planes, strict=True):
                first, last = np.searchsorted(self._energy, [index, index + 1])
                result[first:last] = plane.ravel()[self._pixel[first:last]]
        return result

    def worth(self, response, slopes) -> np.ndarray:
        """Return the derivative of a function of the near bins in the flux, shape (n_true,)."""
        exposed = np.asarray(response).reshape(len(self.matrix), -1)
        planes = self._pulled_planes(slopes).reshape(self._n_planes, -1)
        return np.einsum("ej,ej->e", self.matrix, exposed @ planes.T)
