"""Read the flux points, light curves and flux maps of the folder."""

from pathlib import Path

from summary import item, numbers, report, sky_map

from geminga.estimators import FluxMaps, FluxPoints
from geminga.modeling.models import PowerLawSpectralModel

reference = PowerLawSpectralModel(index=2.3, amplitude="1e-12 cm-2 s-1 TeV-1")
QUANTITIES = ("dnde", "flux", "eflux", "e2dnde")

for path in sorted([*Path().glob("points_*.*"), *Path().glob("curve_*.*")]):

    @item(path.name)
    def _(path=path):
        kwargs = {"format": "lightcurve"} if path.name.startswith("curve") else {}
        points = FluxPoints.read(path, reference_model=reference, **kwargs)
        result = {"type": points.sed_type_init, "available": sorted(points.available_quantities)}
        result["energy"] = [
            numbers(points.energy_min),
            numbers(points.energy_max),
            numbers(points.energy_ref),
        ]
        for quantity in QUANTITIES:
            result[quantity] = numbers(getattr(points, quantity).quantity)
            for error in ("err", "errn", "errp", "ul"):
                if f"norm_{error}" in points.available_quantities:
                    result[f"{quantity}_{error}"] = numbers(getattr(points, f"{quantity}_{error}").quantity)
        if points.has_ul:
            result["is_ul"] = numbers(points.is_ul.data)
        if kwargs:
            axis = points.geom.axes["time"]
            result["time"] = [numbers(axis.time_min.tt.mjd), numbers(axis.time_max.tt.mjd)]
        return result


@item("maps")
def _():
    maps = FluxMaps.read("fluxmaps.fits")
    result = {name: sky_map(getattr(maps, name)) for name in ("dnde", "dnde_err", "dnde_ul", "flux", "ts")}
    return result | {
        "available": sorted(maps.available_quantities),
        "index": maps.reference_model.spectral_model.index.value,
    }


report()
