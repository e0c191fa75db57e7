"""Periodic sources: a template of the phase and an ephemeris."""

from __future__ import annotations

import numpy as np
from astropy import units as u
from astropy.io import fits
from astropy.table import Table

from geminga.doors import drawn_by
from geminga.errors import FormatError, ModelError
from geminga.files import make_path, open_fits, write_fits
from geminga.modeling.parameter import Parameter

from ..base import parameters_from_dict
from ..registries import TEMPORAL_MODEL_REGISTRY
from .base import TemporalModel
from .sampling import intervals_of, sample_by_rejection

__all__ = ["TemplatePhaseCurveTemporalModel"]


@TEMPORAL_MODEL_REGISTRY.register
class TemplatePhaseCurveTemporalModel(TemporalModel):
    r"""Template over the phase :math:`\phi_{ref} + \Delta t (f_0 + \Delta t (f_1 / 2 + f_2 \Delta t / 6))`.

    Factors between the phases of the table are on straight lines, which go on to the ends of the period.

    Parameters
    ----------
    table : `~astropy.table.Table`
        Columns PHASE, ascending in [0, 1], and NORM.
    filename : str or path-like, optional
        Where `write` writes the table.
    normalize : bool
        Divide the factors by their mean over a period.
    t_ref : `~astropy.units.Quantity`
        Reference time, MJD, default 48442.5 d, frozen.
    phi_ref : float
        Phase at the reference time, default 0, frozen.
    f0, f1, f2 : `~astropy.units.Quantity`
        Frequency and its derivatives, default 29.946923 s-1, 0 and 0, frozen.
    """

    tag = ["TemplatePhaseCurveTemporalModel", "template-phase"]
    t_ref = Parameter("t_ref", 48442.5, unit="d", frozen=True)
    phi_ref = Parameter("phi_ref", 0.0, frozen=True)
    f0 = Parameter("f0", 29.946923, unit="s-1", frozen=True)
    f1 = Parameter("f1", 0.0, unit="s-2", frozen=True)
    f2 = Parameter("f2", 0.0, unit="s-3", frozen=True)

    def __init__(self, table, filename=None, normalize=True, **kwargs):
        phase, norm = _read_columns(table, filename)
        self.normalize = bool(normalize)
        if self.normalize:
            mean = _PeriodicLine(phase, norm).mean
            if not mean > 0:
                raise ModelError(f"mean of a phase curve must be positive to normalize it, got {mean:g}.")
            norm = norm / mean
        self.table = Table({"PHASE": phase, "NORM": norm})
        self.filename = filename
        super().__init__(**kwargs)

    def _line(self):
        return _PeriodicLine(np.asarray(self.table["PHASE"]), np.asarray(self.table["NORM"]))

    @staticmethod
    def _phase(seconds, phi_ref, f0, f1, f2):
        """Return phases, with whole periods, at plain seconds since the reference time."""
        return phi_ref + seconds * (f0 + seconds / 2 * (f1 + seconds / 3 * f2))

    def _ephemeris(self):
        units = {"phi_ref": "", "f0": "s-1", "f1": "s-2", "f2": "s-3"}
        return {name: self.parameters[name].quantity.to_value(unit) for name, unit in units.items()}

    def evaluate(self, time, t_ref, phi_ref, f0, f1, f2):
        """Return the factor at times (MJD)."""
        seconds = (time - t_ref).to("s")
        phase = u.Quantity(self._phase(seconds, u.Quantity(phi_ref), f0, f1, f2)).to_value(u.one)
        return self._line()(phase) * u.one

    def __call__(self, time, energy=None):
        """Return the factor at times, with the full precision of the times."""
        seconds = self._relative_days(time) * 86400.0
        return u.Quantity(self._line()(self._phase(seconds, **self._ephemeris())))

    def integral(self, t_min, t_max, **kwargs):
        """Return the integral over each interval divided by the length of all intervals.

        The part beyond the mean is a boundary term, since the primitive of a period is periodic; terms of second order
        in the change of the frequency within a period are left out.

        Parameters
        ----------
        t_min, t_max : `~astropy.time.Time`, scalar or shape (n,)

        Returns
        -------
        `~astropy.units.Quantity`, scalar or shape (n,)
        """
        return super().integral(t_min, t_max, **kwargs)

    def _integral_in_days(self, t_min, t_max, oversampling_factor=100):
        line, ephemeris = self._line(), self._ephemeris()

        def boundary(days):
            seconds = np.asarray(days) * 86400.0
            phase = self._phase(seconds, **ephemeris)
            frequency = ephemeris["f0"] + seconds * (ephemeris["f1"] + seconds / 2 * ephemeris["f2"])
            change = ephemeris["f1"] + seconds * ephemeris["f2"]
            first, second = line.primitives(phase)
            return (first / frequency + second * change / frequency**3) / 86400.0

        low, high = self._relative_days(t_min), self._relative_days(t_max)
        return line.mean * (high - low) + boundary(high) - boundary(low)

    def sample_time(self, n_events, t_min, t_max, t_delta="1 s", random_state=0):
        """Draw times from the model; see `TemporalModel.sample_time`.

        Times are drawn uniformly and kept with the probability of their phase, so no step is needed and
        `t_delta` is not used.
        """
        line, ephemeris = self._line(), self._ephemeris()
        starts = self._relative_days(intervals_of(t_min, t_max)[0]) * 86400.0

        def factor(interval, seconds):
            return line(self._phase(starts[interval] + seconds, **ephemeris))

        return sample_by_rejection(factor, line.highest, n_events, t_min, t_max, random_state)

    @classmethod
    def read(
        cls,
        path,
        normalize=True,
        t_ref=48442.5 * u.d,
        phi_ref=0,
        f0=29.946923 * u.s**-1,
        f1=0 * u.s**-2,
        f2=0 * u.s**-3,
        **kwargs,
    ):
        """Read a table with columns PHASE and NORM.

        Parameters
        ----------
        path : str or path-like
        normalize, t_ref, phi_ref, f0, f1, f2
            See the class.
        """
        table = _read_table(make_path(path))
        ephemeris = {"t_ref": t_ref, "phi_ref": phi_ref, "f0": f0, "f1": f1, "f2": f2}
        return cls(table, filename=path, normalize=normalize, **ephemeris, **kwargs)

    def write(self, path=None, overwrite=False):
        """Write the table.

        Parameters
        ----------
        path : str or path-like, optional
            Where; default is the attribute `filename`.
        overwrite : bool
            Replace an existing file.
        """
        path = self.filename if path is None else path
        if path is None:
            raise ModelError("filename of a phase curve must be set to write it, got None. Name the file.")
        write_fits(fits.HDUList([fits.PrimaryHDU(), fits.table_to_hdu(self.table)]), path, overwrite)
        self.filename = path

    def to_dict(self, full_output=False) -> dict:
        """Return the model as a dictionary of plain YAML types; the table is in the file `filename`."""
        data = super().to_dict(full_output)
        data["temporal"]["filename"] = None if self.filename is None else str(self.filename)
        data["temporal"]["normalize"] = self.normalize
        return data

    @classmethod
    def from_dict(cls, data, **kwargs):
        """Create from a dictionary in the form of `to_dict`, reading the file."""
        data = cls._unwrap(data)
        if data.get("filename") is None:
            raise ModelError("phase curve must have a filename, got none. Write the model first.")
        parameters = parameters_from_dict(data.get("parameters", []), cls.default_parameters, cls.__name__)
        return cls(
            _read_table(make_path(data["filename"])),
            filename=data["filename"],
            normalize=data.get("normalize", True),
            scale=data.get("scale", "utc"),
            **{parameter.name: parameter for parameter in parameters},
            **kwargs,
        )

    plot_phasogram = drawn_by("geminga.visualization.temporal:plot_phasogram")


