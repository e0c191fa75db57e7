"""Write models with covariance, links and priors, and one file for every registered model."""

import numpy as np
from summary import item, report

from geminga.modeling.models import (
    SPATIAL_MODEL_REGISTRY,
    SPECTRAL_MODEL_REGISTRY,
    TEMPORAL_MODEL_REGISTRY,
    FoVBackgroundModel,
    GaussianPrior,
    GaussianSpatialModel,
    LogParabolaSpectralModel,
    Models,
    PointSpatialModel,
    PowerLawSpectralModel,
    SkyModel,
    UniformPrior,
)


@item("models")
def _():
    first = SkyModel(PowerLawSpectralModel(index=2.3), GaussianSpatialModel(sigma="0.2 deg"), name="first")
    second = SkyModel(
        LogParabolaSpectralModel(), PointSpatialModel(lon_0="3 deg", frame="galactic"), name="second"
    )
    second.spatial_model.lat_0 = first.spatial_model.lat_0
    first.spectral_model.index.prior = GaussianPrior(mu=2.2, sigma=0.1)
    first.spectral_model.amplitude.min, first.spectral_model.amplitude.max = 0, 1
    # The peer takes the ends of a flat prior as limits of the parameter; we leave both to the user.
    second.spectral_model.beta.min, second.spectral_model.beta.max = -1, 1
    second.spectral_model.beta.prior = UniformPrior(min=-1, max=1)
    second.spectral_model.alpha.frozen = True
    background = FoVBackgroundModel(dataset_name="data")
    models = Models([first, second, background])
    # Parameters that are linked are one parameter, with one row.
    rows = {id(p): np.random.default_rng(n).normal(size=4) for n, p in enumerate(models.parameters)}
    root = np.array([rows[id(p)] for p in models.parameters])
    models.covariance = root @ root.T
    models.write("models.yaml", write_covariance=True)


@item("bands and datasets")
def _():
    model = SkyModel(
        PowerLawSpectralModel(),
        name="only",
        datasets_names=["a", "b"],
        apply_irf={"psf": False, "edisp": True, "exposure": True},
    )
    Models([model]).write("bands.yaml")


SKIPPED = (
    "Template",
    "Naima",
    "EBL",
    "Piecewise",
    "Hermes",
    "Scale",
    "Phase",
    "LightCurve",
    "Compound",
    "Covariance",
)
KINDS = {
    "spectral_model": SPECTRAL_MODEL_REGISTRY,
    "spatial_model": SPATIAL_MODEL_REGISTRY,
    "temporal_model": TEMPORAL_MODEL_REGISTRY,
}


def write_one(cls, kind):
    """Write a sky model with one part of a class, its values a little off the defaults."""
    part = cls()
    for number, parameter in enumerate(part.parameters):
        if parameter.name not in ("reference", "t_ref"):
            parameter.value = parameter.value * 1.01 or 0.001 * (number + 1)
    parts = {"spectral_model": PowerLawSpectralModel(), kind: part}
    Models([SkyModel(**parts, name="m")]).write(f"every_{cls.tag[0]}.yaml")


for kind, registry in KINDS.items():
    for cls in registry:
        if not any(word in cls.__name__ for word in (*SKIPPED, "Norm")):
            item(cls.tag[0])(lambda cls=cls, kind=kind: write_one(cls, kind))

report()
