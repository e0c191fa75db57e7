"""Whether two regions on the sky are the same."""

from __future__ import annotations

import numpy as np
from astropy import units as u
from astropy.coordinates import SkyCoord
from regions import CompoundSkyRegion

__all__ = ["regions_allclose"]


def regions_allclose(one, two, tolerance=1e-5) -> bool:
    """Return whether two regions have the same shape, position and size.

    Parameters
    ----------
    one, two : `~regions.SkyRegion` or None
    tolerance : float
        Largest difference of positions and sizes, in degrees.

    Examples
    --------
    >>> from geminga.sky.regions import parse_regions
    >>> [one], [two] = parse_regions("icrs;circle(83,22,0.5)"), parse_regions("icrs;circle(83,22,1800\\")")
    >>> regions_allclose(one, two)
    True
    """
    if one is two:
        return True
    if type(one) is not type(two):
        return False
    if isinstance(one, CompoundSkyRegion):
        return one.operator is two.operator and (
            regions_allclose(one.region1, two.region1, tolerance)
            and regions_allclose(one.region2, two.region2, tolerance)
        )
    return all(_same(getattr(one, name), getattr(two, name), tolerance) for name in one._params)


def _same(one, two, tolerance) -> bool:
    if isinstance(one, SkyCoord):
        return one.shape == two.shape and bool(np.all(one.separation(two).deg <= tolerance))
    if isinstance(one, u.Quantity):
        return bool(np.all(np.abs((one - two).to_value("deg")) <= tolerance))
    return one == two
