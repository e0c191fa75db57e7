"""Pictures of events."""

import warnings

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.table import Table

from geminga.data import EventList


@pytest.fixture
def events():
    random = np.random.default_rng(0)
    table = Table()
    table["TIME"] = np.sort(random.uniform(0, 1800, 400)) * u.s
    table["RA"] = (83.6 + random.normal(0, 1, 400)) * u.deg
    table["DEC"] = (22.0 + random.normal(0, 1, 400)) * u.deg
    table["ENERGY"] = (0.3 * (random.pareto(1.5, 400) + 1)) * u.TeV
    table.meta.update(
        MJDREFI=51910,
        MJDREFF=0.0,
        TIMEUNIT="s",
        TIMESYS="TT",
        RA_PNT=83.6,
        DEC_PNT=22.0,
        OBS_ID=1,
        EXTNAME="EVENTS",
    )
    return EventList(table)


def test_energies_are_all_counted(fresh_pyplot, events):
    ax = events.plot_energy(bins=np.geomspace(0.1, 1e4, 30), histtype="bar")
    assert sum(patch.get_height() for patch in ax.patches) == 400
    assert ax.get_xscale() == "log"
    assert "TeV" in ax.get_xlabel()


def test_rate_of_events(fresh_pyplot, events):
    ax = events.plot_time()
    rate = ax.containers[0].lines[0].get_ydata()
    span = np.ptp(events.column("TIME"))
    assert rate.mean() == pytest.approx(400 / span)
    assert ax.get_xlabel() == "Time since the first event [min]"


def test_squared_offsets(fresh_pyplot, events):
    center = SkyCoord(83.6, 22, unit="deg")
    ax = events.plot_offset2_distribution(center=center, histtype="bar", max_percentile=100)
    assert sum(patch.get_height() for patch in ax.patches) == 400


def test_energies_and_offsets(fresh_pyplot, events):
    ax = events.plot_energy_offset()
    counts = np.ma.filled(ax.collections[0].get_array(), 0)
    # the four events with the largest offsets may lie outside
    assert 390 <= counts.sum() <= 400
    assert ax.get_ylabel() == "Offset [deg]"


def test_image_is_centred_on_the_pointing(fresh_pyplot, events):
    ax = events.plot_image()
    n_lat, n_lon = ax.images[0].get_array().shape
    lon, lat = ax.wcs.wcs_pix2world((n_lon - 1) / 2, (n_lat - 1) / 2, 0)
    assert (float(lon), float(lat)) == pytest.approx((83.6, 22), abs=0.1)


@pytest.mark.parametrize("allsky", [False, True])
def test_peek(fresh_pyplot, events, allsky):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        events.peek(allsky=allsky)
        fresh_pyplot.gcf().canvas.draw()
    assert len(fresh_pyplot.get_fignums()) == 1


@pytest.mark.realdata
def test_observation(fresh_pyplot, gammapy_data):
    from geminga.data import DataStore

    observation = DataStore.from_dir(gammapy_data / "hess-dl3-dr1").obs(23523)
    observation.peek()
    fresh_pyplot.gcf().canvas.draw()
    titles = [ax.get_title() for ax in fresh_pyplot.gcf().axes]
    assert titles == ["Events", "Effective area", "Energy dispersion", "Point spread function", "Background"]
