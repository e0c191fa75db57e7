"""Random draws: rows of events and bins in rows."""

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord

from geminga.errors import DataError
from geminga.irf import EDispMap
from geminga.irf.map_sampling import draw_from_rows, rows_of_events
from geminga.maps import HpxGeom, MapAxis


def test_draws_follow_their_rows():
    content = np.array([[1.0, 0.0, 3.0], [0.0, 0.0, 0.0], [0.0, 2.0, 2.0]])
    rows = np.repeat([0, 1, 2], 4000)
    uniform = np.random.default_rng(0).uniform(size=len(rows))
    bins = draw_from_rows(lambda used: content[used], rows, uniform)
    share = [np.bincount(bins[rows == row] + 1, minlength=4)[1:] / 4000 for row in (0, 2)]
    np.testing.assert_allclose(share[0], [0.25, 0, 0.75], atol=0.03)
    np.testing.assert_allclose(share[1], [0, 0.5, 0.5], atol=0.03)
    assert (bins[rows == 1] == -1).all()


def test_slow_twin():
    rng = np.random.default_rng(1)
    content = rng.uniform(0, 1, (5, 8))
    rows, uniform = rng.integers(0, 5, 200), rng.uniform(size=200)
    expected = [
        int(np.sum(np.cumsum(content[row]) / content[row].sum() <= value))
        for row, value in zip(rows, uniform, strict=True)
    ]
    assert draw_from_rows(lambda used: content[used], rows, uniform).tolist() == expected


def test_chunks_do_not_matter():
    rng = np.random.default_rng(2)
    content, rows, uniform = rng.uniform(0, 1, (5, 8)), rng.integers(0, 5, 99), rng.uniform(size=99)
    one = draw_from_rows(lambda used: content[used], rows, uniform, chunk_size=1000)
    many = draw_from_rows(lambda used: content[used], rows, uniform, chunk_size=7)
    assert (one == many).all()
    with pytest.raises(DataError, match="chunk_size"):
        draw_from_rows(lambda used: content[used], rows, uniform, chunk_size=0)


def test_energies_between_centres_share_two_bins(region_psf_map):
    axis = region_psf_map.psf_map.geom.axes["energy_true"]
    energy = np.full(5000, axis.pix_to_coord(1.3).to_value("TeV")) * u.TeV
    position = SkyCoord(np.full(5000, 83.0), np.full(5000, 22.0), unit="deg")
    random = np.random.RandomState(0)
    bins, pixel = rows_of_events(region_psf_map, position, energy, "energy_true", random)
    np.testing.assert_allclose(np.bincount(bins, minlength=3) / 5000, [0, 0.7, 0.3], atol=0.03)
    assert not np.any(pixel)


def test_events_outside_the_exposure_take_the_nearest_pixel(psf_map):
    lon, lat = psf_map.psf_map.geom.to_image().pix_to_coord(
        (np.array([0.0, 3.0, 8.0]), np.array([2.0, 1.0, -4.0]))
    )
    random = np.random.RandomState(0)
    _, pixel = rows_of_events(psf_map, SkyCoord(lon, lat), [1, 1, 1] * u.TeV, "energy_true", random)
    assert pixel[0].tolist() == [2, 1, 0]
    assert pixel[1].tolist() == [1, 3, 4]


def test_outside_of_a_part_of_the_sky_without_any_exposure():
    axis = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=2, name="energy_true")
    geom = HpxGeom.create(nside=32, frame="icrs", region="DISK(83,22,6)")
    edisp = EDispMap.from_geom(geom.to_cube([MapAxis.from_bounds(0.5, 2, nbin=3, name="migra"), axis]))
    positions = SkyCoord([83, 10], [22, -50], unit="deg")
    _, pixel = rows_of_events(edisp, positions, [1, 1] * u.TeV, "energy_true", np.random.RandomState(0))
    assert ((pixel[0] >= 0) & (pixel[0] < geom.data_shape[0])).all()
