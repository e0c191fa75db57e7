"""Models with tables and files of the data bundle.

Oracle numbers: peer 2.1, the same constructor calls.
"""

import numpy as np
import pytest
from astropy import units as u
from astropy.time import Time

from geminga.modeling import models

pytestmark = pytest.mark.realdata

ENERGIES = [0.01, 0.1, 1, 10] * u.TeV
EBL = {
    "dominguez": [1.0, 9.14390424e-01, 2.57124254e-02, 1.00831455e-07],
    "franceschini": [1.0, 9.31179277e-01, 3.07388509e-02, 2.04650773e-08],
    "finke": [1.0, 8.99059645e-01, 2.26196666e-02, 1.67986826e-06],
    "franceschini17": [1.0, 9.33860326e-01, 3.49508458e-02, 7.66578199e-07],
    "saldana-lopez21": [1.0, 9.03261574e-01, 3.25326410e-02, 1.70533837e-08],
}


@pytest.mark.parametrize("reference", models.EBL_DATA_BUILTIN)
def test_absorption(gammapy_data, reference):
    model = models.EBLAbsorptionNormSpectralModel.read_builtin(reference, redshift=0.3)
    # the tables and the numbers of the peer are in single precision
    np.testing.assert_allclose(model(ENERGIES).value, EBL[reference], rtol=2e-5)
    again = models.SpectralModel.from_dict(model.to_dict())
    np.testing.assert_array_equal(again(ENERGIES).value, model(ENERGIES).value)
    bound = model.on_points(ENERGIES)
    np.testing.assert_allclose(bound.evaluate(bound.values), model(ENERGIES).value, rtol=1e-12)


def test_one_spectrum_of_an_xspec_table(gammapy_data):
    path = models.EBL_DATA_BUILTIN["dominguez"]
    model = models.TemplateSpectralModel.read_xspec_model(path, 0.3)
    table = models.EBLAbsorptionNormSpectralModel.read(path, redshift=0.3)
    np.testing.assert_allclose(model(ENERGIES[:3]).value, table(ENERGIES[:3]).value, rtol=2e-3)


def test_fermi_isotropic(gammapy_data):
    model = models.create_fermi_isotropic_diffuse_model(
        "$GAMMAPY_DATA/fermi_3fhl/iso_P8R2_SOURCE_V6_v06.txt", datasets_names=["fermi"]
    )
    assert model.name == "fermi-diffuse-iso"
    assert model.datasets_names == ["fermi"]
    assert model.apply_irf == {"psf": False, "exposure": True, "edisp": False}
    values = model.spectral_model([1e-4, 1e-2, 1, 10] * u.TeV).to_value("MeV-1 cm-2 s-1")
    expected = [1.47739807e-07, 6.26407059e-12, 2.15450902e-16, 2.89074023e-18]
    np.testing.assert_allclose(values, expected, rtol=1e-6)


def test_phase_curve(gammapy_data):
    model = models.TemplatePhaseCurveTemporalModel.read(
        "$GAMMAPY_DATA/tests/phasecurve_LSI_DC.fits",
        t_ref=43366.275 * u.d,
        phi_ref=0.0,
        f0=4.367575e-7 / u.s,
    )
    times = Time(46300, format="mjd", scale="utc") + np.linspace(0, 30, 7) * u.d
    expected = [2.88584668, 0.29411765, 0.29411765, 0.29411765, 0.42726628, 5.88221502, 0.32742319]
    np.testing.assert_allclose(model(times).value, expected, rtol=1e-6)
    assert model.integral(times[0], times[-1]).value == pytest.approx(0.9857867127867423, rel=1e-9)
    assert model.integral(times[0], times[1]).value == pytest.approx(0.7039549089263054, rel=1e-9)


def test_light_curve(gammapy_data):
    path = "$GAMMAPY_DATA/tests/models/light_curve/lightcrv_PKSB1222+216.fits"
    model = models.LightCurveTemplateTemporalModel.read(path)
    assert model.t_ref.value == pytest.approx(59000.49919925926, abs=1e-9)
    times = model.reference_time + np.linspace(100, 3000, 4) * u.s
    np.testing.assert_allclose(
        model(times).value, [0.01552423, 0.01564283, 0.01576142, 0.01588001], rtol=1e-6
    )
    # mean of the straight line; the peer has 100/99 of it
    result = model.integral(times[0], times[-1]).value
    assert result == pytest.approx(0.01586073069744474 * 0.99, rel=1e-5)


def test_hermes_cube(gammapy_data):
    pytest.importorskip("geminga.maps.hpx", reason="HEALPix maps are not there")
    cube = models.read_hermes_cube(
        "$GAMMAPY_DATA/tests/hermes/hermes-VariableMin-pi0-Htot_CMZ_nside256.fits.gz"
    )
    axis = cube.geom.axes["energy_true"]
    assert (axis.nbin, cube.geom.frame) == (18, "galactic")
    np.testing.assert_allclose(axis.center[:3].to_value("GeV"), [0.25118862, 0.39810713, 0.63095729])
    assert cube.unit == u.Unit("GeV-1 m-2 s-1 sr-1")
    assert np.nanmax(cube.data) == pytest.approx(159.60849, rel=1e-6)
    assert np.isnan(cube.data).any()
