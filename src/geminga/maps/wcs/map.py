"""Maps with a FITS projection: images and cubes."""

from __future__ import annotations

import numpy as np

from ...doors import drawn_by, opens
from ..allocation import allocate
from ..map import Map
from . import interpolation, resizing, stacking
from .geom import WcsGeom

__all__ = ["WcsMap", "WcsNDMap"]

HERE = "geminga.maps.wcs"


class WcsMap(Map):
    """Base of maps with a FITS projection."""

    @classmethod
    def create(
        cls,
        map_type="wcs",
        npix=None,
        binsz=0.1,
        width=None,
        proj="CAR",
        frame="icrs",
        refpix=None,
        axes=None,
        skydir=None,
        dtype="float32",
        meta=None,
        unit="",
    ) -> WcsNDMap:
        """Make an empty map.

        Parameters
        ----------
        map_type : {"wcs"}
            Accepted for the sake of `Map.create`.
        npix, binsz, width, proj, frame, refpix, axes, skydir
            See `WcsGeom.create`.
        dtype : dtype
        meta : dict, optional
        unit : unit-like

        Returns
        -------
        `WcsNDMap`

        Examples
        --------
        >>> WcsMap.create(npix=(4, 3), binsz=0.1, unit="s").data.shape
        (3, 4)
        """
        geom = WcsGeom.create(
            npix=npix,
            binsz=binsz,
            width=width,
            proj=proj,
            frame=frame,
            refpix=refpix,
            axes=axes,
            skydir=skydir,
        )
        return WcsNDMap(geom, dtype=dtype, meta=meta, unit=unit)

    @classmethod
    def from_hdulist(cls, hdu_list, hdu=None, hdu_bands=None, format=None) -> WcsNDMap:
        """Read a map from open FITS data.

        Parameters
        ----------
        hdu_list : `~astropy.io.fits.HDUList`
        hdu : str or int, optional
            HDU with the data; by default the first with an image, or a sparse map.
        hdu_bands : str or int, optional
            HDU with the axes; by default the one that the data name.
        format : str, optional
            Format of the axes; by default told from the header. See `to_hdulist`.
        """
        from .io.hdulist import map_from_hdulist

        return map_from_hdulist(cls, hdu_list, hdu=hdu, hdu_bands=hdu_bands, format=format)

    to_hdu = opens(f"{HERE}.io.hdulist:map_to_hdu")
    to_hdulist = opens(f"{HERE}.io.hdulist:map_to_hdulist")


class WcsNDMap(WcsMap):
    """Values on a `WcsGeom`.

    Parameters
    ----------
    geom : `WcsGeom`
    data : array_like, optional
        Shape `geom.data_shape` or one that broadcasts to it; by default zeros.
    dtype : dtype
        Type of the zeros.
    meta : dict, optional
    unit : unit-like

    Examples
    --------
    >>> counts = WcsNDMap.create(npix=5, binsz=1)
    >>> counts.fill_by_coord(([0.2, 0.1, 2], [0, 0, 1]))
    >>> counts.data[2, 2], counts.data.sum()
    (np.float32(2.0), np.float32(3.0))
    """

    def __init__(self, geom, data=None, dtype="float32", meta=None, unit=""):
        if data is None:
            data = allocate(geom.data_shape, dtype)
        super().__init__(geom, data, meta=meta, unit=unit)

    @classmethod
    def from_hdu(cls, hdu, hdu_bands=None, format=None) -> WcsNDMap:
        """Read a map from one HDU and the HDU of its axes."""
        from .io.hdulist import map_from_hdu

        return map_from_hdu(cls, hdu, hdu_bands=hdu_bands, format=format)

    # ------------------------------------------------------------------ values between pixels

    def interp_by_coord(self, coords, method="linear", fill_value=None, values_scale="lin") -> np.ndarray:
        """Interpolate between the bin centres, in pixel coordinates.

        Parameters
        ----------
        coords : tuple, dict, `~geminga.maps.MapCoord` or `~astropy.coordinates.SkyCoord`
        method : {"linear", "nearest", "slinear", "cubic", "quintic", "pchip"}
            Or 0 for "nearest" and 1 for "linear".
        fill_value : float, optional
            Value outside the bins; by default the map is extrapolated. Half a bin between the outermost centres and the
            edges is extrapolated always.
        values_scale : {"lin", "log", "sqrt"}
            Scale on which values are interpolated.

        Returns
        -------
        ndarray
            Plain numbers in the unit of the map. NaN in the map counts as 0.
        """
        options = {"method": method, "fill_value": fill_value, "values_scale": values_scale}
        if not self.geom.is_regular:
            from .irregular import interp_by_coord

            return interp_by_coord(self, coords, **options)
        return self.interp_by_pix(self.geom.coord_to_pix(coords), **options)

    interp_by_pix = interpolation.interp_by_pix

    # ------------------------------------------------------------------ other pixels

    crop = resizing.crop
    cutout = resizing.cutout
    downsample = resizing.downsample
    upsample = resizing.upsample
    _pad_spatial = resizing.pad
    stack = stacking.stack

    def reproject_by_image(self, geom, preserve_counts=False, precision_factor=10):
        """Return the map on another image geometry; see `geminga.maps.wcs.reproject.reproject_by_image`."""
        if not isinstance(geom, WcsGeom):
            return super().reproject_by_image(geom, preserve_counts, precision_factor)
        from .reproject import reproject_by_image

        return reproject_by_image(self, geom, preserve_counts, precision_factor)

    # ------------------------------------------------------------------ filters

    convolve = opens(f"{HERE}.convolve:convolve")
    smooth = opens(f"{HERE}.smooth:smooth")
    smooth_to_pixels = opens(f"{HERE}.smooth:smooth_to_pixels")
    binary_dilate = opens(f"{HERE}.morphology:binary_dilate")
    binary_erode = opens(f"{HERE}.morphology:binary_erode")

    # ------------------------------------------------------------------ regions

    def to_region_nd_map(self, region=None, func=np.nansum, weights=None, method="nearest"):
        """Return the map reduced to a region; see `geminga.maps.wcs.regions.to_region_nd_map`."""
        from .regions import to_region_nd_map

        return to_region_nd_map(self, region=region, func=func, weights=weights, method=method)

    to_region_nd_map_histogram = opens(f"{HERE}.regions:to_region_nd_map_histogram")
    cutout_and_mask_region = opens(f"{HERE}.regions:cutout_and_mask_region")
    mask_contains_region = opens(f"{HERE}.regions:mask_contains_region")

    # ------------------------------------------------------------------ plots

    plot = drawn_by("geminga.visualization.maps:plot_wcs_map")
    plot_mask = drawn_by("geminga.visualization.maps:plot_wcs_mask")
