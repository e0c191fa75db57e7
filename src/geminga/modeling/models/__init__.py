"""Models: spectral, spatial and temporal shapes, sky models made of them, priors, and lists of models."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "background": ["FoVBackgroundModel"],
        "base": ["ModelBase"],
        "model": ["Model"],
        "models": ["DatasetModels", "Models"],
        "prior.base": ["Prior"],
        "prior.gaussian": ["GaussianPrior"],
        "prior.generalized_gaussian": ["GeneralizedGaussianPrior"],
        "prior.log_normal": ["LogNormalPrior"],
        "prior.log_uniform": ["LogUniformPrior"],
        "prior.samples_kde": ["SamplesKDEPrior"],
        "prior.uniform": ["UniformPrior"],
        "registries": [
            "MODEL_REGISTRY",
            "PRIOR_REGISTRY",
            "SPATIAL_MODEL_REGISTRY",
            "SPECTRAL_MODEL_REGISTRY",
            "TEMPORAL_MODEL_REGISTRY",
        ],
        "sky_model": ["SkyModel"],
        "spatial.base": ["SpatialModel"],
        "spectral.base": ["SpectralModel"],
        "spectral.broken_power_law": ["BrokenPowerLawSpectralModel", "SmoothBrokenPowerLawSpectralModel"],
        "spectral.constant": ["ConstantSpectralModel"],
        "spectral.exp_cutoff": [
            "ExpCutoffPowerLaw3FGLSpectralModel",
            "ExpCutoffPowerLawNormSpectralModel",
            "ExpCutoffPowerLawSpectralModel",
        ],
        "spectral.gaussian": ["GaussianSpectralModel"],
        "spectral.log_parabola": [
            "LogParabola2SpectralModel",
            "LogParabolaNormSpectralModel",
            "LogParabolaSpectralModel",
        ],
        "spectral.power_law": [
            "PowerLaw2SpectralModel",
            "PowerLawNormSpectralModel",
            "PowerLawSpectralModel",
        ],
        "spectral.super_exp_cutoff": [
            "SuperExpCutoffPowerLaw3FGLSpectralModel",
            "SuperExpCutoffPowerLaw4FGLDR3SpectralModel",
            "SuperExpCutoffPowerLaw4FGLSpectralModel",
        ],
        "template_npred": ["TemplateNPredModel"],
        "temporal.base": ["TemporalModel"],
    },
)
