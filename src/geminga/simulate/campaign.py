"""A small observation campaign of a point source, written as DL3 files with index tables."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.time import Time

from ..data import DataStore, FixedPointingInfo, Observation
from ..errors import FileExistsGemingaError
from ..files import make_path, write_fits, write_yaml
from ..modeling.models import Models, PowerLawSpectralModel, SkyModel
from ..numerics.random import get_random_state
from ..progress import progress_bar
from ..sky.locations import observatory_locations
from .events import simulate_events
from .responses import ArrayResponse, make_responses

__all__ = ["Campaign", "simulate_campaign"]

log = logging.getLogger(__name__)


def _crab_like():
    return PowerLawSpectralModel(index=2.6, amplitude="3.5e-11 cm-2 s-1 TeV-1", reference="1 TeV")


@dataclass
class Campaign:
    """What is observed, and how.

    Parameters
    ----------
    position : `~astropy.coordinates.SkyCoord`
        Where the source is.
    spectral_model : SpectralModel
        Its true spectrum.
    n_runs : int
        Number of observations, one for each wobble position in turn.
    livetime : `~astropy.units.Quantity`
        Of each run, dead time removed.
    wobble_offset : `~astropy.units.Quantity`
        Between pointing and source.
    deadtime_fraction : float
    response : ArrayResponse
        Numbers of the analytic responses.
    seed : int
    """

    position: SkyCoord = field(default_factory=lambda: SkyCoord(83.633, 22.014, unit="deg", frame="icrs"))
    spectral_model: object = field(default_factory=_crab_like)
    n_runs: int = 4
    livetime: u.Quantity = 25 * u.min
    wobble_offset: u.Quantity = 0.5 * u.deg
    deadtime_fraction: float = 0.05
    response: ArrayResponse = field(default_factory=ArrayResponse)
    seed: int = 42

    def pointings(self):
        """Return the pointing of each run: north, south, east, west of the source in turn."""
        angles = np.array([0, 180, 90, 270])[np.arange(self.n_runs) % 4] * u.deg
        return [self.position.directional_offset_by(angle, self.wobble_offset) for angle in angles]


def simulate_campaign(path, campaign=None, overwrite=False, show_progress=None):
    """Simulate a campaign and write it as DL3 files.

    Parameters
    ----------
    path : path-like
        Folder for the event files, the index tables and the truth.
    campaign : Campaign, optional
    overwrite : bool
        Replace files that are there.
    show_progress : bool, optional
        Show a progress bar. By default on a terminal.

    Returns
    -------
    `~geminga.data.DataStore`
        Of the written files. ``truth.yaml`` beside them holds the true model.

    Raises
    ------
    FileExistsGemingaError
        If the folder holds a campaign already and `overwrite` is False.
    """
    campaign = campaign or Campaign()
    path = make_path(path)
    if (path / "hdu-index.fits.gz").exists() and not overwrite:
        raise FileExistsGemingaError(
            f"folder {path} must not hold a campaign already. Pass overwrite=True to replace it."
        )
    path.mkdir(parents=True, exist_ok=True)
    responses = make_responses(campaign.response)
    random = get_random_state(campaign.seed)
    start = Time("2026-01-15T22:00:00", scale="tt")
    ontime = campaign.livetime / (1 - campaign.deadtime_fraction)
    files = []
    pointings = campaign.pointings()
    for number, pointing in enumerate(progress_bar(pointings, "Simulating observations", show=show_progress)):
        observation = Observation.create(
            obs_id=number + 1,
            pointing=FixedPointingInfo(fixed_icrs=pointing.icrs),
            location=observatory_locations["hess"],
            tstart=(number * (ontime + 3 * u.min)).to("s"),
            tstop=(number * (ontime + 3 * u.min) + ontime).to("s"),
            reference_time=start,
            deadtime_fraction=campaign.deadtime_fraction,
            irfs=responses,
        )
        events = simulate_events(observation, campaign.spectral_model, campaign.position, random_state=random)
        observation.events = events
        file = path / f"run_{number + 1:04d}.fits.gz"
        observation.write(file, overwrite=overwrite)
        files.append(file)
        log.info("Run %d: %d events", number + 1, len(events.table))
    store = DataStore.from_events_files(files)
    _write_index(store, path, overwrite)
    truth = Models([SkyModel(spectral_model=campaign.spectral_model, name="source")])
    write_yaml(
        {"position": _lonlat(campaign.position), **truth.to_dict()}, path / "truth.yaml", overwrite=overwrite
    )
    return DataStore.from_dir(path)


def _lonlat(position):
    return {"frame": "icrs", "lon": f"{position.icrs.ra.deg} deg", "lat": f"{position.icrs.dec.deg} deg"}


def _write_index(store, path: Path, overwrite: bool):
    """Write the HDU and observation index with file names relative to the folder."""
    from astropy.io import fits

    hdu_table = store.hdu_table.copy()
    hdu_table["FILE_DIR"] = ["."] * len(hdu_table)
    hdu_table["FILE_NAME"] = [Path(name).name for name in hdu_table["FILE_NAME"]]
    for table, name, file in (
        (hdu_table, "HDU_INDEX", "hdu-index.fits.gz"),
        (store.obs_table, "OBS_INDEX", "obs-index.fits.gz"),
    ):
        hdu = fits.table_to_hdu(table)
        hdu.name = name
        write_fits(fits.HDUList([fits.PrimaryHDU(), hdu]), path / file, overwrite=overwrite)
