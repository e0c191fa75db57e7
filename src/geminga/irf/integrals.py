"""Cumulative sums and integrals of responses along an axis."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ..errors import DataError
from ..maps import MapAxis
from ..numerics.integrate import trapz_loglog
from ..units import to_quantity

__all__ = ["cumsum", "integral", "integrate_log_log", "normalize"]

# Axes along which bins are rings: 2 pi r dr instead of dr.
RADIAL_AXES = ("rad", "offset")


def _along(values, axes, axis_name) -> np.ndarray:
    """Return values of one axis with the shape to multiply the data."""
    shape = [1] * len(axes.names)
    shape[axes.index(axis_name)] = -1
    return np.reshape(values, shape)


def _bin_content(irf, axis) -> tuple[np.ndarray, u.UnitBase]:
    """Return width of each bin of the axis, or area of each ring, and its unit."""
    content, unit = axis.bin_width.value, axis.unit
    if axis.name in RADIAL_AXES:
        content, unit = content * 2 * np.pi * axis.center.value, unit**2
    return _along(content, irf.axes, axis.name), unit


def cumsum(irf, axis_name):
    r"""Sum along an axis, from its lower end to each upper bin edge.

    Bins along "rad" and "offset" are rings of area :math:`2 \pi r\, \mathrm{d}r`.

    Parameters
    ----------
    irf : `IRF`
    axis_name : str

    Returns
    -------
    `IRF`
        Of the same class; the nodes of the axis are the upper edges of its bins.
    """
    axis = irf.axes[axis_name]
    content, unit = _bin_content(irf, axis)
    position = irf.axes.index(axis_name)
    data = np.cumsum(np.asarray(irf.data, dtype=float) * content, axis=position)
    nodes = MapAxis(axis.edges[1:], node_type="center", name=axis_name, interp=axis.interp)
    return irf._with(irf.axes.replace(nodes), data, irf.unit * unit)


def integral(irf, axis_name, **kwargs) -> u.Quantity:
    """Integrate along an axis from its lower end up to given coordinates.

    The cumulative sum is interpolated linearly. Below the first bin it is 0, beyond the last bin it stays at the total.

    Parameters
    ----------
    irf : `IRF`
    axis_name : str
    **kwargs : `~astropy.units.Quantity`
        Coordinates by axis name, broadcast against each other.

    Returns
    -------
    `~astropy.units.Quantity`
    """
    if axis_name not in kwargs:
        raise DataError(
            f"integral must have a coordinate {axis_name!r}, got {sorted(kwargs)}. Give {axis_name}=..."
        )
    axis = irf.axes[axis_name]
    edges = axis.edges
    limit = to_quantity(kwargs[axis_name], axis.unit, axis_name)
    cumulative = cumsum(irf, axis_name)
    kwargs = {**kwargs, axis_name: np.clip(limit, edges[0], edges[-1])}
    values = cumulative.evaluate(**kwargs)
    return np.where(np.broadcast_to(limit >= edges[0], values.shape), values, 0 * values.unit)


def integrate_log_log(irf, axis_name, method="linear", **kwargs) -> u.Quantity:
    """Integrate between edges along an axis, with power laws between them.

    Parameters
    ----------
    irf : `IRF`
    axis_name : str
    method : {"linear", "nearest"}
        Interpolation of the response at the edges.
    **kwargs : `~astropy.units.Quantity`
        Coordinates by axis name, broadcast against each other. Those of `axis_name` are the edges; they must vary
        along one dimension.

    Returns
    -------
    `~astropy.units.Quantity`
        One entry fewer than edges along their dimension.

    Examples
    --------
    >>> import astropy.units as u
    >>> from geminga.irf import EffectiveAreaTable2D
    >>> aeff = EffectiveAreaTable2D.from_parametrization()
    >>> edges = [1, 2, 4] * u.TeV
    >>> aeff.integrate_log_log("energy_true", energy_true=edges, offset=1 * u.deg).to("TeV m2").round()
    <Quantity [134876., 303376.] m2 TeV>
    """
    if axis_name not in kwargs:
        raise DataError(f"integral must have edges {axis_name!r}, got {sorted(kwargs)}. Give {axis_name}=...")
    edges = to_quantity(kwargs[axis_name], irf.axes[axis_name].unit, axis_name)
    along = [k - edges.ndim for k, n in enumerate(edges.shape) if n > 1]
    if len(along) != 1:
        raise DataError(
            f"edges {axis_name!r} must vary along one dimension, got shape {edges.shape}. Give two edges or more."
        )
    values = irf.evaluate(method=method, **kwargs)
    y = np.moveaxis(values.value, along[0], -1)
    x = np.moveaxis(np.broadcast_to(edges.value, values.shape), along[0], -1)
    pairs_x = np.stack([x[..., :-1], x[..., 1:]], axis=-1)
    pairs_y = np.stack([y[..., :-1], y[..., 1:]], axis=-1)
    result = np.moveaxis(trapz_loglog(pairs_y, pairs_x, axis=-1), -1, along[0])
    return u.Quantity(result, values.unit * edges.unit)


def normalize(irf, axis_name) -> None:
    """Divide the data by their integral along an axis, in place; where that is 0 they stay 0.

    Parameters
    ----------
    irf : `IRF`
    axis_name : str
    """
    cumulative = cumsum(irf, axis_name)
    total = np.max(cumulative.data, axis=irf.axes.index(axis_name), keepdims=True)
    good = np.isfinite(total) & (total > 0)
    irf.quantity = u.Quantity(
        np.where(good, irf.data / np.where(good, total, 1.0), 0.0), irf.unit / cumulative.unit
    )
