"""Flux points in tables and files."""

import numpy as np
import pytest
from astropy import units as u
from astropy.table import Table
from astropy.time import Time
from numpy.testing import assert_allclose, assert_array_equal

from geminga.errors import FormatError, UnitError, UnknownNameError
from geminga.estimators import FluxPoints
from geminga.modeling.models import PowerLawSpectralModel
from geminga.results.quantities import SED_TYPES

from ..conftest import AXES, TIME


@pytest.mark.parametrize("format", AXES)
@pytest.mark.parametrize("kind", SED_TYPES)
def test_tables_round_trip(kind, format, make_points):
    points = make_points(AXES[format])
    table = points.to_table(sed_type=kind, format=format)
    again = FluxPoints.from_table(table, reference_model=points.reference_model, gti=points.gti)
    for name in points.available_quantities:
        assert_allclose(again._data[name].data, points._data[name].data, rtol=1e-12)
    assert_array_equal(again.is_ul.data, points.is_ul.data)
    assert again.sed_type_init == kind
    assert again.n_sigma_ul == 2


@pytest.mark.parametrize("ending", ["fits", "fits.gz", "ecsv", "yaml"])
@pytest.mark.parametrize("format", AXES)
@pytest.mark.parametrize("kind", ["likelihood", "flux"])
def test_files_round_trip(kind, format, ending, make_points, tmp_path):
    points = make_points(AXES[format])
    path = tmp_path / f"points.{ending}"
    points.write(path, sed_type=kind, format=format)
    again = FluxPoints.read(path, reference_model=points.reference_model)
    for name in ("norm", "norm_err", "norm_ul", "ts", "stat", "stat_scan", "npred", "success"):
        assert_allclose(getattr(again, name).data, getattr(points, name).data, rtol=1e-12)
    assert (again.n_sigma, again.n_sigma_ul, again.sqrt_ts_threshold_ul) == (1, 2, 2)
    if format == "lightcurve":
        assert np.abs(again.geom.axes["time"].time_min - TIME.time_min).max() < 1 * u.ms
    if "fits" in ending:
        assert_allclose(again.gti.time_sum.to_value("s"), points.gti.time_sum.to_value("s"))
        assert len(again.gti.table) == 2
    with pytest.raises(FileExistsError):
        points.write(path, sed_type=kind)
    points.write(path, sed_type=kind, format=format, overwrite=True)


def test_reference_from_the_file(points, tmp_path):
    points.write(tmp_path / "points.ecsv", sed_type="likelihood")
    again = FluxPoints.read(tmp_path / "points.ecsv")
    assert_allclose(again.dnde.data, points.dnde.data, rtol=1e-6)


def test_columns_of_a_spectrum(points):
    table = points.to_table(sed_type="dnde")
    assert table.meta["SED_TYPE"] == "dnde"
    # two standard deviations, two sided: 1 - 2 * 0.02275
    assert_allclose(table.meta["UL_CONF"], 0.9544997, atol=1e-7)
    assert table.colnames[:4] == ["e_ref", "e_min", "e_max", "dnde"]
    assert_allclose(table["e_ref"].quantity.to_value("TeV"), np.sqrt([3, 30, 300]))
    assert table["dnde"].unit == "cm-2 s-1 TeV-1"
    assert table["npred"].shape == (3, 1)
    assert table["norm_scan"].shape == (3, 41)
    assert "ref_dnde" not in table.colnames
    assert {"ref_dnde", "ref_flux", "ref_eflux", "ref_e2dnde"} <= set(points.to_table("likelihood").colnames)


def test_columns_of_a_light_curve(make_points):
    table = make_points(AXES["lightcurve"]).to_table(sed_type="flux")
    assert len(table) == 2
    assert table["flux"].shape == (2, 3)
    assert_allclose(table["time_min"], TIME.time_min.tt.mjd, atol=1e-9)
    assert table.meta["TIMESYS"] == "tt"


