"""One Crab nebula for three instruments: a cube of Fermi-LAT, spectra of H.E.S.S. and flux points of HAWC.

Usage: ``python cube_joint.py gammapy|geminga`` prints the numbers as JSON.

This work made use of data from the H.E.S.S. DL3 public test data release 1 (HESS DL3 DR1, H.E.S.S.
collaboration, 2018).
"""

import astropy.units as u
from astropy.coordinates import SkyCoord
from cube_tools import fit, main
from regions import CircleSkyRegion

CRAB = SkyCoord(83.633, 22.014, unit="deg")


def spectra(p, folder):
    """Return the stacked spectrum of four runs of H.E.S.S. with reflected regions."""
    store = p.DataStore.from_dir(folder / "hess-dl3-dr1")
    observations = store.get_observations([23523, 23526, 23559, 23592])
    energy = p.MapAxis.from_energy_bounds(0.5, 40, 10, unit="TeV", name="energy")
    energy_true = p.MapAxis.from_energy_bounds(0.2, 80, 25, unit="TeV", name="energy_true")
    geom = p.RegionGeom.create(CircleSkyRegion(CRAB, 0.11 * u.deg), axes=[energy])
    empty = p.SpectrumDataset.create(geom=geom, energy_axis_true=energy_true, name="hess")
    chain = [
        p.SpectrumDatasetMaker(selection=["counts", "exposure", "edisp"], containment_correction=True),
        p.ReflectedRegionsBackgroundMaker(),
        p.SafeMaskMaker(methods=["aeff-max"], aeff_percent=10),
    ]
    datasets = p.DatasetsMaker(chain, stack_datasets=False).run(empty, observations)
    return datasets.stack_reduce(name="hess")


def crab(p, folder):
    """Fit one log-parabola to all three."""
    names = folder / "fermi-3fhl-crab/Fermi-LAT-3FHL"
    fermi = p.Datasets.read(f"{names}_datasets.yaml")[0]
    hess = spectra(p, folder)
    points = p.FluxPoints.read(folder / "hawc/crab_flux/HAWC19_flux_points.fits")
    hawc = p.FluxPointsDataset(data=points, name="hawc")
    source = p.SkyModel(
        p.LogParabolaSpectralModel(
            amplitude="3.8e-11 cm-2 s-1 TeV-1", reference="1 TeV", alpha=2.5, beta=0.1
        ),
        p.PointSpatialModel(lon_0="83.633 deg", lat_0="22.014 deg", frame="icrs"),
        name="crab",
    )
    datasets = p.Datasets([fermi, hess, hawc])
    datasets.models = p.Models([source, p.FoVBackgroundModel(dataset_name=fermi.name)])
    found = {"fit": fit(p, datasets)}
    found["stats"] = [float(dataset.stat_sum()) for dataset in datasets]
    found["sizes"] = [
        int(hess.counts.data.sum()),
        int(hess.counts_off.data.sum()),
        int(hess.mask_safe.data.sum()),
    ]
    return found


ANALYSES = {"crab": crab}

if __name__ == "__main__":
    main(ANALYSES)
