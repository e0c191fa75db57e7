r"""Analytic responses of an imaginary array of Cherenkov telescopes.

Built-in formulas, so that a campaign can be simulated and analysed without any data file. Energies E in TeV, offsets
:math:`\theta` and angles r in deg:

* effective area :math:`A_0\,[1 - e^{-(E / E_t)^{1.6}}]\,(E / E_t)^{0.25}\,e^{-\theta^2 / 2 \sigma_A^2}`, with
  :math:`E_t` the threshold, saturating towards high energies;
* energy dispersion: Gaussian in migra of width :math:`0.09 + 0.05\,(E / \mathrm{TeV})^{-0.5}` (at most 0.4) around
  :math:`1 + 0.1\,e^{-E / E_t}`;
* PSF: two Gaussians, 85 % of the events with :math:`\sigma_1 = 0.045\,[1 + (E / \mathrm{TeV})^{-0.5}]` deg
  and 15 % with :math:`2.5\,\sigma_1`, growing by 10 % per deg of offset;
* background rate :math:`b_0\,(E / \mathrm{TeV})^{-2.7}\,e^{-\theta^2 / 2 \sigma_B^2}`, suppressed below threshold.

The numbers are of the size that arrays of four 12 m telescopes publish (e.g. Aharonian et al. 2006, A&A 457, 899); they
describe no real instrument.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from astropy import units as u

from ..irf import Background2D, EffectiveAreaTable2D, EnergyDependentMultiGaussPSF, EnergyDispersion2D
from ..maps import MapAxis

__all__ = ["ArrayResponse", "make_responses"]


@dataclass(frozen=True)
class ArrayResponse:
    """Numbers of the analytic responses.

    Parameters
    ----------
    area : float
        Effective area at threshold energy on axis, in m2, were it fully efficient.
    threshold : float
        Energy threshold in TeV.
    area_width : float
        Gaussian width of the acceptance for gamma rays, in deg.
    psf_width : float
        Width of the PSF core at high energies, in deg.
    background : float
        Rate of background events at 1 TeV on axis, in s-1 TeV-1 deg-2.
    background_width : float
        Gaussian width of the acceptance for background, in deg.
    """

    area: float = 1.2e5
    threshold: float = 0.25
    area_width: float = 1.7
    psf_width: float = 0.045
    background: float = 0.12
    background_width: float = 1.5

    def effective_area(self, energy, offset):
        """Return the effective area in m2, for energies in TeV and offsets in deg."""
        x = energy / self.threshold
        turn_on = -np.expm1(-(x**1.6))
        saturation = np.minimum(x, 200.0) ** 0.25
        return self.area * turn_on * saturation * np.exp(-0.5 * (offset / self.area_width) ** 2)

    def migration(self, energy):
        """Return mean and width of the ratio of reconstructed to true energy."""
        width = np.minimum(0.09 + 0.05 * energy**-0.5, 0.4)
        return 1 + 0.1 * np.exp(-energy / self.threshold), width

    def core_width(self, energy, offset):
        """Return the width of the PSF core in deg."""
        return self.psf_width * (1 + np.minimum(energy**-0.5, 3.0)) * (1 + 0.1 * offset)

    def background_rate(self, energy, offset):
        """Return the background rate in s-1 TeV-1 deg-2."""
        turn_on = -np.expm1(-((energy / self.threshold) ** 4))
        return self.background * energy**-2.7 * turn_on * np.exp(-0.5 * (offset / self.background_width) ** 2)


def make_responses(parameters: ArrayResponse | None = None) -> dict:
    """Return the analytic responses as the tables of a DL3 file.

    Parameters
    ----------
    parameters : ArrayResponse, optional

    Returns
    -------
    dict
        With "aeff", "edisp", "psf", "bkg".

    Examples
    --------
    >>> responses = make_responses()
    >>> sorted(responses)
    ['aeff', 'bkg', 'edisp', 'psf']
    """
    array = parameters or ArrayResponse()
    energy_true = MapAxis.from_energy_bounds(
        "0.03 TeV", "200 TeV", nbin=16, per_decade=True, name="energy_true"
    )
    energy = MapAxis.from_energy_bounds("0.05 TeV", "100 TeV", nbin=16, per_decade=True, name="energy")
    offset = MapAxis.from_bounds(0, 3, nbin=12, unit="deg", name="offset")
    migra = MapAxis.from_bounds(0.1, 3.0, nbin=145, name="migra")
    e, theta = energy_true.center.value[:, np.newaxis], offset.center.value[np.newaxis]

    area = array.effective_area(e, theta)
    mean, width = array.migration(energy_true.center.value[:, np.newaxis])
    low, high = migra.edges.value[:-1], migra.edges.value[1:]
    density = _gaussian_in_bins(low, high, mean, width)
    dispersion = np.repeat(density[:, :, np.newaxis], offset.nbin, axis=2)

    core = array.core_width(e, theta)
    halo = 2.5 * core
    # A share f in the halo needs the amplitude f / (1 - f) * (core / halo)^2 relative to the core.
    share = 0.15
    psf_data = {
        "sigma_1": core,
        "sigma_2": halo,
        "sigma_3": np.zeros_like(core),
        "scale": (1 - share) / (2 * np.pi * np.radians(core) ** 2),
        "ampl_2": np.full_like(core, share / (1 - share) * (1 / 2.5) ** 2),
        "ampl_3": np.zeros_like(core),
    }
    psf = EnergyDependentMultiGaussPSF(
        axes=[energy_true, offset], data=_structured(psf_data), unit=_PSF_UNITS
    )
    rate = array.background_rate(energy.center.value[:, np.newaxis], theta) * u.Unit("s-1 TeV-1 deg-2")
    return {
        "aeff": EffectiveAreaTable2D(
            axes=[energy_true, offset],
            data=area,
            unit="m2",
            meta={"LO_THRES": array.threshold, "HI_THRES": 100.0},
        ),
        "edisp": EnergyDispersion2D(axes=[energy_true, migra, offset], data=dispersion, unit=""),
        "psf": psf,
        "bkg": Background2D(axes=[energy, offset], data=rate.to("s-1 MeV-1 sr-1")),
    }


_PSF_UNITS = {
    "sigma_1": "deg",
    "sigma_2": "deg",
    "sigma_3": "deg",
    "scale": "sr-1",
    "ampl_2": "",
    "ampl_3": "",
}


def _structured(columns):
    """Return arrays of equal shape as one structured array."""
    first = next(iter(columns.values()))
    result = np.empty(first.shape, dtype=[(name, float) for name in columns])
    for name, values in columns.items():
        result[name] = values
    return result


def _gaussian_in_bins(low, high, mean, width):
    """Return the density of a Gaussian averaged over bins, normalised to 1 over all of them."""
    from scipy.special import ndtr

    probability = ndtr((high - mean) / width) - ndtr((low - mean) / width)
    probability /= probability.sum(axis=1, keepdims=True)
    return probability / (high - low)
