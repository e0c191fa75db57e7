"""Ways to make an axis of numbers."""

from __future__ import annotations

import numpy as np

from ...errors import GeometryError
from ...units import to_quantity
from .nodes import energy_ends, energy_unit, nodes_and_unit, whole_number
from .scales import scale_named

__all__ = ["AxisConstruction"]


class AxisConstruction:
    """Mix-in: constructors of `MapAxis` from bounds, edges, centres, energies and other axes."""

    @classmethod
    def from_bounds(cls, lo_bnd, hi_bnd, nbin, **kwargs):
        """Make an axis with equal pixels between two bounds.

        Parameters
        ----------
        lo_bnd, hi_bnd : float or `~astropy.units.Quantity`
            Outer edges, or outer centres for ``node_type="center"``.
        nbin : int
            Number of bins.
        **kwargs
            Further arguments of `MapAxis`.

        Examples
        --------
        >>> from geminga.maps import MapAxis
        >>> MapAxis.from_bounds(1, 100, 2, interp="log", unit="TeV").edges
        <Quantity [  1.,  10., 100.] TeV>
        """
        if isinstance(lo_bnd, str) or isinstance(hi_bnd, str):
            lo_bnd, hi_bnd = to_quantity(lo_bnd, name="lo_bnd"), to_quantity(hi_bnd, name="hi_bnd")
        ends, unit = nodes_and_unit([lo_bnd, hi_bnd], kwargs.pop("unit", ""))
        count = whole_number(nbin, "nbin")
        interp = kwargs.get("interp", "lin")
        scale = scale_named(interp)
        if interp == "log" and not (ends > 0).all():
            raise GeometryError(f"bounds must be > 0 with interp 'log', got {ends}. Use interp='lin'.")
        n_nodes = count + (kwargs.get("node_type", "edges") == "edges")
        nodes = scale.inverse(np.linspace(*scale.forward(ends), n_nodes))
        nodes[0], nodes[-1] = ends[0], ends[-1] if n_nodes > 1 else ends[0]
        return cls(nodes, unit=unit, **kwargs)

    @classmethod
    def from_edges(cls, edges, **kwargs):
        """Make an axis from bin edges; `kwargs` are further arguments of `MapAxis`."""
        return cls(edges, **(kwargs | {"node_type": "edges"}))

    @classmethod
    def from_nodes(cls, nodes, **kwargs):
        """Make an axis from bin centres; `kwargs` are further arguments of `MapAxis`."""
        return cls(nodes, **(kwargs | {"node_type": "center"}))

    @classmethod
    def from_energy_edges(cls, energy_edges, unit=None, name=None, interp="log"):
        """Make an energy axis from bin edges.

        Parameters
        ----------
        energy_edges : `~astropy.units.Quantity` or array_like, shape (nbin + 1,)
        unit : unit-like, optional
            Unit of the axis; the energies are converted to it.
        name : str, optional
            Name of the axis, by default "energy".
        interp : {"log", "lin", "sqrt"}

        Raises
        ------
        UnitError
            If the edges are no energies.
        """
        edges, unit = nodes_and_unit(energy_edges, unit)
        return cls(edges, unit=energy_unit(unit), interp=interp, name=name or "energy")

    @classmethod
    def from_energy_bounds(
        cls,
        energy_min,
        energy_max,
        nbin,
        unit=None,
        per_decade=False,
        name=None,
        node_type="edges",
        strict_bounds=True,
    ):
        """Make a logarithmic energy axis between two energies.

        Parameters
        ----------
        energy_min, energy_max : `~astropy.units.Quantity`, str or float
            Ends of the axis; plain numbers need `unit`.
        nbin : int
            Number of bins, or of bins per factor of ten if `per_decade`.
        unit : unit-like, optional
            Unit of the axis, by default that of `energy_max`.
        per_decade : bool
            Use ``ceil(log10(energy_max / energy_min) * nbin)`` bins.
        name : str, optional
            Name of the axis, by default "energy".
        node_type : {"edges", "center"}
            Whether the energies bound the edges or the centres.
        strict_bounds : bool
            With `per_decade`: keep `energy_max` and squeeze the bins; otherwise keep exactly `nbin` bins per decade and
            end at the last edge that is not above `energy_max`.

        Examples
        --------
        >>> from geminga.maps import MapAxis
        >>> MapAxis.from_energy_bounds("1 TeV", "50 TeV", nbin=4, per_decade=True).nbin
        7
        """
        ends, unit = energy_ends(energy_min, energy_max, unit)
        if not 0 < ends[0] < ends[1]:
            raise GeometryError(
                f"energies must be 0 < energy_min < energy_max, got {ends[0]:g} and {ends[1]:g} {unit}. Swap them."
            )
        nbin = whole_number(nbin, "nbin")
        if per_decade:
            exact = np.log10(ends[1] / ends[0]) * nbin
            # a ratio that is a whole number up to rounding must not give one bin more or less
            whole = round(exact) if abs(exact - round(exact)) < 1e-9 else None
            if strict_bounds:
                nbin = whole or int(np.ceil(exact))
            else:
                n_per_decade, nbin = nbin, whole or int(np.floor(exact))
                if nbin < 1:
                    raise GeometryError(
                        f"energies must span at least one bin, got {ends[0]:g} to {ends[1]:g} {unit}. Use more bins."
                    )
                ends[1] = ends[0] * 10 ** (nbin / n_per_decade)
        return cls.from_bounds(
            ends[0], ends[1], nbin, unit=unit, interp="log", node_type=node_type, name=name or "energy"
        )

    @classmethod
    def from_stack(cls, axes):
        """Join axes that follow each other."""
        axes = list(axes)
        joined = axes[0]
        for axis in axes[1:]:
            joined = joined.concatenate(axis)
        return joined
