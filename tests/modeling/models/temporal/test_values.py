"""Temporal models: values frozen from the peer, closed forms by hand, and the faults that ours must not have.

Oracle: peer 2.1, ``model(TIMES)`` and ``model.integral(TIMES[:-1], TIMES[1:])``.
"""

import numpy as np
import pytest
from astropy import units as u
from astropy.table import Table
from astropy.time import Time

from geminga.errors import FormatError, ModelError, UnknownNameError
from geminga.maps import MapAxis, RegionNDMap
from geminga.modeling import Parameter, models

START = Time(55555.0, format="mjd", scale="utc")
TIMES = START + [0, 0.3, 1, 2.5] * u.d

CASES = [
    (
        models.LinearTemporalModel(alpha=1, beta=0.1 / u.d, t_ref=55555 * u.d),
        [1, 1.03, 1.1, 1.25],
        [0.1218, 0.2982, 0.705],
    ),
    (
        models.ExpDecayTemporalModel(t0=2 * u.d, t_ref=55555 * u.d),
        [1, 0.86070798, 0.60653066, 0.2865048],
        [0.11143362, 0.20334185, 0.25602069],
    ),
    (
        models.ExpDecayTemporalModel(t0=2 * u.d, t_ref=55555 * u.d, scale="tt"),
        [0.99961706, 0.86037838, 0.6062984, 0.28639508],
        None,
    ),
    (
        models.GaussianTemporalModel(t_ref=55555.5 * u.d, sigma=0.7 * u.d),
        [0.77483743, 0.96000544, 0.77483743, 0.01687988],
        [0.10529468, 0.26314421, 0.16520839],
    ),
    (
        models.GeneralizedGaussianTemporalModel(
            t_ref=55555.5 * u.d, t_rise=0.7 * u.d, t_decay=0.3 * u.d, eta=0.8
        ),
        [0.72012567, 0.90082493, 0.38796138, 0.00471885],
        None,
    ),
    (
        models.PowerLawTemporalModel(alpha=-1.3, t_ref=55554 * u.d, t0=2 * u.d),
        [2.46228883, 1.75070365, 1.0, 0.48311502],
        [0.24849878, 0.36788632, 0.41212992],
    ),
    (
        models.PowerLawTemporalModel(alpha=-1, t_ref=55554 * u.d, t0=2 * u.d),
        [2, 1.53846154, 1, 0.57142857],
        [0.20989141, 0.34462633, 0.44769263],
    ),
    (
        models.SineTemporalModel(amp=0.5, omega=2 * u.rad / u.d, t_ref=55555 * u.d),
        [1.0, 1.28232124, 1.45464871, 0.52053786],
        None,
    ),
]


@pytest.mark.parametrize(("model", "values", "integrals"), CASES)
def test_frozen_numbers(model, values, integrals):
    np.testing.assert_allclose(model(TIMES).value, values, rtol=1e-6)
    if integrals is not None:
        np.testing.assert_allclose(model.integral(TIMES[:-1], TIMES[1:]).value, integrals, rtol=1e-6)


def test_sine_integral():
    # 1 + (0.5 / 2) (cos 0 - cos 2), where the peer gives 0.773
    model = models.SineTemporalModel(amp=0.5, omega=2 * u.rad / u.d, t_ref=55555 * u.d)
    result = model.integral(START, START + 1 * u.d)
    assert result.value == pytest.approx(1 + 0.25 * (1 - np.cos(2)), rel=1e-12)


def test_sine_of_a_very_slow_oscillation():
    model = models.SineTemporalModel(amp=0.5, omega=1e-9 * u.rad / u.d, t_ref=55555 * u.d)
    result = model.integral(START, START + 1 * u.h)
    assert result.value == pytest.approx(1.0, abs=1e-9)


class Flat(models.TemporalModel):
    """A user's model without closed form."""

    tag = "Flat"
    level = Parameter("level", 2.0)
    t_ref = Parameter("t_ref", 55555.0, unit="d", frozen=True)

    @staticmethod
    def evaluate(time, level, t_ref):
        assert time.unit == u.d
        return level * np.ones(time.shape)


def test_numeric_integral_has_no_bias():
    # end-inclusive sums give 100/99 too much
    result = Flat().integral(TIMES[:-1], TIMES[1:])
    assert result.sum().value == pytest.approx(2.0, rel=1e-12)
    assert Flat().integral(START, START + 1 * u.d, oversampling_factor=8).value == pytest.approx(2.0)


def test_power_law_from_its_reference_on():
    model = models.PowerLawTemporalModel(alpha=1, t_ref=55555 * u.d, t0=1 * u.d)
    assert model.integral(START, START + 2 * u.d).value == pytest.approx(1.0)
    model.alpha.value = 0.5
    assert np.isnan(model(START - 1 * u.d))


