"""The models of the cube cases; each function takes the module of models of a package.

They are the truth of the simulated fields; `moved` takes them away from it, as where a fit starts.
"""

#: Longitude, latitude in deg, amplitude at 1 TeV in cm-2 s-1 TeV-1.
POINTS = [
    (359.944, -0.046, 2.4e-12),
    (0.874, 0.083, 8e-13),
    (357.514, 0.115, 6e-13),
    (356.896, 0.694, 5e-13),
]
#: The same, and the width in deg before the amplitude.
GAUSSIANS = [
    (1.27, 0.03, 0.15, 1.5e-12),
    (359.53, -0.11, 0.15, 1.5e-12),
    (358.89, -0.37, 0.2, 1.5e-12),
    (3.01, 0.43, 0.15, 1e-12),
]


def galactic_centre(models):
    """A point with an exponentially cut off power law, free position: five free parameters."""
    spectrum = models.ExpCutoffPowerLawSpectralModel(
        index=2.0, amplitude="3e-12 cm-2 s-1 TeV-1", reference="1 TeV", lambda_="0.1 TeV-1"
    )
    place = models.PointSpatialModel(lon_0="-0.056 deg", lat_0="-0.046 deg", frame="galactic")
    place.lon_0.min, place.lon_0.max = -10, 10
    return models.SkyModel(spectral_model=spectrum, spatial_model=place, name="galactic-centre")


def gaussian(models):
    """A Gaussian at (0.9, 0.1) deg with a power law: five free parameters."""
    spectrum = power_law(models, 2e-12)
    place = models.GaussianSpatialModel(lon_0="0.9 deg", lat_0="0.1 deg", sigma="0.12 deg", frame="galactic")
    return models.SkyModel(spectral_model=spectrum, spatial_model=place, name="gaussian")


def power_law(models, amplitude):
    return models.PowerLawSpectralModel(index=2.3, amplitude=f"{amplitude} cm-2 s-1 TeV-1", reference="1 TeV")


def four_points_and_four_gaussians(models):
    """Eight sources where the data have them: 36 free parameters."""
    result = []
    for number, (lon, lat, amplitude) in enumerate(POINTS):
        place = models.PointSpatialModel(lon_0=f"{lon} deg", lat_0=f"{lat} deg", frame="galactic")
        result.append(
            models.SkyModel(
                spectral_model=power_law(models, amplitude), spatial_model=place, name=f"point-{number}"
            )
        )
    for number, (lon, lat, sigma, amplitude) in enumerate(GAUSSIANS):
        place = models.GaussianSpatialModel(
            lon_0=f"{lon} deg", lat_0=f"{lat} deg", sigma=f"{sigma} deg", frame="galactic"
        )
        result.append(
            models.SkyModel(
                spectral_model=power_law(models, amplitude), spatial_model=place, name=f"gaussian-{number}"
            )
        )
    return result


def moved(sources):
    """Move fluxes by a tenth, positions by a quarter of a pixel, indices by 0.1.

    From farther off the peer ends in other minima, as the image of a point has kinks and cut-outs do not follow.
    """
    for source in sources:
        source.spectral_model.amplitude.value *= 0.9
        source.spectral_model.index.value -= 0.1
        if not source.spatial_model.lon_0.frozen:
            source.spatial_model.lon_0.value += 0.005
            source.spatial_model.lat_0.value -= 0.005
    return sources


def background(models, dataset_name="cube"):
    """The background of a dataset with a free norm."""
    return models.FoVBackgroundModel(dataset_name=dataset_name)
