"""Rate of background events in the field of view."""

from __future__ import annotations

import numpy as np
from astropy import units as u
from astropy.coordinates import angular_separation

from ..doors import drawn_by
from ..maps import MapAxis
from .core import IRF
from .registry import IRF_REGISTRY

__all__ = ["Background2D", "Background3D", "BackgroundIRF"]


class BackgroundIRF(IRF):
    """Base of background rates: per on-time, energy and solid angle, interpolated in the logarithm.

    Parameters are those of `IRF`.
    """

    default_interp_kwargs = {"bounds_error": False, "fill_value": 0.0, "values_scale": "log"}
    default_unit = u.Unit("s-1 MeV-1 sr-1")


@IRF_REGISTRY.register
class Background3D(BackgroundIRF):
    """Background rate, axes ("energy", "fov_lon", "fov_lat").

    Parameters are those of `IRF`.
    """

    tag = "bkg_3d"
    required_axes = ["energy", "fov_lon", "fov_lat"]

    plot_at_energy = drawn_by("geminga.visualization.irf:plot_background_at_energy")
    peek = drawn_by("geminga.visualization.irf:peek_background")

    def to_2d(self) -> Background2D:
        """Return the profile along fov_lat = 0, fov_lon >= 0 as a rate that depends on the offset.

        The response should be radially symmetric; nothing is averaged.
        """
        lon, lat = self.axes["fov_lon"], self.axes["fov_lat"]
        first = int(lon.coord_to_idx(0 * lon.unit)[0])
        row = int(lat.coord_to_idx(0 * lat.unit)[0])
        edges = np.clip(lon.edges[first:], 0 * lon.unit, None)
        offset = MapAxis.from_edges(edges, name="offset", interp=lon.interp)
        return Background2D(
            [self.axes["energy"], offset],
            data=self.data[:, first:, row].copy(),
            unit=self.unit,
            is_pointlike=self.is_pointlike,
            fov_alignment=self.fov_alignment,
            meta=_without_class(self.meta),
            interp_kwargs=self.interp_kwargs,
        )


@IRF_REGISTRY.register
class Background2D(BackgroundIRF):
    """Background rate, axes ("energy", "offset").

    Parameters are those of `IRF`.

    Examples
    --------
    >>> energy = MapAxis.from_energy_bounds("0.1 TeV", "10 TeV", nbin=2)
    >>> offset = MapAxis.from_edges([0, 1, 2], unit="deg", name="offset")
    >>> background = Background2D([energy, offset], data=[[2e-4, 1e-4], [2e-7, 1e-7]], unit="s-1 MeV-1 sr-1")
    >>> background.evaluate(energy="1 TeV", offset="1 deg")
    <Quantity 4.47213595e-06 1 / (MeV s sr)>
    """

    tag = "bkg_2d"
    required_axes = ["energy", "offset"]

    plot = drawn_by("geminga.visualization.irf:plot_background_2d")
    plot_at_energy = drawn_by("geminga.visualization.irf:plot_background_at_energy")
    plot_energy_dependence = drawn_by("geminga.visualization.irf:plot_background_energy_dependence")
    plot_offset_dependence = drawn_by("geminga.visualization.irf:plot_background_offset_dependence")
    plot_spectrum = drawn_by("geminga.visualization.irf:plot_background_spectrum")
    peek = drawn_by("geminga.visualization.irf:peek_background")

    def to_3d(self) -> Background3D:
        """Return the rate on a square field of view, evaluated at the offset of each bin centre."""
        offset = self.axes["offset"]
        positive = offset.edges.value[offset.edges.value > 0]
        middle = [0.0] if offset.edges.value[0] >= 0 and np.isclose(offset.edges.value[0], 0) else []
        edges = np.concatenate([-positive[::-1], middle, positive])
        lon = MapAxis.from_edges(edges, unit=offset.unit, name="fov_lon")
        lat = MapAxis.from_edges(edges, unit=offset.unit, name="fov_lat")
        separation = angular_separation(
            0 * u.deg, 0 * u.deg, lon.center[:, np.newaxis], lat.center[np.newaxis, :]
        )
        data = self.evaluate(
            energy=self.axes["energy"].center[:, np.newaxis, np.newaxis], offset=separation[np.newaxis]
        )
        return Background3D(
            [self.axes["energy"], lon, lat],
            data=data,
            is_pointlike=self.is_pointlike,
            fov_alignment=self.fov_alignment,
            meta=_without_class(self.meta),
            interp_kwargs=self.interp_kwargs,
        )


def _without_class(meta) -> dict:
    """Return header keywords without those that name the class of the old table."""
    return {
        key: value for key, value in meta.items() if key not in ("HDUCLAS4", "EXTNAME") and key[:4] != "CREF"
    }
