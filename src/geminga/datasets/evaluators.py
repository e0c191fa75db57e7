"""The prediction of one model in one dataset, as an object."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Evaluator", "evaluators_of"]


@dataclass(frozen=True)
class Evaluator:
    """A source model together with a dataset that it applies to.

    Parameters
    ----------
    dataset : `~geminga.datasets.MapDataset`
    model : `~geminga.modeling.models.SkyModel` or `~geminga.modeling.models.TemplateNPredModel`
    """

    dataset: object
    model: object

    def compute_npred(self):
        """Return the predicted counts of the model, a map."""
        return self.dataset.npred_signal(model_names=[self.model.name])

    @property
    def contributes(self) -> bool:
        """Whether the model predicts anything inside the mask."""
        counts = self.compute_npred().data
        mask = self.dataset.mask
        return bool((counts if mask is None else counts[mask.data.astype(bool)]).any())


def evaluators_of(dataset) -> dict[str, Evaluator]:
    """Return an evaluator for each source model of a dataset, by name."""
    background = dataset.background_model
    return {
        model.name: Evaluator(dataset, model) for model in dataset.models or () if model is not background
    }
