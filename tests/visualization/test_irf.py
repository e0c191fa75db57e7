"""Pictures of instrument responses show the numbers of the tables."""

import warnings

import numpy as np
import pytest
from astropy import units as u

from geminga.irf import (
    PSF3D,
    Background2D,
    EDispKernel,
    EffectiveAreaTable2D,
    EnergyDispersion2D,
    PSFKernel,
    PSFMap,
    RadMax2D,
    RecoPSFMap,
)
from geminga.maps import MapAxis, WcsGeom


@pytest.fixture
def offset_axis():
    return MapAxis.from_bounds(0, 2, nbin=4, unit="deg", name="offset")


@pytest.fixture
def aeff(energy_axis_true, offset_axis):
    area = np.outer(np.geomspace(1e2, 1e6, 12), [1.0, 0.9, 0.5, 0.2])
    return EffectiveAreaTable2D(axes=[energy_axis_true, offset_axis], data=area, unit="m2")


@pytest.fixture
def edisp(energy_axis_true, offset_axis):
    migra = MapAxis.from_bounds(0.2, 3, nbin=40, name="migra")
    return EnergyDispersion2D.from_gauss(energy_axis_true, migra, offset_axis, bias=0, sigma=0.15)


@pytest.fixture
def psf(energy_axis_true, offset_axis):
    rad = MapAxis.from_bounds(0, 0.6, nbin=60, unit="deg", name="rad")
    width = 0.1
    profile = np.exp(-0.5 * (rad.center.value / width) ** 2) / (2 * np.pi * np.radians(width) ** 2)
    data = np.broadcast_to(profile, (12, 4, 60)).copy()
    return PSF3D(axes=[energy_axis_true, offset_axis, rad], data=data, unit="sr-1")


@pytest.fixture
def background(energy_axis, offset_axis):
    rate = np.outer(np.geomspace(1, 1e-8, 6), [1.0, 0.9, 0.5, 0.2])
    return Background2D(axes=[energy_axis, offset_axis], data=rate, unit="s-1 TeV-1 sr-1")


def _draw(plt):
    for number in plt.get_fignums():
        plt.figure(number).canvas.draw()


def test_every_peek_draws_without_warnings(fresh_pyplot, aeff, edisp, psf, background):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for irf in (aeff, edisp, psf, background, background.to_3d(), edisp.to_edisp_kernel(offset="1 deg")):
            irf.peek()
            _draw(fresh_pyplot)
            assert all(ax.get_xlabel() for ax in fresh_pyplot.gcf().axes if ax.get_label() != "<colorbar>")
            fresh_pyplot.close("all")


def test_area_against_energy(fresh_pyplot, aeff):
    ax = aeff.plot_energy_dependence(offset=[0.25, 1.25] * u.deg)
    assert len(ax.lines) == 2
    np.testing.assert_allclose(ax.lines[1].get_ydata(orig=False), aeff.data[:, 2], rtol=1e-6)
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["0.25 deg", "1.25 deg"]


def test_area_against_offset_is_relative(fresh_pyplot, aeff):
    ax = aeff.plot_offset_dependence(energy="1 TeV")
    np.testing.assert_allclose(ax.lines[0].get_ydata(orig=False), [1, 0.9, 0.5, 0.2], rtol=1e-6)


def test_area_as_colours(fresh_pyplot, aeff):
    ax = aeff.plot()
    np.testing.assert_allclose(ax.collections[0].get_array(), aeff.data.T, rtol=1e-6)
    assert any("m" in panel.get_ylabel() for panel in ax.figure.axes if panel is not ax)
    assert len(aeff.plot(add_cbar=False).figure.axes) == 1


def test_energies_in_another_unit_meet(fresh_pyplot, aeff):
    ax = aeff.plot_energy_dependence(offset="0.5 deg")
    (line,) = ax.lines
    assert ax.convert_xunits(1000 * u.GeV) == pytest.approx(1)
    assert line.get_xdata(orig=False)[0] == pytest.approx(aeff.axes["energy_true"].center.value[0])


def test_migration_is_a_density(fresh_pyplot, edisp):
    ax = edisp.plot_migration(offset="0.5 deg", energy_true=[1, 10] * u.TeV)
    x, y = ax.lines[0].get_data(orig=False)
    assert np.trapezoid(y, x) == pytest.approx(1, rel=0.01)
    assert x[np.argmax(y)] == pytest.approx(1, abs=0.05)


def test_bias_is_small_and_resolution_known(fresh_pyplot):
    axis = MapAxis.from_energy_bounds("0.1 TeV", "100 TeV", nbin=60)
    kernel = EDispKernel.from_gauss(axis.copy(name="energy_true"), axis, sigma=0.2, bias=0)
    ax = kernel.plot_bias()
    bias, resolution = (line.get_ydata(orig=False) for line in ax.lines[:2])
    assert abs(bias[30]) < 0.02
    assert resolution[30] == pytest.approx(0.2, abs=0.02)


