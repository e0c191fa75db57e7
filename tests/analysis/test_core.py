"""The steps of an analysis on simulated observations."""

import numpy as np
import pytest
from astropy import units as u
from numpy.testing import assert_allclose, assert_array_equal

from geminga.analysis import Analysis, AnalysisConfig
from geminga.data import DataStore
from geminga.datasets import Datasets, SpectrumDataset
from geminga.errors import ConfigError, FormatError
from geminga.makers import ReflectedRegionsBackgroundMaker, SafeMaskMaker, SpectrumDatasetMaker
from geminga.maps import Map, MapAxis, RegionGeom, WcsGeom
from geminga.modeling import Fit
from geminga.modeling.models import Models


@pytest.fixture
def config(analysis_config):
    return AnalysisConfig.read(analysis_config)


@pytest.fixture
def reduced(config):
    analysis = Analysis(config)
    analysis.get_observations()
    analysis.get_datasets()
    return analysis


def test_steps_agree_with_the_makers(reduced, campaign_folder):
    observations = DataStore.from_dir(campaign_folder).get_observations()
    region = "icrs;circle(83.633, 22.014, 0.11)"
    energy = MapAxis.from_energy_bounds("0.2 TeV", "40 TeV", 12, name="energy")
    energy_true = MapAxis.from_energy_bounds("0.1 TeV", "100 TeV", 24, name="energy_true")
    empty = SpectrumDataset.create(RegionGeom.create(region, axes=[energy]), energy_axis_true=energy_true)
    for dataset, observation in zip(reduced.datasets, observations, strict=True):
        expected = SpectrumDatasetMaker(
            selection=["counts", "exposure", "edisp"], containment_correction=True
        ).run(empty.copy(name="x"), observation)
        expected = ReflectedRegionsBackgroundMaker().run(expected, observation)
        expected = SafeMaskMaker(methods=["aeff-max"]).run(expected, observation)
        for name in ("counts", "counts_off", "exposure", "mask_safe", "acceptance_off"):
            assert_allclose(getattr(dataset, name).data, getattr(expected, name).data, rtol=1e-9)


def test_fit_and_flux_points(reduced):
    reduced.read_models()
    reduced.run_fit()
    assert reduced.fit_result.success
    spectrum = reduced.models["source"].spectral_model
    # the truth is 2.6 and 3.5e-11; two runs of 20 min fix it to some percent
    assert abs(spectrum.index.value - 2.6) < 4 * spectrum.index.error
    assert abs(spectrum.amplitude.value - 3.5e-11) < 4 * spectrum.amplitude.error
    reduced.get_flux_points()
    assert reduced.flux_points.data.energy_axis.nbin == 4
    assert reduced.flux_points.models.names == ["source"]


def test_without_a_range_the_fit_masks_stay(reduced):
    """Fault 44: the peer overwrites every fit mask."""
    reduced.read_models()
    for dataset in reduced.datasets:
        dataset.mask_fit = dataset.counts.geom.energy_mask(1 * u.TeV, 10 * u.TeV)
    before = [dataset.mask_fit.data.copy() for dataset in reduced.datasets]
    reduced.run_fit()
    for dataset, mask in zip(reduced.datasets, before, strict=True):
        assert_array_equal(dataset.mask_fit.data, mask)
    values = [p.value for p in reduced.models.parameters]
    datasets = Datasets(reduced.datasets)
    datasets.models = Models.read(reduced.config.general.models_file)
    Fit().run(datasets)
    assert_allclose(values, [p.value for p in datasets.models.parameters], rtol=1e-4)


def test_with_a_range_the_fit_masks_are_set(reduced):
    reduced.read_models()
    reduced.update_config("fit: {fit_range: {min: 1 TeV}}")
    reduced.run_fit()
    for dataset in reduced.datasets:
        edges = dataset.counts.geom.axes["energy"].edges.to_value("TeV")[:-1]
        assert_array_equal(dataset.mask_fit.data[:, 0, 0], edges >= 1)


def test_stacked(config):
    config.datasets.stack = True
    analysis = Analysis(config)
    analysis.get_observations()
    analysis.get_datasets()
    assert analysis.datasets.names == ["stacked"]


def test_exclusion_mask(config, tmp_path):
    geom = WcsGeom.create(skydir=(83.633, 22.014), width=4, binsz=0.05, proj="TAN")
    Map.from_geom(geom, data=np.zeros(geom.data_shape, dtype=bool)).write(tmp_path / "nothing.fits.gz")
    config.datasets.background.exclusion = tmp_path / "nothing.fits.gz"
    analysis = Analysis(config)
    analysis.get_observations()
    analysis.get_datasets()
    assert all(not dataset.mask_safe.data.any() for dataset in analysis.datasets)


def test_nothing_usable_ends_with_advice(config, tmp_path):
    """All bins unsafe: the fit must not pretend to have measured anything."""
    test_exclusion_mask(config, tmp_path)
    analysis = Analysis(config)
    analysis.get_observations()
    analysis.get_datasets()
    analysis.read_models()
    with pytest.raises(ValueError, match="must have a usable bin for a fit"):
        analysis.run_fit()


