"""Flux points and maps of public cubes against the black-box oracle.

Oracle: peer 2.1 on the same datasets, run once; its numbers are frozen here.
"""

import numpy as np
import pytest
from astropy import units as u

from geminga.data import DataStore
from geminga.datasets import Datasets, MapDataset
from geminga.estimators import FluxPointsEstimator
from geminga.makers import MapDatasetMaker, SafeMaskMaker
from geminga.maps import MapAxis, WcsGeom
from geminga.modeling.models import (
    ExpCutoffPowerLawSpectralModel,
    FoVBackgroundModel,
    PointSpatialModel,
    SkyModel,
)

pytestmark = pytest.mark.realdata

ORACLE = {
    "norm": [0.9555935, 1.0556233, 0.9567134],
    "norm_err": [0.0706956, 0.0717065, 0.1223742],
    "norm_errn": [0.0696006, 0.0702304, 0.1174286],
    "norm_errp": [0.0717994, 0.0732112, 0.127429],
    "norm_ul": [1.1013934, 1.2051239, 1.2218805],
    "ts": [378.1072423, 998.1913184, 395.5147054],
    "npred": [101113.8948, 17774.4775, 1862.4371],
    "npred_excess": [356.3000488, 245.7947235, 65.2090912],
}


@pytest.fixture(scope="module")
def galactic_centre(gammapy_data):
    """Return the stacked CTA-1DC cube with the best models of the oracle."""
    store = DataStore.from_dir(gammapy_data / "cta-1dc" / "index" / "gps")
    energy = MapAxis.from_energy_bounds("0.1 TeV", "10 TeV", 10, name="energy")
    energy_true = MapAxis.from_energy_bounds("0.05 TeV", "20 TeV", 20, name="energy_true")
    geom = WcsGeom.create(skydir=(0, 0), npix=(400, 300), binsz=0.02, frame="galactic", axes=[energy])
    stacked = MapDataset.create(geom, energy_axis_true=energy_true, name="cta-gc")
    safe = SafeMaskMaker(methods=["offset-max"], offset_max=4 * u.deg)
    for observation in store.get_observations([110380, 111140, 111159]):
        dataset = MapDatasetMaker().run(stacked.copy(name=str(observation.obs_id)), observation)
        stacked.stack(safe.run(dataset, observation))
    spectrum = ExpCutoffPowerLawSpectralModel(
        index=2.2554855, amplitude="2.9113e-12 cm-2 s-1 TeV-1", reference="1 TeV", lambda_="0.054479 TeV-1"
    )
    spatial = PointSpatialModel(lon_0="-0.052908 deg", lat_0="-0.052875 deg", frame="galactic")
    background = FoVBackgroundModel(dataset_name="cta-gc")
    background.spectral_model.norm.value = 1.1282
    stacked.models = [SkyModel(spectrum, spatial, name="gc"), background]
    return stacked


def test_flux_points_of_the_galactic_centre(galactic_centre):
    """Norms agree within a thousandth of an error; single precision moves the oracle's by about as much."""
    estimator = FluxPointsEstimator(
        energy_edges=[0.1, 0.5, 2, 10] * u.TeV, source="gc", selection_optional=["errn-errp", "ul"]
    )
    points = estimator.run(Datasets([galactic_centre]))
    assert points.counts.data.ravel().tolist() == [97350, 20505, 2905]
    error = np.array(ORACLE["norm_err"])
    for name in ("norm", "norm_err", "norm_errn", "norm_errp", "norm_ul"):
        found = getattr(points, name).data.ravel()
        assert np.all(np.abs(found - ORACLE[name]) < 2e-3 * error), name
    np.testing.assert_allclose(points.ts.data.ravel(), ORACLE["ts"], rtol=1e-5)
    np.testing.assert_allclose(points.npred_excess.data.ravel(), ORACLE["npred_excess"], rtol=1e-3)
    np.testing.assert_allclose(points.npred.data.ravel(), ORACLE["npred"], rtol=1e-5)
