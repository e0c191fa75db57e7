"""Images, grids, masks, regions, region maps."""

import numpy as np
import pytest
from astropy import units as u
from regions import CircleSkyRegion, PointSkyRegion

from geminga.errors import GeometryError, UnknownNameError
from geminga.maps import Map, MapAxis, RegionGeom, RegionNDMap, WcsGeom
from geminga.visualization.maps.regions import draw_regions


def test_image_shows_every_pixel_with_north_up(fresh_pyplot, image):
    ax = image.plot(add_cbar=True)
    assert hasattr(ax, "wcs")
    np.testing.assert_array_equal(ax.images[0].get_array(), image.data)
    assert ax.images[0].origin == "lower"
    assert ax.get_xlim() == (-0.5, 39.5)
    assert ax.get_ylim() == (-0.5, 19.5)
    labels = [panel.get_ylabel() for panel in ax.figure.axes if panel is not ax]
    assert len(labels) == 1
    assert "cm^{-2}" in labels[0]


@pytest.mark.parametrize("stretch", ["linear", "sqrt", "log", "asinh"])
def test_stretch_and_limits(fresh_pyplot, image, stretch):
    norm = image.plot(stretch=stretch, vmin=10, vmax=200).images[0].norm
    assert (norm.vmin, norm.vmax) == (10, 200)
    middle = float(norm(105.0))
    assert middle == pytest.approx(0.5) if stretch == "linear" else middle > 0.5


def test_image_without_values(fresh_pyplot, image):
    image.data = np.full(image.data.shape, np.nan)
    image.plot(add_cbar=True).figure.canvas.draw()


def test_a_cube_is_no_image(cube):
    with pytest.raises(GeometryError, match=r"one image.*plot_grid"):
        cube.plot()


def test_image_on_axes_with_other_pixels(fresh_pyplot, image):
    ax = image.plot()
    other = Map.from_geom(WcsGeom.create(skydir=(0.5, 0), width=0.5, binsz=0.05, frame="galactic"))
    other.plot(ax=ax)
    assert len(ax.images) == 1
    assert len(ax.collections) == 1
    assert ax.get_xlim() == (-0.5, 39.5)


def test_labels_of_users_stay(fresh_pyplot, image):
    ax = fresh_pyplot.figure().add_subplot(projection=image.geom.wcs)
    ax.coords[0].set_axislabel("mine")
    image.plot(ax=ax)
    assert ax.coords[0].get_axislabel() == "mine"
    assert ax.coords[1].get_axislabel() == "Galactic latitude"


def test_grid_has_a_panel_for_each_image(fresh_pyplot, cube):
    axes = cube.plot_grid(ncols=4)
    assert axes.shape == (2, 4)
    shown = [ax for ax in axes.flat if ax.get_visible()]
    assert len(shown) == 6
    np.testing.assert_array_equal(shown[2].images[0].get_array(), cube.data[2])
    assert shown[0].get_title() == "Energy: 0.1 – 0.316 TeV"


def test_sliders_change_the_image(fresh_pyplot, cube):
    ax = cube.plot_interactive(add_cbar=True)
    n_axes = len(ax.figure.axes)
    (slider,) = ax.figure._geminga_sliders
    slider.set_val(3)
    np.testing.assert_array_equal(ax.images[-1].get_array(), cube.data[3])
    assert len(ax.images) == 1
    assert len(ax.figure.axes) == n_axes


def test_mask_is_an_area_on_the_image(fresh_pyplot, image):
    ax = image.plot()
    (image > 400 * image.unit).plot_mask(ax=ax, colors="red")
    assert ax.get_xlim() == (-0.5, 39.5)
    (area,) = ax.collections
    (path,) = area.get_paths()
    box = path.get_extents()
    # rows 10 to 19 are selected; the border lies half a pixel beyond
    assert (box.y0, box.y1) == pytest.approx((9.5, 19.5), abs=0.51)


def test_numbers_are_no_mask(image):
    with pytest.raises(GeometryError, match="booleans"):
        image.plot_mask()


def test_regions_lie_where_they_are(fresh_pyplot, image):
    ax = image.plot()
    center = image.geom.pix_to_coord((10, 5))
    from astropy.coordinates import SkyCoord

    position = SkyCoord(*center, unit="deg", frame="galactic")
    draw_regions([CircleSkyRegion(position, 0.3 * u.deg), PointSkyRegion(position)], ax, color="red")
    (circle,) = ax.patches
    assert circle.center == pytest.approx((10, 5), abs=1e-3)
    assert circle.radius == pytest.approx(3, rel=1e-3)
    (point,) = ax.lines
    assert (point.get_xdata()[0], point.get_ydata()[0]) == pytest.approx((10, 5), abs=1e-3)


def test_region_geometry_makes_its_own_axes(fresh_pyplot):
    geom = RegionGeom.create("icrs;circle(83.63, 22.01, 0.5)")
    ax = geom.plot_region(edgecolor="green")
    (circle,) = ax.patches
    low, high = ax.get_xlim()
    assert low < circle.center[0] - circle.radius
    assert circle.center[0] + circle.radius < high


def test_region_map_along_its_axis(fresh_pyplot, energy_axis):
    spectrum = RegionNDMap.create("icrs;circle(0, 0, 1)", axes=[energy_axis], unit="s-1")
    spectrum.data = np.arange(6.0).reshape(-1, 1, 1)
    ax = spectrum.plot()
    np.testing.assert_allclose(ax.lines[0].get_xdata(orig=False), energy_axis.center.value)
    np.testing.assert_allclose(ax.lines[0].get_ydata(orig=False), np.arange(6))
    assert ax.get_xscale() == "log"
    assert "TeV" in ax.get_xlabel()
    assert "s^{-1}" in ax.get_ylabel()


def test_region_map_with_two_axes_names_its_rows(fresh_pyplot, energy_axis):
    offset = MapAxis.from_bounds(0, 2, nbin=2, unit="deg", name="offset")
    spectrum = RegionNDMap.create("icrs;circle(0, 0, 1)", axes=[energy_axis, offset])
    ax = spectrum.plot(axis_name="energy")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "Offset: 0 – 1 deg",
        "Offset: 1 – 2 deg",
    ]


def test_histogram_of_a_region_map(fresh_pyplot, energy_axis):
    counts = RegionNDMap.create("icrs;circle(0, 0, 1)", axes=[energy_axis])
    counts.data = np.arange(6.0).reshape(-1, 1, 1)
    ax = counts.plot_hist()
    assert max(ax.patches[0].get_xy()[:, 1]) == 5
    assert ax.get_xscale() == "log"


def test_mask_of_a_region_map(fresh_pyplot, spectrum_dataset):
    ax = spectrum_dataset.mask_safe.plot_mask()
    box = ax.collections[0].get_paths()[0].get_extents()
    assert (box.x0, box.x1) == pytest.approx((10**-0.5, 100))


@pytest.mark.parametrize("method", ["raster", "poly"])
def test_healpix_maps(fresh_pyplot, method):
    sky = Map.create(map_type="hpx", nside=4, frame="galactic")
    sky.data[...] = np.arange(sky.data.size)
    ax = sky.plot(method=method, add_cbar=True)
    values = (ax.images or ax.collections)[0].get_array()
    assert np.nanmax(values) == sky.data.max()
    with pytest.raises(UnknownNameError, match="raster"):
        sky.plot(method="none")
