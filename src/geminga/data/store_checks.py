"""Quality checks of index tables and stores."""

from __future__ import annotations

import numpy as np

from ..errors import GemingaError
from .checks import TIME_KEYWORDS, Checker
from .observation_checks import ObservationChecker

__all__ = ["DataStoreChecker", "HDUIndexTableChecker", "ObservationTableChecker"]


class ObservationTableChecker(Checker):
    """Checks of an observation index.

    Parameters
    ----------
    obs_table : ObservationTable
    """

    CHECKS = {"meta": "check_meta", "columns": "check_columns"}
    COLUMNS = ("OBS_ID", "RA_PNT", "DEC_PNT", "TSTART", "TSTOP")

    def __init__(self, obs_table):
        self.obs_table = obs_table

    def check_meta(self):
        """Check that the time keywords are there."""
        missing = [keyword for keyword in TIME_KEYWORDS if self.obs_table.meta.get(keyword) is None]
        if missing:
            yield self._record(
                f"Missing meta keys in observation table: {missing}", keys=missing, hdu="obs-index"
            )

    def check_columns(self):
        """Check columns, and that no observation occurs twice."""
        if not len(self.obs_table):
            yield self._record("Observation table has zero rows", "error", hdu="obs-index")
        for name in self.COLUMNS:
            if name not in self.obs_table.colnames:
                yield self._record(f"Missing table column: {name!r}", "error", column=name, hdu="obs-index")
        if "OBS_ID" in self.obs_table.colnames:
            ids = np.asarray(self.obs_table["OBS_ID"])
            if len(np.unique(ids)) < len(ids):
                yield self._record("OBS_ID occurs more than once", "error", hdu="obs-index")


class HDUIndexTableChecker(Checker):
    """Checks of an HDU index.

    Parameters
    ----------
    hdu_table : HDUIndexTable
    """

    CHECKS = {"columns": "check_columns", "files": "check_files"}
    COLUMNS = ("OBS_ID", "HDU_TYPE", "HDU_CLASS", "FILE_DIR", "FILE_NAME", "HDU_NAME")

    def __init__(self, hdu_table):
        self.hdu_table = hdu_table

    def check_columns(self):
        """Check columns and names."""
        for name in self.COLUMNS:
            if name not in self.hdu_table.colnames:
                yield self._record(f"Missing table column: {name!r}", "error", column=name, hdu="hdu-index")
        if "HDU_TYPE" in self.hdu_table.colnames:
            unknown = sorted(
                set(self.hdu_table._keywords("HDU_TYPE").tolist()) - set(self.hdu_table.VALID_HDU_TYPE)
            )
            if unknown:
                yield self._record(f"Unknown HDU types: {unknown}", hdu="hdu-index")

    def check_files(self):
        """Check that each HDU is where the index says."""
        from ..fits_tables import open_tables

        for obs_id, types in self.hdu_table.locations_by_observation().items():
            for hdu_type, places in types.items():
                for place in places:
                    try:
                        open_tables(place.path()).index(place.hdu_name)
                    except GemingaError as error:
                        yield self._record(f"HDU not found: {error}", "error", hdu=hdu_type) | {
                            "obs_id": obs_id
                        }
                if len(places) > 1:
                    yield self._record("HDU occurs more than once", hdu=hdu_type) | {"obs_id": obs_id}


class DataStoreChecker(Checker):
    """Checks of a data store.

    Parameters
    ----------
    data_store : DataStore
    """

    CHECKS = {
        "obs_table": "check_obs_table",
        "hdu_table": "check_hdu_table",
        "observations": "check_observations",
        "consistency": "check_consistency",
    }

    def __init__(self, data_store):
        self.data_store = data_store

    def check_obs_table(self):
        """Check the observation index."""
        if self.data_store.obs_table is None:
            yield self._record("No observation table", hdu="obs-index")
        else:
            yield from ObservationTableChecker(self.data_store.obs_table).run()

    def check_hdu_table(self):
        """Check the HDU index."""
        yield from HDUIndexTableChecker(self.data_store.hdu_table).run()

    def check_observations(self):
        """Check each observation."""
        for observation in self.data_store.get_observations(
            required_irf="all-optional", require_events=False
        ):
            yield from ObservationChecker(observation).run()
            observation.release()

    def check_consistency(self):
        """Check that both tables have the same observations."""
        table = self.data_store.obs_table
        if table is None or "OBS_ID" not in table.colnames:
            return
        listed, placed = (
            set(np.asarray(table["OBS_ID"]).tolist()),
            set(np.asarray(self.data_store.obs_ids).tolist()),
        )
        if listed - placed:
            yield self._record("Observations without HDUs", obs_ids=sorted(listed - placed), hdu="hdu-index")
        if placed - listed:
            yield self._record(
                "HDUs without an observation", obs_ids=sorted(placed - listed), hdu="obs-index"
            )
