"""Counts given as a map, and the isotropic background of Fermi."""

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from numpy.testing import assert_allclose

from geminga.datasets import Datasets, MapDataset
from geminga.errors import ModelError
from geminga.maps import Map, MapAxis, WcsGeom
from geminga.modeling.models import (
    FoVBackgroundModel,
    GaussianSpatialModel,
    Models,
    PowerLawNormSpectralModel,
    TemplateNPredModel,
    create_fermi_isotropic_diffuse_model,
)

ENERGY = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=4)
GEOM = WcsGeom.create(skydir=(83, 22), npix=(20, 16), binsz=0.1, axes=[ENERGY])
SPATIAL = GaussianSpatialModel(lon_0="83.2 deg", lat_0="22.1 deg", sigma="0.5 deg")


@pytest.fixture
def template():
    counts = Map.from_geom(GEOM, data=np.random.default_rng(0).uniform(1, 2, GEOM.data_shape))
    spectrum = PowerLawNormSpectralModel(norm=1.4, tilt=0.3, reference="2 TeV")
    return TemplateNPredModel(counts, spectrum, name="template")


def test_counts_times_factors(template):
    factor = 1.4 * (ENERGY.center.to_value("TeV") / 2) ** -0.3
    expected = template.map.data * factor.reshape(-1, 1, 1)
    assert_allclose(template.evaluate().data, expected)
    template.spatial_model = SPATIAL.copy()
    density = SPATIAL.evaluate_geom(GEOM.to_image()).value
    assert_allclose(template.evaluate().data, expected * density)
    assert_allclose(template.evaluate_template(GEOM), template.map.data * density)


def test_prediction_on_the_part_that_it_covers(template):
    wide = WcsGeom.create(skydir=(83, 22), npix=(30, 26), binsz=0.1, axes=[ENERGY])
    dataset = MapDataset(counts=Map.from_geom(wide), name="wide")
    dataset.models = [template]
    predicted = dataset.npred_signal().data
    assert_allclose(predicted[:, 5:-5, 5:-5], template.evaluate().data)
    assert_allclose(predicted.sum(), template.evaluate().data.sum())


def test_copies_and_parts_keep_the_spatial_model(template):
    # the peer drops it, and forgets its parameters
    template.spatial_model = SPATIAL.copy()
    assert set(template.parameters.names) == {
        *("norm", "tilt", "reference"),
        *("lon_0", "lat_0", "sigma", "e", "phi"),
    }
    assert len(template.parameters_unique_names) == len(template.parameters)
    copied = template.copy(name="copy")
    assert copied.name == "copy"
    assert copied.spatial_model is not template.spatial_model
    assert_allclose(copied.evaluate().data, template.evaluate().data)
    part = template.cutout(SkyCoord(83, 22, unit="deg"), (0.6 * u.deg, 0.4 * u.deg))
    assert part.map.geom.data_shape == (4, 4, 6)
    assert_allclose(part.evaluate().data, template.evaluate().data[:, 6:10, 7:13])
    sliced = template.slice_by_energy(2 * u.TeV, 6 * u.TeV)
    assert_allclose(sliced.evaluate().data, template.evaluate().data[1:3])
    assert sliced.spatial_model.sigma.value == 0.5


def test_stack(template):
    other = template.copy(name="other", copy_data=True)
    before = template.map.data.copy()
    template.stack(other)
    assert_allclose(template.map.data, before + other.evaluate().data)


def test_file(template, tmp_path):
    with pytest.raises(ModelError, match="filename"):
        template.write()
    template.filename = str(tmp_path / "template.fits")
    template.spatial_model = SPATIAL.copy()
    template.datasets_names = ["a"]
    template.write()
    again = Models.from_dict(Models([template]).to_dict())[0]
    assert again.datasets_names == ["a"]
    assert_allclose(again.evaluate().data, template.evaluate().data, rtol=1e-6)


def test_factor_of_a_background_in_energy_and_position():
    dataset = MapDataset.create(GEOM, name="sky")
    dataset.background.data += 2
    model = FoVBackgroundModel(dataset_name="sky", spatial_model=SPATIAL.copy())
    model.spectral_model.norm.value, model.spectral_model.tilt.value = 1.5, 0.2
    Datasets([dataset]).models = [model]
    spectral = 1.5 * ENERGY.center.to_value("TeV") ** -0.2
    density = SPATIAL.evaluate_geom(GEOM.to_image()).value
    assert_allclose(dataset.npred_background().data, 2 * spectral.reshape(-1, 1, 1) * density, rtol=1e-6)


def test_isotropic_background(tmp_path):
    energy = np.geomspace(100, 1e6, 20)
    flux = 1e-7 * (energy / 100) ** -2.3
    np.savetxt(tmp_path / "iso.txt", np.column_stack([energy, flux, 0.1 * flux]))
    model = create_fermi_isotropic_diffuse_model(tmp_path / "iso.txt", datasets_names="fermi")
    assert model.datasets_names == ["fermi"]
    assert model.spatial_model(0 * u.deg, 0 * u.deg).to_value("sr-1") == 1
    value = model.spectral_model(10 * u.GeV).to_value("MeV-1 cm-2 s-1")
    assert value == pytest.approx(1e-7 * 100**-2.3, rel=1e-6)
