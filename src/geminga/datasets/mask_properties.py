"""What the masks of a binned dataset say: images, ranges of energy, masks on the responses."""

from __future__ import annotations

from . import masks

__all__ = ["MaskProperties"]


class MaskProperties:
    """Properties of a dataset that follow from its masks; mixed into datasets."""

    @property
    def mask_image(self):
        """Pixels with any bin inside the mask, an image of bool, or None without a mask."""
        return masks.image_of(self.mask)

    @property
    def mask_safe_image(self):
        """Pixels with any safe bin, an image of bool, or None."""
        return masks.image_of(self.mask_safe)

    @property
    def mask_fit_image(self):
        """Pixels with any bin to be fitted, an image of bool, or None."""
        return masks.image_of(self.mask_fit)

    @property
    def mask_safe_psf(self):
        """Safe pixels on the geometry of the PSF, with its other axes squashed, or None."""
        return masks.mask_safe_psf(self)

    @property
    def mask_safe_edisp(self):
        """Safe bins on the geometry of the energy dispersion, with true energy squashed, or None."""
        return masks.mask_safe_edisp(self)

    @property
    def energy_range(self):
        """Smallest and largest energy inside the mask of each pixel, two images; NaN where there is none."""
        return masks.energy_range(self._geom, self.mask)

    @property
    def energy_range_safe(self):
        """Smallest and largest safe energy of each pixel, two images."""
        return masks.energy_range(self._geom, self.mask_safe)

    @property
    def energy_range_fit(self):
        """Smallest and largest energy to be fitted of each pixel, two images."""
        return masks.energy_range(self._geom, self.mask_fit)

    @property
    def energy_range_total(self):
        """Smallest and largest energy inside the mask of any pixel, two quantities."""
        return masks.energy_range_total(self._geom, self.mask)
