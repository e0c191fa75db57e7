"""True positions, energies and times of the events of a model, drawn from its prediction before PSF and dispersion."""

from __future__ import annotations

import numpy as np
from astropy import units as u
from astropy.table import Table
from astropy.time import Time

from ..errors import DataError
from ..maps import Map
from ..maps.wcs.cutout import window_geom
from ..modeling.models import ConstantTemporalModel
from ..modeling.models.spatial.integration import outline_window, oversampling
from ..units import to_value

__all__ = ["draw_background", "draw_source", "draw_times"]

#: Pixels are divided into no more than this many parts along each side, to draw positions of compact sources.
MOST_SUBPIXELS = 10
#: Steps in time of a model that depends on energy.
MOST_STEPS = 20_000
EXPOSURE = u.Unit("cm2 s")


def draw_times(model, gti, n_events, t_delta, random) -> Time:
    """Draw times inside good time intervals, from a temporal model or uniformly."""
    model = ConstantTemporalModel() if model is None else model
    return model.sample_time(n_events, gti.time_start, gti.time_stop, t_delta=t_delta, random_state=random)


def draw_background(counts, gti, t_delta, random) -> Table:
    """Draw events from predicted counts in reconstructed energy.

    Parameters
    ----------
    counts : `~geminga.maps.Map` or None
        With an axis ``energy``; negative and missing values count as 0.
    gti : `~geminga.data.GTI`
    t_delta : `~astropy.units.Quantity`
    random : `~numpy.random.RandomState`

    Returns
    -------
    `~astropy.table.Table`
        TIME, ENERGY, RA, DEC.
    """
    n_events, coords = _draw_counts(counts, random)
    table = Table()
    table["TIME"] = draw_times(None, gti, n_events, t_delta, random)
    table["ENERGY"] = coords["energy"].to("TeV") if n_events else [] * u.TeV
    table["RA"], table["DEC"] = _icrs(coords) if n_events else ([] * u.deg, [] * u.deg)
    return table


def _draw_counts(counts, random):
    """Draw a Poisson number of coordinates from predicted counts."""
    if counts is None:
        return 0, None
    expected = Map.from_geom(counts.geom, data=_positive(counts.data))
    n_events = int(random.poisson(expected.data.sum()))
    return n_events, expected.sample_coord(n_events, random_state=random) if n_events else None


def _positive(values) -> np.ndarray:
    return np.clip(np.nan_to_num(np.asarray(values, dtype=float)), 0, None)


def _icrs(coords):
    position = coords.skycoord.icrs
    return position.ra.to("deg"), position.dec.to("deg")


# ---------------------------------------------------------------------- sources


def draw_source(dataset, model, t_delta, oversample_energy, random) -> Table:
    """Draw the events of a sky model.

    The expected number in each true-energy bin and pixel is that of the prediction before PSF and energy dispersion.
    Energies follow the spectrum within a bin, positions are uniform in pixels finer than the source; a point source
    stays a point.

    Parameters
    ----------
    dataset : `~geminga.datasets.MapDataset`
        With exposure and good time intervals.
    model : `~geminga.modeling.models.SkyModel`
    t_delta : `~astropy.units.Quantity`
        Step in time.
    oversample_energy : int
        Parts of a true-energy bin.
    random : `~numpy.random.RandomState`

    Returns
    -------
    `~astropy.table.Table`
        TIME, ENERGY_TRUE, RA_TRUE, DEC_TRUE.
    """
    axis = dataset.exposure.geom.axes["energy_true"]
    edges = axis.edges.to_value("TeV")
    fine = edges[:-1, None] * (edges[1:] / edges[:-1])[:, None] ** np.linspace(0, 1, oversample_energy + 1)
    integral = model.spectral_model.integral(fine[:, :-1] * u.TeV, fine[:, 1:] * u.TeV)
    flux = _positive(u.Quantity(integral).to_value("cm-2 s-1"))
    clock = _Clock(model.temporal_model, dataset.gti, np.sqrt(fine[:, 1:] * fine[:, :-1]), t_delta)
    flux = flux * clock.weight
    shape, is_point = _exposed_shape(dataset, model)
    shape.data *= flux.sum(axis=1).reshape(-1, *[1] * (shape.data.ndim - 1))
    n_events, coords = _draw_counts(shape, random)
    table = Table()
    if not n_events:
        table["TIME"] = draw_times(None, dataset.gti, 0, t_delta, random)
        table["ENERGY_TRUE"], table["RA_TRUE"], table["DEC_TRUE"] = [] * u.TeV, [] * u.deg, [] * u.deg
        return table
    bins = axis.coord_to_idx(coords["energy_true"])
    parts = _draw_rows(flux, bins, random)
    low, high = fine[bins, parts], fine[bins, parts + 1]
    table["TIME"] = clock.draw(bins, parts, random)
    table["ENERGY_TRUE"] = low * (high / low) ** random.uniform(size=n_events) * u.TeV
    lon, lat = _icrs(coords)
    if is_point:
        place = model.spatial_model.position.icrs
        lon, lat = np.full(n_events, place.ra.deg) * u.deg, np.full(n_events, place.dec.deg) * u.deg
    table["RA_TRUE"], table["DEC_TRUE"] = lon, lat
    return table


