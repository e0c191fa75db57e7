"""Spectra, light curves, shapes, covariances, flux points."""

import warnings

import numpy as np
import pytest
from astropy import units as u
from astropy.time import Time

from geminga.errors import ModelError
from geminga.estimators import FluxPoints
from geminga.maps import MapAxis, WcsGeom
from geminga.modeling.models import (
    ConstantSpatialModel,
    ConstantTemporalModel,
    GaussianSpatialModel,
    GaussianTemporalModel,
    Models,
    PointSpatialModel,
    PowerLawSpectralModel,
    SkyModel,
)

BOUNDS = [0.1, 10] * u.TeV


@pytest.fixture
def power_law():
    model = PowerLawSpectralModel(index=2, amplitude="1e-12 cm-2 s-1 TeV-1")
    model.amplitude.error, model.index.error = 1e-13, 0.1
    return model


@pytest.fixture
def gauss():
    model = GaussianSpatialModel(lon_0="1 deg", lat_0="0.5 deg", sigma="0.2 deg", frame="galactic")
    model.lon_0.error, model.lat_0.error, model.sigma.error = 0.03, 0.02, 0.05
    return model


@pytest.fixture
def flux_points(power_law):
    from astropy.table import Table

    table = Table()
    table["e_ref"] = [1, 3, 10] * u.TeV
    table["dnde"] = [1e-12, 1e-13, 1e-14] * u.Unit("cm-2 s-1 TeV-1")
    table["dnde_err"] = [1e-13, 1e-14, 5e-15] * u.Unit("cm-2 s-1 TeV-1")
    table["dnde_ul"] = [2e-12, 2e-13, 2e-14] * u.Unit("cm-2 s-1 TeV-1")
    table["is_ul"] = [False, False, True]
    return FluxPoints.from_table(table, sed_type="dnde", reference_model=power_law)


def test_spectrum_times_energy_squared_is_flat(fresh_pyplot, power_law):
    ax = power_law.plot(BOUNDS, sed_type="e2dnde")
    y = ax.lines[0].get_ydata(orig=False)
    np.testing.assert_allclose(y, (1e-12 * u.Unit("TeV cm-2 s-1")).to_value("erg cm-2 s-1"))
    power = power_law.plot(BOUNDS, ax=fresh_pyplot.figure().add_subplot(), energy_power=2)
    np.testing.assert_allclose(power.lines[0].get_ydata(orig=False), y)


def test_units_of_the_axes_are_kept(fresh_pyplot, power_law):
    ax = fresh_pyplot.figure().add_subplot()
    ax.xaxis.set_units(u.GeV)
    ax.yaxis.set_units(u.Unit("GeV cm-2 s-1"))
    power_law.plot(BOUNDS, ax=ax, sed_type="e2dnde")
    x, y = ax.lines[0].get_data(orig=False)
    assert 100 <= x.min() < x.max() <= 10000
    np.testing.assert_allclose(y, 1e-9)
    assert "GeV" in ax.get_xlabel()


def test_points_model_and_band_on_one_axis_do_not_warn(fresh_pyplot, flux_points, power_law):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ax = flux_points.plot(sed_type="e2dnde")
        power_law.plot(BOUNDS, ax=ax, sed_type="e2dnde")
        power_law.plot_error(BOUNDS, ax=ax, sed_type="e2dnde")
        flux_points.plot(ax=ax, sed_type="e2dnde", energy_power=0)
        ax.figure.canvas.draw()


def test_limits_are_no_points(fresh_pyplot, flux_points):
    ax = flux_points.plot(sed_type="dnde")
    points = ax.containers[0].lines[0]
    np.testing.assert_allclose(points.get_ydata(orig=False), [1e-12, 1e-13])
    assert len(ax.containers) == 2


def test_band_encloses_the_spectrum(fresh_pyplot, power_law):
    ax = power_law.plot_error(BOUNDS, n_samples=200)
    box = ax.collections[0].get_paths()[0].get_extents()
    assert box.y0 < 1e-14
    assert box.y1 > 1e-10


def test_light_curve_model(fresh_pyplot):
    model = GaussianTemporalModel(t_ref=Time("2020-02-01").mjd * u.d, sigma="5 d")
    ax = model.plot(Time(["2020-01-01", "2020-03-03"]), n_points=63)
    x, y = ax.lines[0].get_data()
    assert y.max() == pytest.approx(1)
    assert x[np.argmax(y)].strftime("%Y-%m-%d") in ("2020-01-31", "2020-02-01")
    ax = ConstantTemporalModel().plot(Time([58849, 58859], format="mjd"), ax=fresh_pyplot.figure().gca())
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), 1)
    ax.figure.canvas.draw()


def test_shape_on_the_sky(fresh_pyplot, gauss):
    ax = gauss.plot(add_cbar=True)
    image = ax.images[0].get_array()
    assert image.max() == pytest.approx(1 / (2 * np.pi * np.radians(0.2) ** 2), rel=0.01)
    row, column = np.unravel_index(np.argmax(image), image.shape)
    lon, lat = ax.wcs.wcs_pix2world(column, row, 0)
    assert (float(lon), float(lat)) == pytest.approx((1, 0.5), abs=0.02)


def test_shape_on_a_given_geometry(fresh_pyplot, gauss):
    geom = WcsGeom.create(skydir=gauss.position, width=1, binsz=0.1, frame="galactic")
    assert gauss.plot(geom=geom).images[0].get_array().shape == (10, 10)


def test_points_and_whole_skies(fresh_pyplot):
    assert PointSpatialModel().plot().images[0].get_array().sum() == pytest.approx(1)
    assert np.ptp(ConstantSpatialModel().plot().images[0].get_array()) == 0


def test_errors_of_a_shape(fresh_pyplot, gauss):
    ax = gauss.plot()
    gauss.plot_error(ax=ax, which="all")
    assert len(ax.patches) == 4
    widths = sorted(patch.width for patch in ax.patches[1:])
    np.testing.assert_allclose(np.array(widths) / widths[1], [0.75, 1, 1.25])


def test_cubes_of_shapes_need_a_grid(fresh_pyplot):
    from geminga.maps import Map
    from geminga.modeling.models import TemplateSpatialModel

    axis = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=2, name="energy_true")
    template = Map.create(width=2, binsz=0.2, axes=[axis], unit="sr-1")
    template.data += np.array([1.0, 2.0]).reshape(2, 1, 1)
    model = TemplateSpatialModel(template, normalize=False)
    with pytest.raises(ModelError, match="plot_grid"):
        model.plot()
    assert len([ax for ax in model.plot_grid().flat if ax.images]) == 2
    model.plot_interactive()


def test_correlations_are_written(fresh_pyplot, power_law):
    model = SkyModel(spectral_model=power_law, name="source")
    ax = model.covariance.plot_correlation()
    assert [text.get_text() for text in ax.get_yticklabels()] == ["index", "amplitude"]
    assert sorted(text.get_text() for text in ax.texts) == ["0.00", "0.00", "1.00", "1.00"]


def test_places_of_models(fresh_pyplot, gauss, power_law):
    point = PointSpatialModel(lon_0="-1 deg", lat_0="0 deg", frame="galactic")
    models = Models(
        [
            SkyModel(spectral_model=power_law, spatial_model=gauss, name="a"),
            SkyModel(spectral_model=power_law.copy(), spatial_model=point, name="b"),
        ]
    )
    ax = models.plot_regions()
    assert (len(ax.patches), len(ax.lines)) == (1, 1)
    models.plot_positions(ax=ax)
    assert len(ax.collections[0].get_offsets()) == 2
