"""Event lists drawn from the prediction of a map dataset."""

from __future__ import annotations

import numpy as np
from astropy import units as u
from astropy.table import Table, vstack

from ..data import EventList
from ..errors import DataError
from ..maps import MapCoord
from ..numerics.random import get_random_state
from ..units import to_quantity
from .event_header import event_header, model_numbers
from .source_events import draw_background, draw_source

__all__ = ["MapDatasetEventSampler"]


class MapDatasetEventSampler:
    """Draw events from the models, the background and the responses of a map dataset.

    The number of events of each model is a Poisson number. Source events have true positions, energies and times from
    the models, which PSF and energy dispersion then change; background events come from the predicted background.

    Parameters
    ----------
    random_state : int, "random-seed", "global-rng" or `~numpy.random.RandomState`
        With a seed each run of a new sampler is reproducible.
    oversample_energy_factor : int
        Parts of a true-energy bin in which the spectrum is drawn.
    t_delta : `~astropy.units.Quantity` or str
        Step in which temporal models are evaluated.
    keep_mc_id : bool
        Keep the column MC_ID: 0 for background, 1, 2, ... for the models.
    n_event_bunch : int
        Events for which responses are looked up at once.

    Examples
    --------
    >>> sampler = MapDatasetEventSampler(random_state=0, t_delta="1 s")
    >>> sampler.t_delta
    <Quantity 1. s>
    """

    def __init__(
        self,
        random_state="random-seed",
        oversample_energy_factor=10,
        t_delta=0.5 * u.s,
        keep_mc_id=True,
        n_event_bunch=10000,
    ):
        self.random_state = get_random_state(random_state)
        self.oversample_energy_factor = int(oversample_energy_factor)
        self.t_delta = to_quantity(t_delta, "s", "t_delta")
        self.keep_mc_id = bool(keep_mc_id)
        self.n_event_bunch = int(n_event_bunch)

    # ------------------------------------------------------------------ steps

    def sample_sources(self, dataset, psf_update=False) -> EventList:
        """Draw the events of all source models, before PSF and energy dispersion.

        Parameters
        ----------
        dataset : `~geminga.datasets.MapDataset`
        psf_update : bool
            Accepted for scripts; the PSF is looked up for each event anyway.

        Returns
        -------
        `~geminga.data.EventList`
            TIME, ENERGY_TRUE, RA_TRUE, DEC_TRUE, MC_ID. Models of counts (templates) have no true energies and are
            drawn by `run`.
        """
        tables = [self._source_table(dataset, model) for model in _sky_models(dataset)]
        return EventList(vstack(tables, metadata_conflicts="silent") if tables else Table())

    def _source_table(self, dataset, model) -> Table:
        table = draw_source(dataset, model, self.t_delta, self.oversample_energy_factor, self.random_state)
        table["MC_ID"] = np.full(len(table), model_numbers(dataset)[model.name])
        return table

    def sample_background(self, dataset) -> EventList:
        """Draw background events; none if the dataset has no background.

        Parameters
        ----------
        dataset : `~geminga.datasets.MapDataset`

        Returns
        -------
        `~geminga.data.EventList`
            TIME, ENERGY, RA, DEC, MC_ID.
        """
        counts = None if dataset.background is None else dataset.npred_background()
        return EventList(self._counts_table(dataset, counts, 0))

    def _counts_table(self, dataset, counts, number) -> Table:
        table = draw_background(counts, dataset.gti, self.t_delta, self.random_state)
        table["MC_ID"] = np.full(len(table), number)
        return table

    def sample_psf(self, psf_map, events_table):
        """Move events by the point spread function.

        Parameters
        ----------
        psf_map : `~geminga.irf.PSFMap` or `~geminga.irf.RecoPSFMap`
        events_table : `~geminga.data.EventList`
            With RA_TRUE and DEC_TRUE, and ENERGY_TRUE, or ENERGY for a PSF in reconstructed energy.

        Returns
        -------
        `~geminga.data.EventList`
            With RA and DEC.
        """
        table = events_table.table.copy()
        table["RA"], table["DEC"] = self._moved(psf_map, table)
        return EventList(table)

    def _moved(self, psf_map, table):
        energy = table["ENERGY" if psf_map.energy_name == "energy" else "ENERGY_TRUE"]
        coords = MapCoord(
            {
                "lon": table["RA_TRUE"].quantity,
                "lat": table["DEC_TRUE"].quantity,
                psf_map.energy_name: energy.quantity,
            },
            frame="icrs",
        )
        moved = psf_map.sample_coord(coords, self.random_state, self.n_event_bunch)
        return moved["lon"].to("deg"), moved["lat"].to("deg")

    def sample_edisp(self, edisp_map, events_table):
        """Change true into reconstructed energies.

        Parameters
        ----------
        edisp_map : `~geminga.irf.EDispMap` or `~geminga.irf.EDispKernelMap`
        events_table : `~geminga.data.EventList`
            With RA_TRUE, DEC_TRUE and ENERGY_TRUE.

        Returns
        -------
        `~geminga.data.EventList`
            With ENERGY; NaN where the response has nothing.
        """
        table = events_table.table.copy()
        table["ENERGY"] = self._dispersed(edisp_map, table)
        return EventList(table)

    def _dispersed(self, edisp_map, table):
        coords = MapCoord(
            {
                "lon": table["RA_TRUE"].quantity,
                "lat": table["DEC_TRUE"].quantity,
                "energy_true": table["ENERGY_TRUE"].quantity,
            },
            frame="icrs",
        )
        return edisp_map.sample_coord(coords, self.random_state, self.n_event_bunch)["energy"].to("TeV")

    def event_det_coords(self, observation, events) -> EventList:
        """Add coordinates in the field of view.

        Parameters
        ----------
        observation : `~geminga.data.Observation`
            Its pointing, and the alignment of its background response.
        events : `~geminga.data.EventList`

        Returns
        -------
        `~geminga.data.EventList`
            With DETX and DETY: longitude and latitude in the frame in which responses are given, so that the longitude
            grows with decreasing right ascension (or azimuth).
        """
        from ..irf import FoVAlignment

        alignment = getattr(observation.bkg, "fov_alignment", None)
        aligned = FoVAlignment.ALTAZ if alignment == FoVAlignment.ALTAZ else FoVAlignment.RADEC
        table = events.table.copy()
        time = table["TIME"] if aligned == FoVAlignment.ALTAZ and len(table) else observation.tmid
        place = events.radec.transform_to(observation.get_fov_frame(time, aligned))
        sign = -1.0 if alignment == FoVAlignment.REVERSE_LON_RADEC else 1.0
        table["DETX"] = sign * place.fov_lon.wrap_at("180d").to("deg")
        table["DETY"] = place.fov_lat.to("deg")
        return EventList(table)

    def event_list_meta(self, dataset, observation, keep_mc_id=True) -> dict:
        """Return the header of the events; see `event_header`."""
        return event_header(dataset, observation, keep_mc_id)

    # ------------------------------------------------------------------ all of it

    def run(self, dataset, observation=None) -> EventList:
        """Draw an event list.

        Parameters
        ----------
        dataset : `~geminga.datasets.MapDataset`
            With exposure, good time intervals, and models or a background.
        observation : `~geminga.data.Observation`, optional
            Gives the header and the coordinates in the field of view.

        Returns
        -------
        `~geminga.data.EventList`
            Sorted by time, inside the geometry of the counts: TIME, ENERGY, RA, DEC, EVENT_ID, MC_ID, ENERGY_TRUE,
            RA_TRUE, DEC_TRUE (NaN for background), and DETX, DETY.
        """
        if dataset.gti is None or not dataset.gti.time_sum > 0 * u.s:
            raise DataError(
                f"dataset {dataset.name!r} must have good time intervals to draw events, got none. Assign a GTI."
            )
        tables = [self._reconstructed(dataset, model) for model in _sky_models(dataset)]
        numbers = model_numbers(dataset)
        for model in _count_models(dataset):
            counts = dataset.npred_signal(model_names=[model.name])
            tables.append(self._counts_table(dataset, counts, numbers[model.name]))
        tables.append(self.sample_background(dataset).table)
        table = _joined(tables)
        table = table[_inside(dataset.counts.geom, table)]
        table = table[np.argsort((table["TIME"] - dataset.gti.time_ref).to_value("s"), kind="stable")]
        table["EVENT_ID"] = np.arange(1, len(table) + 1)
        if not self.keep_mc_id:
            table.remove_column("MC_ID")
        events = EventList(table)
        if observation is not None:
            events = self.event_det_coords(observation, events)
            header = self.event_list_meta(dataset, observation, self.keep_mc_id)
            table = events.table
            table.meta.update(header)
            events = EventList(table)
        return events

    def _reconstructed(self, dataset, model) -> Table:
        """Draw the events of one model as the instrument sees them."""
        table = self._source_table(dataset, model)
        applied = {"psf": True, "edisp": True, **(model.apply_irf or {})}
        table["ENERGY"], table["RA"], table["DEC"] = (
            table[name].copy() for name in ("ENERGY_TRUE", "RA_TRUE", "DEC_TRUE")
        )
        if len(table) and applied["edisp"] and dataset.edisp is not None:
            table["ENERGY"] = self._dispersed(dataset.edisp, table)
            table = table[np.isfinite(table["ENERGY"].quantity.value)]
        if len(table) and applied["psf"] and dataset.psf is not None:
            table["RA"], table["DEC"] = self._moved(dataset.psf, table)
        return table


def _sky_models(dataset) -> list:
    return [model for model in dataset.models or () if hasattr(model, "temporal_model")]


def _count_models(dataset) -> list:
    """Return models that are counts already, other than the background."""
    background = dataset.background_model
    return [
        model
        for model in dataset.models or ()
        if model is not background and not hasattr(model, "temporal_model")
    ]


def _joined(tables) -> Table:
    """Return tables one after the other; true values are NaN where there are none."""
    for table in tables:
        for name, unit in (("ENERGY_TRUE", "TeV"), ("RA_TRUE", "deg"), ("DEC_TRUE", "deg")):
            if name not in table.colnames:
                table[name] = np.full(len(table), np.nan) * u.Unit(unit)
    filled = [table for table in tables if len(table)] or tables[-1:]
    return vstack(filled, metadata_conflicts="silent")


def _inside(geom, table) -> np.ndarray:
    """Return which events are on the geometry of the counts."""
    coords = {
        "lon": table["RA"].quantity,
        "lat": table["DEC"].quantity,
        "energy": table["ENERGY"].quantity,
    }
    return np.asarray(geom.contains(MapCoord(coords, frame="icrs").to_frame(geom.frame)), dtype=bool)
