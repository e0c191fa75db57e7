"""The command line."""

import logging
import re

import numpy as np
import pytest
import yaml
from numpy.testing import assert_allclose
from typer.testing import CliRunner

from geminga import __version__
from geminga.analysis import AnalysisConfig
from geminga.cli import app, main
from geminga.datasets import Datasets
from geminga.estimators import FluxPoints
from geminga.modeling.models import Models


@pytest.fixture
def run():
    def run(*arguments):
        return CliRunner().invoke(app, [str(argument) for argument in arguments])

    return run


def test_version_and_help(run):
    assert run("--version").output.strip() == f"geminga {__version__}"
    for command in ("analysis", "check", "info", "demo"):
        assert command in run("--help").output
        assert run(command, "--help").exit_code == 0


def test_info(run):
    output = run("info").output
    assert __version__ in output
    assert "numpy" in output
    assert "GEMINGA_DATA" in output
    assert "numpy" not in run("info", "--no-dependencies").output


def test_logging_check(run, caplog):
    with (
        caplog.at_level(logging.DEBUG, logger="geminga"),
        pytest.warns(UserWarning, match="example of a warning"),
    ):
        assert run("check", "logging").exit_code == 0
    assert [record.levelname for record in caplog.records] == [
        "DEBUG",
        "INFO",
        "WARNING",
        "ERROR",
        "CRITICAL",
    ]


def test_template_is_a_configuration(run, tmp_path):
    path = tmp_path / "config.yaml"
    result = run("analysis", "config", "--filename", path)
    assert result.exit_code == 0
    assert f"geminga analysis run {path}" in result.output.replace("\n", "")
    assert AnalysisConfig.read(path).datasets.background.method == "reflected"
    again = run("analysis", "config", "--filename", path)
    assert again.exit_code == 1
    assert isinstance(again.exception, FileExistsError)
    assert run("analysis", "config", "--filename", path, "--overwrite").exit_code == 0


# ----------------------------------------------------------------------------- one analysis, from a file


def test_what_is_printed(analysis_run):
    _, output = analysis_run
    for word in ("Counts", "Fitted model", "amplitude", "index", "report.html", "Products"):
        assert word in output
    assert "NOT CONVERGED" not in output
    assert not re.search(r"\bnan\b", output)
    assert "WARNING" not in output


def test_products_can_be_read(analysis_run):
    folder, _ = analysis_run
    config = AnalysisConfig.read(folder / "config.yaml")
    assert config.flux_points.energy.nbins == 4
    datasets = Datasets.read(folder / "datasets" / "datasets.yaml")
    assert datasets.names == ["1", "2"]
    models = Models.read(folder / "models.yaml")
    assert models.covariance.data.shape == (3, 3)
    assert models["source"].spectral_model.index.error > 0
    ogip = sorted((folder / "datasets" / "ogip").glob("pha_?.fits"))
    assert [file.name for file in ogip] == ["pha_1.fits", "pha_2.fits"]
    exact = FluxPoints.read(folder / "flux_points.fits", reference_model=models["source"])
    text = FluxPoints.read(folder / "flux_points.ecsv", reference_model=models["source"])
    assert_allclose(exact.dnde.data, text.dnde.data, rtol=1e-9)
    assert np.isfinite(exact.dnde_ul.data).any()
    assert all(file.stat().st_size > 1000 for file in (folder / "figures").glob("*.png"))


def test_products_repeat_the_fit(analysis_run):
    """Written datasets and models give the minimum that the report names."""
    folder, _ = analysis_run
    datasets = Datasets.read(folder / "datasets" / "datasets.yaml")
    datasets.models = Models.read(folder / "models.yaml")
    page = (folder / "report.html").read_text()
    stated = float(re.search(r"Statistic ([\d.]+) after", page).group(1))
    assert_allclose(datasets.stat_sum(), stated, atol=0.06)


def test_nothing_is_overwritten(run, analysis_config, analysis_run):
    folder, _ = analysis_run
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
    result = run("analysis", "run", analysis_config, "--no-report")
    assert result.exit_code == 1
    assert isinstance(result.exception, FileExistsError)
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()} == before


def test_another_folder_and_no_report(run, analysis_config, tmp_path):
    result = run("--log-level", "error", "analysis", "run", "--filename", analysis_config, "--out", tmp_path / "o",
                 "--no-report")  # fmt: skip
    assert result.exit_code == 0
    assert (tmp_path / "o" / "provenance.json").exists()
    assert not (tmp_path / "o" / "report.html").exists()
    assert not (tmp_path / "o" / "figures").exists()


def test_without_models_there_are_spectra_only(run, analysis_config, tmp_path):
    content = yaml.safe_load(analysis_config.read_text())
    del content["general"]["models_file"]
    (tmp_path / "c.yaml").write_text(yaml.safe_dump(content))
    result = run("analysis", "run", tmp_path / "c.yaml", "--out", tmp_path / "o")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "o" / "datasets" / "datasets.yaml").exists()
    assert not (tmp_path / "o" / "models.yaml").exists()
    assert "Fitted model" not in (tmp_path / "o" / "report.html").read_text()


def test_errors_are_one_line_and_status_1(monkeypatch, tmp_path, capsys):
    path = tmp_path / "config.yaml"
    path.write_text("datasets: {stak: true}\n")
    monkeypatch.setattr("sys.argv", ["geminga", "analysis", "run", str(path)])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 1
    error = capsys.readouterr().err
    assert "Error:" in error
    assert "datasets.stak: is not a known key" in error
    assert "Traceback" not in error


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("observations: {datastore: /nowhere/at/all}", "nowhere"),
        ("observations: {datastore: $NOT_A_VARIABLE/x}", "NOT_A_VARIABLE"),
        ("general: !!python/object/apply:os.getcwd []", "YAML"),
    ],
)
def test_bad_configurations(text, word, monkeypatch, tmp_path, capsys):
    path = tmp_path / "config.yaml"
    path.write_text(text)
    monkeypatch.setattr("sys.argv", ["geminga", "analysis", "run", str(path), "--out", str(tmp_path / "o")])
    with pytest.raises(SystemExit):
        main()
    assert word in capsys.readouterr().err
    assert not (tmp_path / "o").exists()


def test_missing_configuration(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("sys.argv", ["geminga", "analysis", "run", str(tmp_path / "none.yaml")])
    with pytest.raises(SystemExit):
        main()
    assert "none.yaml" in capsys.readouterr().err
