"""``geminga check``: look whether something works."""

from __future__ import annotations

import logging
import warnings

import typer

__all__ = ["check_app"]

check_app = typer.Typer(help="Check that something works.", no_args_is_help=True)


@check_app.callback()
def checks():
    """Check that something works."""


@check_app.command("logging")
def check_logging():
    """Send a message of each level."""
    log = logging.getLogger("geminga")
    for level in ("debug", "info", "warning", "error", "critical"):
        getattr(log, level)("This is an example of %s.", level)
    warnings.warn("This is an example of a warning.", stacklevel=1)
