"""Norms and the fluxes that they stand for."""

import numpy as np
import pytest
from astropy import units as u
from numpy.testing import assert_allclose, assert_array_equal

from geminga.errors import AxisMismatchError, DataError, UnknownNameError
from geminga.estimators import FluxMaps, FluxPoints
from geminga.maps import Map, MapAxis, WcsGeom
from geminga.modeling.models import LogParabolaSpectralModel, PowerLawSpectralModel, SkyModel
from geminga.results.quantities import FLUX_TYPES, SED_TYPES, SUFFIXES

from .conftest import AXES, ENERGY, region_map

E = np.array([1.0, 3, 10, 30])


def analytic(kind):
    """Return the flux of 3e-12 (E / 2 TeV)^-2.3 in the three bins."""
    center = np.sqrt(E[1:] * E[:-1])
    dnde = 3e-12 * (center / 2) ** -2.3
    flux = 3e-12 * 2**2.3 / -1.3 * np.diff(E**-1.3)
    eflux = 3e-12 * 2**2.3 / -0.3 * np.diff(E**-0.3)
    erg = u.TeV.to("erg")
    return {"dnde": dnde, "e2dnde": dnde * center**2 * erg, "flux": flux, "eflux": eflux * erg}[kind]


UNITS = {"dnde": "cm-2 s-1 TeV-1", "e2dnde": "erg cm-2 s-1", "flux": "cm-2 s-1", "eflux": "erg cm-2 s-1"}


@pytest.mark.parametrize("kind", FLUX_TYPES)
def test_fluxes_are_norms_times_the_reference(kind, points):
    reference = analytic(kind)
    assert_allclose(getattr(points, f"{kind}_ref").to_value(UNITS[kind]).ravel(), reference, rtol=1e-12)
    for suffix in SUFFIXES[:-1]:
        flux = getattr(points, f"{kind}{suffix}")
        norm = getattr(points, f"norm{suffix}").data
        assert_allclose(flux.quantity.to_value(UNITS[kind]).ravel(), norm.ravel() * reference, rtol=1e-12)


def test_quantities_by_name(points):
    for name in (*points.available_quantities, "flux", "e2dnde_err", "dnde_ul"):
        by_name, attribute = points[name], getattr(points, name)
        assert by_name.unit == attribute.unit
        assert_array_equal(by_name.data, attribute.data)
    with pytest.raises(UnknownNameError, match="sqrt_ts"):
        points["sqrtts"]


@pytest.mark.parametrize("axes", AXES.values(), ids=AXES)
@pytest.mark.parametrize("kind", SED_TYPES)
def test_round_trip_through_maps(kind, axes, make_points):
    points = make_points(axes)
    again = FluxPoints.from_maps(points.to_maps(kind), kind, points.reference_model, meta=points.meta)
    assert sorted(again.available_quantities) == sorted(points.available_quantities)
    for name in points.available_quantities:
        assert_allclose(again._data[name].data, points._data[name].data, rtol=1e-12)


def test_sed_type_of_maps_is_guessed(points):
    for kind in SED_TYPES:
        again = FluxPoints.from_maps(points.to_maps(kind), reference_model=points.reference_model)
        assert again.sed_type_init == kind
        assert_allclose(again.norm.data, points.norm.data, rtol=1e-12)
    with pytest.raises(UnknownNameError, match="dnde"):
        FluxPoints.from_maps({"ts": points.ts})


def test_another_reference_changes_norms_but_not_dnde(points):
    model = LogParabolaSpectralModel(amplitude="1e-12 cm-2 s-1 TeV-1", alpha=2, beta=0.1, reference="1 TeV")
    other = points.copy(reference_model=SkyModel(model))
    for name in ("dnde", "dnde_err", "dnde_ul", "e2dnde_errp"):
        assert_allclose(getattr(other, name).data, getattr(points, name).data, rtol=1e-12)
    assert not np.allclose(other.norm.data, points.norm.data)
    assert_allclose(other.ts.data, points.ts.data)


def test_a_copy_shares_nothing(points):
    other = points.copy()
    other.norm.data[...] = 7
    other.meta["n_sigma"] = 3
    assert points.norm.data.max() == 2
    assert points.n_sigma == 1


# ------------------------------------------------------------------ limits and significance


def test_limits_below_the_threshold_of_significance(points):
    # ts = 0, 12.5, 25
    assert_array_equal(points.is_ul.data.ravel(), [True, False, False])
    points.sqrt_ts_threshold_ul = 4
    assert_array_equal(points.is_ul.data.ravel(), [True, True, False])
    assert points.meta["sqrt_ts_threshold_ul"] == 4


