"""Files of flux points as data."""

import numpy as np
import pytest
from astropy import units as u
from astropy.table import Table
from numpy.testing import assert_allclose

from geminga.data import GTI
from geminga.datasets import Datasets, FluxPointsDataset
from geminga.errors import FileExistsGemingaError, FormatError
from geminga.modeling.models import PowerLawSpectralModel, SkyModel
from geminga.results import FluxPoints


@pytest.fixture
def dataset():
    table = Table(
        {"e_ref": [0.5, 1.0, 2.0] * u.TeV, "e_min": [0.4, 0.7, 1.4] * u.TeV, "e_max": [0.7, 1.4, 2.8] * u.TeV}
    )
    table["dnde"] = [4e-12, 0.9e-12, 2.2e-13] * u.Unit("cm-2 s-1 TeV-1")
    table["dnde_err"] = [4e-13, 0.9e-13, 2.2e-14] * u.Unit("cm-2 s-1 TeV-1")
    gti = GTI.create([0] * u.s, [100] * u.s)
    points = FluxPoints.from_table(table, sed_type="dnde", reference_model=PowerLawSpectralModel(), gti=gti)
    source = SkyModel(PowerLawSpectralModel(), name="source")
    return FluxPointsDataset(
        data=points, models=source, name="points", mask_fit=[True, False, True], meta_table=Table({"A": [1]})
    )


@pytest.mark.parametrize("suffix", ["fits", "fits.gz", "ecsv"])
def test_round_trip(dataset, tmp_path, suffix):
    path = tmp_path / f"points.{suffix}"
    dataset.write(path)
    back = FluxPointsDataset.read(path)
    assert back.name == "points"
    assert back.mask_fit.ravel().tolist() == [True, False, True]
    back.models = dataset.models
    assert_allclose(back.stat_sum(), dataset.stat_sum())
    if suffix != "ecsv":
        assert_allclose(back.gti.time_sum.to_value("s"), 100)
        assert back.meta_table["A"][0] == 1
    assert FluxPointsDataset.read(path, name="other").name == "other"
    with pytest.raises(FileExistsGemingaError):
        dataset.write(path)
    dataset.write(path, overwrite=True)


def test_stat_type_is_kept(dataset, tmp_path):
    dataset.stat_type = "distrib"
    dataset.write(tmp_path / "points.fits", checksum=True)
    assert FluxPointsDataset.read(tmp_path / "points.fits").stat_type == "distrib"


def test_list(dataset, tmp_path):
    Datasets([dataset]).write(tmp_path / "list.yaml", filename_models=tmp_path / "models.yaml")
    back = Datasets.read(tmp_path / "list.yaml", filename_models=tmp_path / "models.yaml")
    assert back.names == ["points"]
    assert_allclose(back.stat_sum(), dataset.stat_sum())


def test_errors(tmp_path):
    with pytest.raises(FormatError, match="missing"):
        FluxPointsDataset.read(tmp_path / "missing.fits")
    with pytest.raises(FormatError, match="missing"):
        FluxPointsDataset.read(tmp_path / "missing.ecsv")


def test_columns_of_masks_have_the_shape_of_the_peer(dataset, tmp_path):
    dataset.write(tmp_path / "points.fits")
    assert np.shape(Table.read(tmp_path / "points.fits", hdu=1)["mask_fit"]) == (3, 1, 1)
