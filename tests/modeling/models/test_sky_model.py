"""Sky models: parts, units, values, copies, dictionaries."""

import numpy as np
import pytest
from astropy import units as u
from astropy.time import Time
from numpy.testing import assert_allclose

from geminga.errors import ModelError, UnitError, UnknownNameError
from geminga.modeling import Parameter
from geminga.modeling.models import (
    ExpDecayTemporalModel,
    LogParabolaSpectralModel,
    PowerLawNormSpectralModel,
    PowerLawSpectralModel,
    SkyModel,
)


@pytest.fixture
def model():
    return SkyModel(PowerLawSpectralModel(index=3), temporal_model=ExpDecayTemporalModel(), name="source")


def test_parts_and_names(model):
    assert model.parameters.names == ["index", "amplitude", "reference", "t0", "t_ref"]
    assert model.parameters_unique_names[-1] == "temporal.t_ref"
    assert model.parameters.types == ["spectral"] * 3 + ["temporal"] * 2
    assert (model.type, model.position, model.evaluation_radius, model.frame) == (None, None, None, None)
    assert len(SkyModel(PowerLawSpectralModel()).name) == 8
    assert SkyModel.create("pl", None, "exp-decay", name="x").parameters.names == model.parameters.names


@pytest.mark.parametrize("part", ["pl", None, ExpDecayTemporalModel()])
def test_spectral_part_is_checked(part):
    with pytest.raises(ModelError, match="must be a spectral model"):
        SkyModel(part)


def test_unit_is_checked():
    with pytest.raises(UnitError, match="convertible to"):
        SkyModel(PowerLawNormSpectralModel())
    with pytest.raises(UnitError):
        SkyModel(PowerLawSpectralModel(), apply_irf={"exposure": False})
    counts = PowerLawSpectralModel(amplitude=Parameter("amplitude", 3, "cm-2 s-1 TeV-1"))
    assert SkyModel(counts).spectral_model is counts


def test_apply_irf_is_not_shared():
    # fault 34: the peer hands out its class-level default
    one = SkyModel.from_dict(SkyModel(PowerLawSpectralModel()).to_dict())
    one.apply_irf["psf"] = False
    assert SkyModel(PowerLawSpectralModel()).apply_irf == {"exposure": True, "psf": True, "edisp": True}
    assert SkyModel(PowerLawSpectralModel(), apply_irf={"psf": False}).apply_irf["edisp"]
    with pytest.raises(UnknownNameError, match="edips"):
        one.apply_irf = {"edips": False}


def test_evaluate(model):
    energy = [1, 10] * u.TeV
    assert_allclose(model.evaluate(None, None, energy).to_value("cm-2 s-1 TeV-1"), [1e-12, 1e-15])
    late = Time(model.temporal_model.reference_time.mjd + 1, format="mjd", scale="utc")
    flux = model.evaluate(None, None, energy, late).to_value("cm-2 s-1 TeV-1")
    assert_allclose(flux, np.array([1e-12, 1e-15]) / np.e)


def test_freeze_parts(model):
    model.freeze("temporal")
    assert [p.frozen for p in model.parameters] == [False, False, True, True, True]
    model.freeze()
    assert model.frozen
    model.unfreeze("spectral")
    assert [p.frozen for p in model.parameters] == [False, False, True, True, True]
    with pytest.raises(UnknownNameError, match="spektral"):
        model.freeze("spektral")


def test_copy(model):
    model.covariance = np.diag([1.0, 2, 0, 3, 0])
    copy = model.copy(name="other")
    copy.spectral_model.index.value = 7
    copy.apply_irf["psf"] = False
    assert (model.spectral_model.index.value, model.apply_irf["psf"]) == (3.0, True)
    assert_allclose(copy.covariance.data, model.covariance.data)
    assert model.copy().name != "source"
    changed = model.copy(name="source", spectral_model=LogParabolaSpectralModel(), datasets_names="run")
    assert changed.parameters.names[:4] == ["amplitude", "reference", "alpha", "beta"]
    assert changed.datasets_names == ["run"]
    with pytest.raises(UnknownNameError):
        model.copy(spectral=LogParabolaSpectralModel())
    with pytest.raises(UnitError):
        model.copy(spectral_model=PowerLawNormSpectralModel())


def test_reassign():
    model = SkyModel(PowerLawSpectralModel(), datasets_names=["a", "b"], name="source")
    moved = model.reassign("a", "c")
    assert (moved.datasets_names, model.datasets_names, moved.name) == (["c", "b"], ["a", "b"], "source")
    assert model.reassign(["a", "b"], ["x", "y"]).datasets_names == ["x", "y"]
    with pytest.raises(ModelError, match="2 entries"):
        model.reassign(["a", "b"], ["x"])


def test_dictionary(model):
    model.datasets_names = "run"
    model.apply_irf["edisp"] = False
    data = model.to_dict()
    assert list(data) == ["name", "type", "apply_irf", "datasets_names", "spectral", "temporal"]
    same = SkyModel.from_dict(data)
    assert same.to_dict() == data
    with pytest.raises(UnknownNameError, match="key of model 'source'"):
        SkyModel.from_dict({**data, "spektral": 1})
    with pytest.raises(ModelError, match="must have a spectral part"):
        SkyModel.from_dict({"type": "SkyModel", "name": "a"})
    with pytest.raises(ModelError, match="must have a type"):
        SkyModel.from_dict({"type": "SkyModel", "spectral": {}})


def test_text(model):
    assert (
        repr(model)
        == "SkyModel(name='source', spectral=PowerLawSpectralModel, temporal=ExpDecayTemporalModel)"
    )
    assert "index" in str(model)
    assert "(frozen)" in str(model)
