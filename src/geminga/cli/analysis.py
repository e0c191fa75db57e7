"""``geminga analysis``: from a configuration file to products and a report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["analysis_app", "run_configuration", "show_summary"]

analysis_app = typer.Typer(help="Analysis from a configuration file.", no_args_is_help=True)


@analysis_app.command("config")
def config(
    filename: Annotated[Path, typer.Option(help="File to write.")] = Path("config.yaml"),
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if it is there.")] = False,
):
    """Write a commented template of a configuration file."""
    from ..analysis.template import CONFIG_TEMPLATE
    from ..files import write_text

    write_text(CONFIG_TEMPLATE, filename, overwrite=overwrite)
    typer.echo(f"Wrote {filename}. Edit it, then run: geminga analysis run {filename}")


@analysis_app.command("run")
def run(
    config_file: Annotated[Path | None, typer.Argument(help="Configuration file.")] = None,
    filename: Annotated[Path, typer.Option(help="Configuration file, if not given as argument.")] = Path(
        "config.yaml"
    ),
    out: Annotated[
        Path | None, typer.Option(help="Folder for the products; by default general.outdir.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files that are there.")] = False,
    report: Annotated[bool, typer.Option(help="Write figures and report.html.")] = True,
):
    """Run the analysis of a configuration file."""
    from ..analysis import AnalysisConfig

    settings = AnalysisConfig.read(config_file or filename)
    folder = out if out is not None else Path(settings.general.outdir)
    summary, written = run_configuration(settings, folder, overwrite=overwrite, report=report)
    show_summary(summary, written)


def run_configuration(settings, folder, truth=None, title="Analysis", overwrite=False, report=True):
    """Run the steps for which a configuration has settings, and write the products.

    Parameters
    ----------
    settings : `~geminga.analysis.AnalysisConfig`
    folder : path-like
    truth : `~geminga.modeling.models.Models`, optional
    title : str
    overwrite, report : bool

    Returns
    -------
    summary : `~geminga.report.Summary`
    written : list of `~pathlib.Path`
    """
    from ..analysis import Analysis
    from ..progress import progress_bar
    from ..report import write_products

    analysis = Analysis(settings)
    steps = [("Selecting observations", analysis.get_observations), ("Reducing", analysis.get_datasets)]
    if settings.general.models_file is not None:
        steps.append(("Reading models", analysis.read_models))
        steps.append(("Fitting", analysis.run_fit))
        steps.append(("Estimating flux points", analysis.get_flux_points))
    if settings.datasets.type == "3d":
        steps.append(("Mapping the excess", analysis.get_excess_map))
    for _, step in progress_bar(steps, "Analysing"):
        step()
    return write_products(analysis, folder, truth=truth, title=title, overwrite=overwrite, report=report)


def show_summary(summary, written) -> None:
    """Print the closing tables."""
    from rich.console import Console
    from rich.table import Table

    from ..report.html import _number

    console = Console()
    if summary.datasets:
        table = Table(title="Counts")
        for heading in ("dataset", "on", "off", "excess", "background", "significance"):
            table.add_column(heading, justify="left" if heading == "dataset" else "right")
        for row in summary.datasets:
            cells = [row["counts"], row["counts_off"], row["excess"], row["background"], row["sqrt_ts"]]
            table.add_row(row["name"], *(_number(cell, 1) for cell in cells))
        console.print(table)
    if summary.parameters:
        simulated = any(row["truth"] is not None for row in summary.parameters)
        table = Table(title="Fitted model" if summary.fit["success"] else "Fitted model — NOT CONVERGED")
        for heading in (
            "model",
            "parameter",
            "value",
            "error",
            "unit",
            *(("truth", "pull") if simulated else ()),
        ):
            table.add_column(
                heading, justify="left" if heading in ("model", "parameter", "unit") else "right"
            )
        for row in summary.parameters:
            error = "frozen" if row["frozen"] else _number(row["error"])
            cells = [row["model"], row["name"], _number(row["value"]), error, row["unit"]]
            table.add_row(*cells, *((_number(row["truth"]), _number(row["pull"], 2)) if simulated else ()))
        console.print(table)
    if summary.fit and not summary.fit["success"]:
        console.print(f"[red]{summary.fit['message']}[/red]")
    console.print("Products:")
    for path in written:
        if path.suffix != ".png":
            console.print(f"  {path}", soft_wrap=True, highlight=False)
