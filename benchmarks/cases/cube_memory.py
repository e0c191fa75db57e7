"""Reduction of 10 or 100 observations, stacked as they come: the peak memory must not grow with their number.

The twenty H.E.S.S. runs on MSH 15-52, read anew as often as needed.
"""

from itertools import cycle, islice

import astropy.units as u
from astropy.coordinates import SkyCoord
from harness import Case

case = Case()
data, makers, datasets, maps = (case.module(name) for name in ("data", "makers", "datasets", "maps"))

store = data.DataStore.from_dir("$GAMMAPY_DATA/hess-dl3-dr1")
position = SkyCoord(320.33, -1.19, unit="deg", frame="galactic")
table = store.obs_table
pointings = SkyCoord(table["RA_PNT"], table["DEC_PNT"], unit="deg", frame="icrs")
ids = [int(number) for number in table["OBS_ID"][pointings.separation(position) < 2 * u.deg]]
number = int(case.step)


def reduce():
    energy = maps.MapAxis.from_energy_bounds("0.5 TeV", "50 TeV", 10, name="energy")
    energy_true = maps.MapAxis.from_energy_bounds("0.3 TeV", "100 TeV", 20, name="energy_true")
    geom = maps.WcsGeom.create(
        skydir=position, binsz=0.02, npix=(300, 300), frame="galactic", proj="TAN", axes=[energy]
    )
    empty = datasets.MapDataset.create(geom, energy_axis_true=energy_true, name="stacked")
    chain = [makers.MapDatasetMaker(), makers.SafeMaskMaker(methods=["offset-max"], offset_max="2.5 deg")]
    observations = store.get_observations(list(islice(cycle(ids), number)))
    return makers.DatasetsMaker(chain, stack_datasets=True, n_jobs=1).run(empty, observations)[0]


stacked = case.timed(f"reduce and stack {number} observations", reduce)
case.answer("counts", stacked.counts.data.sum(axis=(1, 2)), rtol=1e-4)
case.answer("exposure", stacked.exposure.data.sum(axis=(1, 2), dtype=float), rtol=1e-4)
case.answer("background", stacked.background.data.sum(axis=(1, 2), dtype=float), rtol=1e-3)
case.report()
