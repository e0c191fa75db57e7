"""From events and responses to cubes on public data, against the black-box oracle.

Oracle: peer 2.1 with the same configuration, run once; its numbers are frozen here. Counts are compared with astropy in
double precision as well, because the peer transforms positions in single precision.
"""

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from numpy.testing import assert_allclose, assert_array_equal
from regions import CircleSkyRegion

from geminga.data import DataStore, HDUIndexTable, ObservationTable
from geminga.datasets import MapDataset
from geminga.irf import Background3D
from geminga.makers import (
    AdaptiveRingBackgroundMaker,
    DatasetsMaker,
    FoVBackgroundMaker,
    MapDatasetMaker,
    RingBackgroundMaker,
    SafeMaskMaker,
)
from geminga.makers.utils import make_map_background_irf
from geminga.maps import Map, MapAxis, WcsGeom

pytestmark = pytest.mark.realdata

#: Right ascension and declination in deg, radius of the exclusion for norms and for rings, observations.
TARGETS = {
    "crab": (83.63, 22.01, 0.5, 0.4, [23523, 23526, 23559, 23592]),
    "msh": (228.53, -59.16, 0.5, 0.4, [
        20136, 20137, 20151, 20282, 20283, 20301, 20302, 20303, 20322, 20323,
        20324, 20325, 20343, 20344, 20345, 20346, 20365, 20366, 20367, 20368,
    ]),
    "rxj": (258.39, -39.76, 0.8, 0.7, [
        20326, 20327, 20349, 20350, 20396, 20397, 20421, 20422, 20517, 20518, 20519, 20521, 20898, 20899, 20900,
    ]),
    "pks": (329.72, -30.23, 0.3, 0.3, [
        33787, 33788, 33789, 33790, 33791, 33792, 33793, 33794, 33795, 33796, 33797,
        33798, 33799, 33800, 33801, 47802, 47803, 47804, 47827, 47828, 47829,
    ]),
}  # fmt: skip


# ---------------------------------------------------------------------- CTA-1DC, Galactic centre


@pytest.fixture(scope="module")
def cta_observations(gammapy_data):
    return DataStore.from_dir(gammapy_data / "cta-1dc/index/gps").get_observations([110380, 111140, 111159])


@pytest.fixture(scope="module")
def cta(cta_observations):
    energy = MapAxis.from_energy_bounds("0.1 TeV", "10 TeV", nbin=10, name="energy")
    energy_true = MapAxis.from_energy_bounds("0.1 TeV", "10 TeV", nbin=20, name="energy_true")
    geom = WcsGeom.create(skydir=(0, 0), frame="galactic", npix=(400, 300), binsz=0.02, axes=[energy])
    empty = MapDataset.create(geom, energy_axis_true=energy_true, name="stacked")
    makers = [MapDatasetMaker(), SafeMaskMaker(methods=["offset-max"], offset_max="4 deg")]
    return DatasetsMaker(makers).run(empty, cta_observations)[0]


def test_cta_counts(cta, cta_observations):
    counts = cta.counts.data
    assert_array_equal(
        counts.sum(axis=(1, 2)), [50293, 30006, 17051, 10033, 5314, 3110, 2048, 1392, 908, 605]
    )
    geom, twin = cta.counts.geom, 0
    for observation in cta_observations:
        table, pointing = observation.events.table, observation.get_pointing_icrs(observation.tmid)
        positions = SkyCoord(np.array(table["RA"], float), np.array(table["DEC"], float), unit="deg").galactic
        x, y = geom.wcs.all_world2pix(positions.l.deg, positions.b.deg, 0)
        sample = np.array(table["ENERGY"], float), y, x
        bins = [geom.axes["energy"].edges.value, np.arange(-0.5, 300), np.arange(-0.5, 400)]
        near = geom.to_image().get_coord().skycoord.separation(pointing).deg < 4
        twin = twin + np.histogramdd(sample, bins=bins)[0] * near
    assert_array_equal(counts, twin)


