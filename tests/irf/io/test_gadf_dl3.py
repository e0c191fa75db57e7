"""DL3 response tables: round trips, layouts in use, and damaged files."""

import logging

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table
from hypothesis import given, settings
from hypothesis import strategies as st

from geminga.errors import FileExistsGemingaError, FormatError, UnknownNameError
from geminga.irf import Background3D, EffectiveAreaTable2D, FoVAlignment, PSFKing
from geminga.maps import MapAxis

NAMES = ["aeff", "edisp", "psf", "king", "gauss", "bkg_2d", "bkg_3d", "rad_max"]


@pytest.mark.parametrize("name", NAMES)
def test_file_round_trip(responses, name, tmp_path):
    irf = responses[name]
    irf.write(tmp_path / "irf.fits")
    again = type(irf).read(tmp_path / "irf.fits")
    assert type(again) is type(irf)
    exact = {"rtol_axes": 1e-13, "atol_axes": 0, "rtol": 1e-6 if name in ("king", "gauss") else 0, "atol": 0}
    assert again.is_allclose(irf, **exact)
    assert again.is_pointlike == irf.is_pointlike
    assert again.fov_alignment is irf.fov_alignment
    assert all(again.meta[key] == value for key, value in irf.meta.items())
    assert again.meta["HDUVERS"] == "0.3"
    assert again.meta["HDUCLAS4"] == irf.tag.upper()


@pytest.mark.parametrize("name", NAMES)
def test_table_and_hdu_round_trip(responses, name):
    irf = responses[name]
    for source in (irf.to_table(), irf.to_table_hdu()):
        assert type(irf).from_table(source).is_allclose(irf, rtol=1e-6)
    assert type(irf).from_hdulist(irf.to_hdulist()).is_allclose(irf, rtol=1e-6)
    assert type(irf).from_hdulist(irf.to_hdulist(), hdu=1).is_allclose(irf, rtol=1e-6)


@settings(max_examples=15, deadline=None)
@given(n_energy=st.integers(1, 5), n_offset=st.integers(1, 5), seed=st.integers(0, 10))
def test_any_shape_round_trips(n_energy, n_offset, seed):
    energy = MapAxis.from_energy_bounds("0.1 TeV", "10 TeV", nbin=n_energy, name="energy_true")
    offset = MapAxis.from_bounds(0, 3, nbin=n_offset, unit="deg", name="offset")
    data = np.random.default_rng(seed).uniform(0, 1, (n_energy, n_offset))
    aeff = EffectiveAreaTable2D([energy, offset], data, "m2")
    again = EffectiveAreaTable2D.from_table(aeff.to_table_hdu())
    assert (again.data == data).all()
    assert again.axes.is_allclose(aeff.axes)


def test_layout_of_the_array(responses):
    hdu = responses["edisp"].to_table_hdu()
    assert hdu.columns.names[:2] == ["ENERG_LO", "ENERG_HI"]
    assert hdu.header["TDIM7"] == "(4,6,3)"
    assert hdu.data["MATRIX"].shape == (1, 3, 6, 4)
    assert hdu.name == "ENERGY DISPERSION"


def test_class_names_of_the_specification(responses):
    assert responses["psf"].to_table_hdu().header["HDUCLAS2"] == "PSF"
    assert responses["aeff"].to_table_hdu().header["HDUCLAS2"] == "EFF_AREA"
    assert responses["rad_max"].to_table_hdu().header["HDUCLAS3"] == "POINT-LIKE"


def test_units_of_the_specification_are_written(responses):
    aeff = responses["aeff"].to_unit("cm2")
    hdu = aeff.to_table_hdu()
    assert hdu.columns["EFFAREA"].unit == "m2"
    assert EffectiveAreaTable2D.from_table(hdu).is_allclose(aeff)


def test_nodes_are_written_as_equal_edges(energy_true):
    nodes = MapAxis([0.0, 0.5, 1.0], node_type="center", unit="deg", name="offset")
    aeff = EffectiveAreaTable2D([energy_true, nodes], np.ones((4, 3)), "m2")
    table = aeff.to_table()
    assert (table["THETA_LO"] == table["THETA_HI"]).all()
    assert EffectiveAreaTable2D.from_table(table).axes["offset"].node_type == "center"


def test_background_in_the_order_of_memory(responses):
    # H.E.S.S. and CTA-1DC files: the array runs slowest along the energy
    irf = responses["bkg_3d"]
    table = irf.to_table()
    table["BGD"] = irf.data[np.newaxis]
    table["BGD"].unit = "s-1 MeV-1 sr-1"
    del table["BKG"]
    assert Background3D.from_table(table).is_allclose(irf)


def test_old_names_and_units(responses):
    table = responses["edisp"].to_table()
    table.rename_column("ENERG_LO", "ETRUE_LO")
    table.rename_column("ENERG_HI", "ETRUE_HI")
    assert type(responses["edisp"]).from_table(table).is_allclose(responses["edisp"])
    hdu = responses["bkg_3d"].to_table_hdu()
    hdu.columns["BKG"].unit = "1/s/MeV/sr"
    assert Background3D.from_table(hdu).is_allclose(responses["bkg_3d"])


