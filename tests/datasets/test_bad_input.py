"""What datasets do with input that is wrong: refuse it with words, or log how it is taken."""

import gc
import logging
import pickle
import weakref

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from numpy.testing import assert_array_equal

from geminga.datasets import Datasets, MapDataset, MapDatasetOnOff
from geminga.errors import AxisMismatchError, DataError, GeometryError, UnitError, UnknownNameError
from geminga.irf import EDispKernelMap, EDispMap, PSFMap
from geminga.maps import Map, MapAxis, RegionGeom, WcsGeom
from geminga.modeling import Fit
from geminga.modeling.models import FoVBackgroundModel, PointSpatialModel, PowerLawSpectralModel, SkyModel

ENERGY = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=4)
TRUE = MapAxis.from_energy_bounds("0.5 TeV", "20 TeV", nbin=6, name="energy_true")
GEOM = WcsGeom.create(skydir=(83.63, 22.01), npix=(20, 16), binsz=0.1, axes=[ENERGY])
FAR = WcsGeom.create(skydir=(200, -30), npix=4, binsz=0.5)


def source(**kwargs):
    spectrum = PowerLawSpectralModel(amplitude="1e-12 cm-2 s-1 TeV-1")
    return SkyModel(
        spectrum, PointSpatialModel(lon_0="83.63 deg", lat_0="22.01 deg"), name="source", **kwargs
    )


@pytest.fixture
def dataset():
    dataset = MapDataset.create(GEOM, energy_axis_true=TRUE, binsz_irf=0.2, name="sky")
    dataset.counts.data = np.random.default_rng(0).poisson(2, size=dataset.data_shape).astype("float32")
    dataset.background.data += 1.5
    dataset.exposure.data += 3e10
    dataset.psf = PSFMap.from_gauss(TRUE, sigma="0.1 deg")
    dataset.edisp = EDispKernelMap.from_gauss(ENERGY, TRUE, 0.2, 0)
    dataset.mask_safe.data[...] = True
    dataset.models = [source(), FoVBackgroundModel(dataset_name="sky")]
    return dataset


# ---------------------------------------------------------------------- responses that do not fit


def test_checks_keep_no_part_alive(dataset, tmp_path):
    dataset.npred()
    old = weakref.ref(dataset.psf)
    dataset.psf = None
    gc.collect()
    assert old() is None
    dataset.write(tmp_path / "sky.fits")
    lazy = MapDataset.read(tmp_path / "sky.fits", lazy=True, cache=False)
    lazy.npred()
    gc.collect()
    kept = [value for value in vars(lazy).values() if isinstance(value, Map | tuple)]
    assert not kept
    pickle.loads(pickle.dumps(dataset)).npred()  # noqa: S301


@pytest.mark.parametrize("name", ["psf", "edisp"])
def test_response_of_another_place_is_logged(dataset, name, caplog):
    response = {
        "psf": PSFMap.from_gauss(TRUE, sigma="0.1 deg", geom=FAR),
        "edisp": EDispKernelMap.from_gauss(ENERGY, TRUE, 0.2, 0, geom=FAR),
    }[name]
    expected = dataset.npred().data
    assert not caplog.messages
    setattr(dataset, name, response)
    np.testing.assert_allclose(dataset.npred().data, expected, rtol=1e-5)
    assert len(caplog.messages) == 1
    assert "'sky'" in caplog.text
    assert "does not cover" in caplog.text
    dataset.npred()
    assert len(caplog.messages) == 1


@pytest.mark.parametrize("method", ["npred", "npred_signal", "stat_sum", "stat_array", "fit", "list"])
def test_energy_dispersion_on_other_axes(dataset, method):
    dataset.edisp = EDispKernelMap.from_gauss(ENERGY.downsample(2), TRUE, 0.2, 0)
    calls = {"fit": lambda: Fit().run([dataset]), "list": lambda: Datasets([dataset]).stat_sum()}
    with pytest.raises(AxisMismatchError, match=r"'sky'.*2 bins of 'energy'.*4 bins of 'energy'"):
        calls.get(method, getattr(dataset, method, None))()


