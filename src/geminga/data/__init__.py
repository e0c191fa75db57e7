"""Event lists, good time intervals, pointing, observations and the stores that hold them (data level 3)."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "clustering": ["hierarchical_clustering", "standard_scaler"],
        "data_store": ["DataStore"],
        "data_store_maker": ["DataStoreMaker"],
        "event_checks": ["EventListChecker"],
        "event_list": ["EventList"],
        "filters": ["ObservationFilter"],
        "gti": ["GTI"],
        "hdu_index": ["HDUIndexTable"],
        "hdu_location": ["HDULocation"],
        "irf_features": ["get_irfs_features"],
        "metadata": ["EventListMetaData", "GTIMetaData", "ObservationMetaData"],
        "obs_index": ["ObservationTable"],
        "observation": ["Observation"],
        "observation_checks": ["ObservationChecker"],
        "observations": ["Observations"],
        "observatories": ["observatory_locations"],
        "store_checks": ["DataStoreChecker"],
        "pointing": ["FixedPointingInfo", "PointingInfo", "PointingMode"],
    },
)
