"""Single spectral models: limits, peaks, pivots, inverses, and the faults of the peer that ours must not have."""

import numpy as np
import pytest
from astropy import units as u
from scipy.optimize import minimize_scalar

from geminga.errors import ModelError, UnknownNameError
from geminga.maps import MapAxis
from geminga.modeling import models

DNDE = u.Unit("cm-2 s-1 TeV-1")


def peak_by_search(model):
    result = minimize_scalar(
        lambda x: -np.log((model(np.exp(x) * u.TeV) * np.exp(2 * x) / (1e-12 * DNDE)).to_value("")),
        bounds=(-8, 8),
        method="bounded",
        options={"xatol": 1e-9},
    )
    return np.exp(result.x)


@pytest.mark.parametrize(
    "model",
    [
        models.LogParabolaSpectralModel(alpha=2.3, beta=0.4),
        models.LogParabola2SpectralModel(alpha=2.3, beta=0.4, reference="10 TeV", escale="1 TeV"),
        models.ExpCutoffPowerLawSpectralModel(index=1.4, lambda_="0.3 TeV-1", alpha=0.8),
        models.SuperExpCutoffPowerLaw4FGLDR3SpectralModel(expfactor=0.4, index_1=1.8, index_2=0.7),
        models.SuperExpCutoffPowerLaw4FGLDR3SpectralModel(expfactor=0.4, index_1=1.8, index_2=0.0),
        models.SuperExpCutoffPowerLaw4FGLDR3SpectralModel(expfactor=0.4, index_1=1.8, index_2=-0.5),
    ],
)
def test_peak_is_where_the_energy_density_is_largest(model):
    assert model.e_peak.to_value("TeV") == pytest.approx(peak_by_search(model), rel=1e-6)


@pytest.mark.parametrize(
    "model",
    [
        models.LogParabolaSpectralModel(beta=-0.4),  # a valley, not a peak
        models.LogParabola2SpectralModel(beta=-0.4),
        models.ExpCutoffPowerLawSpectralModel(index=2.2),
        models.ExpCutoffPowerLawSpectralModel(index=1.5, lambda_="-0.1 TeV-1"),
        models.SuperExpCutoffPowerLaw4FGLDR3SpectralModel(expfactor=-0.1),
    ],
)
def test_no_peak(model):
    assert np.isnan(model.e_peak)


def test_integral_power_law_at_index_one():
    # limit of the peer is NaN; F / (E ln(emax / emin)) by hand
    model = models.PowerLaw2SpectralModel(index=1, amplitude="2e-12 cm-2 s-1", emin="1 TeV", emax="10 TeV")
    assert model("5 TeV").to_value(DNDE) == pytest.approx(2e-12 / (5 * np.log(10)))
    close = models.PowerLaw2SpectralModel(
        index=1 + 1e-9, amplitude="2e-12 cm-2 s-1", emin="1 TeV", emax="10 TeV"
    )
    assert close("5 TeV").to_value(DNDE) == pytest.approx(model("5 TeV").to_value(DNDE), rel=1e-8)
    assert model.integral("1 TeV", "10 TeV").to_value("cm-2 s-1") == pytest.approx(2e-12)


@pytest.mark.parametrize("index", [0.3, 1.0, 2.0, 4.4])
def test_integral_power_law_has_its_integral(index):
    model = models.PowerLaw2SpectralModel(index=index, emin="0.2 TeV", emax="30 TeV")
    assert model.integral("0.2 TeV", "30 TeV").to_value("cm-2 s-1") == pytest.approx(1e-12, rel=1e-12)


def test_smooth_break_leaves_its_parameters_alone():
    model = models.SmoothBrokenPowerLawSpectralModel(index1=2.5, index2=1.5, beta=0.5)
    first = model([0.1, 1, 10] * u.TeV)
    assert model.beta.value == 0.5
    np.testing.assert_array_equal(model([0.1, 1, 10] * u.TeV).value, first.value)
    beta = u.Quantity(np.array(0.5))
    model.evaluate(1 * u.TeV, 2.5, 1.5, 1e-12 * DNDE, 1 * u.TeV, 1 * u.TeV, beta)
    assert beta == 0.5


def test_smooth_break_far_from_the_break():
    model = models.SmoothBrokenPowerLawSpectralModel(index1=1.5, index2=3.0, beta=0.1)
    np.testing.assert_allclose(model.spectral_index([0.001, 1000] * u.TeV), [1.5, 3.0], atol=1e-6)
    values = model([1e-9, 1e9] * u.TeV)
    assert np.all(np.isfinite(values))
    assert np.all(values > 0)


