"""Joint fits of the Crab nebula over the fHit bins of HAWC, from maps and from events.

Usage: ``python cube_hawc.py gammapy|geminga [analysis ...]`` prints the numbers as JSON.
"""

import time

import astropy.units as u
from astropy.coordinates import SkyCoord
from cube_tools import content, fit, main

CRAB = SkyCoord(83.63, 22.01, unit="deg")


def source(p):
    """Return the Crab nebula near its published spectrum."""
    return p.SkyModel(
        p.LogParabolaSpectralModel(
            amplitude="2.3e-13 cm-2 s-1 TeV-1", reference="7 TeV", alpha=2.6, beta=0.1
        ),
        p.PointSpatialModel(lon_0=CRAB.ra, lat_0=CRAB.dec, frame="icrs"),
        name="crab",
    )


def joint(p, datasets):
    """Fit all bins together."""
    datasets.models = p.Models([source(p)])
    found = {dataset.name: content(dataset) for dataset in datasets}
    found["start"] = float(datasets.stat_sum())
    found["fit"] = fit(p, datasets)
    found["npred"] = [float((d.npred() * d.mask_safe).data.sum()) for d in datasets]
    return found


def maps(p, folder):
    """Fit the maps that come ready."""
    return joint(p, p.Datasets.read(folder / "hawc/DL4/HAWC_pass4_public_Crab.yaml"))


def events(p, folder):
    """Reduce the events of each bin, and fit."""
    base = folder / "hawc/crab_events_pass4"
    edges = [1.00, 1.78, 3.16, 5.62, 10.0, 17.8, 31.6, 56.2, 100, 177, 316] * u.TeV
    axis = p.MapAxis.from_edges(edges, name="energy", interp="log")
    true = p.MapAxis.from_energy_bounds(1e-3, 1e4, nbin=140, unit="TeV", name="energy_true")
    # Beside the source, which lies on edges of pixels of responses and transits: which one is taken there is chance.
    beside = SkyCoord(CRAB.ra + 0.11 * u.deg, CRAB.dec + 0.1 * u.deg)
    geom = p.WcsGeom.create(skydir=beside, width=(6, 6), axes=[axis], binsz=0.05, frame="icrs")
    # As wide as the PSF at low energies: the default ends at 0.66 deg.
    rad = p.MapAxis.from_bounds(0, 3, 200, unit="deg", name="rad")
    transits = p.Map.read(base / "irfs/TransitsMap_Crab.fits.gz").get_by_coord(beside)[0]
    table = p.ObservationTable.read(base / "obs-index-table-NN-Crab.fits.gz")
    maker, safe = p.MapDatasetMaker(), p.SafeMaskMaker(methods=["aeff-max"], aeff_percent=10)
    datasets = p.Datasets()
    start, cpu = time.perf_counter(), time.process_time()
    for number in range(5, 10):
        index = p.HDUIndexTable.read(base / "hdu-index-table-NN-Crab.fits.gz", hdu=number)
        observation = p.DataStore(hdu_table=index, obs_table=table).get_observations()[0]
        empty = p.MapDataset.create(
            geom, energy_axis_true=true, rad_axis=rad, name=f"bin-{number}", reco_psf=True
        )
        dataset = maker.run(empty, observation)
        # Background and exposure of the files are those of one transit.
        dataset.background.data = dataset.background.data * transits
        dataset.exposure.data = dataset.exposure.data * transits
        dataset.exposure.meta = {"livetime": 1 * u.s}
        datasets.append(safe.run(dataset))
    found = {"reduction": {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - start}}
    return found | joint(p, datasets)


ANALYSES = {"maps": maps, "events": events}

if __name__ == "__main__":
    main(ANALYSES)
