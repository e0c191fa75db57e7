"""Products of an analysis: datasets, models, flux points, figures and provenance in one folder."""

from __future__ import annotations

import json
import logging
from functools import partial

from ..errors import FileExistsGemingaError
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
        ``excess_map.fits``, ``flux_points.fits`` and ``.ecsv``, ``figures/``, ``provenance.json`` and ``report.html``.
    """
    path = make_path(path)
    products = dict(_products(analysis, path))
    _refuse_existing([*products, *([path / "report.html"] if report else [])], overwrite)
    for target, write in products.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        write(target, overwrite=overwrite)
    inputs = []
    if analysis.datastore is not None and analysis.observations is not None:
        inputs = input_files(analysis.datastore, [obs.obs_id for obs in analysis.observations])
    record = provenance(analysis.config.to_yaml(), inputs, relative_to=analysis.config.observations.datastore)
    written = [*products, path / "provenance.json"]
    write_text(json.dumps(record, indent=2), written[-1], overwrite=overwrite)
    summary = summarise(analysis, truth)
    if report:
        written += write_report(
            analysis, summary, record, path, truth=truth, title=title, overwrite=overwrite
        )
    log.info("Wrote %d products to %s", len(written), path)
    return summary, written


def _products(analysis, path):
    """Yield each file of numbers with the function that writes it."""
    yield path / "config.yaml", analysis.config.write
    if analysis.datasets is not None:
        yield path / "datasets" / "datasets.yaml", partial(analysis.datasets.write, filename_models=None)
        for dataset in analysis.datasets:
            if hasattr(dataset, "counts_off") and dataset.counts.geom.is_region:
                target = path / "datasets" / "ogip" / f"pha_{dataset.name}.fits"
                yield target, partial(dataset.write, format="ogip")
    if len(analysis.models):
        yield path / "models.yaml", Models(analysis.models).write
    if analysis.excess_map is not None:
        yield path / "excess_map.fits", analysis.excess_map.write
    if analysis.flux_points is not None:
        points = analysis.flux_points.data
        yield path / "flux_points.fits", partial(points.write, sed_type="likelihood")
        yield path / "flux_points.ecsv", partial(points.write, sed_type="dnde")


def _refuse_existing(targets, overwrite) -> None:
    """Raise an error before anything is written if a product is there."""
    existing = [target for target in targets if target.exists()]
    if existing and not overwrite:
        raise FileExistsGemingaError(
            f"file {existing[0]} must not exist already. Pass overwrite=True (--overwrite) to replace the products."
        )
