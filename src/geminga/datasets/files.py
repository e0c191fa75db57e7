"""Reading and writing of binned datasets."""

from __future__ import annotations

from ..doors import opens
from .io.formats import DATASET_FORMATS

__all__ = ["Files"]


class Files:
    """How a binned dataset is read and written; mixed into datasets."""

    reads_lazily = True

    to_hdulist = opens("geminga.datasets.io.gadf:to_hdulist")
    write = opens("geminga.datasets.io.gadf:write")

    @classmethod
    def from_hdulist(cls, hdulist, name=None, lazy=False, format="gadf"):
        """Create from an open FITS file.

        Parameters
        ----------
        hdulist : `~astropy.io.fits.HDUList`
        name : str, optional
            By default that in the file.
        lazy : bool
            Read each map when it is first looked at; the file must be on disk.
        format : {"gadf"}
        """
        return DATASET_FORMATS.read(hdulist, format, cls=cls, name=name, lazy=lazy)

    @classmethod
    def read(cls, filename, name=None, lazy=False, cache=True, format="gadf", checksum=False):
        """Read from a FITS file.

        Parameters
        ----------
        filename : str or path-like
        name : str, optional
            By default that in the file.
        lazy : bool
            Read each map when it is first looked at.
        cache : bool
            With `lazy`, keep what was read.
        format : {"gadf"}
        checksum : bool
            Verify the checksums in the file.

        Raises
        ------
        FormatError
            If the file is missing or damaged.
        """
        return DATASET_FORMATS.read(
            filename, format, cls=cls, name=name, lazy=lazy, cache=cache, checksum=checksum
        )

    @classmethod
    def from_dict(cls, data, lazy=False, cache=True):
        """Read the dataset that an entry of a list of datasets names.

        Parameters
        ----------
        data : dict
            With ``filename`` and, optionally, ``name``.
        lazy, cache : bool
            As for `read`.
        """
        return cls.read(data["filename"], name=data.get("name"), lazy=lazy, cache=cache)