def test_sharp_break_inside_a_bin():
    # by hand: integral of E^-1.5 from 0.5 to 1 and of E^-2.5 from 1 to 1.5
    model = models.BrokenPowerLawSpectralModel(index1=1.5, index2=2.5)
    by_hand = 2 * (0.5**-0.5 - 1) + (1 - 1.5**-1.5) / 1.5
    assert model.integral("0.5 TeV", "1.5 TeV").to_value("cm-2 s-1") == pytest.approx(1e-12 * by_hand)


def test_from_log10():
    natural = models.LogParabolaSpectralModel.from_log10(
        amplitude=1e-12 * DNDE, reference=1 * u.TeV, alpha=2, beta=0.3
    )
    assert natural("10 TeV").to_value(DNDE) == pytest.approx(1e-12 * 10 ** (-2 - 0.3))
    other = models.LogParabola2SpectralModel.from_log10(1e-12 * DNDE, 1 * u.TeV, 2, 0.3, escale=10 * u.TeV)
    assert other("10 TeV").to_value(DNDE) == pytest.approx(1e-14)
    norm = models.LogParabolaNormSpectralModel.from_log10(norm=2, reference=1 * u.TeV, alpha=1, beta=1)
    assert norm("10 TeV").value == pytest.approx(2 * 10**-2)


def test_super_exponential_cutoff_is_smooth_in_its_index():
    energies = np.geomspace(1e-4, 1e3, 30) * u.TeV

    def spectrum(index):
        model = models.SuperExpCutoffPowerLaw4FGLDR3SpectralModel(expfactor=0.2, index_2=index)
        return model(energies).value

    np.testing.assert_allclose(spectrum(1e-12), spectrum(0.0), rtol=1e-9)
    # index 0 is a log-parabola of curvature d / 2
    parabola = models.LogParabolaSpectralModel(reference="1 TeV", alpha=1.5, beta=0.1)
    np.testing.assert_allclose(spectrum(0.0), parabola(energies).value, rtol=1e-12)


def test_pivot_of_a_power_law():
    model = models.PowerLawSpectralModel(index=2.3, amplitude="3e-12 cm-2 s-1 TeV-1", reference="1.2 TeV")
    assert np.isnan(model.pivot_energy)
    covariance = np.diag([0.01, 9e-26, 0])
    covariance[0, 1] = covariance[1, 0] = 0.5 * 0.1 * 3e-13
    model.covariance = covariance
    # oracle: peer 2.1, model.pivot_energy
    assert model.pivot_energy.to_value("TeV") == pytest.approx(1.9784655248401535, rel=1e-12)
    # the general search finds the same energy
    general = models.SpectralModel.pivot_energy.fget(model)
    assert general.to_value("TeV") == pytest.approx(1.9784655248401535, rel=1e-5)


def test_pivot_of_any_model():
    model = models.LogParabolaSpectralModel(
        amplitude="3e-12 cm-2 s-1 TeV-1", alpha=2, beta=0.2, reference="2 TeV"
    )
    assert np.isnan(model.pivot_energy)
    model.covariance = [[9e-26, 0, 1e-14, 0], [0, 0, 0, 0], [1e-14, 0, 0.01, 2e-3], [0, 0, 2e-3, 2.5e-3]]
    # relative variance, x = ln(E / E0): 0.01 + 0.01 x^2 + 0.0025 x^4 - (2 / 300) x + 0.004 x^3
    x = np.polynomial.Polynomial([-2 / 300, 0.02, 0.012, 0.01]).roots()
    expected = 2 * np.exp(x[np.isreal(x)].real[0])
    assert model.pivot_energy.to_value("TeV") == pytest.approx(expected, rel=1e-5)
    # oracle: peer 2.1, model.pivot_energy, from random draws
    assert model.pivot_energy.to_value("TeV") == pytest.approx(2.5829965086339977, rel=0.03)
    total = model + models.ConstantSpectralModel(const="1e-30 cm-2 s-1 TeV-1")
    assert total.pivot_energy.to_value("TeV") == pytest.approx(expected, rel=1e-5)
    # without a parameter named reference
    broken = models.BrokenPowerLawSpectralModel()
    broken.amplitude.error, broken.index1.error, broken.index2.error = 1e-13, 0.1, 0.1
    assert broken.pivot_energy.to_value("TeV") == pytest.approx(1.0, rel=1e-3)


