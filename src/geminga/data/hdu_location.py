"""Where on disk a part of an observation is."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path

from ..errors import FormatError, UnknownNameError
from ..files import make_path
from ..fits_tables import open_tables

__all__ = ["HDULocation", "LazyFitsData", "checked_path"]

# HDU class: the class that reads it, by dotted name; others are looked up in the registry of responses
READERS = {
    "events": "geminga.data.event_list:EventList",
    "gti": "geminga.data.gti:GTI",
    "pointing": "geminga.data.pointing:PointingInfo",
    "aeff_2d": "geminga.irf:EffectiveAreaTable2D",
    "edisp_2d": "geminga.irf:EnergyDispersion2D",
    "psf_table": "geminga.irf:PSF3D",
    "psf_3gauss": "geminga.irf:EnergyDependentMultiGaussPSF",
    "psf_king": "geminga.irf:PSFKing",
    "bkg_2d": "geminga.irf:Background2D",
    "bkg_3d": "geminga.irf:Background3D",
    "rad_max_2d": "geminga.irf:RadMax2D",
    "map": "geminga.maps:Map",
    "edisp_map": "geminga.irf:EDispMap",
    "edisp_kernel_map": "geminga.irf:EDispKernelMap",
    "psf_map": "geminga.irf:PSFMap",
    "psf_map_reco": "geminga.irf:RecoPSFMap",
}


def checked_path(path, root, entry="the index entry") -> Path:
    """Return a path if it stays inside a folder, also after symbolic links are followed.

    Parameters
    ----------
    path : `~pathlib.Path`
    root : `~pathlib.Path`, optional
        Folder. Without it any path is fine.
    entry : str
        What named the path, for the message.

    Raises
    ------
    FormatError
        If the path leads out of the folder.
    """
    if root is None:
        return path
    if not path.resolve().is_relative_to(Path(root).resolve()):
        raise FormatError(
            f"{entry} must stay inside {root}, got {path}. If you trust the index, pass root_dir=<folder with "
            "all its files> to DataStore.from_dir.",
            path=path,
        )
    return path


@lru_cache(maxsize=64)
def _reader(hdu_class: str) -> type:
    """Return the class that reads an HDU class."""
    if hdu_class in READERS:
        module, _, name = READERS[hdu_class].partition(":")
        return getattr(import_module(module), name)
    from ..irf import IRF_REGISTRY

    try:
        return IRF_REGISTRY.get_cls(hdu_class)
    except UnknownNameError as error:
        raise UnknownNameError("HDU class", hdu_class, [*READERS, *error.known]) from error


@dataclass(frozen=True)
class HDULocation:
    """Place of an HDU; it is read when it is asked for.

    Parameters
    ----------
    hdu_class : str
        Class of the HDU: "events", "aeff_2d", ...
    base_dir, file_dir, file_name : str
        Parts of the path.
    hdu_name : str or int
        Name of the HDU, in any case, or its number.
    cache : bool
        Kept for compatibility; observations keep what they have read.
    format : str, optional
        Format of maps. Default is "gadf".
    root_dir : str, optional
        Folder that the path must not leave.
    """

    hdu_class: str
    base_dir: str | None = "."
    file_dir: str | None = None
    file_name: str | None = None
    hdu_name: str | None = None
    cache: bool = True
    format: str | None = None
    root_dir: str | None = None

    def path(self, abs_path=True) -> Path:
        """Return the path of the file.

        Parameters
        ----------
        abs_path : bool
            Include the base folder.

        Raises
        ------
        FormatError
            If the path leads out of `root_dir`.
        """
        parts = [part for part in (self.file_dir, self.file_name) if part not in (None, "")]
        if not parts:
            raise FormatError("the index entry must name a file, got nothing. Correct the index.")
        relative = make_path("/".join(parts)) if parts[0].startswith(("$", "~")) else Path(*parts)
        if not abs_path:
            return relative
        path = make_path(self.base_dir or ".") / relative
        return checked_path(path, self.root_dir)

    def header(self) -> dict:
        """Return the keywords of the HDU."""
        return open_tables(self.path()).header(self.hdu_name)

    def load(self):
        """Read the HDU.

        Returns
        -------
        object
            `EventList`, `GTI`, a response or a map, after the class of the HDU.
        """
        keywords = {"format": self.format} if self.format else {}
        # astropy shows all names in capitals
        name = self.hdu_name.upper() if isinstance(self.hdu_name, str) else self.hdu_name
        return _reader(self.hdu_class).read(self.path(), hdu=name, **keywords)

    def get_hdu(self):
        """Return a copy of the HDU as astropy reads it."""
        from ..files import open_fits

        with open_fits(self.path()) as hdulist:
            return hdulist[hdulist.index_of(self.hdu_name)].copy()

    def info(self, file=None) -> None:
        """Print what and where the HDU is."""
        stream = file or sys.stdout
        stream.write(
            f"HDU_CLASS = {self.hdu_class}\nBASE_DIR = {self.base_dir}\nFILE_DIR = {self.file_dir}\n"
            f"FILE_NAME = {self.file_name}\nHDU_NAME = {self.hdu_name}\n"
        )


class LazyFitsData:
    """Attribute that may be set to an `HDULocation` and is then read when it is asked for.

    Parameters
    ----------
    cache : bool
        Keep what was read; otherwise it is read at each access.
    """

    def __init__(self, cache=True):
        self.cache = cache

    def __set_name__(self, owner, name):
        self.name = f"_lazy_{name}"

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        value = instance.__dict__.get(self.name)
        if isinstance(value, HDULocation):
            value = value.load()
            if self.cache:
                instance.__dict__[self.name] = value
        return value

    def __set__(self, instance, value):
        instance.__dict__[self.name] = value
