"""Ring backgrounds against sums over pixels, one by one; sums at the end against the black-box oracle, run once."""

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from numpy.testing import assert_allclose, assert_array_equal

from geminga.datasets import MapDataset, MapDatasetOnOff
from geminga.errors import DataError, GeometryError, UnknownNameError
from geminga.makers import AdaptiveRingBackgroundMaker, RingBackgroundMaker
from geminga.maps import Map, MapAxis, WcsGeom


def make_dataset(npix=(21, 17), factors=(10.0, 3.0)):
    energy = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=len(factors))
    geom = WcsGeom.create(npix=npix, binsz=0.05, axes=[energy], skydir=(0, 0), frame="galactic", proj="TAN")
    separation = geom.separation(SkyCoord(0, 0, unit="deg", frame="galactic")).deg
    background = np.exp(-0.5 * (separation / 1.2) ** 2) * np.array(factors).reshape(-1, 1, 1)
    counts = np.random.default_rng(0).poisson(background).astype(float)
    return MapDataset(
        counts=Map.from_geom(geom, data=counts),
        background=Map.from_geom(geom, data=background),
        mask_safe=Map.from_geom(geom, data=np.ones(geom.data_shape, dtype=bool)),
        name="ring",
    )


def exclusion_of(dataset, radius):
    image = dataset.counts.geom.to_image()
    centre = SkyCoord(0, 0, unit="deg", frame="galactic")
    return Map.from_geom(image, data=image.separation(centre) > radius * u.deg)


def twin(dataset, allowed, inner, outer, plane, y, x):
    """Return counts and background between two radii (pixels) around one pixel, by a loop over all pixels."""
    counts = background = 0.0
    for row in range(allowed.shape[-2]):
        for column in range(allowed.shape[-1]):
            radius = np.hypot(row - y, column - x)
            if inner - 1e-9 <= radius <= outer + 1e-9 and allowed[plane, row, column]:
                counts += dataset.counts.data[plane, row, column]
                background += dataset.background.data[plane, row, column]
    return counts, background


def test_ring_is_a_sum_over_pixels():
    dataset = make_dataset()
    dataset.mask_safe.data[1, :, :4] = False
    exclusion = exclusion_of(dataset, 0.12)
    result = RingBackgroundMaker("0.1 deg", "0.1 deg", exclusion).run(dataset)
    allowed = exclusion.data & dataset.mask_safe.data
    assert isinstance(result, MapDatasetOnOff)
    for plane, y, x in [(0, 8, 10), (0, 0, 0), (1, 5, 3), (1, 16, 20), (0, 8, 7)]:
        counts, background = twin(dataset, allowed, 2, 4, plane, y, x)
        assert result.counts_off.data[plane, y, x] == counts
        assert_allclose(result.acceptance_off.data[plane, y, x], background, rtol=1e-12)
    assert_array_equal(result.acceptance.data, dataset.background.data)
    assert_array_equal(result.mask_safe.data, dataset.mask_safe.data)


def test_exclusion_mask_smaller_than_the_map():
    """Fault 10: the sky outside of the mask is used; the peer's off counts are NaN everywhere."""
    dataset = make_dataset()
    whole = exclusion_of(dataset, 0.12)
    small = whole.cutout(whole.geom.center_skydir, width=0.4 * u.deg)
    assert small.geom.data_shape < whole.geom.data_shape
    results = [RingBackgroundMaker("0.1 deg", "0.1 deg", mask).run(dataset) for mask in (whole, small)]
    assert_array_equal(results[1].counts_off.data, results[0].counts_off.data)
    assert np.isfinite(results[1].acceptance_off.data).all()


def test_where_nothing_is_left_of_the_ring_is_not_safe():
    dataset = make_dataset()
    exclusion = exclusion_of(dataset, 0.26)
    result = RingBackgroundMaker("0.1 deg", "0.1 deg", exclusion).run(dataset)
    assert result.acceptance_off.data[0, 8, 10] == 0
    assert result.counts_off.data[0, 8, 10] == 0
    assert not result.mask_safe.data[:, 8, 10].any()
    assert result.mask_safe.data[:, 0, 0].all()
    assert_array_equal(result.mask_safe.data, result.acceptance_off.data > 0)


