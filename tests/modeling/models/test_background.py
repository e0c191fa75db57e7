"""Background models."""

import pytest
from astropy import units as u
from numpy.testing import assert_allclose

from geminga.errors import ModelError, UnknownNameError
from geminga.modeling.models import FoVBackgroundModel, PowerLawNormSpectralModel, PowerLawSpectralModel


def test_defaults():
    model = FoVBackgroundModel(dataset_name="run")
    assert (model.name, model.datasets_names, model.tag[1]) == ("run-bkg", ["run"], "fov-bkg")
    assert model.parameters_unique_names == ["spectral.tilt", "spectral.norm", "spectral.reference"]
    assert model.contributes("anything")
    assert_allclose(model.evaluate(2 * u.TeV).value, 1.0)


def test_tilt():
    model = FoVBackgroundModel("run", spectral_model=PowerLawNormSpectralModel(norm=2, tilt=1))
    assert_allclose(model.evaluate(2 * u.TeV).value, 1.0)
    model.reset_to_default()
    assert_allclose(model.evaluate(2 * u.TeV).value, 1.0)
    assert model.spectral_model.norm.value == 1.0


def test_custom_name_is_kept():
    # fault 35: the peer ignores the name of a copy, and does not write it
    model = FoVBackgroundModel(dataset_name="run", name="mine")
    assert model.copy(name="yours").name == "yours"
    assert model.copy().name == "run-bkg"
    assert FoVBackgroundModel.from_dict(model.to_dict()).name == "mine"
    assert "name" not in FoVBackgroundModel(dataset_name="run").to_dict()
    assert model.reassign("run", "other").datasets_names == ["other"]
    assert model.reassign("run", "other").name == "mine"


def test_freeze_is_spectral():
    model = FoVBackgroundModel(dataset_name="run")
    model.freeze()
    assert model.frozen
    model.unfreeze()
    assert [p.frozen for p in model.parameters] == [True, False, True]


def test_mistakes():
    with pytest.raises(ModelError, match="dimensionless"):
        FoVBackgroundModel("run", spectral_model=PowerLawSpectralModel())
    with pytest.raises(ModelError, match="name of one dataset"):
        FoVBackgroundModel(dataset_name=None)
    with pytest.raises(ModelError, match="one name"):
        FoVBackgroundModel.from_dict({"type": "FoVBackgroundModel", "datasets_names": ["a", "b"]})
    with pytest.raises(UnknownNameError, match="foo"):
        FoVBackgroundModel.from_dict({"type": "FoVBackgroundModel", "datasets_names": ["a"], "foo": 1})
