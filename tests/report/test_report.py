"""Products, provenance, and the page about them."""

import hashlib
import json
import re
from types import SimpleNamespace

import numpy as np
import pytest

from geminga.analysis import Analysis, AnalysisConfig
from geminga.errors import FileExistsGemingaError
from geminga.modeling.models import Models, PowerLawSpectralModel, SkyModel
from geminga.report import provenance, summarise, write_products, write_report
from geminga.report.html import _number
from geminga.visualization.report import ReportFigure


@pytest.fixture
def page(analysis_run):
    return (analysis_run[0] / "report.html").read_text(encoding="utf-8")


def test_the_page_needs_nothing_else(page):
    """No script, style sheet, font or image from outside; every image is in the page."""
    assert not re.search(r"<(script|link|iframe|object|embed)\b", page)
    assert not re.search(r"(src|href)\s*=\s*[\"'](?!data:image/png;base64,|#)", page)
    assert "@import" not in page
    assert "url(" not in page
    assert page.count("<img") == page.count('src="data:image/png;base64,') >= 3
    assert all(re.search(r'alt="[^"]+"', image) for image in re.findall(r"<img[^>]*>", page))


def test_the_page_names_the_numbers(page, analysis_run):
    folder, _ = analysis_run
    models = Models.read(folder / "models.yaml")
    for parameter in models["source"].spectral_model.parameters:
        assert f">{parameter.name}<" in page
        assert f">{_number(parameter.value)}<" in page
    assert "did not converge" not in page
    assert (
        "nan"
        not in re.sub(r"base64,[^\"]*", "", page).replace("covariance", "").lower().split("provenance")[0]
    )


def test_every_table_row_is_complete(page):
    for table in re.findall(r"<table>.*?</table>", page, re.DOTALL):
        widths = {
            row.count("<td") + row.count("<th>") for row in re.findall(r"<tr.*?</tr>", table, re.DOTALL)
        }
        assert len(widths) == 1


def test_provenance_of_the_products(analysis_run, campaign_folder):
    folder, _ = analysis_run
    record = json.loads((folder / "provenance.json").read_text())
    names = {entry["name"] for entry in record["inputs"]}
    assert names == {"hdu-index.fits.gz", "obs-index.fits.gz", "run_0001.fits.gz", "run_0002.fits.gz"}
    for entry in record["inputs"]:
        content = (campaign_folder / entry["name"]).read_bytes()
        assert entry["size"] == len(content)
        assert entry["sha256"] == hashlib.sha256(content).hexdigest()
    assert record["packages"]["numpy"] == np.__version__
    assert AnalysisConfig.from_yaml(record["configuration"]).flux_points.source == "source"


def test_provenance_of_files_elsewhere(tmp_path):
    path = tmp_path / "in" / "a.txt"
    path.parent.mkdir()
    path.write_text("abc")
    record = provenance("x: 1", [path])
    assert record["inputs"] == [{"name": "a.txt", "size": 3, "sha256": hashlib.sha256(b"abc").hexdigest()}]
    inside = provenance("x: 1", [path], relative_to=tmp_path)
    assert inside["inputs"][0]["name"] == "in/a.txt"


@pytest.fixture
def no_figures(monkeypatch):
    """Leave out the figures, which take seconds and are looked at in the run of the command line."""
    monkeypatch.setattr("geminga.report.html.report_figures", lambda analysis, truth: [])


@pytest.fixture
def analysis(analysis_config):
    made = Analysis(AnalysisConfig.read(analysis_config))
    made.get_observations()
    made.get_datasets()
    made.read_models()
    made.run_fit()
    return made


def test_summary_agrees_with_the_datasets(analysis):
    truth = Models([SkyModel(PowerLawSpectralModel(index=2.6, amplitude="3.5e-11 cm-2 s-1 TeV-1"), name="t")])
    summary = summarise(analysis, truth)
    info = [dataset.info_dict() for dataset in analysis.datasets]
    assert [row["counts"] for row in summary.datasets[:-1]] == [row["counts"] for row in info]
    assert summary.datasets[-1]["name"] == "all"
    assert summary.datasets[-1]["counts"] == sum(row["counts"] for row in info)
    row = summary.parameters[0]
    parameter = analysis.models["source"].spectral_model.index
    assert row["truth"] == 2.6
    assert row["pull"] == pytest.approx((parameter.value - 2.6) / parameter.error)
    assert summary.parameters[2]["frozen"]
    assert summary.parameters[2]["pull"] is None
    assert summary.runs[0]["livetime_min"] == pytest.approx(20, rel=1e-6)


def test_a_fit_that_did_not_converge_is_shown(analysis, no_figures, tmp_path, capsys):
    from geminga.cli.analysis import show_summary

    message = "The fit ran out of calls. Start nearer to the minimum."
    analysis.fit_result = SimpleNamespace(success=False, message=message, total_stat=12.5, nfev=3)
    summary, written = write_products(analysis, tmp_path / "o")
    page = (tmp_path / "o" / "report.html").read_text()
    assert '<p class="warn"><strong>The fit did not converge.</strong>' in page
    assert message in page
    show_summary(summary, written)
    printed = capsys.readouterr().out
    assert "NOT CONVERGED" in printed
    assert "ran out of calls" in printed


def test_words_of_the_user_are_escaped(analysis, no_figures, tmp_path):
    _, _ = write_products(analysis, tmp_path / "o", title="<b>bold</b> & more")
    page = (tmp_path / "o" / "report.html").read_text()
    assert "<b>bold</b>" not in page
    assert "&lt;b&gt;bold&lt;/b&gt; &amp; more" in page


def test_products_are_checked_before_any_is_written(analysis, no_figures, tmp_path):
    folder = tmp_path / "o"
    folder.mkdir()
    (folder / "report.html").write_text("an older report")
    with pytest.raises(FileExistsGemingaError, match=r"report\.html"):
        write_products(analysis, folder)
    assert [file.name for file in folder.iterdir()] == ["report.html"]
    assert (folder / "report.html").read_text() == "an older report"
    write_products(analysis, folder, overwrite=True)
    assert "an older report" not in (folder / "report.html").read_text()


def test_figures_lie_beside_the_page(analysis, tmp_path, monkeypatch):
    figure = ReportFigure("fit", "model", "The fit", "Counts <and> model", b"PNG")
    monkeypatch.setattr("geminga.report.html.report_figures", lambda analysis, truth: [figure])
    written = write_report(analysis, summarise(analysis), provenance("x: 1"), tmp_path)
    assert written == [tmp_path / "figures" / "fit.png", tmp_path / "report.html"]
    assert written[0].read_bytes() == b"PNG"
    page = written[1].read_text()
    assert "data:image/png;base64,UE5H" in page
    assert "Counts &lt;and&gt; model" in page


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (float("nan"), "–"),
        (0, "0"),
        (2.5671, "2.567"),
        (348.0, "348"),
        (12345.6, "12345.6"),
        (3.5e-11, "3.500·10⁻¹¹"),
        (-2.5e7, "-2.500·10⁷"),
        (0.05, "0.05"),
        (0.004, "4.000·10⁻³"),
    ],
)
def test_numbers_for_people(value, text):
    assert _number(value) == text
