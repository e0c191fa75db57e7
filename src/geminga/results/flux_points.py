"""Flux points: fluxes on energy bins, alone or along time or position."""

from __future__ import annotations

from ..doors import drawn_by, opens
from .flux_maps import FluxMaps

__all__ = ["FluxPoints"]


class FluxPoints(FluxMaps):
    """Fluxes in energy bins, and along further axes such as time: spectra, light curves, profiles.

    Parameters are those of `FluxMaps`; the maps live on a region geometry.

    Examples
    --------
    >>> from astropy.table import Table
    >>> table = Table({"e_ref": [1.0, 10.0], "dnde": [1e-11, 1e-13], "dnde_err": [1e-12, 2e-14]})
    >>> table["e_ref"].unit = "TeV"
    >>> table["dnde"].unit = table["dnde_err"].unit = "cm-2 s-1 TeV-1"
    >>> from geminga.modeling.models import PowerLawSpectralModel
    >>> points = FluxPoints.from_table(table, sed_type="dnde", reference_model=PowerLawSpectralModel())
    >>> points.available_quantities
    ['norm', 'norm_err']
    """

    to_table = opens("geminga.results.io.tables:to_table")
    write = opens("geminga.results.io.tables:write_flux_points")
    recompute_ul = opens("geminga.results.profiles:recompute_ul")
    resample_axis = opens("geminga.results.profiles:resample_axis")
    plot = drawn_by("geminga.visualization.flux_points:plot_flux_points")
    plot_ts_profiles = drawn_by("geminga.visualization.flux_points:plot_ts_profiles")
    _repr_html_ = opens("geminga.results.io.tables:to_html")

    @classmethod
    def from_table(cls, table, sed_type=None, format=None, reference_model=None, gti=None):
        """Make flux points from a table.

        Parameters
        ----------
        table : `~astropy.table.Table`
        sed_type : {"dnde", "flux", "eflux", "e2dnde", "likelihood"}, optional
            By default that of the metadata, else guessed from the columns.
        format : {"gadf-sed", "lightcurve", "profile"}, optional
            By default guessed from the columns.
        reference_model : SkyModel or SpectralModel, optional
            By default the ``ref_dnde`` column, else a power law of index 2.
        gti : `~geminga.data.GTI`, optional

        Returns
        -------
        FluxPoints

        Raises
        ------
        FormatError
            If a column or unit is missing.
        """
        from .io.tables import from_table

        return from_table(cls, table, sed_type, format, reference_model, gti)

    @classmethod
    def read(
        cls,
        filename,
        sed_type=None,
        format=None,
        reference_model=None,
        checksum=False,
        table_format="ascii.ecsv",
        **kwargs,
    ):
        """Read flux points from a FITS, ECSV or YAML file.

        Parameters
        ----------
        filename : path-like
        sed_type, format, reference_model
            As in `from_table`.
        checksum : bool
            Verify the checksums of a FITS file.
        table_format : str
            Astropy format of text tables.
        **kwargs
            Passed to `~astropy.table.Table.read` for text tables.
        """
        from .io.tables import read_flux_points

        return read_flux_points(
            cls, filename, sed_type, format, reference_model, checksum, table_format, **kwargs
        )
