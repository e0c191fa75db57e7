"""Geometries and maps that are dropped leave nothing behind: no cache keeps them alive."""

import gc
import tracemalloc
import weakref

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from regions import CircleSkyRegion

from geminga.maps import HpxGeom, Map, MapAxis, RegionGeom, TimeMapAxis, WcsGeom

CENTER = SkyCoord(83.63, 22.01, unit="deg")
CIRCLE = CircleSkyRegion(CENTER, 0.5 * u.deg)


def energy_axis():
    return MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=3)


def regular():
    return WcsGeom.create(npix=(60, 50), binsz=0.1, skydir=CENTER, proj="TAN", axes=[energy_axis()])


def irregular():
    return WcsGeom.create(
        npix=([60, 40, 20],) * 2, binsz=[0.1, 0.15, 0.3], skydir=CENTER, axes=[energy_axis()]
    )


def healpix():
    return HpxGeom.create(nside=64, skydir=CENTER, width="30 deg", axes=[energy_axis()])


def region():
    return RegionGeom.create(CIRCLE, axes=[energy_axis()])


def use(geom):
    """Ask for everything that a geometry or its map may keep for later."""
    m = Map.from_geom(geom, data=1.0)
    coords = geom.get_coord(sparse=True)
    geom.solid_angle(), geom.bin_volume(), geom.contains(coords), geom.separation(CENTER)
    m.interp_by_coord(coords) if geom.is_regular else m.get_by_coord(coords)
    m.sum_over_axes() if geom.is_regular else None
    m.to_region_nd_map(CircleSkyRegion(CENTER, 10 * u.deg)) if geom.is_hpx else None
    if hasattr(geom, "wcs") and not geom.is_region and geom.is_regular:
        geom.region_mask([CIRCLE])
        m.convolve(np.ones((5, 5)) / 25), m.smooth("0.2 deg"), m.cutout(CENTER, "1 deg")
        m.reproject_to_geom(WcsGeom.create(npix=8, binsz=0.5, skydir=CENTER))
    if geom.is_hpx:
        m.smooth("5 deg"), m.to_wcs(normalize=False)
    repr(m), repr(geom)
    return m


@pytest.mark.parametrize("make", [regular, irregular, healpix, region])
def test_dropped_geometries_and_maps_are_gone(make):
    geom = make()
    m = use(geom)
    watched = [weakref.ref(thing) for thing in (geom, m, geom.axes["energy"], geom.axes)]
    del geom, m
    gc.collect()
    assert [ref() for ref in watched] == [None] * 4


@pytest.mark.parametrize("make", [regular, irregular, healpix, region])
def test_memory_does_not_grow(make):
    for _ in range(3):
        use(make())
    gc.collect()
    tracemalloc.start()
    try:
        use(make())
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(10):
            use(make())
        gc.collect()
        growth = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    # Python and numpy keep small pieces; longitudes and latitudes of ten images alone would take 150 kB.
    assert growth < 100_000


def test_memory_does_not_grow_with_axes():
    def make(k):
        MapAxis.from_edges(np.geomspace(1, 10 + k, 2000), unit="TeV", interp="log").coord_to_pix(3 * u.TeV)
        TimeMapAxis(np.arange(2000) * u.h, np.arange(1, 2001) * u.h, reference_time="2020-01-01").time_mid

    for k in range(3):
        make(k)
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for k in range(20):
            make(k)
        gc.collect()
        growth = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert growth < 50_000
