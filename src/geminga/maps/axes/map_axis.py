"""Axis of numbers: energy, offset, migration, radius and others."""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise

import numpy as np
from astropy import units as u

from ...errors import AxisMismatchError, GeometryError, UnknownNameError
from ...units import conversion_factor, to_quantity
from .construction import AxisConstruction
from .drawing import AxisDrawing
from .io.formats import AXIS_HEADERS, AXIS_TABLES, HDU_NAMES
from .nodes import as_quantity, nodes_and_unit
from .pixels import even_index, even_pixels, interpolate_and_extrapolate, rounded_pixels, unevenness
from .rebinning import Rebinning
from .scales import scale_named

__all__ = ["MapAxis"]

NODE_TYPES = ("edges", "center")
BOUNDARY_TYPES = ("monotonic", "periodic")

# From so many values on, evenly spaced bins are computed rather than looked up.
MANY = 1000


class MapAxis(AxisConstruction, Rebinning, AxisDrawing):
    """Axis of numbers with bins.

    Pixel coordinates are linear in the scaled coordinate. With nodes at the edges, edge `k` has pixel coordinate
    ``k - 0.5``; with nodes at the centres, node `k` has pixel coordinate `k`. Axes never change: every method
    returns a new one.

    Parameters
    ----------
    nodes : `~astropy.units.Quantity` or array_like, shape (n_nodes,)
        Bin edges (``nbin + 1`` of them) or centres (``nbin``), strictly monotonic.
    interp : {"lin", "log", "sqrt"}
        Scale in which the pixels are linear.
    name : str
        Name of the axis.
    node_type : {"edges", "center"}
        What the nodes are.
    unit : unit-like
        Unit of plain numbers; quantities are converted to it.
    boundary_type : {"monotonic", "periodic"}
        A periodic axis wraps coordinates into its range; it must be linear.

    Raises
    ------
    GeometryError
        If the nodes are not finite and strictly monotonic, or too few.

    Examples
    --------
    >>> axis = MapAxis([0, 1, 3], name="offset", unit="deg")
    >>> axis.center
    <Quantity [0.5, 2. ] deg>
    >>> axis.coord_to_idx([0.2, 3, 5] * u.deg)
    array([ 0,  1, -1])
    """

    def __init__(self, nodes, interp="lin", name="", node_type="edges", unit="", boundary_type="monotonic"):
        if not isinstance(name, str):
            raise TypeError(f"name of an axis must be a string, got {name!r}. Give for example 'energy'.")
        if node_type not in NODE_TYPES:
            raise UnknownNameError("node type of an axis", node_type, NODE_TYPES)
        if boundary_type not in BOUNDARY_TYPES:
            raise UnknownNameError("boundary type of an axis", boundary_type, BOUNDARY_TYPES)
        if boundary_type == "periodic" and interp != "lin":
            raise GeometryError(
                f"a periodic axis must have interp 'lin', got {interp!r}. Leave out interp or boundary_type."
            )
        self._scale = scale_named(interp)
        self._nodes, self._unit = nodes_and_unit(nodes, unit)
        self._name, self._interp = name, interp
        self._node_type, self._boundary_type = node_type, boundary_type
        self._check_nodes()

    def _check_nodes(self):
        nodes, label = self._nodes, f"nodes of axis {self._name!r}"
        least = 2 if self._node_type == "edges" else 1
        if len(nodes) < least:
            raise GeometryError(
                f"{label} must be {least} or more, got {len(nodes)}. Give both ends of a bin."
            )
        steps = nodes[1:] - nodes[:-1] if len(nodes) > 1 else np.isfinite(nodes).astype(float)
        smallest, largest = steps.min(), steps.max()
        # a NaN or infinite node makes a NaN or infinite step
        if not (0 < smallest <= largest < np.inf or -np.inf < smallest <= largest < 0):
            raise GeometryError(
                f"{label} must be finite, sorted and unique, got {nodes}. Use numpy.unique(nodes)."
            )
        if self._interp == "log" and min(nodes[0], nodes[-1]) < 0:
            raise GeometryError(
                f"{label} must be >= 0 with interp 'log', got {nodes.min():g}. Use interp='lin'."
            )

    # an axis never changes, so what follows from its nodes is worked out once, when it is first needed

    @cached_property
    def _scaled(self) -> np.ndarray:
        return self._scale.forward(self._nodes)

    @cached_property
    def _node_pix(self) -> np.ndarray:
        return np.arange(len(self._nodes)) - (0.5 if self._node_type == "edges" else 0.0)

    @cached_property
    def _unevenness(self) -> float:
        """How far nodes are from equal steps of the scale, in steps."""
        return unevenness(self._scaled)

    @cached_property
    def _edges(self) -> np.ndarray:
        if self._node_type == "edges":
            return self._nodes
        return self._values_at_pix(np.arange(len(self._nodes) + 1) - 0.5)

    # ------------------------------------------------------------------ attributes

    @property
    def name(self) -> str:
        """Name of the axis."""
        return self._name

    @property
    def interp(self) -> str:
        """Scale in which pixels are linear: "lin", "log" or "sqrt"."""
        return self._interp

    @property
    def node_type(self) -> str:
        """Whether the nodes are "edges" or "center" of the bins."""
        return self._node_type

    @property
    def boundary_type(self) -> str:
        """Whether the axis ends ("monotonic") or starts again ("periodic")."""
        return self._boundary_type

    @property
    def unit(self) -> u.UnitBase:
        """Unit of the coordinate."""
        return self._unit

    @property
    def nbin(self) -> int:
        """Number of bins."""
        return len(self._nodes) - (self._node_type == "edges")

    @property
    def edges(self) -> u.Quantity:
        """Bin edges, shape (nbin + 1,)."""
        return as_quantity(self._edges.copy(), self._unit)

    @property
    def edges_min(self) -> u.Quantity:
        """Lower bin edges, shape (nbin,)."""
        return as_quantity(self._edges[:-1].copy(), self._unit)

    @property
    def edges_max(self) -> u.Quantity:
        """Upper bin edges, shape (nbin,)."""
        return as_quantity(self._edges[1:].copy(), self._unit)

    @property
    def bounds(self) -> u.Quantity:
        """Lower end of the first and upper end of the last bin; with nodes at the centres, the outer centres."""
        return as_quantity(self._nodes[[0, -1]], self._unit)

    @cached_property
    def _center(self) -> np.ndarray:
        """Bin centres as plain numbers."""
        if self._node_type == "center":
            return self._nodes
        return self._scale.inverse(0.5 * (self._scaled[:-1] + self._scaled[1:]))

    @property
    def center(self) -> u.Quantity:
        """Bin centres (in the scale of the axis), shape (nbin,)."""
        return as_quantity(self._center.copy(), self._unit)

    @property
    def bin_width(self) -> u.Quantity:
        """Bin widths, shape (nbin,)."""
        return as_quantity(np.abs(np.diff(self._edges)), self._unit)

    @property
    def nbin_per_decade(self) -> float:
        """Number of bins per factor of ten; logarithmic axes only."""
        if self._interp != "log":
            raise GeometryError(
                f"axis {self.name!r} must have interp 'log' to have bins per decade, got {self.interp!r}."
            )
        return self.nbin / abs(np.log10(self._edges[-1] / self._edges[0]))

    @property
    def is_energy_axis(self) -> bool:
        """Whether the name is "energy" or "energy_true"."""
        return self._name in ("energy", "energy_true")

    @property
    def iter_by_edges(self):
        """Iterate over ``(lower edge, upper edge)`` of the bins."""
        edges = self.edges
        yield from pairwise(edges)

    # ------------------------------------------------------------------ coordinate <-> pixel <-> index

    def _coord_values(self, coord) -> np.ndarray:
        """Return coordinates as plain numbers in the unit of the axis, at least one-dimensional."""
        if isinstance(coord, str) or (
            isinstance(coord, (list, tuple)) and len(coord) and not np.isscalar(coord[0])
        ):
            coord = to_quantity(coord, name=f"coordinate of axis {self._name!r}")
        if isinstance(coord, u.Quantity):
            values = coord.value
            if coord.unit is not self._unit:
                factor = conversion_factor(coord.unit, self._unit, f"coordinate of axis {self._name!r}")
                if factor != 1.0:
                    values = values * factor
        else:
            values = np.asarray(coord)
            if values.dtype.kind in "US":
                texts = [to_quantity(text, self._unit, "coordinate") for text in values.ravel().astype(str)]
                values = u.Quantity(texts).value.reshape(values.shape)
        values = np.atleast_1d(np.asarray(values, dtype=float))
        return self._wrapped(values) if self._boundary_type == "periodic" else values

    def _wrapped(self, values):
        low, high = self._edges[0], self._edges[-1]
        return low + np.mod(values - low, high - low)

    def _pix_of_values(self, values) -> np.ndarray:
        """Return pixel coordinates of plain numbers; linear beyond the outer nodes."""
        nodes, pix = self._scaled, self._node_pix
        if len(nodes) == 1:
            return np.where(np.isnan(values), np.nan, pix[0])
        if values.size > MANY and self._unevenness < 1e-10:
            return even_pixels(values, self._scale.forward, nodes, pix)
        return interpolate_and_extrapolate(self._scale.forward(values), nodes, pix)

    def _values_at_pix(self, pix) -> np.ndarray:
        """Return plain numbers at pixel coordinates; linear in the scale beyond the outer nodes."""
        pix = np.asarray(pix, dtype=float)
        if len(self._scaled) == 1:
            return np.where(np.isnan(pix), np.nan, self._nodes[0])
        return self._scale.inverse(interpolate_and_extrapolate(pix, self._node_pix, self._scaled))

    def _idx_of_values(self, values, clip=False) -> np.ndarray:
        """Return bin indices of plain numbers; -1 outside unless clipped, NaN always -1."""
        edges, nbin = self._edges, self.nbin
        if len(self._nodes) == 1:
            return np.where(np.isnan(values), -1, 0)
        is_rising = edges[-1] > edges[0]
        if values.size > MANY and is_rising and self._node_type == "edges" and self._unevenness < 0.25:
            return even_index(values, self._scale.forward, self._scaled, edges, clip)
        if is_rising:
            idx = np.searchsorted(edges, values, side="right") - 1
        else:
            idx = nbin - np.searchsorted(edges[::-1], values, side="left")
        idx[values == edges[-1]] = nbin - 1
        if clip:
            np.clip(idx, 0, nbin - 1, out=idx)
            idx[np.isnan(values)] = -1
        else:
            idx[(idx >= nbin) | (idx < 0)] = -1
        return idx

    def wrap_coord(self, coord) -> u.Quantity:
        """Return coordinates moved by whole periods into the range of a periodic axis."""
        return self._coord_values(coord) << self._unit

    def coord_to_pix(self, coord) -> np.ndarray:
        """Return pixel coordinates (float) of coordinates.

        Parameters
        ----------
        coord : `~astropy.units.Quantity` or array_like
            Plain numbers are in the unit of the axis.

        Returns
        -------
        ndarray, at least one-dimensional

        Examples
        --------
        >>> axis = MapAxis([1, 10, 100], interp="log", unit="TeV")
        >>> axis.coord_to_pix("10 TeV")
        array([0.5])
        """
        return self._pix_of_values(self._coord_values(coord))

    def pix_to_coord(self, pix) -> u.Quantity:
        """Return coordinates at pixel coordinates."""
        return as_quantity(self._values_at_pix(pix), self._unit)

    def coord_to_idx(self, coord, clip=False) -> np.ndarray:
        """Return the bin in which each coordinate lies.

        Bins are half open, ``lower <= coord < upper``; the last bin of an axis that does not repeat contains its
        upper edge too.

        Parameters
        ----------
        coord : `~astropy.units.Quantity` or array_like
        clip : bool
            Give coordinates outside the index of the nearest bin instead of -1.

        Returns
        -------
        ndarray of int, at least one-dimensional
        """
        return self._idx_of_values(self._coord_values(coord), clip)

    def pix_to_idx(self, pix, clip=False) -> np.ndarray:
        """Return the bin of each pixel coordinate; -1 outside unless clipped."""
        return rounded_pixels(pix, self.nbin, clip)

    def round(self, coord, clip=False) -> u.Quantity:
        """Return the nearest edge (in pixel coordinates) of each coordinate.

        Without `clip` coordinates outside go to an edge of an imagined further bin.
        """
        edge = np.round(self.coord_to_pix(coord) + 0.5)
        if clip:
            edge = np.clip(edge, 0, self.nbin)
        inside = (edge >= 0) & (edge <= self.nbin)
        values = self._values_at_pix(edge - 0.5)
        values[inside] = self._edges[edge[inside].astype(int)]
        return values << self._unit

    # ------------------------------------------------------------------ new axes from this one

    def copy(self, **kwargs) -> MapAxis:
        """Return a copy with some constructor arguments replaced.

        A new `unit` relabels the numbers, it does not convert them.
        """
        arguments = {
            "nodes": self._nodes.copy(),
            "interp": self._interp,
            "name": self._name,
            "node_type": self._node_type,
            "unit": self._unit,
            "boundary_type": self._boundary_type,
        }
        if isinstance(kwargs.get("nodes"), u.Quantity):
            arguments["unit"] = None
        return self.__class__(**(arguments | kwargs))

    def rename(self, new_name) -> MapAxis:
        """Return a copy with another name."""
        return self.copy(name=new_name)

    # ------------------------------------------------------------------ comparison

    def assert_name(self, required_name) -> None:
        """Raise an error unless the axis has this name."""
        if self.name != required_name:
            raise AxisMismatchError(
                f"axis must have the name {required_name!r}, got {self.name!r}. Rename it with rename()."
            )

    def is_allclose(self, other, **kwargs) -> bool:
        """Return whether two axes have the same name, kind and nodes within tolerances.

        Parameters
        ----------
        other : `MapAxis`
        **kwargs
            ``rtol`` and ``atol`` of `numpy.allclose`, default 1e-6 both; `atol` is in the unit of this axis.

        Raises
        ------
        TypeError
            If `other` is no `MapAxis`.
        """
        if not isinstance(other, MapAxis):
            raise TypeError(f"other must be a MapAxis, got {type(other).__name__}. Compare axes of one kind.")
        if self is other:
            return True
        if len(self._nodes) != len(other._nodes) or not self._unit.is_equivalent(other._unit):
            return False
        mine = (self._name.upper(), self._node_type, self._interp, self._boundary_type)
        if mine != (other._name.upper(), other._node_type, other._interp, other._boundary_type):
            return False
        factor = 1.0 if self._unit is other._unit else conversion_factor(other._unit, self._unit)
        return bool(
            np.allclose(self._nodes, other._nodes * factor, **({"rtol": 1e-6, "atol": 1e-6} | kwargs))
        )

    def is_aligned(self, other, atol=2e-2) -> bool:
        """Return whether the edges of each axis that lie within the other are edges of it too, and bins agree.

        Parameters
        ----------
        other : `MapAxis`
        atol : float
            Tolerance in pixels.
        """
        pix = self.coord_to_pix(other.edges)
        pix_other = other.coord_to_pix(self.edges)
        return bool(
            np.allclose(np.round(pix + 0.5), pix + 0.5, rtol=0, atol=atol)
            and np.allclose(np.round(pix_other + 0.5), pix_other + 0.5, rtol=0, atol=atol)
        )

    def __eq__(self, other):
        if not isinstance(other, MapAxis):
            return NotImplemented
        return self.is_allclose(other, rtol=1e-6, atol=1e-6)

    __hash__ = object.__hash__

    # ------------------------------------------------------------------ constructors

    @classmethod
    def from_table(cls, table, format="ogip", idx=0, column_prefix="") -> MapAxis:
        """Read an axis from a table.

        Parameters
        ----------
        table : `~astropy.table.Table` or `~astropy.io.fits.BinTableHDU`
        format : str
            "ogip", "ogip-sherpa", "ogip-arf", "ogip-arf-sherpa", "fgst-ccube", "fgst-template", "gadf", "gadf-dl3"
            or "gadf-sed".
        idx : int
            Number of the axis in the table header (format "gadf").
        column_prefix : str
            First part of the column names (format "gadf-dl3").
        """
        return AXIS_TABLES.read(table, format=format, idx=idx, column_prefix=column_prefix)

    @classmethod
    def from_table_hdu(cls, hdu, format="ogip", idx=0) -> MapAxis:
        """Read an axis from a FITS table; parameters are those of `from_table`."""
        return cls.from_table(hdu, format=format, idx=idx)

    def to_table(self, format="ogip"):
        """Return the axis as a table in one of the formats of `from_table`."""
        return AXIS_TABLES.write(self, format=format)

    def to_header(self, format="ogip", idx=0):
        """Return the keywords that describe the axis in a table header."""
        return AXIS_HEADERS.write(self, format=format, idx=idx)

    def to_table_hdu(self, format="ogip"):
        """Return the axis as a FITS table."""
        from astropy.io.fits import BinTableHDU

        return BinTableHDU(self.to_table(format), header=self.to_header(format), name=HDU_NAMES[format])

    def __repr__(self):
        which = "center" if self._node_type == "center" else "edges"
        low, high = self._nodes[[0, -1]]
        lines = [
            self.__class__.__name__,
            "-" * len(self.__class__.__name__),
            f"  name       : {self._name}",
            f"  unit       : {str(self._unit)!r}",
            f"  nbins      : {self.nbin}",
            f"  node type  : {self._node_type}",
            f"  {which + ' min':11s}: {low:.1e} {self._unit}".rstrip(),
            f"  {which + ' max':11s}: {high:.1e} {self._unit}".rstrip(),
            f"  interp     : {self._interp}",
        ]
        if self._boundary_type == "periodic":
            lines.append("  boundary   : periodic")
        return "\n".join(lines) + "\n"
