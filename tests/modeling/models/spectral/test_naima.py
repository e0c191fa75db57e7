"""Oracle numbers: peer 2.1 with naima 0.10.3, ``model([1, 10] * u.TeV)`` of the same constructor calls."""

import numpy as np
import pytest
import yaml
from astropy import units as u

from geminga.errors import ModelError, UnknownNameError
from geminga.modeling.models import NaimaSpectralModel, SpectralModel

naima = pytest.importorskip("naima", reason="naima is not installed")

ENERGIES = [1, 10] * u.TeV


def pion_decay():
    protons = naima.models.ExponentialCutoffPowerLaw(2e33 / u.eV, 10 * u.TeV, 2.5, 50 * u.TeV)
    return NaimaSpectralModel(naima.models.PionDecay(protons, nh=1 / u.cm**3), distance=2 * u.kpc)


def synchrotron_self_compton():
    electrons = naima.models.ExponentialCutoffBrokenPowerLaw(
        amplitude=3.7e36 / u.eV,
        e_0=1 * u.TeV,
        e_break=0.265 * u.TeV,
        alpha_1=1.5,
        alpha_2=3.233,
        e_cutoff=1863 * u.TeV,
        beta=2.0,
    )
    radiative = naima.models.InverseCompton(
        electrons, seed_photon_fields=["CMB"], Eemax=50 * u.PeV, Eemin=0.1 * u.GeV
    )
    nested = {"SSC": {"B": 125 * u.uG, "radius": 2.1 * u.pc}}
    return NaimaSpectralModel(radiative, distance=2 * u.kpc, nested_models=nested)


def inverse_compton():
    electrons = naima.models.PowerLaw(2e33 / u.eV, 10 * u.TeV, 2.5)
    radiative = naima.models.InverseCompton(electrons, seed_photon_fields=["CMB", "FIR"])
    return NaimaSpectralModel(radiative, seed="CMB")


@pytest.mark.parametrize(
    ("create", "expected"),
    [
        (pion_decay, [1.01336335e-13, 1.16289307e-16]),
        (synchrotron_self_compton, [1.88314616e-11, 4.46451093e-14]),
        (inverse_compton, [2.26544588e-10, 2.96387730e-12]),
    ],
)
def test_values_and_round_trip(create, expected):
    model = create()
    np.testing.assert_allclose(model(ENERGIES).to_value("cm-2 s-1 TeV-1"), expected, rtol=1e-7)
    again = SpectralModel.from_dict(yaml.safe_load(yaml.safe_dump(model.to_dict())))
    np.testing.assert_allclose(again(ENERGIES).value, model(ENERGIES).value, rtol=1e-12)
    assert again.parameters.names == model.parameters.names
    assert model(1 * u.TeV).shape == ()


def test_evaluation_leaves_the_radiative_model_alone():
    model = inverse_compton()
    model.alpha.value = 3
    assert model(1 * u.TeV) != inverse_compton()(1 * u.TeV)
    assert model.particle_distribution.alpha == 2.5
    assert model.ssc_model is None


def test_self_compton_parameters():
    model = synchrotron_self_compton()
    assert model.include_ssc
    assert model.radius.frozen
    before = model(1 * u.TeV)
    model.B.value *= 2
    assert model(1 * u.TeV) > before
    assert 250 * u.uG == model.ssc_model.B


def test_errors_of_many_draws():
    model = inverse_compton()
    model.alpha.error = 0.05
    value, low, high = model.evaluate_error(ENERGIES)
    bound = model.on_points(ENERGIES)
    names = [parameter.name for parameter in bound.parameters]
    numbers, jacobian = bound.jacobian(bound.values)
    np.testing.assert_allclose(value.value, numbers, rtol=0.01)
    np.testing.assert_allclose(
        (low + high).value / 2, np.abs(jacobian[names.index("alpha")]) * 0.05, rtol=0.05
    )


def test_messages():
    with pytest.raises(ModelError, match="radiative_model"):
        SpectralModel.from_dict({"spectral": {"type": "naima", "parameters": []}})
    with pytest.raises(UnknownNameError, match="SSC"):
        NaimaSpectralModel(inverse_compton().radiative_model, nested_models={"EC": {}})
    data = inverse_compton().to_dict()
    data["spectral"]["radiative_model"]["type"] = "os"
    with pytest.raises(UnknownNameError, match="naima"):
        SpectralModel.from_dict(data)
