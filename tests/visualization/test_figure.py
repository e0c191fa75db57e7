"""Figures, quantities, labels."""

import subprocess
import sys
import warnings

import numpy as np
import pytest
from astropy import units as u
from astropy.visualization import quantity_support

from geminga.maps import LabelMapAxis, MapAxis, TimeMapAxis
from geminga.visualization.axes import axis_label, brief, format_plot_xaxis, format_plot_yaxis, readable
from geminga.visualization.figure import (
    add_colorbar,
    default_axes,
    image_axes,
    label_with_unit,
    new_figure,
    with_quantities,
)


def test_quantities_in_several_units_meet_on_one_axis(fresh_pyplot):
    ax = default_axes()
    with with_quantities():
        ax.plot([1, 10] * u.TeV, [1, 2] * u.m)
    with with_quantities():
        (line,) = ax.plot([1000, 2000] * u.GeV, [100, 300] * u.cm)
    np.testing.assert_allclose(line.get_xdata(orig=False), [1, 2])
    np.testing.assert_allclose(line.get_ydata(orig=False), [1, 3])


def test_drawing_twice_does_not_warn(fresh_pyplot):
    ax = default_axes()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for context in (with_quantities, quantity_support, with_quantities):
            with context():
                ax.plot([1, 10] * u.TeV, [1, 2] * u.m)


def test_conversions_end_with_the_context(fresh_pyplot):
    from matplotlib import units

    with with_quantities():
        assert u.Quantity in units.registry
    assert u.Quantity not in units.registry


def test_nested_contexts_keep_the_outer_one(fresh_pyplot):
    from matplotlib import units

    with with_quantities():
        with with_quantities():
            pass
        assert u.Quantity in units.registry


def test_current_axes_are_used_unless_they_show_the_sky(fresh_pyplot, image):
    ax = default_axes()
    assert default_axes() is ax
    sky = image.plot()
    assert sky is not ax
    assert default_axes() is not sky


def test_images_do_not_cover_other_plots(fresh_pyplot):
    ax = default_axes()
    ax.plot([1, 2])
    assert image_axes().figure is not ax.figure


def test_tight_layout_of_a_figure_with_a_colour_bar(fresh_pyplot):
    figure = new_figure()
    ax = figure.subplots()
    add_colorbar(ax.imshow(np.eye(2)), ax)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fresh_pyplot.tight_layout()
        figure.canvas.draw()


@pytest.mark.parametrize("position", ["right", "left", "top", "bottom"])
def test_place_of_a_colour_bar(fresh_pyplot, position):
    figure = new_figure()
    ax = figure.subplots()
    bar = add_colorbar(ax.imshow(np.eye(2)), ax, axes_loc={"position": position, "size": "5%", "pad": "3%"})
    figure.canvas.draw()
    image, place = ax.get_position(), bar.ax.get_position()
    inside = {
        "right": place.x0 >= image.x1,
        "left": place.x1 <= image.x0,
        "top": place.y0 >= image.y1,
        "bottom": place.y1 <= image.y0,
    }
    assert inside[position]


@pytest.mark.parametrize(
    ("quantity", "text"),
    [(1 * u.TeV, "1 TeV"), (0.5 * u.deg, "0.5 deg"), (2e7 * u.keV, "20 GeV"), (3e-5 * u.TeV, "30 MeV")],
)
def test_quantities_in_few_figures(quantity, text):
    assert brief(quantity) == text


def test_readable_leaves_other_quantities():
    assert readable(1e9 * u.m) == 1e9 * u.m


def test_labels():
    assert label_with_unit("Counts", "") == "Counts"
    assert label_with_unit("Offset", "deg") == "Offset [deg]"
    energy = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=2, name="energy_true")
    assert axis_label(energy).startswith("True energy [")
    assert axis_label(MapAxis.from_bounds(0, 1, nbin=2, name="my_axis")) == "My axis"


def test_format_of_axes(fresh_pyplot):
    ax = default_axes()
    energy = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=2)
    offset = MapAxis.from_bounds(0, 2, nbin=2, unit="deg", name="offset")
    assert energy.format_plot_xaxis(ax) is ax
    offset.format_plot_yaxis(ax)
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "linear")
    assert ax.get_ylabel() == "Offset [deg]"
    assert format_plot_yaxis(energy, ax).get_yscale() == "log"


def test_format_of_label_and_time_axes(fresh_pyplot):
    ax = default_axes()
    format_plot_xaxis(LabelMapAxis(["a", "b"], name="dataset"), ax)
    assert [text.get_text() for text in ax.get_xticklabels()] == ["a", "b"]
    times = TimeMapAxis([0, 2] * u.d, [1, 3] * u.d, reference_time="2020-01-01")
    ax = new_figure().subplots()
    times.format_plot_xaxis(ax)
    assert ax.get_xlabel() == "Time [UTC]"


def test_the_package_does_not_import_matplotlib_before_a_plot():
    code = (
        "import sys, geminga.visualization, geminga.maps, geminga.irf; assert 'matplotlib' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
