"""Energy dispersion kernel: probability of reconstructed energy bins for each true energy bin."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ...doors import drawn_by
from ...errors import DataError
from ...files import make_path, write_fits
from ...fits_tables import verify_checksums
from ...maps import MapAxes, MapAxis
from ...units import to_quantity
from ..core import IRF
from ..io.formats import IRF_FORMATS
from .gauss import gauss_content

__all__ = ["EDispKernel"]

# Migration range in which a Gaussian kernel is normalised.
GAUSS_MIGRA_RANGE = (1 / 3, 3.0)


class EDispKernel(IRF):
    """Energy dispersion matrix, axes ("energy_true", "energy").

    Row i holds the probabilities of the reconstructed energy bins for events in true energy bin i. Events reconstructed
    outside the axis are lost, so rows may sum to less than 1.

    Parameters are those of `~geminga.irf.IRF`.
    """

    tag = "edisp_kernel"
    required_axes = ["energy_true", "energy"]
    default_interp_kwargs = {"bounds_error": False, "fill_value": 0, "method": "nearest"}

    plot_matrix = drawn_by("geminga.visualization.irf:plot_edisp_matrix")
    plot_bias = drawn_by("geminga.visualization.irf:plot_edisp_kernel_bias")
    peek = drawn_by("geminga.visualization.irf:peek_edisp_kernel")

    @property
    def pdf_matrix(self) -> np.ndarray:
        """Matrix, shape (n_energy_true, n_energy)."""
        return self.data

    # ------------------------------------------------------------------ constructors

    @classmethod
    def from_gauss(cls, energy_axis_true, energy_axis, sigma, bias, pdf_threshold=1e-6):
        """Create a kernel whose migration is Gaussian.

        The distribution is cut at migra 1/3 and 3 and normalised in between.

        Parameters
        ----------
        energy_axis_true, energy_axis : `~geminga.maps.MapAxis`
        sigma, bias : float or array_like, shape (n_energy_true,)
            Width and mean - 1 of the migration.
        pdf_threshold : float
            Smaller elements are set to 0.

        Examples
        --------
        >>> true = MapAxis.from_energy_bounds("0.1 TeV", "10 TeV", nbin=40, name="energy_true")
        >>> reco = MapAxis.from_energy_bounds("0.1 TeV", "10 TeV", nbin=40)
        >>> EDispKernel.from_gauss(true, reco, sigma=0.1, bias=0.0).get_resolution("1 TeV").round(2)
        array([0.11])
        """
        energy_true = energy_axis_true.center.to_value("TeV")
        nbin = energy_axis_true.nbin
        mean = np.broadcast_to(1 + np.asarray(bias, dtype=float).ravel(), nbin)[:, np.newaxis]
        width = np.broadcast_to(np.asarray(sigma, dtype=float).ravel(), nbin)[:, np.newaxis]
        migra = np.clip(energy_axis.edges.to_value("TeV") / energy_true[:, np.newaxis], *GAUSS_MIGRA_RANGE)
        norm = gauss_content(np.array(GAUSS_MIGRA_RANGE), mean, width)
        data = gauss_content(migra, mean, width) / norm
        data[data < pdf_threshold] = 0.0
        return cls([energy_axis_true, energy_axis], data=data)

    @classmethod
    def from_diagonal_response(cls, energy_axis_true, energy_axis=None):
        """Create a kernel without dispersion: the share of each true bin that lies in each reconstructed bin.

        Parameters
        ----------
        energy_axis_true : `~geminga.maps.MapAxis`
        energy_axis : `~geminga.maps.MapAxis`, optional
            The bins of true energy by default.

        Examples
        --------
        >>> true = MapAxis.from_energy_edges([1, 2, 4] * u.TeV, name="energy_true")
        >>> EDispKernel.from_diagonal_response(true, MapAxis.from_energy_edges([1.5, 4] * u.TeV)).pdf_matrix
        array([[0.5],
               [1. ]])
        """
        energy_axis = energy_axis_true.rename("energy") if energy_axis is None else energy_axis
        true, reco = energy_axis_true.edges.to_value("TeV"), energy_axis.edges.to_value("TeV")
        low = np.maximum(true[:-1, np.newaxis], reco[:-1])
        high = np.minimum(true[1:, np.newaxis], reco[1:])
        data = np.clip(high - low, 0, None) / np.diff(true)[:, np.newaxis]
        return cls([energy_axis_true, energy_axis], data=data)

    # ------------------------------------------------------------------ moments

    def _moments(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return true energies, mean and standard deviation of the reconstructed energy in TeV; NaN for empty rows."""
        energy_true = self.axes["energy_true"].center.to_value("TeV")
        energy = self.axes["energy"].center.to_value("TeV")
        matrix = np.asarray(self.data, dtype=float)
        total = matrix.sum(axis=1)
        total = np.where(total > 0, total, np.nan)
        mean = matrix @ energy / total
        variance = (matrix * (energy - mean[:, np.newaxis]) ** 2).sum(axis=1) / total
        return energy_true, mean, np.sqrt(variance)

    def _rows(self, energy_true) -> np.ndarray:
        axis = self.axes["energy_true"]
        energy_true = np.atleast_1d(to_quantity(energy_true, axis.unit, "energy_true"))
        idx = axis.coord_to_idx(energy_true)
        if (idx < 0).any():
            raise DataError(
                f"energy_true must lie within {axis.edges[0]:.4g} and {axis.edges[-1]:.4g}, "
                f"got {energy_true[idx < 0][0]:.4g}."
            )
        return idx

    def get_mean(self, energy_true) -> u.Quantity:
        """Return the mean reconstructed energy in the bin of a true energy; NaN without response.

        Parameters
        ----------
        energy_true : `~astropy.units.Quantity`

        Returns
        -------
        `~astropy.units.Quantity`, at least one-dimensional
        """
        _, mean, _ = self._moments()
        return u.Quantity(mean[self._rows(energy_true)], "TeV").to(self.axes["energy"].unit)

    def get_bias(self, energy_true) -> np.ndarray:
        r"""Return the bias :math:`(\langle E \rangle - E_\mathrm{true}) / E_\mathrm{true}` of the bin of a true energy.

        :math:`E_\mathrm{true}` is the centre of the bin.

        Parameters
        ----------
        energy_true : `~astropy.units.Quantity`

        Returns
        -------
        ndarray, at least one-dimensional
        """
        centers, mean, _ = self._moments()
        return (mean / centers - 1)[self._rows(energy_true)]

    def get_resolution(self, energy_true) -> np.ndarray:
        """Return the standard deviation of the reconstructed energy, relative to the true energy.

        Parameters
        ----------
        energy_true : `~astropy.units.Quantity`

        Returns
        -------
        ndarray, at least one-dimensional
        """
        centers, _, deviation = self._moments()
        return (deviation / centers)[self._rows(energy_true)]

    def get_bias_energy(self, bias, energy_min=None, energy_max=None) -> u.Quantity:
        """Return the reconstructed energy above which the bias is smaller than a value.

        The bias is interpolated between centres of true energy bins, both in the logarithm, and followed from the
        energy of the largest bias upwards. Where it never falls below the value, the search ends at its lower end.

        Parameters
        ----------
        bias : float
        energy_min, energy_max : `~astropy.units.Quantity`, optional
            True energies between which to search.

        Returns
        -------
        `~astropy.units.Quantity`, shape (1,)
            True energy times (1 + bias).
        """
        centers, mean, _ = self._moments()
        curve = mean / centers - 1
        known = np.isfinite(curve)
        if not known.any():
            raise DataError("kernel must have a row that is not empty to have a bias. Check the energy axes.")
        axis = self.axes["energy_true"]
        if energy_min is None:
            low = centers[known][np.argmax(curve[known])]
        else:
            low = float(to_quantity(energy_min, "TeV", "energy_min").value)
        high = (
            centers[-1] if energy_max is None else float(to_quantity(energy_max, "TeV", "energy_max").value)
        )
        energy = _first_crossing(np.log(centers[known]), curve[known], float(bias), np.log(low), np.log(high))
        return u.Quantity([np.exp(energy) * (1 + float(bias))], "TeV").to(axis.unit)

    # ------------------------------------------------------------------ parts and sums

    def _inside(self, low, high) -> np.ndarray:
        """Return the reconstructed bins that lie between two energies."""
        axis = self.axes["energy"]
        return (axis.edges_min >= low * (1 - 1e-9)) & (axis.edges_max <= high * (1 + 1e-9))

    def pdf_in_safe_range(self, lo_threshold, hi_threshold) -> np.ndarray:
        """Return the matrix with 0 in the reconstructed energy bins that do not lie between two energies.

        Parameters
        ----------
        lo_threshold, hi_threshold : `~astropy.units.Quantity`
        """
        low = to_quantity(lo_threshold, "TeV", "lo_threshold")
        high = to_quantity(hi_threshold, "TeV", "hi_threshold")
        return np.where(self._inside(low, high), self.data, 0.0)

    def to_image(self, lo_threshold=None, hi_threshold=None):
        """Return the kernel with one reconstructed energy bin.

        Parameters
        ----------
        lo_threshold, hi_threshold : `~astropy.units.Quantity`, optional
            Ends of the bin, moved to the nearest edges of the axis.
        """
        axis = self.axes["energy"]
        low, high = axis.edges[0], axis.edges[-1]
        if lo_threshold is not None:
            low = np.ravel(axis.round(to_quantity(lo_threshold, axis.unit, "lo_threshold"), clip=True))[0]
        if hi_threshold is not None:
            high = np.ravel(axis.round(to_quantity(hi_threshold, axis.unit, "hi_threshold"), clip=True))[0]
        image_axis = MapAxis.from_energy_edges(u.Quantity([low, high]), name="energy")
        data = np.where(self._inside(low, high), self.data, 0.0).sum(axis=1, keepdims=True)
        return self._with(MapAxes([self.axes["energy_true"], image_axis]), data)

    # ------------------------------------------------------------------ files

    @classmethod
    def read(cls, filename, hdu1="MATRIX", hdu2="EBOUNDS", checksum=False, format="gadf"):
        """Read a redistribution matrix file (OGIP).

        Parameters
        ----------
        filename : str or path-like
        hdu1, hdu2 : str
            HDUs of the matrix and of the reconstructed energies.
        checksum : bool
            Check the sums in the headers.
        format : {"gadf", "ogip", "ogip-sherpa"}
            All are read alike.
        """
        if checksum:
            verify_checksums(filename)
        return IRF_FORMATS.read(make_path(filename), format, cls=cls, hdu1=hdu1, hdu2=hdu2)

    @classmethod
    def from_hdulist(cls, hdulist, hdu1="MATRIX", hdu2="EBOUNDS"):
        """Create from an open redistribution matrix file; parameters as in `read`."""
        return IRF_FORMATS.read(hdulist, "ogip", cls=cls, hdu1=hdu1, hdu2=hdu2)

    def to_hdulist(self, format="ogip", creation=None, **kwargs):
        """Return a `~astropy.io.fits.HDUList` with the HDUs MATRIX and EBOUNDS.

        Parameters
        ----------
        format : {"ogip", "ogip-sherpa"}
            The latter has energies in keV.
        creation : object, optional
            Metadata with a method ``to_header``, added to the headers.
        **kwargs : dict
            More keywords for the headers.
        """
        return IRF_FORMATS.write(self, "hdulist", format=format, creation=creation, keywords=kwargs)

    def to_table(self, format="ogip"):
        """Return the matrix in the columns of the format, as `~astropy.table.Table`."""
        return IRF_FORMATS.write(self, "table", format=format)

    def to_table_hdu(self, format="ogip"):
        """Return the HDU of the matrix."""
        return IRF_FORMATS.write(self, "hdulist", format=format)["MATRIX"]

    def write(self, filename, format="ogip", checksum=False, creation=None, overwrite=False, **kwargs):
        """Write a redistribution matrix file; parameters as in `to_hdulist`."""
        hdulist = self.to_hdulist(format=format, creation=creation, **kwargs)
        write_fits(hdulist, filename, overwrite=overwrite, checksum=checksum)


def _first_crossing(x, y, level, low, high) -> float:
    """Return where a curve, straight between points of (x, log y), first reaches a level between two ends.

    Values at and below 0 are taken as the smallest positive number. Without a crossing, `low`.
    """
    tiny = np.finfo(float).tiny
    log_y, log_level = np.log(np.clip(y, tiny, None)), np.log(max(level, tiny))
    grid = np.unique(np.concatenate([[low], x[(x > low) & (x < high)], [high]]))
    values = np.interp(grid, x, log_y) - log_level
    if len(x) > 1:
        slope = (log_y[-1] - log_y[-2]) / (x[-1] - x[-2])
        values = np.where(grid > x[-1], log_y[-1] + slope * (grid - x[-1]) - log_level, values)
    crossings = np.flatnonzero((values[:-1] > 0) & (values[1:] <= 0))
    if len(crossings) == 0:
        return low
    k = crossings[0]
    return grid[k] + (grid[k + 1] - grid[k]) * values[k] / (values[k] - values[k + 1])
