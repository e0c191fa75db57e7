"""Write region maps in all formats and with all kinds of regions."""

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord
from regions import (
    CircleAnnulusSkyRegion,
    CircleSkyRegion,
    EllipseSkyRegion,
    PointSkyRegion,
    PolygonSkyRegion,
    RectangleSkyRegion,
)
from summary import item, report

from geminga.maps import MapAxis, RegionGeom, RegionNDMap

center = SkyCoord(83.63, 22.01, unit="deg")
energy = MapAxis.from_energy_bounds("0.1 TeV", "10 TeV", 3, name="energy")
energy_true = MapAxis.from_energy_bounds("0.1 TeV", "10 TeV", 4, name="energy_true")
rad = MapAxis.from_bounds(0, 0.6, 5, unit="deg", name="rad")
REGIONS = {
    "none": None,
    "circle": CircleSkyRegion(center, 0.3 * u.deg),
    "circle-galactic": CircleSkyRegion(center.galactic, 0.3 * u.deg),
    "point": PointSkyRegion(center),
    "ellipse": EllipseSkyRegion(center, 0.5 * u.deg, 0.2 * u.deg, 30 * u.deg),
    "rectangle": RectangleSkyRegion(center, 0.5 * u.deg, 0.2 * u.deg, 30 * u.deg),
    "annulus": CircleAnnulusSkyRegion(center, 0.2 * u.deg, 0.4 * u.deg),
    "polygon": PolygonSkyRegion(SkyCoord([83, 84, 83.5], [22, 22, 22.5], unit="deg")),
    "two": [
        CircleSkyRegion(center, 0.3 * u.deg),
        CircleSkyRegion(SkyCoord(84.5, 22, unit="deg"), 0.2 * u.deg),
    ],
}


def filled(region, axes, unit="", dtype="float32"):
    geom = (
        RegionGeom.from_regions(region, axes=axes)
        if isinstance(region, list)
        else RegionGeom.create(region, axes=axes)
    )
    data = (1.5 * np.arange(np.prod(geom.data_shape)).reshape(geom.data_shape)).astype(dtype)
    return RegionNDMap(geom, data=data, unit=unit)


for name, region in REGIONS.items():
    item(name)(lambda name=name, region=region: filled(region, [energy], "s").write(f"gadf_{name}.fits"))
item("no-axes")(lambda: filled(REGIONS["circle"], []).write("gadf_no-axes.fits"))
item("two-axes")(lambda: filled(REGIONS["circle"], [rad, energy_true], "sr-1").write("gadf_two-axes.fits"))
for name in ("circle", "two", "none"):
    for form in ("ogip", "ogip-sherpa"):
        item(f"{form}-{name}")(
            lambda form=form, name=name: filled(REGIONS[name], [energy], dtype="int32").write(
                f"{form}_{name}.fits", format=form, hdu="SPECTRUM"
            )
        )
for form in ("ogip-arf", "ogip-arf-sherpa"):
    item(form)(
        lambda form=form: filled(None, [energy_true], "m2").write(
            f"{form}_none.fits", format=form, hdu="SPECRESP"
        )
    )
report()
