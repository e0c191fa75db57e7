"""Point spread function that depends on the position."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ...doors import drawn_by, opens
from ...maps import Map, MapCoord
from ...numerics.random import get_random_state
from ...units import to_quantity, to_value
from ..irf_map import IRFMap, map_on
from ..map_position import interpolated_profile
from ..map_sampling import draw_from_rows, rows_of_events
from ..registry import IRF_REGISTRY
from .core import default_rad_axis
from .profile import RadialProfiles

__all__ = ["PSFMap"]

# Pixels whose containment radius is looked up at once.
PIXELS_AT_ONCE = 2000


@IRF_REGISTRY.register
class PSFMap(IRFMap):
    """Density of events as a function of the distance, axes ("rad", "energy_true"), in sr-1.

    Parameters
    ----------
    psf_map : `~geminga.maps.Map`
    exposure_map : `~geminga.maps.Map`, optional
        With one bin of "rad".

    Examples
    --------
    >>> from geminga.maps import MapAxis
    >>> energy = MapAxis.from_energy_bounds("0.1 TeV", "10 TeV", nbin=2, name="energy_true")
    >>> psf = PSFMap.from_gauss(energy, sigma="0.1 deg")
    >>> psf.containment("0.1 deg", energy_true="1 TeV").round(3)
    <Quantity [0.394]>
    """

    tag = "psf_map"
    required_axes = ["rad", "energy_true"]
    default_unit = u.Unit("sr-1")
    energy_name = "energy_true"
    _hdu_name = "PSF"

    plot_containment_radius_vs_energy = drawn_by(
        "geminga.visualization.irf:plot_psf_map_containment_radius_vs_energy"
    )
    plot_psf_vs_rad = drawn_by("geminga.visualization.irf:plot_psf_map_vs_rad")
    peek = drawn_by("geminga.visualization.irf:peek_psf_map")

    get_psf_kernel = opens("geminga.irf.psf.kernel_making:psf_kernel_at")
    to_image = opens("geminga.irf.psf.spectral_mean:image_of_psf_map")

    def __init__(self, psf_map, exposure_map=None):
        super().__init__(psf_map, exposure_map)

    def _checked(self, irf_map):
        # an average over the energy has only the axis of distances
        return irf_map if list(irf_map.geom.axes.names) == ["rad"] else super()._checked(irf_map)

    @property
    def psf_map(self) -> Map:
        """Density of events."""
        return self._irf_map

    @psf_map.setter
    def psf_map(self, value):
        self._irf_map = self._checked(value)

    # ------------------------------------------------------------------ constructors

    @classmethod
    def from_gauss(cls, energy_axis_true, rad_axis=None, sigma="0.1 deg", geom=None):
        """Create a Gaussian point spread function, the same everywhere.

        Parameters
        ----------
        energy_axis_true : `~geminga.maps.MapAxis`
        rad_axis : `~geminga.maps.MapAxis`, optional
            66 bins up to 0.66 deg by default. The density is that at the bin centres, not normalised on the axis.
        sigma : `~astropy.units.Quantity`, scalar or shape (n_energy,)
        geom : `~geminga.maps.Geom`, optional
            Its image is used; by default the whole sky.
        """
        return cls._from_gauss(energy_axis_true, rad_axis, sigma, geom)

    @classmethod
    def _from_gauss(cls, energy_axis, rad_axis, sigma, geom):
        energy_axis.assert_name(cls.energy_name)
        rad_axis = default_rad_axis() if rad_axis is None else rad_axis
        width = np.broadcast_to(to_value(sigma, "deg", "sigma").ravel(), energy_axis.nbin)[:, np.newaxis]
        rad = rad_axis.center.to_value("deg")
        density = np.exp(-0.5 * (rad / width) ** 2) / (2 * np.pi * width**2)
        psf_map = map_on(geom, [rad_axis, energy_axis], unit="sr-1")
        density = (density * u.Unit("deg-2")).to_value("sr-1")
        psf_map.data = density.reshape(density.shape + (1,) * (psf_map.data.ndim - 2)) * np.ones(
            psf_map.data.shape
        )
        return cls._of(psf_map)

    def normalize(self):
        """Divide by the integral over the distance, in place; where it is 0, the function stays 0."""
        rad = self._irf_map.geom.axes["rad"]
        area = 2 * np.pi * rad.center.to_value("rad") * rad.bin_width.to_value("rad")
        self._normalize_first_axis(area, self.default_unit)

    # ------------------------------------------------------------------ containment

    def _profiles(self, position) -> RadialProfiles:
        """Return the profiles at a position."""
        return self._as_profiles(interpolated_profile(self, position))

    def _as_profiles(self, density) -> RadialProfiles:
        axes = self._irf_map.geom.axes
        factor = self._irf_map.unit.to("deg-2")
        return RadialProfiles(axes[self.energy_name], axes["rad"], np.asarray(density, dtype=float) * factor)

    def _energies(self, energy) -> np.ndarray:
        unit = self._irf_map.geom.axes[self.energy_name].unit
        return np.atleast_1d(to_value(energy, unit, self.energy_name))

    def containment(self, rad, energy_true, position=None) -> u.Quantity:
        """Return the fraction of events within a distance.

        Parameters
        ----------
        rad : `~astropy.units.Quantity`
        energy_true : `~astropy.units.Quantity`
            Broadcast against `rad`.
        position : `~astropy.coordinates.SkyCoord`, optional
            By default the centre of the map. The function is interpolated between pixels with exposure.

        Returns
        -------
        `~astropy.units.Quantity`, dimensionless, at least one-dimensional
        """
        rad = np.atleast_1d(to_value(rad, "deg", "rad"))
        return u.Quantity(self._profiles(position).contained_at(self._energies(energy_true), rad), "")

    def containment_radius(self, fraction, energy_true, position=None) -> u.Quantity:
        """Return the distance within which a fraction of the events lies.

        Parameters
        ----------
        fraction : float or array_like
        energy_true : `~astropy.units.Quantity`
            Broadcast against `fraction`.
        position : `~astropy.coordinates.SkyCoord`, optional
            By default the centre of the map.

        Returns
        -------
        `~astropy.units.Quantity`, at least one-dimensional
            Centre of the nearest bin of an axis with 20 times the bins.
        """
        radius = self._profiles(position).radius_of(fraction, self._energies(energy_true))
        return u.Quantity(radius, "deg").to(self._irf_map.geom.axes["rad"].unit)

    def containment_radius_map(self, energy_true, fraction=0.68) -> Map:
        """Return the image of containment radii.

        Parameters
        ----------
        energy_true : `~astropy.units.Quantity`
            One energy.
        fraction : float
        """
        energy = self._energies(energy_true).reshape(())
        geom = self._irf_map.geom
        image = geom.to_image()
        density = self._irf_map.data.reshape((*self._irf_map.data.shape[:2], -1))
        radii = np.empty(density.shape[-1])
        rad = geom.axes["rad"].upsample(20).center.to_value("deg")
        axis = geom.axes[self.energy_name]
        pix = np.clip(float(axis.coord_to_pix(energy * axis.unit)[0]), 0, axis.nbin - 1)
        low = min(int(pix), max(axis.nbin - 2, 0))
        high = min(low + 1, axis.nbin - 1)
        for start in range(0, len(radii), PIXELS_AT_ONCE):
            part = slice(start, start + PIXELS_AT_ONCE)
            near = self._as_profiles(density[low : high + 1, :, part])
            cumulative = near.cumulative()
            cumulative = cumulative[0] + (pix - low) * (cumulative[-1] - cumulative[0])
            left = np.clip(np.searchsorted(near.rad_edges, rad, side="right") - 1, 0, len(near.rad_edges) - 2)
            weight = ((rad - near.rad_edges[left]) / np.diff(near.rad_edges)[left])[:, np.newaxis]
            contained = cumulative[left] * (1 - weight) + cumulative[left + 1] * weight
            radii[part] = rad[np.argmin(np.abs(contained - fraction).round(10), axis=0)]
        return Map.from_geom(image, data=radii.reshape(image.data_shape), unit="deg", dtype=float)

    # ------------------------------------------------------------------ sampling

    def sample_coord(self, map_coord, random_state=0, chunk_size=10000) -> MapCoord:
        """Draw a reconstructed position for each event.

        Parameters
        ----------
        map_coord : `~geminga.maps.MapCoord`
            Positions and energies of the events.
        random_state : int or `~numpy.random.RandomState`
        chunk_size : int
            Events treated at once; the result does not depend on it.

        Returns
        -------
        `~geminga.maps.MapCoord`
            New positions, with the same energies. Where the map has no function, the old position.
        """
        random = get_random_state(random_state)
        energy = np.atleast_1d(to_quantity(map_coord[self.energy_name], name=self.energy_name))
        skycoord = map_coord.skycoord
        bins, pixel = rows_of_events(self, skycoord, energy, self.energy_name, random)
        image_shape = self._irf_map.geom.to_image().data_shape
        n_pixels = int(np.prod(image_shape))
        density = self._irf_map.data.reshape((*self._irf_map.data.shape[:2], n_pixels))
        edges = self._irf_map.geom.axes["rad"].edges.to_value("rad")
        center = self._irf_map.geom.axes["rad"].center.to_value("rad")
        area = center * np.diff(edges)
        rows = bins * n_pixels + np.ravel_multi_index(pixel, image_shape)

        def content_of(rows):
            return density[rows // n_pixels, :, rows % n_pixels] * area

        drawn = draw_from_rows(content_of, rows, random.uniform(size=len(rows)), chunk_size=chunk_size)
        # within a ring the density is constant, hence uniform in the square of the distance
        low, high = edges[drawn] ** 2, edges[np.minimum(drawn + 1, len(edges) - 1)] ** 2
        place = random.uniform(size=len(rows))
        separation = np.where(drawn < 0, 0.0, np.sqrt(np.clip(low + place * (high - low), 0, None)))
        angle = random.uniform(0, 2 * np.pi, size=len(rows))
        moved = skycoord.directional_offset_by(angle * u.rad, separation * u.rad)
        spherical = moved.spherical
        return MapCoord(
            {"lon": spherical.lon.to("deg"), "lat": spherical.lat.to("deg"), self.energy_name: energy},
            map_coord.frame,
        )
