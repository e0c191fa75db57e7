"""Tables and headers of axes."""

import numpy as np
import pytest
from astropy import units as u
from astropy.io.fits import BinTableHDU
from astropy.table import Table
from astropy.time import Time
from numpy.testing import assert_allclose

from geminga.errors import AxisMismatchError, FormatError, UnknownNameError
from geminga.maps import LabelMapAxis, MapAxes, MapAxis, TimeMapAxis

ENERGY = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=3)
TRUE = ENERGY.rename("energy_true")
RAD = MapAxis.from_bounds(0, 1, 4, unit="deg", name="rad")
PHASE = MapAxis.from_bounds(0, 360, 4, unit="deg", name="phase", boundary_type="periodic")
OFFSET = MapAxis.from_nodes([0.0, 1.0, 2.5], unit="deg", name="offset")
LABELS = LabelMapAxis(["run-9", "run-10", "a"], name="dataset")
TIME = TimeMapAxis([0, 2, 5] * u.d, [1, 4, 6] * u.d, Time("2020-01-01"))


@pytest.mark.parametrize(
    "axes",
    [
        [ENERGY],
        [ENERGY, RAD],
        [LABELS, ENERGY],
        [ENERGY, LABELS],
        [TIME, TRUE],
        [PHASE, OFFSET],
        [ENERGY.squash(), TRUE],
        [MapAxis.from_nodes([3], name="x", unit="m")],
        [],
    ],
    ids=lambda axes: "-".join(axis.name for axis in axes),
)
def test_bands_tables_give_the_axes_back(axes):
    """Labels keep their order and periodic axes their boundary (the peer sorts labels and forgets boundaries)."""
    axes = MapAxes(axes)
    hdu = axes.to_table_hdu()
    assert hdu.name == "BANDS"
    assert MapAxes.from_table_hdu(hdu) == axes
    again = MapAxes.from_table_hdu(hdu)
    assert [type(axis) for axis in again] == [type(axis) for axis in axes]


def test_bands_header():
    # oracle: peer 2.1, MapAxes([energy, rad]).to_header()
    header = MapAxes([ENERGY, RAD]).to_header()
    assert dict(header) == {
        "AXCOLS1": "E_MIN,E_MAX",
        "INTERP1": "log",
        "AXCOLS2": "RAD_MIN,RAD_MAX",
        "INTERP2": "lin",
    }
    assert MapAxes([OFFSET]).to_header()["AXCOLS1"] == "OFFSET"
    assert MapAxes([TRUE]).to_header()["AXCOLS1"] == "ENERGY_TRUE_MIN,ENERGY_TRUE_MAX"
    assert ENERGY.to_header(format="gadf", idx=3)["AXCOLS3"] == "E_MIN,E_MAX"
    assert LABELS.to_header(idx=1)["AXCOLS1"] == "DATASET"
    assert TIME.to_header(idx=2)["MJDREFI"] == 58849


def test_bands_table():
    # oracle: peer 2.1, MapAxes([energy, rad]).to_table()
    table = MapAxes([ENERGY, RAD]).to_table()
    assert table.colnames == ["CHANNEL", "ENERGY", "E_MIN", "E_MAX", "RAD", "RAD_MIN", "RAD_MAX"]
    assert len(table) == 12
    assert_allclose(table["E_MIN"][:4], [1, 2.15443469, 4.64158883, 1])
    assert_allclose(table["RAD_MIN"][:4], [0, 0, 0, 0.25])


def test_single_precision_bands():
    table = MapAxes([ENERGY]).to_table()
    for name in ("E_MIN", "E_MAX"):
        table[name] = table[name].astype("float32")
    hdu = BinTableHDU(table, header=MapAxes([ENERGY]).to_header())
    assert MapAxes.from_table_hdu(hdu) == ENERGY or MapAxes.from_table_hdu(hdu)[0].is_allclose(
        ENERGY, rtol=1e-5
    )


def test_scale_that_the_header_does_not_tell():
    """Energies with equal ratios are logarithmic; the peer takes them as linear."""
    table = Table({"CHANNEL": [0, 1, 2], "ENERGY": [1.0, 10.0, 100.0] * u.MeV}, meta={"AXCOLS1": "ENERGY"})
    [axis] = MapAxes.from_table(table)
    assert (axis.name, axis.interp, axis.node_type) == ("energy", "log", "center")
    table["ENERGY"][1] = 30
    assert MapAxes.from_table(table)[0].interp == "lin"


