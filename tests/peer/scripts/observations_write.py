"""Write observations, their index tables, responses and good time intervals."""

import os

import astropy.units as u
from summary import item, report

from geminga.data import GTI, DataStore
from geminga.irf import EDispKernel, EDispKernelMap, EDispMap, PSFMap
from geminga.maps import MapAxis

data = os.environ["GAMMAPY_DATA"]
energy = MapAxis.from_energy_bounds("0.1 TeV", "10 TeV", 6, name="energy")
energy_true = MapAxis.from_energy_bounds("0.05 TeV", "20 TeV", 8, name="energy_true")
store = DataStore.from_dir(f"{data}/hess-dl3-dr1")


@item("observation")
def _():
    store.obs(23523).write("observation_hess.fits")


@item("observation without responses")
def _():
    store.obs(23523).write("observation_bare.fits", include_irfs=False)


@item("magic")
def _():
    DataStore.from_dir(f"{data}/magic/rad_max/data").get_observations(required_irf="point-like")[0].write(
        "observation_magic.fits"
    )


@item("cta")
def _():
    DataStore.from_dir(f"{data}/cta-1dc/index/gps").obs(110380).write("observation_cta.fits")


@item("store")
def _():
    os.mkdir("store")
    store.copy_obs([23523, 23526], "store")


@item("gti")
def _():
    GTI.create([0, 2000] * u.s, [1000, 2800] * u.s, "2020-01-01T00:00:00").write("gti_two.fits")


@item("responses")
def _():
    obs = store.obs(23523)
    obs.aeff.write("aeff_2d.fits")
    obs.edisp.write("edisp_2d.fits")
    obs.psf.write("psf_table.fits")
    obs.bkg.write("bkg_3d.fits")


@item("rmf")
def _():
    kernel = EDispKernel.from_gauss(energy_axis_true=energy_true, energy_axis=energy, sigma=0.2, bias=0.05)
    kernel.write("rmf_ogip.fits")
    kernel.write("rmf_sherpa.fits", format="ogip-sherpa")


@item("maps of responses")
def _():
    rad = MapAxis.from_bounds(0, 1, 50, unit="deg", name="rad")
    PSFMap.from_gauss(energy_true, rad_axis=rad, sigma="0.1 deg").write("psfmap.fits")
    EDispMap.from_diagonal_response(energy_true).write("edispmap.fits")
    EDispKernelMap.from_gauss(energy, energy_true, sigma=0.2, bias=0.05).write("edispkernelmap.fits")


report()
