"""Geometries of the parts of a dataset, and empty parts on them."""

from __future__ import annotations

from astropy import units as u

from ..errors import AxisMismatchError
from ..maps import Map, MapAxis
from ..units import to_quantity

__all__ = ["create_map_dataset_geoms", "empty_map", "empty_parts"]

#: Bins of the PSF in separation and of the energy dispersion in migra, unless others are asked for.
RAD_BINS, RAD_MAX = 66, 0.66 * u.deg
MIGRA_BINS, MIGRA_BOUNDS = 48, (0.2, 5)


def default_rad_axis():
    """Return the axis of separations that a PSF gets: 66 bins up to 0.66 deg."""
    return MapAxis.from_bounds(
        0, RAD_MAX.to_value("deg"), nbin=RAD_BINS, node_type="edges", name="rad", unit="deg"
    )


def create_map_dataset_geoms(
    geom, energy_axis_true=None, migra_axis=None, rad_axis=None, binsz_irf=0.2 * u.deg, reco_psf=False
) -> dict:
    """Return the geometries of counts, exposure, PSF and energy dispersion that go with the counts geometry.

    Parameters
    ----------
    geom : `~geminga.maps.Geom`
        Of the counts, with an axis ``energy``.
    energy_axis_true : `~geminga.maps.MapAxis`, optional
        By default a copy of that of reconstructed energy.
    migra_axis : `~geminga.maps.MapAxis`, optional
        With it the energy dispersion is a function of migra; otherwise a matrix on the energy axis.
    rad_axis : `~geminga.maps.MapAxis`, optional
        Of the PSF; by default 66 bins up to 0.66 deg.
    binsz_irf : `~astropy.units.Quantity`, str or float
        Pixel size of PSF and energy dispersion; numbers are degrees.
    reco_psf : bool
        Keep the PSF in reconstructed energy.

    Returns
    -------
    dict
        Keys ``geom``, ``geom_exposure``, ``geom_psf``, ``geom_edisp``.

    Examples
    --------
    >>> from geminga.maps import MapAxis, RegionGeom
    >>> axis = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=3)
    >>> geoms = create_map_dataset_geoms(RegionGeom.create("icrs;circle(83.63, 22.01, 0.1)", axes=[axis]))
    >>> geoms["geom_edisp"].data_shape
    (3, 3, 1, 1)
    """
    if "energy" not in geom.axes.names:
        raise AxisMismatchError(
            f"geometry of a dataset must have an axis 'energy', got {list(geom.axes.names)}. Use geom.to_cube([axis])."
        )
    energy_axis = geom.axes["energy"]
    if energy_axis_true is not None:
        energy_axis_true.assert_name("energy_true")
    else:
        energy_axis_true = energy_axis.copy(name="energy_true")
    rad_axis = default_rad_axis() if rad_axis is None else rad_axis
    image = geom.to_image()
    if isinstance(binsz_irf, int | float):
        binsz_irf = binsz_irf * u.deg
    binned = image.to_binsz(to_quantity(binsz_irf, "deg", "binsz_irf"))
    return {
        "geom": geom,
        "geom_exposure": image.to_cube([energy_axis_true]),
        "geom_psf": binned.to_cube([rad_axis, energy_axis if reco_psf else energy_axis_true]),
        "geom_edisp": binned.to_cube([energy_axis if migra_axis is None else migra_axis, energy_axis_true]),
    }


def empty_map(geom, unit="", dtype=None):
    """Return a map of zeros: float64 for regions, float32 for cubes, unless told otherwise."""
    dtype = ("float64" if geom.is_region else "float32") if dtype is None else dtype
    return Map.from_geom(geom, unit=unit, dtype=dtype)


def _without_dispersion(geom):
    """Return an energy dispersion that leaves energies as they are, and weighs nothing when it is stacked."""
    from ..irf import EDispKernel, EDispKernelMap, EDispMap

    axes = geom.axes
    if "migra" in axes.names:
        edisp: EDispMap | EDispKernelMap = EDispMap.from_geom(geom)
        values = EDispMap.from_diagonal_response(axes["energy_true"], axes["migra"]).edisp_map.data[..., 0, 0]
    else:
        edisp = EDispKernelMap.from_geom(geom)
        values = EDispKernel.from_diagonal_response(axes["energy_true"], axes["energy"]).pdf_matrix
    edisp.edisp_map.data += values.reshape(values.shape + (1,) * (len(geom.data_shape) - 2))
    return edisp


def empty_parts(cls, geom, geom_exposure, geom_psf, geom_edisp, reference_time) -> dict:
    """Return parts of zeros, and no energy dispersion, for a dataset class, those that it has."""
    from ..data import GTI

    parts = {"mask_safe": empty_map(geom, dtype=bool)}
    for name in ("counts", "counts_off", "acceptance", "acceptance_off"):
        if name in cls._maps:
            parts[name] = empty_map(geom)
    if "background" in cls._maps:
        parts["background"] = empty_map(geom)
    if geom_exposure is not None:
        parts["exposure"] = empty_map(geom_exposure, unit="m2 s")
    if geom_edisp is not None:
        parts["edisp"] = _without_dispersion(geom_edisp)
    if geom_psf is not None:
        from ..irf import PSFMap, RecoPSFMap

        kind = RecoPSFMap if "energy" in geom_psf.axes.names else PSFMap
        parts["psf"] = kind.from_geom(geom_psf)
    parts["gti"] = GTI.create([] * u.s, [] * u.s, reference_time=reference_time)
    return parts
