"""Safe ranges: where the responses of an observation can be trusted."""

from __future__ import annotations

import logging

import numpy as np
from astropy import units as u

from ..errors import DataError, UnknownNameError
from ..maps import Map
from ..units import to_quantity
from .core import MAKER_REGISTRY, Maker
from .pointings import middle_pointing, pointings

__all__ = ["SafeMaskMaker"]

log = logging.getLogger(__name__)


@MAKER_REGISTRY.register
class SafeMaskMaker(Maker):
    """Mark the safe bins of a dataset; several methods are combined with a logical and.

    Parameters
    ----------
    methods : sequence of {"aeff-default", "aeff-max", "edisp-bias", "offset-max", "bkg-peak"}
        Energy range of the effective area header; energies with enough effective area; with little energy bias;
        positions near the pointing; energies above the peak of the background.
    aeff_percent : float
        Least effective area in percent of its maximum, for "aeff-max".
    bias_percent : float
        Largest energy bias in percent, for "edisp-bias".
    position : `~astropy.coordinates.SkyCoord`, optional
        Where the responses are taken. By default the centre of the dataset.
    fixed_offset : `~astropy.units.Quantity`, optional
        Take the responses at this offset from the pointing instead.
    offset_max : `~astropy.units.Quantity` or str
        Largest offset, for "offset-max".
    irfs : {"DL4", "DL3"}
        Take reduced responses, or those of the observation.

    Notes
    -----
    Bins whose background is not finite, or not positive where the statistic needs it, are never safe.
    """

    tag = "SafeMaskMaker"
    available_methods = {"aeff-default", "aeff-max", "edisp-bias", "offset-max", "bkg-peak"}

    def __init__(
        self,
        methods=("aeff-default",),
        aeff_percent=10,
        bias_percent=10,
        position=None,
        fixed_offset=None,
        offset_max="3 deg",
        irfs="DL4",
    ):
        for method in methods:
            if method not in self.available_methods:
                raise UnknownNameError("safe mask method", method, self.available_methods)
        if irfs not in ("DL3", "DL4"):
            raise UnknownNameError("kind of responses", irfs, ("DL3", "DL4"))
        if position is not None and fixed_offset is not None:
            raise DataError("position and fixed_offset must not be given together. Give one of them.")
        self.methods = list(methods)
        self.aeff_percent, self.bias_percent = aeff_percent, bias_percent
        self.position = position
        self.fixed_offset = None if fixed_offset is None else to_quantity(fixed_offset, "deg", "fixed_offset")
        self.offset_max = to_quantity(offset_max, "deg", "offset_max")
        self.irfs = irfs

    def _position(self, dataset, observation):
        """Return where the responses are taken; None means the centre."""
        if self.fixed_offset is None:
            return self.position
        if observation is None:
            raise DataError("observation must be given with fixed_offset, got None. Pass it to run.")
        pointing = middle_pointing(observation)
        return pointing.directional_offset_by(0 * u.deg, self.fixed_offset)

    def make_mask_offset_max(self, dataset, observation):
        """Return which pixels are closer to the pointing than `offset_max`, at any time if it drifts, an array."""
        if observation is None:
            raise DataError("observation must be given for method 'offset-max', got None. Pass it to run.")
        inside = np.any(
            [
                np.asarray(dataset._geom.separation(direction) < self.offset_max)
                for direction, _ in pointings(observation)
            ],
            axis=0,
        )
        return np.broadcast_to(inside, dataset._geom.data_shape)

    def make_mask_energy_aeff_default(self, dataset, observation):
        """Return which energies lie between LO_THRES and HI_THRES of the effective area, a map."""
        if observation is None:
            raise DataError("observation must be given for method 'aeff-default', got None. Pass it to run.")
        meta = observation.aeff.meta
        energies = {}
        for name, keyword in (("energy_min", "LO_THRES"), ("energy_max", "HI_THRES")):
            value = meta.get(keyword)
            if value is None:
                log.warning(
                    "No %s in the effective area of observation %s: no limit there.",
                    keyword,
                    observation.obs_id,
                )
            energies[name] = None if value is None else value * u.TeV
        return dataset._geom.energy_mask(**energies)

    def make_mask_energy_aeff_max(self, dataset, observation=None):
        """Return which energies are above the one where the effective area reaches its share of the maximum."""
        if self.irfs == "DL3":
            energy_min = self._energy_aeff_dl3(dataset, observation)
        else:
            energy_min = self._energy_aeff_dl4(dataset, observation)
        return dataset._geom.energy_mask(energy_min=energy_min)

    def _energy_aeff_dl3(self, dataset, observation):
        if observation is None:
            raise DataError("observation must be given for irfs='DL3', got None. Pass it to run.")
        position = self._position(dataset, observation)
        position = dataset._geom.center_skydir if position is None else position
        offset = position.separation(middle_pointing(observation))
        energy = observation.aeff.axes["energy_true"].center
        area = observation.aeff.evaluate(offset=offset, energy_true=energy).value
        return self._energy_of_share(energy, area, f"effective area of observation {observation.obs_id}")

    def _energy_aeff_dl4(self, dataset, observation):
        exposure = _needed(dataset, "exposure", "aeff-max")
        position = self._position(dataset, observation)
        if not exposure.geom.is_region:
            exposure = exposure.to_region_nd_map(
                exposure.geom.center_skydir if position is None else position
            )
        # the share of the maximum is that of the effective area
        energy = exposure.geom.axes["energy_true"].center
        return self._energy_of_share(energy, exposure.data[:, 0, 0], f"exposure of dataset {dataset.name!r}")

    def _energy_of_share(self, energy, area, name):
        """Return the energy where an area first reaches its share of the maximum."""
        if not np.any(area > 0):
            raise DataError(
                f"{name} must be positive somewhere, got none. "
                "Check pointing and position, or choose another observation."
            )
        return _first_crossing(energy, area, area.max() * self.aeff_percent / 100)

    def make_mask_energy_edisp_bias(self, dataset, observation=None):
        """Return which energies are above the one where the energy bias is small, a map."""
        position = self._position(dataset, observation)
        if self.irfs == "DL3":
            if observation is None:
                raise DataError("observation must be given for irfs='DL3', got None. Pass it to run.")
            position = dataset._geom.center_skydir if position is None else position
            offset = position.separation(middle_pointing(observation))
            kernel = observation.edisp.to_edisp_kernel(offset)
        else:
            edisp = _needed(dataset, "edisp", "edisp-bias")
            axes = edisp.edisp_map.geom.axes
            options = {"energy_axis": dataset._geom.axes["energy"]} if "migra" in axes.names else {}
            kernel = edisp.get_edisp_kernel(position=position, **options)
        energy_min = kernel.get_bias_energy(self.bias_percent / 100)
        return dataset._geom.energy_mask(energy_min=energy_min[0] if np.ndim(energy_min) else energy_min)

    def make_mask_energy_bkg_peak(self, dataset, observation=None):
        """Return which energies are at or above the bin with the most background, a map."""
        background = _needed(dataset, "background", "bkg-peak")
        axis = background.geom.axes["energy"]
        spectrum = np.nansum(background.data.reshape(axis.nbin, -1), axis=-1)
        edges = axis.edges
        return dataset._geom.energy_mask(energy_min=edges[int(np.argmax(spectrum))])

    @staticmethod
    def make_mask_bkg_invalid(dataset):
        """Return which bins have a usable background, an array."""
        data = dataset.background.data
        valid = np.isfinite(data)
        if dataset.stat_type == "cash":
            valid &= np.nan_to_num(data) > 0
        return valid

    def run(self, dataset, observation=None):
        """Return the dataset with the safe mask set.

        Parameters
        ----------
        dataset : `~geminga.datasets.MapDataset`
            Changed in place. Bins that it already holds unsafe stay so.
        observation : `~geminga.data.Observation`, optional
            Needed by "aeff-default", "offset-max", and for ``irfs="DL3"``.
        """
        geom = dataset._geom
        safe = np.ones(geom.data_shape, dtype=bool)
        if dataset.mask_safe is not None:
            safe &= dataset.mask_safe.data
        if dataset.background is not None:
            safe &= self.make_mask_bkg_invalid(dataset)
        makers = {
            "aeff-default": self.make_mask_energy_aeff_default,
            "aeff-max": self.make_mask_energy_aeff_max,
            "edisp-bias": self.make_mask_energy_edisp_bias,
            "bkg-peak": self.make_mask_energy_bkg_peak,
            "offset-max": self.make_mask_offset_max,
        }
        for method in self.methods:
            mask = makers[method](dataset, observation)
            safe &= getattr(mask, "data", mask)
        if not safe.any():
            log.info("Dataset %s has no safe bin after %s.", dataset.name, ", ".join(self.methods))
        dataset.mask_safe = Map.from_geom(geom, data=safe)
        return dataset


def _needed(dataset, name, method):
    """Return a part of a dataset, or say that a method needs it."""
    part = getattr(dataset, name)
    if part is None:
        raise DataError(
            f"{name} of dataset {dataset.name!r} must be set for method {method!r}, got None. Make it first."
        )
    return part


def _first_crossing(energy, values, threshold):
    """Return the energy where a curve, log-log between its points, first reaches a threshold."""
    first = int(np.argmax(values > 0))
    above = np.flatnonzero(values[first:] >= threshold)
    index = first + int(above[0])
    if index == first:
        return energy[first]
    x, y = np.log(energy.value[index - 1 : index + 1]), np.log(values[index - 1 : index + 1])
    return np.exp(np.interp(np.log(threshold), y, x)) * energy.unit