class _PeriodicLine:
    """Straight lines through nodes of a period [0, 1], continued to its ends."""

    def __init__(self, phase, norm):
        slope = np.diff(norm) / np.diff(phase)
        start = norm[0] - slope[0] * phase[0]
        stop = norm[-1] + slope[-1] * (1 - phase[-1])
        self.x = np.concatenate([[0.0], phase, [1.0]] if phase[0] > 0 else [phase, [1.0]])
        self.y = np.concatenate([[start], norm, [stop]] if phase[0] > 0 else [norm, [stop]])
        if phase[-1] >= 1:
            self.x, self.y = self.x[:-1], self.y[:-1]
        width = np.diff(self.x)
        self.slope = np.diff(self.y) / width
        self.mean = float(np.sum(0.5 * (self.y[1:] + self.y[:-1]) * width))
        self.highest = self.y.max()
        # primitives of the part beyond the mean, both with mean zero over the period
        rest = self.y - self.mean
        self.first = np.concatenate([[0.0], np.cumsum(0.5 * (rest[1:] + rest[:-1]) * width)])
        left = rest[:-1]
        pieces = self.first[:-1] * width + left * width**2 / 2 + self.slope * width**3 / 6
        self.first -= pieces.sum()
        pieces -= pieces.sum() * width
        self.second = np.concatenate([[0.0], np.cumsum(pieces)])
        inner = (
            self.second[:-1] * width
            + self.first[:-1] * width**2 / 2
            + left * width**3 / 6
            + self.slope * width**4 / 24
        )
        self.second -= inner.sum()

    def _locate(self, phase):
        phase = np.asarray(phase) % 1.0
        cell = np.clip(np.searchsorted(self.x, phase, side="right") - 1, 0, len(self.slope) - 1)
        return cell, phase - self.x[cell]

    def __call__(self, phase):
        """Return the factor at phases."""
        cell, step = self._locate(phase)
        return self.y[cell] + self.slope[cell] * step

    def primitives(self, phase):
        """Return the first and second primitive of the factor minus its mean, both periodic."""
        cell, step = self._locate(phase)
        rest, slope = self.y[cell] - self.mean, self.slope[cell]
        first = self.first[cell] + rest * step + slope * step**2 / 2
        second = self.second[cell] + self.first[cell] * step + rest * step**2 / 2 + slope * step**3 / 6
        return first, second


def _read_table(path):
    with open_fits(path) as hdulist:
        hdu = next((hdu for hdu in hdulist if isinstance(hdu, fits.BinTableHDU)), None)
        if hdu is None:
            raise FormatError("the file must have a table. Give a phase curve.", path)
        return Table({name.upper(): hdu.data[name].astype(float) for name in hdu.columns.names})


def _read_columns(table, filename):
    """Return phases and factors as plain arrays."""
    columns = {name.upper(): name for name in table.colnames}
    for name in ("PHASE", "NORM"):
        if name not in columns:
            raise FormatError(
                f"the table must have a column {name}, got {table.colnames}. Rename it.",
                filename,
                column=name,
            )
    phase, norm = (np.array(table[columns[name]], dtype=float).reshape(-1) for name in ("PHASE", "NORM"))
    if len(phase) < 2 or np.any(np.diff(phase) <= 0) or phase[0] < 0 or phase[-1] > 1:
        raise FormatError(
            "phases must be at least two ascending numbers in [0, 1]. Sort the table.",
            filename,
            column="PHASE",
        )
    return phase, norm
