"""Cubes with analytic responses and counts drawn from plain formulas, the same for both packages."""

import astropy.units as u
import numpy as np

PIXEL, PSF, INDEX = 0.02, 0.06, 2.3
EXPOSURE = 2e14


def positions(n_sources, npix):
    """Return the pixel positions of sources on a grid, shape (n_sources, 2)."""
    side = int(np.ceil(np.sqrt(n_sources)))
    place = (np.arange(n_sources)[:, np.newaxis] // np.array([1, side])) % side
    return npix * (place + 0.5) / side - 0.5


def sigma(number):
    """Return the width of a source in deg: every second one is a point."""
    return 0.0 if number % 2 == 0 else 0.1


def cube(case, npix, n_sources, n_energy=6, name="toy", seed=0):
    """Return a dataset with counts of sources on a flat background of 0.02 to 0.5 in each bin."""
    maps, irf = case.module("maps"), case.module("irf")
    energy = maps.MapAxis.from_energy_bounds("0.5 TeV", "20 TeV", n_energy, name="energy")
    energy_true = maps.MapAxis.from_energy_bounds("0.3 TeV", "40 TeV", 2 * n_energy, name="energy_true")
    geom = maps.WcsGeom.create(
        skydir=(0, 0), binsz=PIXEL, npix=(npix, npix), frame="galactic", proj="TAN", axes=[energy]
    )
    edges = energy.edges.to_value("TeV")
    flux = (edges[:-1] ** (1 - INDEX) - edges[1:] ** (1 - INDEX)) / (INDEX - 1)
    background = np.broadcast_to(
        np.geomspace(0.5, 0.02, n_energy)[:, np.newaxis, np.newaxis], geom.data_shape
    )
    image, pixel = np.zeros((npix, npix)), np.arange(npix)
    for number, (x, y) in enumerate(positions(n_sources, npix)):
        width = np.hypot(sigma(number), PSF) / PIXEL
        blob = np.exp(-0.5 * ((pixel - x) ** 2 + (pixel[:, np.newaxis] - y) ** 2) / width**2)
        image += amplitude(number) * EXPOSURE * blob / blob.sum()
    expected = background + flux[:, np.newaxis, np.newaxis] * image
    counts = np.random.default_rng(seed).poisson(expected).astype(float)
    exposure = maps.Map.from_geom(geom.to_image().to_cube([energy_true]), unit="cm2 s")
    exposure.data += EXPOSURE
    return case.module("datasets").MapDataset(
        counts=maps.Map.from_geom(geom, data=counts),
        background=maps.Map.from_geom(geom, data=background.copy()),
        exposure=exposure,
        psf=irf.PSFMap.from_gauss(energy_true, sigma=PSF * u.deg),
        edisp=irf.EDispKernelMap.from_gauss(energy, energy_true, sigma=0.1, bias=0.0),
        name=name,
    )


def amplitude(number):
    """Return the flux of a source at 1 TeV in cm-2 s-1 TeV-1."""
    return 2e-12 if number % 2 == 0 else 4e-12


def sources(case, npix, n_sources):
    """Return models close to the truth: points and Gaussians in turn."""
    models, maps = case.module("modeling.models"), case.module("maps")
    geom = maps.WcsGeom.create(skydir=(0, 0), binsz=PIXEL, npix=(npix, npix), frame="galactic", proj="TAN")
    result = []
    for number, pixel in enumerate(positions(n_sources, npix)):
        centre = geom.pix_to_coord(pixel + 0.4)
        place = {"lon_0": centre[0], "lat_0": centre[1], "frame": "galactic"}
        if sigma(number):
            spatial = models.GaussianSpatialModel(sigma=1.1 * sigma(number) * u.deg, **place)
        else:
            spatial = models.PointSpatialModel(**place)
        spectrum = models.PowerLawSpectralModel(
            index=2.2, amplitude=1.1 * amplitude(number) * u.Unit("cm-2 s-1 TeV-1"), reference=1 * u.TeV
        )
        result.append(
            models.SkyModel(spectral_model=spectrum, spatial_model=spatial, name=f"source-{number}")
        )
    return result
