"""Datasets: binned data, responses and a reference to models, reduced and ready to be fitted."""

import lazy_loader

_from_here, _, _here = lazy_loader.attach(
    __name__,
    submodules=["utils"],
    submod_attrs={
        "core": ["Dataset"],
        "covering": ["stack_covering"],
        "datasets": ["Datasets"],
        "flux_points": ["FluxPointsDataset"],
        "folding": ["apply_edisp"],
        "geometries": ["create_map_dataset_geoms"],
        "io.fermipy": ["FermipyDatasetsReader"],
        "io.ogip": ["OGIPDatasetReader", "OGIPDatasetWriter"],
        "map": ["MapDataset"],
        "masks": ["set_and_restore_mask_fit"],
        "metadata": ["MapDatasetMetaData"],
        "onoff": ["MapDatasetOnOff", "SpectrumDatasetOnOff"],
        "registry": ["DATASET_REGISTRY"],
        "spectrum": ["SpectrumDataset"],
        "split": ["split_dataset"],
    },
)
# What simulates datasets lies above them, and is offered here because scripts look for it here.
_from_above, _, _above = lazy_loader.attach(
    "geminga.simulate",
    submod_attrs={
        "from_observation": ["create_empty_map_dataset_from_irfs", "create_map_dataset_from_observation"],
        "observation_sampler": ["ObservationEventSampler"],
        "sampler": ["MapDatasetEventSampler"],
    },
)

__all__ = sorted([*_here, *_above])


def __getattr__(name):
    return _from_above(name) if name in _above else _from_here(name)


def __dir__():
    return __all__