def test_matrix(fresh_pyplot, energy_axis, energy_axis_true):
    kernel = EDispKernel.from_diagonal_response(energy_axis_true, energy_axis)
    ax = kernel.plot_matrix(add_cbar=True)
    np.testing.assert_allclose(np.ma.filled(ax.collections[0].get_array(), 0), kernel.data.T)


def test_containment_of_a_gaussian(fresh_pyplot, psf):
    ax = psf.plot_containment_radius_vs_energy(fraction=[0.393, 0.865], offset="0.5 deg")
    # 1 and 2 sigma of a Gaussian in two dimensions
    np.testing.assert_allclose(ax.lines[0].get_ydata(orig=False), 0.1, atol=0.01)
    np.testing.assert_allclose(ax.lines[1].get_ydata(orig=False), 0.2, atol=0.01)


def test_profile_of_a_psf(fresh_pyplot, psf):
    ax = psf.plot_psf_vs_rad(energy_true="1 TeV", offset="0.5 deg")
    np.testing.assert_allclose(ax.lines[0].get_ydata(orig=False)[:20], psf.data[0, 0][:20], rtol=1e-6)
    assert psf.plot_containment_radius().get_ylabel() == "Offset [deg]"


@pytest.mark.parametrize(("cls", "name"), [(PSFMap, "energy_true"), (RecoPSFMap, "energy")])
def test_psf_maps(fresh_pyplot, cls, name):
    axis = MapAxis.from_energy_bounds("0.1 TeV", "100 TeV", nbin=4, name=name)
    psf_map = cls.from_gauss(axis, sigma="0.1 deg")
    ax = psf_map.plot_psf_vs_rad()
    values = ax.lines[1].get_ydata(orig=False)
    assert values[0] == pytest.approx(1 / (2 * np.pi * np.radians(0.1) ** 2), rel=0.01)
    psf_map.peek()
    _draw(fresh_pyplot)


def test_psf_kernel(fresh_pyplot, energy_axis_true):
    geom = WcsGeom.create(binsz=0.05, width=3, axes=[energy_axis_true])
    kernel = PSFKernel.from_gauss(geom, sigma="0.1 deg", max_radius="0.4 deg")
    image = kernel.plot_kernel(energy="1 TeV").images[0].get_array()
    assert image.sum() == pytest.approx(1)
    kernel.peek()
    _draw(fresh_pyplot)


def test_background_rates(fresh_pyplot, background, energy_axis):
    ax = background.plot_energy_dependence(offset="0.25 deg")
    np.testing.assert_allclose(ax.lines[0].get_ydata(orig=False), background.data[:, 0], rtol=1e-6)
    ax = background.plot_spectrum(ax=fresh_pyplot.figure().add_subplot())
    edges = np.radians(np.linspace(0, 2, 5))
    expected = background.data @ (2 * np.pi * -np.diff(np.cos(edges)))
    np.testing.assert_allclose(ax.lines[0].get_ydata(orig=False), expected, rtol=1e-6)
    axes = background.plot_at_energy([0.3, 1, 3, 10] * u.TeV)
    assert axes.shape == (2, 3)
    assert [ax.get_title() for ax in axes.flat[:4]] == ["0.3 TeV", "1 TeV", "3 TeV", "10 TeV"]


def test_radius_of_the_cut(fresh_pyplot, energy_axis):
    offset = MapAxis.from_edges([0.3, 0.5], unit="deg", name="offset")
    rad_max = RadMax2D(axes=[energy_axis, offset], data=np.linspace(0.3, 0.1, 6)[:, np.newaxis], unit="deg")
    ax = rad_max.plot_rad_max_vs_energy()
    np.testing.assert_allclose(ax.lines[0].get_ydata(orig=False), [*np.linspace(0.3, 0.1, 6), 0.1])
    assert ax.lines[0].get_drawstyle() == "steps-post"


def test_energies_outside_a_map_are_left_out(fresh_pyplot):
    from geminga.irf import PSFMap
    from geminga.maps import MapAxis

    psf = PSFMap.from_gauss(MapAxis.from_energy_bounds("0.5 TeV", "5 TeV", nbin=3, name="energy_true"))
    assert len(psf.plot_psf_vs_rad().lines) == 1
    high = PSFMap.from_gauss(MapAxis.from_energy_bounds("20 TeV", "50 TeV", nbin=3, name="energy_true"))
    assert len(high.plot_psf_vs_rad().lines) >= 1
