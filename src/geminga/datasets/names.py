"""Names for datasets that got none."""

from __future__ import annotations

import secrets

__all__ = ["make_name"]


def make_name(name=None) -> str:
    """Return the name as text, or a random one of eight characters.

    Examples
    --------
    >>> make_name(23523)
    '23523'
    >>> len(make_name())
    8
    """
    return secrets.token_urlsafe(6) if name is None else str(name)