def test_cta_background_and_exposure(cta):
    background = [
        47240.396, 27195.338, 14872.539, 8150.1584, 4122.6703, 2062.6608, 1201.368, 751.1169, 508.59309, 333.29478,
    ]  # fmt: skip
    assert_allclose(cta.background.data.sum(axis=(1, 2), dtype=float), background, rtol=1e-6)
    exposure = [
        3.6503986e13, 5.2856858e13, 6.7377898e13, 8.7613275e13, 1.1279724e14, 1.3222290e14, 1.6422747e14,
        2.0000177e14, 2.2843908e14, 2.6819661e14, 3.1456827e14, 3.9101811e14, 5.0998932e14, 6.3734752e14,
        7.8712352e14, 9.2645201e14, 1.0667982e15, 1.1930954e15, 1.2973954e15, 1.4149871e15,
    ]  # fmt: skip
    assert_allclose(cta.exposure.data.sum(axis=(1, 2), dtype=float), exposure, rtol=1e-6)
    assert cta.exposure.unit == "m2 s"
    assert cta.mask_safe.data.sum() == 1189940


def test_cta_responses(cta):
    psf = cta.psf.psf_map.quantity.to_value("sr-1")[:, :6, 15, 20]
    assert_allclose(psf[10], [429026.0, 394742.9, 334178.2, 260303.0, 186562.5, 123033.2], rtol=1e-6)
    assert_allclose(psf[19], [621728.9, 550194.3, 431007.4, 299075.9, 183996.8, 100483.1], rtol=1e-6)
    edisp = cta.edisp.edisp_map.data[10, :, 15, 20]
    assert_allclose(edisp, [0, 0, 0, 0, 0.07417976, 0.9254562, 0.0003640132, 0, 0, 0], atol=1e-6)


# ---------------------------------------------------------------------- H.E.S.S.


def hess_cube(store, name, energies, exclusion, **kwargs):
    """Return observations, an empty cube and an exclusion mask of one target."""
    ra, dec, _, _, ids = TARGETS[name]
    center = SkyCoord(ra, dec, unit="deg")
    low, high, nbin = energies
    energy = MapAxis.from_energy_bounds(low, high, nbin=nbin, unit="TeV")
    energy_true = MapAxis.from_energy_bounds(0.3, 30, nbin=10, unit="TeV", name="energy_true")
    geom = WcsGeom.create(skydir=center, width=5, binsz=0.05, axes=[energy], frame="icrs", proj="TAN")
    mask = ~geom.to_image().region_mask([CircleSkyRegion(center, exclusion * u.deg)])
    return store.get_observations(ids), MapDataset.create(geom, energy_axis_true=energy_true, name=name), mask


@pytest.fixture(scope="module")
def hess(gammapy_data):
    return DataStore.from_dir(gammapy_data / "hess-dl3-dr1")


NORMS = {
    "crab": (19646, 12847.899, [1.45309, 1.455134, 1.368209, 1.482812]),
    "msh": (67178, 69968.8991, [
        1.009924, 1.114346, 0.953423, 0.92053, 0.639791, 0.940471, 0.962307, 0.916602, 1.003296, 0.969767,
        0.981088, 0.958214, 0.954545, 1.006183, 0.95538, 0.994347, 0.975399, 0.911532, 0.917634, 0.887373,
    ]),
    "rxj": (32197, 29179.8145, [
        1.047937, 1.128502, 0.998828, 1.098438, 1.077482, 1.094215, 1.086751, 1.018717,
        1.0303, 1.042619, 1.048821, 0.99708, 0.959405, 1.02474, 1.002232,
    ]),
    "pks": (62331, 48880.6039, [
        1.353789, 1.340516, 1.181196, 0.975842, 1.025981, 0.977577, 1.030824, 1.086936, 0.994461, 1.048381, 0.9433,
        0.955854, 1.003349, 1.256251, 1.286385, 1.187751, 0.946134, 0.959966, 1.152126, 0.923101, 0.95333,
    ]),
}  # fmt: skip


