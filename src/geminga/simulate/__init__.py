"""Simulation: analytic responses, event lists, and the campaign of the demo."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "campaign": ["Campaign", "simulate_campaign"],
        "events": ["simulate_events"],
        "from_observation": ["create_empty_map_dataset_from_irfs", "create_map_dataset_from_observation"],
        "observation_sampler": ["ObservationEventSampler", "ObservationsEventsSampler"],
        "responses": ["ArrayResponse", "make_responses"],
        "sampler": ["MapDatasetEventSampler"],
    },
)
