"""Covariance of parameters, and how models that contain models keep theirs together."""

from __future__ import annotations

import html

import numpy as np

from ..doors import drawn_by
from ..errors import ModelError
from .parameters import Parameters

__all__ = ["Covariance", "CovarianceMixin"]


class Covariance:
    """A covariance matrix and the parameters of its rows.

    A parameter that occurs several times (a link) has several equal rows.

    Parameters
    ----------
    parameters : `Parameters`
    data : array_like, shape (n_parameters, n_parameters), optional
        Matrix in units of the parameters; zeros by default.

    Examples
    --------
    >>> from geminga.modeling import Covariance, Parameter, Parameters
    >>> pars = Parameters([Parameter("index", 2.0), Parameter("norm", 1.0)])
    >>> covariance = Covariance(pars, [[0.04, 0.01], [0.01, 0.25]])
    >>> covariance.get_subcovariance(pars.select(name="norm")).data
    array([[0.25]])
    """

    def __init__(self, parameters, data=None):
        self.parameters = parameters if isinstance(parameters, Parameters) else Parameters(parameters)
        self._data = np.zeros(self.shape)
        if data is not None:
            self.data = data

    @property
    def shape(self) -> tuple[int, int]:
        """Number of parameters, twice."""
        return len(self.parameters), len(self.parameters)

    @property
    def data(self) -> np.ndarray:
        """Matrix, shape (n_parameters, n_parameters), in units of the parameters."""
        return self._data

    @data.setter
    def data(self, value):
        matrix = np.array(value, dtype=float)
        if matrix.shape != self.shape:
            raise ModelError(
                f"covariance must have shape {self.shape}, got {matrix.shape}. Give a row for each parameter."
            )
        self._data = matrix

    @classmethod
    def from_factor_matrix(cls, parameters, matrix):
        """Create from the covariance of the factors of the free unique parameters.

        Errors of factors become errors of values with the derivative of the scale transform; rows of frozen
        parameters are zero.

        Parameters
        ----------
        parameters : `Parameters`
        matrix : array_like, shape (n_free_unique, n_free_unique)
        """
        free = parameters.free_unique_parameters
        slope = np.array([p.inverse_transform_derivative(p.factor) for p in free])
        return cls.from_free_matrix(parameters, np.asarray(matrix, dtype=float) * np.outer(slope, slope))

    @classmethod
    def from_free_matrix(cls, parameters, matrix):
        """Create from the covariance of the values of the free unique parameters.

        Parameters
        ----------
        parameters : `Parameters`
        matrix : array_like, shape (n_free_unique, n_free_unique)
            In units of the parameters.
        """
        free = parameters.free_unique_parameters
        matrix = np.asarray(matrix, dtype=float)
        if matrix.shape != (len(free), len(free)):
            raise ModelError(
                f"matrix must have shape {(len(free), len(free))}, got {matrix.shape}. "
                "Give a row for each free parameter."
            )
        covariance = cls(parameters)
        source, target = _shared_positions(free, parameters)
        covariance._data[np.ix_(target, target)] = matrix[np.ix_(source, source)]
        return covariance

    @classmethod
    def from_stack(cls, covar_list):
        """Create a block-diagonal covariance.

        Parameters
        ----------
        covar_list : iterable of `Covariance`
        """
        covar_list = list(covar_list)
        covariance = cls(Parameters.from_stack([item.parameters for item in covar_list]))
        start = 0
        for item in covar_list:
            stop = start + len(item.parameters)
            covariance._data[start:stop, start:stop] = item.data
            start = stop
        return covariance

    def get_subcovariance(self, parameters):
        """Return the covariance of some of the parameters.

        Parameters
        ----------
        parameters : `Parameters`

        Returns
        -------
        `Covariance`
        """
        parameters = parameters if isinstance(parameters, Parameters) else Parameters(parameters)
        index = [self.parameters.index(parameter) for parameter in parameters]
        return Covariance(parameters, self._data[np.ix_(index, index)])

    def set_subcovariance(self, covar) -> None:
        """Replace the block that belongs to the parameters of another covariance; it may cover only some.

        Parameters
        ----------
        covar : `Covariance`
        """
        source, target = _shared_positions(covar.parameters, self.parameters)
        if len(target):
            self._data[np.ix_(target, target)] = covar.data[np.ix_(source, source)]

    def _follow_errors(self) -> None:
        """Rescale rows and columns whose parameter got another error since they were stored."""
        errors = np.array([p._error for p in self.parameters], dtype=float)
        variance = self._data.diagonal()
        with np.errstate(over="ignore", under="ignore"):
            wanted = errors**2
        changed = np.flatnonzero(~np.isclose(variance, wanted, rtol=1e-12, atol=0, equal_nan=True))
        if not len(changed):
            return
        stored = np.sqrt(np.clip(variance[changed], 0, None))
        usable = (stored > 0) & np.isfinite(errors[changed])
        ratio = np.divide(errors[changed], stored, out=np.zeros(len(changed)), where=usable)
        factor = np.ones(len(errors))
        factor[changed] = ratio
        self._data = self._data * factor[:, None] * factor
        self._data[changed, changed] = wanted[changed]

    @property
    def correlation(self) -> np.ndarray:
        """Correlation matrix; rows without variance are zero."""
        with np.errstate(invalid="ignore"):
            sigma = np.sqrt(self._data.diagonal())
        norm = np.outer(sigma, sigma)
        return np.divide(self._data, norm, out=np.zeros_like(norm), where=norm > 0)

    @property
    def scipy_mvn(self):
        """Multivariate normal distribution around the values, a frozen `scipy.stats` distribution."""
        from scipy.stats import multivariate_normal

        return multivariate_normal(self.parameters.value, self.data, allow_singular=True)

    plot_correlation = drawn_by("geminga.visualization.modeling:plot_correlation")

    def __array__(self, dtype=None, copy=None):
        return np.array(self._data, dtype=dtype)

    def __str__(self) -> str:
        return str(self.data)

    def __repr__(self) -> str:
        names = [*self.parameters.names[:8], *(["..."] if len(self.parameters) > 8 else [])]
        return f"Covariance({len(self.parameters)} parameters: {', '.join(names)})"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"


