"""Files of response maps: the maps of gamma-astro-data-formats, and the table of Fermi's gtpsf."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path

import numpy as np
from astropy import units as u
from astropy.io import fits

from ...errors import FormatError
from ...files import open_fits
from ...maps import Map, MapAxis, RegionNDMap
from ..registry import IRF_REGISTRY
from .formats import IRF_MAP_FORMATS
from .one_row_table import parse_unit

__all__ = ["read_gtpsf", "read_maps", "write_gtpsf", "write_maps"]

TAGS = {
    ("rad",): "psf_map",
    ("rad", "energy_true"): "psf_map",
    ("rad", "energy"): "psf_map_reco",
    ("migra", "energy_true"): "edisp_map",
    ("energy", "energy_true"): "edisp_kernel_map",
}


@contextmanager
def _opened(source, checksum=False):
    """Give an open file and its path, whatever the source is."""
    if isinstance(source, fits.HDUList):
        yield source, source.filename()
        return
    with open_fits(Path(source), checksum=checksum) as hdulist:
        yield hdulist, source


@IRF_MAP_FORMATS.reader("gadf")
def read_maps(
    source, cls, hdu=None, hdu_bands=None, exposure_hdu=None, exposure_hdu_bands=None, checksum=False
):
    """Read a response map and its exposure; the class follows from the axes.

    Parameters
    ----------
    source : path-like or `~astropy.io.fits.HDUList`
    cls : type
        Class that was asked for.
    hdu, hdu_bands, exposure_hdu, exposure_hdu_bands : str, optional
        HDUs of the response and the exposure and of their axes.
    checksum : bool
        Check the sums in the headers.
    """
    with _opened(source, checksum) as (hdulist, path):
        names = [item.name for item in hdulist]
        hdu = _response_hdu(names, cls, path) if hdu is None else hdu
        if hdu not in names and not isinstance(hdu, int):
            raise FormatError(f"the file must have this HDU, got {', '.join(names)}.", path=path, hdu=hdu)
        response = Map.from_hdulist(hdulist, hdu=hdu, hdu_bands=hdu_bands, format="gadf")
        exposure_hdu = f"{hdu}_EXPOSURE" if exposure_hdu is None else exposure_hdu
        exposure = None
        if exposure_hdu in names:
            exposure = Map.from_hdulist(
                hdulist, hdu=exposure_hdu, hdu_bands=exposure_hdu_bands, format="gadf"
            )
    axes = tuple(response.geom.axes.names)
    if axes not in TAGS:
        raise FormatError(
            f"the axes must be those of a response map, got {', '.join(axes) or 'none'}.", path=path, hdu=hdu
        )
    found = IRF_REGISTRY.get_cls(TAGS[axes])
    if not (issubclass(found, cls) or cls._hdu_name == found._hdu_name):
        raise FormatError(f"the map must be a {cls.__name__}, got a {found.__name__}.", path=path, hdu=hdu)
    if response.unit == u.one and found.default_unit != u.one:
        response = response._init_copy(unit=found.default_unit)
    return found(response, exposure)


def _response_hdu(names, cls, path) -> str:
    """Return the HDU that holds the response by its usual name, or the first image."""
    for name in (cls._hdu_name, "PSF", "EDISP"):
        if name in names and cls._hdu_name in (name, "IRF"):
            return name
    others = [
        name for name in names if name != "PRIMARY" and not name.endswith(("_BANDS", "_EXPOSURE", "_REGION"))
    ]
    if others:
        return others[0]
    raise FormatError(f"the file must have an HDU {cls._hdu_name}, got {', '.join(names)}.", path=path)


@IRF_MAP_FORMATS.writer("gadf")
def write_maps(irf_map) -> fits.HDUList:
    """Return a response map and its exposure."""
    name = irf_map._hdu_name
    hdulist = irf_map._irf_map.to_hdulist(hdu=name, format="gadf")
    if irf_map.exposure_map is not None:
        exposure = irf_map.exposure_map.to_hdulist(hdu=f"{name}_EXPOSURE", format="gadf")
        hdulist.extend(
            [item for item in exposure if not isinstance(item, fits.PrimaryHDU) or item.data is not None]
        )
    return hdulist


# ---------------------------------------------------------------------- gtpsf


@IRF_MAP_FORMATS.reader("gtpsf")
def read_gtpsf(source, cls, hdu=None, checksum=False, **kwargs):
    """Read the table that Fermi's gtpsf writes: energies, exposure and density for each distance.

    Parameters are those of `read_maps`.
    """
    found = IRF_REGISTRY.get_cls("psf_map")
    if not issubclass(found, cls):
        raise FormatError(f"{cls.__name__} must be read in the format 'gadf', got 'gtpsf'.")
    with _opened(source, checksum) as (hdulist, path):
        energy, energy_unit = _column(hdulist, hdu or "PSF", "ENERGY", "MeV", path)
        exposure, exposure_unit = _column(hdulist, hdu or "PSF", "EXPOSURE", "cm2 s", path)
        density, density_unit = _column(hdulist, hdu or "PSF", "PSF", "sr-1", path)
        theta, theta_unit = _column(hdulist, "THETA", "THETA", "deg", path)
    rad = MapAxis.from_nodes(theta, unit=theta_unit, name="rad")
    energy_true = MapAxis.from_nodes(energy, unit=energy_unit, interp="log", name="energy_true")
    if density.shape != (energy_true.nbin, rad.nbin):
        raise FormatError(
            f"the densities must have the shape ({energy_true.nbin}, {rad.nbin}), got {density.shape}.",
            path=path,
            hdu="PSF",
            column="PSF",
        )
    psf = RegionNDMap.create(region=None, axes=[rad, energy_true], unit=density_unit, data=density)
    weight = RegionNDMap.create(
        region=None, axes=[rad.squash(), energy_true], unit=exposure_unit, data=exposure
    )
    return found(psf, weight)


def _column(hdulist, hdu, name, unit, path):
    """Return values and unit of a column."""
    try:
        table = hdulist[hdu]
        column = next(column for column in table.columns if column.name.upper() == name)
        values = np.asarray(table.data[column.name], dtype=float)
    except KeyError as error:
        raise FormatError("the file must have this HDU.", path=path, hdu=hdu) from error
    except (StopIteration, AttributeError) as error:
        raise FormatError("the table must have this column.", path=path, hdu=hdu, column=name) from error
    found = parse_unit(column.unit) if column.unit else u.Unit(unit)
    if not found.is_equivalent(unit):
        raise FormatError(
            f"the unit must be convertible to {unit}, got {column.unit!r}.", path=path, hdu=hdu, column=name
        )
    if not np.isfinite(values).all():
        raise FormatError("the values must be finite.", path=path, hdu=hdu, column=name)
    return values, found


@IRF_MAP_FORMATS.writer("gtpsf")
def write_gtpsf(psf_map) -> fits.HDUList:
    """Return a point spread function of one position as the tables of Fermi's gtpsf."""
    if psf_map.tag != "psf_map" or not psf_map.has_single_spatial_bin:
        raise FormatError("gtpsf must hold a PSFMap of one position. Use psf_map.to_region_nd_map(position).")
    axes = psf_map.psf_map.geom.axes
    energy, rad = axes["energy_true"].center.to_value("MeV"), axes["rad"].center.to_value("deg")
    density = psf_map.psf_map.quantity.to_value("sr-1").reshape(len(energy), len(rad))
    exposure = psf_map._weights().reshape(len(energy))
    if psf_map.exposure_map is not None:
        exposure = exposure * psf_map.exposure_map.unit.to("cm2 s")
    table = fits.BinTableHDU.from_columns(
        [
            fits.Column(name="Energy", format="D", unit="MeV", array=energy),
            fits.Column(name="Exposure", format="D", unit="cm2 s", array=exposure),
            fits.Column(name="Psf", format=f"{len(rad)}D", unit="sr-1", array=density),
        ],
        name="PSF",
    )
    theta = fits.BinTableHDU.from_columns(
        [fits.Column(name="Theta", format="D", unit="deg", array=rad)], name="THETA"
    )
    return fits.HDUList([fits.PrimaryHDU(), table, theta])
