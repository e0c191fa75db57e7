"""A figure of a report."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ReportFigure"]


@dataclass(frozen=True)
class ReportFigure:
    """A figure with the words around it.

    Parameters
    ----------
    name : str
        File name without ending.
    section : {"data", "counts", "model", "spectrum"}
    title, caption : str
    png : bytes
    """

    name: str
    section: str
    title: str
    caption: str
    png: bytes
