"""Coarser, finer, longer and shorter axes made from an axis of numbers."""

from __future__ import annotations

import numpy as np

from ...errors import AxisMismatchError, GeometryError

__all__ = ["Rebinning"]

# the blanks belong to the label: programs compare with it
BIN_TYPES = ("underflow", "normal   ", "overflow")


class Rebinning:
    """Mix-in: new axes from an axis of numbers (`MapAxis`)."""

    def upsample(self, factor):
        """Return an axis with `factor` times smaller pixels.

        Axes with nodes at the centres keep their nodes and get further ones between them.

        Parameters
        ----------
        factor : int
        """
        factor = _check_factor(factor)
        if self.nbin == 1 and self.node_type == "center":
            return self.copy()
        first, last = self._node_pix[[0, -1]]
        pix = np.linspace(first, last, (len(self._node_pix) - 1) * factor + 1)
        nodes = self._values_at_pix(pix)
        nodes[::factor] = self._nodes
        return self.copy(nodes=nodes)

    def downsample(self, factor, strict=True):
        """Return an axis with `factor` times larger pixels.

        Parameters
        ----------
        factor : int
        strict : bool
            Raise an error unless the number of bins (of nodes less one, for nodes at the centres) is a multiple of
            `factor`; otherwise the last bin takes what is left.
        """
        factor = _check_factor(factor)
        n_steps = len(self._nodes) - 1
        if n_steps % factor and strict:
            what = "bins" if self.node_type == "edges" else "nodes less one"
            raise GeometryError(
                f"number of {what} of axis {self.name!r} must be a multiple of {factor}, got {n_steps}. "
                "Use another factor or strict=False."
            )
        nodes = self._nodes[::factor]
        if n_steps % factor:
            nodes = np.append(nodes, self._nodes[-1])
        return self.copy(nodes=nodes)

    def squash(self):
        """Return an axis with one bin from the first to the last edge."""
        return self.copy(nodes=self._edges[[0, -1]], node_type="edges")

    def pad(self, pad_width):
        """Return an axis with more bins at the ends, as wide as the outermost ones.

        Parameters
        ----------
        pad_width : int or tuple of int
            Bins to add at both ends, or before and after.
        """
        before, after = (pad_width, pad_width) if np.isscalar(pad_width) else pad_width
        if min(before, after) < 0:
            raise GeometryError(f"pad_width must be >= 0, got {pad_width}. Use slice() to shorten an axis.")
        first, last = self._node_pix[[0, -1]]
        nodes = [
            self._values_at_pix(first - np.arange(before, 0, -1)),
            self._nodes,
            self._values_at_pix(last + np.arange(1, after + 1)),
        ]
        return self.copy(nodes=np.concatenate(nodes))

    def slice(self, idx):
        """Return an axis with some of the bins.

        Parameters
        ----------
        idx : int, slice or array of int
            Bins to keep; with steps the edges of an axis of edges join.
        """
        numbers = np.atleast_1d(np.arange(self.nbin)[idx])
        if len(numbers) == 0:
            raise GeometryError(
                f"slice of axis {self.name!r} must keep at least one of {self.nbin} bins, got {idx!r}."
            )
        if self.node_type == "center":
            return self.copy(nodes=self._nodes[numbers])
        return self.copy(nodes=np.append(self._edges[numbers], self._edges[numbers[-1] + 1]))

    def concatenate(self, axis):
        """Return an axis with the bins of this one, then those of another.

        The edge at which two axes of edges meet appears once.

        Raises
        ------
        AxisMismatchError
            If the axes differ in name, scale or node type, or do not meet.
        """
        for what in ("name", "node_type", "interp"):
            if getattr(self, what) != getattr(axis, what):
                raise AxisMismatchError(
                    f"axes to join must have the same {what}, got {getattr(self, what)!r} and {getattr(axis, what)!r}. "
                    "Convert one of them."
                )
        further = (axis._nodes << axis.unit).to_value(self.unit)
        if self.node_type == "edges":
            width = min(abs(self._nodes[-1] - self._nodes[-2]), abs(further[1] - further[0]))
            if abs(further[0] - self._nodes[-1]) > 1e-3 * width:
                raise AxisMismatchError(
                    f"axes {self.name!r} to join must meet, got {self._nodes[-1]:g} and {further[0]:g} {self.unit}. "
                    "Add the bins between them."
                )
            further = further[1:]
        return self.copy(nodes=np.concatenate([self._nodes, further]))

    def to_node_type(self, node_type):
        """Return an axis with nodes at the "edges" or at the "center" of the bins."""
        if node_type == self.node_type:
            return self
        nodes = self._edges if node_type == "edges" else self._center
        return self.copy(nodes=nodes, node_type=node_type)

    def _group_borders(self, edges) -> np.ndarray:
        """Return the numbers of the edges of this axis that are nearest to wanted edges, each once."""
        pix = np.clip(self.coord_to_pix(edges), -0.5, self.nbin - 0.5)
        borders = np.unique(np.round(pix + 0.5).astype(int))
        if len(borders) < 2:
            raise AxisMismatchError(
                f"edges must enclose at least one bin of axis {self.name!r} ({self._edges[0]:g} to {self._edges[-1]:g} "
                f"{self.unit}), got {edges}. Use edges within the axis."
            )
        return borders

    def group_table(self, edges):
        """Return which bins belong to wanted wider bins.

        Parameters
        ----------
        edges : `~astropy.units.Quantity`, shape (n_groups + 1,)
            Wanted edges; each moves to the nearest edge of the axis.

        Returns
        -------
        `~astropy.table.Table`
            Columns ``group_idx``, ``<name>_min``, ``<name>_max``, ``idx_min``, ``idx_max`` and ``bin_type``:
            "underflow", "normal   " or "overflow".

        Raises
        ------
        AxisMismatchError
            If no bin lies between the edges.

        Examples
        --------
        >>> from geminga.maps import MapAxis
        >>> axis = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=3)
        >>> table = axis.group_table([2, 10] * axis.unit)
        >>> [(int(row["idx_min"]), int(row["idx_max"]), str(row["bin_type"])) for row in table]
        [(0, 0, 'underflow'), (1, 2, 'normal   ')]
        """
        from astropy.table import Table

        borders = self._group_borders(edges)
        first, last = int(borders[0] > 0), int(borders[-1] < self.nbin)
        kinds = [BIN_TYPES[0]] * first + [BIN_TYPES[1]] * (len(borders) - 1) + [BIN_TYPES[2]] * last
        borders = np.concatenate([[0] * first, borders, [self.nbin] * last]).astype(int)
        table = Table()
        table["group_idx"] = np.arange(len(kinds))
        table[f"{self.name}_min"] = self.edges[borders[:-1]]
        table[f"{self.name}_max"] = self.edges[borders[1:]]
        table["idx_min"] = borders[:-1]
        table["idx_max"] = borders[1:] - 1
        table["bin_type"] = kinds
        return table

    def resample(self, axis):
        """Return an axis whose bins are the groups of this axis' bins nearest to those of another axis."""
        nodes = self._edges[self._group_borders(axis.edges)]
        return self.copy(nodes=nodes, node_type="edges")


def _check_factor(factor) -> int:
    if not np.isscalar(factor) or int(factor) != factor or factor < 1:
        raise GeometryError(f"factor must be a whole number >= 1, got {factor!r}.")
    return int(factor)
