"""From pixels to the sky and back, in plain arrays of pixels and degrees."""

from __future__ import annotations

import numpy as np
from astropy.wcs import WCS
from astropy.wcs.utils import wcs_to_celestial_frame

from ...errors import GeometryError

__all__ = [
    "frame_name",
    "has_distortion",
    "make_wcs",
    "period",
    "pix_to_sky",
    "projection_code",
    "shifted_wcs",
    "sky_to_pix",
    "without_cd",
]

FRAMES = {"icrs": ("RA---", "DEC--"), "fk5": ("RA---", "DEC--"), "galactic": ("GLON-", "GLAT-")}

# Projections whose x is proportional to the native longitude: the image repeats itself every 360 degrees.
PERIODIC = frozenset({"CAR", "CEA", "MER"})


def make_wcs(frame, proj, center, cdelt, crpix):
    """Make a celestial WCS.

    Parameters
    ----------
    frame : str
        "icrs", "fk5" or "galactic".
    proj : str
        FITS projection code, "CAR", "TAN", "AIT", ...
    center : (float, float)
        Longitude and latitude of the reference point, deg.
    cdelt : (float, float)
        Pixel sizes in deg, negative in longitude.
    crpix : (float, float)
        Pixel of the reference point, FITS convention (first pixel is 1).

    Returns
    -------
    `~astropy.wcs.WCS`
    """
    if frame not in FRAMES:
        raise GeometryError(
            f"frame must be one of {sorted(FRAMES)}, got {frame!r}. Convert the position first."
        )
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = [name + proj.upper() for name in FRAMES[frame]]
    wcs.wcs.crval = [float(value) for value in center]
    wcs.wcs.cdelt = [float(value) for value in cdelt]
    wcs.wcs.crpix = [float(value) for value in crpix]
    if frame != "galactic":
        wcs.wcs.radesys = frame.upper()
    try:
        wcs.wcs.set()
    except ValueError as error:
        raise GeometryError(
            f"proj must be a FITS projection code, got {proj!r} ({str(error).splitlines()[-1]}). "
            "Use CAR, TAN, AIT, ..."
        ) from error
    return wcs


def frame_name(wcs) -> str:
    """Return the name of the frame of a WCS: "icrs", "galactic", ..."""
    wcs.wcs.set()
    if (wcs.wcs.lng, wcs.wcs.lat) != (0, 1):
        raise GeometryError(
            f"WCS must be celestial with longitude first, got axes {list(wcs.wcs.ctype)}. Use RA/DEC or GLON/GLAT."
        )
    lon_type = wcs.wcs.ctype[0][:4].upper()
    if lon_type == "GLON":
        return "galactic"
    if lon_type == "RA--" and not wcs.wcs.radesys and np.isnan(wcs.wcs.equinox):
        return "icrs"
    try:
        return wcs_to_celestial_frame(wcs).name
    except ValueError as error:
        raise GeometryError(
            f"WCS must be in a frame that astropy knows, got axes {list(wcs.wcs.ctype)}. Use RA/DEC or GLON/GLAT."
        ) from error


def projection_code(wcs) -> str:
    """Return the three-letter code of the projection."""
    return wcs.wcs.ctype[0][5:8]


def shifted_wcs(wcs, crpix, cdelt_factor=1.0):
    """Return a copy of a WCS with another reference pixel and pixels of another size."""
    new = wcs.deepcopy()
    new.wcs.crpix = crpix
    new.wcs.cdelt = np.asarray(new.wcs.cdelt) * cdelt_factor
    new.array_shape = None
    new.wcs.set()
    return new


def without_cd(wcs):
    """Return a WCS with pixel sizes beside its matrix; one with a CD matrix holds them in the matrix."""
    if not wcs.wcs.has_cd():
        return wcs
    new = wcs.deepcopy()
    matrix = np.array(new.wcs.cd)
    del new.wcs.cd
    sizes = np.linalg.norm(matrix, axis=1) * np.where(np.diag(matrix) < 0, -1, 1)
    new.wcs.cdelt, new.wcs.pc = sizes, matrix / sizes[:, np.newaxis]
    new.wcs.set()
    return new


def has_distortion(wcs) -> bool:
    """Return whether pixels are bent before they are projected."""
    return wcs.sip is not None or wcs.cpdis1 is not None or wcs.det2im1 is not None


def period(wcs) -> float:
    """Return after how many pixels along x an image repeats itself; 0 if it does not."""
    if projection_code(wcs) not in PERIODIC or has_distortion(wcs):
        return 0.0
    matrix = wcs.pixel_scale_matrix
    if matrix[0, 1] != 0 or matrix[1, 0] != 0:
        return 0.0
    return abs(360.0 / matrix[0, 0])


def pix_to_sky(wcs, x, y):
    """Return longitude and latitude in degrees of pixel coordinates (first pixel is 0); NaN off the sky."""
    x, y = np.broadcast_arrays(np.asarray(x, float), np.asarray(y, float))
    repeat = period(wcs)
    if repeat:
        turns = (x - (wcs.wcs.crpix[0] - 1)) / repeat
        # Exactly half a turn is still on the map; the tolerance is for the arithmetic.
        beyond = np.abs(turns) > 0.5 + 1e-12
        if beyond.any():
            x = np.where(beyond, x - repeat * np.rint(turns), x)
    transform = wcs.all_pix2world if has_distortion(wcs) else wcs.wcs_pix2world
    lon, lat = transform(x.ravel(), y.ravel(), 0)
    return lon.reshape(x.shape), lat.reshape(x.shape)


def sky_to_pix(wcs, lon, lat, center=None):
    """Return pixel coordinates (first pixel is 0) of longitude and latitude in degrees; NaN where there are none.

    Parameters
    ----------
    wcs : `~astropy.wcs.WCS`
    lon, lat : array_like
    center : float, optional
        Middle of the image along x. On projections that repeat themselves, the pixel nearest to it is returned.
    """
    lon, lat = np.broadcast_arrays(np.asarray(lon, float), np.asarray(lat, float))
    transform = wcs.all_world2pix if has_distortion(wcs) else wcs.wcs_world2pix
    x, y = transform(lon.ravel(), lat.ravel(), 0)
    repeat = period(wcs)
    if repeat and center is not None and abs(center - (wcs.wcs.crpix[0] - 1)) > 1e-6 * repeat:
        turns = (center - x) / repeat
        x = np.where(np.abs(turns) > 0.5 + 1e-12, x + repeat * np.rint(turns), x)
    return x.reshape(lon.shape), y.reshape(lon.shape)
