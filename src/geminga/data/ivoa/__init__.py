"""Observations in the Virtual Observatory: ObsCore tables, and stores made of query results."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "download": ["fetch_files", "make_fetch_list", "progress_download"],
        "obscore": ["empty_obscore_table", "observation_obscore_dict", "to_obscore_table"],
        "query": ["ObsTableRow", "make_data_store_from_query_result", "make_hdu_table", "make_obs_table"],
    },
)
