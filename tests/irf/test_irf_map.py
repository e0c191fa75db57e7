"""What all response maps have in common: axes, exposure, parts, averages."""

import numpy as np
import pytest
from astropy.coordinates import SkyCoord

from geminga.errors import AxisMismatchError
from geminga.irf import EDispKernelMap, EDispMap, PSFMap, RecoPSFMap
from geminga.maps import Map, MapAxis, RegionNDMap, WcsGeom

CENTER = SkyCoord(83, 22, unit="deg")


def test_axes_are_checked(psf_map):
    for cls in (EDispMap, EDispKernelMap, RecoPSFMap):
        with pytest.raises(AxisMismatchError, match="rad"):
            cls(psf_map.psf_map)
    with pytest.raises(AxisMismatchError, match="exposure"):
        PSFMap(psf_map.psf_map, psf_map.psf_map)


@pytest.mark.parametrize(
    ("cls", "names", "unit"),
    [
        (PSFMap, ["rad", "energy_true"], "sr-1"),
        (RecoPSFMap, ["rad", "energy"], "sr-1"),
        (EDispMap, ["migra", "energy_true"], ""),
        (EDispKernelMap, ["energy", "energy_true"], ""),
    ],
)
def test_from_geom(cls, names, unit):
    axes = [
        MapAxis.from_bounds(0.1, 1, nbin=n, name=name, unit="TeV" if "en" in name else "")
        for n, name in enumerate(names, 2)
    ]
    irf = cls.from_geom(WcsGeom.create(npix=3, axes=axes))
    assert irf._irf_map.data.shape == (3, 2, 3, 3)
    assert not irf._irf_map.data.any()
    assert irf._irf_map.unit == unit
    assert irf.exposure_map.data.shape == (3, 1, 3, 3)
    assert irf.exposure_map.unit == "m2 s"
    assert not irf.mask_safe_image.data.any()


def test_mask_and_single_bin(psf_map, region_psf_map):
    assert psf_map.mask_safe_image.data.tolist() == [[False, True, True, True, True]] * 4
    assert not psf_map.has_single_spatial_bin
    assert region_psf_map.has_single_spatial_bin
    assert PSFMap(psf_map.psf_map).mask_safe_image.data.all()


def test_copy_shares_nothing(psf_map):
    other = psf_map.copy()
    other.psf_map.data[...] = 0
    other.exposure_map.data[...] = 0
    assert psf_map.psf_map.data.any()
    assert psf_map.exposure_map.data.any()


def test_cutout(psf_map):
    part = psf_map.cutout(CENTER, "1.5 deg")
    assert part.psf_map.data.shape[-2:] == part.exposure_map.data.shape[-2:]
    assert part.psf_map.data.shape[-2] < 4 or part.psf_map.data.shape[-1] < 5
    assert part.psf_map.data[1, 3].max() in psf_map.psf_map.data[1, 3]


def test_cutout_of_a_region_is_a_copy(region_psf_map):
    part = region_psf_map.cutout(CENTER, "1 deg")
    part.psf_map.data[...] = 0
    assert region_psf_map.psf_map.data.any()


def test_slice_by_idx(psf_map):
    part = psf_map.slice_by_idx({"energy_true": slice(1, 3)})
    assert part.psf_map.data.shape == (2, 60, 4, 5)
    np.testing.assert_allclose(part.exposure_map.data, psf_map.exposure_map.data[1:])
    part = psf_map.slice_by_idx({"rad": slice(0, 10)})
    assert part.psf_map.data.shape == (3, 10, 4, 5)
    assert part.exposure_map.data.shape == (3, 1, 4, 5)
    np.testing.assert_allclose(part.exposure_map.geom.axes["rad"].edges.value, [0, 0.1])


