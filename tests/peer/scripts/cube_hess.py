"""Fits of four targets of H.E.S.S., with the background of each run adjusted to its field of view.

Usage: ``python cube_hess.py gammapy|geminga [analysis ...]`` prints the numbers as JSON.

This work made use of data from the H.E.S.S. DL3 public test data release 1 (HESS DL3 DR1, H.E.S.S.
collaboration, 2018).
"""

import time
from functools import partial

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord
from cube_tools import content, fit, main
from regions import CircleSkyRegion

#: Position, radius of the exclusion, least energy in TeV (above the threshold of all runs), and runs.
TARGETS = {
    "crab": ((83.633, 22.014), 0.35, 0.9, [23523, 23526, 23559, 23592]),
    "pks2155": ((329.717, -30.226), 0.35, 0.65, [47802, 47803, 47804, 47827, 47828, 47829]),
    "msh1552": (
        (228.529, -59.157),
        0.5,
        0.42,
        [20136, 20137, 20151, 20282, 20283, 20301, 20302, 20303, 20322, 20323],
    ),
    "rxj1713": ((258.388, -39.692), 0.9, 0.3, [20326, 20327, 20349, 20350, 20396, 20397]),
}
#: Size of the pixels in degrees: the rim of a shell, and the four pixels that share a point, make the statistic rough
#: where pixels are large.
PIXELS = {"crab": 0.04, "pks2155": 0.02, "msh1552": 0.04, "rxj1713": 0.02}


def empty(p, target, energy_min=None):
    """Return an empty dataset around a target."""
    (lon, lat), _, default, _ = TARGETS[target]
    # The source lies in the middle of a pixel of the responses, 0.2 deg wide: on an edge, which one is taken is chance.
    centre = SkyCoord(lon + 0.1 / np.cos(np.radians(lat)), lat + 0.1, unit="deg")
    energy = p.MapAxis.from_energy_bounds(energy_min or default, 20, 8, unit="TeV", name="energy")
    energy_true = p.MapAxis.from_energy_bounds(0.15, 50, 18, unit="TeV", name="energy_true")
    geom = p.WcsGeom.create(
        skydir=centre,
        width=(4, 4),
        binsz=PIXELS[target],
        frame="icrs",
        proj="TAN",
        axes=[energy],
    )
    return p.MapDataset.create(geom, energy_axis_true=energy_true, name="stacked")


def reduce(p, folder, target, energy_min=None):
    """Reduce each run of a target, with the background fitted outside of the source."""
    center, radius, _, runs = TARGETS[target]
    position = SkyCoord(*center, unit="deg")
    dataset = empty(p, target, energy_min)
    observations = p.DataStore.from_dir(folder / "hess-dl3-dr1").get_observations(runs)
    # Wide: where runs reach over the mask, the peer excludes all.
    wide = p.WcsGeom.create(skydir=position, width=(10, 10), binsz=PIXELS[target], frame="icrs", proj="TAN")
    exclusion = wide.region_mask([CircleSkyRegion(position, radius * u.deg)], inside=False)
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


def stack(p, datasets, target, energy_min=None):
    """Stack the runs on one map."""
    stacked = empty(p, target, energy_min)
    for dataset in datasets:
        stacked.stack(dataset)
    return stacked


def analyse(p, folder, target):
    """Fit the background of each run, then the source on the sum of the runs and on each run jointly."""
    start, cpu = time.perf_counter(), time.process_time()
    datasets = reduce(p, folder, target)
    found = {"reduction": {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - start}}
    found["runs"] = {}
    for dataset, run in zip(datasets, TARGETS[target][-1], strict=True):
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
    found["joint"] = fit(p, datasets, exact=False)
    return found


#: Runs on RX J1713.7-3946, on three fields of the Galactic plane beside it, and on GX 339-4.
SURVEY = [20326, 20327, 20349, 20350, 20898, 20899, 20900, 22022]
EXCLUDED = [(347.33, -0.47, 0.8), (345.7, -0.2, 0.4), (344.3, -0.2, 0.5), (348.7, 0.3, 0.6)]


def survey(p, folder):
    """Map excess and significance of several targets along the Galactic plane, with the background of rings."""
    energy = p.MapAxis.from_energy_bounds(0.5, 20, 3, unit="TeV", name="energy")
    energy_true = p.MapAxis.from_energy_bounds(0.2, 50, 9, unit="TeV", name="energy_true")
    geom = p.WcsGeom.create(
        skydir=(343.5, -1.5), npix=(280, 160), binsz=0.05, frame="galactic", proj="CAR", axes=[energy]
    )
    observations = p.DataStore.from_dir(folder / "hess-dl3-dr1").get_observations(SURVEY)
    circles = [
        CircleSkyRegion(SkyCoord(lon, lat, unit="deg", frame="galactic"), radius * u.deg)
        for lon, lat, radius in EXCLUDED
    ]
    # The maker of the peer wants a mask as large as the map.
    exclusion = geom.to_image().region_mask(circles, inside=False)
    chain = [
        p.MapDatasetMaker(),
        p.SafeMaskMaker(methods=["offset-max"], offset_max="2 deg"),
        p.FoVBackgroundMaker(method="scale", exclusion_mask=exclusion),
    ]
    stacked = p.MapDataset.create(geom, energy_axis_true=energy_true, name="survey")
    stacked = p.DatasetsMaker(chain, stack_datasets=True).run(stacked, observations)[0]
    image = stacked.to_image()
    measured = p.RingBackgroundMaker(r_in="0.8 deg", width="0.3 deg", exclusion_mask=exclusion).run(image)
    maps = p.ExcessMapEstimator("0.1 deg").run(measured)
    safe = measured.mask_safe.data
    significance = maps.sqrt_ts.data
    inside = np.isfinite(significance) & safe
    off = inside & exclusion.data
    positions = SkyCoord([347.33, 345.7, 339.2], [-0.47, -0.2, -4.0], unit="deg", frame="galactic")
    at = {
        name: getattr(maps, name).get_by_coord({"skycoord": positions, "energy": 3 * u.TeV})
        for name in ("npred_excess", "sqrt_ts")
    }
    return {
        "content": content(stacked),
        "counts_off": float(np.nansum(measured.counts_off.data * safe)),
        "alpha": float(np.nanmean(measured.alpha.data[safe & (measured.counts_off.data > 0)])),
        "safe": int(safe.sum()),
        "pixels": int(inside.sum()),
        "extremes": [float(significance[inside].min()), float(significance[inside].max())],
        "off": [float(significance[off].mean()), float(significance[off].std())],
        "excess": [float(value) for value in np.ravel(at["npred_excess"])],
        "sqrt_ts": [float(value) for value in np.ravel(at["sqrt_ts"])],
    }


ANALYSES = {target: partial(analyse, target=target) for target in TARGETS} | {"survey": survey}

if __name__ == "__main__":
    main(ANALYSES)
