"""Point spread function as a table."""

from __future__ import annotations

from ..registry import IRF_REGISTRY
from .core import PSF

__all__ = ["PSF3D"]


@IRF_REGISTRY.register
class PSF3D(PSF):
    """Point spread function table, axes ("energy_true", "offset", "rad"), in sr-1.

    Parameters are those of `~geminga.irf.IRF`.
    """

    tag = "psf_table"
    required_axes = ["energy_true", "offset", "rad"]

    def normalize(self):
        """Divide by the integral over the distance, in place; where it is 0, the function stays 0."""
        from ..integrals import normalize

        normalize(self, "rad")
        self.quantity = self.quantity.to(self.default_unit)
