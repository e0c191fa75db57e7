"""Reading on-off spectra from OGIP files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from astropy import units as u

from ...errors import FormatError, GemingaError
from ...files import make_path
from ...maps import MapAxis, RegionGeom, RegionNDMap
from ..metadata import MapDatasetMetaData
from .plain_hdus import opened, read_gti, read_table

__all__ = ["OGIPDatasetReader", "spectrum_hdu"]


def spectrum_hdu(hdulist):
    """Return the HDU with a spectrum, or None."""
    for hdu in hdulist:
        if hdu.name == "SPECTRUM" or hdu.header.get("HDUCLAS1") == "SPECTRUM":
            return hdu
    return None


class OGIPDatasetReader:
    """Reader of on-off spectra.

    Parameters
    ----------
    filename : str or path-like
        The PHA file; the others are found through its keywords, in the same folder.
    checksum : bool
        Verify checksums.
    name : str, optional
        By default OBS_ID, else the name of the file.
    """

    tag = "ogip"

    def __init__(self, filename, checksum=False, name=None):
        self.filename = make_path(filename)
        self.checksum, self.name = checksum, name

    @staticmethod
    def get_filenames(pha_meta) -> dict[str, str]:
        """Return the names of the other files that the keywords of a spectrum give.

        Parameters
        ----------
        pha_meta : mapping
            Header of the HDU SPECTRUM.

        Examples
        --------
        >>> OGIPDatasetReader.get_filenames({"RESPFILE": "crab_rmf.fits", "BACKFILE": "none"})
        {'rmffile': 'crab_rmf.fits'}
        """
        keys = {"ANCRFILE": "arffile", "BACKFILE": "bkgfile", "RESPFILE": "rmffile"}
        names = {label: str(pha_meta.get(key, "")).strip() for key, label in keys.items()}
        return {label: name for label, name in names.items() if name and name.lower() != "none"}

    def get_valid_path(self, filename) -> Path:
        """Return where a file is: as it is named, or beside the PHA file.

        Raises
        ------
        FormatError
            If it is at neither place.
        """
        beside = self.filename.parent / Path(filename).name
        for path in (self.filename.parent / make_path(filename), beside):
            if path.exists():
                return path
        raise FormatError("the file must exist, for the PHA file names it. Put it beside.", path=beside)

    def read(self):
        """Read all files.

        Returns
        -------
        `~geminga.datasets.SpectrumDatasetOnOff`
        """
        from ..onoff import SpectrumDatasetOnOff

        parts, header = self._read_spectrum(self.filename)
        others = self.get_filenames(header)
        livetime = header.get("EXPOSURE")
        kwargs = {
            "counts": parts["counts"],
            "acceptance": parts["acceptance"],
            "mask_safe": parts["mask_safe"],
            "mask_fit": parts["mask_fit"],
            "gti": parts["gti"],
            "meta_table": parts["meta_table"],
        }
        if "arffile" in others:
            path = self.get_valid_path(others["arffile"])
            kwargs["exposure"] = self.read_arf(path, livetime * u.s, self.checksum, geom=parts["counts"].geom)
        if "rmffile" in others:
            path = self.get_valid_path(others["rmffile"])
            kwargs["edisp"] = self.read_rmf(
                path, kwargs.get("exposure"), self.checksum, energy_axis=parts["counts"].geom.axes["energy"]
            )
        if "bkgfile" in others:
            kwargs |= self._read_background(self.get_valid_path(others["bkgfile"]), livetime)
        name = self.name
        if name is None:
            name = str(header.get("OBS_ID", "")).strip() or self.filename.name.split(".")[0]
        return SpectrumDatasetOnOff(**kwargs, meta=parts["meta"], name=name)

    def _read_spectrum(self, filename, checksum=None) -> tuple[dict, dict]:
        """Return the content of a PHA file, and the header of its spectrum."""
        checksum = self.checksum if checksum is None else checksum
        with opened(filename, checksum) as hdulist:
            hdu = spectrum_hdu(hdulist)
            if hdu is None:
                raise FormatError(
                    "the file must have an HDU SPECTRUM, got none. Name a PHA file.", path=filename
                )
            try:
                geom = RegionGeom.from_hdulist(hdulist, format="ogip")
            except (GemingaError, KeyError, ValueError) as error:
                raise FormatError(
                    f"the bins must be readable, got: {error}", path=filename, hdu="EBOUNDS"
                ) from error
            table, header = hdu.data, dict(hdu.header)
            columns = {name.upper(): name for name in hdu.columns.names}
            if "COUNTS" not in columns:
                raise FormatError(
                    f"the table must have a column COUNTS, got {', '.join(columns)}. Convert rates to counts.",
                    path=filename, hdu="SPECTRUM", column="COUNTS",
                )  # fmt: skip
            shape = tuple(geom.data_shape)
            if len(table) != geom.axes["energy"].nbin:
                raise FormatError(
                    f"the spectrum must have a row for each of the {geom.axes['energy'].nbin} bins, got {len(table)}. "
                    "Check EBOUNDS.",
                    path=filename, hdu="SPECTRUM",
                )  # fmt: skip

            def column(name, dtype=float):
                return (
                    None
                    if name not in columns
                    else np.array(table[columns[name]], dtype=dtype).reshape(shape)
                )

            def as_map(data):
                return None if data is None else RegionNDMap(geom=geom, data=data)

            quality = column("QUALITY", int)
            scale = column("BACKSCAL")
            if scale is None:
                scale = np.full(shape, float(header.get("BACKSCAL", 1.0)))
            names = {item.name for item in hdulist}
            parts = {
                "counts": as_map(column("COUNTS")),
                "acceptance": as_map(scale),
                "mask_safe": None if quality is None else as_map(quality == 0),
                "mask_fit": as_map(column("MASK_FIT", bool)),
                "gti": read_gti(hdulist) if "GTI" in names else None,
                "meta_table": read_table(hdulist["META_TABLE"]) if "META_TABLE" in names else None,
                "meta": MapDatasetMetaData.from_header(hdulist[0].header),
            }
        return parts, header

    def read_pha(self, filename, checksum=False) -> dict:
        """Read the on spectrum.

        Parameters
        ----------
        filename : str or path-like
        checksum : bool

        Returns
        -------
        dict
            ``counts``, ``acceptance``, ``mask_safe``, ``mask_fit``, ``gti``, ``meta_table``, ``meta``.
        """
        return self._read_spectrum(make_path(filename), checksum)[0]

    def _read_background(self, filename, livetime) -> dict:
        """Return off counts and acceptance; the exposure of the off file counts too, if it is another."""
        parts, header = self._read_spectrum(filename)
        acceptance_off = parts["acceptance"]
        off_time = header.get("EXPOSURE")
        if off_time and livetime and not np.isclose(off_time, livetime, rtol=1e-6):
            acceptance_off = RegionNDMap(
                geom=acceptance_off.geom, data=acceptance_off.data * (off_time / livetime)
            )
        return {"counts_off": parts["counts"], "acceptance_off": acceptance_off}

    def read_bkg(self, filename, checksum=False) -> dict:
        """Read the off spectrum.

        Parameters
        ----------
        filename : str or path-like
        checksum : bool

        Returns
        -------
        dict
            ``counts_off`` and ``acceptance_off``.
        """
        parts, _ = self._read_spectrum(make_path(filename), checksum)
        return {"counts_off": parts["counts"], "acceptance_off": parts["acceptance"]}

    @staticmethod
    def read_arf(filename, livetime, checksum=False, geom=None):
        """Read the effective area and return the exposure.

        Parameters
        ----------
        filename : str or path-like
        livetime : `~astropy.units.Quantity`
        checksum : bool
        geom : `~geminga.maps.RegionGeom`, optional
            Whose region the exposure gets.

        Returns
        -------
        `~geminga.maps.RegionNDMap`
        """
        with opened(filename, checksum) as hdulist:
            if "SPECRESP" not in {hdu.name for hdu in hdulist}:
                raise FormatError(
                    "the file must have an HDU SPECRESP, got none. Name an ARF file.", path=filename
                )
            hdu = hdulist["SPECRESP"]
            columns = [_column(hdu, name, filename) for name in ("ENERG_LO", "ENERG_HI", "SPECRESP")]
        low, high, area = columns
        edges = u.Quantity([*low.value, high.to_value(low.unit)[-1]], low.unit)
        axis = MapAxis.from_energy_edges(edges, name="energy_true")
        image = RegionGeom.create(None) if geom is None else geom.to_image()
        exposure = (area * livetime).to("m2 s")
        return RegionNDMap(
            geom=image.to_cube([axis]),
            data=exposure.value.reshape(-1, 1, 1),
            unit="m2 s",
            meta={"livetime": livetime},
        )

    @staticmethod
    def read_rmf(filename, exposure=None, checksum=False, energy_axis=None):
        """Read the energy matrix.

        Parameters
        ----------
        filename : str or path-like
        exposure : `~geminga.maps.RegionNDMap`, optional
            Exposure, whose axis of true energy the matrix gets if they agree.
        checksum : bool
        energy_axis : `~geminga.maps.MapAxis`, optional
            Axis of reconstructed energy that the matrix gets if they agree.

        Returns
        -------
        `~geminga.irf.EDispKernelMap`
        """
        from ...irf import EDispKernel, EDispKernelMap

        with opened(filename, checksum) as hdulist:
            names = {hdu.name for hdu in hdulist}
            matrix = next((name for name in ("MATRIX", "SPECRESP MATRIX") if name in names), None)
            if matrix is None or "EBOUNDS" not in names:
                raise FormatError(
                    "the file must have HDUs MATRIX and EBOUNDS. Name an RMF file.", path=filename
                )
        kernel = EDispKernel.read(filename, hdu1=matrix, hdu2="EBOUNDS", checksum=checksum)
        energy_true, energy = kernel.axes["energy_true"], kernel.axes["energy"]
        if exposure is not None:
            energy_true = _agreeing(exposure.geom.axes["energy_true"], energy_true)
        if energy_axis is not None:
            energy = _agreeing(energy_axis, energy)
        kernel = EDispKernel(axes=[energy_true, energy], data=np.asarray(kernel.data, dtype=float))
        geom = None if exposure is None else exposure.geom.to_image()
        edisp = EDispKernelMap.from_edisp_kernel(kernel, geom=geom)
        if exposure is not None:
            data = exposure.data.reshape(edisp.exposure_map.data.shape)
            edisp.exposure_map = type(edisp.exposure_map)(
                geom=edisp.exposure_map.geom, data=data, unit=exposure.unit
            )
        return edisp


def _agreeing(wanted, read):
    """Return the wanted axis where that in the file has the same edges within single precision."""
    same = wanted.nbin == read.nbin and np.allclose(
        wanted.edges.value, read.edges.to_value(wanted.unit), rtol=1e-5
    )
    return wanted if same else read


def _column(hdu, name, path) -> u.Quantity:
    """Return a column with its unit."""
    if name not in hdu.columns.names:
        raise FormatError(
            f"the table must have the column, got {', '.join(hdu.columns.names)}.",
            path=path,
            hdu=hdu.name,
            column=name,
        )
    unit = hdu.columns[name].unit
    try:
        unit = u.Unit(unit or "")
    except ValueError as error:
        raise FormatError(
            f"the column must have a known unit, got {unit!r}.", path=path, hdu=hdu.name, column=name
        ) from error
    wanted = "m2" if name == "SPECRESP" else "TeV"
    if not unit.is_equivalent(wanted):
        raise FormatError(
            f"the column must have a unit convertible to {wanted}, got {unit.to_string()!r}. Correct TUNIT.",
            path=path, hdu=hdu.name, column=name,
        )  # fmt: skip
    return np.asarray(hdu.data[name], dtype=float) * unit
