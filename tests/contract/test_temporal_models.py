"""What every temporal model of the registry must do, also those of third parties."""

import numpy as np
import pytest
import yaml
from astropy import units as u
from astropy.table import Table
from astropy.time import Time
from scipy.stats import kstest

from geminga.modeling import models

REFERENCE = 55555.0
START = Time(REFERENCE, format="mjd", scale="utc")


def light_curve():
    table = Table({"TIME": [0.0, 0.4, 1.1, 3.0] * u.d, "NORM": [1, 2, 0.5, 3]})
    table.meta = {"MJDREFI": 55555, "MJDREFF": 0.0, "TIMESYS": "utc"}
    return models.LightCurveTemplateTemporalModel.from_table(table)


def phase_curve():
    phase = np.linspace(0, 1, 11)
    table = Table({"PHASE": phase, "NORM": 1 + 0.5 * np.sin(2 * np.pi * phase) ** 2 + phase * (1 - phase)})
    return models.TemplatePhaseCurveTemporalModel(
        table, t_ref=REFERENCE * u.d, phi_ref=0.1, f0=2 / u.d, f1=1e-3 / u.d**2
    )


SPECIAL = {
    "LinearTemporalModel": lambda: models.LinearTemporalModel(beta=0.1 / u.d, t_ref=REFERENCE * u.d),
    "ExpDecayTemporalModel": lambda: models.ExpDecayTemporalModel(t0=2 * u.d, t_ref=REFERENCE * u.d),
    "GaussianTemporalModel": lambda: models.GaussianTemporalModel(t_ref=55555.5 * u.d, sigma=0.7 * u.d),
    "GeneralizedGaussianTemporalModel": lambda: models.GeneralizedGaussianTemporalModel(
        t_ref=55555.5 * u.d, t_rise=0.7 * u.d, t_decay=0.3 * u.d, eta=0.8
    ),
    "PowerLawTemporalModel": lambda: models.PowerLawTemporalModel(alpha=-1.3, t_ref=55554 * u.d, t0=2 * u.d),
    "SineTemporalModel": lambda: models.SineTemporalModel(
        amp=0.5, omega=2 * u.rad / u.d, t_ref=REFERENCE * u.d
    ),
    "LightCurveTemplateTemporalModel": light_curve,
    "TemplatePhaseCurveTemporalModel": phase_curve,
}
NAMES = sorted(cls.__name__ for cls in models.TEMPORAL_MODEL_REGISTRY)


@pytest.fixture(params=NAMES)
def model(request):
    create = SPECIAL.get(request.param, models.TEMPORAL_MODEL_REGISTRY.get_cls(request.param))
    return create()


def days(*values):
    return START + np.array(values) * u.d


def test_values_do_not_depend_on_the_scale_of_the_times(model):
    times = days(0.1, 0.3, 1, 2.5)
    values = model(times)
    assert values.shape == (4,)
    assert values.unit == u.one
    np.testing.assert_allclose(model(times.tt).value, values.value, rtol=1e-9)
    assert model(times[0]).shape == ()


def test_formula_gets_mjd(model):
    times = days(0.1, 0.3, 1, 2.5)
    arguments = {parameter.name: parameter.quantity for parameter in model.parameters}
    values = model.evaluate(times.mjd * u.d, **arguments)
    np.testing.assert_allclose(u.Quantity(values).value, model(times).value, rtol=1e-8)


def test_integral_is_the_quadrature_of_the_values(model):
    start, stop = days(0.05, 0.4, 1.3), days(0.3, 1.2, 2.6)
    result = model.integral(start, stop)
    assert result.shape == (3,)
    for i, (low, high) in enumerate([(0.05, 0.3), (0.4, 1.2), (1.3, 2.6)]):
        middles = low + (high - low) * (np.arange(50_000) + 0.5) / 50_000
        expected = model(START + middles * u.d).value.mean() * (high - low)
        # the phase curve leaves out terms of second order in the change of its frequency
        rtol = 1e-4 if "Phase" in type(model).__name__ else 1e-6
        np.testing.assert_allclose(result[i].value, expected / (0.25 + 0.8 + 1.3), rtol=rtol)
    assert model.integral(start[0], stop[0]).shape == ()


def test_integral_is_additive(model):
    whole = model.integral(days(0.1), days(2.1)).value.sum()
    parts = model.integral(days(0.1, 0.7, 1.9), days(0.7, 1.9, 2.1)).value.sum()
    rtol = 1e-5 if "Phase" in type(model).__name__ else 1e-10
    np.testing.assert_allclose(parts, whole, rtol=rtol)


def test_numeric_integral_agrees_with_the_closed_form(model):
    exact = model.integral(days(0.1, 1), days(0.4, 2)).value

    class Numeric(models.TemporalModel):
        tag = "numeric"

        def __call__(self, time, energy=None):
            return model(time)

    # the light curve and the flare have kinks
    np.testing.assert_allclose(Numeric().integral(days(0.1, 1), days(0.4, 2)).value, exact, rtol=2e-4)


def test_time_sum(model):
    total = model.time_sum(days(0, 1), days(0.5, 3))
    assert total.to_value("d") == pytest.approx(2.5)


def test_random_times_follow_the_model_in_several_intervals(model):
    start, stop = days(0.05, 1.3), days(0.3, 2.6)
    times = model.sample_time(4000, start, stop, t_delta="30 s", random_state=3)
    assert times.shape == (4000,)
    assert times.scale == start.scale
    x = (times - START).to_value("d")
    inside = ((x >= 0.05) & (x <= 0.3)) | ((x >= 1.3) & (x <= 2.6))
    assert inside.all()
    grid = np.concatenate([np.linspace(0.05, 0.3, 400), np.linspace(1.3, 2.6, 1600)])
    rate = model(START + grid * u.d).value
    steps = 0.5 * (rate[1:] + rate[:-1]) * np.where(np.diff(grid) < 0.5, np.diff(grid), 0)
    cumulative = np.concatenate([[0], np.cumsum(steps)])
    result = kstest(x, lambda value: np.interp(value, grid, cumulative / cumulative[-1]))
    assert result.pvalue > 1e-3
    again = model.sample_time(4000, start, stop, t_delta="30 s", random_state=3)
    assert np.all(again == times)
    assert model.sample_time(0, start, stop).size == 0


def test_dictionary_round_trip(model, tmp_path):
    model.scale = "tt"
    for number, parameter in enumerate(model.parameters):
        parameter.frozen = not parameter.frozen
        parameter.error = 0.01 * (number + 1)
        parameter.min = parameter.value - 1
    if hasattr(model, "write"):
        model.write(tmp_path / "table.fits")
    again = models.TemporalModel.from_dict(yaml.safe_load(yaml.safe_dump(model.to_dict())))
    assert type(again) is type(model)
    assert again.scale == "tt"
    for one, other in zip(model.parameters, again.parameters, strict=True):
        # as text, since NaN differs from NaN
        assert str(one.to_dict()) == str(other.to_dict())
    times = days(0.2, 0.9, 2)
    np.testing.assert_allclose(again(times).value, model(times).value, rtol=1e-12)


def test_copy_is_independent(model):
    copied = model.copy()
    for one, other in zip(model.parameters, copied.parameters, strict=True):
        assert one is not other
    assert copied.scale == model.scale


def test_text(model):
    assert type(model).__name__ in repr(model)
    assert type(model).__name__ in str(model)
