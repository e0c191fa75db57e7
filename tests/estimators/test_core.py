"""What all estimators share: their registry, copies, texts."""

import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from regions import CircleSkyRegion

from geminga import estimators
from geminga.estimators import ESTIMATOR_REGISTRY

ARGUMENTS = {
    "EnergyDependentMorphologyEstimator": {"energy_edges": [1, 3, 10] * u.TeV},
    "FluxProfileEstimator": {"regions": [CircleSkyRegion(SkyCoord(0, 0, unit="deg"), 1 * u.deg)]},
}
NAMES = [
    "ASmoothMapEstimator",
    "EnergyDependentMorphologyEstimator",
    "ExcessMapEstimator",
    "FluxPointsEstimator",
    "FluxProfileEstimator",
    "ImageProfileEstimator",
    "LightCurveEstimator",
    "ParameterEstimator",
    "SensitivityEstimator",
    "TSMapEstimator",
]


@pytest.mark.parametrize("name", NAMES)
def test_estimators_are_registered_copied_and_shown(name):
    cls = getattr(estimators, name)
    assert ESTIMATOR_REGISTRY.get_cls(cls.tag) is cls
    estimator = cls(**ARGUMENTS.get(name, {}))
    copy = estimator.copy()
    assert copy is not estimator
    assert copy.config_parameters.keys() == estimator.config_parameters.keys()
    text = str(estimator)
    assert text.startswith(name)
    for argument in estimator.config_parameters:
        assert argument in text