def test_stored_limits_win_until_the_threshold_is_set(make_points):
    stored = region_map([ENERGY], np.array([False, True, True]))
    points = make_points(is_ul=stored)
    assert_array_equal(points.is_ul.data.ravel(), [False, True, True])
    points.sqrt_ts_threshold_ul = 2
    assert_array_equal(points.is_ul.data.ravel(), [True, False, False])


def test_limits_without_significance(make_points):
    norm = region_map([ENERGY], np.array([np.nan, 1, np.nan]))
    limit = region_map([ENERGY], np.array([1, np.nan, np.nan]))
    with_limits = make_points(norm=norm, norm_ul=limit, ts=None)
    assert_array_equal(with_limits.is_ul.data.ravel(), [True, False, False])
    without = make_points(norm=norm, norm_ul=None, ts=None)
    assert_array_equal(without.is_ul.data.ravel(), [True, False, True])


def test_sqrt_ts_has_the_sign_of_the_norm(make_points):
    points = make_points(
        norm=region_map([ENERGY], np.array([1.0, -2, 0.5])),
        ts=region_map([ENERGY], np.array([9.0, 4, -1e-9])),
    )
    assert_allclose(points.sqrt_ts.data.ravel(), [3, -2, 0])


def test_ts_from_its_root(make_points):
    points = make_points(ts=None, sqrt_ts=region_map([ENERGY], np.array([-2.0, 3, 4])))
    assert_allclose(points.ts.data.ravel(), [4, 9, 16])
    assert points.has_any_ts


def test_failed_fits_are_shown_as_nan(make_points):
    points = make_points(success=region_map([ENERGY], np.array([True, False, True])))
    assert_array_equal(np.isnan(points.dnde.data.ravel()), [False, True, False])
    points.filter_success_nan = False
    assert np.isfinite(points.dnde.data).all()


def test_scans_relative_to_the_best_fit(points):
    assert_allclose(points.ts_scan.data.min(axis=-3).ravel(), 0, atol=0.5)
    f = np.array([1, 1.5, 2])
    norms = points.stat_scan.geom.axes["norm"].center.value
    expected = ((norms - f[:, np.newaxis]) / (0.1 * f[:, np.newaxis])) ** 2
    assert_allclose(points.ts_scan.data[..., 0, 0], expected, rtol=1e-9, atol=1e-9)
    values = points.dnde_scan_values
    assert_allclose(values.data[..., 0, 0], norms * analytic("dnde")[:, np.newaxis], rtol=1e-12)


def test_predicted_counts(points):
    assert_allclose(points.npred_background.data.ravel(), [2, 3, 4])
    assert_allclose(points.npred_excess_ref.data.ravel(), 8)
    assert_allclose(points.npred_excess_err.data.ravel(), 0.8 * np.array([1, 1.5, 2]))
    assert_allclose(points.npred_excess_ul.data.ravel(), 9.6 * np.array([1, 1.5, 2]))


# ------------------------------------------------------------------------------ slices and joins


def test_slices(make_points):
    points = make_points(AXES["lightcurve"])
    part = points.slice_by_energy(3 * u.TeV, 30 * u.TeV)
    assert_allclose(part.energy_axis.edges.value, [3, 10, 30])
    assert_allclose(part.norm.data, points.norm.data[:, 1:])
    assert part.stat_scan.data.shape[1] == 2
    time = points.geom.axes["time"]
    late = points.slice_by_time(time.time_min[1], time.time_max[1])
    assert_allclose(late.norm.data, points.norm.data[1:])
    same = points.slice_by_coord({"time": slice(time.time_min[1], time.time_max[1])})
    assert_allclose(same.norm.data, late.norm.data)
    assert late.meta == points.meta
    assert points.slice_by_idx({"energy": slice(0, 1)}).geom.data_shape == (2, 1, 1, 1)
    with pytest.raises(DataError, match="must contain a bin"):
        points.slice_by_coord({"energy": slice(100 * u.TeV, 200 * u.TeV)})


def test_iterating_and_joining_are_inverse(make_points):
    points = make_points(AXES["lightcurve"])
    parts = list(points.iter_by_axis("time"))
    assert len(parts) == 2
    joined = FluxPoints.from_stack(parts, axis=points.geom.axes["time"])
    assert_allclose(joined.norm.data, points.norm.data)
    assert_allclose(joined.stat_scan.data, points.stat_scan.data)
    assert len(joined.gti.table) >= 2


