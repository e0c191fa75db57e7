"""Other bins for the same data: slices, resampled axes, images, larger pixels, margins, cut-outs.

All functions return a new dataset without models, which keeps times, tables and provenance.
"""

from __future__ import annotations

import numpy as np

from ..errors import AxisMismatchError, DataError, UnknownNameError
from ..maps import Map
from ..units import to_quantity
from .stacking import off_acceptance

__all__ = [
    "cutout",
    "downsample",
    "energy_slice",
    "pad",
    "resample_energy_axis",
    "slice_by_energy",
    "slice_by_idx",
    "to_image",
]


def _on_off(dataset) -> bool:
    return "counts_off" in dataset._maps


def _changed(dataset, function, names) -> dict:
    """Return parts with a function applied to those that there are."""
    return {
        name: function(part)
        for name in names
        if name in dataset._maps and (part := getattr(dataset, name)) is not None
    }


# ---------------------------------------------------------------------- slices


def _as_slice(index) -> slice:
    """Return an index as a slice, so that no axis is lost."""
    return index if isinstance(index, slice) else slice(index, index + 1 or None)


def slice_by_idx(dataset, slices, name=None):
    """Return the part of a dataset inside index ranges of its axes.

    Parameters
    ----------
    dataset : `~geminga.datasets.MapDataset`
    slices : dict of str to slice
        By axis name: ``energy``, ``energy_true``, ``rad`` or ``migra``.
    name : str, optional
        By default a new name.

    Examples
    --------
    >>> from geminga.datasets import SpectrumDataset
    >>> from geminga.maps import MapAxis, RegionGeom
    >>> axis = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=4)
    >>> dataset = SpectrumDataset.create(RegionGeom.create(None, axes=[axis]))
    >>> dataset.slice_by_idx({"energy": slice(1, 3)}).data_shape
    (2, 1, 1)
    """

    slices = {axis: _as_slice(index) for axis, index in slices.items()}
    geoms: dict = {}

    def sliced(part):
        geom = part.geom
        names = geom.axes.names
        wanted = {axis: index for axis, index in slices.items() if axis in names}
        if not wanted:
            return part
        # Maps of a dataset mostly share one geometry object, which need be sliced only once.
        if id(geom) not in geoms:
            geoms[id(geom)] = geom.slice_by_idx(wanted)
        index = tuple(wanted.get(name, slice(None)) for name in reversed(names))
        return type(part)(geom=geoms[id(geom)], data=part.data[index], unit=part.unit, meta=part.meta)

    parts = _changed(
        dataset,
        sliced,
        (
            "counts",
            "background",
            "counts_off",
            "acceptance",
            "acceptance_off",
            "exposure",
            "mask_safe",
            "mask_fit",
        ),
    )
    known = {"energy", "energy_true", "rad", "migra", *dataset._geom.axes.names}
    for key in ("psf", "edisp"):
        response = getattr(dataset, key)
        if response is not None:
            names = getattr(response, f"{key}_map").geom.axes.names
            wanted = {axis: index for axis, index in slices.items() if axis in names}
            if wanted:
                parts[key] = response.slice_by_idx(wanted)
    for unknown in slices.keys() - known:
        raise UnknownNameError(f"axis of dataset {dataset.name!r}", unknown, sorted(known))
    return dataset._rebuilt(name, **parts)


def energy_slice(axis, energy_min=None, energy_max=None) -> slice:
    """Return the bins between two energies, each rounded to the nearest edge.

    Parameters
    ----------
    axis : `~geminga.maps.MapAxis`
    energy_min, energy_max : `~astropy.units.Quantity`, str or None
        None stands for the end of the axis.

    Raises
    ------
    AxisMismatchError
        If no bin is between them.

    Examples
    --------
    >>> from geminga.maps import MapAxis
    >>> axis = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=4)
    >>> energy_slice(axis, "2 TeV", "6 TeV")
    slice(1, 3, None)
    """

    def nearest_edge(energy, default):
        if energy is None:
            return default
        pixel = float(np.squeeze(axis.coord_to_pix(to_quantity(energy, axis.unit, "energy"))))
        return int(np.clip(np.round(np.clip(pixel + 0.5, 0, axis.nbin)), 0, axis.nbin))

    start, stop = nearest_edge(energy_min, 0), nearest_edge(energy_max, axis.nbin)
    if stop <= start:
        edges = axis.edges
        raise AxisMismatchError(
            f"the range from {energy_min} to {energy_max} must contain a bin of axis {axis.name!r}, "
            f"which goes from {edges[0]:.4g} to {edges[-1]:.4g}, got none. Choose other energies."
        )
    return slice(start, stop)


def slice_by_energy(dataset, energy_min=None, energy_max=None, name=None):
    """Return the part of a dataset between two reconstructed energies, each rounded to the nearest edge.

    Parameters
    ----------
    dataset : `~geminga.datasets.MapDataset`
    energy_min, energy_max : `~astropy.units.Quantity` or str, optional
        By default the ends of the axis.
    name : str, optional
        By default a new name.

    Raises
    ------
    AxisMismatchError
        If no bin is between them.
    """
    bins = energy_slice(dataset._energy_axis, energy_min, energy_max)
    return slice_by_idx(dataset, {"energy": bins}, name)


# ---------------------------------------------------------------------- energy axis


