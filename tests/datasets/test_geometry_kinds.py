"""Datasets on WCS, HEALPix and region geometries, with an ordinary and a measured background.

Frozen numbers come from the peer, release 2.1, fed with these same arrays (no HEALPix there); everything else is
compared with sums that are written out here.
"""

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.table import Table
from numpy.testing import assert_allclose, assert_array_equal
from regions import CircleSkyRegion

from geminga.data import GTI
from geminga.datasets import Datasets, MapDataset, MapDatasetMetaData, MapDatasetOnOff
from geminga.errors import DataError, GeometryError
from geminga.maps import HpxGeom, Map, MapAxis, RegionGeom, WcsGeom

ENERGY = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=4)
TRUE = MapAxis.from_energy_bounds("0.5 TeV", "20 TeV", nbin=6, name="energy_true")
RAD = MapAxis.from_bounds(0, 0.5, nbin=25, node_type="edges", name="rad", unit="deg")
MIGRA = MapAxis.from_bounds(0.2, 5, nbin=30, node_type="edges", name="migra")
CENTRE = SkyCoord(83.63, 22.01, unit="deg")
PLACE = SkyCoord(83.7, 22.1, unit="deg")
REGION = CircleSkyRegion(PLACE, 0.25 * u.deg)
GEOMS = {
    "wcs": WcsGeom.create(skydir=CENTRE, npix=(20, 16), binsz=0.1, axes=[ENERGY]),
    "hpx": HpxGeom.create(nside=256, frame="icrs", region="DISK(83.63,22.01,1.2)", axes=[ENERGY]),
    "region": RegionGeom.create("icrs;circle(83.63, 22.01, 0.3)", axes=[ENERGY]),
}
VARIANTS = {"kernel": {}, "migra": {"migra_axis": MIGRA}, "reco_psf": {"reco_psf": True}}


def make(kind, seed=1, on_off=False, **kwargs):
    """Return a dataset with random content; every array is drawn in the order in which the peer was fed."""
    cls = MapDatasetOnOff if on_off else MapDataset
    if kind == "hpx":
        kwargs.setdefault("binsz_irf", 0.5)
    dataset = cls.create(GEOMS[kind], energy_axis_true=TRUE, rad_axis=RAD, name=f"d{seed}", **kwargs)
    random = np.random.RandomState(seed)
    shape, geom = dataset.counts.data.shape, dataset.counts.geom
    dataset.counts.data = random.poisson(2, shape).astype("float32")
    if on_off:
        dataset.counts_off = Map.from_geom(geom, data=random.poisson(6, shape).astype(float))
        dataset.acceptance = Map.from_geom(geom, data=1 + random.uniform(size=shape))
        dataset.acceptance_off = Map.from_geom(geom, data=3 + random.uniform(size=shape))
    else:
        dataset.background.data = random.uniform(1, 2, shape).astype("float32")
    dataset.exposure.data = (random.uniform(1, 2, dataset.exposure.data.shape) * 1e10).astype("float32")
    dataset.exposure.meta = {"livetime": 1800 * u.s}
    psf = dataset.psf.psf_map
    rad = RAD.center.to_value("deg").reshape([-1] + [1] * (psf.data.ndim - 2))
    width = random.uniform(0.05, 0.15, (psf.data.shape[0], 1, *psf.data.shape[2:]))
    psf.data = np.exp(-0.5 * (rad / width) ** 2) / (2 * np.pi * width**2) * (180 / np.pi) ** 2
    dataset.psf.exposure_map.data = random.uniform(1, 2, dataset.psf.exposure_map.data.shape) * 1e10
    dataset.edisp.edisp_map.data = random.uniform(0, 1, dataset.edisp.edisp_map.data.shape)
    dataset.edisp.exposure_map.data = random.uniform(1, 2, dataset.edisp.exposure_map.data.shape) * 1e10
    dataset.mask_safe.data = random.uniform(size=shape) > 0.3
    dataset.gti = GTI.create([5000 * seed] * u.s, [1800 + 5000 * seed] * u.s, "2020-01-01")
    dataset.meta_table = Table({"TELESCOP": ["X"], "OBS_ID": [seed]})
    dataset.meta = MapDatasetMetaData(obs_info={"obs_id": seed})
    return dataset


def everywhere_safe(kind, on_off=False, **kwargs):
    """Return a dataset of which all is safe but the first energy."""
    dataset = make(kind, 1, on_off, **kwargs)
    dataset.mask_safe.data[...] = True
    dataset.mask_safe.data[0] = False
    return dataset


