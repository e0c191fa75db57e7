"""Paths, atomic writes, and careful opening of FITS and YAML files.

Nothing is overwritten without being asked, a write that fails leaves the old file as it was, and no code is
ever loaded from a data file.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import logging
import os
import tempfile
import zlib
from contextlib import contextmanager
from pathlib import Path

import yaml

from .errors import FileExistsGemingaError, FormatError

__all__ = [
    "atomic_path",
    "file_checksum",
    "from_yaml",
    "make_path",
    "open_fits",
    "read_yaml",
    "to_yaml",
    "write_fits",
    "write_text",
    "write_yaml",
]

log = logging.getLogger(__name__)

# Four times as fast as the highest level, for files a few per cent larger.
COMPRESSION = 4

# the C versions of the safe loader and dumper give the same, ten times faster
_YAML_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_YAML_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def make_path(path) -> Path:
    """Expand ``~`` and environment variables in a path.

    ``$GEMINGA_DATA`` and ``$GAMMAPY_DATA`` stand for each other when only one of them is set.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    `~pathlib.Path`

    Raises
    ------
    FormatError
        If the path names a variable that is not set.

    Examples
    --------
    >>> make_path("runs/23523.fits").name
    '23523.fits'
    """
    if path is None:
        raise FormatError("path must be a string or a path, got None. Name the file.")
    text = str(path)
    for one, other in (("GEMINGA_DATA", "GAMMAPY_DATA"), ("GAMMAPY_DATA", "GEMINGA_DATA")):
        if one not in os.environ and other in os.environ:
            text = text.replace(f"${one}", os.environ[other]).replace(f"${{{one}}}", os.environ[other])
    expanded = os.path.expandvars(os.path.expanduser(text))
    if "$" in expanded:
        variable = expanded[expanded.index("$") + 1 :].split("/")[0].strip("{}")
        if variable in ("GEMINGA_DATA", "GAMMAPY_DATA"):
            raise FormatError(
                f"environment variable {variable} must be set to read {text!r}. "
                "Set GEMINGA_DATA to the folder with the data."
            )
    return Path(expanded)


@contextmanager
def atomic_path(path, overwrite=False):
    """Give a temporary path beside `path`; move it into place when the block ends well.

    The old file stays untouched when the block raises, the disk is full or the program is interrupted.

    Parameters
    ----------
    path : str or path-like
        Where the file shall be.
    overwrite : bool
        Replace an existing file.

    Yields
    ------
    `~pathlib.Path`

    Raises
    ------
    FileExistsGemingaError
        If the file exists and `overwrite` is False.
    """
    path = make_path(path)
    if path.exists() and not overwrite:
        raise FileExistsGemingaError(
            f"file {path} must not exist already. Pass overwrite=True to replace it."
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    suffix = "".join(path.suffixes[-2:])
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=suffix, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(text: str, path, overwrite=False) -> None:
    """Write a text file atomically."""
    with atomic_path(path, overwrite) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_fits(hdulist, path, overwrite=False, checksum=False) -> None:
    """Write a FITS file atomically; ``.gz`` in the name compresses it.

    Parameters
    ----------
    hdulist : `~astropy.io.fits.HDUList`
    path : str or path-like
    overwrite : bool
        Replace an existing file.
    checksum : bool
        Add DATASUM and CHECKSUM to each HDU.
    """
    with atomic_path(path, overwrite) as temporary:
        if make_path(path).suffix != ".gz":
            hdulist.writeto(temporary, overwrite=True, checksum=checksum)
            return
        # No name and time of writing, so that equal contents make equal files.
        with (
            open(temporary, "wb") as raw,
            gzip.GzipFile("", "wb", compresslevel=COMPRESSION, fileobj=raw, mtime=0) as stream,
        ):
            hdulist.writeto(stream, checksum=checksum)


class _Unpacked(io.BytesIO):
    """A gzip file in memory; unpacked in one go, several times as fast as piece by piece."""

    def __init__(self, path):
        super().__init__(gzip.decompress(path.read_bytes()))
        self.name = str(path)


@contextmanager
def open_fits(path, checksum=False, memmap=None):
    """Open a FITS file and name it in every error.

    By default images are mapped to memory, except those with BZERO, BSCALE or BLANK, for which astropy refuses that.

    Yields
    ------
    `~astropy.io.fits.HDUList`

    Raises
    ------
    FormatError
        If the file is missing, empty, truncated or no FITS file, or, with `checksum`, damaged.
    """
    import warnings

    from astropy.io import fits
    from astropy.utils.exceptions import AstropyUserWarning

    path = make_path(path)
    if not path.exists():
        raise FormatError("the file must exist. Check the path and the index.", path=path)
    if path.stat().st_size == 0:
        raise FormatError("the file must hold FITS data, got an empty file. Fetch it again.", path=path)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", AstropyUserWarning)
        try:
            if path.suffix == ".gz":
                hdulist = fits.open(_Unpacked(path), checksum=checksum)
            else:
                hdulist = fits.open(path, checksum=checksum, memmap=memmap)
            hdulist.readall() if path.suffix == ".gz" or checksum else len(hdulist)
        except (OSError, EOFError, ValueError, TypeError, KeyError, zlib.error) as error:
            raise FormatError(
                f"the file must be readable as FITS, got: {error}. Fetch it again.", path=path
            ) from error
    for warning in caught:
        message = str(warning.message)
        if "truncated" in message:
            hdulist.close()
            raise FormatError("the file must be complete, got a truncated file. Fetch it again.", path=path)
        if "Checksum verification failed" in message or "Datasum verification failed" in message:
            log.warning("%s: %s", path, message.strip())
            warnings.warn(message, AstropyUserWarning, stacklevel=3)
    try:
        yield hdulist
    finally:
        hdulist.close()


def file_checksum(path, algorithm="sha256") -> str:
    """Return the hexadecimal checksum of a file."""
    digest = hashlib.new(algorithm)
    with make_path(path).open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def read_yaml(path):
    """Read a YAML file with the safe loader.

    Raises
    ------
    FormatError
        If the file is missing, is not YAML, or asks for Python objects.
    """
    path = make_path(path)
    if not path.exists():
        raise FormatError("the file must exist. Check the path.", path=path)
    try:
        return from_yaml(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise FormatError(f"the file must be plain YAML, got: {error}", path=path) from error


def from_yaml(text: str):
    """Return the content of YAML text; no Python objects are made."""
    return yaml.load(text, Loader=_YAML_LOADER)


def to_yaml(content, sort_keys=False, indent=2) -> str:
    """Return a dictionary as YAML text."""
    return yaml.dump(
        content, Dumper=_YAML_DUMPER, sort_keys=sort_keys, indent=indent, allow_unicode=True, width=100
    )


def write_yaml(content, path, overwrite=False, sort_keys=False) -> None:
    """Write a dictionary, or YAML text, atomically."""
    text = content if isinstance(content, str) else to_yaml(content, sort_keys=sort_keys)
    write_text(text, path, overwrite)