@pytest.mark.parametrize("kind", ["migra", "kernel"])
def test_energy_dispersion_on_other_true_energies(dataset, kind):
    other = MapAxis.from_energy_bounds("0.5 TeV", "20 TeV", nbin=9, name="energy_true")
    dataset.edisp = (
        EDispMap.from_diagonal_response(other)
        if kind == "migra"
        else EDispKernelMap.from_gauss(ENERGY, other, 0.2, 0)
    )
    with pytest.raises(AxisMismatchError, match=r"9 bins of 'energy_true'.*6 bins of 'energy_true'"):
        dataset.npred()


@pytest.mark.parametrize("place", [(83.63, 22.01), (200, -30)])
def test_exposure_on_other_pixels(dataset, place):
    n_pixels = (6, 6) if place[0] < 100 else (20, 16)
    geom = WcsGeom.create(skydir=place, npix=n_pixels, binsz=0.1, axes=[TRUE])
    dataset.exposure = Map.from_geom(geom, data=1e10, unit="m2 s")
    with pytest.raises(GeometryError, match=r"exposure of dataset 'sky'.*20 x 16 pixels around 83.63 22.01"):
        dataset.npred()


def test_no_exposure_predicts_nothing(dataset):
    dataset.exposure.data[...] = 0
    assert dataset.npred_signal().data.sum() == 0
    dataset.exposure = None
    with pytest.raises(DataError, match="exposure of dataset 'sky'"):
        dataset.npred()


# ---------------------------------------------------------------------- background, masks, missing values


def test_empty_background(dataset):
    dataset.background.data[...] = 0
    assert np.isfinite(dataset.stat_sum())
    assert dataset.npred_background().data.sum() == 0
    dataset.background = None
    with pytest.raises(DataError, match="background of dataset 'sky'"):
        dataset.stat_sum()
    dataset.models = [source()]
    assert dataset.npred().data.sum() == pytest.approx(dataset.npred_signal().data.sum())


def test_negative_background_is_logged(dataset, caplog):
    dataset.background.data[1, 3, 3] = -50
    assert dataset.npred_background().data[1, 3, 3] == -50
    assert "negative in 1 bins" in caplog.text
    assert dataset.npred().data[1, 3, 3] == 0
    assert dataset.npred().data.min() == 0
    assert np.isfinite(dataset.stat_sum())


def test_nothing_safe(dataset, caplog):
    dataset.mask_safe.data[...] = False
    assert dataset.stat_sum() == 0
    assert dataset.info_dict()["counts"] == 0
    assert dataset.to_image().counts.data.sum() == 0
    assert np.isnan(dataset.energy_range_total[0])
    assert not Datasets([dataset]).contributes_to_stat.any()
    assert np.isnan(dataset.residuals().data).all()
    other = dataset.copy(name="other")
    other.mask_safe.data[...] = True
    total = Datasets([other, dataset]).stack_reduce()
    assert_array_equal(total.counts.data, other.counts.data)
    assert "Dataset 'sky' has no safe bin" in caplog.text


def test_fit_of_nothing(dataset):
    dataset.mask_safe.data[...] = False
    with pytest.raises(DataError, match="must have a usable bin for a fit, got none in sky"):
        Fit().run([dataset])


def test_missing_values(dataset, caplog):
    expected = dataset.stat_sum()
    dataset.background = dataset.background.copy()
    dataset.background.data[1, 3, 3] = dataset.counts.data[1, 3, 3] = dataset.exposure.data[:, 3, 3] = np.nan
    assert np.isfinite(dataset.npred().data).all()
    assert dataset.stat_sum() == pytest.approx(expected, abs=20)
    assert "not finite in 1 bins" in caplog.text
    info = dataset.info_dict()
    assert info["counts"] == np.nansum(dataset.counts.data)
    assert np.isfinite(info["background"])
    for part in (dataset.to_image(), dataset.downsample(2), dataset.to_masked()):
        assert part.data_shape[-1] in (10, 20)
    stacked = dataset.to_masked()
    assert np.isfinite(stacked.counts.data).all()
    assert np.isfinite(stacked.exposure.data).all()
    assert np.isnan(dataset.to_masked(nan_to_num=False).counts.data).sum() == 1


# ---------------------------------------------------------------------- stacking


