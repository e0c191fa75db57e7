"""Redistribution matrix files: round trips, foreign layouts, damage."""

import numpy as np
import pytest
from astropy import units as u
from astropy.io import fits

from geminga.errors import FileExistsGemingaError, FormatError, UnknownNameError
from geminga.irf import EDispKernel, EffectiveAreaTable2D
from geminga.maps import MapAxis


@pytest.fixture
def kernel(energy_true, energy):
    # rows: empty, one group, two groups, full
    data = [[0, 0, 0], [0, 0.5, 0.25], [0.125, 0, 0.5], [0.25, 0.25, 0.5]]
    return EDispKernel([energy_true, energy], data)


@pytest.mark.parametrize("format", ["ogip", "ogip-sherpa"])
def test_round_trip(kernel, tmp_path, format):
    kernel.write(tmp_path / "rmf.fits", format=format)
    again = EDispKernel.read(tmp_path / "rmf.fits", format=format)
    assert again.is_allclose(kernel, rtol=0, atol=0, rtol_axes=1e-12, atol_axes=0)
    assert again.axes["energy"].unit == ("keV" if format == "ogip-sherpa" else "TeV")
    with pytest.raises(FileExistsGemingaError):
        kernel.write(tmp_path / "rmf.fits", format=format)


def test_hdulist_and_headers(kernel):
    hdulist = kernel.to_hdulist(ANCRFILE="arf.fits")
    assert [hdu.name for hdu in hdulist] == ["PRIMARY", "MATRIX", "EBOUNDS"]
    header = hdulist["MATRIX"].header
    assert header["DETCHANS"] == 3
    assert header["NUMGRP"] == 4
    assert header["NUMELT"] == 7
    assert header["TLMIN4"] == 0
    assert header["ANCRFILE"] == "arf.fits"
    assert hdulist["EBOUNDS"].data["CHANNEL"].tolist() == [0, 1, 2]
    assert EDispKernel.from_hdulist(hdulist).is_allclose(kernel)


def test_table(kernel):
    table = kernel.to_table()
    assert table["N_GRP"].tolist() == [0, 1, 2, 1]
    assert [list(row) for row in table["F_CHAN"]] == [[], [1], [0, 2], [0]]
    assert table["ENERG_LO"].unit == "TeV"
    assert kernel.to_table(format="ogip-sherpa")["ENERG_LO"].unit == "keV"
    assert kernel.to_table_hdu().name == "MATRIX"


def test_channels_that_start_at_one(kernel):
    hdulist = kernel.to_hdulist()
    matrix = hdulist["MATRIX"]
    starts = [np.asarray(row) + 1 for row in matrix.data["F_CHAN"]]
    shifted = np.empty(4, dtype=object)
    shifted[:] = starts
    columns = [
        fits.Column(name="F_CHAN", format="PI()", array=shifted) if column.name == "F_CHAN" else column
        for column in matrix.columns
    ]
    # without TLMIN the first channel is 1
    new = fits.BinTableHDU.from_columns(columns, name="SPECRESP MATRIX")
    assert EDispKernel.from_hdulist(fits.HDUList([hdulist[0], new, hdulist["EBOUNDS"]])).is_allclose(kernel)


def test_fixed_length_columns(energy_true, energy):
    # one group a row, all channels, as scalars and fixed arrays
    data = np.arange(12.0).reshape(4, 3) / 100
    edges = energy_true.edges.to_value("keV")
    columns = [
        fits.Column(name="ENERG_LO", format="E", unit="keV", array=edges[:-1]),
        fits.Column(name="ENERG_HI", format="E", unit="keV", array=edges[1:]),
        fits.Column(name="N_GRP", format="I", array=[1] * 4),
        fits.Column(name="F_CHAN", format="I", array=[1] * 4),
        fits.Column(name="N_CHAN", format="I", array=[3] * 4),
        fits.Column(name="MATRIX", format="3E", array=data),
    ]
    matrix = fits.BinTableHDU.from_columns(columns, name="MATRIX")
    bounds = EDispKernel([energy_true, energy]).to_hdulist()["EBOUNDS"]
    kernel = EDispKernel.from_hdulist(fits.HDUList([fits.PrimaryHDU(), matrix, bounds]))
    np.testing.assert_allclose(kernel.data, data, rtol=1e-6)
    assert kernel.axes["energy_true"].is_allclose(energy_true)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda hdus: hdus.pop(2), "EBOUNDS"),
        (lambda hdus: hdus.pop(1), "MATRIX"),
        (lambda hdus: hdus["MATRIX"].columns.del_col("N_CHAN"), "N_CHAN"),
        (lambda hdus: hdus["MATRIX"].columns.del_col("ENERG_HI"), "ENERG_HI"),
        (lambda hdus: hdus["EBOUNDS"].data["E_MIN"].__setitem__(0, -1.0), "> 0"),
        (lambda hdus: hdus["EBOUNDS"].data["E_MAX"].__setitem__(2, 1e-3), "axis"),
        (lambda hdus: hdus["MATRIX"].data["F_CHAN"][1].__setitem__(0, 7), "EBOUNDS"),
        (lambda hdus: hdus["MATRIX"].data["MATRIX"][1].__setitem__(0, np.nan), "finite"),
    ],
)
def test_damage(kernel, damage, message):
    hdulist = kernel.to_hdulist()
    damage(hdulist)
    with pytest.raises(FormatError, match=message):
        EDispKernel.from_hdulist(hdulist)


def test_energies_without_unit(kernel):
    hdulist = kernel.to_hdulist()
    hdulist["EBOUNDS"].columns["E_MIN"].unit = None
    with pytest.raises(FormatError, match="unit"):
        EDispKernel.from_hdulist(hdulist)


def test_only_kernels(kernel, tmp_path):
    kernel.write(tmp_path / "rmf.fits")
    with pytest.raises(FormatError, match="gadf-dl3"):
        EffectiveAreaTable2D.read(tmp_path / "rmf.fits", format="ogip")
    with pytest.raises(UnknownNameError, match="ogip"):
        kernel.write(tmp_path / "other.fits", format="gadf")
    with pytest.raises(FormatError, match="EDispKernel"):
        EDispKernel.from_table(kernel.to_table(), format="gadf-dl3")


def test_probabilities_survive_many_bins():
    true = MapAxis.from_energy_bounds("0.05 TeV", "50 TeV", nbin=100, name="energy_true")
    reco = MapAxis.from_energy_bounds("0.1 TeV", "20 TeV", nbin=80)
    kernel = EDispKernel.from_gauss(true, reco, sigma=0.2, bias=0.0)
    again = EDispKernel.from_hdulist(kernel.to_hdulist())
    np.testing.assert_allclose(again.data, kernel.data, rtol=1e-6)
    assert u.allclose(again.axes["energy"].edges, reco.edges, rtol=1e-14)
