"""What every spectral model of the registry must do, also those of third parties."""

import numpy as np
import pytest
import yaml
from astropy import units as u
from scipy.integrate import quad

from geminga.modeling import models
from geminga.modeling.models.spectral.differences import central_differences

DNDE = u.Unit("cm-2 s-1 TeV-1")
EDGES = np.geomspace(0.1, 60, 12)


def _special():
    """Return constructors of the models that need arguments, by class name."""
    table = [[1.0, 0.9, 0.3], [0.99, 0.5, 0.04], [0.98, 0.3, 0.001]]
    return {
        "CompoundSpectralModel": lambda: (
            models.PowerLawSpectralModel(index=2.4) + models.LogParabolaSpectralModel(beta=0.3)
        ),
        "PiecewiseNormSpectralModel": lambda: models.PiecewiseNormSpectralModel(
            [0.2, 1, 5, 30] * u.TeV, norms=[0.8, 1.3, 0.6, 2.0]
        ),
        "ScaleSpectralModel": lambda: models.ScaleSpectralModel(models.PowerLawSpectralModel(), norm=2.5),
        "TemplateSpectralModel": lambda: models.TemplateSpectralModel(
            [0.05, 1, 10, 100] * u.TeV, [1e-9, 3e-12, 1e-14, 1e-17] * DNDE
        ),
        "EBLAbsorptionNormSpectralModel": lambda: models.EBLAbsorptionNormSpectralModel(
            [0.05, 1, 100] * u.TeV, [0.05, 0.1, 0.3], table, redshift=0.13, alpha_norm=1.2
        ),
        "SmoothBrokenPowerLawSpectralModel": lambda: models.SmoothBrokenPowerLawSpectralModel(
            index1=1.6, index2=2.7, beta=0.6
        ),
        "BrokenPowerLawSpectralModel": lambda: models.BrokenPowerLawSpectralModel(index1=1.6, index2=2.7),
        "SuperExpCutoffPowerLaw4FGLSpectralModel": lambda: models.SuperExpCutoffPowerLaw4FGLSpectralModel(
            expfactor=3e-5, index_2=0.6
        ),
        "GaussianSpectralModel": lambda: models.GaussianSpectralModel(mean="5 TeV", sigma="20 TeV"),
        "PowerLawNormSpectralModel": lambda: models.PowerLawNormSpectralModel(tilt=0.2),
        "LogParabolaNormSpectralModel": lambda: models.LogParabolaNormSpectralModel(alpha=0.1, beta=0.05),
        "ExpCutoffPowerLawNormSpectralModel": lambda: models.ExpCutoffPowerLawNormSpectralModel(index=0.2),
    }


# models that need files or other packages have tests of their own
ELSEWHERE = {"NaimaSpectralModel", "TemplateNDSpectralModel", "DarkMatterAnnihilationSpectralModel"}
ELSEWHERE |= {"DarkMatterDecaySpectralModel"}
NAMES = sorted(cls.__name__ for cls in models.SPECTRAL_MODEL_REGISTRY if cls.__name__ not in ELSEWHERE)


@pytest.fixture(params=NAMES)
def model(request):
    special = _special()
    if request.param in special:
        return special[request.param]()
    return models.SPECTRAL_MODEL_REGISTRY.get_cls(request.param)()


def test_strings_and_units(model):
    expected = model(1 * u.TeV)
    assert expected.shape == ()
    assert u.isclose(model("1e6 MeV"), expected, rtol=1e-12)
    assert model(np.ones((2, 3)) * u.GeV).shape == (2, 3)
    with pytest.raises(u.UnitConversionError):
        model(1 * u.s)


def test_points_equal_call(model):
    energies = np.geomspace(0.05, 80, 17)
    bound = model.on_points(energies)
    direct = model(energies * u.TeV)
    unit = u.one if model.is_norm_spectral_model else DNDE
    np.testing.assert_allclose(bound.evaluate(bound.values), direct.to_value(unit), rtol=1e-12, atol=0)


def test_integral_is_the_quadrature_of_the_values(model):
    low, high = 0.7, 2.9

    def function(log_energy):
        energy = np.exp(log_energy)
        return model(energy * u.TeV).value * energy

    breaks = [np.log(1.0)]
    expected = quad(function, np.log(low), np.log(high), epsrel=1e-11, epsabs=0, points=breaks)[0]
    unit = model(1 * u.TeV).unit * u.TeV
    result = model.integral(low * u.TeV, high * u.TeV).to_value(unit)
    np.testing.assert_allclose(result, expected, rtol=2e-4)
    closed = model.evaluate_integral is not None
    if closed:
        np.testing.assert_allclose(result, expected, rtol=1e-9)


def test_energy_flux_is_the_quadrature_of_energy_times_values(model):
    low, high = 0.7, 2.9
    unit = model(1 * u.TeV).unit * u.TeV**2

    def function(log_energy):
        energy = np.exp(log_energy)
        return model(energy * u.TeV).value * energy**2

    expected = quad(function, np.log(low), np.log(high), epsrel=1e-11, epsabs=0, points=[np.log(1.0)])[0]
    rtol = 1e-9 if model.evaluate_energy_flux is not None else 2e-4
    result = model.energy_flux(low * u.TeV, high * u.TeV).to_value(unit)
    np.testing.assert_allclose(result, expected, rtol=rtol)


def test_bins_equal_integral(model):
    bound = model.on_bins(EDGES)
    flux = model.integral(EDGES[:-1] * u.TeV, EDGES[1:] * u.TeV)
    unit = u.TeV if model.is_norm_spectral_model else DNDE * u.TeV
    np.testing.assert_allclose(bound.evaluate(bound.values), flux.to_value(unit), rtol=1e-12)


