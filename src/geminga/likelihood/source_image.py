"""The image of a spatial model on a fixed part of a map, with derivatives in its parameters.

The part is chosen once and kept while the source stays inside, so that the likelihood does not jump when a source
moves by a pixel.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from astropy import units as u

from ..maps.wcs.cutout import window_geom
from ..modeling.models.spatial.base import SpatialModel
from ..modeling.models.spatial.integration import energies_of, integrate_on_all_pixels, outline_window
from ..sky.rotation import separation
from ..units import ENERGY, LENGTH, TIME
from .likelihood import parameters_set
from .point_rounding import POINT_ROUNDING, SEARCH_ROUNDINGS, shares
from .second_differences import second_differences

__all__ = ["SourceImage"]

#: Beyond the reach of a source, as in the field's tools: degrees of margin around it.
MARGIN = 0.1
#: A part of the map is this much larger than the source, so that it may grow during a fit.
GROWTH = 1.3
#: Sub-pixels are this much smaller than the source asks for, so that it may shrink during a fit.
OVERSAMPLING_MARGIN = 1.5
#: The same for a source with edges, whose statistic is only as smooth as its sub-pixels are fine.
EDGE_OVERSAMPLING_MARGIN = 4.0
#: Sub-pixels along each side of a pixel; a source that asks for more is no more than a point.
OVERSAMPLING_MAX = 30
#: Sub-pixels grow only where those of before are this much smaller than needed.
COARSENING_MAX = 2

#: Steps of central differences: in degrees for positions, relative for sizes and shapes.
POSITION_STEP = 2e-3
SHAPE_STEP = 5e-3
#: The same for the position of a point, in pixels.
POINT_STEP = 1e-3
#: The same for lengths of a source with edges, in sub-pixels.
EDGE_STEP = 1.0
#: Step of second derivatives in standard deviations, and its largest multiple of the other steps.
CURVATURE_STEP = 0.3
CURVATURE_STEP_MAX = 20.0
#: Step of the second derivative of a point, in pixels: over that of a smooth image.
POINT_CURVATURE_STEP = 0.5


class SourceImage:
    """Flux of a source in the pixels of a part of a map, as a function of its spatial parameters.

    Parameters
    ----------
    spatial : `~geminga.modeling.models.SpatialModel`
    geom : `~geminga.maps.WcsGeom`
        With an axis ``energy_true``.

    Attributes
    ----------
    window : tuple of slice, or None
        Latitude and longitude pixels of the part; None where the source does not reach the map.
    """

    def __init__(self, spatial, geom):
        self.spatial, self.geom = spatial, geom
        self.image_geom = geom.to_image()
        self.parameters = list(spatial.parameters)
        self.window: tuple[slice, slice] | None = None
        self._part: Any = None
        self._energies = energies_of(geom) if spatial.is_energy_dependent else None
        self._unit = _unit_factor(spatial)
        self._factor: int | None = None
        self._placed_at: tuple[float, float, float] | None = None
        self._pixel = float(np.max(u.Quantity(self.image_geom.pixel_scales).to_value("deg")))
        self.is_point = _is_point(spatial)
        self._has_position = spatial.position is not None
        self._start = np.degrees(spatial.position_lonlat).tolist() if self._has_position else None
        self.rounding = POINT_ROUNDING
        self._integrates_itself = type(spatial).integrate_geom is not SpatialModel.integrate_geom

    # ------------------------------------------------------------------ the part of the map

    def place(self, values) -> bool:
        """Choose part of the map and sub-pixels for values of the parameters, if the present ones do not do.

        Returns
        -------
        bool
            Whether they changed.
        """
        with parameters_set(self.parameters, values):
            if self._fits():
                return False
            margin = EDGE_OVERSAMPLING_MARGIN if self.spatial.has_edges else OVERSAMPLING_MARGIN
            wanted = self._wanted_factor(margin)
            if wanted is not None and self._factor is not None and self._factor <= COARSENING_MAX * wanted:
                wanted = max(wanted, self._factor)  # sub-pixels that grow would make the likelihood jump
            is_divided_anew, self._factor = wanted != self._factor, wanted
            window = self._wanted_window(GROWTH, MARGIN + self._pixel)
            self._placed_at = self._circle()
        before, self.window = self.window, window
        if self.geom.is_hpx:
            self._part = self.image_geom
        elif window is not None:
            y, x = window
            self._part = window_geom(self.image_geom, (x.start, x.stop), (y.start, y.stop))
        return window != before or before is None or is_divided_anew

    @property
    def depends_on_energy(self) -> bool:
        """Whether the image differs between energies."""
        return self.spatial.is_energy_dependent

    def _circle(self):
        """Return position and reach of the source, (lon, lat, radius) in deg; None where it reaches everything."""
        radius = self.spatial.evaluation_radius
        if not self._has_position or radius is None or not np.isfinite(radius.value) or self.geom.is_hpx:
            return None
        lon, lat = np.degrees(self.spatial.position_lonlat).tolist()
        return lon, lat, float(radius.to_value("deg"))

    def _fits(self) -> bool:
        """Tell whether the source is still inside the part of the map, and no smaller than its sub-pixels allow."""
        if self.window is None and self._placed_at is None:
            return False
        factor = self._wanted_factor(1.0)
        if factor is not None and factor > (self._factor or 1):
            return False
        now, then = self._circle(), self._placed_at
        if now is None or then is None:
            return now is then
        moved = float(separation(now[0], now[1], then[0], then[1]))
        return bool(moved + now[2] <= GROWTH * then[2] + MARGIN)

    def distance_from_start(self, values) -> float:
        """Return how far in deg the source is from its position when it was bound; 0 without a position."""
        if self._start is None:
            return 0.0
        with parameters_set(self.parameters, values):
            lon, lat = np.degrees(self.spatial.position_lonlat).tolist()
        return float(separation(lon, lat, *self._start))

    def _wanted_window(self, growth, margin):
        n_lat, n_lon = (1, *self.image_geom.data_shape)[-2:]
        everything = (slice(0, n_lat), slice(0, n_lon))
        position, radius = self.spatial.position, self.spatial.evaluation_radius
        if position is None or radius is None or not np.isfinite(radius.value) or self.geom.is_hpx:
            return everything
        window = outline_window(self.image_geom, position, growth * radius.to_value("deg") + margin)
        if window is None:
            return None
        (x0, x1), (y0, y1) = window
        return slice(y0, y1), slice(x0, x1)

    def _wanted_factor(self, margin) -> int | None:
        """Return into how many parts the sides of a pixel are divided."""
        size = self.spatial._sampling_size
        if size is None or not size.to_value("deg") > 0:
            return None
        return int(np.clip(np.ceil(margin * self._pixel / size.to_value("deg")), 1, OVERSAMPLING_MAX))

    # ------------------------------------------------------------------ image and derivatives

    def evaluate(self, values) -> np.ndarray:
        """Return the image, shape (n_lat, n_lon), or (n_true, n_lat, n_lon) where it depends on energy."""
        with parameters_set(self.parameters, values):
            if self.is_point and not self.geom.is_hpx:
                return self._point()
            if self._integrates_itself:
                image = np.array(self.spatial.integrate_geom(self._part).data, dtype=float)
            else:
                image = integrate_on_all_pixels(self.spatial, self._part, self._energies, self._factor)
        image = np.nan_to_num(image, copy=False)
        if self._is_unresolved:
            # Few sub-pixels see the source, or none: its light is known all the same.
            total = float(image.sum())
            image = image / total if total > 0 else self._point()
        if self.geom.is_hpx:
            image = image.reshape(*image.shape[:-1], 1, image.shape[-1])
        return image if self._unit == 1.0 else image * self._unit

    @property
    def _is_unresolved(self) -> bool:
        """Whether the source is smaller than the smallest sub-pixels, in pixels of a map."""
        size = self.spatial._sampling_size
        if size is None or not self._has_position or self.geom.is_hpx or self._unit != 1.0:
            return False
        return size.to_value("deg") < self._pixel / OVERSAMPLING_MAX

    def _point(self) -> np.ndarray:
        """Return one, shared among the pixels around the position."""
        x, y = self._pixel_of_position()
        n_lat, n_lon = self._part.data_shape
        along_lat, along_lon = (
            shares(np.arange(n) - pix, self.rounding) for n, pix in ((n_lat, y), (n_lon, x))
        )
        return np.outer(along_lat, along_lon)

    def _pixel_of_position(self) -> tuple[float, float]:
        """Return the position in pixels of the part."""
        if self.spatial.frame == self._part.frame:
            lon, lat = np.degrees(self.spatial.position_lonlat)
        else:
            position = self.spatial.position.transform_to(self._part.frame).spherical
            lon, lat = position.lon.deg, position.lat.deg
        x, y = self._part.coord_to_pix((lon * u.deg, lat * u.deg))
        return float(np.ravel(x)[0]), float(np.ravel(y)[0])

    def _step(self, index, value) -> float:
        is_position = self.parameters[index].name in ("lon_0", "lat_0")
        if is_position and self.is_point:
            return POINT_STEP * self._pixel
        step = POSITION_STEP if is_position else SHAPE_STEP * max(abs(value), 1e-2)
        is_length = self.parameters[index].unit.is_equivalent(u.deg)
        if self.spatial.has_edges and is_length and self._factor:
            step = max(step, EDGE_STEP * self._pixel / self._factor)
        return step

    def derivative(self, values, index) -> np.ndarray:
        """Return the derivative of the image in one parameter, by central differences inside its limits."""
        ends = _ends(values, index, self._step(index, values[index]), self.parameters[index])
        width = ends[0][index] - ends[1][index]
        if width == 0:
            return np.zeros_like(self.evaluate(values))
        return (self.evaluate(ends[0]) - self.evaluate(ends[1])) / width

    def curvature(self, values, indices, weights, errors) -> np.ndarray:
        """Return the second derivatives of the weighted sum of the image.

        That of a point is taken of a smooth image: between kinks the image is linear and has none.

        Parameters
        ----------
        values : ndarray, shape (n_parameters,)
        indices : sequence of int
            Which parameters.
        weights : ndarray
            In the shape of the image.
        errors : ndarray, shape (n,)
            Rough standard deviations of the parameters, for the steps.

        Returns
        -------
        ndarray, shape (n, n)
        """
        values = np.asarray(values, dtype=float)
        if self.is_point:
            before, self.rounding = self.rounding, SEARCH_ROUNDINGS[0]
            steps = [POINT_CURVATURE_STEP * self._pixel] * len(indices)
            matrix = self._second_differences(values, indices, steps, weights)
            self.rounding = before
            return matrix
        steps = []
        for index, error in zip(indices, errors, strict=True):
            step = self._step(index, values[index])
            steps.append(float(np.clip(CURVATURE_STEP * error, step, CURVATURE_STEP_MAX * step)))
        return self._second_differences(values, indices, steps, weights)

    def _second_differences(self, values, indices, steps, weights) -> np.ndarray:
        values = values.copy()
        for index, step in zip(indices, steps, strict=True):
            # beyond its limits a model need not have a meaning; limits that are NaN do not limit
            parameter = self.parameters[index]
            values[index] = np.fmin(np.fmax(values[index], parameter.min + step), parameter.max - step)

        def total(*moves):
            moved = values.copy()
            for position, sign in moves:
                moved[indices[position]] += sign * steps[position]
            return float(np.vdot(weights, self.evaluate(moved)))

        return second_differences(total, steps)


def _unit_factor(spatial) -> float:
    """Return the factor from the unit of an image to that of the engine: 1, or cm-2 s-1 TeV-1 for maps of fluxes."""
    unit = spatial._density_unit() * u.sr
    if unit.is_equivalent(u.one):
        return float(unit.to(u.one))
    return float(unit.to(u.Unit(1 / (LENGTH**2 * TIME * ENERGY))))


def _is_point(spatial) -> bool:
    tags = [spatial.tag] if isinstance(spatial.tag, str) else spatial.tag
    return "PointSpatialModel" in tags


def _ends(values, index, step, parameter):
    """Return the values with one of them moved up and down, inside its limits."""
    ends = []
    for sign in (1, -1):
        moved = np.array(values, dtype=float)
        moved[index] += sign * step
        if parameter.min == parameter.min:
            moved[index] = max(moved[index], parameter.min)
        if parameter.max == parameter.max:
            moved[index] = min(moved[index], parameter.max)
        ends.append(moved)
    return ends
