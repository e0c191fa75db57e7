"""Event lists, good time intervals, pointing, observations and the stores that hold them (data level 3)."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "event_list": ["EventList"],
        "gti": ["GTI"],
        "metadata": ["EventListMetaData", "GTIMetaData", "ObservationMetaData"],
        "pointing": ["FixedPointingInfo", "PointingInfo", "PointingMode"],
    },
)