@pytest.mark.parametrize("name", TARGETS)
def test_background_norms_of_hess_observations(name, hess):
    observations, empty, exclusion = hess_cube(hess, name, (0.5, 20, 6), TARGETS[name][2])
    makers = [
        MapDatasetMaker(selection=["counts", "background"]),
        SafeMaskMaker(methods=["offset-max"], offset_max="2.3 deg"),
    ]
    counts = background = 0.0
    scaled, fitted = [], []
    for observation in observations:
        dataset = empty
        for maker in makers:
            dataset = maker.run(dataset, observation)
        safe = dataset.mask_safe.data
        counts += dataset.counts.data[safe].sum()
        background += dataset.background.data[safe].sum(dtype=float)
        for method, norms in (("scale", scaled), ("fit", fitted)):
            dataset.models = None
            norms.append(FoVBackgroundMaker(method=method, exclusion_mask=exclusion).run(dataset))
            norms[-1] = dataset.background_model.spectral_model.norm.value
    n_counts, n_background, expected = NORMS[name]
    assert counts == n_counts
    assert_allclose(background, n_background, rtol=1e-6)
    assert_allclose(scaled, expected, atol=2e-6)
    assert_allclose(fitted, scaled, rtol=1e-4)


@pytest.mark.parametrize(
    ("alignment", "sums", "pixels"),
    [
        ("RADEC", [15.96825394, 1.97434678, 0.24411218], [0.01776358, 0.03051299, 0.04923813]),
        ("REVERSE_LON_RADEC", [15.93867159, 1.97068916, 0.24365994], [0.04914549, 0.02868259, 0.01773051]),
        ("ALTAZ", [14.63539224, 1.8095491, 0.22373626], [0.01999696, 0.03652509, 0.06224321]),
    ],
)
def test_background_by_alignment(alignment, sums, pixels, hess):
    """An asymmetric rate in the field of view of an observation that tracks for half an hour.

    The peer's solid angles of such large pixels are 2.5e-6 too small.
    """
    observation = hess.obs(23523)
    energy = observation.bkg.axes["energy"]
    lon, lat = (MapAxis.from_edges(np.linspace(-4, 4, 17) * u.deg, name=f"fov_{n}") for n in ("lon", "lat"))
    shape = np.exp(0.3 * lon.center.value[:, np.newaxis] + 0.15 * lat.center.value)
    rate = Background3D(
        axes=[energy, lon, lat],
        data=shape * energy.center.value[:, np.newaxis, np.newaxis] ** -2.7,
        unit="s-1 TeV-1 sr-1",
        fov_alignment=alignment,
    )
    axis = MapAxis.from_energy_bounds("0.5 TeV", "20 TeV", nbin=3)
    geom = WcsGeom.create(skydir=CRAB, width=4, binsz=0.2, frame="icrs", proj="TAN", axes=[axis])
    background = make_map_background_irf(
        pointing=observation.pointing,
        ontime=observation.observation_time_duration,
        bkg=rate,
        geom=geom,
        time_start=observation.tstart,
        location=observation.observatory_earth_location,
    )
    assert_allclose(background.data.sum(axis=(1, 2)), sums, rtol=4e-6)
    assert_allclose(background.data[0, 2, [1, 10, 18]], pixels, rtol=5e-6)


#: Counts, off counts, sum of alpha, background, pixels; counts and background in the exclusion. Peer, on an image.
RINGS = {
    "crab": (6247, 3385300, 14.2356245811, 5769.2288352, 8598, 812, 284.53442594),
    "msh": (6020, 3177094, 11.8897056845, 5824.4308138, 6581, 449, 271.74606998),
    "rxj": (4977, 2423477, 14.7859391234, 4594.3660326, 8183, 1017, 625.19321913),
    "pks": (8542, 4275664, 11.5596783770, 7112.9784786, 7493, 1680, 188.73811944),
}


@pytest.fixture(scope="module", params=RINGS)
def ring_image(request, hess):
    name = request.param
    observations, empty, exclusion = hess_cube(hess, name, (1, 20, 2), TARGETS[name][3])
    makers = [
        MapDatasetMaker(selection=["counts", "exposure", "background"]),
        SafeMaskMaker(methods=["offset-max"], offset_max="2 deg"),
    ]
    cube = DatasetsMaker(makers).run(empty, observations[:6])[0]
    return name, cube, exclusion


