"""Names of models and of the datasets for which they are meant."""

import secrets

__all__ = ["as_names", "model_name"]


def model_name(name=None) -> str:
    """Return a name as a string, or a random one of eight characters."""
    return secrets.token_urlsafe(6) if name is None else str(name)


def as_names(names) -> list[str] | None:
    """Return names of datasets as a list; None stays None."""
    if names is None:
        return None
    return [names] if isinstance(names, str) else [str(name) for name in names]
