"""Writing on-off spectra as OGIP files."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
from astropy import units as u
from astropy.io import fits

from ...errors import FileExistsGemingaError, UnknownNameError
from ...files import make_path, write_fits
from .gadf import _writable

__all__ = ["FORMATS", "OGIPDatasetWriter", "livetime_of"]

log = logging.getLogger(__name__)

FORMATS = ("ogip", "ogip-sherpa")
SUFFIXES = (".gz", ".fits", ".fit", ".pha", ".pi")
#: Energy and area of each format; "ogip" keeps those of the dataset.
UNITS = {"ogip": (None, None), "ogip-sherpa": (u.keV, u.cm**2)}


class OGIPDatasetWriter:
    """Writer of on-off spectra.

    Fit mask, tables and provenance, for which OGIP has no place, go into a further column and HDU.

    Parameters
    ----------
    filename : str or path-like
        The PHA file; the others get its name with ``_arf``, ``_rmf`` and ``_bkg``.
    format : {"ogip", "ogip-sherpa"}
        "ogip-sherpa" has energies in keV and areas in cm2.
    overwrite : bool
        Replace existing files.
    checksum : bool
        Add checksums.
    creation : `~geminga.metadata.CreatorMetaData`, optional
        By default that of the dataset.
    """

    tag = ["ogip", "ogip-sherpa"]

    def __init__(self, filename, format="ogip", overwrite=False, checksum=False, creation=None):
        if format not in FORMATS:
            raise UnknownNameError("OGIP format", format, FORMATS)
        self.filename = make_path(filename)
        self.format, self.overwrite, self.checksum, self.creation = format, overwrite, checksum, creation

    @staticmethod
    def get_filenames(filename) -> dict[str, str]:
        """Return the names of the files beside a PHA file, without folder.

        Examples
        --------
        >>> OGIPDatasetWriter.get_filenames("spectra/crab.fits.gz")["respfile"]
        'crab_rmf.fits.gz'
        """
        stem, suffix = Path(filename).name, ""
        while Path(stem).suffix.lower() in SUFFIXES:
            suffix = Path(stem).suffix + suffix
            stem = Path(stem).stem
        kinds = {"respfile": "rmf", "backfile": "bkg", "ancrfile": "arf"}
        return {key: f"{stem}_{kind}{suffix}" for key, kind in kinds.items()}

    def _path(self, key) -> Path:
        return self.filename.with_name(self.get_filenames(self.filename)[key])

    def get_ogip_meta(self, dataset, is_bkg=False) -> dict:
        """Return the keywords of the spectrum of a dataset.

        Parameters
        ----------
        dataset : `~geminga.datasets.SpectrumDatasetOnOff`
        is_bkg : bool
            Those of the off spectrum.
        """
        names = self.get_filenames(self.filename)
        meta = {
            "HDUCLAS2": "BKG" if is_bkg else "TOTAL",
            "HDUCLAS3": "COUNT",
            "HDUCLAS4": "TYPE:1",
            "EXPOSURE": livetime_of(dataset).to_value("s"),
            "OBS_ID": dataset.name,
        }
        if dataset.exposure is not None:
            meta["ANCRFILE"] = names["ancrfile"]
        if dataset.counts_off is not None:
            meta["BACKFILE"] = names["backfile"]
        if dataset.edisp is not None:
            meta["RESPFILE"] = names["respfile"]
        return meta

    def write(self, dataset) -> None:
        """Write all files of a dataset.

        Parameters
        ----------
        dataset : `~geminga.datasets.SpectrumDatasetOnOff`

        Raises
        ------
        FileExistsGemingaError
            If one of the files exists; nothing is written then.
        """
        steps = {self.filename: self.write_pha}
        if dataset.exposure is not None:
            steps[self._path("ancrfile")] = self.write_arf
        if dataset.counts_off is not None:
            steps[self._path("backfile")] = self.write_bkg
        if dataset.edisp is not None:
            steps[self._path("respfile")] = self.write_rmf
        existing = [path for path in steps if path.exists()]
        if existing and not self.overwrite:
            raise FileExistsGemingaError(
                f"file {existing[0]} must not exist already. Pass overwrite=True to replace it."
            )
        for path, step in steps.items():
            step(dataset, path)

    def _write(self, hdulist, dataset, filename) -> None:
        creation = self.creation
        if creation is None and dataset.meta is not None:
            creation = dataset.meta.creation
        if creation is not None:
            hdulist[0].header.update(creation.to_header())
        write_fits(hdulist, filename, overwrite=self.overwrite, checksum=self.checksum)

    def write_pha(self, dataset, filename) -> None:
        """Write the on spectrum, with region, time intervals and tables."""
        hdulist = self.to_counts_hdulist(dataset)
        if dataset.gti is not None:
            hdulist.append(dataset.gti.to_table_hdu())
        if dataset.meta_table is not None:
            hdulist.append(fits.BinTableHDU(_writable(dataset.meta_table), name="META_TABLE"))
        if dataset.meta is not None:
            hdulist[0].header.update(dataset.meta.to_header())
        self._write(hdulist, dataset, filename)

    def write_bkg(self, dataset, filename) -> None:
        """Write the off spectrum, with its regions."""
        self._write(self.to_counts_hdulist(dataset, is_bkg=True), dataset, filename)

    def to_counts_hdulist(self, dataset, is_bkg=False):
        """Return the on or off spectrum as HDUs SPECTRUM, EBOUNDS and, where there is one, REGION.

        Parameters
        ----------
        dataset : `~geminga.datasets.SpectrumDatasetOnOff`
        is_bkg : bool
            The off spectrum.
        """
        counts = dataset.counts_off if is_bkg else dataset.counts
        scale = dataset.acceptance_off if is_bkg else dataset.acceptance
        numbers = np.asarray(counts.data, dtype=float).ravel()
        whole = bool(np.all(numbers == np.round(numbers)))
        columns = [
            fits.Column("CHANNEL", "I", array=np.arange(numbers.size, dtype=np.int16)),
            fits.Column("COUNTS", "J" if whole else "D", array=numbers),
        ]
        if dataset.mask_safe is not None:
            quality = (~np.asarray(dataset.mask_safe.data, dtype=bool)).ravel()
            columns.append(fits.Column("QUALITY", "I", array=quality.astype(np.int16)))
        if dataset.mask_fit is not None and not is_bkg:
            columns.append(
                fits.Column("MASK_FIT", "L", array=np.asarray(dataset.mask_fit.data, dtype=bool).ravel())
            )
        if scale is not None:
            columns.append(fits.Column("BACKSCAL", "D", array=np.asarray(scale.data, dtype=float).ravel()))
        spectrum = fits.BinTableHDU.from_columns(columns, name="SPECTRUM")
        telescope = telescope_of(dataset)
        spectrum.header.update(
            {
                "TELESCOP": telescope,
                "INSTRUME": telescope,
                "FILTER": "none",
                "CORRFILE": "none",
                "CORRSCAL": 1.0,
                "HDUCLASS": "OGIP",
                "HDUCLAS1": "SPECTRUM",
                "HDUVERS": "1.2.1",
                "POISSERR": whole,
                "CHANTYPE": "PHA",
                "DETCHANS": numbers.size,
                "GROUPING": 0,
                "AREASCAL": 1.0,
                **self.get_ogip_meta(dataset, is_bkg),
            }
        )
        hdulist = fits.HDUList(
            [fits.PrimaryHDU(), spectrum, self._ebounds(counts.geom.axes["energy"], telescope)]
        )
        if counts.geom.region is not None:
            for hdu in counts.geom.to_hdulist(format="ogip"):
                if hdu.name == "REGION":
                    hdulist.append(hdu)
        return hdulist

    def _energies(self, axis):
        """Return the edges of an axis in the unit of the format."""
        unit = UNITS[self.format][0]
        return axis.edges if unit is None else axis.edges.to(unit)

    def _ebounds(self, axis, telescope):
        edges = self._energies(axis)
        unit = edges.unit.to_string("fits")
        columns = [
            fits.Column("CHANNEL", "I", array=np.arange(axis.nbin, dtype=np.int16)),
            fits.Column("E_MIN", "D", unit=unit, array=edges.value[:-1]),
            fits.Column("E_MAX", "D", unit=unit, array=edges.value[1:]),
        ]
        hdu = fits.BinTableHDU.from_columns(columns, name="EBOUNDS")
        hdu.header.update(
            {
                "TELESCOP": telescope,
                "INSTRUME": telescope,
                "FILTER": "none",
                "CHANTYPE": "PHA",
                "DETCHANS": axis.nbin,
                "HDUCLASS": "OGIP",
                "HDUCLAS1": "RESPONSE",
                "HDUCLAS2": "EBOUNDS",
                "HDUVERS": "1.2.0",
            }
        )
        return hdu

    def write_arf(self, dataset, filename) -> None:
        """Write the effective area: exposure over live time."""
        edges = self._energies(dataset.exposure.geom.axes["energy_true"])
        area = dataset.exposure.quantity.reshape(-1) / livetime_of(dataset)
        area = area.to(UNITS[self.format][1] or "m2")
        unit = edges.unit.to_string("fits")
        columns = [
            fits.Column("ENERG_LO", "D", unit=unit, array=edges.value[:-1]),
            fits.Column("ENERG_HI", "D", unit=unit, array=edges.value[1:]),
            fits.Column("SPECRESP", "D", unit=area.unit.to_string("fits"), array=area.value),
        ]
        hdu = fits.BinTableHDU.from_columns(columns, name="SPECRESP")
        telescope = telescope_of(dataset)
        hdu.header.update(
            {
                "TELESCOP": telescope,
                "INSTRUME": telescope,
                "FILTER": "none",
                "HDUCLASS": "OGIP",
                "HDUCLAS1": "RESPONSE",
                "HDUCLAS2": "SPECRESP",
                "HDUVERS": "1.1.0",
            }
        )
        self._write(fits.HDUList([fits.PrimaryHDU(), hdu]), dataset, filename)

    def write_rmf(self, dataset, filename) -> None:
        """Write the energy dispersion as a matrix."""
        self._write(kernel_of(dataset).to_hdulist(format=self.format), dataset, filename)


def kernel_of(dataset):
    """Return the energy dispersion of a spectrum as a matrix on its energy axis."""
    edisp = dataset.edisp
    if "migra" in edisp.edisp_map.geom.axes.names:
        return edisp.get_edisp_kernel(energy_axis=dataset._energy_axis)
    return edisp.get_edisp_kernel()


def livetime_of(dataset) -> u.Quantity:
    """Return the live time of a dataset, else its time on target, else 1 s."""
    meta = None if dataset.exposure is None else dataset.exposure.meta
    if meta and meta.get("livetime") is not None:
        return u.Quantity(meta["livetime"]).to("s")
    ontime = None if dataset.gti is None else dataset.gti.time_sum.to("s")
    if ontime is not None and ontime.value > 0:
        log.info("Live time of dataset %r is not known; time on target is written instead.", dataset.name)
        return ontime
    log.warning("Live time of dataset %r is not known; 1 s is written instead.", dataset.name)
    return 1 * u.s


def telescope_of(dataset) -> str:
    """Return the name of the telescope, "unknown" if it is not known."""
    table = dataset.meta_table
    if table is not None and "TELESCOP" in table.colnames and len(table):
        return "+".join(sorted({str(name) for name in np.ravel(table["TELESCOP"])}))
    infos = None if dataset.meta is None else dataset.meta.obs_info
    for info in infos if isinstance(infos, list) else [infos]:
        if info is not None and info.telescope:
            return info.telescope
    return "unknown"
