"""Flux points and maps of public cubes against the black-box oracle.

Oracle: peer 2.1 on the same datasets, run once; its numbers are frozen here.
"""

import numpy as np
import pytest
from astropy import units as u

from geminga.data import DataStore
from geminga.datasets import Datasets, MapDataset
from geminga.estimators import ExcessMapEstimator, FluxPointsEstimator, TSMapEstimator
from geminga.makers import MapDatasetMaker, SafeMaskMaker
from geminga.maps import MapAxis, WcsGeom
from geminga.modeling.models import (
    ExpCutoffPowerLawSpectralModel,
    FoVBackgroundModel,
    PointSpatialModel,
    PowerLawSpectralModel,
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


#: TS, flux in cm-2 s-1 and its error at pixels (lat, lon), from a Brent search with rtol 0.01.
ORACLE_TS = {
    (147, 202): (1051.5162, 2.444129e-11, 1.2462e-12),
    (155, 155): (268.12338, 1.122772e-11, 9.806e-13),
    (110, 250): (4.02101, 1.16027e-12, 6.311e-13),
    (250, 80): (6.08905, -1.389654e-12, 4.1583e-13),
    (40, 379): (0.945037, -8.401453e-13, 6.7815e-13),
}


def test_ts_map_of_the_galactic_centre(galactic_centre):
    """Point sources on the background model alone, in all 118 994 pixels that have data."""
    dataset = galactic_centre.copy(name="cta-gc")
    dataset.models = [galactic_centre.models["cta-gc-bkg"]]
    source = SkyModel(PowerLawSpectralModel(index=2), PointSpatialModel(), name="seed")
    maps = TSMapEstimator(source, "0.2 deg", energy_edges=[0.1, 10] * u.TeV).run(dataset)
    assert int(np.isfinite(maps.ts.data).sum()) == 118994
    for pixel, (ts, flux, error) in ORACLE_TS.items():
        at = (0, *pixel)
        assert maps.ts.data[at] == pytest.approx(ts, abs=2e-3)
        assert maps.flux.data[at] == pytest.approx(flux, abs=0.05 * error)
        assert maps.flux_err.data[at] == pytest.approx(error, rel=0.01)
    # the sum over all pixels: a Brent search with a tolerance of 1 % is never better than the minimum
    assert np.nansum(maps.ts.data) == pytest.approx(369210.91, rel=1e-5)


def test_significances_away_from_the_sources_are_normal(galactic_centre):
    """With the background normalised 1.2 deg or more off the plane, significances there scatter as noise does."""
    dataset = galactic_centre.copy(name="cta-gc")
    off_plane = np.abs(dataset.counts.geom.get_coord().lat.to_value("deg")) > 1.2
    used = dataset.mask_safe.data & off_plane
    dataset.background.data *= dataset.counts.data[used].sum() / dataset.background.data[used].sum()
    maps = ExcessMapEstimator("0.1 deg").run(dataset)
    empty = maps.sqrt_ts.data[off_plane[:1]]
    assert np.nanmean(empty) == pytest.approx(0, abs=0.05)
    assert np.nanstd(empty) == pytest.approx(1, abs=0.08)
