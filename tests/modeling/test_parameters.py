"""Lists of parameters."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose

from geminga.errors import ModelError, UnknownNameError
from geminga.modeling import Parameter, Parameters, PriorParameter, PriorParameters
from geminga.modeling.models import GaussianPrior, UniformPrior


@pytest.fixture
def shared():
    index = Parameter("index", 2.0, min=0)
    return Parameters([index, Parameter("norm", 1.0, frozen=True), index, Parameter("norm", 3.0, error=0.5)])


def test_look_up(shared):
    assert shared["norm"].value == 1.0
    assert shared.index(shared[2]) == 0
    assert shared.index("norm") == 1
    assert shared[3] in shared
    assert Parameter("index", 2.0) not in shared
    assert "norm" in shared
    assert len(shared[1:3]) == 2
    with pytest.raises(UnknownNameError, match="Did you mean 'norm'"):
        shared["nrm"]
    with pytest.raises(UnknownNameError):
        shared.index(Parameter("index", 2.0))
    with pytest.raises(ModelError):
        Parameters([1])


def test_subsets(shared):
    assert shared.free_parameters.names == ["index", "index", "norm"]
    assert shared.unique_parameters.names == ["index", "norm", "norm"]
    assert shared.free_unique_parameters.names == ["index", "norm"]
    assert shared.select(name="norm").names == ["norm", "norm"]
    assert shared.select(name=["index"], frozen=True).names == []
    assert shared.select(frozen=True).value.tolist() == [1.0]
    shared.freeze_all()
    assert len(shared.free_parameters) == 0
    shared.unfreeze_all()
    assert len(shared.free_parameters) == 4


def test_columns(shared):
    assert_allclose(shared.value, [2, 1, 2, 3])
    assert_allclose(shared.min, [0, np.nan, 0, np.nan])
    shared.value = [4, 5, 4, 6]
    assert shared["index"].value == 4.0
    with pytest.raises(ModelError, match="4 entries"):
        shared.max = [1]


def test_factors(shared):
    shared.autoscale()
    shared.set_parameter_factors([7.0, 8.0])
    assert_allclose(shared.value, [7, 1, 7, 8])


def test_restore_status(shared):
    with shared.restore_status():
        shared["index"].value, shared["index"].frozen, shared[3].error = 9.0, True, 0.0
    assert (shared["index"].value, shared["index"].frozen, shared[3].error) == (2.0, False, 0.5)
    with shared.restore_status(restore_values=False):
        shared["index"].value, shared["index"].frozen = 9.0, True
    assert (shared["index"].value, shared["index"].frozen) == (9.0, False)
    with pytest.raises(ZeroDivisionError), shared.restore_status():
        shared["index"].value = 1 / 0 if shared["index"] else 0
    assert shared["index"].value == 9.0


def test_links_survive_copies_and_pickles(shared):
    by_pickle = pickle.loads(pickle.dumps(shared))  # noqa: S301 - our own bytes
    for copy in (shared.copy(), by_pickle):
        assert copy[0] is copy[2]
        assert copy[0] is not shared[0]
        assert copy.index(copy[3]) == 3


def test_table(shared):
    table = shared.to_table()
    assert table.colnames == [
        "type", "name", "value", "unit", "error", "min", "max", "frozen", "link", "prior",
    ]  # fmt: skip
    assert table["link"][0] == table["link"][2] != ""
    assert table["link"][1] == ""
    assert "index" in str(shared)


def test_dictionaries(shared):
    shared.update_link_label()
    same = Parameters.from_dict(shared.to_dict())
    assert same.names == shared.names
    assert_allclose(same.value, shared.value)
    with pytest.raises(ModelError, match="known keys"):
        Parameters.from_dict([{"name": "a", "value": 1, "foo": 2}])


def test_priors_of_shared_parameters_count_once():
    index = Parameter("index", 2.0, prior=UniformPrior(min=0, max=np.e))
    other = Parameter("norm", 1.0, prior=GaussianPrior(mu=0, sigma=1))
    # 2 ln(e - 0) = 2 and 1 + ln 2 pi
    expected = 2 + 1 + np.log(2 * np.pi)
    assert_allclose(Parameters([index, index, other]).prior_stat_sum(), expected)
    assert Parameters([other]).prior == [other.prior]


def test_stack_and_prior_parameters(shared):
    stack = Parameters.from_stack([shared, Parameters([Parameter("x", 1.0)])])
    assert stack.names[-1] == "x"
    assert (shared + stack).names == shared.names + stack.names
    numbers = PriorParameters([PriorParameter("mu", 1.0)])
    assert numbers.to_table().colnames == ["type", "name", "value", "unit", "error", "min", "max"]
    assert PriorParameters.from_dict(numbers.to_dict())["mu"].value == 1.0


def test_look_up_is_linear():
    many = Parameters([Parameter(f"p{i}", i) for i in range(3000)])
    assert [many.index(p) for p in many] == list(range(3000))
