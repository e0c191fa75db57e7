"""Numbers that describe the responses of observations, to group observations that are alike."""

from __future__ import annotations

import numpy as np
from astropy import units as u
from astropy.coordinates import Angle
from astropy.table import Table

from ..errors import DataError, UnknownNameError
from ..units import to_quantity
from .clustering import standard_scaler

__all__ = ["get_irfs_features"]

FEATURES = ("edisp-bias", "edisp-res", "psf-radius")


def get_irfs_features(
    observations,
    energy_true,
    position=None,
    fixed_offset=None,
    names=None,
    containment_fraction=0.68,
    apply_standard_scaler=False,
):
    """Compute features of the responses at one energy and offset.

    Parameters
    ----------
    observations : Observations
    energy_true : `~astropy.units.Quantity`
        True energy, scalar.
    position : `~astropy.coordinates.SkyCoord`, optional
        Position at which the responses are evaluated; the offset follows from each pointing.
    fixed_offset : `~astropy.coordinates.Angle`, optional
        Offset instead of a position.
    names : list of {"edisp-bias", "edisp-res", "psf-radius"}, optional
        Default is all.
    containment_fraction : float
        Of the radius of the point spread function.
    apply_standard_scaler : bool
        Subtract the mean of each feature and divide by its standard deviation.

    Returns
    -------
    `~astropy.table.Table`
        One row for each observation: ``obs_id`` and the features; the radius in deg.
    """
    if (position is None) == (fixed_offset is None):
        raise DataError(
            "the offset must be given either by position or by fixed_offset, got "
            f"{'neither' if position is None else 'both'}. Pass exactly one."
        )
    names = [names] if isinstance(names, str) else list(names or FEATURES)
    for name in names:
        if name not in FEATURES:
            raise UnknownNameError("feature", name, FEATURES)
    energy = to_quantity(energy_true, u.TeV, "energy_true")
    rows = []
    for observation in observations:
        if fixed_offset is not None:
            offset = to_quantity(fixed_offset, u.deg, "fixed_offset")
        else:
            offset = observation.get_pointing_icrs(observation.tmid).separation(position).to(u.deg)
        rows.append(
            {
                "obs_id": observation.obs_id,
                **_features(observation, names, energy, offset, containment_fraction),
            }
        )
    table = Table(rows) if rows else Table(names=["obs_id", *names])
    return standard_scaler(table) if apply_standard_scaler else table


def _features(observation, names, energy, offset, fraction) -> dict:
    """Return the features of one observation."""
    features = {}
    if any(name.startswith("edisp") for name in names):
        kernel = observation.edisp.to_edisp_kernel(Angle(offset))
        if "edisp-bias" in names:
            features["edisp-bias"] = float(np.squeeze(u.Quantity(kernel.get_bias(energy)).value))
        if "edisp-res" in names:
            features["edisp-res"] = float(np.squeeze(u.Quantity(kernel.get_resolution(energy)).value))
    if "psf-radius" in names:
        radius = observation.psf.containment_radius(fraction=fraction, energy_true=energy, offset=offset)
        features["psf-radius"] = float(np.squeeze(u.Quantity(radius).to_value(u.deg))) * u.deg
    return {name: features[name] for name in names}