def _draw_rows(weights, rows, random) -> np.ndarray:
    """Draw a column of a table of weights, from the row of each event."""
    cumulative = np.cumsum(weights, axis=1)
    total = cumulative[:, -1:]
    cumulative = cumulative / np.where(total > 0, total, 1.0)
    drawn = random.uniform(size=len(rows))
    line = (cumulative + np.arange(len(weights))[:, None]).ravel()
    place = np.searchsorted(line, rows + drawn, side="right") - rows * weights.shape[1]
    return np.clip(place, 0, weights.shape[1] - 1)


def _exposed_shape(dataset, model):
    """Return the spatial shape times exposure in cm2 s, a map over true energy, and whether it is a point."""
    spatial, exposure = model.spatial_model, dataset.exposure
    geom = exposure.geom
    if geom.is_region or spatial is None:
        raise DataError(
            f"dataset {dataset.name!r} and model {model.name!r} must have pixels and a spatial model to draw events, "
            f"got {type(geom).__name__} and {type(spatial).__name__}. Use a MapDataset."
        )
    tags = [spatial.tag] if isinstance(spatial.tag, str) else spatial.tag
    is_point = "PointSpatialModel" in tags
    axis, image = geom.axes["energy_true"], geom.to_image()
    values = _positive(exposure.data) * exposure.unit.to(EXPOSURE)
    if not model.apply_irf.get("exposure", True):
        values = np.ones_like(values)
    if not (is_point or image.is_hpx):
        image, values = _finer(image, values, spatial)
    grid = image.to_cube([axis]) if spatial.is_energy_dependent else image
    shape = spatial.integrate_geom(grid)
    data = _positive(shape.quantity.to_value("")) * values
    return Map.from_geom(image.to_cube([axis]), data=data), is_point


def _finer(image, values, spatial):
    """Return the part of an image around a source with pixels that suit it, and the exposure there."""
    factor = min(oversampling(spatial, image), MOST_SUBPIXELS)
    radius, position = spatial.evaluation_radius, spatial.position
    if radius is not None and position is not None:
        window = outline_window(image, position, radius.to_value("deg"))
        if window is None:
            return image, np.zeros_like(values)
        x, y = window
        image, values = window_geom(image, x, y), values[..., slice(*y), slice(*x)]
    if factor == 1:
        return image, values
    values = np.repeat(np.repeat(values, factor, axis=-2), factor, axis=-1)
    return image.upsample(factor), values


class _Clock:
    """Times of the events of a model, and how many there are in each part of an energy bin.

    Parameters
    ----------
    model : `~geminga.modeling.models.TemporalModel` or None
    gti : `~geminga.data.GTI`
    energy : ndarray, shape (n_bins, n_parts)
        In TeV.
    t_delta : `~astropy.units.Quantity`
    """

    def __init__(self, model, gti, energy, t_delta):
        self.model, self.gti, self.t_delta = model, gti, t_delta
        self.rates = None
        if model is None:
            self.weight = np.ones(energy.shape)
        elif not model.is_energy_dependent:
            integral = model.integral(gti.time_start, gti.time_stop)
            self.weight = np.full(energy.shape, np.sum(u.Quantity(integral).to_value("")))
        else:
            self._tabulate(energy)

    def _tabulate(self, energy):
        """Tabulate a model that depends on energy at steps of all intervals."""
        length = (self.gti.time_stop - self.gti.time_start).to_value("s")
        step = max(to_value(self.t_delta, "s", "t_delta"), length.sum() / MOST_STEPS)
        counts = np.maximum(np.ceil(length / step).astype(int), 1)
        interval = np.repeat(np.arange(len(length)), counts)
        number = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        self.width = (length / counts)[interval]
        self.start = number * self.width
        self.interval = interval
        middle = self.gti.time_start[interval] + (self.start + 0.5 * self.width) * u.s
        rates = self.model(middle, energy=energy.ravel() * u.TeV)
        self.rates = _positive(u.Quantity(rates).to_value("")).reshape(energy.size, -1) * self.width
        self.weight = (self.rates.sum(axis=1) / length.sum()).reshape(energy.shape)

    def draw(self, bins, parts, random) -> Time:
        """Draw a time for each event, given its energy."""
        if self.rates is None:
            return draw_times(self.model, self.gti, len(bins), self.t_delta, random)
        rows = bins * self.weight.shape[1] + parts
        cell = _draw_rows(self.rates, rows, random)
        seconds = self.start[cell] + random.uniform(size=len(cell)) * self.width[cell]
        return self.gti.time_start[self.interval[cell]] + seconds * u.s
