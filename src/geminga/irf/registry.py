"""The registry of instrument responses, from tag to class."""

from __future__ import annotations

from ..registry import Registry

__all__ = ["IRF_REGISTRY"]

IRF_REGISTRY = Registry(
    "instrument response",
    packages=("geminga.irf", "geminga.irf.edisp", "geminga.irf.psf"),
    group="geminga.irfs",
)
