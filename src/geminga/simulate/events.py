"""Event lists drawn from a point source and a background, through the responses of an observation."""

from __future__ import annotations

import numpy as np
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.table import Table

from ..data import EventList
from ..numerics.random import InverseCDFSampler, get_random_state

__all__ = ["simulate_events"]

#: True-energy bins per decade in which the source spectrum is drawn; within a bin log-uniform.
BINS_PER_DECADE = 200


def simulate_events(
    observation, spectral_model, position, random_state="random-seed", energy_range=(0.05, 100)
):
    """Draw the events of a point source and of the background.

    Parameters
    ----------
    observation : `~geminga.data.Observation`
        With pointing, responses (background by offset) and one good time interval.
    spectral_model : SpectralModel
        Spectrum of the source.
    position : `~astropy.coordinates.SkyCoord`
        Where the source is.
    random_state : int or random generator
    energy_range : pair of float
        Range of reconstructed energy in TeV; events outside are dropped.

    Returns
    -------
    `~geminga.data.EventList`
        Sorted by time, with EVENT_ID, TIME, RA, DEC, ENERGY, and MC_ID: 1 for the source, 0 for background.

    Notes
    -----
    Source: Poisson number from spectrum x effective area x live time, then energy, PSF and energy dispersion.
    Background: Poisson number from rate x on-time x solid angle on the grid of the response, then uniform
    within a cell.
    """
    random = get_random_state(random_state)
    parts = [
        _source(observation, spectral_model, position, random),
        _background(observation, random),
    ]
    energy, lon, lat, origin = (np.concatenate([part[i] for part in parts]) for i in range(4))
    inside = (energy >= energy_range[0]) & (energy < energy_range[1])
    energy, lon, lat, origin = (column[inside] for column in (energy, lon, lat, origin))
    gti = observation.gti
    start, stop = gti.met_start.to_value("s")[0], gti.met_stop.to_value("s")[-1]
    seconds = np.sort(random.uniform(start, stop, size=energy.size))
    order = random.permutation(energy.size)
    table = Table()
    table["EVENT_ID"] = np.arange(1, energy.size + 1)
    table["TIME"] = gti.time_ref + seconds * u.s
    table["RA"], table["DEC"] = lon[order] * u.deg, lat[order] * u.deg
    table["ENERGY"] = energy[order] * u.TeV
    table["MC_ID"] = origin[order].astype("int16")
    pointing = observation.get_pointing_icrs(observation.tmid)
    table.meta.update(
        {"OBS_ID": observation.obs_id, "RA_PNT": pointing.icrs.ra.deg, "DEC_PNT": pointing.icrs.dec.deg}
    )
    return EventList(table)


def _source(observation, spectral_model, position, random):
    """Draw source events: reconstructed energy (TeV), longitude and latitude (deg, ICRS), identifier."""
    pointing = observation.get_pointing_icrs(observation.tmid)
    offset = position.separation(pointing)
    axis = observation.aeff.axes["energy_true"]
    low, high = axis.edges.to_value("TeV")[[0, -1]]
    edges = np.geomspace(low, high, int(BINS_PER_DECADE * np.log10(high / low)) + 1)
    center = np.sqrt(edges[1:] * edges[:-1])
    flux = spectral_model.integral(edges[:-1] * u.TeV, edges[1:] * u.TeV).to_value("m-2 s-1")
    area = observation.aeff.evaluate(energy_true=center * u.TeV, offset=offset).to_value("m2")
    expected = flux * area * observation.observation_live_time_duration.to_value("s")
    index = np.repeat(np.arange(center.size), random.poisson(np.clip(expected, 0, None)))
    n = index.size
    energy_true = edges[index] * (edges[index + 1] / edges[index]) ** random.uniform(size=n)
    energy = energy_true * _migra(observation.edisp, energy_true, offset, random)
    radius = _radius(observation.psf, energy_true, offset, random)
    sky = position.icrs.directional_offset_by(random.uniform(0, 360, n) * u.deg, radius * u.deg)
    return energy, np.atleast_1d(sky.ra.deg), np.atleast_1d(sky.dec.deg), np.ones(n)


def _draw_rows(cumulative, grid, rows, random):
    """Draw from tabulated cumulative distributions, one row of the table for each draw."""
    drawn = random.uniform(size=rows.size)
    result = np.empty(rows.size)
    for row in np.unique(rows):
        mine = rows == row
        result[mine] = np.interp(drawn[mine], cumulative[row], grid)
    return result


def _nearest_rows(axis, energy_true):
    return np.clip(axis.coord_to_idx(energy_true * u.TeV), 0, axis.nbin - 1)


def _migra(edisp, energy_true, offset, random):
    """Draw ratios of reconstructed to true energy."""
    axis, migra = edisp.axes["energy_true"], edisp.axes["migra"]
    density = edisp.evaluate(
        energy_true=axis.center[:, np.newaxis], migra=migra.center[np.newaxis], offset=offset
    ).to_value("")
    mass = np.clip(density, 0, None) * np.diff(migra.edges.value)
    total = mass.sum(axis=1, keepdims=True)
    cumulative = np.cumsum(mass / np.where(total > 0, total, 1.0), axis=1)
    cumulative = np.concatenate([np.zeros((axis.nbin, 1)), cumulative], axis=1)
    return _draw_rows(cumulative, migra.edges.value, _nearest_rows(axis, energy_true), random)


def _radius(psf, energy_true, offset, random):
    """Draw separations from the true direction, in deg."""
    axis = psf.axes["energy_true"]
    rad = np.linspace(0, 1.5, 601)
    contained = psf.containment(
        rad=rad[np.newaxis] * u.deg, energy_true=axis.center[:, np.newaxis], offset=offset
    ).to_value("")
    contained = np.maximum.accumulate(contained, axis=1)
    last = contained[:, -1:]
    contained = contained / np.where(last > 0, last, 1.0)
    return _draw_rows(contained, rad, _nearest_rows(axis, energy_true), random)


def _background(observation, random):
    """Draw background events from a response by energy and offset."""
    bkg = observation.bkg
    energy_axis, offset_axis = bkg.axes["energy"], bkg.axes["offset"]
    edges, offsets = energy_axis.edges.to_value("TeV"), offset_axis.edges.to_value("rad")
    solid = 2 * np.pi * -np.diff(np.cos(offsets))
    rate = bkg.quantity.to_value("s-1 TeV-1 sr-1")
    expected = (
        rate * np.diff(edges)[:, np.newaxis] * solid * observation.observation_time_duration.to_value("s")
    )
    n = random.poisson(expected.sum())
    sampler = InverseCDFSampler(expected, random_state=random)
    cells = sampler.sample(n)
    e_index, o_index = (
        np.clip(np.rint(cell).astype(int), 0, size - 1)
        for cell, size in zip(cells, expected.shape, strict=True)
    )
    energy = edges[e_index] * (edges[e_index + 1] / edges[e_index]) ** random.uniform(size=n)
    cosines = np.cos(offsets)
    radius = np.degrees(
        np.arccos(cosines[o_index] + (cosines[o_index + 1] - cosines[o_index]) * random.uniform(size=n))
    )
    pointing = observation.get_pointing_icrs(observation.tmid)
    sky = pointing.directional_offset_by(random.uniform(0, 360, n) * u.deg, radius * u.deg)
    sky = SkyCoord(sky).icrs
    return energy, np.atleast_1d(sky.ra.deg), np.atleast_1d(sky.dec.deg), np.zeros(n)
