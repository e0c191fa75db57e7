"""Effective area as a function of true energy and offset."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ..doors import drawn_by
from ..errors import UnknownNameError
from ..maps import MapAxis
from .core import IRF
from .registry import IRF_REGISTRY

__all__ = ["EffectiveAreaTable2D"]

# g1 [cm2], g2, g3 of each instrument, Abramowski et al. (2010), MNRAS 402, 1342
PARAMETRIZATIONS = {
    "HESS": (6.85e9, 0.0891, 5e5),
    "HESS2": (2.05e9, 0.0891, 1e5),
    "CTAO": (1.71e11, 0.0891, 1e5),
}


@IRF_REGISTRY.register
class EffectiveAreaTable2D(IRF):
    """Effective area table, axes ("energy_true", "offset").

    Parameters are those of `IRF`. The energy range of validity, when the file gives one, is in ``meta["LO_THRES"]``
    and ``meta["HI_THRES"]`` in TeV.

    Examples
    --------
    >>> aeff = EffectiveAreaTable2D.from_parametrization(instrument="CTAO")
    >>> aeff.evaluate(energy_true="1 TeV", offset="1 deg").to("km2").round(2)
    <Quantity 4.52 km2>
    """

    tag = "aeff_2d"
    required_axes = ["energy_true", "offset"]
    default_unit = u.m**2

    plot = drawn_by("geminga.visualization.irf:plot_aeff")
    plot_energy_dependence = drawn_by("geminga.visualization.irf:plot_aeff_energy_dependence")
    plot_offset_dependence = drawn_by("geminga.visualization.irf:plot_aeff_offset_dependence")
    peek = drawn_by("geminga.visualization.irf:peek_aeff")

    @classmethod
    def from_parametrization(cls, energy_axis_true=None, instrument="HESS"):
        r"""Create a table from a formula, the same at every offset up to 5 deg.

        .. math:: A(E) = g_1 \left(\frac{E}{\mathrm{MeV}}\right)^{-g_2}
                  \exp\left(-g_3 \frac{\mathrm{MeV}}{E}\right)

        Parameters
        ----------
        energy_axis_true : `~geminga.maps.MapAxis`, optional
            By default 20 bins per decade from 2 GeV to 200 TeV.
        instrument : {"HESS", "HESS2", "CTAO"}

        References
        ----------
        .. [1] Abramowski et al. (2010), MNRAS 402, 1342.
        """
        if instrument not in PARAMETRIZATIONS:
            raise UnknownNameError("instrument of the effective area", instrument, PARAMETRIZATIONS)
        g1, g2, g3 = PARAMETRIZATIONS[instrument]
        if energy_axis_true is None:
            energy_axis_true = MapAxis.from_energy_bounds(
                "2 GeV", "200 TeV", nbin=20, per_decade=True, unit="TeV", name="energy_true"
            )
        offset_axis = MapAxis.from_edges([0.0, 5.0], unit="deg", name="offset")
        energy = energy_axis_true.center.to_value("MeV")[:, np.newaxis]
        area = g1 * energy**-g2 * np.exp(-g3 / energy)
        return cls([energy_axis_true, offset_axis], data=area, unit="cm2", meta={"TELESCOP": instrument})
