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
        "spectral.compound": ["CompoundSpectralModel"],
        "spectral.constant": ["ConstantSpectralModel"],
        "spectral.cosmic_ray": ["create_cosmic_ray_spectral_model"],
        "spectral.crab": ["MeyerCrabSpectralModel", "create_crab_spectral_model"],
        "spectral.ebl": ["EBL_DATA_BUILTIN", "EBLAbsorptionNormSpectralModel"],
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
        "spectral.piecewise": ["PiecewiseNormSpectralModel"],
        "spectral.power_law": [
            "PowerLaw2SpectralModel",
            "PowerLawNormSpectralModel",
            "PowerLawSpectralModel",
        ],
        "spectral.quadrature": ["integrate_spectrum"],
        "spectral.scale": ["ScaleSpectralModel"],
        "spectral.super_exp_cutoff": [
            "SuperExpCutoffPowerLaw3FGLSpectralModel",
            "SuperExpCutoffPowerLaw4FGLDR3SpectralModel",
            "SuperExpCutoffPowerLaw4FGLSpectralModel",
        ],
        "spectral.template": ["TemplateSpectralModel"],
        "template_npred": ["TemplateNPredModel"],
        "temporal.base": ["TemporalModel"],
    },
)
