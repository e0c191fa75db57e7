"""Fits of the stacked cube of three runs of CTA's first data challenge around the Galactic centre.

Usage: ``python cube_cta.py gammapy|geminga [analysis ...]`` prints the numbers as JSON.
"""

import time
from functools import cache

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord
from cube_tools import content, fit, main

RUNS = [110380, 111140, 111159]
#: Position, amplitude at 1 TeV and, for extended sources, width: four points and four Gaussians. The wide ones take up
#: the diffuse emission. All start near the minimum, which the peer does not find from afar.
POINTS = [(-0.05, -0.05, 2.5e-12), (0.86, 0.09, 8e-13), (-0.54, -0.04, 1.5e-13), (1.41, -0.27, 2e-13)]
GAUSSIANS = [
    (1.0, -0.05, 1.8e-11, 0.45),
    (-0.7, -0.15, 1.7e-11, 0.55),
    (3.0, 0.15, 1.3e-11, 0.65),
    (-2.8, 0.3, 1.1e-11, 0.55),
]


@cache
def reduce(p, folder, npix=(400, 300)):
    """Reduce and stack the runs on one map."""
    store = p.DataStore.from_dir(folder / "cta-1dc/index/gps")
    observations = store.get_observations(RUNS)
    energy = p.MapAxis.from_energy_bounds(0.1, 10, 10, unit="TeV", name="energy")
    energy_true = p.MapAxis.from_energy_bounds(0.05, 20, 20, unit="TeV", name="energy_true")
    geom = p.WcsGeom.create(skydir=(0, 0), npix=npix, binsz=0.02, frame="galactic", proj="CAR", axes=[energy])
    stacked = p.MapDataset.create(geom, energy_axis_true=energy_true, name="cta")
    maker = p.MapDatasetMaker()
    safe = p.SafeMaskMaker(methods=["offset-max"], offset_max="4 deg")
    for observation in observations:
        cutout = stacked.cutout(
            observation.get_pointing_icrs(observation.tmid), width="8 deg", name=f"obs-{observation.obs_id}"
        )
        stacked.stack(safe.run(maker.run(cutout, observation), observation))
    return stacked


def background(p):
    """Return a background model with free norm and tilt."""
    model = p.FoVBackgroundModel(dataset_name="cta")
    model.spectral_model.tilt.frozen = False
    return model


def centre(p):
    """Return the source at the Galactic centre."""
    return p.SkyModel(
        p.ExpCutoffPowerLawSpectralModel(
            index=2.0, amplitude="3e-12 cm-2 s-1 TeV-1", reference="1 TeV", lambda_="0.1 TeV-1"
        ),
        p.PointSpatialModel(lon_0="0.02 deg", lat_0="0.01 deg", frame="galactic"),
        name="gc",
    )


def gaussian(p, name="g09", lon=0.9, lat=0.1, amplitude=1e-12, sigma=0.1):
    """Return an extended source with a power law."""
    return p.SkyModel(
        p.PowerLawSpectralModel(index=2.4, amplitude=amplitude * u.Unit("cm-2 s-1 TeV-1"), reference="1 TeV"),
        p.GaussianSpatialModel(lon_0=lon * u.deg, lat_0=lat * u.deg, sigma=sigma * u.deg, frame="galactic"),
        name=name,
    )


def wide(p):
    """Return the extended source at (0.9, 0.1) deg, with a start from which both packages find the minimum."""
    return gaussian(p, amplitude=1.5e-11, sigma=0.4)


def point(p, name, lon, lat, amplitude):
    """Return a point source with a power law."""
    return p.SkyModel(
        p.PowerLawSpectralModel(index=2.4, amplitude=amplitude * u.Unit("cm-2 s-1 TeV-1"), reference="1 TeV"),
        p.PointSpatialModel(lon_0=lon * u.deg, lat_0=lat * u.deg, frame="galactic"),
        name=name,
    )


def one_source(p, folder):
    """Fit the point source at the centre; describe the reduction and the residuals too."""
    start, cpu = time.perf_counter(), time.process_time()
    dataset = reduce(p, folder)
    timing = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - start}
    found = {"reduction": timing, "content": content(dataset)}
    dataset.models = p.Models([centre(p), background(p)])
    found["fit"] = fit(p, [dataset])
    found["npred"] = [float(v) for v in dataset.npred().data.sum(axis=(1, 2))]
    residuals = dataset.residuals(method="diff/sqrt(model)").data
    inside = np.isfinite(residuals)
    found["residuals"] = [float(residuals[inside].mean()), float(residuals[inside].std())]
    return found


def two_sources(p, folder):
    """Fit the centre and an extended source beside it, which takes up much of the diffuse emission."""
    dataset = reduce(p, folder)
    dataset.models = p.Models([centre(p), wide(p), background(p)])
    return {"fit": fit(p, [dataset])}


def eight_sources(p, folder):
    """Fit four points and four Gaussians: 36 parameters of sources, and the norm of the background."""
    dataset = reduce(p, folder)
    models = [point(p, f"point-{i}", *values) for i, values in enumerate(POINTS)]
    models += [gaussian(p, f"gauss-{i}", *values) for i, values in enumerate(GAUSSIANS)]
    model = p.FoVBackgroundModel(dataset_name="cta")
    dataset.models = p.Models([*models, model])
    found = {"fit": fit(p, [dataset], exact=False)}
    assert len(found["fit"]["parameters"]) == 37
    return found


def significance(p, folder):
    """Map excess and significance in one band, after the fit of two sources."""
    dataset = reduce(p, folder)
    dataset.models = p.Models([centre(p), wide(p), background(p)])
    p.Fit().run(p.Datasets([dataset]))
    start, cpu = time.perf_counter(), time.process_time()
    estimator = p.ExcessMapEstimator("0.1 deg", energy_edges=[0.1, 10] * u.TeV)
    maps = estimator.run(dataset)
    found = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - start}
    data = maps.sqrt_ts.data
    inside = np.isfinite(data)
    found |= {
        "pixels": int(inside.sum()),
        "mean": float(data[inside].mean()),
        "width": float(data[inside].std()),
        "extremes": [float(data[inside].min()), float(data[inside].max())],
        "counts": float(np.nansum(maps.npred.data)),
        "excess": float(np.nansum(maps.npred_excess.data)),
    }
    where = SkyCoord([0.0, 0.9, 0.4, -2.2], [0.0, 0.1, -0.1, -0.4], unit="deg", frame="galactic")
    at = maps.sqrt_ts.get_by_coord({"skycoord": where, "energy": 1 * u.TeV})
    found["positions"] = [float(value) for value in np.ravel(at)]
    return found


ANALYSES = {
    "one_source": one_source,
    "two_sources": two_sources,
    "eight_sources": eight_sources,
    "significance": significance,
}

if __name__ == "__main__":
    main(ANALYSES)
