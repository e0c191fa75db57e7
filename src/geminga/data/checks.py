"""What quality checks have in common.

Each check yields what it finds wrong, as dictionaries with "level" ("error" or "warning"), "obs_id", "msg" and what
else describes the problem. Nothing is changed, and nothing is raised for bad data.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..errors import UnknownNameError

__all__ = ["ANGLE_ACCURACY", "TIME_ACCURACY", "TIME_KEYWORDS", "Checker"]

TIME_ACCURACY = 1e-6  # s
ANGLE_ACCURACY = 1.0 / 3600  # deg

TIME_KEYWORDS = ("MJDREFI", "MJDREFF", "TIMEUNIT", "TIMESYS", "TIMEREF")


class Checker:
    """Base of the checkers: runs the named checks one after the other."""

    CHECKS: dict[str, str] = {}
    """Check: name of the method."""

    def run(self, checks="all") -> Iterator[dict]:
        """Run checks.

        Parameters
        ----------
        checks : "all" or list of str

        Yields
        ------
        dict
            Problem found.
        """
        names = (
            list(self.CHECKS)
            if isinstance(checks, str) and checks == "all"
            else np.atleast_1d(checks).tolist()
        )
        for name in names:
            if name not in self.CHECKS:
                raise UnknownNameError("check", name, self.CHECKS)
            yield from getattr(self, self.CHECKS[name])()

    def _record(self, msg, level="warning", **details) -> dict:
        return {"level": level, "obs_id": self._obs_id(), "msg": msg, **details}

    def _obs_id(self):
        return None
