"""Images of sources at the limits of their parameters."""

import numpy as np
import pytest

from geminga.likelihood.source_image import SourceImage
from geminga.maps import MapAxis, WcsGeom
from geminga.modeling.models import GaussianSpatialModel


@pytest.mark.parametrize(("name", "value"), [("e", 0.9995), ("e", 0.0), ("sigma", 1e-5)])
def test_second_derivatives_stay_inside_the_limits(name, value):
    axis = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=1, name="energy_true")
    geom = WcsGeom.create(npix=(21, 21), binsz=0.05, axes=[axis])
    model = GaussianSpatialModel(sigma="0.1 deg", e=0.5)
    parameter = model.parameters[name]
    parameter.value, parameter.min, parameter.max = value, 0, 1
    image = SourceImage(model, geom)
    values, index = np.array([p.value for p in model.parameters]), model.parameters.names.index(name)
    image.place(values)
    asked, evaluate = [], image.evaluate

    def recorded(values):
        asked.append(values[index])
        return evaluate(values)

    image.evaluate = recorded
    weights = np.ones_like(evaluate(values))
    matrix = image.curvature(values, [index], weights, np.array([0.1]))
    assert np.isfinite(matrix).all()
    assert 0 <= min(asked) < max(asked) <= 1
    assert parameter.value == value
