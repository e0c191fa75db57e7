"""What every model has."""

import pickle

import numpy as np
import pytest
from astropy import units as u
from numpy.testing import assert_allclose

from geminga.errors import ModelError, UnitError, UnknownNameError
from geminga.modeling import Parameter, Parameters
from geminga.modeling.models import Model, ModelBase, PowerLawSpectralModel


class Line(ModelBase):
    tag = ["Line", "line"]
    slope = Parameter("slope", 1.0, min=0)
    offset = Parameter("offset", "1 TeV", frozen=True)


class BentLine(Line):
    tag = "BentLine"
    bend = Parameter("bend", 0.5)


def copy_by_pickle(item):
    return pickle.loads(pickle.dumps(item))  # noqa: S301 - our own bytes


def test_declared_parameters_are_copied():
    one, two = Line(), Line()
    one.slope.value = 7
    assert (two.slope.value, Line.default_parameters["slope"].value) == (1.0, 1.0)
    assert one.parameters.names == ["slope", "offset"]
    assert BentLine().parameters.names == ["slope", "offset", "bend"]
    assert Line.default_parameters.names == ["slope", "offset"]


def test_arguments():
    shared = Parameter("slope", 5.0)
    model = Line(slope=shared, offset="3 GeV")
    assert model.slope is shared
    assert model.offset.quantity == 3 * u.GeV
    with pytest.raises(UnitError, match="offset of Line"):
        Line(offset="3 m")
    with pytest.raises(UnitError):
        Line(offset=3)
    with pytest.raises(UnknownNameError, match="Did you mean 'slope'"):
        Line(slop=3)
    with pytest.raises(UnitError):
        Line(slope=Parameter("slope", 1, "TeV"))


def test_only_parameters_replace_parameters():
    model = Line()
    with pytest.raises(ModelError, match=r"model\.slope\.value"):
        model.slope = 3
    with pytest.raises(ModelError, match="of that name"):
        model.slope = Parameter("bend", 1.0)
    model.slope = BentLine().slope
    assert model.parameters["slope"] is model.slope
    with pytest.raises(ModelError, match="name of its parameter"):
        type("Bad", (ModelBase,), {"a": Parameter("b", 1.0)})


def test_freeze_and_default_flags():
    model = Line()
    model.freeze()
    assert model.frozen
    model.unfreeze()
    assert [p.frozen for p in model.parameters] == [False, True]
    assert not model.frozen


def test_copy():
    model = Line(slope=3)
    model.covariance = np.diag([4.0, 0.0])
    copy = model.copy(slope=5)
    assert (copy.slope.value, model.slope.value, copy.slope.error) == (5.0, 3.0, 2.0)
    copy = model.copy()
    assert_allclose(copy.covariance.data, model.covariance.data)
    assert copy.covariance.parameters[0] is copy.slope
    with pytest.raises(UnknownNameError):
        model.copy(name="x")
    assert copy_by_pickle(model).slope.value == 3.0


def test_dictionary():
    model = Line(slope=3)
    model.slope.max = 9
    # entries equal to the defaults are left out
    assert model.to_dict() == {
        "type": "Line",
        "parameters": [
            {"name": "slope", "value": 3.0, "max": 9.0},
            {"name": "offset", "value": 1.0, "unit": "TeV"},
        ],
    }
    assert len(model.to_dict(full_output=True)["parameters"][0]) == 10
    same = Line.from_dict(model.to_dict())
    assert (same.slope.value, same.slope.max, same.slope.min, same.offset.frozen) == (3.0, 9.0, 0.0, True)


def test_dictionary_with_mistakes(caplog):
    with pytest.raises(UnknownNameError, match="slop"):
        Line.from_dict({"type": "Line", "parameters": [{"name": "slop", "value": 1}]})
    with pytest.raises(UnknownNameError, match="foo"):
        Line.from_dict({"type": "Line", "foo": 1})
    with pytest.raises(ModelError, match="type must be one of"):
        Line.from_dict({"type": "Circle"})
    with pytest.raises(ModelError, match="True or False"):
        Line.from_dict({"type": "Line", "parameters": [{"name": "slope", "value": 1, "frozen": "False"}]})
    Line.from_dict({"type": "Line", "parameters": []})
    assert "'slope' of Line is not in the file" in caplog.text


def test_from_parameters():
    model = PowerLawSpectralModel(index=3)
    same = PowerLawSpectralModel.from_parameters(model.parameters)
    assert same.index is model.index
    assert same.parameters_unique_names == ["index", "amplitude", "reference"]


def test_create_by_tag():
    assert Model.create("pl", "spectral", index=3).index.value == 3.0
    assert Model("PowerLawSpectralModel").index.value == 2.0
    assert Model.create("GaussianPrior").mu.value == 0.0
    with pytest.raises(UnknownNameError, match="Known:"):
        Model.create("no-such-model", "spectral")
    with pytest.raises(UnknownNameError):
        Model.create("no-such-model")
    with pytest.raises(UnknownNameError):
        Model.create("pl", "spctral")
    model = Model.from_dict(PowerLawSpectralModel(index=3).to_dict())
    assert model.index.value == 3.0
    with pytest.raises(ModelError, match="must have a type"):
        Model.from_dict({"foo": 1})


def test_text():
    model = Line()
    assert repr(model) == "Line(slope=1, offset=1 TeV (frozen))"
    assert "slope" in str(model)
    assert "<pre>" in model._repr_html_()
    assert isinstance(model.default_parameters, Parameters)
