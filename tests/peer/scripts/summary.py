"""What the interchange scripts share: numbers that describe an object, and one JSON line at the end."""

import json
import traceback

import astropy.units as u
import numpy as np

RESULT = {}


def item(name):
    """Run the decorated function at once; keep what it returns, or the error, under a name."""

    def run(function):
        try:
            RESULT[name] = function()
        except Exception as error:  # noqa: BLE001
            where = traceback.extract_tb(error.__traceback__)[-1]
            RESULT[name] = f"ERROR {type(error).__name__}: {error} ({where.name}:{where.lineno})"
        return function

    return run


def numbers(values):
    """Describe an array: shape, number of NaN, and two sums that see the order."""
    if isinstance(values, u.Quantity):
        values = values.si.value
    values = np.asarray(values)
    if values.dtype.kind in "USO":
        return [str(value) for value in values.ravel()]
    values = values.astype(float)
    flat = np.where(np.isfinite(values), values, 0).ravel()
    order = 1 + np.arange(flat.size) % 97
    sums = {"sum": float(flat.sum()), "moment": float(np.sum(flat * order))}
    # What cancels up to the last digits is 0.
    sums = {key: value if abs(value) > 1e-9 * np.abs(flat).sum() else 0.0 for key, value in sums.items()}
    size = float(np.max(np.abs(flat), initial=0.0))
    return {"shape": list(values.shape), "bad": int(np.sum(~np.isfinite(values))), "largest": size, **sums}


def unit(value):
    """Describe a unit by its value in SI units."""
    one = u.Quantity(1, value).si
    return [
        one.value,
        sorted(zip([b.name for b in one.unit.bases], map(float, one.unit.powers), strict=True)),
    ]


def axis(a):
    """Describe an axis."""
    result = {"name": a.name, "nbin": int(a.nbin), "node_type": a.node_type}
    if hasattr(a, "reference_time"):
        result |= {"mjd_min": numbers(a.time_min.tt.mjd), "mjd_max": numbers(a.time_max.tt.mjd)}
    elif a.node_type == "label":
        result["labels"] = [str(label) for label in a.center]
    else:
        result |= {"edges": numbers(a.edges), "center": numbers(a.center), "interp": a.interp}
    return result


def sky_map(m, data=None):
    """Describe a map: geometry, axes, unit and values."""
    geom = m.geom
    data = m.data if data is None else data
    result = {
        "class": type(m).__name__,
        "axes": [axis(a) for a in geom.axes],
        "data": numbers(u.Quantity(data, m.unit) if np.asarray(data).dtype != bool else data),
        "unit": unit(m.unit)[1],
    }
    if geom.is_region:
        region = geom.region
        result["region"] = None if region is None else type(region).__name__
        if region is not None:
            result["solid_angle"] = float(geom.solid_angle().to_value("sr"))
            if hasattr(region, "center"):
                center = region.center.icrs
                result["center"] = [center.ra.deg, center.dec.deg]
    elif geom.is_hpx:
        result |= {"frame": geom.frame, "nside": numbers(geom.nside), "nest": bool(geom.nest)}
        result["npix"] = numbers(geom.npix)
    else:
        result |= {
            "frame": geom.frame,
            "projection": geom.projection,
            "npix": numbers(np.ravel(geom.npix[0])),
        }
        center = geom.center_skydir.icrs
        result["center"] = [center.ra.deg, center.dec.deg]
        result["regular"] = bool(geom.is_regular)
        if geom.is_regular:
            image = geom.to_image()
            lon, lat = image.get_coord()[0], image.get_coord()[1]
            result |= {"lon": numbers(lon), "lat": numbers(lat)}
    return result


def report():
    """Print what was found."""
    print(json.dumps(RESULT))  # noqa: T201
