"""Quality checks of observations."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ..errors import GemingaError
from .checks import TIME_ACCURACY, Checker
from .event_checks import EventListChecker

__all__ = ["ObservationChecker"]


class ObservationChecker(Checker):
    """Checks of an observation.

    Parameters
    ----------
    observation : Observation
    """

    CHECKS = {
        "events": "check_events",
        "gti": "check_gti",
        "aeff": "check_aeff",
        "edisp": "check_edisp",
        "psf": "check_psf",
    }

    def __init__(self, observation):
        self.observation = observation

    def _obs_id(self):
        return self.observation.obs_id

    def _part(self, name):
        """Return a part and the problem with it, one of which is None."""
        try:
            part = getattr(self.observation, name)
        except (GemingaError, OSError, ValueError, KeyError) as error:
            return None, self._record(f"Loading {name} failed: {error}", "error", hdu=name)
        if part is None:
            return None, self._record(
                f"Missing {name}", "error" if name in ("events", "gti") else "warning", hdu=name
            )
        return part, None

    def check_events(self):
        """Check the event list."""
        events, problem = self._part("events")
        if problem:
            yield problem
            return
        for record in EventListChecker(events).run():
            yield record | {"obs_id": self._obs_id()}

    def check_gti(self):
        """Check the good time intervals, and that the events are inside."""
        gti, problem = self._part("gti")
        if problem:
            yield problem
            return
        start, stop = gti.met_start.value, gti.met_stop.value
        if not len(gti):
            yield self._record("GTI table has zero rows", "error", hdu="gti")
            return
        if (np.diff(start) < 0).any():
            yield self._record("GTI not time-ordered", hdu="gti")
        if (np.sort(start)[1:] < np.maximum.accumulate(stop[np.argsort(start)])[:-1] - TIME_ACCURACY).any():
            yield self._record("GTI overlap", "error", hdu="gti")
        if (stop <= start).any():
            yield self._record("GTI have no length", hdu="gti")
        events, _ = self._part("events")
        if events is None or not len(events) or "TIME" not in events._store:
            return
        inside = gti.contains(events.time)
        if not inside.all():
            yield self._record("Events outside the GTI", count=int((~inside).sum()), hdu="gti")

    def check_aeff(self):
        """Check the effective area."""
        aeff, problem = self._part("aeff")
        if problem:
            yield problem
            return
        yield from self._check_values("aeff", aeff)
        meta = getattr(aeff, "meta", None) or {}
        missing = [keyword for keyword in ("LO_THRES", "HI_THRES") if meta.get(keyword) is None]
        if missing:
            yield self._record(f"Missing meta keys in aeff: {missing}", hdu="aeff", keys=missing)

    def check_edisp(self):
        """Check the energy dispersion: its integral over migra must be 1 or 0."""
        edisp, problem = self._part("edisp")
        if problem:
            yield problem
            return
        yield from self._check_values("edisp", edisp)
        if hasattr(edisp, "axes") and "migra" in edisp.axes.names:
            axis = edisp.axes.index("migra")
            width = np.diff(edisp.axes["migra"].edges.value)
            shape = [1] * np.ndim(edisp.data)
            shape[axis] = -1
            total = np.sum(edisp.data * width.reshape(shape), axis=axis)
            wrong = (total > 0) & (np.abs(total - 1) > 0.05)
            if wrong.any():
                yield self._record(
                    "edisp not normalised", hdu="edisp", count=int(wrong.sum()), fraction=float(wrong.mean())
                )

    def check_psf(self):
        """Check the point spread function."""
        psf, problem = self._part("psf")
        if problem:
            yield problem
            return
        yield from self._check_values("psf", psf)
        if not hasattr(psf, "containment_radius") or not hasattr(psf, "required_axes"):
            return
        energy = psf.axes["energy_true"].center if "energy_true" in psf.axes.names else [1] * u.TeV
        radius = u.Quantity(
            psf.containment_radius(fraction=0.68, energy_true=energy, offset=0 * u.deg), u.deg
        ).value
        good = np.isfinite(radius) & (radius > 0)
        if not good.any() or np.max(radius[good]) > 5:
            yield self._record("psf has no sensible containment radius", hdu="psf")

    def _check_values(self, name, response):
        """Check that values are finite, not negative, and not all zero."""
        data = getattr(response, "data", None)
        if not isinstance(data, np.ndarray) or data.dtype.kind not in "fiu":
            return
        if not np.isfinite(data).all():
            yield self._record(f"{name} has values that are not finite", "error", hdu=name)
        if (data < 0).any():
            yield self._record(f"{name} has negative values", "error", hdu=name)
        if not (data > 0).any():
            yield self._record(f"{name} is zero everywhere", "error", hdu=name)
