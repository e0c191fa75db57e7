"""What no one wants to happen: full disks, interrupts in the middle of a write, code in data files, empty ranges."""

import os
from pathlib import Path

import numpy as np
import pytest
from astropy import units as u
from astropy.io import fits
from astropy.table import Table
from astropy.time import Time

from geminga.analysis import AnalysisConfig
from geminga.data import GTI, DataStore, EventList
from geminga.datasets import Datasets, SpectrumDataset, SpectrumDatasetOnOff
from geminga.errors import GemingaError
from geminga.estimators import FluxPoints, FluxPointsEstimator
from geminga.files import read_yaml, write_text
from geminga.irf import EDispKernelMap
from geminga.maps import Map, MapAxis, RegionGeom, WcsGeom
from geminga.modeling import Fit
from geminga.modeling.models import Models, PowerLawSpectralModel, SkyModel
from geminga.report import provenance, summarise, write_report

REGION = "icrs;circle(83.63, 22.01, 0.2)"


def a_model():
    spectrum = PowerLawSpectralModel(index=2.2, amplitude="1e-11 cm-2 s-1 TeV-1", reference="1 TeV")
    return SkyModel(spectrum, name="source")


def an_event_list():
    table = Table({"EVENT_ID": [1, 2], "RA": [83.0, 84.0], "DEC": [22.0, 22.0], "ENERGY": [1.0, 2.0]})
    table["RA"].unit = table["DEC"].unit = "deg"
    table["ENERGY"].unit = "TeV"
    table["TIME"] = Time("2026-01-01", scale="tt") + [1, 2] * u.s
    return EventList(table)


def a_dataset(counts=5.0):
    energy = MapAxis.from_energy_bounds("1 TeV", "10 TeV", 3, name="energy")
    energy_true = MapAxis.from_energy_bounds("0.5 TeV", "20 TeV", 5, name="energy_true")
    geom = RegionGeom.create(REGION, axes=[energy])
    dataset = SpectrumDataset.create(geom, energy_axis_true=energy_true, name="one")
    dataset.counts.data[...] = counts
    dataset.background.data[...] = 2
    dataset.exposure.data[...] = 1e13
    dataset.mask_safe.data[...] = True
    dataset.edisp = EDispKernelMap.from_diagonal_response(energy, energy_true, geom=geom.to_image())
    return dataset


def some_points():
    table = Table({"e_ref": [1.0, 10.0], "dnde": [1e-11, 1e-13]})
    table["e_ref"].unit, table["dnde"].unit = "TeV", "cm-2 s-1 TeV-1"
    return FluxPoints.from_table(table, reference_model=a_model())


def a_map():
    return Map.from_geom(WcsGeom.create(skydir=(83, 22), npix=(4, 4), binsz=1))


def intervals():
    return GTI.create([0] * u.s, [10] * u.s, reference_time=Time("2026-01-01"))


def write_page(path, overwrite=False):
    empty = type(
        "Empty", (), {"observations": None, "datasets": None, "fit_result": None, "flux_points": None}
    )()
    write_report(empty, summarise(empty), provenance(""), path.parent, overwrite=overwrite)


WRITERS = {
    "events.fits.gz": lambda path, **kw: an_event_list().write(path, gti=intervals(), **kw),
    "gti.fits": lambda path, **kw: intervals().write(path, **kw),
    "dataset.fits": lambda path, **kw: a_dataset().write(path, **kw),
    "pha.fits": lambda path, **kw: on_off().write(path, format="ogip", **kw),
    "datasets.yaml": lambda path, **kw: Datasets([a_dataset()]).write(path, **kw),
    "models.yaml": lambda path, **kw: Models([a_model()]).write(path, **kw),
    "points.fits": lambda path, **kw: some_points().write(path, **kw),
    "points.ecsv": lambda path, **kw: some_points().write(path, **kw),
    "points.yaml": lambda path, **kw: some_points().write(path, **kw),
    "map.fits.gz": lambda path, **kw: a_map().write(path, **kw),
    "config.yaml": lambda path, **kw: AnalysisConfig().write(path, **kw),
    "report.html": write_page,
}


def on_off():
    dataset = a_dataset()
    ones = Map.from_geom(dataset.counts.geom, data=np.ones(dataset.counts.geom.data_shape))
    return SpectrumDatasetOnOff.from_spectrum_dataset(
        dataset, acceptance=ones, acceptance_off=ones * 2, counts_off=ones * 3, name="one"
    )


def broken_replace(error):
    def replace(source, target):
        raise error

    return replace


def broken_stream(error):
    """Return a `writeto` that stops in the middle, as a full disk or an interrupt does."""

    def writeto(self, fileobj, *args, **kwargs):
        half = b"SIMPLE  =  half of a file"
        fileobj.write(half) if hasattr(fileobj, "write") else Path(fileobj).write_bytes(half)
        raise error

    return writeto


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), KeyboardInterrupt()], ids=["disk", "^C"]
)
def test_a_write_that_fails_leaves_the_old_files(name, error, tmp_path, monkeypatch):
    path = tmp_path / name
    WRITERS[name](path)
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    assert path in before
    monkeypatch.setattr(os, "replace", broken_replace(error))
    with pytest.raises(type(error)):
        WRITERS[name](path, overwrite=True)
    assert {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()} == before


