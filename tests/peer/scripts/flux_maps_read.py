"""Read the flux maps of the folder."""

from pathlib import Path

from summary import item, numbers, report, sky_map

from geminga.estimators import FluxMaps

for path in sorted([*Path().glob("ts_*.fits"), *Path().glob("excess_*.fits")]):

    @item(path.stem)
    def _(path=path):
        maps = FluxMaps.read(path)
        result = {
            name: sky_map(getattr(maps, name)) for name in ("dnde", "dnde_err", "dnde_ul", "flux", "sqrt_ts")
        }
        names = ("npred", "npred_excess", "norm", "norm_errn", "norm_errp", "norm_ul", "ts", "stat", "niter")
        for name in names:
            if name in maps.available_quantities:
                result[name] = numbers(getattr(maps, name).data)
        points = maps.get_flux_points()
        result["points"] = numbers(points.dnde.quantity.ravel())
        result["available"] = sorted(maps.available_quantities)
        # The excess maps of the peer have no intervals.
        result["duration"] = None if maps.gti is None else float(maps.gti.time_sum.to_value("s"))
        return result | {"index": maps.reference_model.spectral_model.index.value}


report()
