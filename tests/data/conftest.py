"""A small store of two observations, made on the fly."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from astropy import units as u
from astropy.io import fits
from astropy.table import Table
from astropy.time import Time

from geminga.data import GTI, EventList

REFERENCE = {
    "MJDREFI": 51910,
    "MJDREFF": 0.000742870370370241,
    "TIMESYS": "TT",
    "TIMEUNIT": "s",
    "TIMEREF": "LOCAL",
}
START = 1.2e8


def event_header(obs_id=1, start=START, duration=1000.0, **more):
    return {
        "HDUCLASS": "GADF", "HDUDOC": "doc", "HDUVERS": "0.3", "HDUCLAS1": "EVENTS", "OBS_ID": obs_id,
        "TSTART": start, "TSTOP": start + duration, "ONTIME": duration, "LIVETIME": 0.9 * duration, "DEADC": 0.9,
        "EQUINOX": 2000.0, "RADECSYS": "ICRS", "ORIGIN": "tests", "TELESCOP": "SCOPE", "INSTRUME": "CAMERA",
        "CREATOR": "tests", "GEOLON": 16.5, "GEOLAT": -23.27, "ALTITUDE": 1835.0, "OBJECT": "Crab",
        "RA_OBJ": 83.63, "DEC_OBJ": 22.01, "RA_PNT": 83.63, "DEC_PNT": 21.51, "OBS_MODE": "POINTING",
        "EV_CLASS": "std", **REFERENCE, **more,
    }  # fmt: skip


def event_hdu(obs_id=1, n=500, seed=0, drop=(), units=True, **header):
    """Return a table of events around the pointing, sorted in time."""
    rng = np.random.default_rng(seed)
    keywords = event_header(obs_id, **header)
    columns = {
        "EVENT_ID": np.arange(n, dtype=">i8"),
        "TIME": np.sort(rng.uniform(keywords["TSTART"], keywords["TSTOP"], n)),
        "RA": (83.63 + rng.normal(0, 1, n)).astype("f4"),
        "DEC": (21.51 + rng.normal(0, 1, n)).astype("f4"),
        "ENERGY": (0.1 * rng.pareto(1.5, n) + 0.1).astype("f4"),
        "PHASE": rng.uniform(0, 1, n),
        "KIND": rng.integers(0, 3, n),
    }
    table = Table({name: values for name, values in columns.items() if name not in drop})
    for name, unit in {"TIME": "s", "RA": "deg", "DEC": "deg", "ENERGY": "TeV"}.items():
        if units and name in table.colnames:
            table[name].unit = unit
    hdu = fits.BinTableHDU(table, name="EVENTS")
    hdu.header.update(keywords)
    return hdu


def gti_hdu(intervals=((START, START + 400), (START + 500, START + 1000))):
    start, stop = (np.array(edge, dtype=float) for edge in zip(*intervals, strict=True))
    hdu = fits.BinTableHDU(Table({"START": start * u.s, "STOP": stop * u.s}), name="GTI")
    hdu.header.update(REFERENCE | {"HDUCLAS1": "GTI"})
    return hdu


def aeff_hdu(pointlike=False, **header):
    """Return an effective area of 1000 m2 in 10 bins of energy and 3 of offset."""
    energy, offset = np.geomspace(0.1, 10, 11), np.array([0.0, 1, 2, 3])
    table = Table(
        {
            "ENERG_LO": [energy[:-1]] * u.TeV,
            "ENERG_HI": [energy[1:]] * u.TeV,
            "THETA_LO": [offset[:-1]] * u.deg,
            "THETA_HI": [offset[1:]] * u.deg,
            "EFFAREA": np.full((1, 3, 10), 1000.0) * u.m**2,
        }
    )
    hdu = fits.BinTableHDU(table, name="AEFF")
    hdu.header.update(
        {"HDUCLASS": "GADF", "HDUCLAS1": "RESPONSE", "HDUCLAS2": "EFF_AREA", "HDUCLAS4": "AEFF_2D",
         "HDUCLAS3": "POINT-LIKE" if pointlike else "FULL-ENCLOSURE", "LO_THRES": 0.2, "HI_THRES": 8.0} | header
    )  # fmt: skip
    return hdu


def edisp_hdu():
    """Return an energy dispersion that is a box around migra 1."""
    energy, offset, migra = np.geomspace(0.1, 10, 11), np.array([0.0, 1, 2, 3]), np.linspace(0.5, 1.5, 11)
    matrix = np.zeros((1, 3, 10, 10))
    matrix[:, :, 4:6, :] = 5.0
    table = Table(
        {
            "ENERG_LO": [energy[:-1]] * u.TeV,
            "ENERG_HI": [energy[1:]] * u.TeV,
            "MIGRA_LO": [migra[:-1]],
            "MIGRA_HI": [migra[1:]],
            "THETA_LO": [offset[:-1]] * u.deg,
            "THETA_HI": [offset[1:]] * u.deg,
            "MATRIX": matrix,
        }
    )
    hdu = fits.BinTableHDU(table, name="EDISP")
    hdu.header.update({"HDUCLASS": "GADF", "HDUCLAS1": "RESPONSE", "HDUCLAS2": "EDISP", "HDUCLAS4": "EDISP_2D",
                       "HDUCLAS3": "FULL-ENCLOSURE"})  # fmt: skip
    return hdu


def write_file(path, *hdus):
    path.parent.mkdir(parents=True, exist_ok=True)
    fits.HDUList([fits.PrimaryHDU(), *hdus]).writeto(path, overwrite=True)
    return path


def write_index(folder, rows, observations=(1, 2)):
    """Write index files; rows are (obs_id, type, class, folder, file, hdu)."""
    names = ("OBS_ID", "HDU_TYPE", "HDU_CLASS", "FILE_DIR", "FILE_NAME", "HDU_NAME")
    table = Table(rows=rows, names=names)
    folder.mkdir(parents=True, exist_ok=True)
    fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU(table, name="HDU_INDEX")]).writeto(
        folder / "hdu-index.fits.gz", overwrite=True
    )
    headers = [event_header(obs_id, start=START + 2000 * (obs_id - 1)) for obs_id in observations]
    keys = ("OBS_ID", "RA_PNT", "DEC_PNT", "TSTART", "TSTOP", "OBJECT", "ONTIME", "DEADC")
    index = Table({key: [header[key] for header in headers] for key in keys})
    for name, unit in {"RA_PNT": "deg", "DEC_PNT": "deg", "TSTART": "s", "TSTOP": "s", "ONTIME": "s"}.items():
        index[name].unit = unit
    hdu = fits.BinTableHDU(index, name="OBS_INDEX")
    hdu.header.update(REFERENCE)
    fits.HDUList([fits.PrimaryHDU(), hdu]).writeto(folder / "obs-index.fits.gz", overwrite=True)
    return folder


PARTS = (("events", "events"), ("gti", "gti"), ("aeff", "aeff_2d"), ("edisp", "edisp_2d"))


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """Return a folder with a store and a file, to be copied."""
    folder = tmp_path_factory.mktemp("prepared")
    rows = []
    for obs_id in (1, 2):
        start = START + 2000 * (obs_id - 1)
        intervals = ((start, start + 400), (start + 500, start + 1000))
        name = f"run{obs_id}.fits.gz"
        events = event_hdu(obs_id, seed=obs_id, start=start)
        write_file(folder / "store" / "data" / name, events, gti_hdu(intervals), aeff_hdu(), edisp_hdu())
        rows += [(obs_id, part, hdu_class, "data", name, part.upper()) for part, hdu_class in PARTS]
    write_index(folder / "store", rows)
    write_file(folder / "events.fits", event_hdu(), gti_hdu(), aeff_hdu(), edisp_hdu())
    return folder


@pytest.fixture
def store_dir(prepared, tmp_path):
    """Return a folder with two observations, compressed, and their index."""
    return Path(shutil.copytree(prepared / "store", tmp_path / "store"))


@pytest.fixture
def events_file(prepared, tmp_path):
    """Return a file with events, intervals and responses."""
    return Path(shutil.copy(prepared / "events.fits", tmp_path / "events.fits"))


@pytest.fixture
def events(events_file):
    """Return 500 events, read from a file."""
    return EventList.read(events_file)


@pytest.fixture
def seconds():
    """Return a function that makes a GTI of pairs of seconds since 2000."""

    def make(*pairs, reference=None):
        start, stop = ([pair[i] for pair in pairs] for i in (0, 1))
        return GTI.create(start * u.s, stop * u.s, reference)

    return make


T0 = Time("2000-01-01", scale="tt")


def window(low, high, origin=T0):
    """Return a time interval, in seconds since 2000."""
    return Time([origin + low * u.s, origin + high * u.s])
