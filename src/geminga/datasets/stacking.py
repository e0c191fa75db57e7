"""Stacking: adding the data of one dataset to another."""

from __future__ import annotations

import logging

import numpy as np
from astropy import units as u
from astropy.table import Table

from ..errors import DataError
from ..maps import Map

__all__ = ["applied_background", "off_acceptance", "stack", "stack_meta_tables", "stack_on_off", "to_masked"]

log = logging.getLogger(__name__)


def stack(dataset, other, nan_to_num=True) -> None:
    """Add another dataset to this one, in place.

    Counts and background of the other are taken where its safe mask allows, its exposure in pixels with any safe bin;
    PSF and energy dispersion become means weighted with exposure. What is in this dataset already is taken as it
    is: begin with an empty dataset, or with `to_masked`. Background models are applied before adding, and that of
    this dataset is reset. A dataset with nothing safe is left out.

    Parameters
    ----------
    dataset, other : `~geminga.datasets.MapDataset`
        On the same axes; the other may cover a part of the sky only.
    nan_to_num : bool
        Take values that are not finite as 0.

    Notes
    -----
    A missing fit mask stands for the safe mask, so that the union of the fit masks covers what either dataset
    fitted.
    """
    if not _has_safe_bins(other):
        log.warning("Dataset %r has no safe bin; not stacked on %r.", other.name, dataset.name)
        return
    dataset._own_maps()
    if dataset.counts is not None and other.counts is not None:
        dataset.counts.stack(other.counts, weights=other.mask_safe, nan_to_num=nan_to_num)
    if dataset.background is not None and other.background is not None:
        _stack_background(dataset, other, nan_to_num)
    _stack_common(dataset, other, nan_to_num)


def stack_on_off(dataset, other, nan_to_num=True) -> None:
    r"""Add another on-off dataset to this one, in place.

    Counts, off counts and acceptances of the other are added where its safe mask allows. The new off acceptance
    is such that the background estimate is the sum of the estimates, bin by bin:

    .. math:: A_{off} = A \sum_i N_{off,i} \Big/ \sum_i \alpha_i N_{off,i}

    Where there are no off counts at all the ratio of the totals over all bins is used, and the summed off
    acceptance if there are none anywhere.

    Parameters
    ----------
    dataset, other : `~geminga.datasets.MapDatasetOnOff`
    nan_to_num : bool
        Take values that are not finite as 0.
    """
    for part in (dataset, other):
        missing = [
            key for key in ("counts_off", "acceptance", "acceptance_off") if getattr(part, key) is None
        ]
        if missing:
            raise DataError(
                f"dataset {part.name!r} must have {' and '.join(missing)} to be stacked, got None. "
                "Run a background maker first."
            )
    if not _has_safe_bins(other):
        log.warning("Dataset %r has no safe bin; not stacked on %r.", other.name, dataset.name)
        return
    dataset._own_maps()
    geom = dataset._geom
    weights = other.mask_safe

    def summed(own, added):
        total = Map.from_geom(geom, data=np.array(own, dtype=float))
        addition = Map.from_geom(other._geom, data=np.asarray(added, dtype=float))
        total.stack(addition, weights=weights, nan_to_num=nan_to_num)
        return total

    background = summed(dataset.background.data, other.background.data).data
    off_sum = summed(dataset.acceptance_off.data, other.acceptance_off.data).data
    counts_off = summed(dataset.counts_off.data, other.counts_off.data)
    acceptance = summed(dataset.acceptance.data, other.acceptance.data)
    data = off_acceptance(acceptance.data, counts_off.data, background, off_sum)
    if dataset.counts is not None and other.counts is not None:
        dataset.counts.stack(other.counts, weights=weights, nan_to_num=nan_to_num)
    dataset.counts_off, dataset.acceptance = counts_off, acceptance
    dataset.acceptance_off = Map.from_geom(geom, data=data)
    _stack_common(dataset, other, nan_to_num)


def off_acceptance(acceptance, counts_off, background, summed_off):
    """Return the off acceptance for which acceptance over it, times the off counts, is the background.

    Parameters
    ----------
    acceptance, counts_off, background : ndarray
        Sums of the acceptance, of the off counts and of the background estimates.
    summed_off : ndarray
        Sum of the off acceptances, used where the off counts are all zero.

    Examples
    --------
    >>> import numpy as np
    >>> one = np.ones(1)
    >>> float(off_acceptance(2 * one, 9 * one, 3 * one, one)[0])
    6.0
    """
    total_off, total_background = counts_off.sum(), background.sum()
    if total_off > 0 and total_background > 0:
        fallback = acceptance * (total_off / total_background)
    else:
        fallback = summed_off
    measured = background > 0
    return np.where(measured, acceptance * counts_off / np.where(measured, background, 1.0), fallback)


def _has_safe_bins(dataset) -> bool:
    mask = dataset.mask_safe
    return mask is None or bool(np.any(mask.data))


