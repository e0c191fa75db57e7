"""Models on the sky: integrals, selections by place, templates."""

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.time import Time
from numpy.testing import assert_allclose
from regions import CircleSkyRegion

from geminga.data import GTI
from geminga.errors import AxisMismatchError, ModelError
from geminga.maps import Map, MapAxis, RegionGeom, WcsGeom
from geminga.modeling.models import (
    ExpDecayTemporalModel,
    FoVBackgroundModel,
    GaussianSpatialModel,
    Models,
    PointSpatialModel,
    PowerLawNormSpectralModel,
    PowerLawSpectralModel,
    SkyModel,
    TemplateNPredModel,
)

CENTER = SkyCoord(3, 1, unit="deg", frame="galactic")
TRUE = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=3, name="energy_true")
RECO = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=3, name="energy")


def gauss(**options):
    spatial = GaussianSpatialModel(lon_0="3 deg", lat_0="1 deg", sigma="0.2 deg", frame="galactic")
    return SkyModel(PowerLawSpectralModel(index=2.2), spatial, name="gauss", **options)


@pytest.fixture
def models():
    far = PointSpatialModel(lon_0="30 deg", lat_0="1 deg", frame="galactic")
    return Models(
        [
            gauss(),
            SkyModel(PowerLawSpectralModel(), far, name="far"),
            SkyModel(PowerLawSpectralModel(), name="spectrum"),
            FoVBackgroundModel(dataset_name="run"),
        ]
    )


@pytest.fixture
def geom():
    return WcsGeom.create(skydir=CENTER, width=3, binsz=0.1, frame="galactic", axes=[TRUE])


def test_place_is_that_of_the_spatial_part():
    model = gauss()
    assert model.position.separation(CENTER) < 1e-9 * u.deg
    assert model.frame == "galactic"
    # oracle: peer 2.1, five sigma and a third of sigma
    assert_allclose(model.evaluation_radius.to_value("deg"), 1.0)
    assert_allclose(model.evaluation_bin_size_min.to_value("deg"), 0.2 / 3)


def test_evaluate():
    # oracle: peer 2.1, SkyModel.evaluate(3 deg, 1 deg, 1 TeV)
    value = gauss().evaluate(3 * u.deg, 1 * u.deg, 1 * u.TeV)
    assert_allclose(value.to_value("cm-2 s-1 TeV-1 sr-1"), 1.3061884708390326e-08, rtol=1e-8)


def test_integrals_over_pixels(geom):
    model = gauss()
    flux = model.spectral_model.integral(TRUE.edges[:-1], TRUE.edges[1:]).to_value("cm-2 s-1")
    total = model.integrate_geom(geom)
    assert total.unit == "cm-2 s-1"
    # all of the Gaussian but 4e-6 is within five sigma
    assert_allclose(total.data.sum(axis=(1, 2)), flux, rtol=1e-3)
    value = model.evaluate_geom(geom)
    assert value.shape == geom.data_shape
    assert value.unit.is_equivalent("cm-2 s-1 TeV-1 sr-1")


def test_integrals_over_regions(geom):
    region = RegionGeom.create("galactic;circle(3,1,0.5)", axes=[TRUE])
    spectrum = SkyModel(PowerLawSpectralModel(index=2.2))
    flux = spectrum.integrate_geom(region).data.squeeze()
    # oracle: peer 2.1
    assert_allclose(flux, [5.01577358e-13, 1.99681543e-13, 7.94946540e-14], rtol=1e-7)
    # analytic: 1 - exp(-r^2 / 2 sigma^2) inside
    assert_allclose(
        gauss().integrate_geom(region).data.squeeze(), flux * (1 - np.exp(-0.5 * 2.5**2)), rtol=2e-3
    )


def test_temporal_average(geom):
    model = gauss(temporal_model=ExpDecayTemporalModel())
    start = Time(51544, format="mjd", scale="utc")
    gti = GTI.create([0] * u.d, [1] * u.d, reference_time=start)
    ratio = model.integrate_geom(geom, gti).data.sum() / model.integrate_geom(geom).data.sum()
    # the mean of exp(-t) over a day
    assert_allclose(ratio, 1 - np.exp(-1), rtol=1e-6)
    assert_allclose((model.evaluate_geom(geom, gti) / model.evaluate_geom(geom)).value, ratio)


def test_contributes(geom):
    mask = Map.from_geom(geom, data=np.ones(geom.data_shape, dtype=bool))
    near, far = (
        gauss(),
        SkyModel(PowerLawSpectralModel(), PointSpatialModel(lon_0="30 deg", frame="galactic")),
    )
    assert near.contributes(mask)
    assert not far.contributes(mask)
    assert far.contributes(mask, margin="26 deg")
    assert SkyModel(PowerLawSpectralModel()).contributes(mask)
    mask.data[...] = False
    assert not near.contributes(mask)


def test_selections(models, geom):
    mask = Map.from_geom(geom, data=np.ones(geom.data_shape, dtype=bool))
    assert models.select_mask(mask).names == ["gauss", "spectrum", "run-bkg"]
    assert models.select_mask(mask, margin="26 deg").names == models.names
    assert models.select_mask(mask, use_evaluation_region=False).names == ["gauss", "spectrum", "run-bkg"]
    assert models.select_from_geom(geom).names == ["gauss", "spectrum", "run-bkg"]
    assert models.select_region(CircleSkyRegion(CENTER, 1 * u.deg)).names == ["gauss"]