def test_pivot_has_the_smallest_error_of_the_draws():
    model = models.LogParabolaSpectralModel(alpha=2, beta=0.2, reference="2 TeV")
    model.covariance = [[1e-26, 0, 5e-15, 0], [0, 0, 0, 0], [5e-15, 0, 0.01, 0], [0, 0, 0, 1e-4]]
    pivot = model.pivot_energy
    value, low, high = model.evaluate_error(u.Quantity([0.5 * pivot, pivot, 2 * pivot]))
    relative = ((low + high) / value).value
    assert relative[1] == relative.min()


def test_inverse():
    power_law = models.PowerLawSpectralModel()
    np.testing.assert_allclose(power_law.inverse([1e-12, 1e-14] * DNDE).to_value("TeV"), [1, 10])
    assert power_law.inverse(1e-12 * DNDE).shape == ()
    assert np.isnan(power_law.inverse(-1e-12 * DNDE))
    flat = models.PowerLaw2SpectralModel()
    np.testing.assert_allclose(flat.inverse(flat([0.3, 3] * u.TeV)).to_value("TeV"), [0.3, 3])
    norm = models.PowerLawNormSpectralModel(tilt=0.2)
    # oracle: peer 2.1, norm.inverse(0.9)
    assert norm.inverse(0.9).to_value("TeV") == pytest.approx(1.6935087808430285)


def test_inverse_of_a_peaked_model():
    line = models.GaussianSpectralModel(mean="2 TeV", sigma="0.5 TeV")
    half = line(1.5 * u.TeV)
    # oracle: peer 2.1, line.inverse(half): symmetric about the mean
    np.testing.assert_allclose(line.inverse(half).to_value("TeV"), [1.5, 2.5], rtol=1e-9)
    found = line.inverse_all(u.Quantity([half, 0.5 * half, 1e3 * half]))
    assert [len(roots) for roots in found] == [2, 2, 1]
    assert np.isnan(found[2][0])
    np.testing.assert_allclose(line.inverse(u.Quantity([half, half])).to_value("TeV"), 1.5, rtol=1e-9)


def test_inverse_beyond_the_range_is_nan():
    model = models.LogParabolaSpectralModel(beta=0.2)
    assert np.isnan(model.inverse(1e-30 * DNDE)[0])
    wide = model.inverse(model("300 TeV"), energy_max="1 PeV")
    assert wide[0].to_value("TeV") == pytest.approx(300)


def test_reference_fluxes():
    # oracle: peer 2.1, model.reference_fluxes(axis)
    model = models.PowerLawSpectralModel(index=2.3, amplitude="3e-12 cm-2 s-1 TeV-1", reference="1.2 TeV")
    axis = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=2)
    fluxes = model.reference_fluxes(axis)
    assert list(fluxes) == ["e_ref", "e_min", "e_max", "ref_dnde", "ref_flux", "ref_eflux", "ref_e2dnde"]
    np.testing.assert_allclose(fluxes["ref_dnde"].value, [1.21405433e-12, 8.59484642e-14], rtol=1e-8)
    np.testing.assert_allclose(fluxes["ref_flux"].value, [2.72413142e-12, 6.09857061e-13], rtol=1e-8)
    np.testing.assert_allclose(fluxes["ref_eflux"].value, [4.44201832e-12, 3.14470814e-12], rtol=1e-8)
    np.testing.assert_allclose(fluxes["ref_e2dnde"].value, [3.83917687e-12, 2.71792908e-12], rtol=1e-8)


def test_errors_agree_with_the_peer_within_the_noise_of_the_draws():
    model = models.PowerLawSpectralModel(index=2.3, amplitude="3e-12 cm-2 s-1 TeV-1", reference="1.2 TeV")
    covariance = np.diag([0.01, 9e-26, 0])
    covariance[0, 1] = covariance[1, 0] = 0.5 * 0.1 * 3e-13
    model.covariance = covariance
    # oracle: peer 2.1, model.evaluate_error([0.3, 1, 10] TeV); 10500 draws know a percentile to 1.3% of sigma
    expected = [
        [7.27511381e-11, 4.56851928e-12, 2.27494260e-14],
        [1.37876463e-11, 4.99635869e-13, 3.84205102e-15],
        [1.64940215e-11, 5.06220458e-13, 4.58965290e-15],
    ]
    result = model.evaluate_error([0.3, 1, 10] * u.TeV)
    np.testing.assert_allclose(result[0].value, expected[0], rtol=0.01)
    np.testing.assert_allclose(result[1:].value, expected[1:], rtol=0.05)
    flux = model.integral_error(1 * u.TeV, 10 * u.TeV)
    np.testing.assert_allclose(flux[0].value, 3.33609429e-12, rtol=0.005)
    np.testing.assert_allclose(flux[1:].value, [2.91232741e-13, 2.92426299e-13], rtol=0.05)
    index = model.spectral_index_error([1, 2] * u.TeV)
    np.testing.assert_allclose(index.value, [[2.3, 2.3], [0.1, 0.1], [0.1, 0.1]], rtol=0.04)


