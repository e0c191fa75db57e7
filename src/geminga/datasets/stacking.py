"""Stacking: adding the data of one dataset to another."""

from __future__ import annotations

import logging

import numpy as np
from astropy import units as u

from ..errors import DataError
from ..maps import Map
from .checks import check_stackable

__all__ = ["applied_background", "off_acceptance", "stack", "stack_all", "stack_meta_tables", "to_masked"]

log = logging.getLogger(__name__)


def stack(dataset, other, nan_to_num=True) -> None:
    """Add another dataset to this one, in place.

    Counts, background, off counts and acceptance of the other are taken where its safe mask allows, its exposure in
    pixels with any safe bin; PSF and energy dispersion become means weighted with exposure. What is in this dataset
    already is taken as it is: begin with an empty dataset, or with `to_masked`. Background models are applied before
    adding, and that of this dataset is reset. A dataset with nothing safe is left out, and logged. If the two do not
    fit together, nothing is changed.

    Parameters
    ----------
    dataset, other : `~geminga.datasets.MapDataset`
        Of one kind, on the same axes; the other may cover a part of the sky only.
    nan_to_num : bool
        Take values that are not finite as 0.

    Notes
    -----
    A missing fit mask stands for the safe mask, so that the union of the fit masks covers what either dataset
    fitted.
    """
    if _stacks(dataset, other):
        dataset._own_maps()
        dataset._add_data(other, nan_to_num)
        _add_responses(dataset, other, nan_to_num)
        _join_records(dataset, [other])


def stack_all(datasets, name=None, nan_to_num=True):
    """Return the sum of datasets of one kind; parameters are those of `stack`."""
    first, *others = datasets
    total = first.to_masked(name=name, nan_to_num=nan_to_num)
    used = [other for other in others if _stacks(total, other)]
    for other in used:
        total._add_data(other, nan_to_num)
        _add_responses(total, other, nan_to_num)
    _join_records(total, used)
    return total


def _stacks(dataset, other) -> bool:
    """Tell whether a dataset has anything to be stacked, and log if not."""
    check_stackable(dataset, other)
    mask = other.mask_safe
    if mask is None or np.any(mask.data):
        return True
    log.warning("Dataset %r has no safe bin; not stacked on %r.", other.name, dataset.name)
    return False


def add_data(dataset, other, nan_to_num) -> None:
    """Add counts and background."""
    if dataset.counts is not None and other.counts is not None:
        dataset.counts.stack(other.counts, weights=other.mask_safe, nan_to_num=nan_to_num)
    if dataset.background is not None and other.background is not None:
        background = applied_background(dataset)
        background.stack(applied_background(other), weights=other.mask_safe, nan_to_num=nan_to_num)
        dataset.background = background
        if dataset.background_model is not None:
            dataset.background_model.reset_to_default()


def add_on_off_data(dataset, other, nan_to_num) -> None:
    r"""Add counts, off counts and acceptance, and find the off acceptance.

    It is such that the background estimate is the sum of the estimates, bin by bin:

    .. math:: A_{off} = A \sum_i N_{off,i} \Big/ \sum_i \alpha_i N_{off,i}

    Where there are no off counts at all the ratio of the totals over all bins is used, and the summed off acceptance
    if there are none anywhere.
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
    geom, weights = dataset._geom, other.mask_safe

    def summed(own, added):
        total = Map.from_geom(geom, data=np.array(own.data, dtype=float))
        addition = Map.from_geom(other._geom, data=np.asarray(added.data, dtype=float))
        total.stack(addition, weights=weights, nan_to_num=nan_to_num)
        return total

    background = summed(dataset.background, other.background).data
    summed_off = summed(dataset.acceptance_off, other.acceptance_off).data
    counts_off = summed(dataset.counts_off, other.counts_off)
    acceptance = summed(dataset.acceptance, other.acceptance)
    data = off_acceptance(acceptance.data, counts_off.data, background, summed_off)
    if dataset.counts is not None and other.counts is not None:
        dataset.counts.stack(other.counts, weights=weights, nan_to_num=nan_to_num)
    dataset.counts_off, dataset.acceptance = counts_off, acceptance
    dataset.acceptance_off = Map.from_geom(geom, data=data)


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


def applied_background(dataset):
    """Return a copy of the background of a dataset with its background model applied."""
    return dataset.background.copy() if dataset.background_model is None else dataset.npred_background()


def _add_responses(dataset, other, nan_to_num) -> None:
    """Add exposure, PSF and energy dispersion, and unite the masks."""
    if dataset.psf is not None and other.psf is not None:
        dataset.psf.stack(other.psf, weights=other.mask_safe_psf, nan_to_num=nan_to_num)
    if dataset.edisp is not None and other.edisp is not None:
        dataset.edisp.stack(other.edisp, weights=other.mask_safe_edisp, nan_to_num=nan_to_num)
    if dataset.exposure is not None and other.exposure is not None:
        livetime = _summed_livetime(dataset.exposure.meta, other.exposure.meta)
        dataset.exposure.stack(other.exposure, weights=other.mask_safe_image, nan_to_num=nan_to_num)
        if livetime is not None:
            dataset.exposure.meta = {**(dataset.exposure.meta or {}), "livetime": livetime}
    _unite_masks(dataset, other)


def _join_records(dataset, others) -> None:
    """Unite time intervals, tables and provenance."""
    if not others:
        return
    parts = [dataset, *others]
    intervals = [part.gti for part in parts if part.gti is not None]
    if intervals:
        dataset.gti = type(intervals[0]).from_stack(intervals).union()
    dataset.meta_table = stack_meta_tables([part.meta_table for part in parts])
    metas = [part.meta for part in parts if part.meta is not None]
    if metas:
        dataset.meta = metas[0].stack(*metas[1:])


def _summed_livetime(own, added):
    """Return the sum of the live times in two dictionaries, None if there is none in either."""
    times = [meta["livetime"] for meta in (own, added) if meta and "livetime" in meta]
    return sum(times[1:], times[0]) if times else None


def _unite_masks(dataset, other) -> None:
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


def stack_meta_tables(tables):
    """Return tables of one row as one, whose cells are arrays over the observations.

    Columns that a table lacks are left out.

    Parameters
    ----------
    tables : list of `~astropy.table.Table` or None

    Returns
    -------
    `~astropy.table.Table` or None
        None if there is no table with columns.

    Examples
    --------
    >>> from astropy.table import Table
    >>> from astropy.table import Table
    >>> table = stack_meta_tables([Table({"OBS_ID": [1]}), None, Table({"OBS_ID": [2]})])
    >>> table["OBS_ID"][0].tolist()
    [1, 2]
    """
    from astropy.table import Table

    tables = [table for table in tables if table is not None and len(table.colnames)]
    if len(tables) < 2:
        return tables[0].copy() if tables else None
    first = tables[0]
    columns, units = {}, {}
    for name in first.colnames:
        if all(name in table.colnames for table in tables):
            units[name] = first[name].unit
            columns[name] = np.hstack([_cells(table[name], units[name]) for table in tables])

    result = Table(columns, meta=dict(first.meta))
    for name, unit in units.items():
        result[name].unit = unit
    return result


def _cells(column, unit) -> np.ndarray:
    """Return a column of one row as an array of shape (1, n), in a unit."""
    data = np.asarray(getattr(column, "value", column))
    if unit is not None and column.unit is not None and column.unit != unit:
        data = data * column.unit.to(unit)
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
