"""Geometry of one region on the sky, or of no region at all, with axes."""

from __future__ import annotations

import numpy as np
from astropy import units as u
from astropy.coordinates import Latitude, Longitude, SkyCoord
from astropy.wcs.utils import wcs_to_celestial_frame
from regions import PixelRegion, PointSkyRegion, SkyRegion

from ...doors import drawn_by
from ...errors import AxisMismatchError, GeometryError
from ...sky.regions.compound import regions_to_compound_region
from ...sky.regions.text import parse_regions
from ...units import to_quantity
from ..axes import MapAxes
from ..coord import MapCoord
from ..geom import Geom
from .comparison import regions_allclose
from .extent import RegionExtent
from .helper_wcs import center_of_region, enclosing_wcs, is_point
from .membership import region_frame

__all__ = ["RegionGeom"]


class RegionGeom(RegionExtent, Geom):
    """One spatial pixel, the region, with bins along axes.

    Membership and area are evaluated on a tangential projection around the region. A point region has solid angle
    zero and stands for every position: it contains all coordinates. Without a region there is no position at all:
    a spectrum.

    Parameters
    ----------
    region : `~regions.SkyRegion`, `~regions.PixelRegion` or None
        Pixel regions need `wcs`.
    axes : list of `MapAxis`, optional
    wcs : `~astropy.wcs.WCS`, optional
        Projection to use instead of a tangential one around the region.
    binsz_wcs : `~astropy.units.Quantity`, str or float
        Pixel size of the tangential projection; plain numbers are degrees.

    Examples
    --------
    >>> geom = RegionGeom.create("icrs;circle(83.6, 22, 0.5)")
    >>> geom.data_shape, geom.frame
    ((1, 1), 'icrs')
    >>> print(f"{geom.solid_angle().to('deg2'):.4f}")
    0.7854 deg2
    """

    is_region = True
    projection = "TAN"

    def __init__(self, region, axes=None, wcs=None, binsz_wcs="0.1 deg"):
        self._axes = MapAxes.from_default(axes, n_spatial_axes=2)
        if isinstance(region, PixelRegion):
            if wcs is None:
                raise GeometryError("a pixel region must come with a projection, got none. Give wcs.")
            region = region.to_sky(wcs)
        if region is not None and not isinstance(region, SkyRegion):
            raise TypeError(f"region must be a SkyRegion or None, got {type(region).__name__}. Use create().")
        self._region, self._given_wcs, self._wcs, self._center = region, wcs, wcs, None
        if not isinstance(binsz_wcs, (str, u.Quantity)):
            binsz_wcs = np.asarray(binsz_wcs) * u.deg
        binsz = to_quantity(binsz_wcs, "deg", "binsz_wcs").value
        self._binsz = tuple(float(size) for size in np.broadcast_to(binsz, (2,)))
        if min(self._binsz) <= 0:
            raise GeometryError(f"binsz_wcs must be > 0, got {binsz_wcs}.")

    def _init_copy(self, **kwargs):
        arguments = {
            "region": self._region,
            "axes": self._axes,
            "wcs": self._given_wcs,
            "binsz_wcs": self.binsz_wcs,
        } | kwargs
        if arguments["region"] is not self._region and "wcs" not in kwargs:
            arguments["wcs"] = None
        new = type(self)(**arguments)
        same_region = new._region is self._region and new._binsz == self._binsz
        if same_region and new._given_wcs is self._given_wcs:
            new._wcs, new._center = self._wcs, self._center
        return new

    # ------------------------------------------------------------------ constructors

    @classmethod
    def create(cls, region, **kwargs) -> RegionGeom:
        """Make a geometry from a region in any notation.

        Parameters
        ----------
        region : str, `~regions.SkyRegion`, `~astropy.coordinates.SkyCoord`, list of those, or None
            DS9 text as in ``"galactic;circle(0, 0, 0.5)"``, the name of a region file, or regions; several are
            joined to their union.
        **kwargs
            Further arguments of `RegionGeom`.
        """
        return cls.from_regions(region, **kwargs)

    @classmethod
    def from_regions(cls, regions, **kwargs) -> RegionGeom:
        """Make a geometry from the union of regions; arguments are those of `create`."""
        if isinstance(regions, SkyCoord):
            regions = [regions] if regions.isscalar else list(regions)
        if isinstance(regions, (list, tuple)):
            regions = [PointSkyRegion(item) if isinstance(item, SkyCoord) else item for item in regions]
        if isinstance(regions, PixelRegion):
            return cls(regions, **kwargs)
        found = parse_regions(regions)
        return cls(regions_to_compound_region(found) if found else None, **kwargs)

    # ------------------------------------------------------------------ attributes

    @property
    def region(self):
        """The region, or None."""
        return self._region

    @property
    def frame(self) -> str:
        """Name of the frame of the region."""
        if self._region is None:
            return "icrs" if self._wcs is None else wcs_to_celestial_frame(self._wcs).name
        frame = region_frame(self._region)
        return frame if frame in ("icrs", "galactic", "fk5") else "icrs"

    @property
    def binsz_wcs(self) -> u.Quantity:
        """Pixel size of the projection, shape (2,)."""
        return np.array(self._binsz) << u.deg

    @property
    def wcs(self):
        """The projection around the region; None without a region."""
        if self._wcs is None and self._region is not None:
            self._wcs = enclosing_wcs(self._region, self._binsz, self.frame)
        return self._wcs

    @property
    def _known_region(self):
        if self._region is None:
            raise GeometryError("a geometry must have a region for this, got region None. Give a region.")
        return self._region

    @property
    def is_all_point_sky_regions(self) -> bool:
        """Whether the region is a point or a union of points."""
        return self._region is not None and is_point(self._region)

    @property
    def is_allsky(self) -> bool:
        """Always False."""
        return False

    @property
    def center_skydir(self) -> SkyCoord:
        """Centre of the region; NaN without a region."""
        if self._region is None:
            return SkyCoord(np.nan, np.nan, unit="deg", frame="icrs" if self._wcs is None else self.frame)
        if self._center is None:
            self._center = center_of_region(self._region)
        return self._center

    @property
    def center_pix(self) -> tuple[float, ...]:
        """Pixel coordinates of the centre."""
        return tuple((n - 1) / 2 for n in self.data_shape[::-1])

    @property
    def npix(self) -> tuple[list[int], list[int]]:
        """Number of spatial pixels along longitude and latitude: one."""
        return [1], [1]

    @property
    def data_shape(self) -> tuple[int, ...]:
        """Shape of a data array, (..., 1, 1)."""
        return (*self._axes.shape[::-1], 1, 1)

    @property
    def data_shape_axes(self) -> tuple[int, ...]:
        """Shape of an array without extent on the sky, (..., 1, 1)."""
        return self.data_shape

    # ------------------------------------------------------------------ coordinate <-> pixel <-> index

    def _spatial_coord_to_pix(self, coords):
        lon, lat = coords["lon"], coords["lat"]
        shape = np.broadcast_shapes(lon.shape, lat.shape)
        if self._region is None or is_point(self._region):
            pix = np.zeros(shape)
        else:
            pix = np.where(self.contains(coords), 0.0, np.nan)
        return pix, pix

    def coord_to_pix(self, coords) -> tuple[np.ndarray, ...]:
        """Return pixel coordinates of map coordinates: spatial ones 0 inside and NaN outside of the region.

        Parameters
        ----------
        coords : tuple, dict, `~geminga.maps.MapCoord` or `~astropy.coordinates.SkyCoord`
            A dictionary may lack the sky position; it is then inside.
        """
        if _lacks_position(coords):
            return (np.zeros(1), np.zeros(1), *self._axes.coord_to_pix(coords))
        return super().coord_to_pix(coords)

    def coord_to_idx(self, coords, clip=False) -> tuple[np.ndarray, ...]:
        """Return bin indices of map coordinates: spatial ones 0 inside and -1 outside of the region."""
        if _lacks_position(coords):
            inside = np.zeros(1, dtype=np.intp)
            return (inside, inside, *self._axes.coord_to_idx(coords, clip=clip))
        return super().coord_to_idx(coords, clip=clip)

    def _spatial_pix_to_idx(self, pix, clip=False):
        return tuple(np.where(np.abs(p) <= 0.5, 0, -1) for p in pix)

    def pix_to_coord(self, pix) -> tuple:
        """Return the centre of the region (NaN where the spatial pixel is not 0) and coordinates along the axes."""
        center = self.center_skydir
        inside = [np.abs(np.asarray(p, dtype=float)) <= 0.5 for p in pix[:2]]
        lon = Longitude(np.where(inside[0], center.data.lon.deg, np.nan), "deg", copy=False)
        lat = Latitude(np.where(inside[1], center.data.lat.deg, np.nan), "deg", copy=False)
        return (lon, lat, *self._axes.pix_to_coord(pix[2:]))

    def get_coord(self, mode="center", frame=None, sparse=False, axis_name=None) -> MapCoord:
        """Return the coordinates of the bins.

        Parameters
        ----------
        mode : {"center", "edges"}
            With "edges", `axis_name` gives its edges and the other axes their centres.
        frame : str, optional
            Frame of the sky position.
        sparse : bool
            Give arrays that broadcast against each other instead of full ones.
        axis_name : str, optional

        Returns
        -------
        `MapCoord`
        """
        if mode not in ("center", "edges") or (mode == "edges" and axis_name is None):
            raise GeometryError(
                f"mode must be 'center', or 'edges' with an axis_name, got {mode!r}, {axis_name!r}."
            )
        along = self._axes.get_coord(mode=mode, axis_name=axis_name)
        center = self.center_skydir
        if frame is not None and self._region is not None:
            center = center.transform_to(frame)
        lon, lat = (np.array([[angle.deg]]) for angle in (center.data.lon, center.data.lat))
        coords = MapCoord({"lon": lon, "lat": lat} | along, frame=frame or self.frame)
        return coords if sparse else coords.broadcasted

    def get_idx(self) -> tuple[np.ndarray, ...]:
        """Return the indices of the bins, spatial ones (zeros) first, each of shape `data_shape`."""
        return tuple(np.indices(self.data_shape)[::-1])

    # ------------------------------------------------------------------ new geometries from this one

    def _pad_spatial(self, pad_width):
        raise NotImplementedError("a region geometry must stay one pixel, it cannot be padded. Name an axis.")

    def crop(self, crop_width=None):
        """Not possible: a region is one pixel."""
        raise NotImplementedError(
            "a region geometry must stay one pixel, it cannot be cropped. Use slice_by_idx()."
        )

    def _resize_spatial(self, factor, up):
        return self

    def to_binsz(self, binsz) -> RegionGeom:
        """Return the geometry itself: a region has no pixel size. See `to_binsz_wcs`."""
        return self

    def to_binsz_wcs(self, binsz) -> RegionGeom:
        """Return the geometry with another pixel size of its projection."""
        return self._init_copy(binsz_wcs=binsz, wcs=None)

    def union(self, other) -> RegionGeom:
        """Make this the geometry of the union of its region with that of another, in place; also return it.

        Parameters
        ----------
        other : `RegionGeom`
            With the same axes.
        """
        if not isinstance(other, RegionGeom):
            raise TypeError(f"other must be a RegionGeom, got {type(other).__name__}.")
        if self._axes != other._axes:
            raise AxisMismatchError("region geometries to join must have equal axes, got different ones.")
        regions = [region for region in (self._region, other._region) if region is not None]
        self._region = regions_to_compound_region(regions) if regions else None
        self._given_wcs = self._wcs = self._center = None
        return self

    # ------------------------------------------------------------------ comparison

    def is_allclose(self, other, rtol_axes=1e-6, atol_axes=1e-6) -> bool:
        """Return whether two geometries have the same region and axes within tolerances.

        Parameters
        ----------
        other : `RegionGeom`
        rtol_axes, atol_axes : float
            Tolerances of the axes.

        Raises
        ------
        TypeError
            If `other` is no `RegionGeom`.
        """
        if not isinstance(other, RegionGeom):
            raise TypeError(
                f"other must be a RegionGeom, got {type(other).__name__}. Compare geometries of one kind."
            )
        same_axes = self._axes.is_allclose(other._axes, rtol=rtol_axes, atol=atol_axes)
        return same_axes and regions_allclose(self._region, other._region)

    def _is_compatible(self, other) -> bool:
        # maps of different regions are combined all the time: on and off counts
        return isinstance(other, RegionGeom) and self._axes == other._axes

    # ------------------------------------------------------------------ files, plots

    def to_hdulist(self, format="ogip", hdu_bands=None, hdu_region=None):
        """Return the axes and the region as FITS data.

        Parameters
        ----------
        format : {"ogip", "ogip-sherpa", "gadf"}
        hdu_bands, hdu_region : str, optional
            Names of the HDUs, for "gadf".
        """
        from astropy.io.fits import HDUList, PrimaryHDU

        from .io.formats import REGION_GEOMS

        hdus = REGION_GEOMS.write(self, format=format, hdu_bands=hdu_bands, hdu_region=hdu_region)
        return HDUList([PrimaryHDU(), *hdus])

    @classmethod
    def from_hdulist(cls, hdulist, format="ogip", hdu=None) -> RegionGeom:
        """Read a geometry from open FITS data.

        Parameters
        ----------
        hdulist : `~astropy.io.fits.HDUList`
        format : {"ogip", "ogip-sherpa", "ogip-arf", "gadf"}
        hdu : str, optional
            Name of the HDU with the data, for "gadf": axes and region are in ``<hdu>_BANDS`` and ``<hdu>_REGION``.
        """
        from .io.formats import REGION_GEOMS

        return REGION_GEOMS.read(hdulist, format=format, hdu=hdu)

    plot_region = drawn_by("geminga.visualization.maps:plot_region")

    def __repr__(self):
        lon, lat = self.center_skydir.data.lon.deg, self.center_skydir.data.lat.deg
        return (
            f"RegionGeom\n----------\n\n"
            f"  region : {type(self._region).__name__ if self._region is not None else None}\n"
            f"  axes   : {self.axes_names}\n"
            f"  shape  : {self.data_shape[::-1]}\n"
            f"  ndim   : {self.ndim}\n"
            f"  frame  : {self.frame}\n"
            f"  center : {lon:.1f} deg, {lat:.1f} deg\n"
        )


def _lacks_position(coords) -> bool:
    """Return whether coordinates are a dictionary without a position on the sky."""
    return isinstance(coords, dict) and "skycoord" not in coords and "lon" not in coords
