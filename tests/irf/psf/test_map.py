"""Point spread function maps: containment, sampling, averages."""

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord

from geminga.errors import UnitError
from geminga.irf import PSFMap, RecoPSFMap
from geminga.maps import MapAxis, MapCoord, RegionGeom


@pytest.fixture
def gauss(energy_true):
    return PSFMap.from_gauss(energy_true, sigma=[0.1, 0.2, 0.1, 0.3] * u.deg)


def test_from_gauss_against_the_peer(energy_true):
    # oracle: peer 2.1, PSFMap.from_gauss(energy_axis_true, sigma=0.1 deg).psf_map.data[0, :3, 0, 0]
    psf = PSFMap.from_gauss(energy_true, sigma="0.1 deg")
    np.testing.assert_allclose(
        psf.psf_map.data[0, :3, 0, 0], [52182.2172259, 51662.99548917, 50639.99963753], rtol=1e-10
    )
    assert psf.psf_map.unit == "sr-1"
    assert psf.psf_map.data.shape == (4, 66, 1, 2)
    assert (psf.exposure_map.data == 1).all()


def test_containment_against_the_peer(gauss):
    # oracle: peer 2.1, the same calls
    energy = gauss.psf_map.geom.axes["energy_true"].center
    actual = gauss.containment("0.1 deg", energy)
    np.testing.assert_allclose(actual.value, [0.39388652, 0.11753833, 0.39388652, 0.0540479], rtol=1e-7)
    np.testing.assert_allclose(
        gauss.containment_radius(0.68, energy).to_value("deg"), [0.15075, 0.30175, 0.15075, 0.45275]
    )
    np.testing.assert_allclose(
        gauss.containment_radius([0.68, 0.95], "1 TeV").to_value("deg"), [0.21875, 0.42875]
    )
    np.testing.assert_allclose(gauss.containment("0.1 deg", "1 TeV").value, [0.25571243], rtol=1e-7)


def test_containment_broadcasts(gauss):
    rad, energy = [0.05, 0.1] * u.deg, [[1], [5], [7]] * u.TeV
    assert gauss.containment(rad, energy).shape == (3, 2)
    assert gauss.containment_radius([0.5, 0.68], energy).shape == (3, 2)
    np.testing.assert_allclose(gauss.containment([0, 0.66, 5] * u.deg, "1 TeV").value, [0, 1, 1], atol=0.05)


def test_containment_at_positions(psf_map):
    lon, lat = psf_map.psf_map.geom.to_image().pix_to_coord((3, 2))
    energy = psf_map.psf_map.geom.axes["energy_true"].center
    actual = psf_map.containment("0.1 deg", energy, position=SkyCoord(lon, lat))
    sigma = psf_map.sigma[:, 0, 2, 3]
    np.testing.assert_allclose(actual, 1 - np.exp(-0.5 * (0.1 / sigma) ** 2), rtol=5e-3)


def test_containment_radius_map(psf_map):
    energy = psf_map.psf_map.geom.axes["energy_true"].center[1]
    image = psf_map.containment_radius_map(energy, fraction=0.5)
    assert image.unit == "deg"
    np.testing.assert_allclose(image.data, np.sqrt(2 * np.log(2)) * psf_map.sigma[1, 0], atol=1e-3)
    between = psf_map.containment_radius_map(1.7 * u.TeV)
    lon, lat = image.geom.pix_to_coord((4, 1))
    one = psf_map.containment_radius(0.68, 1.7 * u.TeV, position=SkyCoord(lon, lat))
    np.testing.assert_allclose(between.data[1, 4], one.to_value("deg"))


def test_normalize(psf_map):
    psf_map.psf_map.data *= 3
    psf_map.psf_map.data[0, :, 0, 0] = 0
    psf_map.normalize()
    rad = psf_map.psf_map.geom.axes["rad"]
    ring = (2 * np.pi * rad.center * rad.bin_width).to_value("sr").reshape(-1, 1, 1)
    total = (psf_map.psf_map.data * ring).sum(axis=1)
    assert total[0, 0, 0] == 0
    np.testing.assert_allclose(total.ravel()[1:], 1)
    assert psf_map.psf_map.unit == "sr-1"