def test_time_series(make_points):
    points = make_points(AXES["lightcurve"])
    series = points.to_table(sed_type="flux", format="binned-time-series")
    assert np.abs(series.time_bin_start - TIME.time_min).max() < 1 * u.ms
    assert_allclose(series.time_bin_size.to_value("d"), [1, 1.5])
    assert_allclose(series["flux"].value, points.flux.data[..., 0, 0])


def test_formatted_tables_round_for_the_eye(points):
    assert points.to_table(sed_type="dnde", formatted=True)["dnde"].info.format == ".3e"
    assert "<table" in points._repr_html_()


def simple(**columns):
    table = Table({"e_ref": [1.0, 10], "dnde": [1e-11, 1e-13], "dnde_err": [1e-12, 2e-14], **columns})
    table["e_ref"].unit = "TeV"
    for name in ("dnde", "dnde_err"):
        table[name].unit = "cm-2 s-1 TeV-1"
    return table


def read(table, **kwargs):
    return FluxPoints.from_table(table, reference_model=PowerLawSpectralModel(), **kwargs)


def test_sed_type_from_the_columns():
    points = read(simple())
    assert points.sed_type_init == "dnde"
    assert_allclose(points.norm.data.ravel(), [10, 10])


def test_likelihoods_become_statistics():
    """GADF says loglike = ln L; the statistic is -2 ln L (fault 26)."""
    points = read(simple(loglike=[-3.0, -4.0], loglike_null=[-5.0, -4.5]))
    assert_allclose(points.stat.data.ravel(), [6, 8])
    assert_allclose(points.stat_null.data.ravel(), [10, 9])


def test_gaps_between_bins_become_nan():
    table = Table({"e_min": [1.0, 5], "e_max": [2.0, 9], "flux": [1e-12, 2e-12]})
    for name, unit in (("e_min", "TeV"), ("e_max", "TeV"), ("flux", "cm-2 s-1")):
        table[name].unit = unit
    points = read(table)
    assert_allclose(points.energy_axis.edges.value, [1, 2, 5, 9])
    assert_allclose(points.flux.data.ravel(), [1e-12, np.nan, 2e-12])


def test_photons_are_counted_without_unit():
    table = simple()
    table["dnde"].unit = u.Unit("ph cm-2 s-1 TeV-1")
    before = table["dnde"].unit
    assert_allclose(read(table).norm.data.ravel(), [10, 10])
    assert table["dnde"].unit == before


def test_masked_values_are_nan():
    table = Table(simple(), masked=True)
    table["dnde_err"].mask[1] = True
    assert_array_equal(np.isnan(read(table).dnde_err.data.ravel()), [False, True])


def test_words_for_limits():
    points = read(simple(is_ul=["False", "True"]))
    assert_array_equal(points.is_ul.data.ravel(), [False, True])


def test_light_curve_with_a_reference_time():
    table = Table(
        {"time_min": [0.0, 10.0], "time_max": [5.0, 20.0], "e_min": [[1.0]] * 2, "e_max": [[9.0]] * 2}
    )
    table["flux"] = [[1e-12], [2e-12]] * u.Unit("cm-2 s-1")
    table["e_min"].unit = table["e_max"].unit = "TeV"
    table.meta.update({"MJDREFI": 58849, "MJDREFF": 0.0, "TIMESYS": "tt", "TIMEUNIT": "s"})
    axis = read(table).geom.axes["time"]
    expected = Time(58849, format="mjd", scale="tt") + [0, 10] * u.s
    assert np.abs(axis.time_min - expected).max() < 1 * u.us