def test_background_model_is_part_of_the_acceptance():
    from geminga.modeling.models import FoVBackgroundModel, PowerLawNormSpectralModel

    dataset = make_dataset()
    plain = RingBackgroundMaker("0.1 deg", "0.1 deg").run(dataset)
    dataset.models = [FoVBackgroundModel("ring", PowerLawNormSpectralModel(norm=2))]
    scaled = RingBackgroundMaker("0.1 deg", "0.1 deg").run(dataset)
    assert_allclose(scaled.acceptance.data, 2 * plain.acceptance.data)
    assert_allclose(scaled.acceptance_off.data, 2 * plain.acceptance_off.data)
    assert_array_equal(scaled.counts_off.data, plain.counts_off.data)


@pytest.mark.parametrize("part", ["counts", "background"])
def test_one_missing_value_spoils_one_bin_only(part):
    dataset, whole = make_dataset(), make_dataset()
    getattr(dataset, part).data[0, 8, 10] = np.nan
    maker = RingBackgroundMaker("0.1 deg", "0.1 deg")
    result, expected = maker.run(dataset), maker.run(whole)
    counts, background = twin(whole, np.isfinite(getattr(dataset, part).data), 2, 4, 0, 8, 13)
    assert result.counts_off.data[0, 8, 13] == counts
    assert_allclose(result.acceptance_off.data[0, 8, 13], background, rtol=1e-12)
    assert_allclose(result.counts_off.data[:, :2], expected.counts_off.data[:, :2])
    assert result.mask_safe.data[0, 8, 10] == (part == "counts")
    assert result.mask_safe.data.sum() == expected.mask_safe.data.sum() - (part == "background")


def test_pixels_that_are_not_square():
    energy = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=1)
    geom = WcsGeom.create(npix=(21, 21), binsz=(0.1, 0.05), axes=[energy], proj="TAN")
    kernel = RingBackgroundMaker("0.2 deg", "0.1 deg").kernel(Map.from_geom(geom))
    assert kernel.shape == (13, 7)
    rows, columns = np.nonzero(kernel)
    radius = np.hypot(0.05 * (rows - 6), 0.1 * (columns - 3))
    assert radius.min() == pytest.approx(0.2)
    assert radius.max() == pytest.approx(0.3)


@pytest.mark.parametrize("method", ["fixed_width", "fixed_r_in"])
def test_adaptive_ring_is_the_first_that_is_large_enough(method):
    dataset = make_dataset(factors=(10.0, 3.0, 0.5))
    dataset.background.data[1] *= 1 + np.arange(21) / 5  # planes of different shape need different rings
    exclusion = exclusion_of(dataset, 0.12)
    maker = AdaptiveRingBackgroundMaker(
        "0.1 deg", "0.41 deg", "0.05 deg", "0.05 deg", threshold_alpha=0.4, theta="0.1 deg",
        method=method, exclusion_mask=exclusion,
    )  # fmt: skip
    result = maker.run(dataset)
    everywhere = np.ones(dataset.counts.data.shape, dtype=bool)
    allowed = exclusion.data & everywhere
    chosen = set()
    for plane, y, x in [(0, 8, 10), (0, 0, 0), (1, 5, 3), (1, 8, 10), (2, 16, 20), (2, 2, 9)]:
        _, disk = twin(dataset, everywhere, 0, 2, plane, y, x)
        for step in range(6):
            inner = 2 + step if method == "fixed_width" else 2
            counts, background = twin(dataset, allowed, inner, 3 + step, plane, y, x)
            if disk <= 0.4 * background:
                break
        else:
            counts = background = 0
        chosen.add(step)
        assert result.counts_off.data[plane, y, x] == counts
        assert_allclose(result.acceptance_off.data[plane, y, x], background, rtol=1e-12)
    assert len(chosen) > 1
    assert_array_equal(result.acceptance.data, dataset.background.data)


