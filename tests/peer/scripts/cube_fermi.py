"""Fits of Fermi-LAT data above 10 GeV: the Galactic centre with diffuse templates, and the Crab nebula.

Usage: ``python cube_fermi.py gammapy|geminga [analysis ...]`` prints the numbers as JSON.
"""

import astropy.units as u
import numpy as np
from cube_tools import content, fit, main

#: Point sources of the third catalogue of hard sources: galactic position and flux density at 50 GeV.
SOURCES = {
    "J1745.6-2900": (359.9423, -0.0497, 2e-13),
    "J1746.2-2852": (0.1225, -0.0882, 5e-14),
    "J1753.8-2537": (3.7706, 0.1398, 5e-14),
}


def centre(p, folder):
    """Return the cube of the Galactic centre, and its point sources."""
    dataset = p.MapDataset.read(folder / "fermi-3fhl-gc/fermi-3fhl-gc.fits.gz", name="fermi")
    # The kernels of the peer are empty in the last plane of true energy, where exposure and PSF have different axes.
    dataset.mask_fit = dataset.counts.geom.energy_mask(energy_max=360 * u.GeV)
    sources = [
        p.SkyModel(
            p.PowerLawSpectralModel(
                index=2.5, amplitude=amplitude * u.Unit("cm-2 s-1 MeV-1") / 1e3, reference="50 GeV"
            ),
            p.PointSpatialModel(lon_0=lon * u.deg, lat_0=lat * u.deg, frame="galactic"),
            name=name,
        )
        for name, (lon, lat, amplitude) in SOURCES.items()
    ]
    sources[0].spatial_model.lon_0.value = -0.0577
    for source in sources[1:]:
        source.freeze("spatial")
        source.spectral_model.index.frozen = True
    return dataset, sources


def centre_background(p, folder):
    """Fit the point sources over the background that the cube holds."""
    dataset, sources = centre(p, folder)
    dataset.models = p.Models([*sources, p.FoVBackgroundModel(dataset_name="fermi")])
    return {
        "content": content(dataset),
        "fit": fit(p, [dataset]),
        "npred": [float(v) for v in dataset.npred().data.sum(axis=(1, 2))],
    }


def centre_diffuse(p, folder):
    """Fit the point sources over a template of the diffuse emission and an isotropic spectrum."""
    dataset, sources = centre(p, folder)
    dataset.background = None
    template = p.TemplateSpatialModel.read(folder / "fermi-3fhl-gc/gll_iem_v06_gc.fits.gz", normalize=False)
    norm = p.PowerLawNormSpectralModel()
    norm.tilt.frozen = False
    diffuse = p.SkyModel(norm, template, name="diffuse")
    diffuse.apply_irf["edisp"] = False
    isotropic = p.create_fermi_isotropic_diffuse_model(folder / "fermi_3fhl/iso_P8R2_SOURCE_V6_v06.txt")
    dataset.models = p.Models([*sources, diffuse, isotropic])
    found = {"fit": fit(p, [dataset])}
    for name in ("diffuse", isotropic.name, "J1745.6-2900"):
        npred = dataset.npred_signal(model_names=[name])
        found[f"npred {'isotropic' if name == isotropic.name else name}"] = [
            float(v) for v in np.nansum(npred.data, axis=(-2, -1)).ravel()
        ]
    return found


def crab(p, folder):
    """Fit the Crab nebula from the files of dataset and models; their reference energy is far outside of the data."""
    names = folder / "fermi-3fhl-crab/Fermi-LAT-3FHL"
    datasets = p.Datasets.read(f"{names}_datasets.yaml", filename_models=f"{names}_models.yaml")
    found = {"content": content(datasets[0]), "start": float(datasets.stat_sum())}
    found["fit"] = fit(p, datasets, describe=False)
    dnde = datasets.models["Crab Nebula"].spectral_model([20, 50, 200, 1000] * u.GeV)
    found["dnde"] = [float(v) for v in dnde.to_value("TeV-1 cm-2 s-1")]
    return found


def crab_position(p, folder):
    """Fit the Crab nebula with a free position."""
    names = folder / "fermi-3fhl-crab/Fermi-LAT-3FHL"
    datasets = p.Datasets.read(f"{names}_datasets.yaml", filename_models=f"{names}_models.yaml")
    datasets.models["Crab Nebula"].unfreeze("spatial")
    spectral = datasets.models["Crab Nebula"].spectral_model
    datasets.models["Crab Nebula"].spectral_model = p.LogParabolaSpectralModel(
        amplitude=spectral(50 * u.GeV), reference="50 GeV", alpha=2.2, beta=0.05
    )
    return {"fit": fit(p, datasets)}


ANALYSES = {
    "centre_background": centre_background,
    "centre_diffuse": centre_diffuse,
    "crab": crab,
    "crab_position": crab_position,
}

if __name__ == "__main__":
    main(ANALYSES)
