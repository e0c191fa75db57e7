"""Parameters: values, units, limits, scales, scans."""

import math
import pickle

import numpy as np
import pytest
from astropy import units as u
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from geminga.errors import ModelError, UnitError, UnknownNameError
from geminga.modeling import Parameter, PriorParameter
from geminga.modeling.models import GaussianPrior


def test_string_brings_its_unit():
    parameter = Parameter("amplitude", "3.2e-12 cm-2 s-1 TeV-1", min=0)
    assert parameter.value == 3.2e-12
    assert parameter.quantity == 3.2e-12 * u.Unit("cm-2 s-1 TeV-1")
    assert isinstance(parameter.value, float)


@pytest.mark.parametrize("value", ["False", 1, 0, None, "yes"])
def test_frozen_takes_booleans_only(value):
    parameter = Parameter("index", 2.0)
    with pytest.raises(ModelError, match="frozen of index must be True or False"):
        parameter.frozen = value
    assert parameter.frozen is False


@pytest.mark.parametrize("value", ["3 TeV", [1, 2], None, True, 1j])
def test_value_takes_numbers_only(value):
    parameter = Parameter("index", 2.0)
    with pytest.raises(ModelError):
        parameter.value = value
    with pytest.raises(UnitError, match=r"parameter\.quantity"):
        parameter.value = 3 * u.TeV
    parameter.value = np.float32(3)
    assert parameter.value == 3.0


def test_limits_and_error_are_converted():
    parameter = Parameter("energy", 5.0, "TeV", min="1 GeV", max=10 * u.TeV, error="0.5 TeV")
    assert (parameter.min, parameter.max, parameter.error) == (0.001, 10.0, 0.5)
    with pytest.raises(UnitError):
        parameter.min = 1 * u.m
    parameter.set_lim(max=None, min=2)
    assert (parameter.min, parameter.max) == (2.0, 10.0)
    with pytest.raises(ModelError, match="positive or 0"):
        parameter.error = -1


def test_new_unit_converts_limits_along():
    parameter = Parameter("energy", 5.0, "TeV", min=1, max=10, error=0.5, scan_min=2, scan_max=4)
    parameter.quantity = "3000 GeV"
    assert (parameter.value, parameter.min, parameter.max) == (3000.0, 1000.0, 10000.0)
    assert (parameter.error, parameter.scan_min, parameter.scan_max) == (500.0, 2000.0, 4000.0)
    with pytest.raises(UnitError):
        parameter.quantity = 4 * u.m


def test_value_outside_limits_is_allowed_and_reported(caplog):
    parameter = Parameter("index", 5.0, min=0, max=4)
    assert not parameter.check_limits()
    assert "outside its limits" in caplog.text
    parameter.value = 4
    assert parameter.check_limits()


@pytest.mark.parametrize(
    ("transform", "factor", "scale", "low", "high", "half"),
    [
        # oracle: peer 2.1, Parameter("a", 100, min=1, max=1e4, scale_transform=...).autoscale()
        ("lin", 1.0, 100.0, 0.01, 100.0, 0.5),
        ("log", 4.605170185988092, 1.0, 0.0, 9.210340371976184, 3.912023005428146),
        ("sqrt", 1.0, 10.0, 0.1, 10.0, 0.7071067811865476),
    ],
)
def test_autoscale(transform, factor, scale, low, high, half):
    parameter = Parameter("a", 100.0, min=1, max=1e4, scale_transform=transform)
    parameter.autoscale()
    assert_allclose(
        [
            parameter.factor,
            parameter.scale,
            parameter.factor_min,
            parameter.factor_max,
            parameter.transform(50.0),
        ],
        [factor, scale, low, high, half],
        rtol=1e-14,
    )
    parameter.reset_autoscale()
    assert parameter.value == 100.0
    assert parameter.scale == 1.0


def test_factor1_keeps_limits_in_order():
    parameter = Parameter("a", 0.01, min=1e-4, max=1e4, scale_transform="log", scale_method="factor1")
    parameter.autoscale()
    assert parameter.factor == 1.0
    assert parameter.scale < 0
    assert parameter.factor_min < parameter.factor_max