def test_array_without_shape(responses):
    aeff = responses["aeff"]
    table = aeff.to_table()
    table["EFFAREA"] = aeff.data.T.reshape(1, -1)
    table["EFFAREA"].unit = "m2"
    assert EffectiveAreaTable2D.from_table(table).is_allclose(aeff)


@pytest.mark.parametrize(
    ("keywords", "expected"),
    [
        ({}, "RADEC"),
        ({"FOVALIGN": "ALTAZ"}, "ALTAZ"),
        ({"CREATOR": "SASH FITS::EventListWriter", "HDUVERS": "0.2"}, "REVERSE_LON_RADEC"),
        ({"CREATOR": "SASH FITS::EventListWriter", "HDUVERS": "0.3"}, "RADEC"),
    ],
)
def test_alignment_of_the_field_of_view(responses, keywords, expected):
    table = responses["bkg_3d"].to_table()
    del table.meta["FOVALIGN"]
    table.meta.update(keywords)
    assert Background3D.from_table(table).fov_alignment is FoVAlignment(expected)


def test_alignment_without_keyword_is_logged(responses, caplog):
    table = responses["bkg_3d"].to_table()
    del table.meta["FOVALIGN"]
    with caplog.at_level(logging.INFO):
        Background3D.from_table(table)
    assert "RADEC is assumed" in caplog.text
    table.meta["FOVALIGN"] = "SIDEWAYS"
    with pytest.raises(FormatError, match="SIDEWAYS"):
        Background3D.from_table(table)


def test_comments_and_odd_keywords(responses):
    irf = responses["aeff"]
    irf.meta.update({"comments": ["one", "two"], "VERYLONGKEY": 3, "NESTED": {"no": 1}, "CREF5": "(A:B)"})
    header = irf.to_table_hdu().header
    assert list(header["COMMENT"]) == ["one", "two"]
    assert header["VERYLONGKEY"] == 3
    assert "NESTED" not in header
    assert "CREF5" not in header


# ---------------------------------------------------------------------- which HDU


def test_hdu_is_found_by_class(responses, tmp_path):
    hdus = [responses[name].to_table_hdu() for name in ("edisp", "aeff", "king")]
    fits.HDUList([fits.PrimaryHDU(), *hdus]).writeto(tmp_path / "all.fits")
    assert EffectiveAreaTable2D.read(tmp_path / "all.fits").is_allclose(responses["aeff"])
    assert PSFKing.read(tmp_path / "all.fits").is_allclose(responses["king"], rtol=1e-6)
    assert EffectiveAreaTable2D.read(tmp_path / "all.fits", hdu="effective area").is_allclose(
        responses["aeff"]
    )
    with pytest.raises(FormatError, match="BKG_3D"):
        Background3D.read(tmp_path / "all.fits")


def test_wrong_hdu_names_the_file(responses, tmp_path):
    path = tmp_path / "aeff.fits"
    responses["aeff"].write(path)
    with pytest.raises(FormatError, match=r"aeff\.fits.*HDU NOPE"):
        EffectiveAreaTable2D.read(path, hdu="NOPE")
    with pytest.raises(FormatError, match=r"aeff\.fits"):
        EffectiveAreaTable2D.read(path, hdu=0)
    with pytest.raises(FormatError, match="EFFECTIVE AREA"):
        EffectiveAreaTable2D.from_hdulist(responses["aeff"].to_hdulist(), hdu="NOPE")


def test_unknown_format(responses, tmp_path):
    with pytest.raises(UnknownNameError, match="gadf-dl3"):
        responses["aeff"].write(tmp_path / "a.fits", format="gadf-dl4")
    responses["aeff"].write(tmp_path / "a.fits")
    with pytest.raises(UnknownNameError, match="gadf-dl3"):
        EffectiveAreaTable2D.read(tmp_path / "a.fits", format="nonsense")


def test_no_silent_overwrite(responses, tmp_path):
    responses["aeff"].write(tmp_path / "a.fits")
    with pytest.raises(FileExistsGemingaError):
        responses["aeff"].write(tmp_path / "a.fits")
    responses["aeff"].write(tmp_path / "a.fits", overwrite=True)


# ---------------------------------------------------------------------- damaged files


@pytest.mark.parametrize("column", ["ENERG_LO", "ENERG_HI", "THETA_LO", "EFFAREA"])
def test_missing_column(responses, tmp_path, column):
    table = responses["aeff"].to_table()
    table.remove_column(column)
    table.write(tmp_path / "a.fits")
    with pytest.raises(FormatError, match=rf"a\.fits.*column {column}"):
        EffectiveAreaTable2D.read(tmp_path / "a.fits", hdu=1)


@pytest.mark.parametrize("column", ["ENERG_LO", "THETA_HI", "EFFAREA"])
def test_wrong_unit(responses, column):
    table = responses["aeff"].to_table()
    table[column] = table[column].value
    table[column].unit = "s"
    with pytest.raises(FormatError, match=rf"column {column}.*must be convertible"):
        EffectiveAreaTable2D.from_table(table)