def test_theta_is_rad():
    table = Table({"THETA": [0.0, 0.1] * u.deg}, meta={"AXCOLS1": "THETA", "INTERP1": "lin"})
    assert MapAxes.from_table(table).names == ["rad"]


@pytest.mark.parametrize("format", ["ogip", "ogip-sherpa"])
def test_energy_bounds(format):
    hdu = ENERGY.to_table_hdu(format=format)
    assert hdu.name == "EBOUNDS"
    assert hdu.header["HDUCLAS2"] == "EBOUNDS"
    assert hdu.header["DETCHANS"] == 3
    assert hdu.columns.names == ["CHANNEL", "E_MIN", "E_MAX"]
    assert hdu.columns["E_MIN"].unit == ("keV" if "sherpa" in format else "TeV")
    assert MapAxis.from_table_hdu(hdu, format=format).is_allclose(ENERGY)
    assert MapAxes.from_table_hdu(hdu, format=format)[0].is_allclose(ENERGY)
    with pytest.raises(AxisMismatchError, match="'energy'"):
        TRUE.to_table(format=format)


@pytest.mark.parametrize("format", ["ogip-arf", "ogip-arf-sherpa"])
def test_effective_area_energies(format):
    hdu = TRUE.to_table_hdu(format=format)
    assert hdu.columns.names == ["ENERG_LO", "ENERG_HI"]
    assert hdu.header["HDUCLAS2"] == "SPECRESP"
    assert MapAxis.from_table_hdu(hdu, format=format).is_allclose(TRUE)
    with pytest.raises(AxisMismatchError, match="'energy_true'"):
        ENERGY.to_table(format=format)


def test_ogip_has_one_axis():
    with pytest.raises(AxisMismatchError, match="one energy axis"):
        MapAxes([ENERGY, RAD]).to_table(format="ogip")


def test_fermi_counts_cube():
    hdu = MapAxes([ENERGY]).to_table_hdu(format="fgst-ccube")
    assert hdu.name == "EBOUNDS"
    assert MapAxes.from_table_hdu(hdu, format="fgst-ccube")[0] == ENERGY
    without_units = Table({"CHANNEL": [1, 2], "E_MIN": [1e6, 1e7], "E_MAX": [1e7, 1e8]})
    [axis] = MapAxes.from_table(without_units, format="fgst-ccube")
    assert_allclose(axis.edges.to_value("GeV"), [1, 10, 100])


def test_fermi_template():
    """Energies without a unit are in MeV; ours are written in MeV (the peer writes TeV and reads MeV)."""
    axis = MapAxis.from_nodes([1, 2, 4], name="energy_true", unit="TeV", interp="log")
    hdu = MapAxes([axis]).to_table_hdu(format="fgst-template")
    assert hdu.name == "ENERGIES"
    assert hdu.columns["Energy"].unit == "MeV"
    assert MapAxes.from_table_hdu(hdu, format="fgst-template")[0].is_allclose(axis)
    [axis] = MapAxes.from_table(Table({"Energy": [50.0, 500.0]}), format="fgst-template")
    assert axis.unit == "MeV"
    assert (axis.name, axis.node_type, axis.interp) == ("energy_true", "center", "log")


def test_responses():
    axes = MapAxes(
        [TRUE, OFFSET, RAD, MapAxis([0.2, 1, 5], name="migra"), MapAxis([-1, 1], name="fov_lon", unit="deg")]
    )
    table = axes.to_table(format="gadf-dl3")
    # oracle: peer 2.1, the column names
    assert table.colnames[:6] == ["ENERG_LO", "ENERG_HI", "THETA_LO", "THETA_HI", "RAD_LO", "RAD_HI"]
    assert table.colnames[6:] == ["MIGRA_LO", "MIGRA_HI", "DETX_LO", "DETX_HI"]
    assert MapAxes.from_table(table, format="gadf-dl3") == axes
    assert MapAxis.from_table(table, format="gadf-dl3", column_prefix="RAD") == RAD
    assert MapAxis.from_table(RAD.to_table(format="gadf-dl3"), format="gadf-dl3") == RAD
    assert len(RAD.to_header(format="gadf-dl3")) == 0


