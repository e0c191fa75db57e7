"""Files of models."""

import numpy as np
import pytest
from astropy.table import Table
from numpy.testing import assert_allclose

from geminga.errors import FileExistsGemingaError, FormatError, ModelError, UnitError, UnknownNameError
from geminga.modeling import Fit, Parameters
from geminga.modeling.models import (
    ExpCutoffPowerLawSpectralModel,
    FoVBackgroundModel,
    GaussianPrior,
    Models,
    PowerLawSpectralModel,
    SamplesKDEPrior,
    SkyModel,
)
from geminga.stats import GaussianPriorPenalty


@pytest.fixture
def models():
    one, two = (
        PowerLawSpectralModel(index=2.5, amplitude="3e-12 cm-2 s-1 TeV-1"),
        ExpCutoffPowerLawSpectralModel(),
    )
    two.index = one.index
    one.index.prior = GaussianPrior(mu=2, sigma=0.3)
    one.amplitude.prior = SamplesKDEPrior([1e-12, 2e-12, 5e-12])
    one.amplitude.min, two.lambda_.frozen, two.alpha.interp = 1e-14, True, "log"
    models = Models(
        [
            SkyModel(one, name="one", datasets_names=["run"], apply_irf={"psf": False}),
            SkyModel(two, name="two"),
            FoVBackgroundModel(dataset_name="run", name="mine"),
        ]
    )
    root = np.random.default_rng(0).normal(size=(len(models.parameters),) * 2) * 0.1
    models.covariance = root @ root.T
    return models


def same(one, other):
    assert one.names == other.names
    for p, q in zip(one.parameters, other.parameters, strict=True):
        first, second = p.to_dict(), q.to_dict()
        for data in (first, second):
            data.pop("link", None)
            data["min"], data["max"] = str(data["min"]), str(data["max"])
        assert first.pop("error") == pytest.approx(second.pop("error"))
        assert first == second
    assert_allclose(one.covariance.data, other.covariance.data, rtol=1e-12)
    shared = [[p is q for q in one.parameters] for p in one.parameters]
    assert shared == [[p is q for q in other.parameters] for p in other.parameters]


@pytest.mark.parametrize("full_output", [True, False])
@pytest.mark.parametrize("checksum", [True, False])
def test_round_trip(models, tmp_path, full_output, checksum):
    path = tmp_path / "models.yaml"
    models.write(path, full_output=full_output, checksum=checksum)
    again = Models.read(path, checksum=checksum)
    same(models, again)
    assert again["one"].apply_irf == {"exposure": True, "psf": False, "edisp": True}
    assert (tmp_path / "models_covariance.dat").exists()
    same(Models.from_yaml(models.to_yaml(), path=tmp_path), _without_covariance(models))


def _without_covariance(models):
    copy = models.copy()
    copy.covariance = np.diag(models.covariance.data.diagonal())
    return copy


def test_nothing_is_overwritten_unasked(models, tmp_path):
    path = tmp_path / "models.yaml"
    models.write(path)
    before = path.read_text()
    with pytest.raises(FileExistsGemingaError, match="overwrite=True"):
        Models([models[0]]).write(path)
    assert path.read_text() == before
    Models([models[0]]).write(path, overwrite=True)
    assert Models.read(path).names == ["one"]
    models.write(tmp_path / "bare.yaml", write_covariance=False)
    assert not (tmp_path / "bare_covariance.dat").exists()


def test_covariance_file_looks_like_that_of_the_peer(models, tmp_path):
    models.write(tmp_path / "m.yaml")
    table = Table.read(tmp_path / "m_covariance.dat", format="ascii.fixed_width")
    # oracle: peer 2.1, Models.write: a column of names, and columns "0", "1", ...
    assert table.colnames[:3] == ["Parameters", "0", "1"]
    assert table["Parameters"][0] == "one.spectral.index"


def test_rows_in_another_order(models, tmp_path):
    models.write(tmp_path / "m.yaml")
    file = tmp_path / "m_covariance.dat"
    table = Table.read(file, format="ascii.fixed_width")
    n = len(table)
    order = np.arange(n)[::-1]
    data = np.array([table[str(i)] for i in range(n)])[np.ix_(order, order)]
    turned = Table({"Parameters": table["Parameters"][order]} | {str(i): data[i] for i in range(n)})
    turned.write(file, format="ascii.fixed_width", overwrite=True)
    assert_allclose(Models.read(tmp_path / "m.yaml").covariance.data, models.covariance.data)


@pytest.mark.parametrize("damage", ["missing", "rows", "names", "binary"])
def test_damaged_covariance(models, tmp_path, damage):
    models.write(tmp_path / "m.yaml")
    file = tmp_path / "m_covariance.dat"
    lines = file.read_text().splitlines()
    if damage == "missing":
        file.unlink()
    elif damage == "rows":
        file.write_text("\n".join(lines[:-2]))
    elif damage == "names":
        file.write_text("\n".join(lines).replace("one.spectral.index", "six.spectral.index"))
    else:
        file.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(FormatError, match=r"m_covariance\.dat"):
        Models.read(tmp_path / "m.yaml")