kinds = pytest.mark.parametrize("kind", list(GEOMS))
backgrounds = pytest.mark.parametrize("on_off", [False, True], ids=["map", "on_off"])
variants = pytest.mark.parametrize("variant", list(VARIANTS))


def maps_of(dataset):
    """Return all maps of a dataset by name, those of the responses included."""
    maps = {}
    for key in dataset._maps:
        part = getattr(dataset, key)
        if key in ("psf", "edisp") and part is not None:
            maps[key], maps[f"{key}_exposure"] = getattr(part, f"{key}_map"), part.exposure_map
        elif part is not None:
            maps[key] = part
    return maps


def assert_records(dataset, seeds=(1,)):
    """Check live time, intervals, table and provenance."""
    assert_allclose(dataset.exposure.meta["livetime"].to_value("s"), 1800 * len(seeds))
    assert_allclose(dataset.gti.time_sum.to_value("s"), 1800 * len(seeds))
    assert np.ravel(dataset.meta_table["OBS_ID"]).tolist() == list(seeds)
    infos = dataset.meta.obs_info
    assert [info.obs_id for info in (infos if isinstance(infos, list) else [infos])] == list(seeds)


# ---------------------------------------------------------------------- creation


@kinds
@backgrounds
@variants
def test_created_datasets_have_a_diagonal_dispersion(kind, on_off, variant):
    cls = MapDatasetOnOff if on_off else MapDataset
    dataset = cls.create(GEOMS[kind], energy_axis_true=TRUE, rad_axis=RAD, **VARIANTS[variant])
    for key, map_ in maps_of(dataset).items():
        assert map_.geom.is_hpx == (kind == "hpx")
        assert map_.geom.is_region == (kind == "region")
        assert np.any(map_.data) == (key == "edisp")
    assert dataset.exposure.unit == "m2 s"
    assert dataset.psf.energy_name == ("energy" if variant == "reco_psf" else "energy_true")
    edisp = dataset.edisp
    matrix = edisp.get_edisp_kernel(energy_axis=ENERGY).pdf_matrix
    if variant == "migra":
        # the probability is that of the bin of migra that holds 1
        inside = (TRUE.center > ENERGY.edges[0]) & (TRUE.center < ENERGY.edges[-1])
        assert_allclose(matrix.sum(axis=1)[inside], 1, atol=0.7)
        assert_allclose((edisp.edisp_map.data * 0.16).sum(axis=1), 1, rtol=1e-6)
    else:
        low = np.maximum(TRUE.edges.value[:-1, None], ENERGY.edges.value[:-1])
        high = np.minimum(TRUE.edges.value[1:, None], ENERGY.edges.value[1:])
        assert_allclose(matrix, np.clip(high - low, 0, None) / np.diff(TRUE.edges.value)[:, None], rtol=1e-6)


def test_pixel_size_of_responses_may_be_a_number():
    numbers = MapDataset.create(GEOMS["wcs"], binsz_irf=0.5)
    assert numbers.psf.psf_map.geom == MapDataset.create(GEOMS["wcs"], binsz_irf="0.5 deg").psf.psf_map.geom


# ---------------------------------------------------------------------- stacking


def response_sum(datasets, key):
    """Return a response and its exposure, stacked by the formula."""
    axis = 1
    numerator = denominator = 0.0
    for dataset in datasets:
        part = getattr(dataset, key)
        mask = getattr(dataset, f"mask_safe_{key}").data
        values = np.asarray(getattr(part, f"{key}_map").data, dtype=float)
        if mask.ndim < values.ndim:
            mask = mask[None]
        per_pixel = mask.any(axis=axis, keepdims=True)
        weight = np.asarray(part.exposure_map.data, dtype=float) * per_pixel
        numerator = numerator + weight * values * (mask if mask.shape[axis] == values.shape[axis] else 1)
        denominator = denominator + weight
    result = np.divide(numerator, denominator, out=np.zeros_like(numerator), where=denominator > 0)
    return result, denominator


