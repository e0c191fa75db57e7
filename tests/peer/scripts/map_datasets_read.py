"""Read the map datasets of the folder."""

from summary import item, numbers, report, sky_map

from geminga.datasets import Datasets, MapDataset, MapDatasetOnOff

PARTS = (
    "counts",
    "background",
    "exposure",
    "mask_safe",
    "mask_fit",
    "counts_off",
    "acceptance",
    "acceptance_off",
)


def dataset(d):
    result = {"class": type(d).__name__, "name": d.name}
    for name in PARTS:
        m = getattr(d, name, None)
        if m is not None:
            result[name] = sky_map(m)
    result["psf"], result["edisp"] = sky_map(d.psf.psf_map), sky_map(d.edisp.edisp_map)
    result["gti"] = [d.gti.time_sum.to_value("s"), numbers(d.gti.time_start.tt.mjd)]
    return result


item("map")(lambda: dataset(MapDataset.read("one_map.fits")))
item("migra")(lambda: dataset(MapDataset.read("one_migra.fits")))
item("onoff")(lambda: dataset(MapDatasetOnOff.read("onoff_map.fits")))


@item("list")
def _():
    datasets = Datasets.read("list.yaml", filename_models="list_models.yaml")
    result = [datasets.models.names, *[dataset(d) for d in datasets]]
    return [*result, *[numbers(d.npred_signal().data.sum(axis=(1, 2))) for d in datasets]]


report()
