"""Fits of four targets of H.E.S.S., with the background of each run adjusted to its field of view.

Usage: ``python cube_hess.py gammapy|geminga [analysis ...]`` prints the numbers as JSON.

This work made use of data from the H.E.S.S. DL3 public test data release 1 (HESS DL3 DR1, H.E.S.S.
collaboration, 2018).
"""

import time
from functools import partial

import astropy.units as u
from astropy.coordinates import SkyCoord
from cube_tools import content, fit, main
from regions import CircleSkyRegion

#: Position, radius of the exclusion, and runs.
TARGETS = {
    "crab": ((83.633, 22.014), 0.35, [23523, 23526, 23559, 23592]),
    "pks2155": ((329.717, -30.226), 0.35, [47802, 47803, 47804, 47827, 47828, 47829]),
    "msh1552": (
        (228.529, -59.157),
        0.5,
        [20136, 20137, 20151, 20282, 20283, 20301, 20302, 20303, 20322, 20323],
    ),
    "rxj1713": (
        (258.388, -39.692),
        0.9,
        [20326, 20327, 20349, 20350, 20396, 20397, 20421, 20422, 20517, 20518, 20519, 20521],
    ),
}


def empty(p, position):
    """Return an empty dataset around a target."""
    energy = p.MapAxis.from_energy_bounds(0.5, 20, 8, unit="TeV", name="energy")
    energy_true = p.MapAxis.from_energy_bounds(0.2, 50, 16, unit="TeV", name="energy_true")
    geom = p.WcsGeom.create(
        skydir=position, width=(4, 4), binsz=0.04, frame="icrs", proj="TAN", axes=[energy]
    )
    return p.MapDataset.create(geom, energy_axis_true=energy_true, name="stacked")


def reduce(p, folder, target):
    """Reduce each run of a target, with the background fitted outside of the source."""
    center, radius, runs = TARGETS[target]
    position = SkyCoord(*center, unit="deg")
    dataset = empty(p, position)
    observations = p.DataStore.from_dir(folder / "hess-dl3-dr1").get_observations(runs)
    exclusion = dataset.counts.geom.to_image().region_mask(
        [CircleSkyRegion(position, radius * u.deg)], inside=False
    )
    chain = [
        p.MapDatasetMaker(),
        p.SafeMaskMaker(methods=["aeff-default", "offset-max"], offset_max="2 deg"),
        p.FoVBackgroundMaker(method="fit", exclusion_mask=exclusion, spectral_model=norm(p)),
    ]
    return p.DatasetsMaker(chain, stack_datasets=False, cutout_mode="partial").run(dataset, observations)


def norm(p):
    """Return the spectrum of the background correction, with a free tilt."""
    model = p.PowerLawNormSpectralModel()
    model.tilt.frozen = False
    return model


def source(p, target):
    """Return the source to fit, near its known values."""
    center = {"lon_0": TARGETS[target][0][0] * u.deg, "lat_0": TARGETS[target][0][1] * u.deg}
    spatial, flux = {
        "crab": (p.PointSpatialModel(**center), 4e-11),
        "pks2155": (p.PointSpatialModel(**center), 3e-12),
        "msh1552": (p.GaussianSpatialModel(**center, sigma="0.08 deg"), 6e-12),
        "rxj1713": (p.ShellSpatialModel(**center, radius="0.4 deg", width="0.2 deg"), 2e-11),
    }[target]
    index = 3.3 if target == "pks2155" else 2.3
    spectral = p.PowerLawSpectralModel(
        index=index, amplitude=flux * u.Unit("cm-2 s-1 TeV-1"), reference="1 TeV"
    )
    return p.SkyModel(spectral, spatial, name=target)


def stack(p, datasets, target):
    """Stack the runs on one map."""
    stacked = empty(p, SkyCoord(*TARGETS[target][0], unit="deg"))
    for dataset in datasets:
        stacked.stack(dataset)
    return stacked


def analyse(p, folder, target):
    """Fit the background of each run, then the source on the sum of the runs and on each run jointly."""
    start, cpu = time.perf_counter(), time.process_time()
    datasets = reduce(p, folder, target)
    found = {"reduction": {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - start}}
    found["runs"] = {}
    for dataset, run in zip(datasets, TARGETS[target][2], strict=True):
        model = dataset.background_model.spectral_model
        found["runs"][str(run)] = {
            "norm": [float(model.norm.value), float(model.norm.error)],
            "tilt": [float(model.tilt.value), float(model.tilt.error)],
            "safe": int(dataset.mask_safe.data.sum()),
            "counts": float((dataset.counts.data * dataset.mask_safe.data).sum()),
        }
    stacked = stack(p, datasets, target)
    found["content"] = content(stacked)
    stacked.models = p.Models([source(p, target), p.FoVBackgroundModel(dataset_name="stacked")])
    found["stacked"] = fit(p, [stacked])
    found["npred"] = [float(v) for v in (stacked.npred() * stacked.mask_safe).data.sum(axis=(1, 2))]
    backgrounds = [dataset.background_model for dataset in datasets]
    for model in backgrounds:
        model.spectral_model.tilt.frozen = True
    datasets.models = p.Models([source(p, target), *backgrounds])
    found["joint"] = fit(p, datasets)
    # Names of runs differ between packages: their order is the same.
    return found


ANALYSES = {target: partial(analyse, target=target) for target in TARGETS}

if __name__ == "__main__":
    main(ANALYSES)
