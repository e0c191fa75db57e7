"""Write HEALPix maps in all formats and geometries."""

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord
from summary import item, report

from geminga.maps import HpxGeom, Map, MapAxis

random = np.random.default_rng(0)
energy = MapAxis.from_energy_bounds("0.1 TeV", "10 TeV", 3, name="energy")
energy_true = MapAxis.from_energy_bounds("0.1 TeV", "10 TeV", 4, name="energy_true")
rad = MapAxis.from_bounds(0, 0.6, 2, unit="deg", name="rad")
nodes = MapAxis.from_nodes([0.1, 1, 10] * u.GeV, interp="log", name="energy_true")
center = SkyCoord(83.63, 22.01, unit="deg")


def filled(geom, dtype="float32", unit=""):
    return Map.from_geom(geom, data=random.normal(10, 3, geom.data_shape).astype(dtype), unit=unit)


CASES = {
    "image": lambda: filled(HpxGeom(8, nest=True, frame="icrs"), unit="s"),
    "ring": lambda: filled(HpxGeom(8, nest=False, frame="galactic")),
    "cube": lambda: filled(HpxGeom(8, nest=True, frame="galactic", axes=[energy]), unit="m2 s"),
    "float64": lambda: filled(HpxGeom(4, nest=False, frame="icrs", axes=[energy_true]), dtype="float64"),
    "disk": lambda: filled(
        HpxGeom(16, nest=False, frame="galactic", axes=[energy], region="DISK(110.,75.,10.)")
    ),
    "partial": lambda: filled(HpxGeom.create(nside=32, skydir=center, width=10.0, axes=[energy])),
    "two-axes": lambda: filled(HpxGeom(4, nest=True, frame="icrs", axes=[energy, rad]), unit="s"),
    "explicit": lambda: filled(HpxGeom(16, nest=True, frame="icrs", axes=[energy], region=[3, 5, 80])),
    "pixel": lambda: filled(HpxGeom(16, nest=True, frame="galactic", region="HPX_PIXEL(NESTED,2,3)")),
    "inclusive": lambda: filled(HpxGeom(16, nest=False, frame="icrs", region="DISK_INC(110.,75.,10.,4)")),
    "int32": lambda: filled(HpxGeom(8, nest=True, frame="icrs"), dtype="int32"),
    "irregular": lambda: filled(HpxGeom([2, 4, 8], nest=True, frame="icrs", axes=[energy])),
}
for name, make in CASES.items():
    item(name)(lambda name=name, make=make: make().write(f"{name}.fits"))


@item("sparse")
def _():
    m = filled(HpxGeom(8, nest=True, frame="icrs", axes=[energy]))
    m.data[m.data < 13] = 0
    m.write("sparse.fits", sparse=True)


FORMATS = {"fgst-ccube": energy, "fgst-template": nodes, "fgst-bexpcube": nodes}
for form, axis in FORMATS.items():
    item(form)(
        lambda form=form, axis=axis: filled(HpxGeom(8, nest=False, frame="galactic", axes=[axis])).write(
            f"{form}.fits", format=form
        )
    )

report()
