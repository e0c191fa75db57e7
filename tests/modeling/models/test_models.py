"""Lists of models."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from geminga.errors import ModelError, UnknownNameError
from geminga.modeling import Parameter, Parameters
from geminga.modeling.models import (
    DatasetModels,
    ExpCutoffPowerLawSpectralModel,
    FoVBackgroundModel,
    GaussianPrior,
    Models,
    PowerLawSpectralModel,
    SkyModel,
)
from geminga.stats import GaussianPriorPenalty


@pytest.fixture
def models():
    one, two = PowerLawSpectralModel(index=2.5), ExpCutoffPowerLawSpectralModel()
    two.index = one.index
    return Models(
        [
            SkyModel(one, name="one", datasets_names=["run"]),
            SkyModel(two, name="two"),
            FoVBackgroundModel(dataset_name="run"),
        ]
    )


def test_a_list(models):
    assert models.names == ["one", "two", "run-bkg"]
    assert models["two"] is models[1]
    assert models.index(models[1]) == models.index("two") == 1
    assert "two" in models
    assert models[0] in models
    assert models[:2].names == ["one", "two"]
    assert len(Models()) == 0
    assert Models(models[0]).names == ["one"]
    with pytest.raises(UnknownNameError, match="Did you mean 'two'"):
        models["tow"]
    with pytest.raises(IndexError):
        models[7]


def test_a_list_that_changes(models):
    three = SkyModel(PowerLawSpectralModel(), name="three")
    models.append(three)
    models.insert(0, SkyModel(PowerLawSpectralModel(), name="zero"))
    assert models.names == ["zero", "one", "two", "run-bkg", "three"]
    models.remove(three)
    models.remove("zero")
    assert models.pop(0).name == "one"
    del models["two"]
    models["run-bkg"] = three
    assert models.names == ["three"]
    models.extend([SkyModel(PowerLawSpectralModel(), name="four")])
    assert models.parameters_unique_names[0] == "three.spectral.index"
    assert not hasattr(DatasetModels(models), "append")


def test_names_are_unique(models):
    for add in (
        models.append,
        lambda m: models.insert(0, m),
        lambda m: models.extend([m]),
        lambda m: models + m,
    ):
        with pytest.raises(ModelError, match="'one' twice"):
            add(SkyModel(PowerLawSpectralModel(), name="one"))
    assert len(models) == 3
    models["one"] = SkyModel(PowerLawSpectralModel(), name="one")
    with pytest.raises(ModelError, match="twice"):
        models["one"] = SkyModel(PowerLawSpectralModel(), name="two")
    with pytest.raises(ModelError, match="Wrap it in a SkyModel"):
        models.append(PowerLawSpectralModel())


def test_sums(models):
    other = SkyModel(PowerLawSpectralModel(), name="three")
    assert (models + other).names == ["one", "two", "run-bkg", "three"]
    assert (DatasetModels(models) + Models(other)).names[-1] == "three"
    assert isinstance(DatasetModels(models) + other, Models)


@pytest.mark.parametrize(
    ("conditions", "names"),
    [
        ({"name_substring": "o"}, ["one", "two"]),
        ({"datasets_names": "run"}, ["one", "two", "run-bkg"]),
        ({"datasets_names": ["other"]}, ["two"]),
        ({"tag": "sky-model"}, ["one", "two"]),
        ({"tag": "pl"}, []),
        ({"tag": "pl", "model_type": "spectral"}, ["one"]),
        ({"tag": ["pl", "ecpl"], "model_type": "spectral"}, ["one", "two"]),
        ({"tag": "gauss", "model_type": "temporal"}, []),
        ({"frozen": True}, []),
        ({"frozen": False, "name_substring": "bkg"}, ["run-bkg"]),
    ],
)
def test_select(models, conditions, names):
    assert models.select(**conditions).names == names
    assert models.selection_mask(**conditions).sum() == len(names)
    assert isinstance(models.select(**conditions), Models)


def test_select_with_an_unknown_kind(models):
    with pytest.raises(UnknownNameError, match="model_type"):
        models.select(tag="pl", model_type="spektral")


def test_freeze(models):
    models.freeze("spectral")
    assert models.frozen
    models.unfreeze("spectral")
    assert not models.frozen
    assert models["run-bkg"].parameters["tilt"].frozen


def test_bounds(models):
    models.set_parameters_bounds("pl", "spectral", "index", min=0, max=5, value=2.2)
    index = models["one"].spectral_model.index
    assert (index.min, index.max, index.value) == (0.0, 5.0, 2.2)
    models.set_parameters_bounds("ecpl", "spectral", "lambda_", max="1 GeV-1")
    assert_allclose(models["two"].spectral_model.lambda_.max, 1000)
    with pytest.raises(UnknownNameError, match="indx"):
        models.set_parameters_bounds("pl", "spectral", ["indx"], min=0)
    with pytest.raises(ModelError, match="got none"):
        models.set_parameters_bounds("lp", "spectral", min=0)


def test_priors_and_penalties(models):
    parameters = models.parameters.select(name="amplitude")
    models.set_prior(parameters, [GaussianPrior(mu=1), GaussianPrior(mu=2)])
    assert parameters[1].prior.mu.value == 2.0
    with pytest.raises(ModelError, match="must be 2"):
        models.set_prior(parameters, [GaussianPrior()])
    penalty = GaussianPriorPenalty(
        models["one"].parameters.free_parameters, mean=[2, 1e-12], covariance=np.eye(2)
    )
    models.set_penalties([penalty])
    assert models.penalties == [penalty]
    assert (models + SkyModel(PowerLawSpectralModel())).penalties == [penalty]
    with pytest.raises(ModelError, match="stat_sum"):
        models.set_penalties([1])


def test_table_round_trip(models):
    table = models.to_parameters_table()
    assert table.colnames == [
        "model", "type", "name", "value", "unit", "error", "min", "max", "frozen", "link", "prior",
    ]  # fmt: skip
    assert list(table["model"][:4]) == ["one", "one", "one", "two"]
    table["value"][1], table["frozen"][1], table["min"][1] = 7e-12, True, 0
    models.update_parameters_from_table(table)
    amplitude = models["one"].spectral_model.amplitude
    assert (amplitude.value, amplitude.frozen, amplitude.min) == (7e-12, True, 0.0)
    with pytest.raises(ModelError, match="rows"):
        models.update_parameters_from_table(table[1:])
    with pytest.raises(ModelError, match="row 0"):
        models.update_parameters_from_table(table[::-1])


def test_copy_keeps_links_and_covariance(models):
    models.covariance = np.diag(np.arange(1.0, len(models.parameters) + 1))
    models.set_penalties([GaussianPriorPenalty(Parameters([models["one"].spectral_model.index]), [2], [[1]])])
    copy = models.copy()
    assert copy.names == models.names
    assert copy["one"].spectral_model.index is copy["two"].spectral_model.index
    assert copy["one"].spectral_model.index is not models["one"].spectral_model.index
    assert copy.penalties[0].parameters[0] is copy["one"].spectral_model.index
    assert_allclose(copy.covariance.data, models.covariance.data)


def test_linked_parameters_count_once(models):
    assert len(models.parameters.unique_parameters) == len(models.parameters) - 1
    models.update_link_label()
    labels = models.to_parameters_table()["link"]
    assert labels[0] == labels[3] == "index@1"


def test_reassign_and_backgrounds(models):
    assert models.background_models == {"run": "run-bkg"}
    moved = models.reassign("run", "other")
    assert moved["one"].datasets_names == ["other"]
    assert moved.background_models == {"other": "run-bkg"}
    assert models["one"].datasets_names == ["run"]


def test_restore_status(models):
    with models.restore_status():
        models["one"].spectral_model.index.value = 9
        models.freeze()
    assert models["one"].spectral_model.index.value == 2.5
    assert not models.frozen


def test_text(models):
    assert repr(models) == "Models(one: SkyModel, two: SkyModel, run-bkg: FoVBackgroundModel)"
    assert "Component 2: FoVBackgroundModel" in str(models)
    assert "<pre>" in models._repr_html_()
    assert isinstance(models.parameters[0], Parameter)


def test_lists_of_the_same_models_do_not_share_the_matrix(models):
    models.covariance = np.eye(len(models.parameters))
    other = DatasetModels(models)
    other.covariance.data[0, 1] = other.covariance.data[1, 0] = 7
    assert models.covariance.data[0, 1] == 0
