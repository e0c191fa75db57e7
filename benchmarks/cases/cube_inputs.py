"""Write what a cube case starts from, as ``python cube_inputs.py PACKAGE KIND``.

``stacked``: the reduced cube. ``two_sources``, ``eight_sources``: the same with fake counts of a field that is known
(the ridge of the Galactic plane, which no model of these cases describes, would draw the Gaussians). ``runs``: ten
simulated runs. Both packages read the same files, so that a difference of the answers is one of the fits.
"""

from pathlib import Path

import astropy.units as u
from astropy.coordinates import SkyCoord
from astropy.time import Time
from cube_models import four_points_and_four_gaussians, galactic_centre, gaussian
from harness import Case

ENERGY, ENERGY_TRUE = ("0.1 TeV", "10 TeV", 10), ("0.05 TeV", "20 TeV", 20)
OFFSET_MAX = "4 deg"
N_RUNS = 10
#: Pointings of the simulated runs, Galactic, deg: on a grid around the sources.
POINTINGS = [(lon, lat) for lat in (-0.9, 0.9) for lon in (-1.6, -0.7, 0.3, 1.2, 2.1)]


def geometry(maps, npix):
    """Return the counts geometry and the true-energy axis."""
    energy = maps.MapAxis.from_energy_bounds(*ENERGY, name="energy")
    energy_true = maps.MapAxis.from_energy_bounds(*ENERGY_TRUE, name="energy_true")
    geom = maps.WcsGeom.create(
        skydir=(0, 0), binsz=0.02, npix=npix, frame="galactic", proj="CAR", axes=[energy]
    )
    return geom, energy_true


def observations(case):
    """Return the three runs of the first CTA data challenge on the Galactic centre."""
    store = case.module("data").DataStore.from_dir("$GAMMAPY_DATA/cta-1dc/index/gps")
    return store.get_observations([110380, 111140, 111159])


def stacked_cube(case, runs, npix=(400, 300)):
    """Reduce runs and stack them on one cube."""
    datasets, makers = case.module("datasets"), case.module("makers")
    geom, energy_true = geometry(case.module("maps"), npix)
    stacked = datasets.MapDataset.create(geom, energy_axis_true=energy_true, name="cube")
    maker = makers.MapDatasetMaker()
    safe_maker = makers.SafeMaskMaker(methods=["offset-max"], offset_max=OFFSET_MAX)
    for run in runs:
        pointing = run.get_pointing_icrs(run.tmid)
        cutout = stacked.cutout(pointing, width=2 * u.Quantity(OFFSET_MAX), name=f"run-{run.obs_id}")
        stacked.stack(safe_maker.run(maker.run(cutout, run), run))
    return stacked


def simulated_run(case, number, irfs):
    """Return one run with the responses of the challenge and fake counts, its own background not quite right."""
    data, datasets, makers = case.module("data"), case.module("datasets"), case.module("makers")
    models = case.module("modeling.models")
    geom, energy_true = geometry(case.module("maps"), (500, 400))
    centre = SkyCoord(*POINTINGS[number], unit="deg", frame="galactic")
    observation = data.Observation.create(
        pointing=data.FixedPointingInfo(fixed_icrs=centre.icrs),
        livetime=0.5 * u.h,
        irfs=irfs,
        obs_id=number,
        reference_time=Time("2026-01-01"),
    )
    name = f"run-{number}"
    dataset = datasets.MapDataset.create(geom, energy_axis_true=energy_true, name=name)
    dataset = makers.MapDatasetMaker(selection=["exposure", "background", "psf", "edisp"]).run(
        dataset, observation
    )
    dataset = makers.SafeMaskMaker(methods=["offset-max"], offset_max=OFFSET_MAX).run(dataset, observation)
    background = models.FoVBackgroundModel(dataset_name=name)
    background.spectral_model.norm.value = 0.9 + 0.02 * number
    dataset.models = [galactic_centre(models), gaussian(models), background]
    dataset.fake(random_state=number)
    dataset.models = None
    return dataset


def fake(cube, models, sources, seed):
    """Replace the counts of a cube by drawn ones."""
    background = models.FoVBackgroundModel(dataset_name=cube.name)
    background.spectral_model.norm.value = 1.05
    cube.models = [*sources, background]
    cube.fake(random_state=seed)
    cube.models = None


def write(case):
    folder, models = Path(case.inputs), case.module("modeling.models")
    runs = observations(case)
    if case.step == "runs":
        run = next(iter(runs))
        irfs = {name: getattr(run, name) for name in ("aeff", "psf", "edisp", "bkg")}
        for number in range(N_RUNS):
            simulated_run(case, number, irfs).write(folder / f"run-{number}.fits", overwrite=True)
        return
    cube = stacked_cube(case, runs)
    if case.step == "two_sources":
        fake(cube, models, [galactic_centre(models), gaussian(models)], seed=1)
    elif case.step == "eight_sources":
        fake(cube, models, four_points_and_four_gaussians(models), seed=2)
    cube.write(folder / f"{case.step}.fits", overwrite=True)


if __name__ == "__main__":
    case = Case()
    write(case)
    case.report()
