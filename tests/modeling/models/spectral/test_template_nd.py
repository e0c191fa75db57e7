import numpy as np
import pytest
from astropy import units as u

from geminga.errors import ModelError
from geminga.maps import MapAxis, RegionNDMap
from geminga.modeling import models
from geminga.modeling.models.spectral.differences import central_differences

ENERGIES = [0.5, 1, 2, 5, 20] * u.TeV


@pytest.fixture
def table():
    energy = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=3, name="energy_true")
    tilt = MapAxis.from_edges([0, 1, 2, 3], name="tilt")
    data = np.arange(1, 10.0).reshape(3, 3, 1, 1)
    return RegionNDMap.create(None, axes=[energy, tilt], unit="cm-2 s-1 TeV-1", data=data)


def test_values(table):
    # oracle: peer 2.1, TemplateNDSpectralModel(map)(ENERGIES) for tilt 1.5, 0.7 and 3.5
    model = models.TemplateNDSpectralModel(table)
    assert model.tilt.value == 1.5
    assert (model.tilt.min, model.tilt.max) == (0, 3)
    expected = {
        1.5: [2.924735, 3.57770876, 4.37646487, 5.57486151, 7.74907142],
        0.7: [0.56927166, 0.97793277, 1.67995803, 2.9796093, 5.71747721],
        3.5: [11.51791097, 11.98392682, 12.46879771, 13.21334567, 14.54717084],
    }
    for tilt, values in expected.items():
        model.tilt.value = tilt
        np.testing.assert_allclose(model(ENERGIES).value, values, rtol=1e-7)
    assert not model.is_norm_spectral_model


def test_bound(table):
    model = models.TemplateNDSpectralModel(table, tilt=1.2)
    bound = model.on_points(ENERGIES)
    np.testing.assert_allclose(bound.evaluate(bound.values), model(ENERGIES).value, rtol=1e-13)
    _, jacobian = bound.jacobian(bound.values)
    np.testing.assert_allclose(jacobian, central_differences(bound.evaluate, bound.values), rtol=1e-7)
    assert model.integral("1 TeV", "2 TeV").unit == "cm-2 s-1"


def test_norm(table):
    table = RegionNDMap(table.geom, table.data)
    assert models.TemplateNDSpectralModel(table).is_norm_spectral_model


def test_round_trip_through_a_file(table, tmp_path):
    model = models.TemplateNDSpectralModel(table, interp_kwargs={"values_scale": "lin"}, tilt=0.8)
    model.tilt.frozen = True
    with pytest.raises(ModelError, match="filename"):
        model.write()
    model.write(filename=tmp_path / "table.fits")
    again = models.SpectralModel.from_dict(model.to_dict())
    assert again.tilt.to_dict() == model.tilt.to_dict()
    np.testing.assert_allclose(again(ENERGIES).value, model(ENERGIES).value, rtol=1e-12)
    model.filename = None
    with pytest.raises(ModelError, match="filename"):
        models.SpectralModel.from_dict(model.to_dict())


def test_needs_an_energy_axis():
    axis = MapAxis.from_edges([0, 1, 2], name="tilt")
    with pytest.raises(ModelError, match="energy axis"):
        models.TemplateNDSpectralModel(RegionNDMap.create(None, axes=[axis]))


def test_template_from_region_map():
    axis = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=3, name="energy_true")
    table = RegionNDMap.create(None, axes=[axis], unit="cm-2 s-1 TeV-1", data=np.arange(1, 4.0))
    model = models.TemplateSpectralModel.from_region_map(table)
    np.testing.assert_allclose(model(axis.center).value, [1, 2, 3])


def test_scaling_for_plots():
    axis = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=3, name="energy")
    flux = RegionNDMap.create(None, axes=[axis], unit="cm-2 s-1 erg-1", data=np.ones(3))
    scaled = models.scale_plot_flux(flux, 2)
    assert scaled.unit == u.Unit("erg cm-2 s-1")
    np.testing.assert_allclose(scaled.data.ravel(), axis.center.to_value("erg") ** 2)
