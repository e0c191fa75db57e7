"""Residuals."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from geminga.errors import UnknownNameError
from geminga.modeling.models import PowerLawSpectralModel, SkyModel


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        # oracle: peer 2.1, SpectrumDataset.residuals of two sources of 3e-12 TeV-1 s-1 cm-2
        ("diff", [-103.00300143, -70.14337707]),
        ("diff/sqrt(model)", [-9.91133071, -7.83524989]),
        ("diff/model", [-0.95370499, -0.87522363]),
    ],
)
def test_residuals(spectrum, method, expected):
    spectrum.models = SkyModel(PowerLawSpectralModel(amplitude="6e-12 TeV-1 s-1 cm-2"), name="source")
    data = spectrum.residuals(method=method).data.ravel()
    assert np.isnan(data[:2]).all()
    assert_allclose(data[2:], expected, rtol=1e-5)


def test_unknown_method(spectrum):
    with pytest.raises(UnknownNameError, match="diff/model"):
        spectrum.residuals(method="ratio")