def test_unreadable_unit(responses):
    hdu = responses["aeff"].to_table_hdu()
    hdu.columns["EFFAREA"].unit = "nonsense2"
    with pytest.raises(FormatError, match="nonsense2"):
        EffectiveAreaTable2D.from_table(hdu)


def test_missing_units_are_assumed_and_logged(responses, caplog):
    table = responses["aeff"].to_table()
    for name in ("ENERG_LO", "EFFAREA"):
        table[name] = table[name].value
        table[name].unit = None
    assert EffectiveAreaTable2D.from_table(table).is_allclose(responses["aeff"])
    assert "column ENERG_LO: no unit, TeV is assumed" in caplog.text
    assert "column EFFAREA: no unit, m2 is assumed" in caplog.text


@pytest.mark.parametrize(
    ("value", "word"), [(np.nan, "not finite"), (np.inf, "not finite"), (-1.0, "negative")]
)
def test_impossible_values_become_zero_and_are_logged(responses, caplog, value, word):
    table = responses["aeff"].to_table()
    table["EFFAREA"].value[0, 1, 2] = value
    aeff = EffectiveAreaTable2D.from_table(table)
    assert aeff.data[2, 1] == 0
    assert np.count_nonzero(aeff.data) == 11
    assert f"column EFFAREA: 1 of 12 values are {word}" in caplog.text


def test_no_finite_value(responses):
    table = responses["aeff"].to_table()
    table["EFFAREA"].value[...] = np.nan
    with pytest.raises(FormatError, match=r"EFFAREA.*finite"):
        EffectiveAreaTable2D.from_table(table)
    table = responses["king"].to_table()
    table["GAMMA"][...] = np.nan
    with pytest.raises(FormatError, match=r"GAMMA.*finite"):
        PSFKing.from_table(table)


def test_parameters_that_are_not_finite(responses, caplog):
    table = responses["king"].to_table()
    table["GAMMA"][0, 0, 0] = np.nan
    king = PSFKing.from_table(table)
    assert "column GAMMA: 1 of 12 values are not finite" in caplog.text
    # the nearest energy stands in
    assert king.data["gamma"][0, 0] == king.data["gamma"][1, 0]


@pytest.mark.parametrize(
    ("column", "change", "message"),
    [
        ("ENERG_LO", lambda x: np.where(x == x.min(), np.nan, x), "finite"),
        ("ENERG_LO", lambda x: np.where(x == x.min(), 0.0, x), "> 0"),
        ("ENERG_LO", lambda x: x[:, ::-1], "start where"),
        ("THETA_LO", lambda x: x + 0.5, "start where"),
        ("THETA_HI", lambda x: x[:, :2], "equally many"),
    ],
)
def test_impossible_edges(responses, column, change, message):
    table = responses["aeff"].to_table()
    unit = table[column].unit
    values = change(table[column].value)
    table.remove_column(column)
    table[column] = values
    table[column].unit = unit
    with pytest.raises(FormatError, match=message):
        EffectiveAreaTable2D.from_table(table)


def test_wrong_shape(responses):
    table = responses["aeff"].to_table()
    table["EFFAREA"] = np.ones((1, 5, 4))
    table["EFFAREA"].unit = "m2"
    with pytest.raises(FormatError, match=r"EFFAREA.*\(4, 3\).*\(5, 4\)"):
        EffectiveAreaTable2D.from_table(table)
    table["EFFAREA"] = np.ones((1, 2, 6))
    table["EFFAREA"].unit = "m2"
    with pytest.raises(FormatError, match="EFFAREA"):
        EffectiveAreaTable2D.from_table(table)


def test_text_instead_of_numbers(responses):
    table = responses["aeff"].to_table()
    table["EFFAREA"] = np.full((1, 3, 4), "x")
    with pytest.raises(FormatError, match=r"EFFAREA.*numbers|EFFAREA.*unit"):
        EffectiveAreaTable2D.from_table(table)


def test_number_of_rows(responses):
    table = responses["aeff"].to_table()
    with pytest.raises(FormatError, match="one row"):
        EffectiveAreaTable2D.from_table(table[:0])
    two = Table(np.concatenate([table.as_array(), table.as_array()]))
    with pytest.raises(FormatError, match="one row"):
        EffectiveAreaTable2D.from_table(two)


def test_truncated_empty_and_missing_file(responses, tmp_path):
    path = tmp_path / "a.fits"
    responses["edisp"].write(path)
    content = path.read_bytes()
    path.write_bytes(content[:-2880])
    with pytest.raises(FormatError, match=r"a\.fits.*truncated"):
        type(responses["edisp"]).read(path)
    path.write_bytes(b"")
    with pytest.raises(FormatError, match=r"a\.fits.*empty"):
        EffectiveAreaTable2D.read(path)
    with pytest.raises(FormatError, match=r"gone\.fits.*exist"):
        EffectiveAreaTable2D.read(tmp_path / "gone.fits")
    path.write_text("hello")
    with pytest.raises(FormatError, match=r"a\.fits"):
        EffectiveAreaTable2D.read(path)
