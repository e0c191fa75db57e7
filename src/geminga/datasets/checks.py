"""Whether the parts of a dataset fit together, and whether two datasets can be stacked."""

from __future__ import annotations

import logging
import weakref

import numpy as np

from ..errors import AxisMismatchError, DataError, GeometryError
from ..units import conversion_factor

__all__ = ["check_parts", "check_stackable"]

log = logging.getLogger(__name__)

#: Parts that `check_parts` looks at.
LOOKED_AT = ("counts", "background", "exposure", "psf", "edisp")

#: Weak references to the parts that each dataset had when it was last found to be right.
_found_right: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()


def check_parts(dataset) -> None:
    """Refuse a dataset whose parts do not fit together, and log what is doubtful.

    It is looked at again only when a part was replaced.

    Parameters
    ----------
    dataset : `~geminga.datasets.MapDataset`

    Raises
    ------
    UnitError, AxisMismatchError, GeometryError
        The message names dataset and part.
    """
    parts = tuple(getattr(dataset, key) if key in dataset._maps else None for key in LOOKED_AT)
    seen = _found_right.get(dataset)
    if seen is not None and all(one() is other for one, other in zip(seen, parts, strict=True)):
        return
    counts, background, exposure, psf, edisp = parts
    for name, part in (("counts", counts), ("background", background)):
        if part is not None:
            conversion_factor(part.unit, "", f"{name} of dataset {dataset.name!r}")
    if exposure is not None:
        conversion_factor(exposure.unit, "m2 s", f"exposure of dataset {dataset.name!r}")
        _check_pixels(dataset, exposure)
    if edisp is not None and hasattr(edisp, "edisp_map"):
        _check_dispersion(dataset, edisp, exposure)
    _log_coverage(dataset, psf, edisp)
    _log_background(dataset, background)
    _found_right[dataset] = [_no_part if part is None else weakref.ref(part) for part in parts]


def _no_part() -> None:
    """Stand for a reference to a part that is not there."""


def _describe(axis) -> str:
    """Return an axis in words."""
    edges = axis.edges
    return f"{axis.nbin} bins of {axis.name!r} from {edges[0]:.5g} to {edges[-1]:.5g}"


def _same(one, other) -> bool:
    return one is other or (one.nbin == other.nbin and one.is_allclose(other))


def _check_pixels(dataset, exposure) -> None:
    """Refuse an exposure on other pixels than the counts."""
    geom, own = exposure.geom, dataset._geom
    if geom.is_region or own.is_region:
        return
    image, wanted = geom.to_image(), own.to_image()
    if image != wanted:
        raise GeometryError(
            f"exposure of dataset {dataset.name!r} must be on the pixels of its counts, got {_size(image)} for "
            f"{_size(wanted)}. Use exposure.interp_to_geom(geom)."
        )


def _size(image) -> str:
    centre = image.center_skydir
    shape = " x ".join(str(int(n)) for n in image.data_shape[::-1])
    return f"{shape} pixels around {centre.to_string(precision=2)} ({image.frame})"


def _check_dispersion(dataset, edisp, exposure) -> None:
    """Refuse an energy dispersion on other axes than counts and exposure."""
    axes = edisp.edisp_map.geom.axes
    wanted = [] if exposure is None else [exposure.geom.axes["energy_true"]]
    if "energy" in axes.names:
        wanted.append(dataset._energy_axis)
    for axis in wanted:
        if not _same(axes[axis.name], axis):
            raise AxisMismatchError(
                f"energy dispersion of dataset {dataset.name!r} must have the axes of counts and exposure, got "
                f"{_describe(axes[axis.name])} for {_describe(axis)}. Make it on the same axes."
            )


def _log_coverage(dataset, psf, edisp) -> None:
    """Log responses that do not reach the middle of the data."""
    for name, response in (("PSF", psf), ("energy dispersion", edisp)):
        if (
            response is None
            or not hasattr(response, "has_single_spatial_bin")
            or response.has_single_spatial_bin
        ):
            continue
        image = response._irf_map.geom.to_image()
        if not np.all(image.contains(dataset._geom.center_skydir)):
            log.warning(
                "The %s of dataset %r does not cover the middle of its counts: the nearest pixel of %s is taken.",
                name, dataset.name, _size(image),
            )  # fmt: skip


def _log_background(dataset, background) -> None:
    """Log impossible values of a background inside the mask."""
    if background is None:
        return
    mask = dataset._mask_data()
    values = np.asarray(background.data)
    values = values if mask is None else values[mask]
    n_negative, n_missing = np.count_nonzero(values < 0), np.count_nonzero(~np.isfinite(values))
    if n_negative:
        log.warning(
            "The background of dataset %r is negative in %d bins inside the mask; a negative prediction counts as 0.",
            dataset.name, n_negative,
        )  # fmt: skip
    if n_missing:
        log.warning(
            "The background of dataset %r is not finite in %d bins, which count as 0; mask them.",
            dataset.name,
            n_missing,
        )


def check_stackable(dataset, other) -> None:
    """Refuse to stack datasets of different kind or on different axes, before anything is changed.

    Parameters
    ----------
    dataset, other : `~geminga.datasets.MapDataset`

    Raises
    ------
    DataError, GeometryError, AxisMismatchError
        The message shows both sides.
    """
    names = f"datasets {dataset.name!r} and {other.name!r}"
    if ("counts_off" in dataset._maps) != ("counts_off" in other._maps):
        raise DataError(
            f"{names} must both have off counts to be stacked, or neither, got {type(dataset).__name__} and "
            f"{type(other).__name__}. Use to_map_dataset(), or from_map_dataset()."
        )
    kinds = [type(one._geom).__name__ for one in (dataset, other)]
    if kinds[0] != kinds[1]:
        raise GeometryError(
            f"{names} must be on geometries of one kind to be stacked, got {kinds[0]} and {kinds[1]}. "
            "Use to_region_map_dataset()."
        )
    mine, theirs = _axes_by_part(dataset), _axes_by_part(other)
    for key in mine.keys() & theirs.keys():
        if mine[key].names != theirs[key].names:
            raise AxisMismatchError(
                f"the {key} of {names} must have the same axes to be stacked, got {mine[key].names} and "
                f"{theirs[key].names}. Make both in the same way."
            )
        for axis in mine[key]:
            if not _same(axis, theirs[key][axis.name]):
                raise AxisMismatchError(
                    f"the {key} of {names} must have the same axes to be stacked, got {_describe(axis)} and "
                    f"{_describe(theirs[key][axis.name])}. Resample one."
                )


def _axes_by_part(dataset) -> dict:
    axes = {"counts": dataset._geom.axes}
    for key in ("exposure", "psf", "edisp"):
        part = getattr(dataset, key)
        if part is not None:
            axes[key] = (part if key == "exposure" else part._irf_map).geom.axes
    return axes
