"""Maps in HEALPix pixels: images and cubes, of all of the sky or part of it."""

from __future__ import annotations

import numpy as np

from ...doors import drawn_by, opens
from ..access import add_at_index
from ..allocation import allocate
from ..map import Map
from . import interpolation, resizing, stacking
from .geom import HpxGeom

__all__ = ["HpxMap", "HpxNDMap"]

HERE = "geminga.maps.hpx"


class HpxMap(Map):
    """Base of maps in HEALPix pixels."""

    @classmethod
    def create(
        cls,
        nside=None,
        binsz=None,
        nest=True,
        map_type="hpx",
        frame="icrs",
        data=None,
        skydir=None,
        width=None,
        dtype="float32",
        region=None,
        axes=None,
        meta=None,
        unit="",
    ) -> HpxNDMap:
        """Make a map, empty unless data are given.

        Parameters
        ----------
        nside, binsz, nest, frame, skydir, width, region, axes
            See `HpxGeom.create`.
        map_type : {"hpx"}
            Accepted for the sake of `Map.create`.
        data : array_like, optional
        dtype : dtype
        meta : dict, optional
        unit : unit-like

        Returns
        -------
        `HpxNDMap`

        Examples
        --------
        >>> HpxMap.create(nside=2, unit="s").data.shape
        (48,)
        """
        geom = HpxGeom.create(
            nside=nside,
            binsz=binsz,
            nest=nest,
            frame=frame,
            region=region,
            axes=axes,
            skydir=skydir,
            width=width,
        )
        return HpxNDMap(geom, data=data, dtype=dtype, meta=meta, unit=unit)

    @classmethod
    def from_hdulist(cls, hdu_list, hdu=None, hdu_bands=None, format=None, colname=None) -> HpxNDMap:
        """Read a map from open FITS data.

        Parameters
        ----------
        hdu_list : `~astropy.io.fits.HDUList`
        hdu : str or int, optional
            HDU with the data; by default the first in HEALPix pixels.
        hdu_bands : str or int, optional
            HDU with the axes; by default the one that the data name.
        format : str, optional
            By default told from the header. See `to_hdulist`.
        colname : str, optional
            Column with the values; by default all but those of pixel numbers.
        """
        from .io.hdulist import map_from_hdulist

        return map_from_hdulist(cls, hdu_list, hdu=hdu, hdu_bands=hdu_bands, format=format, colname=colname)

    to_hdu = opens(f"{HERE}.io.hdulist:map_to_hdu")
    to_hdulist = opens(f"{HERE}.io.hdulist:map_to_hdulist")
    to_swapped = resizing.to_swapped
    to_wcs = opens(f"{HERE}.to_wcs:to_wcs")


