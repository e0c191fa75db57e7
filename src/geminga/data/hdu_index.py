"""Index of HDUs: for each observation, in which file its parts are."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
from astropy.table import Table

from ..errors import FormatError, UnknownNameError
from ..files import make_path
from ..fits_tables import read_columns
from .hdu_location import READERS, HDULocation
from .index_entries import default_root, plain

__all__ = ["HDUIndexTable"]

log = logging.getLogger(__name__)

REQUIRED = ("OBS_ID", "HDU_TYPE", "HDU_CLASS", "FILE_DIR", "FILE_NAME", "HDU_NAME")


class HDUIndexTable(Table):
    """Index of HDUs.

    Columns OBS_ID, HDU_TYPE, HDU_CLASS, FILE_DIR, FILE_NAME and HDU_NAME. The meta gives the folder of the index as
    BASE_DIR.
    """

    VALID_HDU_TYPE = ["events", "gti", "aeff", "edisp", "psf", "bkg", "rad_max", "pointing"]
    """Known HDU types."""

    VALID_HDU_CLASS = [
        "events",
        "gti",
        "aeff_2d",
        "edisp_2d",
        "psf_table",
        "psf_3gauss",
        "psf_king",
        "bkg_2d",
        "bkg_3d",
        "rad_max_2d",
        "pointing",
    ]
    """Known HDU classes of level 3; maps can be indexed as well."""

    @classmethod
    def read(cls, filename, hdu="HDU_INDEX", root_dir=None, **kwargs) -> HDUIndexTable:
        """Read from a FITS file.

        Parameters
        ----------
        filename : str or path-like
        hdu : str or int
            If there is no such HDU, and `hdu` was not given, the first table is read.
        root_dir : str or path-like, optional
            Folder that the files must not leave. Default is that of the index, or the parent of a folder "index".

        Returns
        -------
        HDUIndexTable
        """
        path = make_path(filename)
        columns = read_columns(path, _index_hdu(path, hdu))
        columns.require(*REQUIRED)
        index = cls(columns.to_table(), copy=False)
        base = path.parent
        index.meta["BASE_DIR"] = base.as_posix()
        index.meta["ROOT_DIR"] = str(make_path(root_dir) if root_dir is not None else default_root(base))
        return index

    @property
    def base_dir(self) -> Path:
        """Folder from which the paths of the index start."""
        return make_path(self.meta.get("BASE_DIR", ""))

    def _text(self, name) -> np.ndarray:
        """Return a column as stripped text."""
        values = np.asarray(self[name])
        if values.dtype.kind == "S":
            values = np.char.decode(values, "utf-8")
        return np.char.strip(values.astype(str))

    def _keywords(self, name) -> np.ndarray:
        return np.char.lower(self._text(name))

    def _checked(self, hdu_type, hdu_class):
        """Refuse types and classes that nothing can have."""
        if hdu_type is None and hdu_class is None:
            raise FormatError(
                "an HDU must be asked for by type or class, got neither. Pass hdu_type or hdu_class."
            )
        if hdu_type is not None and hdu_type not in self.VALID_HDU_TYPE:
            raise UnknownNameError("HDU type", hdu_type, self.VALID_HDU_TYPE)
        if hdu_class is not None and hdu_class not in self.VALID_HDU_CLASS and hdu_class not in READERS:
            raise UnknownNameError("HDU class", hdu_class, [*self.VALID_HDU_CLASS, *READERS])

    def row_idx(self, obs_id, hdu_type=None, hdu_class=None) -> list[int]:
        """Return the rows of an observation.

        Parameters
        ----------
        obs_id : int
        hdu_type, hdu_class : str, optional
            Only rows of this type or class.

        Returns
        -------
        list of int

        Raises
        ------
        UnknownNameError
            If the index does not have the observation.
        """
        ids = np.asarray(self["OBS_ID"])
        mask = (self._text("OBS_ID") if ids.dtype.kind in "SU" else ids) == obs_id
        if not np.any(mask):
            raise UnknownNameError("observation of the HDU index", obs_id, list(self.obs_id_unique[:20]))
        if hdu_type is not None:
            mask = mask & (self._keywords("HDU_TYPE") == hdu_type)
        if hdu_class is not None:
            mask = mask & (self._keywords("HDU_CLASS") == hdu_class)
        return np.flatnonzero(mask).tolist()

    def hdu_location(self, obs_id, hdu_type=None, hdu_class=None, warn_missing=True) -> HDULocation | None:
        """Return where an HDU is.

        Parameters
        ----------
        obs_id : int
        hdu_type, hdu_class : str, optional
            At least one of them.
        warn_missing : bool
            Log a warning if there is no such HDU.

        Returns
        -------
        HDULocation or None
            The first one if there are several, with a warning.
        """
        self._checked(hdu_type, hdu_class)
        rows = self.row_idx(obs_id, hdu_type, hdu_class)
        asked = f"OBS_ID = {obs_id}, HDU_TYPE = {hdu_type}, HDU_CLASS = {hdu_class}"
        if not rows:
            if warn_missing:
                log.warning("No HDU found matching: %s", asked)
            return None
        if len(rows) > 1:
            log.warning("Found %d HDUs matching: %s. The first is used.", len(rows), asked)
        return self.location_info(rows[0])

    def location_info(self, idx) -> HDULocation:
        """Return where the HDU of a row is."""
        row = {name: _text(self[name][idx]) for name in REQUIRED[2:]}
        return HDULocation(
            hdu_class=row["HDU_CLASS"].lower(),
            base_dir=str(self.base_dir),
            file_dir=row["FILE_DIR"],
            file_name=row["FILE_NAME"],
            hdu_name=row["HDU_NAME"],
            root_dir=self.meta.get("ROOT_DIR"),
        )

    def locations_by_observation(self) -> dict[object, dict[str, list[HDULocation]]]:
        """Return the HDUs of each observation by type, in one pass over the index."""
        base, root = str(self.base_dir), self.meta.get("ROOT_DIR")
        columns = [np.asarray(self["OBS_ID"]).tolist(), self._keywords("HDU_TYPE").tolist()]
        columns += [self._keywords("HDU_CLASS").tolist()]
        columns += [self._text(name).tolist() for name in ("FILE_DIR", "FILE_NAME", "HDU_NAME")]
        found: dict[object, dict[str, list[HDULocation]]] = {}
        for obs_id, hdu_type, hdu_class, folder, file, name in zip(*columns, strict=True):
            place = HDULocation(hdu_class, base, folder, file, name, root_dir=root)
            found.setdefault(plain(obs_id), {}).setdefault(hdu_type, []).append(place)
        return found

    @property
    def hdu_class_unique(self) -> list[str]:
        """HDU classes that occur."""
        return np.unique(self._text("HDU_CLASS")).tolist()

    @property
    def hdu_type_unique(self) -> list[str]:
        """HDU types that occur."""
        return np.unique(self._text("HDU_TYPE")).tolist()

    @property
    def obs_id_unique(self) -> np.ndarray:
        """Observations that occur."""
        return np.unique(np.asarray(self["OBS_ID"]))

    def summary(self) -> str:
        """Return what is in the index as text."""
        ids = self.obs_id_unique
        span = f"{ids[0]} -- {ids[-1]}" if len(ids) else "none"
        return (
            f"HDU index table:\nBASE_DIR: {self.base_dir}\nRows: {len(self)}\nOBS_ID: {span}\n"
            f"HDU_TYPE: {self.hdu_type_unique}\nHDU_CLASS: {self.hdu_class_unique}\n"
        )


def _text(value) -> str:
    """Return a table entry as stripped text."""
    return (value.decode("utf-8") if isinstance(value, bytes) else str(value)).strip()


def _index_hdu(path, hdu):
    """Return the HDU of an index: the named one, else the first table."""
    from ..fits_tables import open_tables

    file = open_tables(path)
    if hdu in ("HDU_INDEX", "OBS_INDEX") and hdu not in {item.name.upper() for item in file.hdus}:
        tables = [number for number, item in enumerate(file.hdus) if item.is_table]
        if not tables:
            raise FormatError("the index must hold a table, got none. Check the file.", path)
        return tables[0]
    return hdu
