"""On-off spectra as OGIP files: counts (PHA), background, effective area (ARF) and energy matrix (RMF).

References
----------
.. [1] Arnaud, George & Tennant, OGIP Memo OGIP/92-007, "The OGIP Spectral File Format".
.. [2] George et al., CAL/GEN/92-002, "The Calibration Requirements for Spectral Analysis".
"""

from __future__ import annotations

from .formats import DATASET_FORMATS
from .ogip_reader import OGIPDatasetReader, spectrum_hdu
from .ogip_writer import FORMATS, OGIPDatasetWriter
from .plain_hdus import opened

__all__ = ["OGIPDatasetReader", "OGIPDatasetWriter", "guess_format", "write_spectrum_on_off"]


def guess_format(filename) -> str:
    """Return "ogip" for a file with a spectrum, else "gadf"."""
    with opened(filename) as hdulist:
        return "gadf" if spectrum_hdu(hdulist) is None else "ogip"


def write_spectrum_on_off(dataset, filename, overwrite=False, format="gadf", checksum=False) -> None:
    """Write an on-off spectrum.

    Parameters
    ----------
    dataset : `~geminga.datasets.SpectrumDatasetOnOff`
    filename : str or path-like
        For OGIP the PHA file; the others get its name with ``_arf``, ``_rmf`` and ``_bkg``.
    overwrite : bool
        Replace existing files.
    format : {"gadf", "ogip", "ogip-sherpa"}
        "ogip-sherpa" has energies in keV and areas in cm2.
    checksum : bool
        Add checksums.
    """
    DATASET_FORMATS.write(dataset, filename, format=format, overwrite=overwrite, checksum=checksum)


def _writer(format):
    def write(dataset, filename, overwrite=False, checksum=False):
        OGIPDatasetWriter(filename, format=format, overwrite=overwrite, checksum=checksum).write(dataset)

    return write


def _reader(source, cls, name=None, checksum=False, **kwargs):
    return OGIPDatasetReader(source, checksum=checksum, name=name).read()


for _format in FORMATS:
    DATASET_FORMATS.writer(_format)(_writer(_format))
    DATASET_FORMATS.reader(_format)(_reader)
