"""Does the shape of a source change with energy? Joint against separate fits of its spatial model in bands."""

from __future__ import annotations

import numpy as np
from astropy import units as u
from astropy.table import Table

from ..datasets import Datasets
from ..errors import DataError, ModelError
from ..modeling import Fit
from ..modeling.models import Models
from ..stats import ts_to_sigma
from ..units import to_quantity
from .core import ESTIMATOR_REGISTRY, Estimator
from .map_bands import energy_bands

__all__ = ["EnergyDependentMorphologyEstimator", "weighted_chi2_parameter"]


def weighted_chi2_parameter(results_edep, parameters=("sigma",)):
    r"""Compute how far the parameters of the bands are from their weighted mean.

    Parameters
    ----------
    results_edep : dict or `~astropy.table.Table`
        Columns Emin, Emax, ``<name>`` and ``<name>_err``; rows of the separate fits. A row that is called H0 in a
        column Hypothesis is left out.
    parameters : sequence of str

    Returns
    -------
    `~astropy.table.Table`
        Columns parameter, chi2 :math:`= \sum (p_i - \bar p)^2 / \sigma_i^2`, df and significance.

    Examples
    --------
    >>> table = weighted_chi2_parameter({"sigma": [0.1, 0.2, 0.3], "sigma_err": [0.1, 0.1, 0.1]})
    >>> round(float(table["chi2"][0]), 3), int(table["df"][0])
    (2.0, 2)
    """
    table = Table(results_edep)
    if "Hypothesis" in table.colnames:
        table = table[[str(name) != "H0" for name in table["Hypothesis"]]]
    rows = {"parameter": [], "chi2": [], "df": [], "significance": []}
    for name in parameters:
        value, error = (np.asarray(table[key], dtype=float) for key in (name, f"{name}_err"))
        weight = 1 / error**2
        mean = np.sum(value * weight) / np.sum(weight)
        chi2 = float(np.sum((value - mean) ** 2 * weight))
        rows["parameter"].append(name)
        rows["chi2"].append(chi2)
        rows["df"].append(len(value) - 1)
        rows["significance"].append(float(ts_to_sigma(chi2, len(value) - 1)))
    return Table(rows)


