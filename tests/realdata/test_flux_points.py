"""Published flux points and light curves in files; oracle: peer 2.1, FluxPoints.read of the same file, sums frozen."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from geminga.estimators import FluxPoints
from geminga.modeling.models import PowerLawSpectralModel

pytestmark = pytest.mark.realdata

OLD = "tests/spectrum/flux_points"


@pytest.mark.parametrize(
    ("name", "options", "shape", "sums", "limits"),
    [
        (
            "estimators/crab_hess_fp/crab_hess_fp.fits",
            {},
            (5, 1, 1),
            {
                "dnde": 7.002448172e-13,
                "dnde_err": 1.085103763e-13,
                "flux": 1.077284091e-12,
                "norm": 3.775872688,
            },
            0,
        ),
        (
            "estimators/pks2155_hess_lc/pks2155_hess_lc.fits",
            {"format": "lightcurve"},
            (34, 1, 1, 1),
            {
                "dnde": 8.077623345e-12,
                "dnde_ul": 9.711405859e-12,
                "flux": 5.206496404e-11,
                "sqrt_ts": 693.1746265,
            },
            0,
        ),
        (
            "hawc/crab_flux/HAWC19_flux_points.fits",
            {},
            (10, 1, 1),
            {"dnde": 2.358062565e-11, "dnde_err": 5.061793127e-13, "sqrt_ts": 367.3519946},
            1,
        ),
        (
            f"{OLD}/diff_flux_points.ecsv",
            {},
            (24, 1, 1),
            {"dnde": 2.432028124e-04, "dnde_err": 4.769805014e-06},
            5,
        ),
        (
            f"{OLD}/diff_flux_points.fits",
            {},
            (24, 1, 1),
            {"dnde": 2.432028124e-04, "dnde_err": 4.769805014e-06},
            5,
        ),
        (f"{OLD}/flux_points.ecsv", {}, (24, 1, 1), {"dnde": 2.429934854e-04, "flux": 1.298636364e-08}, 5),
        (f"{OLD}/flux_points.fits", {}, (24, 1, 1), {"dnde": 2.429934854e-04, "flux": 1.298636364e-08}, 5),
    ],
)
def test_sums_agree_with_the_oracle(name, options, shape, sums, limits, gammapy_data):
    points = FluxPoints.read(gammapy_data / name, reference_model=PowerLawSpectralModel(index=2.3), **options)
    assert points.geom.data_shape == shape
    for quantity, total in sums.items():
        assert_allclose(np.nansum(getattr(points, quantity).data), total, rtol=1e-8)
    assert points.is_ul.data.sum() == limits


def test_round_trip_of_a_published_light_curve(gammapy_data, tmp_path):
    path = gammapy_data / "estimators/pks2155_hess_lc/pks2155_hess_lc.fits"
    curve = FluxPoints.read(path, format="lightcurve")
    curve.write(tmp_path / "lc.fits", format="lightcurve")
    again = FluxPoints.read(tmp_path / "lc.fits", format="lightcurve")
    assert_allclose(again.flux.data, curve.flux.data, rtol=1e-9)
    axes = [c.geom.axes["time"] for c in (curve, again)]
    assert np.abs((axes[0].time_min - axes[1].time_min).to_value("s")).max() < 1e-3
