"""Estimators: from datasets with fitted models to fluxes, limits and sensitivities."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["utils"],
    submod_attrs={
        "asmooth": ["ASmoothMapEstimator"],
        "core": ["ESTIMATOR_REGISTRY", "Estimator"],
        "energy_dependent_morphology": ["EnergyDependentMorphologyEstimator", "weighted_chi2_parameter"],
        "excess_map": ["ExcessMapEstimator"],
        "flux_points": ["FluxPointsEstimator"],
        "flux_profile": ["FluxProfileEstimator"],
        "image_profile": ["ImageProfile", "ImageProfileEstimator"],
        "light_curve": ["LightCurveEstimator"],
        "parameter": ["ParameterEstimator"],
        "parameter_sensitivity": ["ParameterSensitivityEstimator"],
        "sensitivity": ["SensitivityEstimator"],
        "ts_map": ["TSMapEstimator"],
    },
)

_RESULTS = ("FluxMaps", "FluxMetaData", "FluxPoints")
_own_getattr, _own_dir = __getattr__, __dir__


def __getattr__(name):
    if name in _RESULTS:
        from .. import results

        return getattr(results, name)
    return _own_getattr(name)


def __dir__():
    return [*_own_dir(), *_RESULTS]


__all__ = [*__all__, *_RESULTS]