def test_reference_time_and_scale():
    model = models.GaussianTemporalModel(t_ref=55555 * u.d, scale="tt")
    assert model.reference_time.scale == "tt"
    assert model.reference_time.mjd == 55555
    model.reference_time = Time("2020-01-01", scale="tt")
    assert model.t_ref.value == pytest.approx(58849.0)
    assert models.ConstantTemporalModel().reference_time is None
    with pytest.raises(UnknownNameError, match="scale"):
        models.ConstantTemporalModel(scale="martian")


def test_sampling_needs_something_to_sample():
    model = models.ConstantTemporalModel()
    with pytest.raises(ModelError, match="length"):
        model.sample_time(3, START[()], START[()])
    with pytest.raises(ModelError, match="before"):
        model.sample_time(3, START + 1 * u.d, START)
    dark = models.GaussianTemporalModel(t_ref=40000 * u.d, sigma=1 * u.s)
    with pytest.raises(ModelError, match="positive"):
        dark.sample_time(3, START, START + 1 * u.h)


# ---------------------------------------------------------------------- light curves


def table():
    table = Table({"TIME": [0, 1, 2, 4] * u.d, "NORM": [1, 2, 0.5, 3]})
    table.meta = {"MJDREFI": 55555, "MJDREFF": 0.0, "TIMESYS": "tt"}
    return table


def test_light_curve():
    model = models.LightCurveTemplateTemporalModel.from_table(table())
    # oracle: peer 2.1, model(TIMES), model.t_ref
    np.testing.assert_allclose(
        model(TIMES).value, [1.00076602, 1.30076602, 1.99885097, 1.12595752], rtol=1e-7
    )
    assert model.t_ref.value == pytest.approx(55554.99923398148, abs=1e-10)
    assert not model.is_energy_dependent
    assert model(START + 10 * u.d) == 0
    assert "Norm max: 3" in str(model)
    shifted = model.copy()
    shifted.t_ref.value += 1
    np.testing.assert_allclose(shifted(TIMES + 1 * u.d).value, model(TIMES).value, rtol=1e-9)


def test_light_curve_integral_by_hand():
    model = models.LightCurveTemplateTemporalModel.from_table(table())
    zero = model.reference_time
    # areas of the trapezoids between the nodes
    result = model.integral(zero + [-1, 0, 1.5] * u.d, zero + [0, 1, 9] * u.d)
    total = 1 + 1 + 7.5
    np.testing.assert_allclose(result.value * total, [0, 1.5, 0.5 * (1.25 + 0.5) / 2 + 3.5], atol=1e-9)


def test_light_curve_options():
    outer = models.LightCurveTemplateTemporalModel.from_table(table(), interp_kwargs={"fill_value": None})
    # the last line goes on: 3 at day 4, 1.25 per day
    assert outer(outer.reference_time + 6 * u.d).value == pytest.approx(5.5)
    logarithmic = models.LightCurveTemplateTemporalModel.from_table(
        table(), interp_kwargs={"values_scale": "log"}
    )
    assert logarithmic(logarithmic.reference_time + 0.5 * u.d).value == pytest.approx(np.sqrt(2))
    assert logarithmic.values_scale == "log"


def test_light_curve_files(tmp_path):
    model = models.LightCurveTemplateTemporalModel.from_table(table(), interp_kwargs={"values_scale": "log"})
    with pytest.raises(ModelError, match="filename"):
        model.write()
    with pytest.raises(ModelError, match="filename"):
        models.TemporalModel.from_dict(model.to_dict())
    model.write(tmp_path / "lc.fits")
    again = models.LightCurveTemplateTemporalModel.read(tmp_path / "lc.fits")
    np.testing.assert_allclose(again.to_table()["NORM"], [1, 2, 0.5, 3])
    assert again.t_ref.value == pytest.approx(model.t_ref.value, abs=1e-11)
    model.t_ref.frozen = False
    restored = models.TemporalModel.from_dict(model.to_dict())
    assert not restored.t_ref.frozen
    np.testing.assert_allclose(restored(TIMES).value, model(TIMES).value, rtol=1e-12)


def test_light_curve_tables_that_are_none():
    with pytest.raises(FormatError, match="NORM"):
        models.LightCurveTemplateTemporalModel.from_table(Table({"TIME": [1.0] * u.d}))
    axis = MapAxis.from_nodes([0, 1] * u.d, name="day")
    with pytest.raises(ModelError, match="time"):
        models.LightCurveTemplateTemporalModel(RegionNDMap.create(None, axes=[axis]))
    with pytest.raises(UnknownNameError, match="table"):
        models.LightCurveTemplateTemporalModel.read("x.fits", format="csv")