@kinds
@backgrounds
@variants
def test_stacking_is_the_sum_written_out(kind, on_off, variant):
    parts = [make(kind, seed, on_off, **VARIANTS[variant]) for seed in (1, 2, 3)]
    stacked = Datasets(parts).stack_reduce(name="sum")
    masks = [part.mask_safe.data for part in parts]
    images = [part.mask_safe_image.data for part in parts]
    assert_allclose(stacked.counts.data, sum(p.counts.data * m for p, m in zip(parts, masks, strict=True)))
    exposure = sum(p.exposure.data * m for p, m in zip(parts, images, strict=True))
    assert_allclose(stacked.exposure.data, exposure, rtol=1e-6)
    background = sum(np.asarray(p.background.data) * m for p, m in zip(parts, masks, strict=True))
    if on_off:
        measured = sum(p.counts_off.data * m for p, m in zip(parts, masks, strict=True)) > 0
        assert_allclose(stacked.background.data[measured], background[measured], rtol=1e-6)
    else:
        assert_allclose(stacked.background.data, background, rtol=1e-6)
    assert_array_equal(stacked.mask_safe.data, np.any(masks, axis=0))
    for key in ("psf", "edisp"):
        values, weight = response_sum(parts, key)
        response = getattr(stacked, key)
        assert_allclose(getattr(response, f"{key}_map").data, values, rtol=1e-5, atol=1e-7 * values.max())
        assert_allclose(response.exposure_map.data, weight, rtol=1e-5)
    assert_records(stacked, (1, 2, 3))


def test_stacked_cubes_agree_with_the_peer():
    # oracle: peer 2.1, MapDataset.stack of the same arrays
    stacked = make("wcs", 1, migra_axis=MIGRA).to_masked()
    stacked.stack(make("wcs", 2, migra_axis=MIGRA))
    assert_allclose(stacked.counts.data.sum(), 3605.0)
    assert_allclose(stacked.background.data.sum(dtype=float), 2676.056747317314, rtol=1e-6)
    assert_allclose(stacked.exposure.data.sum(dtype=float), 57131313757184.0, rtol=1e-6)
    on_off = make("wcs", 1, True).to_masked()
    on_off.stack(make("wcs", 2, True))
    assert_allclose(on_off.counts_off.data.sum(), 10464)
    assert_allclose(on_off.acceptance_off.data.sum(), 6216.601228237152, rtol=1e-6)
    assert_allclose(on_off.background.data.sum(), 4523.38435164094, rtol=1e-6)


def test_response_pixels_are_safe_where_a_pixel_beside_their_centre_is():
    geom = WcsGeom.create(skydir=(0, 0), npix=20, binsz=0.1, axes=[ENERGY.squash()])
    dataset = MapDataset.create(geom, binsz_irf=0.2)
    dataset.mask_safe.data[0, 5, 7] = True
    assert np.argwhere(dataset.mask_safe_psf.data[0, 0]).tolist() == [[2, 3]]
    assert np.argwhere(dataset.mask_safe_edisp.data[0, 0]).tolist() == [[2, 3]]


# ---------------------------------------------------------------------- parts


@kinds
@backgrounds
@variants
def test_slices(kind, on_off, variant):
    dataset = make(kind, 1, on_off, **VARIANTS[variant])
    slices = {"energy": slice(1, 3), "energy_true": slice(2, 5), "rad": slice(0, 9), "migra": slice(3, 20)}
    part = dataset.slice_by_idx(slices)
    for (key, whole), small in zip(maps_of(dataset).items(), maps_of(part).values(), strict=True):
        names = whole.geom.axes.names
        single = [axis.nbin == 1 for axis in whole.geom.axes]
        index = tuple(
            slice(None) if one else slices[name]
            for name, one in zip(reversed(names), reversed(single), strict=True)
        )
        assert_array_equal(small.data, whole.data[index], err_msg=key)
    assert_records(part)
    by_energy = dataset.slice_by_energy(2 * u.TeV, 6 * u.TeV)
    assert_array_equal(by_energy.counts.data, dataset.counts.data[1:3])


@pytest.mark.parametrize("kind", ["wcs", "hpx"])
@backgrounds
@variants
def test_cutouts_have_the_values_of_the_whole(kind, on_off, variant):
    dataset = make(kind, 1, on_off, **VARIANTS[variant])
    part = dataset.cutout(PLACE, 0.8 * u.deg)
    for (key, whole), small in zip(maps_of(dataset).items(), maps_of(part).values(), strict=True):
        assert small.data.shape[:-1] <= whole.data.shape[:-1]
        assert 0 < small.data.size <= whole.data.size
        assert_allclose(small.data, whole.get_by_coord(small.geom.get_coord()), err_msg=key)
    assert part.counts.data.size < dataset.counts.data.size / 2
    assert_records(part)