def test_ring_background_of_hess_targets(ring_image):
    name, cube, exclusion = ring_image
    maker = RingBackgroundMaker(r_in="0.8 deg", width="0.3 deg", exclusion_mask=exclusion)
    image = maker.run(cube.to_image())
    counts, counts_off, alpha, background, n_pixels, counts_on, background_on = RINGS[name]
    safe, on = image.mask_safe.data, ~exclusion.data
    assert safe.sum() == n_pixels
    assert image.counts.data[safe].sum() == counts
    assert image.counts_off.data[safe].sum() == counts_off
    assert_allclose(image.alpha.data[safe].sum(), alpha, rtol=1e-7)
    assert_allclose(image.background.data[safe].sum(), background, rtol=1e-7)
    assert image.counts.data[..., on].sum() == counts_on
    assert_allclose(image.background.data[..., on].sum(), background_on, rtol=1e-7)
    # The same on a cube: each energy has its ring, off counts add up.
    planes = maker.run(cube)
    assert_array_equal(planes.counts_off.data.sum(axis=0), image.counts_off.data[0])
    # An image of excess: the source is there, the rest of the field is empty within its errors.
    outside = safe & exclusion.data
    excess = (image.counts.data - image.background.data)[outside].sum()
    assert abs(excess) < 5 * np.sqrt(image.counts.data[outside].sum())
    assert counts_on - background_on > 5 * np.sqrt(background_on)


def test_adaptive_rings_of_hess_targets(ring_image):
    """Where the plain ring is large enough, the adaptive one gives as much background within its errors."""
    name, cube, exclusion = ring_image
    image = cube.to_image()
    result = AdaptiveRingBackgroundMaker(
        "0.8 deg",
        "1.6 deg",
        "0.3 deg",
        "0.1 deg",
        threshold_alpha=0.1,
        theta="0.1 deg",
        exclusion_mask=exclusion,
    ).run(image)
    on = ~exclusion.data & result.mask_safe.data[0]
    expected = RINGS[name][6] * on.sum() / (~exclusion.data).sum()
    assert_allclose(result.background.data[0][on].sum(), expected, rtol=0.06)


def test_ring_background_for_each_observation(hess):
    """The peer counts every event twice here."""
    observations, empty, exclusion = hess_cube(hess, "crab", (1, 20, 2), 0.4)
    chain = [
        MapDatasetMaker(selection=["counts", "exposure", "background"]),
        SafeMaskMaker(methods=["offset-max"], offset_max="2 deg"),
        RingBackgroundMaker(r_in="0.8 deg", width="0.3 deg", exclusion_mask=exclusion),
    ]
    stacked = DatasetsMaker(chain).run(empty, observations)[0]
    assert type(stacked) is MapDataset
    assert stacked.counts.data.sum() == RINGS["crab"][0]
    assert_allclose(stacked.background.data.sum(), RINGS["crab"][3], rtol=0.01)


# ---------------------------------------------------------------------- HAWC

#: Counts, background, exposure (cm2 s, per transit), safe bins; peer.
HAWC = {
    ("GP", 5): (8003, 140.63247, 1.7899849e17, 57600),
    ("GP", 6): (2142, 38.611041, 1.9167505e17, 57600),
    ("GP", 7): (742, 13.111708, 2.0336393e17, 72000),
    ("GP", 8): (239, 3.8962498, 2.1039260e17, 57600),
    ("GP", 9): (171, 2.8853381, 1.0444343e18, 72000),
    ("NN", 5): (8275, 151.11746, 1.7279945e17, 57600),
    ("NN", 6): (2243, 40.259093, 1.8547207e17, 57600),
    ("NN", 7): (668, 12.081906, 2.0432137e17, 57600),
    ("NN", 8): (251, 3.9779035, 2.1539809e17, 43200),
    ("NN", 9): (183, 3.0702724, 1.0497750e18, 57600),
}
CRAB = SkyCoord(83.63, 22.01, unit="deg")
#: Number of transits with which the shipped datasets were made, from the ratio of backgrounds.
TRANSITS = 53.037334