@pytest.mark.parametrize("name", [name for name in WRITERS if ".fits" in name])
@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), KeyboardInterrupt()], ids=["disk", "^C"]
)
def test_half_a_fits_file_is_no_file(name, error, tmp_path, monkeypatch):
    path = tmp_path / name
    monkeypatch.setattr(fits.HDUList, "writeto", broken_stream(error))
    with pytest.raises(type(error)):
        WRITERS[name](path)
    assert not any(file.is_file() for file in tmp_path.rglob("*"))


def test_half_a_text_is_no_file(tmp_path, monkeypatch):
    def write_text_half(self, text, **kwargs):
        self.write_bytes(text[:3].encode())
        raise OSError(28, "No space left on device")

    write_text("old", tmp_path / "a.txt")
    monkeypatch.setattr(Path, "write_text", write_text_half)
    with pytest.raises(OSError, match="No space"):
        write_text("something new", tmp_path / "a.txt", overwrite=True)
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_bytes() == b"old"


@pytest.mark.parametrize("name", WRITERS)
def test_nothing_is_replaced_without_being_asked(name, tmp_path):
    path = tmp_path / name
    WRITERS[name](path)
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        WRITERS[name](path)
    assert path.read_bytes() == before


# ------------------------------------------------------------------------------------ code in YAML

TAGS = {
    "function": "!!python/object/apply:os.system ['touch owned']",
    "object": "!!python/object:collections.OrderedDict {}",
    "module": "!!python/module:os",
    "tuple": "!!python/tuple [1, 2]",
}

READERS = {
    "models": lambda path: Models.read(path),
    "model text": lambda path: Models.from_yaml(path.read_text()),
    "datasets": lambda path: Datasets.read(path),
    "configuration": lambda path: AnalysisConfig.read(path),
    "configuration text": lambda path: AnalysisConfig.from_yaml(path.read_text()),
    "flux points": lambda path: FluxPoints.read(path),
    "any": read_yaml,
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("tag", TAGS)
def test_yaml_runs_no_code(reader, tag, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "bad.yaml"
    path.write_text(f"components:\n- {TAGS[tag]}\n")
    with pytest.raises(GemingaError):
        READERS[reader](path)
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("content", ["a: [", "\x00\x01", "just a word", "[1, 2]"])
def test_yaml_that_is_none(reader, content, tmp_path):
    path = tmp_path / "bad.yaml"
    path.write_bytes(content.encode("latin-1"))
    if reader == "any" and content in ("just a word", "[1, 2]"):
        return
    with pytest.raises(GemingaError):
        READERS[reader](path)


@pytest.mark.parametrize("reader", [name for name in READERS if "text" not in name])
def test_missing_files_are_named(reader, tmp_path):
    with pytest.raises(GemingaError, match="missing-file"):
        READERS[reader](tmp_path / "missing-file.yaml")


def test_models_of_unknown_kind_are_named(tmp_path):
    path = tmp_path / "m.yaml"
    path.write_text("components:\n- {type: SkyModel, name: a, spectral: {type: PowerLawSpectralModle}}\n")
    with pytest.raises(GemingaError, match="PowerLawSpectralModel"):
        Models.read(path)


def test_datasets_of_unknown_kind_are_named(tmp_path):
    path = tmp_path / "d.yaml"
    path.write_text("datasets:\n- {type: SpectrumDatasett, name: a, filename: a.fits}\n")
    with pytest.raises(GemingaError, match="SpectrumDataset"):
        Datasets.read(path)


# ---------------------------------------------------------------------------------------- broken FITS


@pytest.mark.parametrize(
    "content", [b"", b"no fits file", b"SIMPLE  =                    T"], ids=["empty", "text", "cut"]
)
@pytest.mark.parametrize(
    "read",
    [
        EventList.read,
        GTI.read,
        Map.read,
        FluxPoints.read,
        SpectrumDataset.read,
        lambda path: SpectrumDatasetOnOff.read(path, format="ogip"),
        DataStore.from_file,
    ],
    ids=["events", "gti", "map", "points", "dataset", "ogip", "store"],
)
def test_broken_fits_files_are_named(read, content, tmp_path):
    path = tmp_path / "broken-file.fits"
    path.write_bytes(content)
    with pytest.raises(GemingaError, match="broken-file"):
        read(path)


# ------------------------------------------------------------------------------------ nothing to use


def test_flux_points_where_no_bin_is_safe():
    dataset = a_dataset()
    dataset.models = [a_model()]
    edges = dataset.counts.geom.axes["energy"].edges
    dataset.mask_safe.data[1] = False
    points = FluxPointsEstimator(energy_edges=edges, source="source").run([dataset])
    values = points.norm.data.ravel()
    np.testing.assert_array_equal(np.isfinite(values), [True, False, True])


def test_no_usable_bin_at_all():
    dataset = a_dataset()
    dataset.models = [a_model()]
    dataset.mask_safe.data[...] = False
    edges = dataset.counts.geom.axes["energy"].edges
    points = FluxPointsEstimator(energy_edges=edges, source="source", selection_optional="all").run([dataset])
    for name in ("norm", "norm_err", "norm_ul", "ts", "dnde_sensitivity"):
        assert not np.isfinite(getattr(points, name).data).any()


def test_energy_range_beside_the_data():
    dataset = a_dataset()
    dataset.models = [a_model()]
    with pytest.raises(GemingaError):
        FluxPointsEstimator(energy_edges=[100, 200] * u.TeV, source="source").run([dataset])


def test_a_fit_without_models_says_so():
    with pytest.raises(GemingaError, match="model"):
        Fit().run(Datasets([a_dataset()]))
