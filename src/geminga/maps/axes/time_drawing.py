"""What plots ask a time axis for."""

from __future__ import annotations

import html

import numpy as np

from ...doors import drawn_by

__all__ = ["TimeAxisDrawing"]


class TimeAxisDrawing:
    """Mix-in: labels, positions and scale with which a time axis is drawn."""

    format_plot_xaxis = drawn_by("geminga.visualization.axes:format_plot_xaxis")

    @property
    def as_plot_labels(self) -> list[str]:
        """Label of each interval: "start - end"."""
        pairs = zip(self.time_min.iso, self.time_max.iso, strict=True)
        return [f"{start} - {end}" for start, end in pairs]

    @property
    def as_plot_edges(self) -> np.ndarray:
        """Edges as datetimes; axes without gaps only."""
        return self.time_edges.datetime

    @property
    def as_plot_center(self) -> np.ndarray:
        """Middles as datetimes."""
        return self.time_mid.datetime

    @property
    def as_plot_xerr(self) -> tuple[np.ndarray, np.ndarray]:
        """Distances from the middles to the starts and to the ends, as timedeltas."""
        return (self.time_mid - self.time_min).to_datetime(), (self.time_max - self.time_mid).to_datetime()

    @property
    def as_plot_scale(self) -> str:
        """Scale of a plot axis."""
        return "linear"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"
