"""Stores of observations: folders with an index of observations and one of their HDUs."""

from __future__ import annotations

import logging
import sys

import numpy as np

from ..doors import opens
from ..errors import FormatError, UnknownNameError
from ..files import make_path
from .index_entries import default_root, plain
from .observation import Observation
from .observations import Observations
from .pointing import FixedPointingInfo

__all__ = ["ALL_HDUS", "ALL_IRFS", "REQUIRED_IRFS", "DataStore"]

log = logging.getLogger(__name__)

ALL_IRFS = ["aeff", "edisp", "psf", "bkg", "rad_max"]
ALL_HDUS = ["events", "gti", *ALL_IRFS]
REQUIRED_IRFS = {
    "full-enclosure": ["aeff", "edisp", "psf", "bkg"],
    "point-like": ["aeff", "edisp"],
    "all-optional": [],
}


class DataStore:
    """Store of observations.

    Parameters
    ----------
    hdu_table : HDUIndexTable
        Where the HDUs are.
    obs_table : ObservationTable, optional
        What the observations are.
    """

    DEFAULT_HDU_TABLE = "hdu-index.fits.gz"
    """Name of the file with the HDU index."""

    DEFAULT_OBS_TABLE = "obs-index.fits.gz"
    """Name of the file with the observation index."""

    def __init__(self, hdu_table=None, obs_table=None):
        self.hdu_table = hdu_table
        self.obs_table = obs_table

    # ------------------------------------------------------------------ making

    @classmethod
    def from_dir(cls, base_dir, hdu_table_filename=None, obs_table_filename=None, root_dir=None) -> DataStore:
        """Open a folder.

        Parameters
        ----------
        base_dir : str or path-like
            Folder with the index files.
        hdu_table_filename, obs_table_filename : str, optional
            Names of the index files in the folder. The observation index may be missing if it is not named.
        root_dir : str or path-like, optional
            Folder that no file of the store may be outside of. Default is `base_dir`, or the parent of a folder
            "index" in which it is.

        Returns
        -------
        DataStore

        Raises
        ------
        FormatError
            If an index cannot be read.
        """
        # The tables bring astropy.table, which is slow to import.
        from .hdu_index import HDUIndexTable
        from .obs_index import ObservationTable

        base = make_path(base_dir)
        if not base.is_dir():
            raise FormatError("the data store must be a folder. Check the path.", path=base)
        root = make_path(root_dir) if root_dir is not None else default_root(base)
        hdu_table = HDUIndexTable.read(base / (hdu_table_filename or cls.DEFAULT_HDU_TABLE), root_dir=root)
        hdu_table.meta["BASE_DIR"] = base.as_posix()
        obs_path = base / (obs_table_filename or cls.DEFAULT_OBS_TABLE)
        obs_table = None
        if obs_table_filename is not None or obs_path.exists():
            obs_table = ObservationTable.read(obs_path)
        else:
            log.info("No observation index in %s.", base)
        return cls(hdu_table, obs_table)

    @classmethod
    def from_file(cls, filename, hdu_hdu="HDU_INDEX", hdu_obs="OBS_INDEX") -> DataStore:
        """Open a file that holds both indices.

        Parameters
        ----------
        filename : str or path-like
        hdu_hdu, hdu_obs : str or int
            HDUs of the two indices.
        """
        # The tables bring astropy.table, which is slow to import.
        from .hdu_index import HDUIndexTable
        from .obs_index import ObservationTable

        hdu_table = HDUIndexTable.read(filename, hdu=hdu_hdu)
        try:
            obs_table = ObservationTable.read(filename, hdu=hdu_obs) if hdu_obs is not None else None
        except FormatError:
            if hdu_obs != "OBS_INDEX":
                raise
            obs_table = None
        return cls(hdu_table, obs_table)

    @classmethod
    def from_events_files(cls, events_paths, irfs_paths=None) -> DataStore:
        """Make a store of files with events.

        Parameters
        ----------
        events_paths : list of path-like
        irfs_paths : path-like or list of path-like, optional
            File with responses for all, or one for each. By default they are in the files with events, or where
            the keywords CALDB and IRF say.
        """
        from .data_store_maker import DataStoreMaker

        return DataStoreMaker(events_paths, irfs_paths).run()

    # ------------------------------------------------------------------ what is inside

    @property
    def obs_ids(self) -> np.ndarray:
        """Identifiers of the observations in the HDU index."""
        return self.hdu_table.obs_id_unique

    def info(self, show=True) -> str | None:
        """Say what is in the store.

        Parameters
        ----------
        show : bool
            Print it; otherwise return it.
        """
        text = str(self)
        if not show:
            return text
        sys.stdout.write(text)
        return None

    def __str__(self):
        parts = ["Data store:", self.hdu_table.summary(), ""]
        parts += [self.obs_table.summary() if self.obs_table is not None else "No observation index table."]
        return "\n".join(parts)

    def __repr__(self):
        return f"<DataStore: {len(self.obs_ids)} observations in {self.hdu_table.base_dir}>"

    def _repr_html_(self):
        return f"<pre>{self}</pre>"

    # ------------------------------------------------------------------ observations

    def obs(self, obs_id, required_irf="full-enclosure", require_events=True) -> Observation:
        """Return an observation; nothing of it is read yet.

        Parameters
        ----------
        obs_id : int
        required_irf : {"full-enclosure", "point-like", "all-optional"} or list of str
            Responses that must exist: aeff, edisp, psf and bkg; aeff and edisp; none; or those of the list.
        require_events : bool
            Events and good time intervals must exist.

        Returns
        -------
        Observation

        Raises
        ------
        UnknownNameError
            If the index does not have the observation.
        FormatError
            If one of the required HDUs is not in the index.
        """
        places: dict[str, list] = {}
        for row in self.hdu_table.row_idx(obs_id):
            hdu_type = str(plain(self.hdu_table["HDU_TYPE"][row])).lower()
            places.setdefault(hdu_type, []).append(self.hdu_table.location_info(row))
        return self._observation(obs_id, places, _required(required_irf, require_events))

    def _observation(self, obs_id, found, required) -> Observation:
        """Make an observation of the places of its HDUs."""
        missing = [name for name in required if name not in found]
        if missing:
            raise FormatError(
                f"observation {obs_id} must have the HDUs {', '.join(required)}, got no {', '.join(missing)}. "
                "Relax required_irf or require_events, or complete the index.",
                path=self.hdu_table.meta.get("BASE_DIR"),
            )
        places = {}
        for name in ALL_HDUS:
            candidates = found.get(name, [])
            if len(candidates) > 1:
                log.warning(
                    "Observation %s has %d HDUs of type %s; the first is used.", obs_id, len(candidates), name
                )
            if candidates:
                places[name] = candidates[0]
        extra = {} if "events" in places else self._from_obs_table(obs_id)
        return Observation(obs_id=plain(obs_id), **places, **extra)

    def _from_obs_table(self, obs_id) -> dict:
        """Return what the observation index knows of an observation without events."""
        from .metadata import ObservationMetaData

        if self.obs_table is None or "OBS_ID" not in self.obs_table.colnames:
            return {}
        rows = np.flatnonzero(np.asarray(self.obs_table["OBS_ID"]) == obs_id)
        if not len(rows):
            return {}
        row = self.obs_table[int(rows[0])]
        header = dict(self.obs_table.meta)
        for name in self.obs_table.colnames:
            value = row[name]
            if np.ndim(value) == 0 and not np.ma.is_masked(value):
                header[name] = plain(value)
        try:
            return {
                "pointing": FixedPointingInfo.from_fits_header(header),
                "meta": ObservationMetaData.from_header(header),
            }
        except (FormatError, ValueError) as error:
            log.warning("Observation %s: the observation index gives no pointing (%s).", obs_id, error)
            return {}

    def get_observations(
        self,
        obs_id=None,
        skip_missing=False,
        required_irf="full-enclosure",
        require_events=True,
        selection=None,
    ) -> Observations:
        """Return several observations; nothing of them is read yet.

        Parameters
        ----------
        obs_id : int or list of int, optional
            Default is all.
        skip_missing : bool
            Leave out those that the index does not have, with a warning; otherwise raise.
        required_irf, require_events
            See `obs`. Observations that lack a required HDU are left out with a warning.
        selection : dict or list of dict, optional
            Criteria of `ObservationTable.select_observations`.

        Returns
        -------
        Observations
        """
        required = _required(required_irf, require_events)
        places = self.hdu_table.locations_by_observation()
        wanted = sorted(places, key=str if any(isinstance(value, str) for value in places) else None)
        if obs_id is not None:
            wanted = [plain(value) for value in np.atleast_1d(obs_id)]
        if selection is not None:
            chosen = set(
                np.asarray(self._known_obs_table().select_observations(selection)["OBS_ID"]).tolist()
            )
            wanted = [value for value in wanted if value in chosen]
        observations = []
        for value in wanted:
            if value not in places:
                if not skip_missing:
                    raise UnknownNameError("observation of the HDU index", value, list(places)[:20])
                log.warning("Skipping missing obs_id: %r", value)
                continue
            try:
                observations.append(self._observation(value, places[value], required))
            except FormatError as error:
                log.warning("Skipping observation with missing HDUs: %s", error)
        return Observations(observations)

    def get_observation_groups(
        self,
        key,
        obs_id=None,
        skip_missing=False,
        required_irf="full-enclosure",
        require_events=True,
        selection=None,
    ) -> dict[str, Observations]:
        """Return observations in groups that agree in a column of the observation index.

        Parameters
        ----------
        key : str
            Name of the column.
        obs_id, skip_missing, required_irf, require_events, selection
            See `get_observations`.

        Returns
        -------
        dict
            Observations by ``"<key>_<value>"``.
        """
        table = self._known_obs_table()
        if key not in table.colnames:
            raise UnknownNameError("column of the observation index", key, table.colnames)
        observations = self.get_observations(obs_id, skip_missing, required_irf, require_events, selection)
        values = {plain(row["OBS_ID"]): str(plain(row[key])).strip() for row in table}
        groups: dict[str, list] = {}
        for observation in observations:
            groups.setdefault(f"{key}_{values.get(observation.obs_id)}", []).append(observation)
        return {name: Observations(groups[name]) for name in sorted(groups)}

    def _known_obs_table(self):
        if self.obs_table is None:
            raise FormatError(
                "the data store must have an observation index for this, got none.",
                path=self.hdu_table.meta.get("BASE_DIR"),
            )
        return self.obs_table

    # ------------------------------------------------------------------ copies and checks

    copy_obs = opens("geminga.data.store_copy:copy_obs")

    def check(self, checks="all"):
        """Check the index tables and all observations.

        Parameters
        ----------
        checks : "all" or list of {"obs_table", "hdu_table", "observations", "consistency"}

        Yields
        ------
        dict
            Problem found.
        """
        from .store_checks import DataStoreChecker

        return DataStoreChecker(self).run(checks)


def _required(required_irf, require_events) -> list[str]:
    """Return the HDU types that an observation must have."""
    if isinstance(required_irf, str):
        if required_irf not in REQUIRED_IRFS:
            raise UnknownNameError("set of required responses", required_irf, REQUIRED_IRFS)
        names = REQUIRED_IRFS[required_irf]
    else:
        names = list(required_irf)
        for name in names:
            if name not in ALL_IRFS:
                raise UnknownNameError("response", name, ALL_IRFS)
    return (["events", "gti"] if require_events else []) + names
