"""Integrals over pixels that are much larger than the source."""

import numpy as np
import pytest
from astropy import units as u
from numpy.testing import assert_allclose

from geminga.datasets import MapDataset
from geminga.maps import HpxGeom, MapAxis, WcsGeom
from geminga.modeling.models import (
    DiskSpatialModel,
    GaussianSpatialModel,
    PointSpatialModel,
    PowerLawSpectralModel,
    ShellSpatialModel,
    SkyModel,
)

PLACE = {"lon_0": "10.013 deg", "lat_0": "5.007 deg", "frame": "icrs"}
GEOMS = {
    "wcs": WcsGeom.create(skydir=(10, 5), npix=7, binsz=0.5, proj="TAN"),
    "galactic": WcsGeom.create(skydir=(10, 5), npix=200, binsz=1, frame="galactic"),
    "one pixel": WcsGeom.create(skydir=(10, 5), npix=1, binsz=0.5),
    "healpix": HpxGeom.create(nside=128, frame="icrs"),
}


@pytest.mark.parametrize("name", ["wcs", "one pixel", "healpix"])
@pytest.mark.parametrize("size", [1e-2, 1e-3, 1e-4, 1e-6])
@pytest.mark.parametrize(
    "make",
    [
        lambda size: GaussianSpatialModel(sigma=size, **PLACE),
        lambda size: DiskSpatialModel(r_0=size, e=0.9, phi="30 deg", **PLACE),
        lambda size: ShellSpatialModel(radius=size, width=0.2 * size, **PLACE),
    ],
    ids=["gaussian", "disk", "shell"],
)
def test_sources_much_smaller_than_pixels_keep_their_flux(make, size, name):
    geom, model = GEOMS[name], make(size * u.deg)
    assert_allclose(model.integrate_geom(geom).data.sum(), 1, rtol=5e-3)


def test_where_they_are_and_in_all_bins_of_energy():
    axis = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=2)
    model = GaussianSpatialModel(sigma="1e-5 deg", **PLACE)
    for geom in GEOMS.values():
        integral = model.integrate_geom(geom.to_cube([axis])).data
        assert integral.shape == (2, *geom.data_shape)
        assert_allclose(integral[0], integral[1])
        assert np.argmax(integral[0]) == np.argmax(PointSpatialModel(**PLACE).integrate_geom(geom).data)


def test_a_tiny_source_beside_the_image_is_not_on_it():
    model = GaussianSpatialModel(lon_0="20 deg", lat_0="5 deg", sigma="1e-5 deg", frame="icrs")
    assert not model.integrate_geom(GEOMS["wcs"]).data.any()
    part = HpxGeom.create(nside=128, frame="icrs", region="DISK(10,5,3)")
    assert not model.integrate_geom(part).data.any()
    assert_allclose(DiskSpatialModel(r_0="1e-4 deg", **PLACE).integrate_geom(part).data.sum(), 1, rtol=5e-3)


def test_tiny_sources_on_healpix_maps_are_predicted():
    axis = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=2)
    geom = HpxGeom.create(nside=32, frame="icrs", region="DISK(10,5,6)", axes=[axis])
    dataset = MapDataset.create(geom, energy_axis_true=axis.copy(name="energy_true"))
    dataset.psf = None
    dataset.exposure.data += 1e10
    spectrum = PowerLawSpectralModel()

    def predicted(spatial):
        dataset.models = [SkyModel(spectrum, spatial, name="source")]
        return dataset.npred_signal().data.sum()

    point = predicted(PointSpatialModel(**PLACE))
    assert_allclose(predicted(DiskSpatialModel(r_0="0.01 deg", **PLACE)), point, rtol=5e-3)
