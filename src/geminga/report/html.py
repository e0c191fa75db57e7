"""The report: one HTML page that needs nothing but itself."""

from __future__ import annotations

import base64
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, select_autoescape

from ..files import atomic_path, write_text
from ..visualization.report import report_figures

__all__ = ["render", "write_report"]


def _number(value, digits=3):
    """Return a number for people: four figures, powers of ten where they help, a dash for none."""
    if value is None or value != value:
        return "–"
    if value == 0:
        return "0"
    if 1e-2 <= abs(value) < 1e5:
        text = f"{value:.{digits}f}" if abs(value) < 100 else f"{value:.1f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    mantissa, exponent = f"{value:.{digits}e}".split("e")
    superscript = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{mantissa}·10{superscript}"


def render(**context) -> str:
    """Return the page for a context, see ``template.html``."""
    environment = Environment(
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = _number
    environment.filters["base64"] = lambda data: base64.b64encode(data).decode()
    text = files(__package__).joinpath("template.html").read_text(encoding="utf-8")
    return environment.from_string(text).render(**context)


def write_report(analysis, summary, record, path, truth=None, title="Analysis", overwrite=False):
    """Write the page and its figures.

    Parameters
    ----------
    analysis : `~geminga.analysis.Analysis`
    summary : `~geminga.report.Summary`
    record : dict
        From `provenance`.
    path : `~pathlib.Path`
        Folder for ``report.html`` and ``figures/``.
    truth : `~geminga.modeling.models.Models`, optional
        True models of a simulation.
    title : str
        Heading of the page.
    overwrite : bool
        Replace files that are there.

    Returns
    -------
    list of `~pathlib.Path`
    """
    figures = report_figures(analysis, truth)
    written = []
    for figure in figures:
        target = path / "figures" / f"{figure.name}.png"
        with atomic_path(target, overwrite) as temporary:
            temporary.write_bytes(figure.png)
        written.append(target)
    page = render(
        title=title,
        summary=summary,
        figures=figures,
        record=record,
        simulated=truth is not None,
        of_maps=analysis.datasets is not None and not analysis.datasets[0].counts.geom.is_region,
    )
    written.append(path / "report.html")
    write_text(page, written[-1], overwrite=overwrite)
    return written