def resample_energy_axis(dataset, energy_axis, name=None):
    """Return a dataset with groups of energy bins summed.

    Counts and background are summed where they are safe, masks are united, columns of the energy dispersion
    summed likewise; the exposure stays.

    Parameters
    ----------
    dataset : `~geminga.datasets.MapDataset`
    energy_axis : `~geminga.maps.MapAxis`
        Its edges must be edges of the present axis.
    name : str, optional
        By default a new name.
    """
    safe = dataset.mask_safe
    parts = _changed(
        dataset, lambda part: part.resample_axis(axis=energy_axis, weights=safe),
        ("counts", "background", "counts_off", "acceptance"),
    )  # fmt: skip
    parts |= _changed(
        dataset,
        lambda part: part.resample_axis(axis=energy_axis, ufunc=np.logical_or),
        ("mask_safe", "mask_fit"),
    )
    if _on_off(dataset) and dataset.acceptance_off is not None:
        summed_off = dataset.acceptance_off.resample_axis(axis=energy_axis, weights=safe)
        background = (
            dataset.background.resample_axis(axis=energy_axis, weights=safe) if dataset.counts_off else None
        )
        parts["acceptance_off"] = _off_acceptance_map(parts, summed_off, background)
    edisp = dataset.edisp
    if edisp is not None and "energy" in edisp.edisp_map.geom.axes.names:
        parts["edisp"] = edisp.resample_energy_axis(energy_axis=energy_axis, weights=dataset.mask_safe_edisp)
    return dataset._rebuilt(name, **parts)


def _off_acceptance_map(parts, summed_off, background):
    """Return the off acceptance that keeps the background estimate when bins are joined."""
    if background is None:
        return summed_off
    data = off_acceptance(
        *(
            np.asarray(part.data, dtype=float)
            for part in (parts["acceptance"], parts["counts_off"], background, summed_off)
        )
    )
    return Map.from_geom(summed_off.geom, data=data)


def to_image(dataset, name=None):
    """Return a dataset with a single bin of reconstructed energy.

    Parameters
    ----------
    dataset : `~geminga.datasets.MapDataset`
    name : str, optional
        By default a new name.
    """
    return dataset.resample_energy_axis(dataset._energy_axis.squash(), name=name)


# ---------------------------------------------------------------------- pixels


def downsample(dataset, factor, axis_name=None, name=None):
    """Return a dataset with larger pixels, or with groups of bins of one axis joined.

    Parameters
    ----------
    dataset : `~geminga.datasets.MapDataset`
    factor : int
        Number of pixels or bins that become one; it must divide their number.
    axis_name : str, optional
        Axis of reconstructed energy, ``"energy"``. By default the pixels are joined, of regions the energies; PSF and
        energy dispersion have pixels of their own and stay.
    name : str, optional
        By default a new name.
    """
    if axis_name not in (None, "energy"):
        raise DataError(
            f"axis_name must be 'energy' or None to downsample a dataset, got {axis_name!r}. "
            "Downsample the responses themselves for other axes."
        )
    if axis_name == "energy" or dataset._geom.is_region:
        return dataset.resample_energy_axis(dataset._energy_axis.downsample(factor), name=name)
    safe = dataset.mask_safe
    kwargs = {"factor": factor, "axis_name": axis_name}
    parts = _changed(
        dataset, lambda part: part.downsample(preserve_counts=True, weights=safe, **kwargs),
        ("counts", "background", "counts_off"),
    )  # fmt: skip
    parts |= _changed(
        dataset,
        lambda part: part.downsample(preserve_counts=False, **kwargs),
        ("exposure", "mask_safe", "mask_fit"),
    )
    if _on_off(dataset) and dataset.acceptance is not None:
        parts["acceptance"] = dataset.acceptance.downsample(preserve_counts=False, **kwargs)
        if dataset.acceptance_off is not None:
            mean_off = dataset.acceptance_off.downsample(preserve_counts=False, **kwargs)
            background = None
            if dataset.counts_off is not None:
                background = dataset.background.downsample(preserve_counts=True, weights=safe, **kwargs)
            parts["acceptance_off"] = _off_acceptance_map(parts, mean_off, background)
    return dataset._rebuilt(name, **parts)


def pad(dataset, pad_width, mode="constant", name=None):
    """Return a dataset with empty pixels around it; they are outside the masks.

    Parameters
    ----------
    dataset : `~geminga.datasets.MapDataset`
    pad_width : int, tuple of int, or `~astropy.units.Quantity`
        Pixels on each side.
    mode : str
        How the margin of exposure, counts and background is filled: "constant" (with 0), "edge" or "interp".
    name : str, optional
        By default a new name.
    """
    parts = _changed(
        dataset, lambda part: part.pad(pad_width=pad_width, mode=mode), ("counts", "background", "exposure")
    )
    parts |= _changed(
        dataset,
        lambda part: part.pad(pad_width=pad_width, mode="constant", cval=False),
        ("mask_safe", "mask_fit"),
    )
    return dataset._rebuilt(name, **parts)


def cutout(dataset, position, width, mode="trim", name=None):
    """Return the part of a dataset around a position.

    Parameters
    ----------
    dataset : `~geminga.datasets.MapDataset`
    position : `~astropy.coordinates.SkyCoord`
        Centre of the part.
    width : `~astropy.coordinates.Angle` or str, or two of them
        Width in longitude and latitude.
    mode : {"trim", "partial", "strict"}
        What to do at the border.
    name : str, optional
        By default a new name.
    """
    kwargs = {"position": position, "width": width, "mode": mode}
    parts = _changed(
        dataset, lambda part: part.cutout(**kwargs),
        ("counts", "background", "counts_off", "acceptance", "acceptance_off", "exposure", "mask_safe", "mask_fit"),
    )  # fmt: skip
    parts |= _changed(dataset, lambda part: part.cutout(**kwargs), ("psf", "edisp"))
    return dataset._rebuilt(name, **parts)
