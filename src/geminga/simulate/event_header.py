"""The header of simulated event lists."""

from __future__ import annotations

import numpy as np
from astropy import units as u
from astropy.time import Time

from ..fits_headers import creator_text
from ..sky.timing import time_ref_to_dict

__all__ = ["event_header"]


def event_header(dataset, observation, keep_mc_id=True) -> dict:
    """Return the keywords of the gamma-astro-data-formats for events drawn from a dataset.

    Parameters
    ----------
    dataset : `~geminga.datasets.MapDataset`
    observation : `~geminga.data.Observation`
    keep_mc_id : bool
        Name the models, as MID and MMN.

    Returns
    -------
    dict
    """
    gti, pointing = observation.gti, observation.get_pointing_icrs(observation.tmid)
    energies = dataset.counts.geom.axes["energy"].edges.to_value("TeV")
    radius = 0.5 * float(np.max(u.Quantity(dataset.counts.geom.width).to_value("deg")))
    ra, dec = float(pointing.ra.deg), float(pointing.dec.deg)
    start, stop = observation.tstart, observation.tstop
    header = {
        "HDUCLASS": "GADF",
        "HDUDOC": "https://github.com/open-gamma-ray-astro/gamma-astro-data-formats",
        "HDUVERS": "0.3",
        "HDUCLAS1": "EVENTS",
        "EXTNAME": "EVENTS",
        "OBS_ID": observation.obs_id,
        "TSTART": float((start - gti.time_ref).to_value("s")),
        "TSTOP": float((stop - gti.time_ref).to_value("s")),
        "TELAPSE": float((stop - start).to_value("s")),
        "ONTIME": float(observation.observation_time_duration.to_value("s")),
        "LIVETIME": float(observation.observation_live_time_duration.to_value("s")),
        "DEADC": 1.0 - float(observation.observation_dead_time_fraction),
        "DATE-OBS": start.utc.isot,
        "DATE-END": stop.utc.isot,
        "RA_PNT": ra,
        "DEC_PNT": dec,
        "EQUINOX": 2000.0,
        "RADECSYS": "ICRS",
        "EUNIT": "TeV",
        "OBS_MODE": "POINTING",
        "CREATOR": creator_text(),
        "CREATED": Time.now().utc.isot,
        "DSTYP1": "TIME",
        "DSUNI1": "s",
        "DSVAL1": "TABLE",
        "DSREF1": ":GTI",
        "DSTYP2": "ENERGY",
        "DSUNI2": "TeV",
        "DSVAL2": f"{energies[0]:.10g}:{energies[-1]:.10g}",
        "DSTYP3": "POS(RA,DEC)",
        "DSUNI3": "deg",
        "DSVAL3": f"CIRCLE({ra:.10g},{dec:.10g},{radius:.6g})",
        "NDSKEYS": 3,
        "TIMEUNIT": "s",
        "TIMESYS": gti.time_ref.scale.upper(),
        "TIMEREF": "LOCAL",
        **time_ref_to_dict(gti.time_ref, gti.time_ref.scale),
        **_source_keywords(dataset),
        **_site_keywords(observation),
    }
    if keep_mc_id:
        header |= {"NMCIDS": len(model_numbers(dataset))}
        for name, number in model_numbers(dataset).items():
            header |= {f"MID{number:05d}": number, f"MMN{number:05d}": name}
    return header


def model_numbers(dataset) -> dict[str, int]:
    """Return the identifier of each model: 0 for the background, then 1, 2, ... in the order of the models."""
    background = dataset.background_model
    numbers = {} if background is None else {background.name: 0}
    sources = [model for model in dataset.models or () if model is not background]
    return numbers | {model.name: number for number, model in enumerate(sources, start=1)}


def _source_keywords(dataset) -> dict:
    for model in dataset.models or ():
        position = getattr(model, "position", None)
        if position is not None:
            place = position.icrs
            return {"OBJECT": model.name, "RA_OBJ": float(place.ra.deg), "DEC_OBJ": float(place.dec.deg)}
    return {}


def _site_keywords(observation) -> dict:
    info = None if observation.meta is None else observation.meta.obs_info
    header = {}
    for keyword, name in (("TELESCOP", "telescope"), ("INSTRUME", "instrument")):
        if getattr(info, name, None):
            header[keyword] = getattr(info, name)
    location = observation.observatory_earth_location
    if location is not None:
        header |= {
            "GEOLON": float(location.lon.deg),
            "GEOLAT": float(location.lat.deg),
            "ALTITUDE": float(location.height.to_value("m")),
        }
        place = observation.get_pointing_altaz(observation.tmid)
        header |= {"ALT_PNT": float(place.alt.deg), "AZ_PNT": float(place.az.deg)}
    return header
