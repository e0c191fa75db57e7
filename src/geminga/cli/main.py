"""The ``geminga`` command and what holds for all its subcommands."""

from __future__ import annotations

import logging
import sys
import warnings
from enum import StrEnum
from typing import Annotated

import typer

from .. import __version__
from ..errors import GemingaError
from .analysis import analysis_app
from .check import check_app
from .demo import demo
from .info import info

__all__ = ["app", "main"]

app = typer.Typer(
    name="geminga",
    help="Gamma-ray astronomy, fast: from event lists to spectra, maps and light curves.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    add_completion=False,
)


class Level(StrEnum):
    """How much to say."""

    debug = "debug"
    info = "info"
    warning = "warning"
    error = "error"


def _show_version(value: bool):
    if value:
        typer.echo(f"geminga {__version__}")
        raise typer.Exit


@app.callback()
def options(
    log_level: Annotated[Level, typer.Option(help="Messages to show.")] = Level.info,
    ignore_warnings: Annotated[bool, typer.Option("--ignore-warnings", help="Hide Python warnings.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
):
    """Set what holds for every command."""
    logging.basicConfig(level=log_level.upper(), format="%(levelname)s %(name)s: %(message)s")
    if ignore_warnings:
        warnings.simplefilter("ignore")


app.add_typer(analysis_app, name="analysis")
app.add_typer(check_app, name="check")
app.command("info")(info)
app.command("demo")(demo)


def main() -> None:
    """Run the command line; errors of ours end it with their message and status 1."""
    try:
        app()
    except GemingaError as error:
        typer.secho(f"Error: {error}", fg=typer.colors.RED, err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
