"""Flux points and maps of public cubes against the black-box oracle.

Oracle: peer 2.1 on the same datasets, run once; its numbers are frozen here.
"""

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from regions import CircleSkyRegion

from geminga.data import DataStore
from geminga.datasets import Datasets, MapDataset, MapDatasetOnOff
from geminga.estimators import ExcessMapEstimator, FluxPointsEstimator, TSMapEstimator
from geminga.estimators.utils import find_peaks_in_flux_map
from geminga.irf import EDispKernelMap, PSFMap
from geminga.makers import MapDatasetMaker, RingBackgroundMaker, SafeMaskMaker
from geminga.maps import Map, MapAxis, WcsGeom
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


def test_flux_points_with_a_free_background(galactic_centre):
    """The background is fitted again in each band."""
    estimator = FluxPointsEstimator(
        energy_edges=[0.1, 0.5, 2, 10] * u.TeV, source="gc", reoptimize=True, selection_optional=["ul"]
    )
    points = estimator.run(Datasets([galactic_centre]))
    error = [0.0713752, 0.0712987, 0.1210239]
    np.testing.assert_allclose(points.norm_err.data.ravel(), error, rtol=2e-3)
    for name, oracle in {
        "norm": [0.9904116, 1.0341517, 0.9253998],
        "norm_ul": [1.1373733, 1.1832271, 1.1879212],
    }.items():
        found = getattr(points, name).data.ravel()
        assert np.all(np.abs(found - oracle) < 0.01 * np.array(error)), name
    np.testing.assert_allclose(points.ts.data.ravel(), [404.42186, 924.7538, 335.31786], rtol=1e-4)


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


def test_ts_map_of_the_fermi_galactic_centre(gammapy_data):
    """Sources above 10 GeV: TS and flux of the brightest, found where they are known to be."""
    folder = gammapy_data / "fermi-3fhl-gc"
    counts = Map.read(folder / "fermi-3fhl-gc-counts-cube.fits.gz")
    background = Map.read(folder / "fermi-3fhl-gc-background-cube.fits.gz")
    exposure = Map.read(folder / "fermi-3fhl-gc-exposure-cube.fits.gz")
    dataset = MapDataset(
        counts=counts,
        background=Map.from_geom(counts.geom, data=background.data),
        exposure=exposure,
        psf=PSFMap.read(folder / "fermi-3fhl-gc-psf-cube.fits.gz", format="gtpsf"),
        edisp=EDispKernelMap.from_diagonal_response(
            energy_axis=counts.geom.axes["energy"], energy_axis_true=exposure.geom.axes["energy_true"]
        ),
        name="fermi-3fhl-gc",
    )
    source = SkyModel(PowerLawSpectralModel(index=2), PointSpatialModel(), name="seed")
    maps = TSMapEstimator(source, "1 deg").run(dataset)
    # the oracle's PSF kernel differs in the fourth digit
    assert maps.ts.data[0, 99, 200] == pytest.approx(983.5198, rel=1e-3)
    assert maps.norm_err.data[0, 99, 200] == pytest.approx(0.7954943, rel=1e-3)
    peaks = find_peaks_in_flux_map(maps, threshold=8, min_distance="0.5 deg")
    found = SkyCoord(peaks["ra"], peaks["dec"], unit="deg")
    # Galactic centre, the pulsar J1809.8-2332, W28 and the remnant G8.7-0.1 (W30)
    for known in ("266.415d -29.005d", "272.459d -23.54d", "270.43d -23.3d"):
        assert found.separation(SkyCoord(known)).min().deg < 0.25


def test_excess_map_of_the_crab_with_a_ring(gammapy_data):
    """Four H.E.S.S. runs: Li & Ma significance and limit at the pulsar, noise around it."""
    crab = SkyCoord(83.63, 22.01, unit="deg")
    energy = MapAxis.from_energy_bounds("0.7 TeV", "20 TeV", 6, name="energy")
    energy_true = MapAxis.from_energy_bounds("0.3 TeV", "40 TeV", 20, name="energy_true")
    geom = WcsGeom.create(skydir=crab, npix=(120, 120), binsz=0.02, frame="icrs", proj="TAN", axes=[energy])
    exclusion = ~geom.to_image().region_mask([CircleSkyRegion(crab, 0.3 * u.deg)])
    ring = RingBackgroundMaker(r_in="0.5 deg", width="0.3 deg", exclusion_mask=exclusion)
    safe = SafeMaskMaker(methods=["offset-max"], offset_max=2 * u.deg)
    empty = MapDataset.create(geom, energy_axis_true=energy_true)
    stacked = MapDatasetOnOff.create(geom, energy_axis_true=energy_true, name="crab")
    store = DataStore.from_dir(gammapy_data / "hess-dl3-dr1")
    for observation in store.get_observations([23523, 23526, 23559, 23592]):
        dataset = MapDatasetMaker().run(empty.copy(name=str(observation.obs_id)), observation)
        stacked.stack(ring.run(safe.run(dataset, observation)))
    maps = ExcessMapEstimator("0.1 deg", correlate_off=False, selection_optional=["ul"]).run(stacked)
    at = (0, 60, 60)
    assert maps.counts.data[at] == 489
    assert maps.sqrt_ts.data[at] == pytest.approx(40.432852, abs=0.02)
    assert maps.npred_excess.data[at] == pytest.approx(459.19744, abs=0.2)
    # the energy dispersion is that of one of four pixels around the centre
    assert maps.flux.data[at] == pytest.approx(2.594984e-11, rel=5e-3)
    assert maps.flux_ul.data[at] == pytest.approx(2.852723e-11, rel=5e-3)
    away = geom.to_image().get_coord().skycoord.separation(crab).deg > 0.35
    noise = maps.sqrt_ts.data[0][away]
    assert np.nanmean(noise) == pytest.approx(-0.0379, abs=0.02)
    assert np.nanstd(noise) == pytest.approx(1.0960, abs=0.02)
