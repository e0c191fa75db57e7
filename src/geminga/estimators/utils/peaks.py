"""Local maxima of images."""

from __future__ import annotations

import numpy as np
from astropy import units as u
from astropy.coordinates import Angle
from astropy.table import Column, Table

from ...errors import GeometryError

__all__ = ["find_peaks", "find_peaks_in_flux_map"]


def _image(map_):
    """Return the image of a map whose axes have one bin."""
    if not map_.geom.is_image:
        if any(axis.nbin > 1 for axis in map_.geom.axes):
            raise GeometryError(
                f"image must have one bin on each axis, got axes {map_.geom.axes_names}. Slice or sum the others."
            )
        map_ = map_.sum_over_axes(keepdims=False)
    if map_.geom.is_hpx or map_.geom.is_region:
        raise GeometryError(
            f"image must have pixels of a WCS, got {type(map_.geom).__name__}. Convert it with to_wcs()."
        )
    return map_


def _positions(map_, threshold, min_distance):
    """Return rows and columns of the peaks, the highest first."""
    from scipy.ndimage import maximum_filter

    if not isinstance(min_distance, (int, np.integer)):
        pixel = np.mean(map_.geom.pixel_scales.to_value("deg"))
        # 0.1 deg are 5 pixels of 0.02 deg in spite of the last digit
        min_distance = int(np.ceil(Angle(min_distance).to_value("deg") / pixel - 1e-6))
    values = np.where(np.isfinite(map_.data), np.asarray(map_.data, dtype=float), -np.inf)
    highest = maximum_filter(values, size=2 * min_distance + 1, mode="constant", cval=-np.inf)
    y, x = np.nonzero((values == highest) & (values > threshold))
    order = np.argsort(-values[y, x], kind="stable")
    return y[order], x[order]


def _coordinates(map_, y, x) -> dict:
    position = map_.geom.pix_to_coord((x, y))
    from astropy.coordinates import SkyCoord

    icrs = SkyCoord(*position, frame=map_.geom.frame).icrs
    return {
        "x": Column(x, name="x"),
        "y": Column(y, name="y"),
        "ra": Column(icrs.ra.deg, name="ra", unit=u.deg, format=".5f"),
        "dec": Column(icrs.dec.deg, name="dec", unit=u.deg, format=".5f"),
    }


def find_peaks(image, threshold, min_distance=1):
    """Find local maxima.

    Parameters
    ----------
    image : `~geminga.maps.WcsNDMap`
        Image, or a cube with one bin; NaN is never a peak.
    threshold : float
        Peaks are higher than this.
    min_distance : int, `~astropy.units.Quantity` or str
        A peak is the highest pixel in a box that reaches so far on each side; pixels, or an angle. Equal pixels are
        all peaks.

    Returns
    -------
    `~astropy.table.Table`
        Columns value, x, y (pixels), ra, dec, the highest peak first.

    Examples
    --------
    >>> from geminga.maps import WcsNDMap
    >>> image = WcsNDMap.create(npix=(5, 5))
    >>> image.data[2, 1], image.data[4, 4] = 3, 2
    >>> table = find_peaks(image, threshold=1)
    >>> table["x"].tolist(), table["y"].tolist()
    ([1, 4], [2, 4])
    """
    map_ = _image(image)
    y, x = _positions(map_, threshold, min_distance)
    value = Column(np.asarray(map_.data)[y, x], name="value", unit=map_.unit, format=".5g")
    return Table([value, *_coordinates(map_, y, x).values()])


def find_peaks_in_flux_map(maps, threshold, min_distance=1):
    """Find local maxima of the significance, and what is known there.

    Parameters
    ----------
    maps : `~geminga.estimators.FluxMaps`
        With one energy bin.
    threshold : float
        Smallest signed root of TS.
    min_distance : int, `~astropy.units.Quantity` or str
        As in `find_peaks`.

    Returns
    -------
    `~astropy.table.Table`
        Columns x, y, ra, dec, sqrt_ts, all further stored quantities that are images, flux and flux_err, the most
        significant peak first.
    """
    significance = _image(maps.sqrt_ts)
    y, x = _positions(significance, threshold, min_distance)
    table = Table(list(_coordinates(significance, y, x).values()))

    def add(name, map_):
        if map_.data.shape[-2:] == significance.data.shape and map_.data.size == significance.data.size:
            values = map_.data.reshape(significance.data.shape)[y, x]
            table[name] = Column(values, unit=map_.unit, format=None if values.dtype == bool else ".5g")

    add("sqrt_ts", maps.sqrt_ts)
    for name in maps.available_quantities:
        add(name, getattr(maps, name))
    add("flux", maps.flux)
    if "norm_err" in maps.available_quantities:
        add("flux_err", maps.flux_err)
    return table
