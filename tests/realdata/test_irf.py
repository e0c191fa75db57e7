"""Responses of real files against frozen numbers of the peer.

Oracle: peer 2.1, `load_irf_dict_from_file` and the same method calls (see `measure`), at 0.5, 2 and 20 TeV,
0.4 deg off axis.
"""

import numpy as np
import pytest
from astropy import units as u

from geminga.irf import (
    Background2D,
    Background3D,
    EffectiveAreaTable2D,
    FoVAlignment,
    PSFKing,
    load_irf_dict_from_file,
)
from geminga.maps import MapAxis

pytestmark = pytest.mark.realdata

FILES = {
    "hess": "hess-dl3-dr1/data/hess_dl3_dr1_obs_id_023523.fits.gz",
    "1dc": "cta-1dc/caldb/data/cta/1dc/bcf/South_z20_50h/irf_file.fits",
    "prod5": "cta-caldb/Prod5-South-20deg-AverageAz-14MSTs37SSTs.180000s-v0.1.fits.gz",
    "magic": "magic/rad_max/data/20131004_05029747_DL3_CrabNebula-W0.40+035.fits",
}

EXPECTED = {
    ("hess", "aeff"): ([34502.2633, 370971.005, 683938.185], "m2"),
    ("hess", "edisp"): ([0.0476751565, 0.803922369, 1.63208101, 1.44356507, 1.5180911, 2.27960234], ""),
    ("hess", "kernel"): (
        [
            0.178088042,
            0.708527575,
            0.0982508351,
            0.0983623432,
            0.678565851,
            0.184176026,
            0.0608301793,
            0.601249084,
            0.303464995,
        ],
        "",
    ),
    ("hess", "bias"): ([0.446913115, 0.0182785197, 0.00647604238], ""),
    ("hess", "resolution"): ([0.505924994, 0.407318065, 0.256941277], ""),
    ("hess", "bias energy"): ([0.984231344], "TeV"),
    ("hess", "psf"): ([22.6137365, 8.5547693, 44.3268617, 5.96642138, 62.4553571, 4.45130421], "deg-2"),
    ("hess", "containment"): (
        [0.166534643, 0.452353918, 0.32231462, 0.602431365, 0.491908289, 0.706802343],
        "",
    ),
    ("hess", "r68"): ([0.153726841, 0.123755256, 0.0906126291], "deg"),
    ("hess", "bkg"): (
        [0.000407506392, 0.00020817974, 7.61487823e-05, 7.17073352e-05, 5.20047432e-07, 5.19642564e-07],
        "s-1 MeV-1 sr-1",
    ),
    ("hess", "bkg 2d"): ([0.000321600731, 7.77139864e-05, 4.3272446e-07], "s-1 MeV-1 sr-1"),
    ("1dc", "aeff"): ([549755.379, 1808734.59, 4434682.79], "m2"),
    ("1dc", "edisp"): ([105.554323, 899.632112, 64.080017, 436.429685, 4.05113189, 32.8008047], ""),
    ("1dc", "kernel"): ([0.0719405629, 0.926378049, 0.976723877, 0.940376163, 0.0584542222], ""),
    ("1dc", "bias"): ([-0.0582721341, -0.0584573812, 0.0661079591], ""),
    ("1dc", "resolution"): ([0.226708926, 0.223397098, 0.231488084], ""),
    ("1dc", "bias energy"): ([0.232697156], "TeV"),
    ("1dc", "psf"): ([69.9035035, 5.30163561, 96.6285292, 1.48651926, 129.132938, 0.017272346], "deg-2"),
    ("1dc", "containment"): (
        [0.507639478, 0.941233085, 0.682355762, 0.989819621, 0.913741752, 0.999944639],
        "",
    ),
    ("1dc", "r68"): ([0.06325, 0.04975, 0.03425], "deg"),
    ("1dc", "bkg"): (
        [0.000785558415, 0.000777053411, 2.81161205e-05, 2.74890978e-05, 1.72724963e-07, 1.84731528e-07],
        "s-1 MeV-1 sr-1",
    ),
    ("1dc", "bkg 2d"): ([0.000783372154, 2.79157564e-05, 1.76792544e-07], "s-1 MeV-1 sr-1"),
    ("prod5", "aeff"): ([415412.555, 1181970.71, 2743500.48], "m2"),
    ("prod5", "edisp"): (
        [0.0117939133, 0.036555251, 0.00880063135, 0.0317550883, 0.00576389914, 0.0349275683],
        "",
    ),
    ("prod5", "kernel"): ([0.0815186155, 0.917175516, 0.989416783, 0.894856077, 0.105143923], ""),
    ("prod5", "bias"): ([-0.0539558956, -0.102156955, 0.0779548188], ""),
    ("prod5", "resolution"): ([0.22814202, 0.187891832, 0.227318214], ""),
    ("prod5", "bias energy"): ([0.23269745], "TeV"),
    ("prod5", "psf"): (
        [60.7280144, 7.09658894, 103.644185, 0.914082869, 127.923475, 0.000719089187],
        "deg-2",
    ),
    ("prod5", "containment"): (
        [0.445549482, 0.905495786, 0.72737818, 0.994476143, 0.963888436, 0.999998299],
        "",
    ),
    ("prod5", "r68"): ([0.06925, 0.04675, 0.02925], "deg"),
    ("prod5", "bkg"): (
        [0.000670941138, 0.000669455016, 2.02737318e-05, 1.97509921e-05, 1.42163098e-07, 1.39219779e-07],
        "s-1 MeV-1 sr-1",
    ),
    ("prod5", "bkg 2d"): ([0.000670479903, 2.01106478e-05, 1.41431799e-07], "s-1 MeV-1 sr-1"),
    ("magic", "aeff"): ([72879.0012, 114665.348, 104503.443], "m2"),
    ("magic", "edisp"): ([1.49376708, 1.07479761, 1.39811026, 1.0263436, 1.23220329, 0.832121436], ""),
    ("magic", "kernel"): (
        [
            0.394168543,
            0.501594248,
            0.0905409939,
            0.167733213,
            0.596168251,
            0.213767866,
            0.118445666,
            0.523840514,
            0.26052116,
        ],
        "",
    ),
    ("magic", "bias"): ([-0.0322726131, -0.0366121446, -0.194949425], ""),
    ("magic", "resolution"): ([0.31604794, 0.415888856, 0.336023603], ""),
    ("magic", "bias energy"): ([0.291714608], "TeV"),
    ("magic", "rad_max"): ([0.100213325, 0.100000001, 0.100000001], "deg"),
    ("king", "psf"): ([17.739244, 7.99031285, 40.2941935, 5.68641578, 70.3833209, 3.83247392], "deg-2"),
    ("king", "containment"): (
        [0.134876668, 0.394088433, 0.294024215, 0.55391335, 0.557822983, 0.779980835],
        "",
    ),
    ("king", "r68"): ([0.17325, 0.14775, 0.07025], "deg"),
}

