"""How a model enters a dataset."""

from __future__ import annotations

__all__ = ["role_of"]

ROLES = {"SkyModel": "sky", "FoVBackgroundModel": "background", "TemplateNPredModel": "template"}


def role_of(model) -> str | None:
    """Return how a model enters a dataset: "sky", "background", "template", or None if it cannot."""
    tags = [model.tag] if isinstance(model.tag, str) else model.tag
    return next((ROLES[tag] for tag in tags if tag in ROLES), None)
