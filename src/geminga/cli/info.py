"""``geminga info``: what is installed here."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer

from .. import __version__

__all__ = ["info"]

DEPENDENCIES = (
    "numpy",
    "scipy",
    "astropy",
    "regions",
    "astropy-healpix",
    "pydantic",
    "pyyaml",
    "iminuit",
    "matplotlib",
    "jinja2",
    "rich",
    "typer",
    "naima",
)


def info(
    system: Annotated[bool, typer.Option(help="Show the system.")] = True,
    version_: Annotated[bool, typer.Option("--version/--no-version", help="Show the version.")] = True,
    dependencies: Annotated[bool, typer.Option(help="Show the versions of dependencies.")] = True,
    envvar: Annotated[bool, typer.Option(help="Show environment variables.")] = True,
):
    """Show version, system, dependencies and environment."""
    sections = {}
    if system:
        sections["System"] = {
            "python_executable": sys.executable,
            "python_version": platform.python_version(),
            "machine": platform.machine(),
            "system": platform.system(),
        }
    if version_:
        sections["Geminga package"] = {"version": __version__}
    if dependencies:
        sections["Dependencies"] = {name: _version(name) for name in DEPENDENCIES}
    if envvar:
        names = ("GEMINGA_DATA", "GAMMAPY_DATA")
        sections["Environment variables"] = {name: os.environ.get(name, "not set") for name in names}
    for heading, rows in sections.items():
        typer.echo(f"\n{heading}:\n")
        for key, value in rows.items():
            typer.echo(f"\t{key:22s} : {value}")
    typer.echo("")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
