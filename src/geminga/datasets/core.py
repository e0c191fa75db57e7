"""What every dataset has: a name, masks, models and a statistic."""

from __future__ import annotations

import copy as copying

import numpy as np

from .attributes import Part
from .names import make_name

__all__ = ["Dataset"]


class Dataset:
    """Base class of datasets, also of those that users define.

    A subclass says how well its data agree with its models, in one of two ways: `stat_array` returns the statistic
    of each bin, which `stat_sum` adds up inside the mask; or the subclass overrides `stat_sum` itself. It keeps its
    `models` (or anything with ``parameters``), and needs not call ``super().__init__``.

    Examples
    --------
    >>> import numpy as np
    >>> class Points(Dataset):
    ...     tag = "Points"
    ...     def __init__(self, values):
    ...         self.values = np.array(values)
    ...     def stat_array(self):
    ...         return self.values**2
    >>> Points([1.0, 2.0]).stat_sum()
    5.0
    """

    tag: str = "Dataset"
    #: Whether `from_dict` takes the arguments ``lazy`` and ``cache``.
    reads_lazily = False
    stat_type: str | None = None
    gti = None
    meta_table = None
    meta = None
    _name: str | None = None
    _models = None

    mask_safe = Part("Bins in which the data can be trusted, a map of bool, or None for all.")
    mask_fit = Part("Bins to be fitted, a map of bool, or None for all.")

    @property
    def name(self) -> str:
        """Name, by which models and lists of datasets refer to the dataset."""
        if self._name is None:
            self._name = make_name()
        return self._name

    @property
    def models(self):
        """Models of the dataset, or None."""
        return self._models

    @models.setter
    def models(self, models):
        from .models import models_for

        self._models = models_for(models, self.name)

    @property
    def mask(self):
        """Safe and fit mask together: their product, or the one that there is, or None."""
        safe, fit = self.mask_safe, self.mask_fit
        if safe is None:
            return fit
        if fit is None:
            return safe
        data = safe.data & fit.data if safe.data.dtype == fit.data.dtype == bool else safe.data * fit.data
        return type(safe)(geom=safe.geom, data=data)

    def _mask_data(self) -> np.ndarray | None:
        """Return the bins that count, as an array of bool."""
        mask = self.mask
        return None if mask is None else np.asarray(getattr(mask, "data", mask), dtype=bool)

    @property
    def _contributes(self) -> bool:
        """Whether any bin adds to the statistic."""
        mask = self._mask_data()
        return True if mask is None else bool(mask.any())

    def stat_array(self) -> np.ndarray:
        """Return the statistic of each bin, whatever the mask."""
        raise NotImplementedError(
            f"{type(self).__name__} must define stat_array() or stat_sum(), got neither. Add one of them."
        )

    def stat_sum(self) -> float:
        """Return -2 ln L of the bins inside the mask, without priors."""
        stat = np.asarray(self.stat_array())
        mask = self._mask_data()
        return float(np.nansum(stat if mask is None else stat[mask]))

    def stat_sum_likelihood(self) -> float:
        """Return -2 ln L of the bins inside the mask, without priors."""
        return self.stat_sum()

    def copy(self, name=None):
        """Return a copy without models.

        Parameters
        ----------
        name : str, optional
            By default a new name.
        """
        new = copying.deepcopy(self)
        new._name = make_name(name)
        if "models" not in vars(type(new)):
            new._models = None
        return new

    def to_dict(self) -> dict:
        """Return name, type and file name, as in lists of datasets."""
        return {"name": self.name, "type": self.tag, "filename": f"{self.name}.fits"}

    def __repr__(self) -> str:
        models = [] if self._models is None else list(getattr(self._models, "names", []))
        return f"{type(self).__name__}(name={self.name!r}, stat_type={self.stat_type!r}, models={models})"

    def _repr_html_(self) -> str:
        from .summary import html_of

        return html_of(self)