def test_errors_from_given_samples():
    model = models.PowerLawSpectralModel()
    model.index.error, model.amplitude.error = 0.1, 1e-13
    draws = model.sample_parameters_from_covariance(500)
    one = model.evaluate_error("3 TeV", samples=draws)
    other = model.evaluate_error("3 TeV", samples=list(draws.T))
    np.testing.assert_array_equal(one.value, other.value)
    with pytest.raises(ModelError, match="samples"):
        model.evaluate_error("3 TeV", samples=np.ones((5, 7)))


def test_errors_with_scales_far_apart():
    # an amplitude of 1e-24 beside an index of order 1 keeps its variance
    model = models.PowerLawSpectralModel(amplitude="1e-24 cm-2 s-1 TeV-1")
    model.index.error, model.amplitude.error = 0.5, 1e-26
    result = model.evaluate_error("1 TeV")
    np.testing.assert_allclose(result[1:].value, 1e-26, rtol=0.05)


def test_arithmetic():
    one = models.PowerLawSpectralModel()
    total = one + 2e-12 * DNDE
    assert total("1 TeV").to_value(DNDE) == pytest.approx(3e-12)
    assert (3 * one)("1 TeV").to_value(DNDE) == pytest.approx(3e-12)
    assert (one * 3)("1 TeV").to_value(DNDE) == pytest.approx(3e-12)
    assert (5e-12 * DNDE - one)("1 TeV").to_value(DNDE) == pytest.approx(4e-12)
    with pytest.raises(TypeError):
        one + "x"
    with pytest.raises(UnknownNameError):
        models.CompoundSpectralModel(one, one, "pow")


def test_compound_keeps_names_covariance_and_links():
    one, other = models.PowerLawSpectralModel(), models.PowerLawSpectralModel()
    other.index = one.index
    total = one + other
    assert total.parameters_unique_names[::3] == ["model1.index", "model2.index"]
    total.covariance = np.diag([0.01, 1e-26, 0, 0.01, 4e-26, 0])
    assert one.index.error == pytest.approx(0.1)
    assert other.amplitude.error == pytest.approx(2e-13)
    copied = total.copy()
    assert copied.model1.index is copied.model2.index
    assert copied.model1.index is not one.index
    again = models.CompoundSpectralModel.from_parameters(
        total.parameters, model1=one, model2=other, operator="add"
    )
    assert again.model1.index is one.index


def test_scale_model_comes_back_from_its_dictionary():
    model = models.ScaleSpectralModel(models.LogParabolaSpectralModel(beta=0.3), norm=2.5)
    again = models.SpectralModel.from_dict(model.to_dict())
    assert again("3 TeV") == model("3 TeV")
    with pytest.raises(ModelError, match="model"):
        models.SpectralModel.from_dict(
            {"spectral": {"type": "scale", "parameters": [{"name": "norm", "value": 1}]}}
        )


def test_template_options_come_back():
    values = [1e-12, 1e-14, 1e-15] * DNDE
    model = models.TemplateSpectralModel(
        [1, 10, 100] * u.TeV, values, interp_kwargs={"values_scale": "lin", "fill_value": 0}
    )
    again = models.SpectralModel.from_dict(model.to_dict())
    energies = [0.5, 2, 30, 200] * u.TeV
    np.testing.assert_array_equal(again(energies).value, model(energies).value)
    assert again("2 TeV").value == pytest.approx(1e-12 + np.log10(2) * (1e-14 - 1e-12))
    assert again("200 TeV").value == 0


def test_template():
    model = models.TemplateSpectralModel([1, 10, 100] * u.TeV, [1e-12, 1e-14, 1e-15] * DNDE)
    # power laws between the nodes and beyond them
    np.testing.assert_allclose(
        model([0.1, 2, 20, 200] * u.TeV).value, [1e-10, 2.5e-13, 5e-15, 5e-16], rtol=1e-12
    )
    single = models.TemplateSpectralModel([1] * u.TeV, [1e-12] * DNDE)
    np.testing.assert_allclose(single([0.1, 10] * u.TeV).value, 1e-12)
    with pytest.raises(ModelError, match="equal length"):
        models.TemplateSpectralModel([1, 2] * u.TeV, [1] * DNDE)
    norm = models.TemplateSpectralModel([1, 2] * u.TeV, [1, 2])
    assert norm.is_norm_spectral_model


