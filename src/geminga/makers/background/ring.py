"""Background measured in a ring around each pixel."""

from __future__ import annotations

import numpy as np

from ...errors import DataError, GeometryError
from ...maps import Map
from ...units import to_quantity
from ..core import MAKER_REGISTRY, Maker
from .exclusion import allowed_bins, check_exclusion_mask
from .rings import RingSums, ring_kernel

__all__ = ["RingBackgroundMaker"]


@MAKER_REGISTRY.register
class RingBackgroundMaker(Maker):
    """Count events in a ring around each pixel, in each energy bin.

    Parameters
    ----------
    r_in : `~astropy.units.Quantity` or str
        Inner radius.
    width : `~astropy.units.Quantity` or str
        Outer minus inner radius.
    exclusion_mask : `~geminga.maps.WcsNDMap` of bool, optional
        False where the sky shall not be used. The sky outside of the mask is used.

    Notes
    -----
    The acceptance is the predicted background, that of the ring its sum over the pixels that are used. Bins that are
    not safe, or whose counts or background are not finite, are not used. Where nothing in the ring can be used, or the
    background is not finite, the bin is not safe.

    References
    ----------
    .. [1] Berge, Funk & Hinton (2007), A&A 466, 1219, section 4.2.
    """

    tag = "RingBackgroundMaker"

    def __init__(self, r_in, width, exclusion_mask=None):
        self.r_in = to_quantity(r_in, "deg", "r_in")
        self.width = to_quantity(width, "deg", "width")
        self.exclusion_mask = check_exclusion_mask(exclusion_mask)
        if self.r_in < 0 or self.width <= 0:
            raise GeometryError(
                f"r_in must not be negative and width must be positive, got {r_in} and {width}. Correct them."
            )

    def kernel(self, image):
        """Return the ring on the pixels of a map, 1 inside and 0 outside, an array.

        Parameters
        ----------
        image : `~geminga.maps.WcsNDMap`

        Raises
        ------
        GeometryError
            If the ring passes between the centres of pixels.
        """
        r_in = self.r_in.to_value("deg")
        kernel = ring_kernel(image.geom, r_in, r_in + self.width.to_value("deg"))
        if not kernel.any():
            raise GeometryError(
                f"ring must hold the centre of a pixel, got none between {self.r_in} and {self.r_in + self.width}. "
                "Enlarge width, or use smaller pixels."
            )
        return kernel

    def make_maps_off(self, dataset):
        """Return counts and acceptance of the rings.

        Parameters
        ----------
        dataset : `~geminga.datasets.MapDataset`

        Returns
        -------
        dict
            Maps "counts_off" and "acceptance_off".
        """
        kernel = self.kernel(dataset.counts)
        images, _ = usable_images(dataset, self.exclusion_mask)
        sums = RingSums(images.reshape(-1, *images.shape[-2:]), np.array(kernel.shape) // 2).over(kernel)
        return off_maps(dataset, *off_arrays(*sums.reshape(images.shape)))

    def run(self, dataset, observation=None):
        """Return an on-off dataset.

        Parameters
        ----------
        dataset : `~geminga.datasets.MapDataset`
            With counts and a predicted background.
        observation : `~geminga.data.Observation`, optional
            Not used.

        Returns
        -------
        `~geminga.datasets.MapDatasetOnOff`
        """
        return on_off_dataset(dataset, self.make_maps_off(dataset))


def usable_images(dataset, exclusion_mask):
    """Return what the sums are made of, where it may be used, and the predicted background everywhere.

    Parameters
    ----------
    dataset : `~geminga.datasets.MapDataset`
    exclusion_mask : `~geminga.maps.WcsNDMap` of bool, or None

    Returns
    -------
    images : ndarray, shape (3, *data)
        Counts, background, and 1 where there is background to be used.
    background : ndarray, shape (*data)
    """
    if dataset.counts is None or "background" not in dataset._maps or dataset.background is None:
        raise DataError(
            f"dataset {dataset.name!r} must be a map dataset with counts and background, got {dataset.tag} "
            "without. Select both in the MapDatasetMaker."
        )
    if not hasattr(dataset.counts.geom, "wcs") or dataset.counts.geom.is_region:
        raise DataError(
            f"dataset {dataset.name!r} must be on a WCS map for rings, got {dataset.counts.geom}."
        )
    background = np.nan_to_num(np.asarray(dataset.npred_background().data, dtype=float))
    counts = dataset.counts.data
    used = allowed_bins(exclusion_mask, dataset.counts.geom) & (background > 0) & np.isfinite(counts)
    if dataset.mask_safe is not None:
        used = used & np.asarray(dataset.mask_safe.data, dtype=bool)
    return np.stack([np.where(used, counts, 0), np.where(used, background, 0), used]), background


def off_arrays(counts, background, pixels):
    """Return counts and acceptance of rings from sums, free of the rounding of Fourier transforms."""
    empty = pixels < 0.5
    whole = np.rint(counts)
    if np.abs(counts - whole).max(initial=0.0) < 1e-3:
        counts = whole
    return np.where(empty, 0.0, np.maximum(counts, 0.0)), np.where(empty, 0.0, np.maximum(background, 0.0))


def off_maps(dataset, counts_off, acceptance_off):
    """Return arrays as maps on the geometry of a dataset."""
    geom = dataset.counts.geom
    return {
        "counts_off": Map.from_geom(geom, data=counts_off.reshape(geom.data_shape)),
        "acceptance_off": Map.from_geom(geom, data=acceptance_off.reshape(geom.data_shape)),
    }


def on_off_dataset(dataset, maps):
    """Return the dataset with off maps; the acceptance is its predicted background."""
    from ...datasets import MapDatasetOnOff

    acceptance = dataset.npred_background()
    result = MapDatasetOnOff.from_map_dataset(dataset, acceptance=acceptance, name=dataset.name, **maps)
    safe = (maps["acceptance_off"].data > 0) & np.isfinite(dataset.background.data)
    if dataset.mask_safe is not None:
        safe &= np.asarray(dataset.mask_safe.data, dtype=bool)
    result.mask_safe = Map.from_geom(dataset.counts.geom, data=safe)
    return result
