"""Axis of labels: datasets, observations, components."""

from __future__ import annotations

import html

import numpy as np
from astropy import units as u

from ...doors import drawn_by
from ...errors import AxisMismatchError, GeometryError, UnknownNameError
from .io.formats import AXIS_HEADERS, AXIS_TABLES
from .pixels import rounded_pixels

__all__ = ["LabelMapAxis"]


class LabelMapAxis:
    """Axis whose bins have labels instead of edges; the order of the labels is kept.

    Parameters
    ----------
    labels : array_like of str, shape (nbin,)
        Unique labels.
    name : str
        Name of the axis.

    Examples
    --------
    >>> axis = LabelMapAxis(["on", "off"], name="phase")
    >>> axis.coord_to_idx(["off", "on"])
    array([1, 0])
    """

    node_type = "label"
    unit = u.dimensionless_unscaled
    interp = "lin"
    is_energy_axis = False

    def __init__(self, labels, name=""):
        if not isinstance(name, str):
            raise TypeError(f"name of an axis must be a string, got {name!r}. Give for example 'dataset'.")
        labels = np.array([labels] if isinstance(labels, str) else labels).reshape(-1)
        if len(set(labels.tolist())) != len(labels):
            raise GeometryError(
                f"labels of axis {name!r} must be unique, got {labels.tolist()}. Rename some."
            )
        self._labels, self._name = labels, name
        self._number = {label: k for k, label in enumerate(labels.tolist())}

    @property
    def name(self) -> str:
        """Name of the axis."""
        return self._name

    @property
    def nbin(self) -> int:
        """Number of labels."""
        return len(self._labels)

    @property
    def center(self) -> np.ndarray:
        """Labels, shape (nbin,)."""
        return self._labels.copy()

    @property
    def edges(self):
        """Not defined for labels."""
        raise GeometryError(f"axis {self.name!r} must have numbers to have edges, got labels. Use center.")

    @property
    def edges_min(self) -> np.ndarray:
        """Labels."""
        return self.center

    @property
    def edges_max(self) -> np.ndarray:
        """Labels."""
        return self.center

    @property
    def bin_width(self) -> np.ndarray:
        """Ones, shape (nbin,)."""
        return np.ones(self.nbin)

    # ------------------------------------------------------------------ for plots

    format_plot_xaxis = drawn_by("geminga.visualization.axes:format_plot_xaxis")

    @property
    def as_plot_labels(self) -> list[str]:
        """Labels to draw."""
        return [str(label) for label in self._labels]

    @property
    def as_plot_center(self) -> np.ndarray:
        """Positions to draw at: the numbers of the labels."""
        return np.arange(self.nbin)

    @property
    def as_plot_edges(self) -> np.ndarray:
        """Borders between the positions."""
        return np.arange(self.nbin + 1) - 0.5

    @property
    def as_plot_xerr(self) -> np.ndarray:
        """Half widths of the positions."""
        return np.full(self.nbin, 0.5)

    @property
    def as_plot_scale(self) -> str:
        """Scale of a plot axis."""
        return "linear"

    # ------------------------------------------------------------------ coordinate <-> pixel <-> index

    def coord_to_idx(self, coord, **kwargs) -> np.ndarray:
        """Return the number of each label.

        Raises
        ------
        UnknownNameError
            If a label is not on the axis.
        """
        coord = np.asarray(coord)
        try:
            found = [self._number[label] for label in coord.ravel().tolist()]
        except KeyError as error:
            raise UnknownNameError(
                f"label of axis {self.name!r}", error.args[0], self.as_plot_labels
            ) from None
        return np.array(found, dtype=np.intp).reshape(coord.shape)[()]

    def coord_to_pix(self, coord) -> np.ndarray:
        """Return the number of each label as float."""
        return np.asarray(self.coord_to_idx(coord), dtype=float)[()]

    def pix_to_idx(self, pix, clip=False) -> np.ndarray:
        """Return the nearest number of each pixel coordinate; -1 outside unless clipped."""
        return rounded_pixels(pix, self.nbin, clip)

    def pix_to_coord(self, pix) -> np.ndarray:
        """Return the label at each pixel coordinate."""
        idx = self.pix_to_idx(pix)
        if np.any(idx < 0):
            raise GeometryError(
                f"pixel of axis {self.name!r} must be within 0 to {self.nbin - 1}, got {pix}."
            )
        return self._labels[idx]

    # ------------------------------------------------------------------ new axes from this one

    def copy(self, **kwargs) -> LabelMapAxis:
        """Return a copy with some constructor arguments replaced."""
        return self.__class__(**({"labels": self._labels.copy(), "name": self._name} | kwargs))

    def rename(self, new_name) -> LabelMapAxis:
        """Return a copy with another name."""
        return self.copy(name=new_name)

    def slice(self, idx) -> LabelMapAxis:
        """Return an axis with some of the labels."""
        return self.copy(labels=np.atleast_1d(self._labels[idx]))

    def squash(self) -> LabelMapAxis:
        """Return an axis with one label, "first...last"."""
        return self.copy(labels=[f"{self._labels[0]}...{self._labels[-1]}"])

    def concatenate(self, axis) -> LabelMapAxis:
        """Return an axis with the labels of this one, then those of another."""
        if not isinstance(axis, LabelMapAxis) or axis.name != self.name:
            raise AxisMismatchError(f"axes to join must be label axes named {self.name!r}, got {axis!r}.")
        return self.copy(labels=np.concatenate([self._labels, axis._labels]))

    @classmethod
    def from_stack(cls, axes) -> LabelMapAxis:
        """Join label axes."""
        axes = list(axes)
        return cls(np.concatenate([axis.center for axis in axes]), name=axes[0].name)

    def _no_numbers(self, verb):
        raise NotImplementedError(f"axis {self.name!r} must have numbers to be {verb}, got labels.")

    def upsample(self, *args, **kwargs):
        """Not possible for labels."""
        self._no_numbers("upsampled")

    def downsample(self, *args, **kwargs):
        """Not possible for labels."""
        self._no_numbers("downsampled")

    def resample(self, *args, **kwargs):
        """Not possible for labels."""
        self._no_numbers("resampled")

    def pad(self, *args, **kwargs):
        """Not possible for labels."""
        self._no_numbers("padded")

    # ------------------------------------------------------------------ comparison, tables

    def assert_name(self, required_name) -> None:
        """Raise an error unless the axis has this name."""
        if self.name != required_name:
            raise AxisMismatchError(
                f"axis must have the name {required_name!r}, got {self.name!r}. Rename it with rename()."
            )

    def is_allclose(self, other, **kwargs) -> bool:
        """Return whether two axes have the same name and labels.

        Raises
        ------
        TypeError
            If `other` is no `LabelMapAxis`.
        """
        if not isinstance(other, LabelMapAxis):
            raise TypeError(
                f"other must be a LabelMapAxis, got {type(other).__name__}. Compare axes of one kind."
            )
        return self.name.upper() == other.name.upper() and np.array_equal(self._labels, other._labels)

    def __eq__(self, other):
        if not isinstance(other, LabelMapAxis):
            return NotImplemented
        return self.is_allclose(other)

    __hash__ = object.__hash__

    def to_header(self, format="gadf", idx=0):
        """Return the keywords that describe the axis in a table header."""
        return AXIS_HEADERS.write(self, format=format, idx=idx)

    @classmethod
    def from_table(cls, table, format="gadf", idx=0) -> LabelMapAxis:
        """Read a label axis from a table; the labels keep the order in which they first appear."""
        return AXIS_TABLES.read(table, format=format, idx=idx)

    def __repr__(self):
        return (
            f"LabelMapAxis\n------------\n  name       : {self._name}\n  nbins      : {self.nbin}\n"
            f"  node type  : label\n  labels     : {self._labels.tolist()}\n"
        )

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"