def test_flux_points():
    # oracle: peer 2.1, to_table(format="gadf-sed")
    table = ENERGY.to_table(format="gadf-sed")
    assert table.colnames == ["e_ref", "e_min", "e_max"]
    assert MapAxis.from_table(table, format="gadf-sed") == ENERGY
    del table["e_min"]
    axis = MapAxes.from_table(table, format="gadf-sed")[0]
    assert axis.node_type == "center"
    assert_allclose(axis.center, ENERGY.center)


def lightcurve():
    """Oracle: peer 2.1, FluxPoints.to_table(format="lightcurve") of three intervals and two energies."""
    table = Table()
    table["time_min"], table["time_max"] = [58849.0, 58851.0, 58854.0], [58850.0, 58853.0, 58855.0]
    for name, energies in (("e_ref", [1.7, 5.5]), ("e_min", [1.0, 3.0]), ("e_max", [3.0, 10.0])):
        table[name] = np.tile(energies, (3, 1)) * u.TeV
    table.meta = {"MJDREFI": 0, "MJDREFF": 0.0, "TIMESYS": "utc", "TIMEUNIT": "d"}
    return table


def test_lightcurve():
    """Dates stay dates; the peer moves them by the 37 leap seconds."""
    axes = MapAxes.from_table(lightcurve(), format="lightcurve")
    assert axes.names == ["energy", "time"]
    assert_allclose(axes["energy"].edges.value, [1, 3, 10])
    assert_allclose(axes["time"].time_min.utc.mjd, [58849, 58851, 58854], atol=1e-9)
    assert_allclose(axes["time"].time_max.utc.mjd, [58850, 58853, 58855], atol=1e-9)


def test_lightcurve_of_dates():
    table = lightcurve()
    for name in ("time_min", "time_max"):
        table[name] = Time(table[name], format="mjd").isot
    axes = MapAxes.from_table(table, format="lightcurve")
    assert_allclose(axes["time"].time_max.mjd, [58850, 58853, 58855], atol=1e-9)


def test_profile():
    table = lightcurve()["e_min", "e_max"]
    table["x_min"], table["x_max"] = [0, 1, 2] * u.deg, [1, 2, 3] * u.deg
    axes = MapAxes.from_table(table, format="profile")
    assert axes.names == ["energy", "projected-distance"]
    assert_allclose(axes[1].edges.value, [0, 1, 2, 3])
    table = lightcurve()["e_min", "e_max"]
    table["x_ref"] = [0.5, 1.5, 2.5] * u.deg
    assert MapAxes.from_table(table, format="profile")[1].node_type == "center"


# ---------------------------------------------------------------------- bad input


def test_unknown_formats():
    for call in (
        lambda: ENERGY.to_table("x"),
        lambda: ENERGY.to_header("x"),
        lambda: MapAxes([ENERGY]).to_table("x"),
    ):
        with pytest.raises(UnknownNameError, match="ogip"):
            call()


def test_missing_columns_are_named():
    with pytest.raises(FormatError, match="column E_MIN"):
        MapAxis.from_table(Table({"CHANNEL": [1]}), format="ogip")
    with pytest.raises(FormatError, match="e_ref"):
        MapAxis.from_table(Table({"dnde": [1]}), format="gadf-sed")
    with pytest.raises(FormatError, match="AXCOLS1"):
        MapAxis.from_table(Table({"CHANNEL": [1]}), format="gadf", idx=1)


def test_bins_with_gaps():
    table = Table({"CHANNEL": [0, 1], "E_MIN": [1.0, 3.0] * u.TeV, "E_MAX": [2.0, 4.0] * u.TeV})
    with pytest.raises(FormatError, match="gaps"):
        MapAxis.from_table(table, format="ogip")
    table.meta["AXCOLS1"] = "E_MIN,E_MAX"
    with pytest.raises(FormatError, match=r"column E_MIN.*gaps"):
        MapAxes.from_table(table, format="gadf")


def test_no_table_is_no_axes():
    assert MapAxes.from_table_hdu(None).names == []


def test_theta_beside_rad_keeps_its_name():
    # alone, theta is what older files call rad
    axes = MapAxes(
        [MapAxis.from_edges([0, 1, 2], name=name, unit="deg") for name in ("rad", "theta")],
        n_spatial_axes=2,
    )
    assert MapAxes.from_table_hdu(axes.to_table_hdu(format="gadf")).names == ["rad", "theta"]
    alone = MapAxes([axes["theta"]], n_spatial_axes=2)
    assert MapAxes.from_table_hdu(alone.to_table_hdu(format="gadf")).names == ["rad"]
