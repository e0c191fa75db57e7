"""Regions with the outline of models, and sizes that regions give to models."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from geminga.errors import GeometryError

__all__ = ["ellipse_from_region", "ellipse_region"]


def ellipse_region(model, major, **kwargs):
    """Return the ellipse of a model with position, eccentricity and position angle.

    Parameters
    ----------
    model : `SpatialModel`
        With parameters ``e`` and ``phi``.
    major : `~astropy.units.Quantity`
        Semi-major axis.
    **kwargs : dict
        Arguments of `~regions.EllipseSkyRegion`.
    """
    from regions import EllipseSkyRegion

    minor = major * np.sqrt(1 - model.e.value**2)
    return EllipseSkyRegion(
        center=model.position,
        width=(2 * minor).to("deg"),
        height=(2 * major).to("deg"),
        angle=model.phi.quantity.to("deg"),
        **kwargs,
    )


def ellipse_from_region(region) -> dict:
    """Return the parameters of a circle or ellipse.

    Parameters
    ----------
    region : `~regions.CircleSkyRegion` or `~regions.EllipseSkyRegion`

    Returns
    -------
    dict
        ``r_0, e, phi``.

    Raises
    ------
    GeometryError
        If it is another region.

    Examples
    --------
    >>> from astropy.coordinates import SkyCoord
    >>> from regions import CircleSkyRegion
    >>> ellipse_from_region(CircleSkyRegion(SkyCoord("0d 0d"), 0.6 * u.deg))["r_0"]
    <Quantity 0.6 deg>
    """
    from regions import CircleSkyRegion, EllipseSkyRegion

    if isinstance(region, CircleSkyRegion):
        return {"r_0": u.Quantity(region.radius).to("deg"), "e": 0.0, "phi": 0 * u.deg}
    if not isinstance(region, EllipseSkyRegion):
        raise GeometryError(
            f"region must be a CircleSkyRegion or EllipseSkyRegion, got {type(region).__name__}. Convert it."
        )
    width, height = u.Quantity(region.width).to("deg"), u.Quantity(region.height).to("deg")
    angle = u.Quantity(region.angle).to("deg")
    if width > height:
        width, height, angle = height, width, angle + 90 * u.deg
    return {
        "r_0": height / 2,
        "e": float(np.sqrt(1 - (width / height).to_value("") ** 2)),
        "phi": (angle + 180 * u.deg) % (360 * u.deg) - 180 * u.deg,
    }
