"""Write WCS maps in all formats and geometries."""

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord
from astropy.time import Time
from summary import item, report

from geminga.maps import LabelMapAxis, Map, MapAxis, Maps, TimeMapAxis, WcsGeom

random = np.random.default_rng(0)
center = SkyCoord(83.63, 22.01, unit="deg")
energy = MapAxis.from_energy_bounds("0.1 TeV", "10 TeV", 3, name="energy")
energy_true = MapAxis.from_energy_bounds("0.1 TeV", "10 TeV", 4, name="energy_true")
rad = MapAxis.from_bounds(0, 0.6, 5, unit="deg", name="rad")
nodes = MapAxis.from_nodes([1, 2, 4, 8], interp="lin", name="theta", unit="deg")
root = MapAxis.from_edges([0, 1, 4, 9], interp="sqrt", name="power")


def filled(geom, dtype="float32", unit="", **kwargs):
    data = random.normal(10, 3, geom.data_shape)
    data = data > 10 if dtype is bool else data.astype(dtype)
    return Map.from_geom(geom, data=data, unit=unit, **kwargs)


def tan(axes=None, **kwargs):
    kwargs = {"npix": (20, 10), "binsz": 0.1, "skydir": center, "proj": "TAN", "axes": axes, **kwargs}
    return WcsGeom.create(**kwargs)


CASES = {
    "image": lambda: filled(tan(), unit="s"),
    "image-car": lambda: filled(tan(proj="CAR", frame="galactic")),
    "oblong-pixels": lambda: filled(tan(binsz=(0.1, 0.2))),
    "float64": lambda: filled(tan([energy]), dtype="float64", unit="cm-2 s-1"),
    "int32": lambda: filled(tan([energy]), dtype="int32"),
    "cube": lambda: filled(tan([energy]), unit="m2 s", meta={"telescope": "X"}),
    "two-axes": lambda: filled(tan([rad, energy_true]), unit="sr-1"),
    "nodes": lambda: filled(tan([nodes])),
    "sqrt": lambda: filled(tan([root])),
    "mask": lambda: filled(tan([energy]), dtype=bool),
    "mask-image": lambda: filled(tan(), dtype=bool),
    "all-sky-car": lambda: filled(WcsGeom.create(binsz=10, proj="CAR", frame="galactic", axes=[energy])),
    "all-sky-ait": lambda: filled(WcsGeom.create(binsz=10, proj="AIT", frame="icrs")),
    "all-sky-mol": lambda: filled(WcsGeom.create(binsz=10, proj="MOL", frame="galactic")),
    "cutout": lambda: filled(tan([energy])).cutout(SkyCoord(83.3, 22.2, unit="deg"), 0.5 * u.deg),
    **{
        f"projection-{proj}": lambda proj=proj: filled(tan([energy], proj=proj, binsz=1, frame="galactic"))
        for proj in ("SIN", "STG", "ARC", "ZEA", "CEA", "SFL", "MER", "AIT", "MOL")
    },
    "pole": lambda: filled(tan([energy], skydir=SkyCoord(10, 89.5, unit="deg"))),
    "across-zero": lambda: filled(tan(skydir=SkyCoord(0.04, 0.02, unit="deg"), proj="CAR")),
    "even-reference": lambda: filled(tan(refpix=(3, 4.5))),
    "int16": lambda: filled(tan([energy]), dtype="int16"),
    "int64": lambda: filled(tan([energy]), dtype="int64"),
    "one-bin": lambda: filled(tan([MapAxis.from_energy_bounds("1 TeV", "10 TeV", 1)])),
    "three-axes": lambda: filled(tan([energy, rad, root], npix=(3, 2))),
    "time": lambda: filled(
        tan([TimeMapAxis([0, 3] * u.h, [1, 5] * u.h, reference_time=Time("2020-01-01"))]), unit="s-1"
    ),
    "irregular": lambda: filled(
        WcsGeom.create(npix=([10, 12, 8], [6, 8, 4]), binsz=[0.3, 0.2, 0.1], skydir=center, axes=[energy])
    ),
}
for name, make in CASES.items():
    item(name)(lambda name=name, make=make: make().write(f"{name}.fits"))


@item("sparse")
def _():
    m = filled(tan([energy]), unit="s")
    m.data[m.data < 12] = 0
    m.write("sparse.fits", sparse=True)


@item("sparse-image")
def _():
    m = filled(tan())
    m.data[m.data < 12] = 0
    m.write("sparse-image.fits", sparse=True)


@item("named")
def _():
    filled(tan([energy])).write("named.fits", hdu="EXCESS", hdu_bands="ENERGY_BINS")


@item("gzip")
def _():
    filled(tan([energy])).write("gzip.fits.gz")


@item("label")
def _():
    filled(tan([LabelMapAxis(["a", "b", "c"], name="dataset")])).write("label.fits")


for form, a in [
    ("fgst-ccube", energy),
    ("fgst-template", energy_true),
    ("fgst-bexpcube", energy_true),
    ("galprop", energy_true),
]:
    if form != "fgst-ccube":
        a = MapAxis.from_nodes([0.1, 1, 10] * u.GeV, interp="log", name="energy_true")
    unit = {"fgst-ccube": "", "fgst-bexpcube": "cm2 s"}.get(form, "cm-2 s-1 MeV-1 sr-1")
    item(form)(
        lambda form=form, a=a, unit=unit: filled(tan([a], proj="CAR"), unit=unit).write(
            f"{form}.fits", format=form
        )
    )


@item("maps")
def _():
    geom = tan([energy])
    Maps(first=filled(geom), second=filled(geom, unit="s")).write("maps.fits")


report()
