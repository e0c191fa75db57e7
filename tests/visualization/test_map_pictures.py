"""Pictures of maps, compared with stored ones that were looked at.

References are small: only what is inside of axes, averaged over blocks of pixels. They are drawn again with
GEMINGA_DRAW_REFERENCES=1 in the environment; then look at each of them.
"""

import os
from pathlib import Path

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from regions import (
    CircleAnnulusSkyRegion,
    CircleSkyRegion,
    EllipseSkyRegion,
    PointSkyRegion,
    PolygonSkyRegion,
    RectangleSkyRegion,
)

from geminga.maps import HpxGeom, Map, MapAxis, RegionGeom, WcsGeom

REFERENCES = Path(__file__).parent / "references"
ROWS = 45
# Root mean square difference of colours between 0 and 1: 0.03 for another font, 0.09 and more for a mirrored picture.
TOLERANCE = 0.045


def blob(geom, lon, lat, width):
    center = SkyCoord(lon, lat, unit="deg", frame=geom.frame)
    return np.exp(-0.5 * (geom.separation(center).deg / width) ** 2)


def sources(frame="galactic", proj="TAN", skydir=(10.0, 1.0)):
    """An image with a bright source on the left above a faint one on the right."""
    geom = WcsGeom.create(skydir=skydir, npix=(80, 60), binsz=0.05, frame=frame, proj=proj)
    lon, lat = skydir
    return Map.from_geom(
        geom, data=30 * blob(geom, lon + 1, lat + 0.6, 0.2) + 8 * blob(geom, lon - 1, lat - 0.7, 0.3)
    )


def sky(proj):
    geom = WcsGeom.create(npix=(180, 90), binsz=2, proj=proj, frame="galactic")
    lat = geom.get_coord().lat.to_value("deg")
    return Map.from_geom(
        geom, data=np.exp(-0.5 * (lat / 8) ** 2) + blob(geom, 120, 40, 10) + 0.5 * blob(geom, 300, -60, 6)
    )


def counts_in_galactic_grid():
    counts = sources()
    counts.data = np.round(counts.data + 1)
    ax = counts.plot(add_cbar=True, stretch="sqrt", cmap="inferno")
    ax.coords.grid(color="white", alpha=0.6)
    return ax


def flux_in_equatorial_grid():
    flux = sources("icrs", "CAR", (83.6, 22.0)) * 1e-12 + 1e-14
    ax = flux.copy(unit="cm-2 s-1 sr-1").plot(add_cbar=True, stretch="log", vmin=1e-14, vmax=3e-11)
    ax.coords.grid(color="white", alpha=0.6)
    return ax


def significance_with_mask():
    image = sources()
    image.data = image.data / 3 - 3 * blob(image.geom, 10.5, 0.0, 0.3)
    ax = image.plot(add_cbar=True, cmap="coolwarm", vmin=-5, vmax=5)
    (image > 2).plot_mask(ax=ax)
    return ax


def aitoff():
    return sky("AIT").plot(add_cbar=True)


def mollweide():
    return sky("MOL").plot(stretch="sqrt")


def healpix_raster():
    m = Map.create(map_type="hpx", nside=16, frame="galactic")
    lat = m.geom.get_coord().lat.to_value("deg")
    m.data = np.exp(-0.5 * (lat / 15) ** 2) + blob(m.geom, 120, 40, 12)
    return m.plot(add_cbar=True)


def healpix_polygons():
    geom = HpxGeom.create(nside=32, frame="icrs", skydir=SkyCoord(83.6, 22, unit="deg"), width="20 deg")
    return Map.from_geom(geom, data=blob(geom, 87, 25, 4)).plot(method="poly", proj="TAN", add_cbar=True)


def regions_on_counts():
    ax = sources().plot()
    place = [
        SkyCoord(10 + dx, 1 + dy, unit="deg", frame="galactic")
        for dx, dy in np.mgrid[-1:2, -1:1].reshape(2, -1).T
    ]
    shapes = [
        CircleSkyRegion(place[0], 0.4 * u.deg),
        EllipseSkyRegion(place[1], 0.9 * u.deg, 0.4 * u.deg, 30 * u.deg),
        RectangleSkyRegion(place[2], 0.8 * u.deg, 0.4 * u.deg, 20 * u.deg),
        CircleAnnulusSkyRegion(place[3], 0.2 * u.deg, 0.4 * u.deg),
        PointSkyRegion(place[4]),
        PolygonSkyRegion(SkyCoord([10.7, 11.3, 11.0], [0.7, 0.8, 1.3], unit="deg", frame="galactic")),
    ]
    RegionGeom.from_regions(shapes).plot_region(ax=ax)
    return ax