@kinds
@backgrounds
@variants
def test_resampled_energies(kind, on_off, variant):
    dataset = make(kind, 1, on_off, **VARIANTS[variant])
    wide = MapAxis.from_energy_edges(ENERGY.edges[[0, 1, 4]])
    result = dataset.resample_energy_axis(wide)
    safe = dataset.mask_safe.data

    def summed(data):
        data = np.asarray(data, dtype=float) * safe
        return np.stack([data[0], data[1:].sum(axis=0)])

    assert_allclose(result.counts.data, summed(dataset.counts.data))
    expected = summed(dataset.background.data)
    if on_off:
        assert_allclose(result.counts_off.data, summed(dataset.counts_off.data))
        assert_allclose(result.acceptance.data, summed(dataset.acceptance.data), rtol=1e-6)
    assert_allclose(result.background.data, expected, rtol=1e-6)
    assert_array_equal(result.mask_safe.data, np.stack([safe[0], safe[1:].any(axis=0)]))
    assert_array_equal(result.exposure.data, dataset.exposure.data)
    if variant == "migra":
        assert_array_equal(result.edisp.edisp_map.data, dataset.edisp.edisp_map.data)
    else:
        matrix = dataset.edisp.edisp_map.data * dataset.mask_safe_edisp.data.reshape(
            1, 4, *dataset.edisp.edisp_map.data.shape[2:]
        )
        assert_allclose(result.edisp.edisp_map.data[:, 0], matrix[:, 0])
        assert_allclose(result.edisp.edisp_map.data[:, 1], matrix[:, 1:].sum(axis=1))
    assert_records(result)
    image = dataset.to_image()
    assert image.counts.data.shape[0] == 1
    assert_allclose(image.counts.data[0], (dataset.counts.data * safe).sum(axis=0))
    assert_allclose(image.background.data[0], (dataset.background.data * safe).sum(axis=0), rtol=1e-6)
    halves = dataset.downsample(2, axis_name="energy")
    assert_allclose(halves.counts.data.sum(), (dataset.counts.data * safe).sum())
    assert halves.counts.data.shape[0] == 2


@backgrounds
def test_larger_pixels(on_off):
    dataset = make("wcs", 1, on_off)
    result = dataset.downsample(2)
    safe = dataset.mask_safe.data

    def blocks(data):
        return np.asarray(data, dtype=float).reshape(len(data), 8, 2, 10, 2)

    assert_allclose(result.counts.data, blocks(dataset.counts.data * safe).sum(axis=(2, 4)))
    background = blocks(dataset.background.data * safe).sum(axis=(2, 4))
    if on_off:
        measured = result.counts_off.data > 0
        assert_allclose(result.background.data[measured], background[measured], rtol=1e-6)
    else:
        assert_allclose(result.background.data, background, rtol=1e-6)
    assert_allclose(result.exposure.data, blocks(dataset.exposure.data).mean(axis=(2, 4)), rtol=1e-6)
    assert_array_equal(result.mask_safe.data, blocks(safe).any(axis=(2, 4)))
    assert_records(result)


def test_larger_pixels_on_healpix():
    dataset = make("hpx")
    result = dataset.downsample(2)
    counts = dataset.counts * dataset.mask_safe
    assert_allclose(result.counts.data.sum(), counts.data.sum())
    assert result.counts.geom.nside == 128
    coarse = result.counts.geom.to_image().coord_to_idx(dataset.counts.geom.to_image().get_coord())[0]
    expected = np.zeros(result.counts.data.shape)
    local = np.asarray(result.counts.geom.to_image().global_to_local((coarse,))[0])
    np.add.at(expected, (slice(None), local), counts.data)
    assert_allclose(result.counts.data, expected)


def test_pixels_of_regions_are_energies():
    dataset = make("region")
    result = dataset.downsample(2)
    assert result.counts.data.shape == (2, 1, 1)
    assert result.edisp.edisp_map.data.shape == (6, 2, 1, 1)


@pytest.mark.parametrize("kind", ["wcs", "hpx"])
def test_margins(kind):
    dataset = make(kind)
    result = dataset.pad(2)
    assert result.counts.data.size > dataset.counts.data.size
    assert_allclose(result.counts.data.sum(), dataset.counts.data.sum())
    assert result.mask_safe.data.sum() == dataset.mask_safe.data.sum()
    coord = dataset.counts.geom.get_coord()
    assert_array_equal(result.counts.get_by_coord(coord), dataset.counts.data)
    assert_records(result)


