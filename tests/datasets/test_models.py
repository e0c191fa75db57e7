"""Which models belong to which dataset."""

from geminga.datasets.models import models_for, united_models
from geminga.modeling.models import DatasetModels, Models, PowerLawSpectralModel, SkyModel


def source(name, datasets_names=None):
    return SkyModel(PowerLawSpectralModel(), name=name, datasets_names=datasets_names)


def test_immutable_list_is_used_as_it_is():
    models = DatasetModels([source("a")])
    assert models_for(models, "x") is models


def test_mutable_list_is_a_snapshot():
    models = Models([source("a")])
    chosen = models_for(models, "x")
    models.append(source("b"))
    assert chosen.names == ["a"]


def test_union_keeps_order_and_identity():
    a, b, c = (source(name) for name in "abc")
    united = united_models([DatasetModels([a, b]), None, DatasetModels([b, c])])
    assert united.names == ["a", "b", "c"]
    assert united["b"] is b


def test_penalties_are_kept():
    penalty = object()
    models = Models([source("a")], penalties=[penalty])
    assert united_models([models_for(models, "x"), models_for(models, "y")]).penalties == [penalty]
