"""Light curves: flux points in intervals of time."""

from __future__ import annotations

import logging

import numpy as np
from astropy.time import Time

from ..errors import DataError
from ..maps import LabelMapAxis, Map, TimeMapAxis
from ..progress import progress_bar
from ..results import FluxPoints
from .core import ESTIMATOR_REGISTRY
from .flux_points import FluxPointsEstimator

__all__ = ["LightCurveEstimator"]

log = logging.getLogger(__name__)

#: Quantities with a value for each dataset.
PER_DATASET = ("npred", "npred_excess", "counts")


@ESTIMATOR_REGISTRY.register
class LightCurveEstimator(FluxPointsEstimator):
    """Estimate the flux of a source in energy bands and intervals of time.

    Parameters
    ----------
    time_intervals : list of `~astropy.time.Time`, optional
        Pairs of start and stop. By default the time range of each dataset; ranges that overlap are joined.
    atol : `~astropy.units.Quantity` or str
        Tolerance when datasets are compared with intervals.
    stack_over_time_interval : bool
        Stack the datasets of each interval before fitting.
    **kwargs
        Arguments of `FluxPointsEstimator`.

    Notes
    -----
    A dataset belongs to an interval if its whole time range lies inside; those that straddle a border are named in a
    message and left out.
    """

    tag = "LightCurveEstimator"
    _reports_used_range = False

    def __init__(self, time_intervals=None, atol="1e-6 s", stack_over_time_interval=False, **kwargs):
        super().__init__(**kwargs)
        self.time_intervals = time_intervals
        self.atol = atol
        self.stack_over_time_interval = stack_over_time_interval
        if stack_over_time_interval and self.reoptimize:
            raise DataError(
                "stack_over_time_interval must not be combined with reoptimize. Choose one of them."
            )

    def run(self, datasets):
        """Estimate a light curve.

        Parameters
        ----------
        datasets : `~geminga.datasets.Datasets`

        Returns
        -------
        `~geminga.estimators.FluxPoints`
            With the axes energy and time; intervals without data are left out.

        Raises
        ------
        DataError
            If no interval holds a dataset.
        """
        from ..datasets import Datasets

        datasets = datasets if isinstance(datasets, Datasets) else Datasets(datasets)
        intervals = self._intervals(datasets)
        names = ["stacked"] if self.stack_over_time_interval else list(datasets.names)
        rows, kept, used = [], [], set()
        for interval in progress_bar(intervals, "Estimating time bins"):
            selected = datasets.select_time(time_min=interval[0], time_max=interval[1], atol=self.atol)
            if len(selected) == 0:
                log.warning(
                    "No dataset lies inside %s to %s: the interval is left out.", interval[0], interval[1]
                )
                continue
            used |= set(selected.names)
            rows.append(self.estimate_time_bin_flux(selected, names))
            kept.append(interval)
        if not rows:
            raise DataError(
                "time_intervals must contain at least one dataset, got none. Compare with datasets.gti."
            )
        left_out = [name for name in datasets.names if name not in used]
        if left_out:
            log.warning("Datasets %s straddle the time intervals and are left out.", ", ".join(left_out))
        axis = TimeMapAxis.from_time_edges(
            time_min=Time([interval[0] for interval in kept]),
            time_max=Time([interval[1] for interval in kept]),
        )
        result = FluxPoints.from_stack(rows, axis=axis)
        result.gti = datasets.gti
        return result

    def _intervals(self, datasets):
        if self.time_intervals is not None:
            pairs = [Time(pair) for pair in self.time_intervals]
        else:
            spans = [(d.gti.time_start.min(), d.gti.time_stop.max()) for d in datasets if d.gti is not None]
            if not spans:
                raise DataError(
                    "datasets must have good time intervals, or give time_intervals, got neither."
                )
            pairs = _joined([Time(span) for span in spans])
        return sorted(pairs, key=lambda pair: pair[0].tt.mjd)

    def estimate_time_bin_flux(self, datasets, dataset_names=None):
        """Return the flux points of one interval, with per-dataset quantities on the axis of all datasets.

        Parameters
        ----------
        datasets : `~geminga.datasets.Datasets`
            Those of the interval.
        dataset_names : list of str, optional
            Names of all datasets.
        """
        from ..datasets import Datasets

        if self.stack_over_time_interval:
            models = datasets.models
            datasets = Datasets([datasets.stack_reduce(name="stacked")])
            datasets.models = models
        points = super().run(datasets)
        if dataset_names is not None:
            for name in PER_DATASET:
                points._data[name] = self.expand_map(points._data[name], dataset_names)
        return points

    @staticmethod
    def expand_map(m, dataset_names):
        """Return a map whose dataset axis has all the given names, NaN where there was none."""
        labels = list(m.geom.axes["dataset"].center)
        axis = LabelMapAxis(labels=dataset_names, name="dataset")
        axes = [axis if old.name == "dataset" else old for old in m.geom.axes]
        geom = m.geom.to_image().to_cube(axes)
        data = np.full(geom.data_shape, np.nan)
        index = m.geom.axes.index_data("dataset")
        rows = [dataset_names.index(str(label)) for label in labels]
        np.moveaxis(data, index, 0)[rows] = np.moveaxis(np.asarray(m.data), index, 0)
        return Map.from_geom(geom, data=data, unit=m.unit)


def _joined(spans):
    """Return time spans sorted by start, those that overlap joined."""
    result = []
    for span in sorted(spans, key=lambda pair: pair[0].tt.mjd):
        if result and span[0] < result[-1][1]:
            result[-1] = Time([result[-1][0], max(result[-1][1], span[1])])
        else:
            result.append(span)
    return result