def test_no_margins_with_off_counts():
    with pytest.raises(NotImplementedError, match="to_map_dataset"):
        make("wcs", 1, True).pad(2)


# ---------------------------------------------------------------------- regions


@pytest.mark.parametrize("kind", ["wcs", "hpx"])
@backgrounds
@pytest.mark.parametrize("method", ["to_spectrum_dataset", "to_region_map_dataset"])
def test_reduced_to_a_region(kind, on_off, method):
    dataset = everywhere_safe(kind, on_off)
    result = getattr(dataset, method)(REGION, name="part")
    inside = dataset.counts.geom.to_image().region_mask([REGION]).data
    safe = dataset.mask_safe.data

    def summed(map_):
        return (np.asarray(map_.data, dtype=float) * safe)[:, inside].sum(axis=1)

    assert_allclose(result.counts.data.ravel(), summed(dataset.counts))
    assert_allclose(result.background.data.ravel(), summed(dataset.background), rtol=1e-6)
    assert_allclose(result.exposure.data.ravel(), dataset.exposure.data[:, inside].mean(axis=1), rtol=1e-5)
    assert result.mask_safe.data.ravel().tolist() == [False, True, True, True]
    if on_off:
        assert_allclose(result.counts_off.data.ravel(), summed(dataset.counts_off))
        assert_allclose(
            result.acceptance.data.ravel()[1:], dataset.acceptance.data[1:, inside].mean(axis=1), rtol=1e-6
        )
    at_centre = dataset.edisp.get_edisp_kernel(position=PLACE).pdf_matrix
    assert_allclose(result.edisp.get_edisp_kernel().pdf_matrix, at_centre)
    assert (result.psf is None) == (method == "to_spectrum_dataset")
    assert_records(result)


def test_spectra_agree_with_the_peer():
    # oracle: peer 2.1, to_spectrum_dataset of the same arrays
    spectrum = everywhere_safe("wcs").to_spectrum_dataset(REGION, containment_correction=True)
    assert_allclose(spectrum.counts.data.sum(), 97)
    assert_allclose(spectrum.background.data.sum(), 82.34527587890625, rtol=1e-6)
    on_off = everywhere_safe("wcs", True).to_spectrum_dataset(REGION)
    assert_allclose(on_off.counts_off.data.sum(), 326)
    assert_allclose(on_off.alpha.data.sum(), 1.3211815282798467, rtol=1e-6)
    assert_allclose(on_off.acceptance_off.data.sum(), 10.387070261470534, rtol=1e-6)
    with_migra = everywhere_safe("wcs", migra_axis=MIGRA)
    spectrum = with_migra.to_spectrum_dataset(REGION, containment_correction=True)
    assert_allclose(spectrum.exposure.data.sum(dtype=float), 89144424448.0, rtol=1e-4)
    assert_allclose(spectrum.edisp.edisp_map.data.sum(), 92.77766826769832, rtol=1e-6)


def test_containment_needs_true_energies():
    with pytest.raises(DataError, match="true energy"):
        everywhere_safe("wcs", reco_psf=True).to_spectrum_dataset(REGION, containment_correction=True)


def test_region_of_a_region():
    dataset = everywhere_safe("region")
    spectrum = dataset.to_spectrum_dataset(GEOMS["region"].region)
    assert_allclose(spectrum.counts.data, dataset.counts.data * dataset.mask_safe.data)
    with pytest.raises(GeometryError, match="inside"):
        dataset.to_spectrum_dataset(REGION)


# ---------------------------------------------------------------------- files


@kinds
@backgrounds
@pytest.mark.parametrize(("variant", "how"), [("kernel", "lazy"), ("migra", "list"), ("reco_psf", "fits")])
def test_files(kind, on_off, variant, how, tmp_path):
    dataset = make(kind, 1, on_off, **VARIANTS[variant])
    dataset.mask_fit = dataset.counts.geom.energy_mask(2 * u.TeV)
    if how == "list":
        Datasets([dataset]).write(tmp_path / "all.yaml", checksum=True)
        again = Datasets.read(tmp_path / "all.yaml")[0]
    else:
        dataset.write(tmp_path / "one.fits", checksum=True)
        again = type(dataset).read(tmp_path / "one.fits", lazy=how == "lazy", checksum=True)
    assert type(again) is type(dataset)
    assert again.name == dataset.name
    assert again.stat_type == dataset.stat_type
    before, after = maps_of(dataset), maps_of(again)
    assert list(before) == list(after)
    for key, map_ in before.items():
        assert_allclose(after[key].data, map_.data, rtol=1e-6, err_msg=key)
        assert after[key].unit == map_.unit
        assert after[key].data.dtype.kind == map_.data.dtype.kind
        assert after[key].geom.axes == map_.geom.axes
    assert_records(again)
    assert_allclose(again.info_dict()["stat_sum"], dataset.info_dict()["stat_sum"])