def grid_of_cube():
    axis = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=3)
    image = sources()
    cube = Map.from_geom(image.geom.to_cube([axis]), data=image.data * np.array([1, 0.5, 0.1])[:, None, None])
    return cube.plot_grid(ncols=3, vmin=0, vmax=30)[0, 0]


def values_missing():
    image = sources()
    image.data[:15] = np.nan
    image.data[40, 20], image.data[41, 60] = np.inf, -np.inf
    return image.plot(add_cbar=True, stretch="asinh")


def mask_alone():
    return (sources() > 3).plot_mask()


SCENES = {
    scene.__name__: scene
    for scene in (
        counts_in_galactic_grid,
        flux_in_equatorial_grid,
        significance_with_mask,
        aitoff,
        mollweide,
        healpix_raster,
        healpix_polygons,
        regions_on_counts,
        grid_of_cube,
        values_missing,
        mask_alone,
    )
}


def draw(plt, scene, **style):
    """Return the averaged colours inside the axes of a picture side by side, shape (45, n, 3).

    What is outside, labels and margins, depends on fonts; other tests read labels as text.
    """
    with plt.rc_context({"figure.figsize": (4.8, 3.6), "figure.dpi": 100, **style}):
        figure = scene().figure
        figure.set_size_inches(4.8, 3.6)
        figure.set_dpi(100)
        figure.canvas.draw()
        colors = np.asarray(figure.canvas.buffer_rgba())[::-1, :, :3] / 255
        boxes = [ax.get_window_extent() for ax in figure.axes if ax.get_visible()]
    plt.close(figure)
    panels = [averaged(colors[int(b.y0) : int(b.y1) + 1, int(b.x0) : int(b.x1) + 1]) for b in boxes]
    return np.concatenate(panels, axis=1)[::-1]


def averaged(colors):
    """Return colours averaged to 45 rows and 60 columns, of a colour bar 4."""
    columns = 60 if colors.shape[1] > 50 else 4
    for axis, number in ((0, ROWS), (1, columns)):
        edges = np.linspace(0, colors.shape[axis], number + 1).astype(int)[:-1]
        counts = np.diff(np.append(edges, colors.shape[axis])).reshape(
            (-1, 1, 1) if axis == 0 else (1, -1, 1)
        )
        colors = np.add.reduceat(colors, edges, axis=axis) / counts
    return colors


def difference(one, two):
    return float(np.sqrt(np.mean((one - two) ** 2)))


@pytest.mark.parametrize("name", SCENES)
def test_picture_is_the_stored_one(fresh_pyplot, name):
    picture = draw(fresh_pyplot, SCENES[name])
    path = REFERENCES / f"{name}.png"
    if os.environ.get("GEMINGA_DRAW_REFERENCES"):
        fresh_pyplot.imsave(path, picture)
    stored = fresh_pyplot.imread(path)[..., :3]
    assert stored.shape == picture.shape
    assert difference(stored, picture) < TOLERANCE
    # The comparison must be able to fail.
    for wrong in (stored[:, ::-1], stored[::-1]):
        assert difference(wrong, picture) > TOLERANCE


@pytest.mark.parametrize("name", ["counts_in_galactic_grid", "grid_of_cube"])
def test_comparison_survives_another_font(fresh_pyplot, name):
    picture = draw(fresh_pyplot, SCENES[name], **{"font.family": "serif", "font.size": 9})
    assert difference(fresh_pyplot.imread(REFERENCES / f"{name}.png")[..., :3], picture) < TOLERANCE


def test_pictures_of_different_maps_differ(fresh_pyplot):
    stored = {name: fresh_pyplot.imread(REFERENCES / f"{name}.png")[..., :3] for name in SCENES}
    names = list(stored)
    for k, name in enumerate(names):
        for other in names[k + 1 :]:
            width = min(stored[name].shape[1], stored[other].shape[1])
            assert difference(stored[name][:, :width], stored[other][:, :width]) > TOLERANCE
