"""The configuration of an analysis."""

import logging

import pytest
from astropy import units as u
from hypothesis import given, settings
from hypothesis import strategies as st

from geminga.analysis import AnalysisConfig
from geminga.analysis.template import CONFIG_TEMPLATE
from geminga.errors import ConfigError, FormatError

TEXT = """\
observations:
  datastore: $GEMINGA_DATA/hess-dl3-dr1
  obs_ids: [23523]
  obs_time: {start: ["2004-12-04", "2004-12-06"], stop: ["2004-12-05", "2004-12-07"]}
datasets:
  type: 1d
  on_region: {frame: icrs, lon: 83.633 deg, lat: 22.014 deg, radius: 400 arcsec}
  geom: {axes: {energy: {min: 100 GeV, max: 40 TeV, nbins: 8}}}
  safe_mask: {methods: [aeff-max], parameters: {aeff_percent: 10}}
fit: {fit_range: {min: 0.7 TeV}}
"""


def test_values_have_their_types():
    config = AnalysisConfig.from_yaml(TEXT)
    assert config.datasets.on_region.radius.to_value("deg") == pytest.approx(400 / 3600)
    assert config.datasets.geom.axes.energy.min == 0.1 * u.TeV
    assert config.fit.fit_range.min == 0.7 * u.TeV
    assert config.fit.fit_range.max is None
    assert len(config.observations.obs_time.intervals()) == 2
    assert config.datasets.safe_mask.methods == ["aeff-max"]


@pytest.mark.parametrize("text", ["", TEXT, CONFIG_TEMPLATE], ids=["empty", "some", "template"])
def test_round_trips(text, tmp_path):
    config = AnalysisConfig.from_yaml(text)
    again = AnalysisConfig.from_yaml(config.to_yaml())
    assert again.to_yaml() == config.to_yaml()
    config.write(tmp_path / "config.yaml")
    assert AnalysisConfig.read(tmp_path / "config.yaml").to_yaml() == config.to_yaml()
    with pytest.raises(FileExistsError):
        config.write(tmp_path / "config.yaml")


@settings(max_examples=20, deadline=None)
@given(low=st.floats(1e-3, 1e3), ratio=st.floats(1.01, 1e3), unit=st.sampled_from(["TeV", "GeV", "erg"]))
def test_energies_round_trip(low, ratio, unit):
    config = AnalysisConfig()
    config.flux_points.energy.min = low * u.Unit(unit)
    config.flux_points.energy.max = f"{low * ratio!r} {unit}"
    again = AnalysisConfig.from_yaml(config.to_yaml()).flux_points.energy
    assert again.min == low * u.Unit(unit)
    assert again.max == config.flux_points.energy.max


def test_blocks_of_other_writers_are_ignored():
    """Fault 45: the peer rejects the metadata block of the files that it writes."""
    config = AnalysisConfig.from_yaml("metadata: {creator: somebody}\ngeneral: {outdir: here}\n")
    assert config.general.outdir == "here"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("datasets: {stak: true}", "datasets.stak: is not a known key"),
        ("dataset: {}", "dataset: is not a known key"),
        ("datasets: {on_region: {radius: 1 TeV}}", "datasets.on_region.radius: .*convertible to 'deg'"),
        ("datasets: {on_region: {radius: 1}}", "datasets.on_region.radius"),
        ("fit: {fit_range: {min: 1 deg}}", "fit.fit_range.min"),
        ("fit: {fit_range: {min: much}}", "fit.fit_range.min"),
        ("datasets: {type: 2d}", "datasets.type"),
        ("datasets: {safe_mask: {methods: [aeff]}}", "datasets.safe_mask.methods"),
        ("general: {log: {level: loud}}", "general.log.level"),
        ("general: {n_jobs: 0}", "general.n_jobs"),
        ("datasets: {geom: {axes: {energy: {nbins: -3}}}}", "nbins"),
        ("observations: {obs_time: {start: yesterday, stop: 2020-01-01}}", "observations.obs_time.start"),
        ("observations: {obs_ids: [one]}", "observations.obs_ids"),
        ("- a\n- list", "must be a mapping"),
        ("a: [unclosed", "must be plain YAML"),
        ("general: !!python/object/apply:os.getcwd []", "must be plain YAML"),
    ],
)
def test_bad_configurations_say_where(text, message, tmp_path):
    with pytest.raises(ConfigError, match=message):
        AnalysisConfig.from_yaml(text)
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    with pytest.raises((ConfigError, FormatError), match=r"bad\.yaml"):
        AnalysisConfig.read(path)


def test_every_problem_is_named():
    with pytest.raises(ConfigError) as caught:
        AnalysisConfig.from_yaml("datasets: {stak: true, type: 2d}\nfits: {}")
    for word in ("stak", "type", "fits"):
        assert word in str(caught.value)


def test_missing_file(tmp_path):
    with pytest.raises(FormatError, match=r"nothing\.yaml"):
        AnalysisConfig.read(tmp_path / "nothing.yaml")


def test_assignments_are_checked():
    config = AnalysisConfig()
    config.datasets.type = "3d"
    with pytest.raises(ValueError, match="deg"):
        config.datasets.on_region.radius = 3 * u.TeV
    with pytest.raises(ValueError, match="radios"):
        config.datasets.on_region.radios = 3 * u.deg


def test_sections_are_not_shared():
    one, other = AnalysisConfig(), AnalysisConfig()
    one.datasets.on_region.radius = "1 deg"
    one.observations.obs_ids.append(3)
    one.flux_points.parameters["n_sigma"] = 2
    assert other.datasets.on_region.radius is None
    assert other.observations.obs_ids == []
    assert "n_sigma" not in other.flux_points.parameters


@pytest.mark.parametrize("kind", ["text", "dict", "config"])
def test_update(kind):
    config = AnalysisConfig.from_yaml(TEXT)
    change = {
        "text": "datasets: {stack: false}",
        "dict": {"datasets": {"stack": False}},
        "config": AnalysisConfig.from_yaml("datasets: {stack: false}"),
    }[kind]
    new = config.update(change)
    assert new.datasets.stack is False
    assert new.datasets.on_region.radius == config.datasets.on_region.radius
    assert config.datasets.stack is True


def test_updates_are_checked():
    with pytest.raises(ConfigError, match="stak"):
        AnalysisConfig().update("datasets: {stak: false}")
    with pytest.raises(ConfigError, match="must be text"):
        AnalysisConfig().update(3)


def test_times_need_both_ends():
    with pytest.raises(ConfigError, match=r"obs_time"):
        AnalysisConfig.from_yaml(
            "observations: {obs_time: {start: [2020-01-01, 2020-01-02], stop: 2020-01-03}}"
        )


def test_log_level():
    before = logging.getLogger("geminga").level
    try:
        AnalysisConfig.from_yaml("general: {log: {level: error}}").set_logging()
        assert logging.getLogger("geminga").level == logging.ERROR
    finally:
        logging.getLogger("geminga").setLevel(before)


def test_text_form():
    assert "obs_ids" in str(AnalysisConfig.from_yaml(TEXT))
