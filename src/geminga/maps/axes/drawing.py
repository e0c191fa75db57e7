"""What plots ask an axis of numbers for."""

from __future__ import annotations

import html
from itertools import pairwise

from astropy import units as u

from ...doors import drawn_by

__all__ = ["AxisDrawing"]


class AxisDrawing:
    """Mix-in: labels, positions and scale with which an axis is drawn."""

    format_plot_xaxis = drawn_by("geminga.visualization.axes:format_plot_xaxis")
    format_plot_yaxis = drawn_by("geminga.visualization.axes:format_plot_yaxis")

    @property
    def use_center_as_plot_labels(self) -> bool:
        """Whether the bins are labelled by their centres."""
        return self.node_type == "center"

    @property
    def as_plot_labels(self) -> list[str]:
        """Label of each bin."""
        unit = f" {self.unit}".rstrip()
        if self.use_center_as_plot_labels:
            return [f"{value:.2e}{unit}" for value in self.center.value]
        edges = self.edges.value
        return [f"{low:.2e}{unit} - {high:.2e}{unit}" for low, high in pairwise(edges)]

    @property
    def as_plot_edges(self) -> u.Quantity:
        """Edges to draw at."""
        return self.edges

    @property
    def as_plot_center(self) -> u.Quantity:
        """Centres to draw at."""
        return self.center

    @property
    def as_plot_xerr(self) -> tuple[u.Quantity, u.Quantity]:
        """Distances from the centres to the lower and to the upper edges."""
        center = self.center
        return center - self.edges_min, self.edges_max - center

    @property
    def as_plot_scale(self) -> str:
        """Scale of a plot axis, as matplotlib calls it."""
        return "log" if self.interp == "log" else "linear"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"
