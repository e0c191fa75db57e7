"""Spectra of one observation in a region."""

import numpy as np
import pytest
from astropy import units as u
from numpy.testing import assert_allclose
from regions import CircleSkyRegion, RectangleSkyRegion

from geminga.datasets import SpectrumDataset
from geminga.errors import GeometryError, UnknownNameError
from geminga.irf import EffectiveAreaTable2D
from geminga.makers import SpectrumDatasetMaker
from geminga.maps import RegionGeom

from .conftest import SOURCE

CIRCLE = CircleSkyRegion(SOURCE, 0.3 * u.deg)


@pytest.fixture
def make_empty(energy, energy_true):
    def make(region=CIRCLE):
        geom = RegionGeom.create(region, axes=[energy])
        return SpectrumDataset.create(geom, energy_axis_true=energy_true, name="run")

    return make


def test_everything_at_the_centre(make_empty, make_observation, energy, energy_true):
    observation = make_observation(n_events=3000)
    dataset = SpectrumDatasetMaker().run(make_empty(), observation)
    events = observation.events
    inside = events.radec.separation(SOURCE) < CIRCLE.radius
    expected, _ = np.histogram(events.energy.value[inside], energy.edges.value)
    assert_allclose(dataset.counts.data[:, 0, 0], expected)
    area = observation.aeff.evaluate(energy_true=energy_true.center, offset=0.5 * u.deg).to_value("m2")
    assert_allclose(dataset.exposure.quantity.to_value("m2 s")[:, 0, 0], 1000 * area.reshape(-1), rtol=1e-5)
    kernel = observation.edisp.to_edisp_kernel(0.5 * u.deg, energy_axis=energy, energy_axis_true=energy_true)
    assert_allclose(dataset.edisp.edisp_map.data[:, :, 0, 0], kernel.pdf_matrix, atol=1e-6)
    rate = observation.bkg.evaluate(energy=energy.edges, offset=0.5 * u.deg).to_value("s-1 TeV-1 sr-1")
    edges, rate = energy.edges.value, rate.reshape(-1)
    slope = np.log(rate[1:] / rate[:-1]) / np.log(edges[1:] / edges[:-1]) + 1
    integral = (rate[1:] * edges[1:] - rate[:-1] * edges[:-1]) / slope
    solid = 2 * np.pi * (1 - np.cos(np.radians(0.3)))
    ontime = observation.observation_time_duration.to_value("s")
    assert_allclose(dataset.background.data[:, 0, 0], integral * solid * ontime, rtol=2e-2)


def test_containment_is_that_of_the_circle(make_empty, make_observation, energy_true):
    observation = make_observation()
    plain = SpectrumDatasetMaker(selection=["exposure"]).run(make_empty(), observation)
    corrected = SpectrumDatasetMaker(selection=["exposure"], containment_correction=True).run(
        make_empty(), observation
    )
    # two Gaussians: 85 % with sigma, 15 % with 2.5 sigma, see geminga.simulate.responses
    e = energy_true.center.value
    sigma = 0.045 * (1 + np.minimum(e**-0.5, 3)) * 1.05
    expected = 0.85 * -np.expm1(-0.5 * (0.3 / sigma) ** 2) + 0.15 * -np.expm1(
        -0.5 * (0.3 / (2.5 * sigma)) ** 2
    )
    # below 0.11 TeV the width stops growing; the response interpolates over that kink
    ratio = corrected.exposure.data[:, 0, 0] / plain.exposure.data[:, 0, 0]
    assert_allclose(ratio, expected, rtol=1e-2)


def test_containment_needs_a_circle(make_empty, make_observation):
    region = RectangleSkyRegion(SOURCE, 0.2 * u.deg, 0.2 * u.deg)
    maker = SpectrumDatasetMaker(selection=["exposure"], containment_correction=True)
    with pytest.raises(GeometryError, match="must be a circle"):
        maker.run(make_empty(region), make_observation())


def test_containment_needs_full_enclosure(make_empty, make_observation, responses):
    full = responses["aeff"]
    point_like = EffectiveAreaTable2D(axes=full.axes, data=full.data, unit=full.unit, is_pointlike=True)
    observation = make_observation(irfs={**responses, "aeff": point_like})
    maker = SpectrumDatasetMaker(selection=["exposure"], containment_correction=True)
    with pytest.raises(GeometryError, match="must be full-enclosure"):
        maker.run(make_empty(), observation)


def test_average_over_a_region(make_empty, make_observation, energy_true):
    """Twin: mean over 40,000 points that fill the circle evenly."""
    region = CircleSkyRegion(SOURCE, 1.0 * u.deg)
    observation = make_observation()
    dataset = SpectrumDatasetMaker(selection=["exposure"], use_region_center=False).run(
        make_empty(region), observation
    )
    steps = (np.arange(200) + 0.5) / 200
    radius, angle = np.meshgrid(np.sqrt(steps), 360 * steps)
    points = SOURCE.directional_offset_by(angle.ravel() * u.deg, radius.ravel() * u.deg)
    offset = points.separation(observation.get_pointing_icrs(observation.tmid))
    area = observation.aeff.evaluate(energy_true=energy_true.center[:, np.newaxis], offset=offset[np.newaxis])
    expected = 1000 * area.to_value("m2").mean(axis=1)
    assert_allclose(dataset.exposure.quantity.to_value("m2 s")[:, 0, 0], expected, rtol=2e-3)


def test_no_psf_is_made():
    with pytest.raises(UnknownNameError, match="psf"):
        SpectrumDatasetMaker(selection=["psf"])
