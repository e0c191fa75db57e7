"""Read the spectral datasets of the folder."""

from pathlib import Path

from summary import item, numbers, report, sky_map

from geminga.datasets import Datasets, SpectrumDataset, SpectrumDatasetOnOff
from geminga.modeling.models import PowerLawSpectralModel, SkyModel


def dataset(d, model=True):
    result = {"class": type(d).__name__, "name": d.name}
    for name in (
        "counts",
        "background",
        "exposure",
        "mask_safe",
        "counts_off",
        "acceptance",
        "acceptance_off",
    ):
        m = getattr(d, name, None)
        if m is not None:
            result[name] = sky_map(m) | {"region": None, "center": None, "solid_angle": 0}
    kernel = d.edisp.get_edisp_kernel()
    result["edisp"] = numbers(kernel.pdf_matrix)
    if d.gti is not None:
        result["gti"] = [d.gti.time_sum.to_value("s"), numbers(d.gti.time_start.tt.mjd)]
    if model:
        d.models = [SkyModel(PowerLawSpectralModel(amplitude="1e-11 cm-2 s-1 TeV-1"), name="test")]
    result["npred"] = numbers(d.npred_signal().data)
    result["stat"] = d.stat_sum()
    return result


item("gadf")(lambda: dataset(SpectrumDataset.read("gadf_spectrum.fits")))
item("gadf on off")(lambda: dataset(SpectrumDatasetOnOff.read("gadf_onoff.fits", format="gadf")))
item("ogip")(lambda: dataset(SpectrumDatasetOnOff.read("ogip_onoff.fits", format="ogip")))
if Path("sherpa_onoff.fits").exists():
    item("ogip sherpa")(lambda: dataset(SpectrumDatasetOnOff.read("sherpa_onoff.fits", format="ogip")))
for name in ("list", "mixed"):

    @item(name)
    def _(name=name):
        datasets = Datasets.read(f"{name}.yaml", filename_models=f"{name}_models.yaml")
        return [datasets.models.names, *[dataset(d, model=False) for d in datasets]]


report()