def test_units_are_asked_for(gauss):
    with pytest.raises(UnitError, match="rad"):
        gauss.containment(0.1, "1 TeV")
    with pytest.raises(UnitError, match="energy_true"):
        gauss.containment("0.1 deg", 1)


def test_sampling_follows_the_map(energy_true):
    psf = PSFMap.from_gauss(energy_true, sigma="0.1 deg")
    n = 20000
    source = SkyCoord(83, 22, unit="deg")
    coords = MapCoord(
        {
            "lon": np.full(n, 83.0) * u.deg,
            "lat": np.full(n, 22.0) * u.deg,
            "energy_true": np.full(n, 2.0) * u.TeV,
        },
        frame="icrs",
    )
    sampled = psf.sample_coord(coords, random_state=1)
    assert sampled.axis_names == ["lon", "lat", "energy_true"]
    assert sampled.frame == "icrs"
    assert (sampled["energy_true"] == coords["energy_true"]).all()
    separation = sampled.skycoord.separation(source).deg
    # Rayleigh distribution: mean of the square is 2 sigma^2
    np.testing.assert_allclose((separation**2).mean(), 2 * 0.1**2, rtol=0.03)
    np.testing.assert_allclose((separation < 0.1).mean(), 1 - np.exp(-0.5), atol=0.015)
    # all directions alike, no wedge without events
    angle = source.position_angle(sampled.skycoord).deg
    counts = np.histogram(angle, bins=36, range=(0, 360))[0]
    np.testing.assert_allclose(counts, n / 36, atol=5 * np.sqrt(n / 36))
    assert ((angle > 0) & (angle < 1)).any()
    again = psf.sample_coord(coords, random_state=1, chunk_size=501)
    assert (again.lon == sampled.lon).all()


def test_sampling_without_function_leaves_events_where_they_are(gauss):
    gauss.psf_map.data[...] = 0
    coords = MapCoord({"lon": [83] * u.deg, "lat": [22] * u.deg, "energy_true": [2] * u.TeV}, frame="icrs")
    sampled = gauss.sample_coord(coords)
    np.testing.assert_allclose(sampled.skycoord.separation(coords.skycoord).deg, 0, atol=1e-9)


def test_region_and_own_axes(energy_true):
    geom = RegionGeom.create("icrs;circle(83, 22, 0.1)", axes=[energy_true])
    rad = MapAxis.from_bounds(0, 0.3, nbin=30, unit="deg", name="rad")
    psf = PSFMap.from_gauss(energy_true, rad_axis=rad, sigma="0.05 deg", geom=geom)
    assert psf.psf_map.data.shape == (4, 30, 1, 1)
    np.testing.assert_allclose(psf.containment("0.05 deg", "1 TeV"), 1 - np.exp(-0.5), rtol=5e-3)


def test_reconstructed_energy(energy):
    psf = RecoPSFMap.from_gauss(energy, sigma="0.1 deg")
    assert psf.energy_name == "energy"
    np.testing.assert_allclose(psf.containment("0.1 deg", energy="1 TeV"), 0.3939, atol=1e-3)
    np.testing.assert_allclose(psf.containment_radius(0.68, energy="1 TeV").to_value("deg"), 0.15075)
    np.testing.assert_allclose(psf.containment_radius_map(energy="1 TeV").data, 0.15075)
    coords = MapCoord({"lon": [83] * u.deg, "lat": [22] * u.deg, "energy": [2] * u.TeV}, frame="icrs")
    assert psf.sample_coord(coords).axis_names == ["lon", "lat", "energy"]
    other = psf.copy()
    psf.stack(other)
    assert (psf.exposure_map.data == 2).all()
    with pytest.raises(ValueError, match="energy_true"):
        PSFMap.from_gauss(energy)


def test_normalized_image_without_energies():
    energy = MapAxis.from_energy_bounds("0.1 TeV", "10 TeV", nbin=2, name="energy_true")
    psf = PSFMap.from_gauss(energy, sigma="0.1 deg").to_image(keepdims=False)
    psf.psf_map.data *= 3
    psf.normalize()
    rad = psf.psf_map.geom.axes["rad"]
    area = (2 * np.pi * rad.center * rad.bin_width).to_value("sr")
    np.testing.assert_allclose(np.tensordot(area, psf.psf_map.data, axes=1), 1)
