"""Fit statistics by name: what a dataset sums up to compare its data with its models.

Each class has three static methods that take a dataset: `stat_array_dataset` (value of each bin, masks ignored),
`stat_sum_dataset` (sum over the mask) and `loglikelihood_dataset`. Datasets are used through the attributes that the
methods name, so anything with these attributes will do.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from scipy.special import erfc

from geminga.errors import UnknownNameError

from .on_off import wstat
from .poisson import cash, cash_sum

__all__ = [
    "FIT_STATISTICS_REGISTRY",
    "CashFitStatistic",
    "Chi2AsymmetricErrorFitStatistic",
    "Chi2FitStatistic",
    "FitStatistic",
    "ProfileFitStatistic",
    "WStatFitStatistic",
    "WeightedCashFitStatistic",
    "get_fit_statistic",
]


def _array(item) -> Any:
    """Return the numbers of a map, or an array as it is; None stays None."""
    if item is None:
        return None
    return np.asarray(item if isinstance(item, np.ndarray) else getattr(item, "data", item))


def _values(item, unit) -> np.ndarray:
    """Return the numbers of a map in a unit."""
    return item.quantity.to_value(unit)


def _masked_sum(values: np.ndarray, mask: np.ndarray | None) -> float:
    return float(np.sum(values if mask is None else values[np.broadcast_to(mask.astype(bool), values.shape)]))


class FitStatistic(ABC):
    """Base of fit statistics."""

    @staticmethod
    @abstractmethod
    def stat_array_dataset(dataset) -> np.ndarray:
        """Return the statistic of each bin, in the shape of the data."""

    @classmethod
    def stat_sum_dataset(cls, dataset) -> float:
        """Return the statistic summed over the mask of the dataset."""
        return _masked_sum(cls.stat_array_dataset(dataset), _array(dataset.mask))

    @classmethod
    def loglikelihood_dataset(cls, dataset) -> float:
        """Return the log of the likelihood, minus half the statistic."""
        return -0.5 * cls.stat_sum_dataset(dataset)


class CashFitStatistic(FitStatistic):
    """Poisson counts with a modelled background; uses ``counts``, ``npred()`` and ``mask``."""

    @staticmethod
    def stat_array_dataset(dataset) -> np.ndarray:
        """Return `cash` of each bin."""
        return cash(_array(dataset.counts), _array(dataset.npred()))

    @classmethod
    def stat_sum_dataset(cls, dataset) -> float:
        """Return `cash` summed over the mask."""
        counts, npred, mask = _array(dataset.counts), _array(dataset.npred()), _array(dataset.mask)
        if mask is None:
            return cash_sum(counts, npred)
        counts, npred = np.broadcast_arrays(counts, npred)
        mask = np.broadcast_to(mask.astype(bool), counts.shape)
        return cash_sum(counts[mask], npred[mask])


class WeightedCashFitStatistic(FitStatistic):
    """Poisson counts with the mask of the dataset as weights; uses ``counts``, ``npred()`` and ``mask``."""

    @staticmethod
    def stat_array_dataset(dataset) -> np.ndarray:
        """Return `cash` of each bin times its weight."""
        stat = cash(_array(dataset.counts), _array(dataset.npred()))
        weights = _array(dataset.mask)
        return stat if weights is None else stat * weights.astype(float)

    @classmethod
    def stat_sum_dataset(cls, dataset) -> float:
        """Return the sum of the weighted statistic."""
        return float(np.sum(cls.stat_array_dataset(dataset)))


class WStatFitStatistic(FitStatistic):
    """Poisson counts with a measured background; uses ``counts``, ``counts_off``, ``alpha``, ``npred_signal()``."""

    @staticmethod
    def stat_array_dataset(dataset) -> np.ndarray:
        """Return `wstat` of each bin; NaN where alpha is 0."""
        return wstat(
            n_on=_array(dataset.counts),
            n_off=_array(dataset.counts_off),
            alpha=_array(dataset.alpha),
            mu_sig=_array(dataset.npred_signal()),
        )

    @classmethod
    def stat_sum_dataset(cls, dataset) -> float:
        """Return `wstat` summed over the mask; bins without an Off measurement add 0."""
        return _masked_sum(np.nan_to_num(cls.stat_array_dataset(dataset)), _array(dataset.mask))


class Chi2FitStatistic(FitStatistic):
    """Flux points with symmetric errors; uses ``data.dnde``, ``data.dnde_err``, ``flux_pred()`` and ``mask``."""

    @staticmethod
    def stat_array_dataset(dataset) -> np.ndarray:
        """Return squared residuals over squared errors."""
        unit = dataset.data.dnde.unit
        model = dataset.flux_pred().to_value(unit)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.square(
                (_values(dataset.data.dnde, unit) - model) / _values(dataset.data.dnde_err, unit)
            )


class Chi2AsymmetricErrorFitStatistic(FitStatistic):
    r"""Flux points with asymmetric errors and upper limits; uses ``data``, ``flux_pred()`` and ``mask``.

    The positive error counts where the model is at or above the point. An upper limit U contributes
    :math:`2 \ln[\mathrm{erfc}((U - m) / U) / \mathrm{erfc}(1)]`.
    """

    @staticmethod
    def stat_array_dataset(dataset) -> np.ndarray:
        """Return the statistic of each point."""
        data = dataset.data
        unit = data.dnde.unit
        model = dataset.flux_pred().to_value(unit)
        value = _values(data.dnde, unit)
        sigma = np.where(model >= value, _values(data.dnde_errp, unit), _values(data.dnde_errn, unit))
        with np.errstate(divide="ignore", invalid="ignore"):
            stat = np.square((value - model) / sigma)
        is_ul = np.broadcast_to(np.asarray(_array(data.is_ul), dtype=bool), stat.shape)
        if is_ul.any():
            limit = np.where(is_ul, _values(data.dnde_ul, unit), 1.0)
            stat = np.where(is_ul, 2 * np.log(erfc((limit - model) / limit) / erfc(1)), stat)
        return stat


class ProfileFitStatistic(FitStatistic):
    """Flux points with stored profiles of the fit statistic; uses ``data.stat_scan``, ``flux_pred()`` and ``mask``.

    Each profile is interpolated with parabolas, a straight line on a square-root scale.
    """

    @staticmethod
    def stat_array_dataset(dataset) -> np.ndarray:
        """Return the interpolated statistic of each point."""
        from geminga.numerics.interpolation import interpolate_profile

        data = dataset.data
        scan = data.stat_scan
        names = list(scan.geom.axes.names)
        position = len(scan.data.shape) - 3 - names.index("norm")
        profiles = np.moveaxis(np.asarray(scan.data, dtype=float), position, -1)
        norms = scan.geom.axes["norm"].center.to_value("")
        unit = data.dnde_ref.unit
        model = dataset.flux_pred().to_value(unit)
        reference = np.broadcast_to(np.asarray(data.dnde_ref.to_value(unit)), model.shape)
        wanted = model / reference
        stat = np.empty(wanted.shape)
        for index in np.ndindex(wanted.shape):
            profile = interpolate_profile(norms, profiles[index], extrapolate=True)
            stat[index] = profile(wanted[index])
        return stat


FIT_STATISTICS_REGISTRY: dict[str, type[FitStatistic]] = {
    "cash": CashFitStatistic,
    "wstat": WStatFitStatistic,
    "chi2": Chi2FitStatistic,
    "distrib": Chi2AsymmetricErrorFitStatistic,
    "profile": ProfileFitStatistic,
    "cash_weighted": WeightedCashFitStatistic,
}


def get_fit_statistic(name: str) -> type[FitStatistic]:
    """Return the fit statistic with this name.

    Raises
    ------
    UnknownNameError
        If there is none; the message lists the known ones.

    Examples
    --------
    >>> get_fit_statistic("wstat").__name__
    'WStatFitStatistic'
    """
    if name not in FIT_STATISTICS_REGISTRY:
        raise UnknownNameError("fit statistic", name, FIT_STATISTICS_REGISTRY)
    return FIT_STATISTICS_REGISTRY[name]
