"""Choice between models: nested hypotheses by likelihood ratio, others by evidence."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "bayesian": ["BayesianModelSelection", "BayesianModelSelectionResult"],
        "inference": ["InferenceResult"],
        "nested": ["NestedModelSelection", "select_nested_models"],
    },
)
