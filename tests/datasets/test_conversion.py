"""Spectra of regions, and on-off datasets with or from an ordinary background."""

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from numpy.testing import assert_allclose
from regions import CircleSkyRegion, PointSkyRegion, RectangleSkyRegion

from geminga.datasets import MapDataset, MapDatasetOnOff
from geminga.errors import DataError, GeometryError
from geminga.maps import Map, MapAxis, WcsGeom

CENTRE = SkyCoord(83, 22, unit="deg")
REGION = CircleSkyRegion(CENTRE, 0.3 * u.deg)


@pytest.fixture
def cube():
    energy = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=3)
    true = MapAxis.from_energy_bounds("0.5 TeV", "20 TeV", nbin=4, name="energy_true")
    geom = WcsGeom.create(skydir=(83, 22), width=2, binsz=0.1, axes=[energy])
    dataset = MapDataset.create(geom, energy_axis_true=true, name="cube")
    dataset.exposure.data = dataset.exposure.data + 2e9
    dataset.exposure.meta = {"livetime": 3 * u.h}
    dataset.counts.data = np.random.default_rng(0).poisson(2, size=(3, 20, 20)).astype("f4")
    dataset.background.data += 2
    dataset.psf.exposure_map.data += 2e9
    dataset.edisp.exposure_map.data += 2e9
    dataset.edisp.edisp_map.data[...] = 0.25
    dataset.mask_safe.data[1:] = True
    dataset.mask_fit = geom.energy_mask(2 * u.TeV)
    return dataset


@pytest.fixture
def on_off_cube(cube):
    geom = cube.counts.geom
    maps = {
        name: Map.from_geom(geom, data=np.full((3, 20, 20), value))
        for name, value in (("counts_off", 5.0), ("acceptance", 1.0), ("acceptance_off", 4.0))
    }
    return MapDatasetOnOff.from_map_dataset(cube, name="onoff", **maps)


@pytest.mark.parametrize("method", ["to_spectrum_dataset", "to_region_map_dataset"])
def test_region(cube, method):
    spectrum = getattr(cube, method)(REGION, name="region")
    # oracle: peer 2.1, to_spectrum_dataset with the same arrays
    assert spectrum.name == "region"
    assert_allclose(spectrum.counts.data.ravel(), [0, 54, 57])
    assert_allclose(spectrum.background.data.ravel(), [0, 64, 64])
    assert spectrum.mask_safe.data.ravel().tolist() == [False, True, True]
    assert spectrum.mask_fit.data.dtype == bool
    assert_allclose(spectrum.exposure.data.ravel(), 2e9)
    assert_allclose(spectrum.edisp.edisp_map.data, 0.25)
    assert_allclose(spectrum.edisp.exposure_map.data, 2e9)
    assert spectrum.exposure.meta["livetime"] == 3 * u.h
    assert (spectrum.psf is None) == (method == "to_spectrum_dataset")


def test_exposure_is_the_mean_over_the_region(cube):
    gradient = np.arange(400.0).reshape(20, 20)
    cube.exposure.data = np.broadcast_to(gradient, (4, 20, 20)).copy()
    inside = cube.counts.geom.to_image().region_mask([REGION]).data
    assert inside.sum() == 32
    assert_allclose(cube.to_spectrum_dataset(REGION).exposure.data.ravel(), gradient[inside].mean())


def test_containment_correction(cube):
    from geminga.irf import PSFMap

    cube.psf = PSFMap.from_gauss(cube.exposure.geom.axes["energy_true"], sigma=0.2 * u.deg)
    ratio = cube.to_spectrum_dataset(REGION, containment_correction=True).exposure.data / 2e9
    # Analytic: 1 - exp(-r^2 / 2 sigma^2), up to the bins of the table.
    assert_allclose(ratio.ravel(), 1 - np.exp(-0.5 * (0.3 / 0.2) ** 2), rtol=5e-3)
    # oracle: peer 2.1
    assert_allclose(ratio.ravel(), 0.675494, rtol=1e-3)
    with pytest.raises(GeometryError, match="circle"):
        cube.to_spectrum_dataset(
            RectangleSkyRegion(CENTRE, 0.3 * u.deg, 0.3 * u.deg), containment_correction=True
        )
    cube.psf = None
    with pytest.raises(DataError, match="PSF"):
        cube.to_spectrum_dataset(REGION, containment_correction=True)


def test_point_region(cube):
    spectrum = cube.to_spectrum_dataset(PointSkyRegion(SkyCoord(83.06, 22.06, unit="deg")))
    assert spectrum.counts.data.ravel()[0] == 0
    assert_allclose(spectrum.background.data.ravel(), [0, 2, 2])


def test_unsuitable_regions(cube):
    with pytest.raises(GeometryError, match="inside"):
        cube.to_spectrum_dataset(CircleSkyRegion(SkyCoord(84, 22, unit="deg"), 0.3 * u.deg))
    cube.mask_safe.data[1, :, :10] = False
    with pytest.raises(GeometryError, match="same all over"):
        cube.to_spectrum_dataset(REGION)


