"""Cubes summed over bands of energy, pixel by pixel: what maps of excess and smoothed maps are made from."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

import numpy as np

from ..errors import DataError
from ..maps import Map, MapAxis
from ..maps.wcs.convolve import convolve_images
from ..units import to_quantity
from .reco_exposure import counts_of_spectrum

__all__ = ["MapBands", "dataset_mask", "energy_bands", "smoothed"]

log = logging.getLogger(__name__)

#: Rounding of a convolution, relative to the highest pixel of the image.
ROUNDING = 1e-12


def energy_bands(axis, energy_edges=None, one_band=True):
    """Return the bins of each band, and the axis of the bands.

    Parameters
    ----------
    axis : `~geminga.maps.MapAxis`
        Energy axis of a dataset.
    energy_edges : `~astropy.units.Quantity`, optional
        Wanted edges; moved to the nearest edges of the axis.
    one_band : bool
        Without edges: the whole axis is one band. Otherwise each bin is one.

    Returns
    -------
    rows : list of slice
    axis : `~geminga.maps.MapAxis`
    """
    if energy_edges is None:
        if one_band:
            return [slice(0, axis.nbin)], axis.squash()
        return [slice(row, row + 1) for row in range(axis.nbin)], axis
    table = axis.group_table(to_quantity(energy_edges, axis.unit, "energy_edges"))
    rows = [
        slice(int(row["idx_min"]), int(row["idx_max"]) + 1)
        for row in table
        if str(row["bin_type"]).strip() == "normal"
    ]
    borders = [rows[0].start, *(band.stop for band in rows)]
    return rows, MapAxis.from_energy_edges(axis.edges[borders], name=axis.name)


def dataset_mask(dataset) -> np.ndarray:
    """Return the bins that count, an array of bool: safe and to be fitted; all if there is no mask.

    Bins of on-off data without off acceptance do not count: as in the likelihood, nothing is known of their background.
    """
    mask = dataset.mask
    shape = dataset._geom.data_shape
    used = np.ones(shape, dtype=bool) if mask is None else np.asarray(mask.data, dtype=bool)
    if dataset.stat_type != "wstat" or dataset.alpha is None:
        return used
    return used & (dataset.alpha.data > 0)


def smoothed(values, kernel) -> np.ndarray:
    """Return images that are nowhere negative, convolved; 0 where there is only the rounding of the transform.

    Parameters
    ----------
    values : ndarray, shape (..., ny, nx)
    kernel : ndarray, shape (ky, kx)
    """
    result = convolve_images(values, kernel)
    highest = result.max(axis=(-2, -1), keepdims=True, initial=0.0)
    return np.where(result > ROUNDING * highest, result, 0.0)


@dataclass
class MapBands:
    """Cubes of one dataset summed over bands, inside the mask.

    Parameters
    ----------
    dataset : `~geminga.datasets.MapDataset`
        With counts, on a WCS geometry.
    rows : list of slice
        Energy bins of each band.
    axis : `~geminga.maps.MapAxis`
        Axis of the bands.

    Raises
    ------
    DataError
        If the dataset has no counts.
    """

    dataset: object
    rows: list
    axis: object
    geom: object = field(init=False)
    mask_bins: np.ndarray = field(init=False)

    def __post_init__(self):
        if self.dataset.counts is None:
            raise DataError(
                f"counts of dataset {self.dataset.name!r} must be set, got None. Reduce or fake them first."
            )
        self.geom = self.dataset._geom.to_image().to_cube([self.axis])
        self.mask_bins = dataset_mask(self.dataset)
        known = np.isfinite(self.dataset.counts.data)
        if self.dataset.background is not None:
            known &= np.isfinite(self.dataset.background.data)
        missing = self.mask_bins & ~known
        if missing.any():
            log.warning(
                "Dataset %s has %d bins whose counts or background are not finite: they are left out.",
                self.dataset.name,
                np.count_nonzero(missing),
            )
            self.mask_bins = self.mask_bins & ~missing

    def sum(self, values) -> np.ndarray:
        """Return a map or array summed over the used bins of each band, shape (n_bands, n_lat, n_lon)."""
        values = np.asarray(getattr(values, "data", values), dtype=float)
        used = np.where(self.mask_bins, values, 0.0)
        return np.array([used[band].sum(axis=0) for band in self.rows])

    @property
    def mask(self) -> np.ndarray:
        """Pixels of each band with any used bin."""
        return np.array([self.mask_bins[band].any(axis=0) for band in self.rows])

    @property
    def counts(self) -> np.ndarray:
        """Observed counts."""
        return self.sum(self.dataset.counts)

    @property
    def npred(self) -> np.ndarray:
        """Predicted counts of background and all models, of an ordinary dataset."""
        return self.sum(self.dataset.npred())

    def exposure(self, spectral_model) -> np.ndarray:
        """Return the counts of a spectrum whose flux is all in one pixel."""
        return self.sum(counts_of_spectrum(self.dataset, spectral_model))

    def as_map(self, values, unit=""):
        """Return an array as a map on the bands."""
        return Map.from_geom(self.geom, data=values, unit=unit)