def test_absorption_keeps_the_settings_of_its_parameters():
    table = [[1, 0.5, 0.1], [0.9, 0.2, 0.01]]
    model = models.EBLAbsorptionNormSpectralModel([1, 10, 100] * u.TeV, [0.1, 0.2], table, 0.15, 1.0)
    # oracle: peer 2.1, model([1, 2, 50] TeV)
    np.testing.assert_allclose(
        model([1, 2, 50] * u.TeV).value, [0.9486833, 0.68154329, 0.06324555], rtol=1e-7
    )
    model.redshift.frozen, model.redshift.min, model.redshift.error = False, 0.05, 0.01
    again = models.SpectralModel.from_dict(model.to_dict())
    assert again.redshift.to_dict() == model.redshift.to_dict()
    shared = models.EBLAbsorptionNormSpectralModel([1, 10] * u.TeV, [0.1], [[1, 0.5]], model.redshift, 1.0)
    assert shared.redshift is model.redshift
    # one redshift: the table does not depend on it
    assert shared("10 TeV").value == pytest.approx(0.5)
    with pytest.raises(UnknownNameError, match="dominguez"):
        models.EBLAbsorptionNormSpectralModel.read_builtin("domingez")


def test_absorption_is_never_more_than_one():
    table = [[1.0, 0.5], [0.5, 0.1]]
    model = models.EBLAbsorptionNormSpectralModel([1, 10] * u.TeV, [0.1, 0.2], table, 0.01, 1.0)
    transmission = model([0.1, 1, 10, 1e4] * u.TeV).value
    assert transmission.max() == 1
    assert np.all(np.diff(transmission) <= 0)
    assert transmission[-1] >= 0


def test_piecewise_norm():
    # oracle: peer 2.1, PiecewiseNormSpectralModel([1, 10] TeV, norms=[1, 3])
    energies = [0.1, 1, 2, 5, 20] * u.TeV
    model = models.PiecewiseNormSpectralModel([1, 10] * u.TeV, norms=[1, 3])
    np.testing.assert_allclose(model(energies).value, [1, 1, 1.39196338, 2.15522912, 3], rtol=1e-8)
    linear = models.PiecewiseNormSpectralModel([1, 10] * u.TeV, norms=[1, 3], interp="lin")
    np.testing.assert_allclose(linear(energies).value, [1, 1, 1.22222222, 1.88888889, 3], rtol=1e-8)
    assert model.norm_1.value == 3
    np.testing.assert_array_equal(model.norms.value, [1, 3])
    np.testing.assert_allclose(model.evaluate([2, 3] * u.TeV, 1, 3), [1.39196338, 1.6890585], rtol=1e-7)
    with pytest.raises(ModelError, match="at least two"):
        models.PiecewiseNormSpectralModel([1] * u.TeV)
    with pytest.raises(ModelError, match="ascending"):
        models.PiecewiseNormSpectralModel([10, 1] * u.TeV)
    with pytest.raises(UnknownNameError):
        models.PiecewiseNormSpectralModel([1, 10] * u.TeV, interp="cubic")


def test_constant_norm():
    model = models.ConstantSpectralModel(const=2)
    assert model.is_norm_spectral_model
    assert model([1, 2] * u.TeV).shape == (2,)


@pytest.mark.parametrize(
    ("model", "norm"),
    [
        (models.PowerLawSpectralModel(), False),
        (models.PowerLawNormSpectralModel(), True),
        (models.PowerLawNormSpectralModel() * models.LogParabolaNormSpectralModel(), True),
        (models.PowerLawSpectralModel() * models.LogParabolaNormSpectralModel(), False),
    ],
)
def test_kinds(model, norm):
    assert model.is_norm_spectral_model is norm


def test_unknown_names():
    with pytest.raises(UnknownNameError, match="meyer"):
        models.create_crab_spectral_model("mayer")
    with pytest.raises(UnknownNameError, match="proton"):
        models.create_cosmic_ray_spectral_model("protons")
    with pytest.raises(UnknownNameError, match="pl"):
        models.SPECTRAL_MODEL_REGISTRY.get_cls("power")
