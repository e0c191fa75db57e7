"""Products of an analysis: datasets, models, flux points, figures and provenance in one folder."""

from __future__ import annotations

import json
import logging

from ..files import make_path, write_text
from ..modeling.models import Models
from .html import write_report
from .provenance import input_files, provenance
from .summary import summarise

__all__ = ["write_products"]

log = logging.getLogger(__name__)


def write_products(analysis, path, truth=None, title="Analysis", overwrite=False, report=True):
    """Write everything that an analysis made.

    Parameters
    ----------
    analysis : `~geminga.analysis.Analysis`
    path : path-like
        Folder for the products.
    truth : `~geminga.modeling.models.Models`, optional
        True models of a simulation.
    title : str
        Heading of the page.
    overwrite : bool
        Replace files that are there.
    report : bool
        Write ``report.html`` and the figures.

    Returns
    -------
    summary : `~geminga.report.Summary`
    written : list of `~pathlib.Path`
        ``config.yaml``, ``datasets/`` (GADF with ``datasets.yaml``, and OGIP), ``models.yaml`` with covariance,
        ``flux_points.fits`` and ``.ecsv``, ``figures/``, ``provenance.json`` and ``report.html``.
    """
    path = make_path(path)
    path.mkdir(parents=True, exist_ok=True)
    written = [path / "config.yaml"]
    analysis.config.write(written[0], overwrite=overwrite)
    if analysis.datasets is not None:
        folder = path / "datasets"
        analysis.datasets.write(folder / "datasets.yaml", filename_models=None, overwrite=overwrite)
        written.append(folder / "datasets.yaml")
        for dataset in analysis.datasets:
            if hasattr(dataset, "counts_off") and dataset.counts.geom.is_region:
                ogip = folder / "ogip" / f"pha_{dataset.name}.fits"
                dataset.write(ogip, format="ogip", overwrite=overwrite)
                written.append(ogip)
    if len(analysis.models):
        written.append(path / "models.yaml")
        Models(analysis.models).write(written[-1], overwrite=overwrite)
    if analysis.flux_points is not None:
        for ending, kwargs in (("fits", {"sed_type": "likelihood"}), ("ecsv", {"sed_type": "dnde"})):
            written.append(path / f"flux_points.{ending}")
            analysis.flux_points.data.write(written[-1], overwrite=overwrite, **kwargs)
    inputs = []
    if analysis.datastore is not None and analysis.observations is not None:
        inputs = input_files(analysis.datastore, [obs.obs_id for obs in analysis.observations])
    record = provenance(analysis.config.to_yaml(), inputs, relative_to=analysis.config.observations.datastore)
    written.append(path / "provenance.json")
    write_text(json.dumps(record, indent=2), written[-1], overwrite=overwrite)
    summary = summarise(analysis, truth)
    if report:
        written += write_report(
            analysis, summary, record, path, truth=truth, title=title, overwrite=overwrite
        )
    log.info("Wrote %d products to %s", len(written), path)
    return summary, written