def hawc_observation(folder, estimator, fhit):
    """Return the observation of one bin of the fraction of hit tubes: each has an index table of its own."""
    index = HDUIndexTable.read(folder / f"hdu-index-table-{estimator}-Crab.fits.gz", hdu=fhit)
    table = ObservationTable.read(folder / f"obs-index-table-{estimator}-Crab.fits.gz")
    return DataStore(index, table).get_observations()[0]


@pytest.mark.parametrize(("estimator", "fhit"), HAWC)
def test_hawc_events_and_maps(estimator, fhit, gammapy_data):
    edges = [1.00, 1.78, 3.16, 5.62, 10.0, 17.8, 31.6, 56.2, 100, 177, 316] * u.TeV
    energy = MapAxis.from_edges(edges, name="energy", interp="log")
    energy_true = MapAxis.from_energy_bounds(1e-3, 1e4, nbin=140, unit="TeV", name="energy_true")
    geom = WcsGeom.create(skydir=CRAB, width=6 * u.deg, axes=[energy], binsz=0.05)
    empty = MapDataset.create(geom, energy_axis_true=energy_true, name="hawc", reco_psf=True)
    observation = hawc_observation(gammapy_data / "hawc/crab_events_pass4", estimator, fhit)
    dataset = MapDatasetMaker().run(empty, observation)
    dataset = SafeMaskMaker(methods=["aeff-max"], aeff_percent=10).run(dataset)
    counts, background, exposure, n_safe = HAWC[estimator, fhit]
    assert dataset.counts.data.sum() == counts
    assert_allclose(dataset.background.data.sum(dtype=float), background, rtol=1e-6)
    assert_allclose(dataset.exposure.quantity.to_value("cm2 s").sum(dtype=float), exposure, rtol=1e-6)
    assert dataset.mask_safe.data.sum() == n_safe
    # the sum over reconstructed energies stays a probability; the peer gets 1.0007
    row = dataset.edisp.edisp_map.data.sum(axis=1).max()
    assert row == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("fhit", [5, 6, 7, 8, 9])
def test_hawc_shipped_datasets(fhit, gammapy_data):
    """The shipped datasets are the neural-network ones times the number of transits."""
    shipped = MapDataset.read(gammapy_data / f"hawc/DL4/nHit-{fhit}.fits.gz")
    observation = hawc_observation(gammapy_data / "hawc/crab_events_pass4", "NN", fhit)
    made = MapDatasetMaker().run(MapDataset.from_geoms(**shipped.geoms), observation)
    made = SafeMaskMaker(methods=["aeff-max"], aeff_percent=10).run(made)
    # A handful of events at exactly 10 TeV fall on either side of an edge that was rounded in the file.
    assert_array_equal(made.counts.data.sum(axis=0), shipped.counts.data.sum(axis=0))
    assert_array_equal(made.mask_safe.data, shipped.mask_safe.data)
    for name in ("background", "exposure"):
        one, other = (getattr(dataset, name) for dataset in (made, shipped))
        data = one.data * (one.unit.to(other.unit) * TRANSITS)
        assert_allclose(data, other.data, rtol=2e-6, atol=1e-9 * other.data.max())
    assert_allclose(made.edisp.edisp_map.data, shipped.edisp.edisp_map.data, atol=5e-3)
    shape = shipped.psf.psf_map.data
    mass = shape.sum(axis=1, keepdims=True)
    filled = mass > 0.01 * mass.max()
    shape = np.divide(shape, mass, out=np.zeros_like(shape), where=mass > 0)
    mine = made.psf.psf_map.data
    mine = mine / np.maximum(mine.sum(axis=1, keepdims=True), 1e-300)
    assert_allclose(mine * filled, shape * filled, atol=1e-7)


def test_hawc_transits(gammapy_data):
    transits = Map.read(gammapy_data / "hawc/crab_events_pass4/irfs/TransitsMap_Crab.fits.gz")
    assert_allclose(transits.interp_by_coord(CRAB), TRANSITS, rtol=2e-3)