def test_on_off_region(on_off_cube):
    spectrum = on_off_cube.to_spectrum_dataset(REGION)
    # oracle: peer 2.1, where the acceptance of masked bins is NaN
    assert type(spectrum).__name__ == "SpectrumDatasetOnOff"
    assert_allclose(spectrum.counts.data.ravel(), [0, 54, 57])
    assert_allclose(spectrum.counts_off.data.ravel(), [0, 160, 160])
    assert_allclose(spectrum.acceptance.data.ravel(), [0, 1, 1])
    assert_allclose(spectrum.acceptance_off.data.ravel(), [0, 4, 4])
    assert_allclose(spectrum.background.data.ravel(), [0, 40, 40])


def test_on_off_from_and_to_map_dataset(cube, on_off_cube):
    assert on_off_cube.models is None
    assert on_off_cube.mask_fit is cube.mask_fit
    assert_allclose(on_off_cube.background.data.sum(), 1500)
    numbers = MapDatasetOnOff.from_map_dataset(cube, acceptance=1, acceptance_off=4)
    assert_allclose(numbers.counts_off.data, 8)
    back = numbers.to_map_dataset(name="back")
    assert type(back) is MapDataset
    assert_allclose(back.background.data, 2)
    assert back.psf is cube.psf


# ---------------------------------------------------------------------- pixels


def test_downsample(cube):
    new = cube.downsample(2)
    # oracle: peer 2.1
    assert new.counts.data.shape == (3, 10, 10)
    assert_allclose([new.counts.data.sum(), new.background.data.sum()], [1539, 1600])
    assert new.mask_safe.data.sum(axis=(1, 2)).tolist() == [0, 100, 100]
    assert_allclose(new.exposure.data, 2e9)
    assert new.psf.psf_map.data.shape == cube.psf.psf_map.data.shape


def test_downsample_on_off(on_off_cube):
    new = on_off_cube.downsample(2)
    assert_allclose([new.counts_off.data.sum(), new.background.data.sum()], [4000, 1000])
    assert_allclose(new.acceptance.data, 1)
    assert_allclose(new.acceptance_off.data[1:], 4)


def test_pad(cube):
    new = cube.pad(2)
    # oracle: peer 2.1
    assert new.counts.data.shape == (3, 24, 24)
    assert new.exposure.data.min() == 0
    assert new.mask_safe.data.sum() == cube.mask_safe.data.sum() == 800
    assert new.mask_fit.data.sum() == 800


def test_cutout_and_stack(cube):
    part = cube.cutout(CENTRE, 1 * u.deg, name="part")
    # oracle: peer 2.1
    assert part.counts.data.shape == (3, 10, 10)
    assert part.psf.psf_map.data.shape == (4, 66, 5, 5)
    assert part.edisp.edisp_map.data.shape == (4, 3, 5, 5)
    whole = MapDataset.create(cube.counts.geom, energy_axis_true=cube.exposure.geom.axes["energy_true"])
    whole.stack(part)
    assert_allclose(whole.counts.data.sum(), 359)
    assert whole.mask_safe.data.sum() == 200
    assert whole.mask_fit.data.shape == whole.counts.data.shape
    assert whole.mask_fit.data.sum() == 200
    assert_allclose(whole.exposure.data.sum(), 8e11)


def test_to_image(cube):
    image = cube.to_image()
    # oracle: peer 2.1
    assert_allclose([image.counts.data.sum(), image.background.data.sum()], [1539, 1600])
    assert image.mask_safe.data.sum() == image.mask_fit.data.sum() == 400
    assert_allclose(image.edisp.edisp_map.data[0, :, 0, 0], 0.5)


def test_masks_on_responses(cube):
    assert cube.mask_safe_edisp.data.shape == (1, 3, 10, 10)
    assert cube.mask_safe_edisp.data[0, :, 0, 0].tolist() == [False, True, True]
    assert cube.mask_safe_psf.data.shape == (1, 1, 10, 10)
    assert cube.mask_safe_psf.data.all()


def test_energy_range_of_a_cube(cube):
    low, high = cube.energy_range
    assert low.data.shape == (20, 20)
    assert_allclose(low.data, 10 ** (1 / 3))
    assert_allclose(high.data, 10)
    cube.mask_fit.data[:, 0, 0] = False
    assert np.isnan(cube.energy_range[0].data[0, 0])
    assert_allclose(u.Quantity(cube.energy_range_total).to_value("TeV"), [10 ** (1 / 3), 10])


def test_cube_round_trip(cube, tmp_path):
    cube.write(tmp_path / "cube.fits")
    for lazy in (False, True):
        back = MapDataset.read(tmp_path / "cube.fits", lazy=lazy)
        assert_allclose(back.counts.data, cube.counts.data)
        assert back.mask_safe.data.dtype == bool
        assert back.exposure.meta["livetime"] == 3 * u.h
        assert back.psf.psf_map.geom.axes.names == ["rad", "energy_true"]
        assert back.info_dict(in_safe_data_range=False)["background"] == cube.background.data.sum()


def test_on_off_cube_round_trip_in_a_list(on_off_cube, tmp_path):
    from geminga.datasets import Datasets

    Datasets([on_off_cube]).write(tmp_path / "list.yaml")
    for lazy in (True, False):
        back = Datasets.read(tmp_path / "list.yaml", lazy=lazy)[0]
        assert_allclose(back.counts_off.data, 5)
        assert_allclose(back.background.data.sum(), 1500)
    on_off_cube.counts_off = None
    on_off_cube.write(tmp_path / "no-off.fits")
    assert MapDatasetOnOff.read(tmp_path / "no-off.fits").counts_off is None