@ESTIMATOR_REGISTRY.register
class EnergyDependentMorphologyEstimator(Estimator):
    """Test whether the spatial parameters of a source depend on energy.

    Parameters
    ----------
    energy_edges : `~astropy.units.Quantity`
        Edges of the bands, moved to the nearest edges of the datasets.
    source : str or int
        Name or index of the model; its free spatial parameters are tested.
    fit : `~geminga.modeling.Fit`, optional
    """

    tag = "EnergyDependentMorphologyEstimator"

    def __init__(self, energy_edges, source=0, fit=None):
        self.energy_edges = to_quantity(energy_edges, u.TeV, "energy_edges")
        if self.energy_edges.size < 3:
            raise DataError(
                f"energy_edges must make at least two bands, got {self.energy_edges}. Add an edge."
            )
        self.source, self.fit = source, fit or Fit()

    # ------------------------------------------------------------------ datasets and models in bands

    def _name(self, datasets):
        models = datasets.models
        if models is None or len(models) == 0:
            raise ModelError("datasets must have models to test a morphology, got none. Set datasets.models.")
        try:
            model = models[self.source]
        except (KeyError, IndexError, ValueError):
            raise ModelError(
                f"source must be one of {models.names}, got {self.source!r}. Name a model."
            ) from None
        if getattr(model, "spatial_model", None) is None or not hasattr(model, "spectral_model"):
            raise ModelError(f"source must have a spatial model, got none in {model.name!r}. Name another.")
        return model.name

    def _bands(self, datasets, with_source=True):
        """Return datasets of each band, with models of their own, and the copies of the source."""
        name = self._name(datasets)
        axis = energy_bands(datasets[0]._energy_axis, self.energy_edges)[1]
        sliced, models, sources = Datasets(), Models(), []
        for band, (low, high) in enumerate(zip(axis.edges[:-1], axis.edges[1:], strict=True)):
            names = {}
            for dataset in datasets:
                part = dataset.slice_by_energy(low, high, name=f"{dataset.name}-{band}")
                names[dataset.name] = part.name
                sliced.append(part)
            for model in datasets.models:
                if model.name == name and not with_source:
                    continue
                copy = self._copy(model, band, names)
                models.append(copy)
                if model.name == name:
                    sources.append(copy)
        sliced.models = models
        return sliced, sources, axis

    @staticmethod
    def _copy(model, band, names):
        """Return a copy of a model for the datasets of one band."""
        copy = model.copy(name=f"{model.name}-{band}")
        wanted = copy.datasets_names
        wanted = list(names) if wanted is None else ([wanted] if isinstance(wanted, str) else wanted)
        copy.datasets_names = [names[name] for name in wanted if name in names]
        return copy

    @staticmethod
    def _free(model):
        return [parameter for parameter in model.spatial_model.parameters if not parameter.frozen]

    def _fitted(self, datasets):
        result = self.fit.optimize(datasets)
        if not result.success:
            raise DataError(
                f"the fit of the bands must converge, got: {result.message}. Start from a fit of all energies."
            )
        return float(result.total_stat)

    # ------------------------------------------------------------------ the estimate

    def estimate_source_significance(self, datasets):
        """Return how significant the source is in each band.

        Parameters
        ----------
        datasets : `~geminga.datasets.Datasets`

        Returns
        -------
        dict
            Keys Emin, Emax, delta_ts, df and significance, a list of each.
        """
        with_source, sources, axis = self._bands(datasets)
        without, _, _ = self._bands(datasets, with_source=False)
        n = len(datasets)
        rows = {"Emin": axis.edges[:-1], "Emax": axis.edges[1:], "delta_ts": [], "df": [], "significance": []}
        for band, source in enumerate(sources):
            stats = []
            for whole in (with_source, without):
                part = Datasets(whole[band * n : (band + 1) * n])
                part.models = [m for m in whole.models if m.name.endswith(f"-{band}")]
                free = len(part.parameters.free_parameters)
                stats.append(self._fitted(part) if free else part.stat_sum())
            df = len([p for p in source.parameters if not p.frozen])
            delta = stats[1] - stats[0]
            rows["delta_ts"].append(delta)
            rows["df"].append(df)
            rows["significance"].append(float(ts_to_sigma(max(delta, 0.0), df)))
        return rows

    def estimate_energy_dependence(self, datasets):
        """Return the test of one shape for all bands against a shape for each.

        Parameters
        ----------
        datasets : `~geminga.datasets.Datasets`

        Returns
        -------
        dict
            ``delta_ts``, ``df``, and ``result``: a table with the rows H0 and H1 of each band and the columns
            Hypothesis, Emin, Emax, the free spatial parameters and their errors.
        """
        shared, sources, axis = self._bands(datasets)
        names = [parameter.name for parameter in self._free(sources[0])]
        if not names:
            raise ModelError(
                f"source {self.source!r} must have a free spatial parameter, got none. Thaw what may change."
            )
        for source in sources[1:]:
            for name in names:
                setattr(source.spatial_model, name, sources[0].spatial_model.parameters[name])
        result = self.fit.run(shared)
        stat_shared = float(result.total_stat)
        rows = [("H0", axis.edges[0], axis.edges[-1], sources[0])]
        single, own, _ = self._bands(datasets)
        for source in own:
            for name in names:
                parameter = source.spatial_model.parameters[name]
                parameter.value = sources[0].spatial_model.parameters[name].value
        stat_single = float(self.fit.run(single).total_stat)
        rows += [("H1", axis.edges[k], axis.edges[k + 1], source) for k, source in enumerate(own)]
        table = Table()
        table["Hypothesis"] = [row[0] for row in rows]
        table["Emin"] = u.Quantity([row[1] for row in rows])
        table["Emax"] = u.Quantity([row[2] for row in rows])
        for name in names:
            found = [row[3].spatial_model.parameters[name] for row in rows]
            table[name] = u.Quantity([parameter.quantity for parameter in found])
            table[f"{name}_err"] = u.Quantity([parameter.error * parameter.unit for parameter in found])
        df = (len(own) - 1) * len(names)
        return {"delta_ts": stat_shared - stat_single, "df": df, "result": table}

    def run(self, datasets):
        """Test the source.

        Parameters
        ----------
        datasets : `~geminga.datasets.Datasets`
            With fitted models; neither is changed.

        Returns
        -------
        dict
            ``energy_dependence`` and ``src_above_bkg``; see `estimate_energy_dependence` and
            `estimate_source_significance`.
        """
        datasets = datasets if isinstance(datasets, Datasets) else Datasets(datasets)
        return {
            "energy_dependence": self.estimate_energy_dependence(datasets),
            "src_above_bkg": self.estimate_source_significance(datasets),
        }
