"""Response to the image of a sky model where the PSF depends on the reconstructed energy, as that of HAWC.

It is applied last: the image times the exposure of each true energy, spread over the reconstructed energies, convolved.
"""

from __future__ import annotations

import numpy as np

from .map_fold import MapFold

__all__ = ["RecoMapFold"]


class RecoMapFold(MapFold):
    """Linear response to an image, convolved in reconstructed energy; see `MapFold`.

    Parameters are those of `MapFold`, with `kernels` of shape (n_reco, k_lat, k_lon).
    """

    @property
    def _n_planes(self) -> int:
        return self.matrix.shape[1]

    def _exposed(self, window) -> tuple[slice, slice]:
        """Return where the exposure is applied: on the image itself."""
        return window

    def _prepare(self, exposure, lat, lon) -> None:
        self._exposure = exposure

    def _visible(self, weight) -> np.ndarray:
        return self._spread(self._convolution.adjoint(weight))

    def _spread(self, planes) -> np.ndarray:
        """Return weights of reconstructed energies as weights of true energies."""
        return np.einsum("ej,jyx->eyx", self.matrix, planes) * self._exposure

    def response(self, image) -> np.ndarray:
        """Return the counts in the near bins for unit flux, shape (n_true, n_near), in cm2 s."""
        result = np.zeros((len(self.matrix), self._pixel.size))
        exposed = self._exposure * image
        for index in np.unique(self._energy):
            bins = np.flatnonzero(self._energy == index)
            column = self.matrix[:, index]
            for true in np.flatnonzero(column > 0):
                plane = self._convolution.plane(exposed[true], index)
                result[true, bins] = column[true] * plane.ravel()[self._pixel[bins]]
        return result

    def cube(self, image, flux) -> np.ndarray:
        """Return the counts for a flux in all bins of `reach`, shape (n_reco, n_lat, n_lon)."""
        exposed = self._exposure * image * flux[:, np.newaxis, np.newaxis]
        spread = np.einsum("ej,eyx->jyx", self.matrix, exposed)
        return np.concatenate([planes for _, planes in self._convolution.planes(spread)])

    def pull(self, slopes, flux=None) -> np.ndarray:
        """Return the derivative of a function of the near bins in each pixel of the image; see `MapFold.pull`."""
        planes = np.zeros((self._n_planes, *self._kept))
        np.add.at(planes.reshape(self._n_planes, -1), (self._energy, self._pixel), slopes)
        pulled = self._spread(self._convolution.adjoint(planes))
        return pulled if flux is None else np.tensordot(flux, pulled, axes=1)