ENERGIES = [0.5, 2, 20] * u.TeV
OFFSET = 0.4 * u.deg
TRUE = MapAxis.from_energy_bounds("0.1 TeV", "40 TeV", 20, name="energy_true")
RECO = MapAxis.from_energy_bounds("0.2 TeV", "30 TeV", 10)


@pytest.fixture(scope="module")
def irfs(gammapy_data):
    known = {name: load_irf_dict_from_file(gammapy_data / path) for name, path in FILES.items()}
    known["king"] = {"psf": PSFKing.read(gammapy_data / "tests/hess_psf_king_023523.fits.gz")}
    return known


def measure(irfs, what):
    """Return the quantity that EXPECTED holds under this name."""
    energy = ENERGIES[:, np.newaxis]
    at = {"energy_true": energy, "offset": OFFSET}
    if what == "aeff":
        return irfs["aeff"].evaluate(energy_true=ENERGIES, offset=OFFSET)
    if what == "edisp":
        return irfs["edisp"].evaluate(migra=[0.85, 1.05], **at)
    if what == "psf":
        return irfs["psf"].evaluate(rad=[0.03, 0.1] * u.deg, **at)
    if what == "containment":
        return irfs["psf"].containment(rad=[0.05, 0.1] * u.deg, **at)
    if what == "r68":
        return irfs["psf"].containment_radius(0.68, energy_true=ENERGIES, offset=OFFSET)
    if what == "bkg":
        return irfs["bkg"].evaluate(energy=energy, fov_lon=[-1, 1.3] * u.deg, fov_lat=0.5 * u.deg)
    if what == "bkg 2d":
        return irfs["bkg"].to_2d().evaluate(energy=ENERGIES, offset=1.2 * u.deg)
    if what == "rad_max":
        return irfs["rad_max"].evaluate(energy=ENERGIES, offset=OFFSET)
    kernel = irfs["edisp"].to_edisp_kernel(OFFSET, energy_axis_true=TRUE, energy_axis=RECO)
    if what == "kernel":
        rows = kernel.pdf_matrix[[4, 8, 15]]
        return rows[rows > 0.05] * u.one
    if what == "bias energy":
        return kernel.get_bias_energy(0.1)
    centers = [0.5, 2.2, 20] * u.TeV
    return (kernel.get_bias if what == "bias" else kernel.get_resolution)(centers) * u.one


