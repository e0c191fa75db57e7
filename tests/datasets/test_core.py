"""Datasets that users define."""

import numpy as np
import pytest

from geminga.datasets import Dataset, Datasets
from geminga.errors import DataError
from geminga.modeling import Fit, Parameter
from geminga.modeling.models import ModelBase, Models, PowerLawSpectralModel, SkyModel


class Straight(Dataset):
    """Values that a model should put at its amplitude."""

    tag = "Straight"

    def __init__(self, values, models=None, name=None):
        self._name = name
        self.values = np.asarray(values, dtype=float)
        if models is not None:
            self.models = models

    @property
    def data_shape(self):
        return self.values.shape

    def stat_array(self):
        amplitude = self.models[0].spectral_model.amplitude.value * 1e12
        return (self.values - amplitude) ** 2


class Total(Dataset):
    """A dataset that only knows its sum."""

    def __init__(self, models):
        self.models = models

    def stat_sum(self):
        return 2.0 * self.models[0].spectral_model.index.value


@pytest.fixture
def source():
    return SkyModel(PowerLawSpectralModel(amplitude="2e-12 TeV-1 s-1 cm-2", index=3), name="source")


def test_stat_sum_adds_stat_array(source):
    dataset = Straight([1.0, 2.0, 4.0], models=source)
    assert dataset.stat_sum() == pytest.approx(1 + 0 + 4)
    assert dataset.stat_sum_likelihood() == pytest.approx(5)


def test_a_name_is_made_once(source):
    dataset = Straight([1.0])
    assert dataset.name == dataset.name
    assert len(dataset.name) == 8


def test_list_with_user_datasets_adds_them_up(source):
    datasets = Datasets([Straight([1.0], models=source, name="a"), Total([source])])
    assert datasets.stat_sum() == pytest.approx(1 + 6)
    assert datasets.models.names == ["source"]
    assert [p.name for p in datasets.parameters.free_parameters] == ["index", "amplitude"]


def test_likelihood_sees_parameters_of_user_datasets(source):
    datasets = Datasets([Total([source])])
    likelihood = datasets.likelihood()
    assert likelihood.stat(likelihood.values) == pytest.approx(6)
    index = [parameter.name for parameter in likelihood.parameters].index("index")
    assert likelihood.gradient(likelihood.values)[index] == pytest.approx(2, rel=1e-6)


def test_models_are_selected_by_dataset_name(source):
    other = SkyModel(PowerLawSpectralModel(), name="other", datasets_names="elsewhere")
    dataset = Straight([1.0], models=Models([source, other]), name="here")
    assert dataset.models.names == ["source"]


def test_copy_leaves_models_behind(source):
    dataset = Straight([1.0], models=source, name="a")
    copy = dataset.copy(name="b")
    assert copy.name == "b"
    assert copy.models is None
    copy.values[0] = 7
    assert dataset.values[0] == 1


def test_nothing_defined():
    with pytest.raises(NotImplementedError, match="stat_array"):
        Dataset().stat_sum()


def test_mask_must_be_a_map():
    with pytest.raises(DataError, match="mask_fit"):
        Straight([1.0]).mask_fit = np.ones(3, dtype=bool)


class Paraboloid(ModelBase):
    """A model that is nothing but parameters, with a name."""

    tag = "paraboloid"
    x = Parameter("x", 1.9)
    y = Parameter("y", 2.9e3)
    name = "paraboloid"
    datasets_names = None


class Bowl(Dataset):
    """A dataset with a property `models` of its own."""

    def __init__(self):
        self._name = "bowl"
        self._models = Models([Paraboloid()])

    @property
    def models(self):
        return self._models

    def stat_sum(self):
        x, y = (parameter.value for parameter in self.models.parameters)
        return (x - 2) ** 2 + ((y - 3e3) / 10) ** 2


def test_fit_of_a_user_dataset():
    bowl = Bowl()
    result = Fit().run([bowl])
    assert result.success
    assert bowl.models.parameters.value == pytest.approx([2, 3e3], rel=1e-3)
    assert Datasets([bowl]).models.names == ["paraboloid"]