class HpxNDMap(HpxMap):
    """Values on a `HpxGeom`.

    Parameters
    ----------
    geom : `HpxGeom`
    data : array_like, optional
        Shape `geom.data_shape` or one that broadcasts to it; by default zeros.
    dtype : dtype
        Type of the zeros.
    meta : dict, optional
    unit : unit-like

    Examples
    --------
    >>> counts = HpxNDMap.create(nside=16, frame="galactic")
    >>> counts.fill_by_coord(([0.2, 0.1, 90], [0, 0, 1]))
    >>> counts.get_by_coord((0.15, 0)), counts.data.sum()
    (array([2.], dtype=float32), np.float32(3.0))
    """

    def __init__(self, geom, data=None, dtype="float32", meta=None, unit=""):
        if data is None:
            data = allocate(geom.data_shape, dtype)
        super().__init__(geom, data, meta=meta, unit=unit)

    @classmethod
    def from_hdu(cls, hdu, hdu_bands=None, format=None, colname=None) -> HpxNDMap:
        """Read a map from one HDU and the HDU of its axes."""
        from .io.hdulist import map_from_hdu

        return map_from_hdu(cls, hdu, hdu_bands=hdu_bands, format=format, colname=colname)

    @classmethod
    def from_wcs_tiles(cls, wcs_tiles, nest=True) -> HpxNDMap:
        """Make a map from images that cover the sky; see `geminga.maps.hpx.tiles.from_wcs_tiles`."""
        from .tiles import from_wcs_tiles

        return from_wcs_tiles(cls, wcs_tiles, nest)

    # ------------------------------------------------------------------ by index: numbers on the full sky

    def _places(self, idx):
        """Return the indices of the data array, and where they are in the map (None: everywhere)."""
        local, *bins = self.geom.global_to_local(tuple(np.asarray(i) for i in idx))
        arrays = np.broadcast_arrays(*bins[::-1], local)
        inside = arrays[-1] >= 0
        return tuple(arrays), None if inside.all() else inside

    def get_by_idx(self, idx) -> np.ndarray:
        """Return the values at indices.

        Parameters
        ----------
        idx : tuple of array_like of int
            ``(pixel, axis0, ...)`` with numbers on the full sky; they broadcast against each other.

        Returns
        -------
        ndarray
            Plain numbers in the unit of the map; NaN (False in a mask) for pixels that it does not have.
        """
        places, inside = self._places(idx)
        if inside is None:
            return self.data[places]
        values = self.data[tuple(np.where(inside, place, 0) for place in places)]
        return np.where(inside, values, False if self.is_mask else np.nan)

    def set_by_idx(self, idx, vals) -> None:
        """Set the values at indices; plain numbers are in the unit of the map. Pixels it does not have are left out."""
        places, inside = self._places(idx)
        vals = self._plain_values(vals)
        if inside is not None:
            places = tuple(place[inside] for place in places)
            vals = np.broadcast_to(vals, inside.shape)[inside] if np.ndim(vals) else vals
        self.data[places] = vals

    def fill_by_idx(self, idx, weights=None) -> None:
        """Add weights at indices.

        Parameters
        ----------
        idx : tuple of array_like of int
            ``(pixel, axis0, ...)`` with numbers on the full sky. Bins named twice get both weights; pixels that the map
            does not have are left out.
        weights : array_like or `~astropy.units.Quantity`, optional
            By default 1.
        """
        places, inside = self._places(idx)
        weights = self._plain_values(weights)
        if inside is not None:
            places = tuple(place[inside] for place in places)
            if weights is not None and np.ndim(weights):
                weights = np.broadcast_to(weights, inside.shape)[inside]
        add_at_index(self.data, places, weights)

    # ------------------------------------------------------------------ values between pixels

    interp_by_coord = interpolation.interp_by_coord

    def interp_by_pix(self, pix, method="linear", fill_value=None) -> np.ndarray:
        """Interpolate at ``(pixel, axis0, ...)``: at the centres of pixels, between the bins of the axes."""
        return self.interp_by_coord(self.geom.pix_to_coord(pix), method=method, fill_value=fill_value)

    # ------------------------------------------------------------------ other pixels

    crop = resizing.crop
    cutout = resizing.cutout
    downsample = resizing.downsample
    upsample = resizing.upsample
    to_nside = resizing.to_nside
    _pad_spatial = resizing.pad
    stack = stacking.stack
    to_wcs_tiles = opens(f"{HERE}.tiles:map_to_wcs_tiles")

    # ------------------------------------------------------------------ filters

    convolve = opens(f"{HERE}.convolve:convolve")
    convolve_full = opens(f"{HERE}.convolve:convolve_full")
    convolve_wcs = opens(f"{HERE}.convolve:convolve_wcs")
    smooth = opens(f"{HERE}.smooth:smooth")

    # ------------------------------------------------------------------ regions, samples

    def to_region_nd_map(self, region=None, func=np.nansum, weights=None, method="nearest"):
        """Return the map reduced to a region; see `geminga.maps.hpx.membership.to_region_nd_map`."""
        from .membership import to_region_nd_map

        return to_region_nd_map(self, region=region, func=func, weights=weights, method=method)

    def sample_coord(self, n_events, random_state=0):
        """Draw coordinates with probabilities proportional to the bins; see `geminga.maps.hpx.sampling`."""
        from .sampling import sample_coord

        return sample_coord(self, n_events, random_state)

    # ------------------------------------------------------------------ plots

    plot = drawn_by("geminga.visualization.maps:plot_hpx_map")
    plot_mask = drawn_by("geminga.visualization.maps:plot_hpx_mask")
