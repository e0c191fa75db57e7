"""Random numbers: states, and draws from given distributions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from astropy import units as u
from astropy.coordinates import Angle
from astropy.time import TimeDelta

from geminga.errors import StatisticError
from geminga.units import to_quantity

__all__ = [
    "InverseCDFSampler",
    "draw",
    "get_random_state",
    "normalize",
    "pdf",
    "sample_powerlaw",
    "sample_sphere",
    "sample_sphere_distance",
    "sample_times",
]

_NO_DEAD_TIME = TimeDelta(0, format="sec")


def get_random_state(init) -> np.random.RandomState:
    """Return a random state.

    Parameters
    ----------
    init : int, array of int, "random-seed", "global-rng", RandomState, Generator, SeedSequence
        A seed; a fresh unpredictable state; numpy's global state; or a state or generator, which is used and
        advanced as it is.

    Returns
    -------
    `~numpy.random.RandomState`

    Raises
    ------
    StatisticError
        If `init` is none of these.

    Examples
    --------
    >>> round(get_random_state(0).uniform(), 4)
    0.5488
    """
    if isinstance(init, np.random.RandomState):
        return init
    if isinstance(init, np.random.Generator):
        return np.random.RandomState(init.bit_generator)
    if isinstance(init, np.random.SeedSequence):
        return np.random.RandomState(np.random.MT19937(init))
    if isinstance(init, str):
        if init == "random-seed":
            return np.random.RandomState()
        if init == "global-rng":
            return np.random.mtrand._rand
    else:
        try:
            return np.random.RandomState(init)
        except (TypeError, ValueError) as error:
            raise StatisticError(_bad_state(init)) from error
    raise StatisticError(_bad_state(init))


def _bad_state(init) -> str:
    return (
        "random_state must be a seed, 'random-seed', 'global-rng' or a random state, "
        f"got {init!r}. Give an integer for a reproducible draw."
    )


class InverseCDFSampler:
    """Draw pixel coordinates from a binned density.

    Parameters
    ----------
    pdf : array_like
        Density in each pixel times pixel size, >= 0; need not be normalised.
    axis : int, optional
        Axis along which `sample_axis` draws, once for each entry along the other axes.
    random_state : see `get_random_state`

    Examples
    --------
    >>> sampler = InverseCDFSampler([[0.0, 0.0], [0.0, 1.0]], random_state=0)
    >>> rows, columns = sampler.sample(100)
    >>> bool(((rows > 0.5) & (columns > 0.5)).all())
    True
    """

    def __init__(self, pdf, axis: int | None = None, random_state=0):
        self.random_state = get_random_state(random_state)
        self.axis = axis
        self.pdf = np.asarray(pdf, dtype=float)
        if (self.pdf < 0).any() or not np.isfinite(self.pdf).all():
            raise StatisticError("pdf must be finite and >= 0, got other values. Clip it before sampling.")
        if axis is None:
            self.cdf = np.cumsum(self.pdf.ravel())
            if self.cdf.size == 0 or self.cdf[-1] <= 0:
                raise StatisticError("pdf must have a positive sum, got 0. Nothing can be drawn from it.")
            self.cdf /= self.cdf[-1]
        else:
            self.cdf = np.cumsum(np.moveaxis(self.pdf, axis, -1), axis=-1)
            total = self.cdf[..., -1:]
            self.cdf = np.divide(self.cdf, total, out=np.full_like(self.cdf, np.nan), where=total > 0)

    def sample(self, size: int) -> np.ndarray:
        """Draw positions in all dimensions, uniform within each pixel.

        Parameters
        ----------
        size : int
            Number of positions.

        Returns
        -------
        ndarray, shape (ndim, size)
            Pixel coordinates, integers at pixel centres, in the order of the axes of `pdf`.
        """
        if self.axis is not None:
            raise StatisticError("sample needs the density of all axes, got one axis. Use sample_axis.")
        size = int(size)
        flat = np.searchsorted(self.cdf, self.random_state.uniform(size=size), side="right")
        flat = np.minimum(flat, self.cdf.size - 1)
        index = np.array(np.unravel_index(flat, self.pdf.shape), dtype=float)
        return index + self.random_state.uniform(low=-0.5, high=0.5, size=index.shape)

    def sample_axis(self) -> np.ndarray:
        """Draw one position along `axis` for each entry along the others.

        Returns
        -------
        ndarray
            Pixel coordinates, shape of `pdf` without the axis; NaN where the density is 0 everywhere.
        """
        if self.axis is None:
            raise StatisticError("sample_axis needs an axis, got None. Give it when making the sampler.")
        uniform = self.random_state.uniform(size=self.cdf.shape[:-1])[..., np.newaxis]
        n = self.cdf.shape[-1]
        index = np.minimum(np.count_nonzero(self.cdf <= uniform, axis=-1, keepdims=True), n - 1)
        upper = np.take_along_axis(self.cdf, index, axis=-1)
        lower = np.where(index > 0, np.take_along_axis(self.cdf, np.maximum(index - 1, 0), axis=-1), 0.0)
        width = np.where(upper > lower, upper - lower, np.where(np.isnan(upper), np.nan, 1.0))
        return (index - 0.5 + (uniform - lower) / width)[..., 0]


def sample_sphere(size, lon_range=None, lat_range=None, random_state="random-seed"):
    """Draw points uniformly on the sphere.

    Parameters
    ----------
    size : int or tuple of int
    lon_range, lat_range : `~astropy.coordinates.Angle`, shape (2,), optional
        Part of the sphere; all of it by default.
    random_state : see `get_random_state`

    Returns
    -------
    lon, lat : `~astropy.coordinates.Angle`, shape (size,)
        Longitude in the unit of `lon_range` (deg), latitude in rad.

    Examples
    --------
    >>> lon, lat = sample_sphere(5, lat_range=[0, 90] * u.deg, random_state=0)
    >>> bool((lat > 0 * u.deg).all())
    True
    """
    random_state = get_random_state(random_state)
    lon_range = Angle([0, 360], "deg") if lon_range is None else Angle(lon_range)
    lat_range = Angle([-90, 90], "deg") if lat_range is None else Angle(lat_range)
    low, high = lon_range.value
    lon = Angle(random_state.uniform(low=low, high=high, size=size), lon_range.unit)
    low, high = np.sin(lat_range.to_value("rad"))
    lat = Angle(np.arcsin(random_state.uniform(low=low, high=high, size=size)), "rad")
    return lon, lat


def sample_sphere_distance(distance_min=0, distance_max=1, size=None, random_state="random-seed"):
    """Draw distances of points uniform in a spherical shell.

    Parameters
    ----------
    distance_min, distance_max : float or `~astropy.units.Quantity`
        Inner and outer radius.
    size : int or tuple of int, optional
    random_state : see `get_random_state`

    Returns
    -------
    ndarray or `~astropy.units.Quantity`, shape (size,)

    Examples
    --------
    >>> round(float(sample_sphere_distance(1, 2, random_state=0)), 4)
    1.6917
    """
    random_state = get_random_state(random_state)
    unit = getattr(distance_max, "unit", getattr(distance_min, "unit", None))
    if unit is not None:
        distance_min, distance_max = (
            u.Quantity(d).to_value(unit) if u.Quantity(d).value.any() else 0.0
            for d in (distance_min, distance_max)
        )
    inner, outer = distance_min**3, distance_max**3
    distance = np.cbrt(inner + random_state.uniform(size=size) * (outer - inner))
    return distance if unit is None else distance * unit


def sample_powerlaw(x_min, x_max, gamma, size=None, random_state="random-seed"):
    r"""Draw from the power law :math:`x^{-\gamma}` between two bounds.

    Parameters
    ----------
    x_min, x_max : float
        Bounds, > 0.
    gamma : float
        Differential index; 1 is allowed.
    size : int or tuple of int, optional
    random_state : see `get_random_state`

    Returns
    -------
    ndarray, shape (size,)

    Examples
    --------
    >>> round(float(sample_powerlaw(1, 10, 2, random_state=0)), 4)
    1.976
    """
    uniform = get_random_state(random_state).uniform(size=size)
    if gamma == 1:
        return x_min * (x_max / x_min) ** uniform
    low, high = x_min ** (1.0 - gamma), x_max ** (1.0 - gamma)
    return (low + uniform * (high - low)) ** (1 / (1.0 - gamma))


def sample_times(size, rate, dead_time=_NO_DEAD_TIME, return_diff=False, random_state="random-seed"):
    """Draw event times of a Poisson process, with a dead time after each event.

    Parameters
    ----------
    size : int
        Number of events.
    rate : `~astropy.units.Quantity`
        Rate without dead time.
    dead_time : `~astropy.units.Quantity` or `~astropy.time.TimeDelta`
        Time after an event in which none is seen.
    return_diff : bool
        Return the differences between events.
    random_state : see `get_random_state`

    Returns
    -------
    `~astropy.time.TimeDelta`, shape (size,)
        Times since the start, or differences.

    Examples
    --------
    >>> sample_times(2, "10 s-1", random_state=0).to_value("s").round(4).tolist()
    [0.0796, 0.2052]
    """
    random_state = get_random_state(random_state)
    rate = to_quantity(rate, "s-1", "rate").value
    dead = dead_time.to_value("s") if isinstance(dead_time, TimeDelta) else to_quantity(dead_time, "s").value
    difference = dead + random_state.exponential(scale=1 / rate, size=size)
    times = difference if return_diff else np.cumsum(difference)
    return TimeDelta(times, format="sec")


def draw(low, high, size, dist: Callable, random_state="random-seed", *args, **kwargs) -> np.ndarray:
    """Draw from a function of one variable between two bounds.

    Parameters
    ----------
    low, high : float
        Bounds.
    size : int or tuple of int
    dist : callable
        Density; called as ``dist(x, *args, **kwargs)`` with an array; need not be normalised.
    random_state : see `get_random_state`

    Returns
    -------
    ndarray, shape (size,)
        Drawn through the cumulative of 10 000 trapezoids.

    Examples
    --------
    >>> x = draw(0, 1, 1000, lambda x: x, random_state=0)
    >>> bool(abs(x.mean() - 2 / 3) < 0.03)
    True
    """
    random_state = get_random_state(random_state)
    nodes = np.linspace(low, high, 10_001)
    density = np.broadcast_to(np.asarray(dist(nodes, *args, **kwargs), dtype=float), nodes.shape)
    if (density < 0).any() or not density.any():
        raise StatisticError(
            "dist must be >= 0 and not 0 everywhere between low and high. Choose other bounds."
        )
    cumulative = np.concatenate([[0.0], np.cumsum(density[1:] + density[:-1])])
    return np.interp(random_state.uniform(0, cumulative[-1], size), cumulative, nodes)


def pdf(func: Callable) -> Callable:
    """Turn a surface density of the radius into a density of the radius, ``x * func(x)``.

    Examples
    --------
    >>> pdf(lambda x: x**2)(2.0)
    8.0
    """

    def density(x, *args, **kwargs):
        return x * func(x, *args, **kwargs)

    return density


def normalize(func: Callable, x_min, x_max) -> Callable:
    """Divide a function by its integral between two bounds.

    Examples
    --------
    >>> normalize(lambda x: x, 0, 2)(1.0)
    0.5
    """
    from scipy.integrate import quad

    def normalized(x, *args, **kwargs):
        return func(x, *args, **kwargs) / quad(func, x_min, x_max, args=args)[0]

    return normalized