def test_adaptive_ring_never_satisfied_is_not_safe():
    dataset = make_dataset()
    result = AdaptiveRingBackgroundMaker(
        "0.1 deg", "0.2 deg", "0.05 deg", threshold_alpha=1e-6, theta="0.1 deg"
    ).run(dataset)
    assert not result.mask_safe.data.any()
    assert result.acceptance_off.data.sum() == 0
    assert np.isfinite(result.counts_off.data).all()


def test_each_energy_has_its_own_rings():
    """Fault 11: the peer's off counts are those of the first energy, in all."""
    dataset = make_dataset(factors=(10.0, 5.0, 1.0))
    result = AdaptiveRingBackgroundMaker("0.1 deg", "0.3 deg", "0.1 deg", theta="0.05 deg").run(dataset)
    assert_allclose(result.alpha.data[0], result.alpha.data[2], rtol=1e-10)
    assert_allclose(result.acceptance_off.data[0], 10 * result.acceptance_off.data[2], rtol=1e-10)
    assert result.counts_off.data[0].sum() > 5 * result.counts_off.data[2].sum()


def test_against_the_oracle():
    """Peer 2.1 on the same arrays; its adaptive disk of one pixel (fault 11) is asked for by a small theta."""
    dataset = make_dataset(npix=(80, 60))
    exclusion = exclusion_of(dataset, 0.3)
    ring = RingBackgroundMaker("0.3 deg", "0.2 deg", exclusion).run(dataset)
    assert_array_equal(ring.counts_off.data.sum(axis=(1, 2)), [4705151, 1431520])
    assert_allclose(ring.acceptance_off.data.sum(axis=(1, 2)), [4672953.0, 1401885.9], rtol=1e-6)
    sizes = {"fixed_width": [68, 80, 88, 108], "fixed_r_in": [68, 104, 152, 208]}
    for method, expected in sizes.items():
        maker = AdaptiveRingBackgroundMaker(
            "0.2 deg", "0.8 deg", "0.1 deg", "0.05 deg", 0.02, "0.01 deg", method, exclusion
        )
        kernels = maker.kernels(dataset.counts)
        assert len(kernels) == 10
        assert [kernel.sum() for kernel in kernels[:4]] == expected


def test_errors_and_text():
    dataset = make_dataset()
    assert "r_in=<Quantity 0.1 deg>" in repr(RingBackgroundMaker("0.1 deg", "0.1 deg"))
    with pytest.raises(UnknownNameError, match="fixed_width"):
        AdaptiveRingBackgroundMaker("0.1 deg", "1 deg", "0.1 deg", method="fixed")
    with pytest.raises(GeometryError, match="r_out_max"):
        AdaptiveRingBackgroundMaker("0.1 deg", "0.2 deg", "0.1 deg")
    with pytest.raises(GeometryError, match="stepsize"):
        AdaptiveRingBackgroundMaker("0.1 deg", "1 deg", "0.1 deg", stepsize="0 deg")
    with pytest.raises(DataError, match="booleans"):
        RingBackgroundMaker("0.1 deg", "0.1 deg", exclusion_mask=dataset.background)
    dataset.background = None
    with pytest.raises(DataError, match="must be a map dataset with counts and background"):
        RingBackgroundMaker("0.1 deg", "0.1 deg").run(dataset)


@pytest.mark.parametrize(
    ("r_in", "width"), [("-0.1 deg", "0.2 deg"), ("0.1 deg", "0 deg"), ("0.1 deg", "-0.1 deg")]
)
def test_rings_without_width_are_refused(r_in, width):
    with pytest.raises(GeometryError, match="must be positive"):
        RingBackgroundMaker(r_in, width)


def test_a_ring_between_pixels_is_refused():
    with pytest.raises(GeometryError, match="centre of a pixel"):
        RingBackgroundMaker("0.105 deg", "0.004 deg").run(make_dataset())