def test_joining_along_a_new_axis(make_points):
    parts = [make_points(), make_points(ts=None)]
    axis = MapAxis.from_nodes([1, 2], name="run", interp="lin")
    joined = FluxPoints.from_stack(parts, axis=axis)
    assert joined.norm.data.shape == (2, 3, 1, 1)
    assert "ts" not in joined.available_quantities


# --------------------------------------------------------------------------------- maps on the sky


@pytest.fixture
def sky_maps(reference):
    geom = WcsGeom.create(skydir=(83.6, 22.0), npix=(5, 4), binsz=0.1, axes=[ENERGY])
    norm = Map.from_geom(geom, data=np.arange(60, dtype=float).reshape(3, 4, 5) + 1)
    data = {
        "norm": norm,
        "norm_err": norm * 0.1,
        "ts": norm * 2,
        "sqrt_ts": norm.copy(data=np.sqrt(norm.data * 2)),
    }
    return FluxMaps(data, reference, meta={"n_sigma": 1, "sed_type_init": "likelihood"})


@pytest.mark.parametrize("kind", SED_TYPES)
def test_maps_in_files(kind, sky_maps, tmp_path):
    path = tmp_path / "maps.fits.gz"
    sky_maps.write(path, sed_type=kind)
    again = FluxMaps.read(path)
    assert again.geom == sky_maps.geom
    for name in ("norm", "norm_err", "ts", "sqrt_ts", "dnde", "eflux_err"):
        assert_allclose(getattr(again, name).data, getattr(sky_maps, name).data, rtol=1e-6)
    assert again.n_sigma == 1
    assert again.reference_model.name == "source"
    assert (tmp_path / "maps_model.yaml").exists()
    with pytest.raises(FileExistsError):
        sky_maps.write(path, sed_type=kind)


def test_maps_without_their_model_say_so(sky_maps, tmp_path, caplog):
    sky_maps.write(tmp_path / "maps.fits")
    (tmp_path / "maps_model.yaml").unlink()
    FluxMaps.read(tmp_path / "maps.fits")
    assert "was not found" in caplog.text


def test_a_spectrum_at_a_position(sky_maps):
    position = sky_maps.geom.to_image().get_coord().skycoord[2, 3]
    points = sky_maps.get_flux_points(position)
    assert isinstance(points, FluxPoints)
    assert_allclose(points.norm.data.ravel(), sky_maps.norm.data[:, 2, 3])


# -------------------------------------------------------------------------------------- bad input


def test_missing_quantities_are_named(make_points):
    points = make_points(norm_ul=None)
    with pytest.raises(AttributeError, match="norm_ul must be among"):
        points.dnde_ul
    assert not hasattr(points, "flux_sensitivity")
    assert not points.has_ul


def test_bad_input(points, reference):
    with pytest.raises(DataError, match="must hold 'norm'"):
        FluxPoints({"ts": points.ts}, reference)
    other = MapAxis.from_energy_edges([1, 2, 10, 30] * u.TeV, name="energy")
    with pytest.raises(AxisMismatchError, match="'ts'"):
        FluxPoints({"norm": points.norm, "ts": region_map([other], np.ones(3))}, reference)
    with pytest.raises(UnknownNameError, match="dnde"):
        points.to_maps("dndee")
    with pytest.raises(DataError, match="must hold 'flux'"):
        FluxPoints.from_maps({"dnde": points.dnde}, "flux", reference)


def test_points_in_energy_have_no_integral(reference):
    axis = MapAxis.from_nodes([1, 3, 10] * u.TeV, name="energy", interp="log")
    points = FluxPoints.from_maps(
        {"dnde": region_map([axis], np.ones(3), "cm-2 s-1 TeV-1")}, "dnde", reference
    )
    assert not points.is_convertible_to_flux_sed_type
    assert points.e2dnde.data.shape == (3, 1, 1)
    with pytest.raises(DataError, match="must be bins with edges"):
        points.flux


def test_default_reference_is_said(points, caplog):
    made = FluxPoints.from_maps({"dnde": points.dnde}, "dnde")
    assert "power law of index 2" in caplog.text
    assert_allclose(made.dnde.data, points.dnde.data, rtol=1e-12)
    assert made.reference_spectral_model.index.value == 2


def test_a_spectral_model_is_enough(points):
    made = FluxPoints({"norm": points.norm}, PowerLawSpectralModel())
    assert isinstance(made.reference_model, SkyModel)


def test_looks(points):
    assert "energy" in repr(points)
    assert "3 energy" in repr(points)
    text = str(points)
    assert "pl" in text
    assert "likelihood" in text