@pytest.mark.parametrize("name", EXPECTED, ids=" ".join)
def test_against_the_peer(irfs, name):
    telescope, what = name
    values, unit = EXPECTED[name]
    actual = measure(irfs[telescope], what).to_value(unit)
    np.testing.assert_allclose(np.ravel(actual), values, rtol=1e-7, atol=1e-10)


def test_kinds_and_alignment(irfs):
    tags = {name: [irf.tag for irf in found.values()] for name, found in irfs.items()}
    assert tags["hess"] == ["aeff_2d", "edisp_2d", "psf_table", "bkg_3d"]
    assert tags["1dc"] == ["aeff_2d", "psf_3gauss", "edisp_2d", "bkg_3d"]
    assert tags["prod5"] == ["aeff_2d", "psf_3gauss", "edisp_2d", "bkg_3d"]
    assert tags["magic"] == ["rad_max_2d", "aeff_2d", "edisp_2d"]
    # 1DC names no alignment: RADEC is assumed
    assert irfs["1dc"]["bkg"].fov_alignment is FoVAlignment.RADEC
    assert all(irf.is_pointlike for irf in irfs["magic"].values())


def test_thresholds_of_the_header(irfs):
    np.testing.assert_allclose(irfs["hess"]["aeff"].meta["LO_THRES"], 0.870963589956081)


def test_king_of_hess_is_finite_everywhere(irfs):
    king = irfs["king"]["psf"]
    rad = np.linspace(0, 1, 20) * u.deg
    values = king.evaluate(
        rad=rad, energy_true=np.geomspace(0.01, 200, 50)[:, np.newaxis] * u.TeV, offset=0.5 * u.deg
    )
    assert np.isfinite(values).all()
    assert (values >= 0 * values.unit).all()


def test_examples_without_units(gammapy_data, caplog):
    flat = Background2D.read(gammapy_data / "tests/irf/bkg_2d_full_example.fits")
    cube = Background3D.read(gammapy_data / "tests/irf/bkg_3d_full_example.fits")
    assert flat.data.shape == (20, 5)
    assert cube.data.shape == (20, 15, 15)
    assert "no unit, TeV is assumed" in caplog.text


def test_ctools_layout(gammapy_data):
    aeff = EffectiveAreaTable2D.read(gammapy_data / "tests/unbundled/irfs/aeff2D.fits")
    assert aeff.data.shape == (120, 5)
    assert aeff.meta["LO_THRES"] == 1.0


@pytest.mark.parametrize("telescope", FILES)
def test_files_written_by_us_read_the_same(irfs, telescope, tmp_path):
    for kind, irf in irfs[telescope].items():
        path = tmp_path / f"{kind}.fits"
        irf.write(path)
        assert type(irf).read(path).is_allclose(irf, rtol=0, atol=0, rtol_axes=1e-13, atol_axes=0)