@pytest.fixture
def coloured():
    time = MapAxis.from_nodes([0, 1, 2] * u.d, name="time")
    energy = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=2, name="energy")
    data = np.array([[1, 2, 3.0], [3, 1, 1]]).reshape(2, 3, 1, 1)
    table_map = RegionNDMap.create(None, axes=[time, energy], data=data)
    return models.LightCurveTemplateTemporalModel(table_map, t_ref=START)


def test_light_curve_with_energies(coloured):
    assert coloured.is_energy_dependent
    values = coloured(TIMES)
    assert values.shape == (2, 4)
    np.testing.assert_allclose(values[0].value, [1, 2**0.3, 2, 0], rtol=1e-6)
    # halfway between the nodes in log energy: the geometric mean
    low, high = coloured.map.geom.axes["energy"].center
    middle = np.sqrt(low * high)
    np.testing.assert_allclose(coloured(TIMES, energy=middle)[0, 2].value, np.sqrt(2), rtol=1e-6)


def test_integral_with_energies(coloured):
    energy = coloured.map.geom.axes["energy"].center
    result = coloured.integral(TIMES[:2], TIMES[1:3], energy=energy)
    assert result.shape == (2, 2)
    # of 2^t from 0 to 0.3 and 0.3 to 1
    expected = np.diff([1, 2**0.3, 2]) / np.log(2)
    np.testing.assert_allclose(result[0].value, expected, rtol=1e-6)
    with pytest.raises(ModelError, match="map"):
        coloured.to_table()


def test_light_curve_map_file(coloured, tmp_path):
    coloured.write(tmp_path / "map.fits", format="map")
    again = models.TemporalModel.from_dict(coloured.to_dict())
    np.testing.assert_allclose(again(TIMES).value, coloured(TIMES).value, rtol=1e-10)


# ---------------------------------------------------------------------- phase curves


def lsi():
    # the phase curve of LS I +61 303 used as test file
    phase = np.arange(0.05, 1, 0.1)
    norm = [0.05, 0.05, 0.05, 0.05, 0.05, 0.3, 1.0, 0.1, 0.05, 0.05]
    return Table({"PHASE": phase, "NORM": norm})


def test_phase_curve_is_normalized():
    model = models.TemplatePhaseCurveTemporalModel(lsi(), t_ref=55555 * u.d, f0=1 / u.d)
    grid = START + (np.arange(100000) + 0.5) / 100000 * u.d
    assert model(grid).mean().value == pytest.approx(1.0, rel=1e-6)
    raw = models.TemplatePhaseCurveTemporalModel(lsi(), normalize=False, t_ref=55555 * u.d, f0=1 / u.d)
    assert raw(START + 0.65 * u.d).value == pytest.approx(1.0)


def test_phase_with_changing_frequency():
    model = models.TemplatePhaseCurveTemporalModel(
        lsi(), t_ref=55555 * u.d, phi_ref=0.1, f0=2 / u.d, f1=0.01 / u.d**2, f2=0.001 / u.d**3
    )
    x = np.array([0, 0.3, 1, 2.5])
    phase = 0.1 + x * 2 + 0.01 * x**2 / 2 + 0.001 * x**3 / 6
    reference = models.TemplatePhaseCurveTemporalModel(lsi(), t_ref=55555 * u.d, f0=1 / u.d)
    np.testing.assert_allclose(model(TIMES).value, reference(START + (phase % 1) * u.d).value, rtol=1e-7)


def test_phase_curve_over_many_periods():
    model = models.TemplatePhaseCurveTemporalModel(lsi(), t_ref=55555 * u.d, f0=30 / u.s)
    result = model.integral(TIMES[:-1], TIMES[1:])
    np.testing.assert_allclose(result.value, [0.12, 0.28, 0.6], rtol=1e-6)


def test_phase_curve_tables_that_are_none():
    with pytest.raises(FormatError, match="PHASE"):
        models.TemplatePhaseCurveTemporalModel(Table({"NORM": [1.0, 2.0]}))
    with pytest.raises(FormatError, match="ascending"):
        models.TemplatePhaseCurveTemporalModel(Table({"PHASE": [0.5, 0.1], "NORM": [1.0, 2.0]}))
    with pytest.raises(ModelError, match="positive"):
        models.TemplatePhaseCurveTemporalModel(Table({"PHASE": [0.1, 0.9], "NORM": [0.0, 0.0]}))


def test_phase_curve_files(tmp_path):
    model = models.TemplatePhaseCurveTemporalModel(lsi(), normalize=False, f0=2 / u.d, t_ref=55555 * u.d)
    model.write(tmp_path / "phase.fits")
    again = models.TemplatePhaseCurveTemporalModel.read(
        tmp_path / "phase.fits", normalize=False, f0=2 / u.d, t_ref=55555 * u.d
    )
    np.testing.assert_allclose(again(TIMES).value, model(TIMES).value)
    assert again.normalize is False
