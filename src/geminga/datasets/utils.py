"""Helpers around datasets, under the names that scripts import."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    "geminga.datasets",
    submod_attrs={
        "folding": ["apply_edisp"],
        "masks": ["set_and_restore_mask_fit"],
        "merging": [
            "create_global_dataset",
            "create_map_dataset_from_dl4",
            "get_nearest_valid_exposure_position",
        ],
        "split": ["split_dataset"],
    },
)
