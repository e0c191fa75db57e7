"""YAML files of lists of datasets."""

import pytest
import yaml
from numpy.testing import assert_allclose

from geminga.datasets import Datasets
from geminga.errors import FileExistsGemingaError, FormatError


@pytest.fixture
def written(datasets, tmp_path):
    datasets.write(tmp_path / "list.yaml", filename_models=tmp_path / "models.yaml")
    return tmp_path


def test_round_trip(written, datasets):
    back = Datasets.read(written / "list.yaml", filename_models=written / "models.yaml")
    assert back.names == datasets.names
    assert back.models.names == ["crab"]
    for one, other in zip(datasets, back, strict=True):
        assert type(one) is type(other)
        # The fit mask of on-off spectra is kept too.
        assert other.mask_fit.data.tolist() == one.mask_fit.data.tolist()
        assert_allclose(other.stat_sum(), one.stat_sum(), rtol=1e-5)


@pytest.mark.parametrize("lazy", [False, True])
def test_lazy(written, lazy):
    assert Datasets.read(written / "list.yaml", lazy=lazy)["spec"].counts.data.sum() == 33


def test_entries(written):
    content = yaml.safe_load((written / "list.yaml").read_text())
    assert content["datasets"] == [
        {"name": "spec", "type": "SpectrumDataset", "filename": "spec.fits"},
        {"name": "onoff", "type": "SpectrumDatasetOnOff", "filename": "pha_obsonoff.fits"},
    ]
    assert content["metadata"]["creator"].startswith("Geminga")


def test_checksum(written, recwarn):
    Datasets.read(written / "list.yaml")
    assert not [w for w in recwarn if "checksum" in str(w.message)]
    text = (written / "list.yaml").read_text()
    (written / "list.yaml").write_text(text.replace("checksum: ", "checksum: 0"))
    with pytest.warns(UserWarning, match="checksum"):
        Datasets.read(written / "list.yaml")


def test_checksum_of_the_peer(written, recwarn):
    # As the peer 2.1 wrote it: the checksum is that of the text above it.
    text = """datasets:
-   name: spec
    type: SpectrumDataset
    filename: spec.fits
-   name: onoff
    type: SpectrumDatasetOnOff
    filename: pha_obsonoff.fits
metadata:
    creator: Gammapy 2.1
    date: '2026-11-22T12:42:30.467894'
    origin: null
checksum: 76961b575f829f769937d1e1083e360a
"""
    (written / "peer.yaml").write_text(text)
    assert Datasets.read(written / "peer.yaml").names == ["spec", "onoff"]
    assert not [w for w in recwarn if "checksum" in str(w.message)]


def test_nothing_is_written_if_a_file_exists(datasets, tmp_path):
    (tmp_path / "spec.fits").touch()
    with pytest.raises(FileExistsGemingaError, match="spec"):
        datasets.write(tmp_path / "list.yaml")
    assert not (tmp_path / "list.yaml").exists()
    datasets.write(tmp_path / "list.yaml", overwrite=True)


def test_response_in_migra_is_kept(on_off, tmp_path):
    from geminga.irf import EDispMap

    axis = on_off.exposure.geom.axes["energy_true"]
    on_off.edisp = EDispMap.from_diagonal_response(axis)
    Datasets([on_off]).write(tmp_path / "list.yaml")
    back = Datasets.read(tmp_path / "list.yaml")
    assert isinstance(back[0].edisp, EDispMap)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- 1", "datasets"),
        ("datasets: 3", "datasets"),
        ("datasets: [{name: a, type: Nonsense, filename: a.fits}]", "SpectrumDataset"),
        ("datasets: [{name: a, filename: a.fits}]", "type"),
        ("datasets: [{name: a, type: SpectrumDataset, filename: gone.fits}]", "gone"),
    ],
)
def test_errors_name_the_file(tmp_path, text, message):
    (tmp_path / "list.yaml").write_text(text)
    with pytest.raises(FormatError, match=message):
        Datasets.read(tmp_path / "list.yaml")


def test_unknown_keys_are_reported(written, caplog):
    text = (written / "list.yaml").read_text()
    (written / "list.yaml").write_text(text + "nonsense: 1\n")
    Datasets.read(written / "list.yaml", checksum=False)
    assert "nonsense" in caplog.text
