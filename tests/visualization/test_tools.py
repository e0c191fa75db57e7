"""The public functions of the package."""

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import Angle
from astropy.table import Table

import geminga.visualization as visualization
from geminga.errors import ConfigError, GeometryError, UnknownNameError
from geminga.maps import Map, MapAxis
from geminga.visualization import (
    MapPanelPlotter,
    annotate_heatmap,
    colormap_hess,
    colormap_milagro,
    plot_contour_line,
    plot_distribution,
    plot_heatmap,
    plot_map_rgb,
    plot_samples_violin_vs_energy,
    plot_theta_squared_table,
)


def test_the_table_of_contents_is_true():
    for name in visualization.__all__:
        assert callable(getattr(visualization, name))


def test_hess_colours_change_at_the_transition():
    colors = colormap_hess(transition=0.4, width=0.1)
    assert colors(0.39)[2] > colors(0.39)[0]
    assert colors(0.52)[0] > colors(0.52)[2]
    with pytest.raises(ConfigError, match="transition"):
        colormap_hess(transition=1.5)


def test_milagro_is_grey_below_and_coloured_above():
    colors = colormap_milagro(transition=0.3)
    assert np.ptp(colors(0.2)[:3]) == 0
    assert np.ptp(colors(0.5)[:3]) > 0.5


def test_heatmap_text_can_be_read(fresh_pyplot):
    image, bar = plot_heatmap([[0, 1], [2, 3]], ["a", "b"], ["c", "d"], cbarlabel="size", cmap="gray")
    assert bar.ax.get_ylabel() == "size"
    texts = annotate_heatmap(image, valfmt="{x:.0f}")
    assert [text.get_text() for text in texts] == ["0", "1", "2", "3"]
    assert [text.get_color() for text in texts] == ["white", "white", "black", "black"]
    texts = annotate_heatmap(image, threshold=2.5, textcolors=("red", "blue"))
    assert [text.get_color() for text in texts] == ["red"] * 3 + ["blue"]


def test_contour_goes_through_its_points(fresh_pyplot):
    angle = np.linspace(0, 2 * np.pi, 17)[:-1]
    ax = fresh_pyplot.figure().gca()
    plot_contour_line(ax, 2 * np.cos(angle), np.sin(angle), color="k")
    line, points = ax.lines
    np.testing.assert_allclose((line.get_xdata() / 2) ** 2 + line.get_ydata() ** 2, 1, atol=2e-3)
    assert len(points.get_xdata()) == 17


def test_normal_distribution_of_pixels(fresh_pyplot, cube):
    random = np.random.default_rng(0)
    cube.data = random.normal(1, 2, size=cube.data.shape)
    axes, results = plot_distribution(cube, func="norm", ncols=3, kwargs_hist={"bins": 20})
    assert axes.shape == (2, 3)
    assert len(results) == 6
    means = [result["param"][0] for result in results]
    # 200 pixels per image: the error of a mean is 0.14
    np.testing.assert_allclose(means, 1, atol=0.6)
    with pytest.raises(UnknownNameError):
        plot_distribution(cube, func="cauchy")


def test_mask_of_a_distribution(fresh_pyplot, image):
    axes, _ = plot_distribution(image, mask=image > 400 * image.unit, kwargs_hist={"density": False})
    low, _ = axes.flat[0].get_xlim()
    assert low > 350


def test_three_images_are_one_picture(fresh_pyplot, image):
    axis = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=3)
    rgb = Map.from_geom(image.geom.to_cube([axis]))
    rgb.data[0, 2, 3] = 1
    ax = plot_map_rgb(rgb)
    assert ax.images[0].get_array().shape == (20, 40, 3)
    with pytest.raises(GeometryError, match="three"):
        plot_map_rgb(image)


def test_panels_share_the_longitudes(fresh_pyplot, image):
    plotter = MapPanelPlotter(
        fresh_pyplot.figure(), xlim=Angle([2, 358], "deg"), ylim=Angle([-1, 1], "deg"), npanels=2
    )
    upper, lower = plotter.plot(image)
    assert upper.get_xlim()[1] == pytest.approx(lower.get_xlim()[0])
    assert upper.get_ylim() == lower.get_ylim()


def test_theta_squared(fresh_pyplot):
    table = Table()
    table["theta2_min"] = [0, 0.1] * u.deg**2
    table["theta2_max"] = [0.1, 0.2] * u.deg**2
    table["counts"], table["counts_off"], table["alpha"] = [30, 10], [20, 20], [0.5, 0.5]
    table["excess"], table["sqrt_ts"] = [20, 0], [4.5, 0]
    table["excess_errn"], table["excess_errp"] = [6, 4], [6, 4]
    counts, excess, significance = plot_theta_squared_table(table)
    np.testing.assert_allclose(excess.containers[0].lines[0].get_ydata(), [20, 0])
    assert significance.get_xlim() == (0, 0.2)
    assert counts.get_legend() is not None


def test_violins(fresh_pyplot):
    random = np.random.default_rng(1)
    samples = [random.lognormal(-20 - band, 0.3, 300) * u.Unit("cm-2 s-1 TeV-1") for band in range(2)]
    ax = plot_samples_violin_vs_energy([1, 10, 100] * u.TeV, samples)
    medians = [container.lines[0].get_ydata()[0] for container in ax.containers]
    np.testing.assert_allclose(medians, [np.median(band.value) for band in samples])
    with pytest.raises(ConfigError, match="one entry per band"):
        plot_samples_violin_vs_energy([1, 10, 100] * u.TeV, samples[:1])