# Oracle: peer 2.1, FluxPoints.write(sed_type="dnde") of the points of the fixture; some columns left out. The peer
# reads our ECSV and FITS files of all SED types, light curves and profiles to the same numbers (2026).
PEER = """\
# %ECSV 1.0
# ---
# datatype:
# - {name: e_ref, unit: TeV, datatype: float64}
# - {name: e_min, unit: TeV, datatype: float64}
# - {name: e_max, unit: TeV, datatype: float64}
# - {name: dnde, unit: 1 / (TeV s cm2), datatype: float64}
# - {name: dnde_err, unit: 1 / (TeV s cm2), datatype: float64}
# - {name: ts, unit: '', datatype: float64}
# - {name: success, unit: '', datatype: bool}
# - {name: is_ul, datatype: bool}
# meta: !!omap
# - {SED_TYPE: dnde}
# - {UL_CONF: 0.9544997}
# schema: astropy-2.0
e_ref e_min e_max dnde dnde_err ts success is_ul
1.7320508075688774 1.0 3.0000000000000004 4.176387640187344e-12 4.176387640187344e-13 0.0 True True
5.477225575051663 3.0000000000000004 10.000000000000002 4.43498403573697e-13 4.434984035736971e-14 12.5 True False
17.32050807568877 10.000000000000002 30.000000000000004 4.1863043358812574e-14 4.186304335881257e-15 25.0 True False
"""


def test_files_of_the_peer(tmp_path, reference):
    path = tmp_path / "peer.ecsv"
    path.write_text(PEER)
    points = FluxPoints.read(path, reference_model=reference)
    assert_allclose(points.norm.data.ravel(), [1, 1.5, 2], rtol=1e-12)
    assert_array_equal(points.is_ul.data.ravel(), [True, False, False])
    assert (points.n_sigma, points.n_sigma_ul) == (1, 2)


# ----------------------------------------------------------------------------------------- bad input


def test_missing_columns_are_named():
    table = simple()
    table.remove_column("dnde")
    with pytest.raises(FormatError, match="SED type must be declared"):
        read(table)
    with pytest.raises(FormatError, match="must have the column 'dnde'") as caught:
        read(table, sed_type="dnde")
    assert caught.value.column == "dnde"
    with pytest.raises(FormatError, match="must have the column 'e_min'"):
        read(simple(flux=[1e-12, 1e-13]), sed_type="flux")


def test_energies_need_a_unit():
    table = simple()
    table["e_ref"].unit = None
    with pytest.raises(FormatError, match="must have a unit"):
        read(table)


def test_energies_must_be_sorted():
    table = Table({"e_min": [5.0, 1], "e_max": [9.0, 2], "flux": [1e-12, 2e-12]})
    table["e_min"].unit = table["e_max"].unit = "TeV"
    table["flux"].unit = "cm-2 s-1"
    with pytest.raises(FormatError, match="must be sorted"):
        read(table)


def test_a_wrong_unit_is_an_error():
    table = simple()
    table["dnde"].unit = "cm-2 s-1"
    with pytest.raises(UnitError, match="dnde must have a unit"):
        read(table)


def test_unknown_names(points, tmp_path):
    with pytest.raises(UnknownNameError, match="gadf-sed"):
        points.to_table(format="gadf")
    with pytest.raises(UnknownNameError, match="dnde"):
        points.to_table(sed_type="dndee")
    with pytest.raises(FormatError, match="must end with 'time'"):
        points.to_table(format="lightcurve")


@pytest.mark.parametrize("name", ["points.fits", "points.ecsv", "points.yaml"])
def test_missing_and_broken_files(name, tmp_path):
    with pytest.raises(FormatError, match=name):
        FluxPoints.read(tmp_path / name)
    (tmp_path / name).write_text("this is: [not a table")
    with pytest.raises(FormatError, match=name):
        FluxPoints.read(tmp_path / name)


def test_no_code_in_yaml(tmp_path):
    path = tmp_path / "points.yaml"
    path.write_text("meta: {}\ncolumns: !!python/object/apply:os.getcwd []\n")
    with pytest.raises(FormatError, match=r"points\.yaml"):
        FluxPoints.read(path)