def test_places(models, caplog):
    positions = models.positions
    assert len(positions) == 2
    assert positions[0].separation(CENTER) < 1e-9 * u.deg
    assert len(models.to_regions()) == 2
    assert "Skipping model spectrum" in caplog.text
    assert models.wcs_geom.contains(CENTER)


def test_one_template_for_many(geom):
    models = Models([gauss(), SkyModel(PowerLawSpectralModel(), gauss().spatial_model, name="other")])
    template = models.to_template_sky_model(geom, name="sum")
    expected = models[0].evaluate_geom(geom) + models[1].evaluate_geom(geom)
    assert template.name == "sum"
    assert_allclose(
        template.evaluate_geom(geom).to_value(expected.unit), expected.value, rtol=1e-3, atol=1e-14
    )
    spectrum = models.to_template_spectral_model(geom)
    flux = sum(model.integrate_geom(geom).data.sum(axis=(1, 2)) for model in models)
    width = np.diff(TRUE.edges.to_value("TeV"))
    assert_allclose(spectrum(TRUE.center).to_value("cm-2 s-1 TeV-1"), flux / width, rtol=1e-6)
    with pytest.raises(ModelError, match="must be a SkyModel"):
        Models(FoVBackgroundModel("run")).to_template_sky_model(geom)
    with pytest.raises(ModelError, match="spatial part"):
        Models(SkyModel(PowerLawSpectralModel())).to_template_sky_model(geom)


def test_background_with_a_shape():
    geom = WcsGeom.create(skydir=CENTER, width=2, binsz=0.5, frame="galactic", axes=[RECO])
    spatial = gauss().spatial_model
    model = FoVBackgroundModel("run", PowerLawNormSpectralModel(tilt=1, norm=2), spatial)
    value = model.evaluate_geom(geom)
    coords = geom.get_coord()
    expected = (
        2 * (coords["energy"] / u.TeV).value ** -1 * spatial(coords["lon"], coords["lat"]).to_value("sr-1")
    )
    assert_allclose(value.to_value("sr-1"), expected)
    # fault 35: the peer forgets spatial parameters
    assert len(model.parameters) == len(model.parameters_unique_names) == 8


@pytest.fixture
def counts():
    geom = WcsGeom.create(skydir=CENTER, width=2, binsz=0.5, frame="galactic", axes=[RECO])
    return Map.from_geom(geom, data=np.arange(48.0).reshape(3, 4, 4), dtype=float)


class TestTemplateNPred:
    def test_values(self, counts):
        model = TemplateNPredModel(counts, name="template", datasets_names="run")
        model.spectral_model.norm.value = 2
        assert_allclose(model.evaluate().data, 2 * counts.data)
        assert_allclose(model.evaluate_template(counts.geom), counts.data)
        assert model.position.separation(CENTER) < 1e-6 * u.deg
        assert_allclose(model.evaluation_radius.to_value("deg"), 1.0)
        model.map.data[...] = 0
        assert counts.data.sum() > 0

    def test_spatial_part(self, counts):
        model = TemplateNPredModel(counts, spatial_model=gauss().spatial_model)
        assert len(model.parameters) == len(model.parameters_unique_names) == 8
        coords = counts.geom.to_image().get_coord()
        expected = counts.data * model.spatial_model(coords["lon"], coords["lat"]).value
        assert_allclose(model.evaluate().data, expected)
        copy = model.copy(name="copy")
        # fault 35: the peer drops the spatial model
        assert copy.spatial_model is not model.spatial_model
        assert_allclose(copy.evaluate().data, expected)
        cut = model.cutout(CENTER, 1 * u.deg)
        assert cut.spatial_model is not None
        assert cut.map.geom.data_shape == (3, 2, 2)

    def test_copies_share_the_map(self, counts):
        model = TemplateNPredModel(counts)
        assert model.copy().map is model.map
        assert model.copy(copy_data=True).map is not model.map

    def test_slices_and_sums(self, counts):
        model = TemplateNPredModel(counts, name="template")
        part = model.slice_by_energy(RECO.edges[1], RECO.edges[3], name="part")
        assert part.map.geom.data_shape == (2, 4, 4)
        assert_allclose(part.map.data, counts.data[1:])
        model.stack(TemplateNPredModel(counts))
        assert_allclose(model.map.data, 2 * counts.data)
        assert_allclose(
            TemplateNPredModel(counts).evaluate_template(part.map.geom.to_image().to_cube([RECO])),
            counts.data,
        )
        with pytest.raises(AxisMismatchError):
            model.slice_by_energy(100 * u.TeV, 200 * u.TeV)

    def test_file(self, counts, tmp_path):
        model = TemplateNPredModel(
            counts, name="template", filename=str(tmp_path / "map.fits"), spatial_model=gauss().spatial_model
        )
        Models(model).write(tmp_path / "models.yaml")
        again = Models.read(tmp_path / "models.yaml")["template"]
        assert_allclose(again.evaluate().data, model.evaluate().data)
        assert again.to_dict() == model.to_dict()

    def test_mistakes(self, counts):
        with pytest.raises(ModelError, match="axis 'energy'"):
            TemplateNPredModel(counts.sum_over_axes(keepdims=False))
        with pytest.raises(ModelError, match="dimensionless"):
            TemplateNPredModel(counts, spectral_model=PowerLawSpectralModel())
        with pytest.raises(ModelError, match="filename"):
            TemplateNPredModel(counts).write()
        with pytest.raises(ModelError, match="filename"):
            TemplateNPredModel.from_dict({"type": "TemplateNPredModel", "name": "a"})
