"""Write models with covariance, links and priors, and one file for every registered model."""

import astropy.units as u
import numpy as np
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
from summary import item, report


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
    "PiecewiseNorm",
    "Hermes",
    "Scale",
    "Phase",
    "LightCurve",
    "Compound",
    "Covariance",
)
for number, cls in enumerate([*SPECTRAL_MODEL_REGISTRY, *SPATIAL_MODEL_REGISTRY, *TEMPORAL_MODEL_REGISTRY]):
    if any(word in cls.__name__ for word in SKIPPED) or "Norm" in cls.__name__:
        continue

    @item(cls.tag[0])
    def _(cls=cls):
        if cls.tag[0] == "PiecewiseSpectralModel":
            return None
        kwargs = {}
        if cls.tag[0] == "ConstantSpatialModel":
            kwargs = {}
        model = cls(**kwargs)
        parts = {"spectral_model": PowerLawSpectralModel()}
        kind = "spectral_model" if cls in SPECTRAL_MODEL_REGISTRY else "spatial_model"
        if cls in TEMPORAL_MODEL_REGISTRY:
            kind = "temporal_model"
        for n, parameter in enumerate(model.parameters):
            if parameter.name not in ("reference", "t_ref"):
                parameter.value = parameter.value * 1.01 + (0.001 if parameter.value == 0 else 0) * (n + 1)
        Models([SkyModel(**(parts | {kind: model}), name="m")]).write(f"every_{cls.tag[0]}.yaml")
        return None


report()