def unchanged(dataset):
    return {
        key: getattr(dataset, key).data.copy() for key in ("counts", "background", "exposure", "mask_safe")
    }


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (
            lambda: MapDataset.create(
                GEOM.to_image().to_cube([MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=5)]),
                energy_axis_true=TRUE,
            ),
            AxisMismatchError,
            "'sky' and 'other'.*4 bins of 'energy'.*5 bins of 'energy'",
        ),
        (
            lambda: MapDataset.create(GEOM, energy_axis_true=TRUE.downsample(2)),
            AxisMismatchError,
            "6 bins of 'energy_true' from 0.5 TeV to 20 TeV and 3 bins",
        ),
        (
            lambda: MapDataset.create(GEOM, energy_axis_true=TRUE, reco_psf=True),
            AxisMismatchError,
            r"\['rad', 'energy_true'\] and \['rad', 'energy'\]",
        ),
        (
            lambda: MapDataset.create(
                WcsGeom.create(skydir=(83.63, 22.01), npix=(20, 16), binsz=0.13, axes=[ENERGY]),
                energy_axis_true=TRUE,
            ),
            GeometryError,
            "pixel grid",
        ),
        (
            lambda: MapDataset.create(RegionGeom.create("icrs;circle(83.63, 22.01, 0.3)", axes=[ENERGY])),
            GeometryError,
            "WcsGeom and RegionGeom",
        ),
        (
            lambda: MapDatasetOnOff.create(GEOM, energy_axis_true=TRUE),
            DataError,
            "MapDataset and MapDatasetOnOff",
        ),
    ],
)
def test_datasets_that_cannot_be_stacked(dataset, make, error, words):
    other = make().copy(name="other")
    other.mask_safe.data[...] = True
    before = unchanged(dataset)
    with pytest.raises(error, match=words):
        dataset.stack(other)
    for key, data in before.items():
        assert_array_equal(getattr(dataset, key).data, data, err_msg=key)


def test_units_are_converted_when_stacking(dataset):
    other = dataset.copy(name="other")
    other.exposure = Map.from_geom(other.exposure.geom, data=other.exposure.data * 1e4, unit="cm2 s")
    before = dataset.exposure.data.copy()
    dataset.psf, other.psf = None, None
    dataset.stack(other)
    np.testing.assert_allclose(dataset.exposure.data, 2 * before, rtol=1e-6)


# ---------------------------------------------------------------------- names and units


def test_models_of_datasets_that_do_not_exist(dataset, caplog):
    datasets = Datasets([dataset])
    with caplog.at_level(logging.WARNING):
        datasets.models = [source(datasets_names=["sly"]), FoVBackgroundModel(dataset_name="sky")]
    assert len(caplog.messages) == 1
    assert "Model 'source'" in caplog.text
    assert "['sly']" in caplog.text
    assert "['sky']" in caplog.text
    assert datasets.models.names == ["sky-bkg"]


def test_unknown_names(dataset):
    with pytest.raises(UnknownNameError, match="source"):
        dataset.npred_signal(model_names=["sauce"])
    with pytest.raises(UnknownNameError, match="energy_true"):
        dataset.slice_by_idx({"energy_tru": slice(0, 1)})
    with pytest.raises(UnknownNameError, match="diff/model"):
        dataset.residuals("ratio")
    with pytest.raises(AxisMismatchError, match="'energy'"):
        MapDataset.create(GEOM.to_image())
    with pytest.raises(AxisMismatchError, match="energy_true"):
        MapDataset.create(GEOM, energy_axis_true=ENERGY)


@pytest.mark.parametrize(("name", "unit"), [("exposure", "m2"), ("background", "s-1"), ("counts", "TeV")])
def test_wrong_units(dataset, name, unit):
    part = getattr(dataset, name)
    setattr(dataset, name, Map.from_geom(part.geom, data=part.data, unit=unit))
    with pytest.raises(UnitError, match=f"{name} of dataset 'sky'"):
        dataset.npred()
    with pytest.raises(UnitError, match="energy must have a unit"):
        dataset.slice_by_energy("1 m", "2 m")
    with pytest.raises(UnitError, match="binsz_irf"):
        MapDataset.create(GEOM, binsz_irf="3 TeV")


def test_parts_of_the_sky_that_are_not_there(dataset):
    with pytest.raises(GeometryError, match="overlap"):
        dataset.cutout(SkyCoord(200, 0, unit="deg"), 1 * u.deg)
    with pytest.raises(GeometryError, match="factor 7"):
        dataset.downsample(7)
