"""Averages over the energy."""

import numpy as np
from astropy import units as u

from geminga.irf.psf.spectral_mean import spectral_weights
from geminga.maps import MapAxis


class Flat:
    """A spectrum that is the same at all energies."""

    def integral(self, low, high):
        return (high - low) * u.Unit("TeV-1 cm-2 s-1")


def test_weights():
    axis = MapAxis.from_energy_edges([1, 2, 4] * u.TeV)
    # power law of index 2: 1 - 1/2 and 1/2 - 1/4
    np.testing.assert_allclose(spectral_weights(axis), [2 / 3, 1 / 3])
    np.testing.assert_allclose(spectral_weights(axis, Flat()), [1 / 3, 2 / 3])


def test_image(psf_map):
    image = psf_map.to_image(Flat())
    axis = psf_map.psf_map.geom.axes["energy_true"]
    weights = psf_map.exposure_map.data * spectral_weights(axis, Flat()).reshape(3, 1, 1, 1)
    expected = (weights * psf_map.psf_map.data)[..., 1:].sum(axis=0) / weights[..., 1:].sum(axis=0)
    np.testing.assert_allclose(image.psf_map.data[0, ..., 1:], expected)
    assert not image.psf_map.data[..., 0].any()
    assert image.psf_map.geom.axes["energy_true"].nbin == 1
    np.testing.assert_allclose(image.exposure_map.data[0], weights.sum(axis=0))


def test_image_without_the_axis(psf_map):
    image = psf_map.to_image(keepdims=False)
    assert list(image.psf_map.geom.axes.names) == ["rad"]
    np.testing.assert_allclose(image.psf_map.data, psf_map.to_image().psf_map.data[0])
    np.testing.assert_allclose(image.exposure_map.data, psf_map.to_image().exposure_map.data[0])
