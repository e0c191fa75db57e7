"""Read the observations, responses and intervals of the folder."""

from pathlib import Path

import astropy.units as u
from summary import axis, item, numbers, report, sky_map, unit

from geminga.data import GTI, DataStore, Observation
from geminga.irf import (
    PSF3D,
    Background3D,
    EDispKernel,
    EDispKernelMap,
    EDispMap,
    EffectiveAreaTable2D,
    EnergyDispersion2D,
    PSFMap,
)


def irf(response):
    if hasattr(response, "required_parameters"):
        return {
            "class": type(response).__name__,
            "parameters": {name: numbers(response.quantity[name]) for name in response.required_parameters},
        }
    return {
        "class": type(response).__name__,
        "axes": [axis(a) for a in response.axes],
        "data": numbers(response.quantity),
        "unit": unit(response.unit),
        "pointlike": bool(response.is_pointlike),
    }


def gti(intervals):
    return {
        "start": numbers(intervals.time_start.tt.mjd),
        "stop": numbers(intervals.time_stop.tt.mjd),
        "sum": intervals.time_sum.to_value("s"),
    }


def observation(obs):
    events = obs.events
    result = {
        "id": int(obs.obs_id),
        "columns": sorted(name for name in events.table.colnames),
        "ra": numbers(events.radec.ra.deg),
        "energy": numbers(events.energy),
        "time": numbers(events.time.tt.mjd),
        "gti": gti(obs.gti),
        "live": obs.observation_live_time_duration.to_value("s"),
        "dead": float(obs.observation_dead_time_fraction),
        "pointing": numbers(
            [obs.get_pointing_icrs(obs.tmid).ra.deg, obs.get_pointing_icrs(obs.tmid).dec.deg]
        ),
        "irfs": sorted(obs.available_irfs),
    }
    for name in obs.available_irfs:
        result[name] = irf(getattr(obs, name))
    return result


for path in sorted(Path().glob("observation_*.fits")):
    item(path.stem)(lambda path=path: observation(Observation.read(path)))


@item("store")
def _():
    store = DataStore.from_dir("store")
    result = {str(i): observation(store.obs(i)) for i in store.obs_table["OBS_ID"]}
    return result | {"hdus": len(store.hdu_table), "columns": sorted(store.obs_table.colnames)}


item("gti")(lambda: gti(GTI.read("gti_two.fits")))
item("aeff")(lambda: irf(EffectiveAreaTable2D.read("aeff_2d.fits")))
item("edisp")(lambda: irf(EnergyDispersion2D.read("edisp_2d.fits")))
item("psf")(lambda: irf(PSF3D.read("psf_table.fits")))
item("bkg")(lambda: irf(Background3D.read("bkg_3d.fits")))
item("rmf")(lambda: irf(EDispKernel.read("rmf_ogip.fits")))
item("rmf sherpa")(lambda: irf(EDispKernel.read("rmf_sherpa.fits")))


@item("psf map")
def _():
    m = PSFMap.read("psfmap.fits")
    return [sky_map(m.psf_map), m.containment_radius(0.68, 1 * u.TeV).to_value("deg").tolist()]


item("edisp map")(lambda: sky_map(EDispMap.read("edispmap.fits").edisp_map))
item("edisp kernel map")(lambda: sky_map(EDispKernelMap.read("edispkernelmap.fits").edisp_map))
report()
