"""``geminga demo``: simulate a campaign with built-in responses, and analyse it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["demo"]

CONFIG = """\
# Analysis of the simulated campaign; run again with:  geminga analysis run demo-config.yaml --overwrite
general:
  log: {{level: warning}}
  outdir: {out}
  models_file: {out}/start-model.yaml
observations:
  datastore: {out}/dl3
datasets:
  type: 1d
  stack: false
  on_region: {{frame: icrs, lon: {lon} deg, lat: {lat} deg, radius: 0.11 deg}}
  containment_correction: true
  geom:
    axes:
      energy: {{min: 0.1 TeV, max: 40 TeV, nbins: 26}}
      energy_true: {{min: 0.05 TeV, max: 100 TeV, nbins: 66}}
  background:
    method: reflected
    exclusion: {out}/exclusion.fits.gz
  safe_mask:
    methods: [aeff-max]
    parameters: {{aeff_percent: 10}}
flux_points:
  source: source
  energy: {{min: 0.3 TeV, max: 30 TeV, nbins: 10}}
  parameters: {{selection_optional: all}}
"""

MAP_CONFIG = """\
# Analysis of the simulated campaign in maps; run again with:  geminga analysis run demo-maps.yaml --overwrite
general:
  log: {{level: warning}}
  outdir: {out}/maps
  models_file: {out}/start-model-maps.yaml
observations:
  datastore: {out}/dl3
datasets:
  type: 3d
  stack: false
  geom:
    wcs:
      skydir: {{frame: icrs, lon: {lon} deg, lat: {lat} deg}}
      binsize: 0.03 deg
      width: {{width: 4 deg, height: 4 deg}}
    selection: {{offset_max: 1.8 deg}}
    axes:
      energy: {{min: 0.3 TeV, max: 30 TeV, nbins: 12}}
      energy_true: {{min: 0.1 TeV, max: 100 TeV, nbins: 30}}
  background:
    method: fov_background
    exclusion: {out}/exclusion.fits.gz
  safe_mask:
    methods: [offset-max]
excess_map: {{correlation_radius: 0.12 deg}}
flux_points:
  source: source
  energy: {{min: 0.3 TeV, max: 30 TeV, nbins: 6}}
  parameters: {{selection_optional: [errn-errp, ul]}}
"""


def demo(
    out: Annotated[Path, typer.Option(help="Folder for everything that the demo makes.")] = Path(
        "demo-output"
    ),
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files that are there.")] = False,
    seed: Annotated[int, typer.Option(help="Seed of the simulation.")] = 42,
):
    """Simulate a Crab-like campaign of four runs, analyse its spectrum and its maps, and write products and reports."""
    from astropy import units as u

    from ..analysis import AnalysisConfig
    from ..files import write_text
    from ..modeling.models import Models, PointSpatialModel, PowerLawSpectralModel, SkyModel
    from ..simulate import Campaign, simulate_campaign
    from .analysis import run_configuration, show_summary

    campaign = Campaign(seed=seed)
    simulate_campaign(out / "dl3", campaign, overwrite=overwrite)
    _write_exclusion(campaign.position, out / "exclusion.fits.gz", overwrite)
    start = SkyModel(
        spectral_model=PowerLawSpectralModel(index=2, amplitude="1e-11 cm-2 s-1 TeV-1", reference="1 TeV"),
        name="source",
    )
    Models([start]).write(out / "start-model.yaml", overwrite=overwrite, write_covariance=False)
    position = campaign.position.icrs
    start = start.copy(name="source")
    start.spatial_model = PointSpatialModel(lon_0=position.ra + 0.03 * u.deg, lat_0=position.dec)
    Models([start]).write(out / "start-model-maps.yaml", overwrite=overwrite, write_covariance=False)
    spectrum = campaign.spectral_model
    place = PointSpatialModel(lon_0=position.ra, lat_0=position.dec)
    for name, config, folder, spatial, title in (
        ("demo-config.yaml", CONFIG, out, None, "A simulated campaign"),
        ("demo-maps.yaml", MAP_CONFIG, out / "maps", place, "A simulated campaign in maps"),
    ):
        text = config.format(out=out.as_posix(), lon=position.ra.deg, lat=position.dec.deg)
        write_text(text, out / name, overwrite=overwrite)
        truth = Models([SkyModel(spectral_model=spectrum, spatial_model=spatial, name="source")])
        summary, written = run_configuration(
            AnalysisConfig.from_yaml(text), folder, truth=truth, title=title, overwrite=overwrite
        )
        show_summary(summary, written)


def _write_exclusion(position, path, overwrite):
    """Write a mask that keeps the source out of the background."""
    import numpy as np

    from ..maps import Map, WcsGeom

    geom = WcsGeom.create(skydir=position, binsz=0.02, width=4.0, proj="TAN", frame="icrs")
    mask = np.asarray(geom.separation(position).deg > 0.3)
    Map.from_geom(geom, data=mask).write(path, overwrite=overwrite)