COMPONENT = "components:\n- type: SkyModel\n  name: a\n  spectral: {type: pl, parameters: [%s]}\n"


@pytest.mark.parametrize(
    ("text", "error", "match"),
    [
        ("- a", FormatError, "list 'components'"),
        ("components: 3", FormatError, "list 'components'"),
        ("components:\n- name: a", FormatError, "with a 'type'"),
        ("components:\n- type: SkyModell", UnknownNameError, "Did you mean 'SkyModel'"),
        ("components: []\nfoo: 1", UnknownNameError, "key of models"),
        (COMPONENT.replace("pl,", "pll,") % "", UnknownNameError, "spectral model"),
        (COMPONENT % "{name: indx, value: 2}", UnknownNameError, "Did you mean 'index'"),
        (COMPONENT % "{name: index, valu: 2}", UnknownNameError, "Did you mean 'value'"),
        (COMPONENT % "{name: index, value: abc}", ModelError, "must be a number"),
        (COMPONENT % "{name: index, value: 2, frozen: 'False'}", ModelError, "True or False"),
        (COMPONENT % "{name: amplitude, value: 2, unit: m}", UnitError, "amplitude"),
        (COMPONENT % "{name: amplitude, value: 2, unit: foo}", UnitError, "spelling"),
        (COMPONENT % "{name: index, value: 2, prior: {type: X}}", UnknownNameError, "prior"),
        ("components: [a", FormatError, "plain YAML"),
        ("!!python/object/apply:os.system ['true']", FormatError, "plain YAML"),
        ("components:\n- !!python/name:os.system", FormatError, "plain YAML"),
    ],
)
def test_mistakes_are_named(text, error, match, tmp_path):
    with pytest.raises(error, match=match):
        Models.from_yaml(text)
    file = tmp_path / "bad.yaml"
    file.write_text(text)
    with pytest.raises(error) as caught:
        Models.read(file)
    told = str(caught.value) + "".join(getattr(caught.value, "__notes__", []))
    assert "bad.yaml" in told


def test_numbers_that_yaml_takes_for_text():
    models = Models.from_yaml(
        COMPONENT % "{name: amplitude, value: 3e-12, unit: 'cm-2 s-1 TeV-1', min: 1e-14}"
    )
    amplitude = models["a"].spectral_model.amplitude
    assert (amplitude.value, amplitude.min) == (3e-12, 1e-14)


def test_missing_parameters_have_defaults(caplog):
    models = Models.from_yaml(COMPONENT % "{name: index, value: 3}")
    assert models["a"].spectral_model.amplitude.value == 1e-12
    assert "'amplitude' of PowerLawSpectralModel is not in the file" in caplog.text


def test_checksum(models, tmp_path):
    path = tmp_path / "m.yaml"
    models.write(path, checksum=True)
    path.write_text(path.read_text().replace("value: 2.5", "value: 2.6"))
    with pytest.warns(UserWarning, match="Checksum verification failed"):
        Models.read(path, checksum=True)
    assert Models.read(path)["one"].spectral_model.index.value == 2.6


def test_penalties_are_written(models, tmp_path):
    # fault 36: the peer never writes them
    parameters = Parameters([models["one"].spectral_model.index, models["mine"].parameters["norm"]])
    models.set_penalties(
        [GaussianPriorPenalty(parameters, [2.0, 1.0], [[0.1, 0.02], [0.02, 0.3]], lambda_=2.0)]
    )
    models.write(tmp_path / "m.yaml")
    again = Models.read(tmp_path / "m.yaml")
    assert_allclose(again.penalties[0].stat_sum(), models.penalties[0].stat_sum())
    assert again.penalties[0].parameters[0] is again["one"].spectral_model.index
    again["one"].spectral_model.index.value = 3.5
    assert again.penalties[0].stat_sum() != models.penalties[0].stat_sum()


def test_fit_result(tmp_path):
    class Data:
        models = Models([SkyModel(PowerLawSpectralModel(), name="one")])

        def stat_sum(self):
            model = self.models["one"].spectral_model
            return ((model.index.value - 2.3) / 0.1) ** 2 + ((model.amplitude.value - 3e-12) / 2e-13) ** 2

    result = Fit().run(Data())
    assert_allclose(result.models.covariance.data, result.covariance_result.matrix)
    result.write(tmp_path / "fit.yaml")
    text = (tmp_path / "fit.yaml").read_text()
    # oracle: peer 2.1, FitResult.write: first the steps, then the models
    assert text.startswith("OptimizeResult:")
    assert text.index("CovarianceResult:") < text.index("components:")
    again = Models.read(tmp_path / "fit.yaml")
    assert_allclose([p.error for p in again.parameters], [0.1, 2e-13, 0], rtol=1e-4)
    with pytest.raises(FileExistsGemingaError):
        result.write(tmp_path / "fit.yaml")
