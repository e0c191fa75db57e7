"""The steps of an analysis of maps on simulated observations."""

import numpy as np
import pytest
from astropy import units as u

from geminga.analysis import Analysis, AnalysisConfig
from geminga.data import DataStore
from geminga.datasets import MapDataset
from geminga.errors import ConfigError
from geminga.makers import DatasetsMaker, FoVBackgroundMaker, MapDatasetMaker, SafeMaskMaker
from geminga.maps import MapAxis, WcsGeom
from geminga.modeling.models import GaussianSpatialModel, Models, PowerLawSpectralModel, SkyModel
from geminga.report import write_products

CONFIG = """\
general: {{log: {{level: warning}}}}
observations: {{datastore: {datastore}}}
datasets:
  type: 3d
  stack: {stack}
  geom:
    wcs:
      skydir: {{frame: icrs, lon: 83.633 deg, lat: 22.014 deg}}
      binsize: 0.05 deg
      width: {{width: 3 deg, height: 3 deg}}
    selection: {{offset_max: 1.4 deg}}
    axes:
      energy: {{min: 0.5 TeV, max: 20 TeV, nbins: 5}}
      energy_true: {{min: 0.3 TeV, max: 40 TeV, nbins: 10}}
  background: {{method: fov_background}}
  safe_mask: {{methods: [offset-max]}}
flux_points:
  source: source
  energy: {{min: 0.5 TeV, max: 20 TeV, nbins: 2}}
  parameters: {{selection_optional: [ul]}}
excess_map: {{correlation_radius: 0.15 deg}}
"""


def analysis_of(campaign_folder, stack):
    analysis = Analysis(AnalysisConfig.from_yaml(CONFIG.format(datastore=campaign_folder, stack=stack)))
    analysis.get_observations()
    analysis.get_datasets()
    return analysis


def source():
    spatial = GaussianSpatialModel(lon_0="83.633 deg", lat_0="22.014 deg", sigma="0.02 deg")
    spatial.sigma.frozen = True
    spectrum = PowerLawSpectralModel(index=2.3, amplitude="2e-11 cm-2 s-1 TeV-1")
    return SkyModel(spectral_model=spectrum, spatial_model=spatial, name="source")


@pytest.mark.parametrize("stack", ["true", "false"])
def test_steps_agree_with_the_makers(campaign_folder, stack):
    analysis = analysis_of(campaign_folder, stack)
    energy = MapAxis.from_energy_bounds("0.5 TeV", "20 TeV", 5)
    energy_true = MapAxis.from_energy_bounds("0.3 TeV", "40 TeV", 10, name="energy_true")
    geom = WcsGeom.create(skydir=(83.633, 22.014), binsz=0.05, width=3, frame="icrs", axes=[energy])
    empty = MapDataset.create(geom, energy_axis_true=energy_true, binsz_irf=0.2 * u.deg, name="stacked")
    chain = [
        MapDatasetMaker(),
        SafeMaskMaker(methods=["offset-max"], offset_max="1.4 deg"),
        FoVBackgroundMaker(),
    ]
    maker = DatasetsMaker(chain, stack_datasets=stack == "true", cutout_width="2.8 deg")
    expected = maker.run(empty, DataStore.from_dir(campaign_folder).get_observations())
    assert len(analysis.datasets) == len(expected) == (1 if stack == "true" else 2)
    for got, wanted in zip(analysis.datasets, expected, strict=True):
        for name in ("counts", "exposure", "background", "mask_safe"):
            np.testing.assert_array_equal(getattr(got, name).data, getattr(wanted, name).data)


@pytest.mark.parametrize("stack", ["true", "false"])
def test_fit_finds_the_source_and_products_are_written(campaign_folder, stack, tmp_path):
    analysis = analysis_of(campaign_folder, stack)
    analysis.set_models(Models([source()]))
    names = [f"{dataset.name}-bkg" for dataset in analysis.datasets]
    assert analysis.models.names == ["source", *names]
    analysis.run_fit()
    assert analysis.fit_result.success
    spectrum = analysis.models["source"].spectral_model
    assert abs(spectrum.index.value - 2.6) < 4 * spectrum.index.error
    assert abs(spectrum.amplitude.value - 3.5e-11) < 4 * spectrum.amplitude.error
    spatial = analysis.models["source"].spatial_model
    assert abs(spatial.lat_0.value - 22.014) < 4 * spatial.lat_0.error
    analysis.get_flux_points()
    assert analysis.flux_points.data.energy_axis.nbin == 2
    analysis.get_excess_map()
    # The model of the source is part of what is expected.
    assert np.nanmax(np.abs(analysis.excess_map.sqrt_ts.data)) < 6
    _, written = write_products(analysis, tmp_path)
    names = {path.name for path in written}
    assert {"excess_map.fits", "counts.png", "significance.png", "residuals.png", "report.html"} <= names
    page = (tmp_path / "report.html").read_text()
    assert "events in safe bins" in page
    assert "on region" not in page


def test_excess_map_shows_the_source_before_it_is_modelled(campaign_folder):
    analysis = analysis_of(campaign_folder, "true")
    analysis.get_excess_map()
    image = analysis.excess_map.sqrt_ts
    _, lat, lon = np.unravel_index(np.nanargmax(image.data), image.data.shape)
    peak = image.geom.to_image().pix_to_coord((lon, lat))
    assert np.hypot((peak[0].value - 83.633) * np.cos(np.radians(22)), peak[1].value - 22.014) < 0.15
    assert np.nanmax(image.data) > 20


def test_half_an_energy_range_of_the_excess_map_is_refused_by_its_name(campaign_folder):
    analysis = analysis_of(campaign_folder, "true")
    analysis.update_config("excess_map: {energy_edges: {min: 1 TeV}}")
    with pytest.raises(ConfigError, match=r"excess_map\.energy_edges must have min, max and nbins"):
        analysis.get_excess_map()


def test_excess_map_knows_models_that_name_their_datasets(campaign_folder):
    analysis = analysis_of(campaign_folder, "false")
    one, other = source(), source().copy(name="other")
    one.datasets_names, other.datasets_names = ([dataset.name] for dataset in analysis.datasets)
    analysis.set_models(Models([one, other]))
    analysis.get_excess_map()
    named = analysis.excess_map.sqrt_ts.data
    # without models it is above 20
    assert np.nanmax(named) < 15
    analysis.set_models(Models([source()]), extend=False)
    analysis.get_excess_map()
    np.testing.assert_allclose(analysis.excess_map.sqrt_ts.data, named, rtol=1e-6)


def test_spectra_have_no_excess_map(analysis_config):
    analysis = Analysis(AnalysisConfig.read(analysis_config))
    with pytest.raises(ConfigError, match="must be maps"):
        analysis.get_excess_map()


def test_reflected_regions_are_for_spectra(campaign_folder):
    config = AnalysisConfig.from_yaml(CONFIG.format(datastore=campaign_folder, stack="true"))
    analysis = Analysis(config.update("datasets: {background: {method: reflected}}"))
    analysis.get_observations()
    with pytest.raises(ConfigError, match="fov_background"):
        analysis.get_datasets()