@given(
    st.floats(1e-14, 1e14),
    st.sampled_from(["lin", "log", "sqrt"]),
    st.sampled_from(["scale10", "factor1", None]),
)
@settings(max_examples=30, deadline=None)
def test_factor_round_trip(value, transform, method):
    parameter = Parameter("a", value, scale_transform=transform, scale_method=method)
    parameter.autoscale()
    factor = parameter.factor
    parameter.factor = factor
    assert_allclose(parameter.value, value, rtol=1e-12)
    # Near a logarithm of zero the factor is tiny and its differences drown in rounding.
    if abs(factor) > 1e-3:
        step = 1e-6 * abs(factor)
        up, down = (parameter.inverse_transform(factor + sign * step) for sign in (1, -1))
        assert_allclose(parameter.inverse_transform_derivative(factor), (up - down) / (2 * step), rtol=1e-5)


def test_scan_values():
    parameter = Parameter("a", 10.0, error=2.0)
    assert_allclose(parameter.scan_values, np.linspace(6, 14, 11))
    parameter.scan_n_values, parameter.scan_n_sigma = 3, 1
    assert_allclose(parameter.scan_values, [8, 10, 12])
    parameter.scan_min, parameter.scan_max = 1, 100
    parameter.interp = "log"
    assert_allclose(parameter.scan_values, [1, 10, 100])
    parameter.interp = "sqrt"
    assert_allclose(parameter.scan_values, [1, 5.5**2, 100])
    parameter.scan_values = [1, 2]
    assert_allclose(parameter.scan_values, [1, 2])


def test_logarithmic_scan_without_error_stays_positive():
    parameter = Parameter("amplitude", 3e-12, interp="log")
    values = parameter.scan_values
    assert np.all(values > 0)
    assert_allclose(values[5], 3e-12)
    parameter.scan_min = -1
    with pytest.raises(ModelError, match="must start above 0"):
        parameter.scan_values


def test_confidence_range():
    # oracle: peer 2.1, Parameter("amp", 3.2e-12, min=1e-14).conf_min and conf_max
    parameter = Parameter("amp", 3.2e-12, min=1e-14)
    assert_allclose([parameter.conf_min, parameter.conf_max], [1e-14, 3.2e-7])
    parameter = Parameter("a", 2.0, error=0.1, max=5)
    assert_allclose([parameter.conf_min, parameter.conf_max], [-2e5, 5])


@pytest.mark.parametrize(
    ("argument", "value"), [("interp", "x"), ("scale_method", "x"), ("scale_transform", "x")]
)
def test_unknown_options(argument, value):
    with pytest.raises(UnknownNameError, match="Known:"):
        Parameter("a", 1.0, **{argument: value})


def test_dictionary_round_trip():
    prior = GaussianPrior(mu=3, sigma=2)
    parameter = Parameter("a", 5.0, "TeV", min=1, error=0.1, frozen=True, interp="log", prior=prior)
    data = parameter.to_dict()
    # oracle: peer 2.1, Parameter.to_dict
    assert list(data) == [
        "name", "value", "unit", "error", "min", "max", "frozen", "interp", "scale_method", "scale_transform", "prior",
    ]  # fmt: skip
    other = Parameter("a", 0.0)
    other.update_from_dict(data)
    assert math.isnan(data.pop("max"))
    assert math.isnan(other.to_dict()["max"])
    assert {**other.to_dict(), "max": 0} == {**data, "max": 0}
    with pytest.raises(UnknownNameError, match="valu"):
        other.update_from_dict({"valu": 3})
    other.update_from_dict({"value": "1e-12"})
    assert other.value == 1e-12


def test_copies_are_independent():
    parameter = Parameter("a", 1.0, prior=GaussianPrior(), scan_values=[1, 2])
    copy = parameter.copy()
    copy.value, copy.prior.mu.value = 3, 7
    copy.scan_values[0] = 9
    assert (parameter.value, parameter.prior.mu.value, parameter.scan_values[0]) == (1.0, 0.0, 1.0)
    same = pickle.loads(pickle.dumps(parameter))  # noqa: S301 - our own bytes
    assert same.value == 1.0


def test_prior_parameter():
    parameter = PriorParameter("mu", 1.0)
    assert parameter.type == "prior"
    assert list(parameter.to_dict()) == ["name", "value", "unit", "error", "min", "max"]
    with pytest.raises(ModelError, match="prior of a must be a Prior"):
        Parameter("a", 1.0, prior="x")


def test_repr():
    text = repr(Parameter("amplitude", 3e-12, "cm-2 s-1 TeV-1"))
    assert text.startswith("Parameter(name='amplitude', value=3e-12 1 / (TeV s cm2)")
