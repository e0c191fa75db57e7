"""Files of each package are read by both to the same numbers."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from interchange import PACKAGES, assert_interchange, differences, run

pytestmark = pytest.mark.peer
both_ways = pytest.mark.parametrize("writer", PACKAGES)


@both_ways
def test_wcs_maps(writer, tmp_path):
    # The peer writes neither exposure cubes nor GALPROP's cubes, and templates only with an axis named "energy".
    missing = {"fgst-template", "fgst-bexpcube", "galprop"}
    unread = {"galprop"} if writer == "geminga" else ()
    assert_interchange("wcs_maps", writer, tmp_path, peer_cannot_write=missing, peer_cannot_read=unread)


@both_ways
def test_hpx_maps(writer, tmp_path):
    # The peer has no units for the formats of Fermi, writes templates and lists of pixels that it cannot read, and has
    # more pixels in disks that include what overlaps them.
    unread = {"fgst-template"}
    if writer == "geminga":
        unread |= {"fgst-bexpcube", "explicit", "inclusive"}
    missing = {"fgst-bexpcube", "explicit"}
    assert_interchange("hpx_maps", writer, tmp_path, peer_cannot_write=missing, peer_cannot_read=unread)


@both_ways
def test_region_maps(writer, tmp_path):
    # The peer knows the Sherpa formats of spectra in datasets only, and neither polygons nor maps without axes.
    missing = {"polygon", "no-axes", "ogip-sherpa-circle", "ogip-sherpa-two", "ogip-sherpa-none"}
    unread = {"ogip-arf-sherpa none"}
    if writer == "geminga":
        unread |= {"gadf no-axes", "ogip-sherpa circle", "ogip-sherpa two", "ogip-sherpa none"}
    assert_interchange("region_maps", writer, tmp_path, peer_cannot_write=missing, peer_cannot_read=unread)


@both_ways
def test_models(writer, tmp_path):
    # These are not among the models that the peer finds by name.
    unread = {"every_LogGaussianSpectralModel", "every_MeyerCrabSpectralModel"} if writer == "geminga" else ()
    assert_interchange("models", writer, tmp_path, peer_cannot_read=unread)


@both_ways
def test_observations(writer, tmp_path):
    # The peer writes the name of a PSF of three Gaussians in a way that it does not recognise itself.
    unread = {"observation_cta"} if writer == "gammapy" else ()
    assert_interchange("observations", writer, tmp_path, peer_cannot_read=unread)


@both_ways
def test_spectra(writer, tmp_path):
    # The peer's writer refuses its own format for Sherpa.
    assert_interchange("spectra", writer, tmp_path, rtol=1e-5, peer_cannot_write={"ogip sherpa"})


@both_ways
def test_flux_points(writer, tmp_path):
    assert_interchange("flux_points", writer, tmp_path, rtol=1e-5)


@both_ways
def test_flux_maps(writer, tmp_path):
    assert_interchange("flux_maps", writer, tmp_path, rtol=1e-5)


@both_ways
def test_map_datasets(writer, tmp_path):
    assert_interchange("map_datasets", writer, tmp_path, rtol=1e-5)


def test_same_script(tmp_path):
    ours, theirs = (run(package, "crab", tmp_path) for package in PACKAGES)
    assert ours["counts"] == theirs["counts"]
    # An event on the rim of a reflected region may fall on either side.
    assert ours["counts_off"] == pytest.approx(theirs["counts_off"], abs=1)
    assert not differences(ours, theirs, rtol=1e-2)
