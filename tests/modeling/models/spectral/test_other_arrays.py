"""Formulas with arrays of JAX, and their automatic derivatives against the declared ones."""

import numpy as np
import pytest

from geminga.modeling import models

jax = pytest.importorskip("jax", reason="jax is not installed")

ENERGIES = np.geomspace(0.1, 50, 9)
NAMES = [
    "BrokenPowerLawSpectralModel",
    "ConstantSpectralModel",
    "ExpCutoffPowerLaw3FGLSpectralModel",
    "ExpCutoffPowerLawNormSpectralModel",
    "ExpCutoffPowerLawSpectralModel",
    "GaussianSpectralModel",
    "LogParabola2SpectralModel",
    "LogParabolaNormSpectralModel",
    "LogParabolaSpectralModel",
    "MeyerCrabSpectralModel",
    "PowerLaw2SpectralModel",
    "PowerLawNormSpectralModel",
    "PowerLawSpectralModel",
    "SmoothBrokenPowerLawSpectralModel",
    "SuperExpCutoffPowerLaw3FGLSpectralModel",
    "SuperExpCutoffPowerLaw4FGLDR3SpectralModel",
    "SuperExpCutoffPowerLaw4FGLSpectralModel",
]


@pytest.fixture(autouse=True)
def _double_precision():
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)


def check_along_a_direction(formula, values, jacobian):
    """Compare one directional derivative, in which all parameters take part, with the declared ones."""
    direction = np.linspace(0.3, 1.1, len(values)) * np.maximum(np.abs(values), 1e-3)
    _, automatic = jax.jvp(formula, (values,), (jax.numpy.asarray(direction),))
    expected = direction @ jacobian
    np.testing.assert_allclose(automatic, expected, rtol=1e-7, atol=1e-9 * np.abs(expected).max())


@pytest.mark.parametrize("name", NAMES)
def test_formula_and_gradient(name):
    model = getattr(models, name)()
    if "index2" in model.parameters.names:
        model.index2.value = 2.6
    bound = model.on_points(ENERGIES)
    names = [parameter.name for parameter in bound.parameters]
    factors = bound.call.factors

    def formula(values):
        return model.evaluate(jax.numpy.asarray(ENERGIES), **dict(zip(names, values * factors, strict=True)))

    values = jax.numpy.asarray(bound.values)
    numbers, jacobian = bound.jacobian(bound.values)
    np.testing.assert_allclose(formula(values), numbers, rtol=1e-9)
    check_along_a_direction(formula, values, jacobian)


@pytest.mark.parametrize("name", ["PowerLawSpectralModel", "PowerLaw2SpectralModel", "GaussianSpectralModel"])
def test_closed_form_integrals(name):
    model = getattr(models, name)()
    bound = model.on_bins(ENERGIES)
    names = [parameter.name for parameter in bound.parameters]

    def formula(values):
        edges = jax.numpy.asarray(ENERGIES)
        return model.evaluate_integral(edges[:-1], edges[1:], **dict(zip(names, values, strict=True)))

    values = jax.numpy.asarray(bound.values * bound.call.factors)
    numbers, jacobian = bound.jacobian(bound.values)
    np.testing.assert_allclose(formula(values), numbers, rtol=1e-9)
    check_along_a_direction(formula, values, jacobian)


@pytest.mark.parametrize(
    "name", ["GaussianSpatialModel", "DiskSpatialModel", "ShellSpatialModel", "Shell2SpatialModel"]
)
def test_spatial_formulas(name):
    model = getattr(models, name)(lon_0="0.1 deg", lat_0="0.2 deg")
    if "e" in model.parameters.names:
        model.e.value = 0.4
    lon, lat = np.linspace(-0.5, 0.6, 7), np.linspace(-0.3, 0.4, 7)
    arguments = model._plain_arguments()

    def formula(arguments):
        return model.evaluate(jax.numpy.asarray(lon), jax.numpy.asarray(lat), **arguments)

    traced = {key: jax.numpy.asarray(value) for key, value in arguments.items()}
    np.testing.assert_allclose(formula(traced), model.evaluate(lon, lat, **arguments), rtol=1e-7)
