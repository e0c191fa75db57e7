"""What Geminga writes is FITS to others too: astropy's strict reader, wcslib, and NASA's fitsverify where installed."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS

sys.path.insert(0, str(Path(__file__).parent))
from interchange import errors, run

pytestmark = pytest.mark.peer
TOPICS = ("wcs_maps", "hpx_maps", "region_maps", "observations", "spectra", "flux_points", "map_datasets")


@pytest.fixture(params=TOPICS)
def written(request, tmp_path):
    """Return the FITS files of a topic."""
    assert not errors(run("geminga", f"{request.param}_write", tmp_path))
    paths = sorted([*tmp_path.glob("*.fits"), *tmp_path.glob("*.fits.gz")])
    assert paths
    return paths


def test_astropy_finds_no_fault(written):
    for path in written:
        with fits.open(path) as hdulist:
            hdulist.verify("exception")
            assert isinstance(hdulist[0], fits.PrimaryHDU)
            for hdu in hdulist:
                if hdu.is_image and hdu.data is not None and "CTYPE1" in hdu.header:
                    lon, lat = WCS(hdu.header).celestial.all_pix2world([[0, 0]], 0)[0]
                    assert np.isnan(lon) or -90 <= lat <= 90, path.name


def test_fitsverify_finds_no_error(written):
    program = shutil.which("fitsverify")
    if program is None:
        pytest.skip("fitsverify is not installed")
    faults = []
    for path in written:
        process = subprocess.run([program, "-e", str(path)], capture_output=True, text=True, check=False)
        if process.returncode:
            lines = [line for line in (process.stdout + process.stderr).splitlines() if "*** Error" in line]
            # The standard has BUNIT for images only; other packages look for the unit of a map in a table there.
            lines = [line for line in lines if "BUNIT is not allowed" not in line]
            faults += ["\n".join([path.name, *lines])] if lines else []
    assert not faults, "\n".join(faults)
