"""Write flux points of all kinds, a light curve and flux maps."""

import astropy.units as u
import numpy as np
from astropy.table import Table
from summary import item, report

from geminga.estimators import FluxMaps, FluxPoints
from geminga.maps import Map, MapAxis, WcsGeom
from geminga.modeling.models import PowerLawSpectralModel, SkyModel

edges = np.geomspace(1, 10, 5) * u.TeV
reference = PowerLawSpectralModel(index=2.3, amplitude="1e-12 cm-2 s-1 TeV-1")


def points():
    table = Table({"e_min": edges[:-1], "e_max": edges[1:], "e_ref": np.sqrt(edges[:-1] * edges[1:])})
    norm = np.array([1.1, 0.9, 1.0, 0.2])
    for name, factor in {"": 1, "_err": 0.1, "_errn": 0.09, "_errp": 0.11}.items():
        table[f"norm{name}"] = norm * factor
    table["norm_ul"] = norm * 1.3 + 0.1
    table["ts"] = [50.0, 60.0, 30.0, 1.0]
    table["sqrt_ts"] = np.sqrt(table["ts"])
    table["stat"] = [1.0, 2.0, 3.0, 4.0]
    table["ref_dnde"] = reference(table["e_ref"].quantity)
    table["ref_flux"] = reference.integral(edges[:-1], edges[1:])
    table["ref_eflux"] = reference.energy_flux(edges[:-1], edges[1:])
    table["ref_e2dnde"] = (table["e_ref"].quantity ** 2 * table["ref_dnde"].quantity).to("erg cm-2 s-1")
    table.meta["SED_TYPE"] = "likelihood"
    table.meta["n_sigma"], table.meta["n_sigma_ul"] = 1, 2
    return FluxPoints.from_table(table, reference_model=reference)


def curve():
    table = Table(
        {
            "time_min": [55000.0, 55001.0, 55002.0],
            "time_max": [55000.5, 55001.5, 55002.5],
            "e_min": [[1.0]] * 3 * u.TeV,
            "e_max": [[10.0]] * 3 * u.TeV,
            "e_ref": [[3.16227766]] * 3 * u.TeV,
            "flux": [[1e-12], [2e-12], [1.5e-12]] * u.Unit("cm-2 s-1"),
            "flux_err": [[1e-13], [2e-13], [1.5e-13]] * u.Unit("cm-2 s-1"),
        }
    )
    table.meta.update({"SED_TYPE": "flux", "TIMESYS": "tt"})
    return FluxPoints.from_table(table, format="lightcurve", reference_model=reference)


for kind in ("dnde", "flux", "eflux", "e2dnde", "likelihood"):
    for suffix in ("fits", "ecsv"):
        item(f"{kind} {suffix}")(
            lambda kind=kind, suffix=suffix: points().write(f"points_{kind}.{suffix}", sed_type=kind)
        )
item("curve fits")(lambda: curve().write("curve_flux.fits", format="lightcurve", sed_type="flux"))
item("curve ecsv")(lambda: curve().write("curve_flux.ecsv", format="lightcurve", sed_type="flux"))


@item("maps")
def _():
    axis = MapAxis.from_energy_edges(edges)
    geom = WcsGeom.create(npix=(6, 5), binsz=0.1, axes=[axis])
    random = np.random.default_rng(0)
    maps = {
        name: Map.from_geom(geom, data=random.uniform(1, 2, geom.data_shape))
        for name in ("norm", "norm_err", "norm_ul", "ts", "sqrt_ts")
    }
    FluxMaps(data=maps, reference_model=SkyModel(reference, name="ref")).write(
        "fluxmaps.fits", sed_type="dnde"
    )


report()
