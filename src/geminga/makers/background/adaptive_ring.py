"""Background measured around each pixel in a ring that grows until it is large enough."""

from __future__ import annotations

import numpy as np

from ...errors import GeometryError, UnknownNameError
from ...units import to_quantity
from ..core import MAKER_REGISTRY, Maker
from .exclusion import check_exclusion_mask
from .ring import off_arrays, off_maps, on_off_dataset, usable_images
from .rings import RingSums, disk_kernel, ring_kernel

__all__ = ["AdaptiveRingBackgroundMaker"]


@MAKER_REGISTRY.register
class AdaptiveRingBackgroundMaker(Maker):
    r"""Count events in the smallest ring around each pixel that is large compared with an on disk.

    For each pixel and energy bin the first ring is taken for which

    .. math:: \alpha = B_{disk} / B_{ring} \le \alpha_{max}

    with the background predicted in a disk of radius `theta` around the pixel and in the usable part of the ring.

    Parameters
    ----------
    r_in : `~astropy.units.Quantity` or str
        Inner radius of the first ring.
    r_out_max : `~astropy.units.Quantity` or str
        Outer radii stay below this.
    width : `~astropy.units.Quantity` or str
        Width of the first ring.
    stepsize : `~astropy.units.Quantity` or str
        Growth from one ring to the next.
    threshold_alpha : float
        Largest ratio of the acceptances of disk and ring.
    theta : `~astropy.units.Quantity` or str
        Radius of the disk.
    method : {"fixed_width", "fixed_r_in"}
        Whether the inner radius or the width grows.
    exclusion_mask : `~geminga.maps.WcsNDMap` of bool, optional
        False where the sky shall not be used. The sky outside of the mask is used.

    Notes
    -----
    The acceptance of the result is the predicted background of the pixel, as for `RingBackgroundMaker`. Bins that no
    ring satisfies are not safe, and have neither off counts nor off acceptance.

    References
    ----------
    .. [1] H.E.S.S. Collaboration (2018), A&A 612, A1, section 3.2 ("adaptive ring").
    """

    tag = "AdaptiveRingBackgroundMaker"
    available_methods = ["fixed_width", "fixed_r_in"]

    def __init__(
        self,
        r_in,
        r_out_max,
        width,
        stepsize="0.02 deg",
        threshold_alpha=0.1,
        theta="0.22 deg",
        method="fixed_width",
        exclusion_mask=None,
    ):
        if method not in self.available_methods:
            raise UnknownNameError("method of the adaptive ring", method, self.available_methods)
        self.r_in = to_quantity(r_in, "deg", "r_in")
        self.r_out_max = to_quantity(r_out_max, "deg", "r_out_max")
        self.width = to_quantity(width, "deg", "width")
        self.stepsize = to_quantity(stepsize, "deg", "stepsize")
        self.threshold_alpha = threshold_alpha
        self.theta = to_quantity(theta, "deg", "theta")
        self.method = method
        self.exclusion_mask = check_exclusion_mask(exclusion_mask)
        if self.stepsize <= 0:
            raise GeometryError(f"stepsize must be positive, got {stepsize}. Give for example '0.02 deg'.")
        if self.r_in + self.width >= self.r_out_max:
            raise GeometryError(
                f"r_out_max must be larger than r_in plus width, got {r_out_max}, {r_in} and {width}. Enlarge it."
            )

    def kernels(self, image):
        """Return the rings on the pixels of a map, from small to large.

        Parameters
        ----------
        image : `~geminga.maps.WcsNDMap`

        Returns
        -------
        list of ndarray
            1 inside and 0 outside.
        """
        r_in, width, last, step = (
            value.to_value("deg") for value in (self.r_in, self.width, self.r_out_max, self.stepsize)
        )
        growth = step * np.arange(np.ceil((last - r_in - width) / step - 1e-9))
        inner = r_in + growth if self.method == "fixed_width" else np.full(len(growth), r_in)
        return [
            ring_kernel(image.geom, low, high) for low, high in zip(inner, r_in + width + growth, strict=True)
        ]

    def make_cubes(self, dataset):
        """Return counts and acceptance of the rings that are taken.

        Parameters
        ----------
        dataset : `~geminga.datasets.MapDataset`

        Returns
        -------
        dict
            Maps "counts_off" and "acceptance_off", 0 where no ring is large enough.
        """
        geom = dataset.counts.geom
        kernels, disk = self.kernels(dataset.counts), disk_kernel(geom, self.theta.to_value("deg"))
        images, background = usable_images(dataset, self.exclusion_mask)
        shape = images.shape[-2:]
        images, background = images.reshape(3, -1, *shape), background.reshape(-1, *shape)
        needed = RingSums(background, np.array(disk.shape) // 2).over(disk) / self.threshold_alpha
        sums = RingSums(images, np.array(kernels[-1].shape) // 2)
        counts_off, acceptance_off = np.zeros_like(background), np.zeros_like(background)
        open_planes = np.arange(len(background))
        for kernel in kernels:
            counts, acceptance = off_arrays(*sums.over(kernel, np.s_[:, open_planes]))
            taken = (
                (acceptance > 0) & (acceptance >= needed[open_planes]) & (acceptance_off[open_planes] == 0)
            )
            counts_off[open_planes] += np.where(taken, counts, 0.0)
            acceptance_off[open_planes] += np.where(taken, acceptance, 0.0)
            open_planes = open_planes[np.any(acceptance_off[open_planes] == 0, axis=(-2, -1))]
            if not open_planes.size:
                break
        return off_maps(dataset, counts_off, acceptance_off)

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
        return on_off_dataset(dataset, self.make_cubes(dataset))
