import numpy as np
import pytest
from astropy import units as u

from geminga.errors import ModelError
from geminga.modeling import models
from geminga.modeling.models.spectral.binned import SpectrumOnBins, SpectrumOnPoints
from geminga.modeling.models.spectral.differences import central_differences

EDGES = np.geomspace(0.1, 50, 9)


def test_units_of_the_parameters_are_those_of_the_values():
    model = models.PowerLawSpectralModel(amplitude="1e-9 m-2 s-1 GeV-1", reference="500 GeV")
    bound = model.on_bins(EDGES)
    assert [parameter.name for parameter in bound.parameters] == ["index", "amplitude", "reference"]
    doubled = bound.values * [1, 2, 1]
    np.testing.assert_allclose(bound.evaluate(doubled), 2 * bound.evaluate(bound.values))
    model.amplitude.value *= 2
    expected = model.integral(EDGES[:-1] * u.TeV, EDGES[1:] * u.TeV).to_value("cm-2 s-1")
    np.testing.assert_allclose(bound.evaluate(doubled), expected, rtol=1e-13)


def test_shared_parameters_occur_once_and_derivatives_add_up():
    one = models.PowerLawSpectralModel(index=2.1)
    other = models.PowerLawSpectralModel(amplitude="4e-12 cm-2 s-1 TeV-1")
    other.index = one.index
    for model in (one + other, one * models.PowerLawNormSpectralModel(), one - other):
        for bound in (model.on_bins(EDGES), model.on_points(EDGES)):
            assert len(bound.parameters) == len({id(parameter) for parameter in bound.parameters})
            _, jacobian = bound.jacobian(bound.values)
            expected = central_differences(bound.evaluate, bound.values)
            scale = np.abs(expected).max(axis=1, keepdims=True) + 1e-300
            np.testing.assert_allclose(jacobian / scale, expected / scale, atol=1e-7)


def test_same_parameter_under_two_names_adds_up():
    bound = (models.PowerLawSpectralModel() + models.PowerLawSpectralModel()).on_bins(EDGES)
    assert len(bound.parameters) == 6
    model = models.PowerLawSpectralModel()
    total = model + model
    bound = total.on_bins(EDGES)
    assert len(bound.parameters) == 3
    single = model.on_bins(EDGES)
    np.testing.assert_allclose(bound.evaluate(bound.values), 2 * single.evaluate(single.values))
    np.testing.assert_allclose(bound.jacobian(bound.values)[1], 2 * single.jacobian(single.values)[1])


def test_scale_follows_the_scaled_model():
    inner = models.PowerLawSpectralModel()
    bound = models.ScaleSpectralModel(inner, norm=3).on_bins(EDGES)
    before = bound.evaluate([3.0])
    inner.amplitude.value *= 2
    np.testing.assert_allclose(bound.evaluate([3.0]), 2 * before)
    np.testing.assert_allclose(bound.jacobian([3.0])[1][0], bound.evaluate([1.0]))
    assert not np.any(bound.evaluate([0.0]))


def test_doors_and_edges():
    model = models.PowerLawSpectralModel()
    np.testing.assert_allclose(
        SpectrumOnBins(model, EDGES * 1000 * u.GeV).evaluate([2, 1e-12, 1]),
        model.on_bins((EDGES[:-1], EDGES[1:])).evaluate([2, 1e-12, 1]),
        rtol=1e-12,
    )
    assert SpectrumOnPoints(model, [1, 2] * u.TeV).size == 2
    with pytest.raises(ModelError, match="ascending"):
        model.on_bins([3.0, 2.0])
    assert "index" in repr(model.on_bins(EDGES))


def test_absorbed_power_law():
    table = np.array([[1.0, 0.9, 0.3], [0.99, 0.5, 0.04], [0.98, 0.3, 0.001]])
    absorption = models.EBLAbsorptionNormSpectralModel(
        [0.05, 1, 100] * u.TeV, [0.05, 0.1, 0.3], table, redshift=0.13, alpha_norm=1.2
    )
    model = models.PowerLawSpectralModel() * absorption
    bound = model.on_bins(EDGES)
    names = [parameter.name for parameter in bound.parameters]
    assert names == ["index", "amplitude", "reference", "redshift", "alpha_norm"]
    _, jacobian = bound.jacobian(bound.values)
    expected = central_differences(bound.evaluate, bound.values)
    scale = np.abs(expected).max(axis=1, keepdims=True)
    np.testing.assert_allclose(jacobian / scale, expected / scale, atol=1e-7)
    # the table itself through its own interpolation
    np.testing.assert_allclose(
        absorption.on_points(EDGES).evaluate([0.13, 1.2]), absorption.evaluate(EDGES, 0.13, 1.2), rtol=1e-12
    )


def test_extreme_parameters_do_not_warn():
    bound = models.PowerLawSpectralModel().on_bins(EDGES)
    assert np.all(np.isfinite(bound.evaluate([200.0, 1e-12, 1.0])))
    bound = models.ExpCutoffPowerLawSpectralModel().on_bins(EDGES)
    assert np.all(np.isfinite(bound.evaluate([1.5, 1e-12, 1.0, 1e5, 1.0])))
    _, jacobian = bound.jacobian([1.5, 1e-12, 1.0, 0.0, 1.0])
    assert np.all(np.isfinite(jacobian))