@pytest.mark.parametrize("kind", ["points", "bins"])
def test_jacobian_equals_differences(model, kind):
    bound = model.on_points(EDGES) if kind == "points" else model.on_bins(EDGES)
    if not bound.parameters:
        pytest.skip("no parameters")
    values = bound.values
    numbers, jacobian = bound.jacobian(values)
    assert jacobian.shape == (len(bound.parameters), bound.size)
    np.testing.assert_allclose(numbers, bound.evaluate(values), rtol=1e-12)
    expected = central_differences(bound.evaluate, values)
    # a derivative far smaller than value / parameter is buried in the rounding of the differences
    floor = 1e-9 * np.abs(numbers) / np.maximum(np.abs(values), 1e-3)[:, np.newaxis]
    assert np.all(np.abs(jacobian - expected) <= 3e-7 * np.abs(expected) + floor)


def test_jacobian_of_wanted_rows(model):
    bound = model.on_bins(EDGES)
    if not bound.parameters:
        pytest.skip("no parameters")
    wanted = np.arange(len(bound.parameters)) % 2 == 0
    full, part = bound.jacobian(bound.values)[1], bound.jacobian(bound.values, wanted)[1]
    np.testing.assert_array_equal(part[wanted], full[wanted])
    assert not np.any(part[~wanted] * (1 - np.any(full[~wanted], axis=1, keepdims=True)))


def test_linear_parameters_are_linear(model):
    if not model.linear_parameters:
        pytest.skip("not linear in a parameter")
    bound = model.on_points(EDGES)
    for name in model.linear_parameters:
        index = [parameter.name for parameter in bound.parameters].index(name)
        values = bound.values
        expected = bound.evaluate(values) * 3.5
        values[index] *= 3.5
        np.testing.assert_allclose(bound.evaluate(values), expected, rtol=1e-12)
        values[index] = 0.0
        assert not np.any(bound.evaluate(values))
        _, jacobian = bound.jacobian(values)
        assert np.all(np.isfinite(jacobian[index]))


def test_many_draws_at_once(model):
    bound = model.on_bins(EDGES)
    draws = bound.values * np.array([[1.0], [1.01], [0.98]])
    many = bound.evaluate_many(draws)
    assert many.shape == (3, bound.size)
    np.testing.assert_allclose(many, [bound.evaluate(row) for row in draws], rtol=1e-11)


def test_other_units_of_parameters_change_nothing(model):
    energies = np.geomspace(0.05, 80, 9)
    before = model.on_points(energies).evaluate(model.on_points(energies).values)
    changed = model.copy()
    other = {"TeV": "GeV", "1 / (TeV s cm2)": "m-2 s-1 MeV-1", "1 / (s cm2)": "m-2 s-1", "1 / TeV": "GeV-1"}
    for parameter in changed.parameters:
        unit = other.get(str(parameter.unit))
        if unit:
            parameter.quantity = parameter.quantity.to(unit)
    bound = changed.on_points(energies)
    np.testing.assert_allclose(bound.evaluate(bound.values), before, rtol=1e-11)
    direct, original = changed(energies * u.TeV), model(energies * u.TeV)
    np.testing.assert_allclose(direct.to_value(original.unit), original.value, rtol=1e-11)


def test_dictionary_round_trip(model):
    for number, parameter in enumerate(model.parameters):
        parameter.frozen = not parameter.frozen
        parameter.error = 0.01 * (number + 1) * (abs(parameter.value) or 1)
        parameter.min = parameter.value - 10 * (abs(parameter.value) or 1)
        parameter.max = parameter.value + 10 * (abs(parameter.value) or 1)
    text = yaml.safe_dump(model.to_dict())
    again = models.SpectralModel.from_dict(yaml.safe_load(text))
    assert type(again) is type(model)
    for one, other in zip(model.parameters, again.parameters, strict=True):
        assert one.to_dict() == other.to_dict()
    energies = np.geomspace(0.02, 200, 9) * u.TeV
    np.testing.assert_allclose(again(energies).value, model(energies).value, rtol=1e-14)
    full = models.SpectralModel.from_dict(yaml.safe_load(yaml.safe_dump(model.to_dict(full_output=True))))
    assert full.to_dict() == model.to_dict()


def test_copy_is_independent(model):
    copied = model.copy()
    assert type(copied) is type(model)
    for one, other in zip(model.parameters, copied.parameters, strict=True):
        assert one is not other
        other.value = other.value + 1
        assert one.value != other.value


def test_errors_follow_the_covariance(model):
    if not len(model.parameters):
        pytest.skip("no parameters")
    name = model.linear_parameters[0] if model.linear_parameters else model.parameters.names[0]
    parameter = model.parameters[name]
    parameter.error = 0.05 * abs(parameter.value)
    energies = [0.3, 3] * u.TeV
    result = model.evaluate_error(energies, n_samples=2000)
    assert result.shape == (3, 2)
    assert result.unit == model(energies).unit
    if model.linear_parameters:
        expected = model(energies)
        np.testing.assert_allclose((result[0] / expected).to_value(""), 1, atol=0.006)
        np.testing.assert_allclose((result[1:] / expected).to_value(""), 0.05, rtol=0.1)
    flux = model.integral_error(energies, 2 * energies, n_samples=200)
    assert flux.shape == (3, 2)
    assert model.energy_flux_error(1 * u.TeV, 2 * u.TeV, n_samples=200).shape == (3,)
    assert model.spectral_index_error(energies, n_samples=200).shape == (3, 2)


def test_text(model):
    assert type(model).__name__ in repr(model) or "Model(" in repr(model)
    assert type(model).__name__ in str(model)
    assert "<pre>" in model._repr_html_()