def test_downsample_pixels_is_weighted_with_exposure(psf_map):
    even = WcsGeom.create(npix=(4, 4), binsz=0.5, skydir=(83, 22), axes=psf_map.psf_map.geom.axes)
    psf = PSFMap(
        Map.from_geom(even, data=psf_map.psf_map.data[..., :4], unit="sr-1"),
        Map.from_geom(even.squash("rad"), data=psf_map.exposure_map.data[..., :4], unit="m2 s"),
    )
    half = psf.downsample(2)
    e, p = psf.exposure_map.data, psf.psf_map.data
    expected = (e[1, 0, :2, 2:] * p[1, 7, :2, 2:]).sum() / e[1, 0, :2, 2:].sum()
    np.testing.assert_allclose(half.psf_map.data[1, 7, 0, 1], expected)
    np.testing.assert_allclose(half.exposure_map.data[1, 0, 0, 1], e[1, 0, :2, 2:].mean())
    # the column without exposure does not count
    np.testing.assert_allclose(
        half.psf_map.data[1, 7, 0, 0], (e[1, 0, :2, 1] * p[1, 7, :2, 1]).sum() / e[1, 0, :2, 1].sum()
    )


def test_downsample_axes(psf_map, edisp_map):
    wide = psf_map.downsample(2, axis_name="rad")
    np.testing.assert_allclose(wide.psf_map.data[:, 0], psf_map.psf_map.data[:, :2].mean(axis=1))
    np.testing.assert_allclose(wide.exposure_map.data, psf_map.exposure_map.data)
    wide = edisp_map.downsample(2, axis_name="energy_true")
    e, d = edisp_map.exposure_map.data, edisp_map.edisp_map.data
    expected = (e[:2, 0, 1, 2] * d[:2, 100, 1, 2]).sum() / e[:2, 0, 1, 2].sum()
    np.testing.assert_allclose(wide.edisp_map.data[0, 100, 1, 2], expected)
    kernels = edisp_map.to_edisp_kernel_map(MapAxis.from_energy_bounds("0.1 TeV", "10 TeV", nbin=6))
    wide = kernels.downsample(3, axis_name="energy")
    np.testing.assert_allclose(wide.edisp_map.data[:, 0], kernels.edisp_map.data[:, :3].sum(axis=1))
    assert wide.exposure_map.data.shape == (4, 1, 3, 4)


def test_to_region_is_weighted_with_exposure(psf_map):
    region = psf_map.to_region_nd_map("icrs;circle(83, 22, 0.6)")
    assert isinstance(region.psf_map, RegionNDMap)
    mask = psf_map.psf_map.geom.to_image().region_mask(["icrs;circle(83, 22, 0.6)"]).data
    assert mask.sum() > 2
    e, p = psf_map.exposure_map.data[..., mask], psf_map.psf_map.data[..., mask]
    np.testing.assert_allclose(region.psf_map.data[..., 0, 0], (e * p).sum(-1) / e.sum(-1))
    np.testing.assert_allclose(region.exposure_map.data[..., 0, 0], e.mean(-1))


def test_to_region_of_a_point_or_a_small_circle(psf_map):
    position = SkyCoord(83.05, 22.2, unit="deg")
    row, column = (int(i[0]) for i in psf_map.psf_map.geom.to_image().coord_to_idx(position)[::-1])
    for region in (position, "icrs;circle(83.05, 22.2, 0.001)"):
        spectrum = psf_map.to_region_nd_map(region)
        np.testing.assert_allclose(spectrum.psf_map.data[..., 0, 0], psf_map.psf_map.data[..., row, column])
        np.testing.assert_allclose(
            spectrum.exposure_map.data[..., 0, 0], psf_map.exposure_map.data[..., row, column]
        )


def test_to_region_without_exposure(psf_map):
    spectrum = PSFMap(psf_map.psf_map).to_region_nd_map("icrs;circle(83, 22, 0.6)")
    assert spectrum.exposure_map is None


def test_text(psf_map):
    text = str(psf_map)
    assert "PSFMap" in text
    assert "m2 s" in text
    assert "<table>" in psf_map._repr_html_()
    assert "none" in str(PSFMap(psf_map.psf_map))