def _shared_positions(source: Parameters, target: Parameters) -> tuple[np.ndarray, np.ndarray]:
    """Return where parameters of `target` are in `source`, and where they are in `target`."""
    places = target._all_positions()
    pairs = [(i, j) for key, i in source._positions().items() for j in places.get(key, ())]
    rows = np.array(pairs, dtype=int).reshape(-1, 2)
    return rows[:, 0], rows[:, 1]


class CovarianceMixin:
    """Covariance of something with `parameters`, some of which belong to parts with a covariance of their own.

    The blocks of the parts are taken from the parts; what is kept here are the terms between them. Errors of
    parameters and diagonal always agree.
    """

    _covariance: Covariance | None = None

    def _covariance_parts(self) -> list:
        """Return the parts that keep their own blocks."""
        return []

    def _kept_covariances(self) -> list:
        """Return what this and its parts keep, to come back to."""
        kept = (
            None
            if self._covariance is None
            else Covariance(self._covariance.parameters, self._covariance.data)
        )
        entries = [(self, kept)]
        for part in self._covariance_parts():
            entries += part._kept_covariances()
        return entries

    @property
    def covariance(self) -> Covariance:
        """Covariance of `parameters`; set it to a matrix or `Covariance`, and the errors follow."""
        parameters = self.parameters
        stored = self._covariance
        if stored is None or [*map(id, stored.parameters)] != [*map(id, parameters)]:
            covariance = Covariance(parameters)
            if stored is not None:
                covariance.set_subcovariance(stored)
        else:
            covariance = stored
        for part in self._covariance_parts():
            covariance.set_subcovariance(part.covariance)
        covariance._follow_errors()
        self._covariance = covariance
        return covariance

    @covariance.setter
    def covariance(self, covariance):
        parameters = self.parameters
        data = covariance.data if isinstance(covariance, Covariance) else covariance
        covariance = Covariance(parameters, data)
        # files of the peer leave the later rows of a shared parameter empty: the first row counts
        known = parameters._positions()
        first = [known[id(parameter)] for parameter in parameters]
        covariance._data = covariance._data[np.ix_(first, first)]
        self._covariance = covariance
        with np.errstate(invalid="ignore"):
            errors = np.sqrt(np.clip(covariance.data.diagonal(), 0, None))
        for parameter, error in zip(parameters, errors.tolist(), strict=True):
            parameter._error = error
        for part in self._covariance_parts():
            part.covariance = covariance.get_subcovariance(part.parameters)