def test_light_curve(reduced):
    reduced.read_models()
    reduced.run_fit()
    reduced.update_config(
        "light_curve: {energy_edges: {min: 0.5 TeV, max: 30 TeV, nbins: 1}, parameters: {selection_optional: [ul]}}"
    )
    reduced.get_light_curve()
    assert reduced.light_curve.geom.axes["time"].nbin == 2


def test_datasets_and_models_in_files(reduced, tmp_path):
    reduced.update_config(
        {"general": {"datasets_file": str(tmp_path / "d.yaml"), "models_file": str(tmp_path / "m.yaml")}}
    )
    reduced.set_models(_model())
    reduced.write_datasets()
    reduced.write_models()
    again = Analysis(reduced.config)
    again.read_datasets()
    again.read_models()
    assert again.datasets.names == reduced.datasets.names
    assert again.models.names == ["source"]
    assert_allclose(again.datasets.stat_sum(), reduced.datasets.stat_sum())


def _model():
    return """\
components:
- name: source
  type: SkyModel
  spectral:
    type: PowerLawSpectralModel
    parameters:
    - {name: index, value: 2.3}
    - {name: amplitude, value: 1.0e-11, unit: cm-2 s-1 TeV-1}
    - {name: reference, value: 1.0, unit: TeV, frozen: true}
"""


def test_models_are_replaced_by_name(reduced):
    reduced.set_models(_model())
    reduced.set_models(_model())
    assert reduced.models.names == ["source"]


# ---------------------------------------------------------------------------- selections and bad input


def test_selection_of_observations(config, campaign_folder, tmp_path):
    def selected(**observations):
        analysis = Analysis(config.update({"observations": observations}))
        analysis.get_observations()
        return [o.obs_id for o in analysis.observations]

    assert selected() == [1, 2]
    assert selected(obs_ids=[2]) == [2]
    (tmp_path / "list.txt").write_text("1\n")
    assert selected(obs_file=str(tmp_path / "list.txt")) == [1]
    # the first pointing is north, the second south of the source
    cone = {"frame": "icrs", "lon": "83.633 deg", "lat": "22.7 deg", "radius": "0.4 deg"}
    assert selected(obs_cone=cone) == [1]
    with pytest.raises(ConfigError, match=r"must be in the data store, got \[17\]"):
        selected(obs_ids=[1, 17])
    with pytest.raises(ConfigError, match="at least one observation"):
        selected(obs_cone={**cone, "lat": "60 deg"})


def test_a_cone_needs_a_centre(config):
    analysis = Analysis(config.update({"observations": {"obs_cone": {"radius": "1 deg"}}}))
    with pytest.raises(ConfigError, match="obs_cone must have lon, lat and radius"):
        analysis.get_observations()


def test_a_file_with_words_for_observations(config, tmp_path):
    (tmp_path / "list.txt").write_text("1 two\n")
    analysis = Analysis(config.update({"observations": {"obs_file": str(tmp_path / "list.txt")}}))
    with pytest.raises(ConfigError, match=r"list\.txt"):
        analysis.get_observations()


def test_missing_data_store(config, tmp_path):
    analysis = Analysis(config.update({"observations": {"datastore": str(tmp_path / "nowhere")}}))
    with pytest.raises(FormatError, match="nowhere"):
        analysis.get_observations()


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("get_datasets", "must be selected before"),
        ("run_fit", "must be set before a fit"),
        ("get_flux_points", "must be set before flux points"),
        ("get_light_curve", "must be set before a light curve"),
        ("read_datasets", "datasets_file must be set"),
        ("write_datasets", "must be reduced before"),
        ("get_excess_map", "3d"),
    ],
)
def test_steps_out_of_turn(step, message, config):
    with pytest.raises(ConfigError, match=message):
        getattr(Analysis(config), step)()


def test_models_need_datasets(config):
    with pytest.raises(ConfigError, match="Call get_datasets first"):
        Analysis(config).set_models(_model())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("datasets: {type: 3d}", "skydir must have lon and lat"),
        ("datasets: {background: {method: ring}}", "reflected.*ring"),
        ("datasets: {on_region: {radius: null}}", "on_region must have"),
        ("datasets: {geom: {axes: {energy: {nbins: null}}}}", "must have min, max and nbins"),
        ("datasets: {geom: {axes: {energy: {min: 90 TeV}}}}", "energy"),
        ("datasets: {safe_mask: {parameters: {aeff_procent: 10}}}", "safe_mask.parameters.*aeff_procent"),
        ("datasets: {background: {parameters: {angle: 1 deg}}}", "background.parameters.*angle"),
    ],
)
def test_settings_that_cannot_be_used(change, message, config):
    analysis = Analysis(config)
    analysis.get_observations()
    analysis.update_config(change)
    with pytest.raises(ConfigError, match=message):
        analysis.get_datasets()


def test_unknown_source_of_flux_points(reduced):
    reduced.read_models()
    reduced.run_fit()
    reduced.update_config("flux_points: {source: sauce}")
    with pytest.raises(ValueError, match=r"sauce"):
        reduced.get_flux_points()


def test_configuration_may_be_a_dictionary():
    assert Analysis({"general": {"outdir": "x"}}).config.general.outdir == "x"
    with pytest.raises(ConfigError, match="must be an AnalysisConfig"):
        Analysis("general: {}")
    assert "0 observations" in repr(Analysis({}))
