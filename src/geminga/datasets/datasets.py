"""Lists of datasets that are fitted together."""

from __future__ import annotations

from collections.abc import MutableSequence

import numpy as np
from astropy import units as u
from astropy.time import Time

from ..doors import opens
from ..errors import DataError, UnknownNameError
from ..units import to_quantity
from .core import Dataset
from .models import log_unused, models_for, united_models

__all__ = ["Datasets"]


class Datasets(MutableSequence):
    """A list of datasets with distinct names, and the models that they share.

    Parameters
    ----------
    datasets : list of `Dataset`, `Dataset`, `Datasets` or None

    Examples
    --------
    >>> from geminga.datasets import SpectrumDataset
    >>> from geminga.maps import MapAxis, RegionGeom
    >>> geom = RegionGeom.create(None, axes=[MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=3)])
    >>> datasets = Datasets([SpectrumDataset.create(geom, name=name) for name in "ab"])
    >>> datasets.names, datasets["b"].name
    (['a', 'b'], 'b')
    """

    def __init__(self, datasets=None):
        self._datasets: list = []
        self._united = None
        if datasets is None:
            datasets = []
        elif isinstance(datasets, Dataset):
            datasets = [datasets]
        elif isinstance(datasets, str) or not hasattr(datasets, "__iter__"):
            raise TypeError(
                f"datasets must be a list of datasets, got {type(datasets).__name__}. Put it in a list."
            )
        names: set[str] = set()
        for dataset in datasets:
            _check_dataset(dataset)
            if dataset.name in names:
                raise _name_taken(dataset.name)
            names.add(dataset.name)
            self._datasets.append(dataset)

    # ------------------------------------------------------------------ the list

    def __len__(self) -> int:
        return len(self._datasets)

    def __iter__(self):
        return iter(self._datasets)

    def __getitem__(self, key):
        if isinstance(key, slice):
            return self.__class__(self._datasets[key])
        return self._datasets[self.index(key)]

    def __setitem__(self, key, dataset):
        _check_dataset(dataset)
        index = self.index(key)
        if dataset.name in self.names and self._datasets[index].name != dataset.name:
            raise _name_taken(dataset.name)
        self._datasets[index] = dataset

    def __delitem__(self, key):
        if isinstance(key, slice):
            del self._datasets[key]
        else:
            del self._datasets[self.index(key)]

    def __contains__(self, key) -> bool:
        if isinstance(key, str):
            return key in self.names
        return any(dataset is key for dataset in self._datasets)

    def insert(self, idx, dataset) -> None:
        """Insert a dataset before an index.

        Parameters
        ----------
        idx : int
        dataset : `Dataset`
            Its name must be new.
        """
        _check_dataset(dataset)
        if dataset.name in self.names:
            raise _name_taken(dataset.name)
        self._datasets.insert(idx, dataset)

    def index(self, key) -> int:
        """Return the position of a dataset.

        Parameters
        ----------
        key : int, str or `Dataset`
            Position, name, or the dataset itself.
        """
        if isinstance(key, int | np.integer):
            return int(key)
        if isinstance(key, str):
            for position, dataset in enumerate(self._datasets):
                if dataset.name == key:
                    return position
            raise UnknownNameError("dataset", key, self.names)
        if isinstance(key, Dataset):
            for position, dataset in enumerate(self._datasets):
                if dataset is key:
                    return position
            raise UnknownNameError("dataset", key.name, self.names)
        raise TypeError(
            f"key must be a position, a name or a dataset, got {type(key).__name__}. Use one of them."
        )

    @property
    def names(self) -> list[str]:
        """Names of the datasets."""
        return [dataset.name for dataset in self._datasets]

    def copy(self):
        """Return copies of the datasets, with the same names and the same models."""
        copies = self.__class__([dataset.copy(name=dataset.name) for dataset in self])
        for new, dataset in zip(copies, self, strict=True):
            if dataset.models is not None:
                new.models = dataset.models
        return copies

    # ------------------------------------------------------------------ models

    @property
    def models(self):
        """Models of all datasets, each once; setting them gives each dataset those that apply to it."""
        lists = [dataset.models for dataset in self._datasets]
        members = [model for models in lists if models is not None for model in models]
        if self._united is not None:
            known, united = self._united
            if len(known) == len(members) and all(a is b for a, b in zip(known, members, strict=True)):
                return united
        united = united_models(lists)
        self._united = members, united
        return united

    @models.setter
    def models(self, models):
        shared: list = []
        for dataset in self._datasets:
            chosen = models_for(models, dataset.name, reuse=shared)
            dataset.models = chosen
            if chosen is not None and not any(chosen is known for known in shared):
                shared.append(chosen)
        self._united = None
        log_unused(models, self.names)

    @property
    def parameters(self):
        """Parameters of all models."""
        return self.models.parameters

    # ------------------------------------------------------------------ statistic

    def likelihood(self):
        """Return -2 ln L of all datasets, priors and penalties, as a function of the free parameters.

        Returns
        -------
        `~geminga.likelihood.Likelihood`
        """
        from ..likelihood.binding import bind
        from .checks import check_parts

        for dataset in self._datasets:
            if hasattr(dataset, "exposure"):
                check_parts(dataset)
        return bind(self)

    def stat_sum(self) -> float:
        """Return -2 ln L of all datasets inside their masks, with priors and penalties."""
        return float(self.likelihood().stat())

    def stat_sum_likelihood(self) -> float:
        """Return -2 ln L of all datasets inside their masks, without priors and penalties."""
        return float(sum(dataset.stat_sum_likelihood() for dataset in self))

    @property
    def contributes_to_stat(self) -> np.ndarray:
        """Whether each dataset has a bin inside its mask."""
        return np.array([dataset._contributes for dataset in self], dtype=bool)

    # ------------------------------------------------------------------ what they have in common

    @property
    def is_all_same_type(self) -> bool:
        """Whether all datasets are of one class."""
        return len({type(dataset) for dataset in self}) <= 1

    @property
    def is_all_same_shape(self) -> bool:
        """Whether all data have one shape."""
        return len({_shape(dataset) for dataset in self}) <= 1

    @property
    def is_all_same_energy_shape(self) -> bool:
        """Whether all data have one number of energy bins."""
        return len({_shape(dataset)[0] for dataset in self}) <= 1

    @property
    def is_all_same_geom(self) -> bool:
        """Whether all data are on one geometry."""
        if not len(self) or not self.is_all_same_type:
            return not len(self)
        first = self._datasets[0]._geom
        return all(dataset._geom is first or dataset._geom == first for dataset in self._datasets[1:])

    @property
    def energy_axes_are_aligned(self) -> bool:
        """Whether the bins of all energy axes fit together: each axis is a part of that with the most bins."""
        axes = [dataset._geom.axes["energy"] for dataset in self]
        if not axes:
            return True
        finest = max(axes, key=lambda axis: axis.nbin)
        return all(axis.is_aligned(finest) for axis in axes)

    @property
    def energy_ranges(self) -> tuple[u.Quantity, u.Quantity]:
        """Lowest and highest energy of the axis of each dataset, shape (n_datasets,)."""
        lows, highs = [], []
        for dataset in self:
            edges = _energy_edges(dataset)
            lows.append(edges[0])
            highs.append(edges[-1])
        if not lows:
            return u.Quantity([], "TeV"), u.Quantity([], "TeV")
        return u.Quantity(lows), u.Quantity(highs)

    @property
    def gti(self):
        """Good time intervals of all datasets, united; None if there are none.

        Overlaps are merged, and gaps stay gaps.
        """
        from ..data import GTI

        found = [dataset.gti for dataset in self if dataset.gti is not None]
        if not found:
            return None
        return GTI.from_stack(found).union(merge_equal=False)

    @property
    def meta_table(self):
        """Table with name, type and the table of each dataset, one row a dataset."""
        from .tables import united_meta_table

        return united_meta_table(self)

    # ------------------------------------------------------------------ parts and sums

    info_table = opens("geminga.datasets.summary:info_table")

    def select_time(self, time_min, time_max, atol="1e-6 s"):
        """Return the datasets that were taken between two times, from first start to last stop.

        Parameters
        ----------
        time_min, time_max : `~astropy.time.Time` or str
        atol : `~astropy.units.Quantity` or str
            How far they may reach out.

        Returns
        -------
        `Datasets`
        """
        atol = to_quantity(atol, "s", "atol")
        low, high = Time(time_min) - atol, Time(time_max) + atol
        kept = []
        for dataset in self:
            gti = dataset.gti
            if gti is None or len(gti.time_start) == 0:
                continue
            if gti.time_start.min() >= low and gti.time_stop.max() <= high:
                kept.append(dataset)
        return self.__class__(kept)

    def slice_by_energy(self, energy_min, energy_max):
        """Return the datasets between two energies, each rounded to edges; those without a bin there are left out.

        Parameters
        ----------
        energy_min, energy_max : `~astropy.units.Quantity` or str

        Returns
        -------
        `Datasets`
            With the same names, without models.
        """
        from ..errors import AxisMismatchError

        kept = []
        for dataset in self:
            try:
                kept.append(
                    dataset.slice_by_energy(energy_min=energy_min, energy_max=energy_max, name=dataset.name)
                )
            except AxisMismatchError:
                continue
        return self.__class__(kept)

    def to_spectrum_datasets(self, region):
        """Return the spectra of a region, with the same names.

        Parameters
        ----------
        region : `~regions.SkyRegion`

        Returns
        -------
        `Datasets`
        """
        return self.__class__([dataset.to_spectrum_dataset(region, name=dataset.name) for dataset in self])

    def stack_reduce(self, name=None, nan_to_num=True):
        """Return the sum of all datasets, without models.

        Parameters
        ----------
        name : str, optional
            By default a new name.
        nan_to_num : bool
            Take values that are not finite as 0.

        Returns
        -------
        `Dataset`
            Of the class of the datasets.

        Raises
        ------
        DataError
            If the datasets are of several types, or there are none.
        """
        if not len(self) or not self.is_all_same_type:
            kinds = ", ".join(sorted({type(dataset).__name__ for dataset in self})) or "an empty list"
            raise DataError(
                f"datasets must be of one type to be stacked, got {kinds}. Stack each type by itself."
            )
        from .stacking import stack_all

        return stack_all(self._datasets, name=name, nan_to_num=nan_to_num)

    # ------------------------------------------------------------------ files

    @classmethod
    def read(cls, filename, filename_models=None, lazy=True, cache=True, checksum=True):
        """Read a list of datasets, and its models.

        Parameters
        ----------
        filename : str or path-like
            YAML file that names the files of the datasets.
        filename_models : str or path-like, optional
            YAML file of the models.
        lazy : bool
            Read each map when it is first looked at.
        cache : bool
            With `lazy`, keep what was read.
        checksum : bool
            Verify checksums, and warn where they do not agree.

        Raises
        ------
        FormatError
            If a file is missing or cannot be understood.
        """
        from .io.yaml_list import read_datasets

        return read_datasets(cls, filename, filename_models, lazy=lazy, cache=cache, checksum=checksum)

    write = opens("geminga.datasets.io.yaml_list:write_datasets")

    def __str__(self) -> str:
        from .tables import text_of_list

        return text_of_list(self)

    def __repr__(self) -> str:
        return f"Datasets({', '.join(f'{type(d).__name__} {d.name!r}' for d in self)})"

    def _repr_html_(self) -> str:
        from .tables import html_of_list

        return html_of_list(self)


def _check_dataset(dataset) -> None:
    if not isinstance(dataset, Dataset):
        raise TypeError(
            f"datasets must hold objects of class Dataset, got {type(dataset).__name__}. Derive from Dataset."
        )


def _name_taken(name: str) -> DataError:
    return DataError(
        f"names of datasets must be unique, got {name!r} twice. Give another name to one of them."
    )


def _shape(dataset) -> tuple:
    shape = dataset.data_shape
    return tuple(shape() if callable(shape) else shape)


def _energy_edges(dataset):
    geom = getattr(dataset, "_geom", None)
    if geom is None:
        geom = dataset.data.geom
    return geom.axes["energy"].edges
