"""Event lists, good time intervals, pointing, observations and the stores that hold them (data level 3)."""

import lazy_loader

_from_here, _, _here = lazy_loader.attach(
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
# What simulates events lies above, and is offered here because scripts look for it here.
_from_above, _, _above = lazy_loader.attach(
    "geminga.simulate", submod_attrs={"observation_sampler": ["ObservationsEventsSampler"]}
)

__all__ = sorted([*_here, *_above])


def __getattr__(name):
    return _from_above(name) if name in _above else _from_here(name)


def __dir__():
    return __all__