# ---------------------------------------------------------------------- summary and residuals


@kinds
@backgrounds
def test_summary(kind, on_off):
    dataset = make(kind, 1, on_off)
    for in_safe_range in (True, False):
        info = dataset.info_dict(in_safe_data_range=in_safe_range)
        safe = dataset.mask_safe.data if in_safe_range else np.ones_like(dataset.mask_safe.data)
        assert info["counts"] == (dataset.counts.data * safe).sum()
        assert_allclose(
            info["background"], (np.asarray(dataset.background.data, float) * safe).sum(), rtol=1e-6
        )
        assert info["livetime"] == 1800 * u.s
        assert info["ontime"] == 1800 * u.s
        assert info["n_bins"] == dataset.counts.data.size
        assert info["n_fit_bins"] == dataset.mask_safe.data.sum()
        assert_allclose(info["counts_rate"].to_value("s-1"), info["counts"] / 1800)
        if on_off:
            assert info["counts_off"] == (dataset.counts_off.data * safe).sum()
            assert_allclose(info["alpha"] * info["counts_off"], info["background"])
    assert dataset.name in str(dataset)


@kinds
@backgrounds
def test_residuals(kind, on_off):
    dataset = make(kind, 1, on_off)
    predicted, safe = dataset.npred().data, dataset.mask_safe.data
    difference = dataset.counts.data - predicted
    assert_allclose(dataset.residuals().data[safe], difference[safe], rtol=1e-6)
    assert_allclose(
        dataset.residuals("diff/sqrt(model)").data[safe], (difference / np.sqrt(predicted))[safe], rtol=1e-6
    )
    assert np.isnan(dataset.residuals("diff/model").data[~safe]).all()


def test_a_list_of_everything(tmp_path):
    spectrum = everywhere_safe("wcs").to_spectrum_dataset(REGION, name="spectrum")
    spectrum.mask_fit = spectrum.counts.geom.energy_mask(2 * u.TeV)
    measured = everywhere_safe("wcs", True).to_spectrum_dataset(REGION, name="measured")
    kinds = [spectrum, measured, make("wcs", 1), make("hpx", 2), make("wcs", 3, True), make("region", 4)]
    Datasets(kinds).write(tmp_path / "all.yaml")
    again = Datasets.read(tmp_path / "all.yaml")
    assert again.names == ["spectrum", "measured", "d1", "d2", "d3", "d4"]
    for one, other in zip(kinds, again, strict=True):
        assert type(one) is type(other)
        assert type(one.counts.geom) is type(other.counts.geom)
        assert_allclose(other.counts.data, one.counts.data)
    assert_array_equal(again["spectrum"].mask_fit.data, spectrum.mask_fit.data)


@pytest.mark.parametrize(
    "derive",
    [
        lambda d: d.slice_by_idx({"energy": slice(0, 4)}),
        lambda d: d.slice_by_energy("1 TeV", "10 TeV"),
        lambda d: MapDatasetOnOff.from_map_dataset(d, acceptance=1, acceptance_off=4),
        lambda d: MapDatasetOnOff.from_map_dataset(d, acceptance=1, acceptance_off=4).to_map_dataset(),
    ],
)
def test_stacking_leaves_relatives_alone(derive):
    dataset = make("wcs")
    before = {key: map_.data.copy() for key, map_ in maps_of(dataset).items()}
    derived = derive(dataset)
    kept = {key: map_.data.copy() for key, map_ in maps_of(derived).items()}
    derived.stack(derived.copy(name="other"))
    for key, data in before.items():
        assert_array_equal(maps_of(dataset)[key].data, data, err_msg=key)
    # nor does stacking on the original change what was made of it
    derived = derive(dataset)
    dataset.stack(make("wcs", 2))
    for key, data in kept.items():
        assert_array_equal(maps_of(derived)[key].data, data, err_msg=key)