def applied_background(dataset):
    """Return a copy of the background of a dataset with its background model applied."""
    return dataset.background.copy() if dataset.background_model is None else dataset.npred_background()


def _stack_background(dataset, other, nan_to_num) -> None:
    background = applied_background(dataset)
    background.stack(applied_background(other), weights=other.mask_safe, nan_to_num=nan_to_num)
    dataset.background = background
    if dataset.background_model is not None:
        dataset.background_model.reset_to_default()


def _stack_common(dataset, other, nan_to_num) -> None:
    """Add exposure, responses, masks, times and provenance."""
    if dataset.psf is not None and other.psf is not None:
        dataset.psf.stack(other.psf, weights=other.mask_safe_psf, nan_to_num=nan_to_num)
    if dataset.edisp is not None and other.edisp is not None:
        dataset.edisp.stack(other.edisp, weights=other.mask_safe_edisp, nan_to_num=nan_to_num)
    if dataset.exposure is not None and other.exposure is not None:
        livetime = _summed_livetime(dataset.exposure.meta, other.exposure.meta)
        dataset.exposure.stack(other.exposure, weights=other.mask_safe_image, nan_to_num=nan_to_num)
        if livetime is not None:
            dataset.exposure.meta = {**(dataset.exposure.meta or {}), "livetime": livetime}
    _stack_masks(dataset, other)
    if other.gti is not None:
        together = other.gti.copy() if dataset.gti is None else dataset.gti.copy()
        if dataset.gti is not None:
            together.stack(other.gti)
        dataset.gti = together.union()
    dataset.meta_table = stack_meta_tables(dataset.meta_table, other.meta_table)
    if dataset.meta is not None and other.meta is not None:
        dataset.meta = dataset.meta.stack(other.meta)


def _summed_livetime(own, added):
    """Return the sum of the live times in two dictionaries, None if there is none in either."""
    times = [meta["livetime"] for meta in (own, added) if meta and "livetime" in meta]
    return sum(times[1:], times[0]) if times else None


def _stack_masks(dataset, other) -> None:
    fit = None
    if dataset.mask_fit is not None or other.mask_fit is not None:
        fit = _fitted(dataset)
        fit.stack(_fitted(other))
    if dataset.mask_safe is not None:
        safe = dataset.mask_safe.copy()
        safe.stack(_all_true(other._geom) if other.mask_safe is None else other.mask_safe)
        dataset.mask_safe = safe
    if fit is not None:
        dataset.mask_fit = fit


def _all_true(geom):
    return Map.from_geom(geom, data=np.ones(geom.data_shape, dtype=bool))


def _fitted(dataset):
    """Return which bins a dataset fits: its fit mask, else what is safe, else everything."""
    for mask in (dataset.mask_fit, dataset.mask_safe):
        if mask is not None:
            return Map.from_geom(mask.geom, data=np.array(mask.data, dtype=bool))
    return _all_true(dataset._geom)


def stack_meta_tables(one, other):
    """Return two tables of one row as one, whose cells are arrays over the observations.

    Parameters
    ----------
    one, other : `~astropy.table.Table` or None

    Examples
    --------
    >>> table = stack_meta_tables(Table({"OBS_ID": [1]}), Table({"OBS_ID": [2]}))
    >>> table["OBS_ID"][0].tolist()
    [1, 2]
    """
    if one is None or len(one.colnames) == 0:
        return None if other is None else other.copy()
    if other is None or len(other.colnames) == 0:
        return one.copy()
    result = Table(meta=dict(one.meta))
    for name in one.colnames:
        if name in other.colnames:
            first, second = one[name], other[name]
            unit = first.unit
            if unit is not None and second.unit is not None:
                second = u.Quantity(second).to(unit)
            cells = np.hstack([np.atleast_2d(_cells(first)), np.atleast_2d(_cells(second))])
            result[name] = cells
            result[name].unit = unit
    return result


def _cells(column) -> np.ndarray:
    """Return a column of one row as an array of shape (1, n)."""
    data = np.asarray(getattr(column, "value", column))
    return data.reshape(1, -1)


def to_masked(dataset, name=None, nan_to_num=True):
    """Return a copy in which everything that is not safe is zero, without models.

    Parameters
    ----------
    dataset : `~geminga.datasets.MapDataset`
    name : str, optional
    nan_to_num : bool
        Take values that are not finite as 0.
    """
    new = dataset.__class__.from_geoms(**dataset.geoms, name=name, stat_type=dataset.stat_type)
    if dataset.gti is not None:
        new.gti = type(dataset.gti).create([] * u.s, [] * u.s, reference_time=dataset.gti.time_ref)
    if dataset.meta is not None:
        new.meta = dataset.meta.model_copy(deep=True)
    new.stack(dataset, nan_to_num=nan_to_num)
    return new
