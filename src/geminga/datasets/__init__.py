"""Datasets: binned data, responses and a reference to models, reduced and ready to be fitted."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "core": ["Dataset"],
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
