"""Metadata containers, under the names that scripts import."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    "geminga.metadata",
    submod_attrs={
        "base": ["MetaData"],
        "creator": ["CreatorMetaData"],
        "obs_info": ["ObsInfoMetaData"],
        "pointing": ["PointingInfoMetaData"],
        "target": ["TargetMetaData"],
        "time_info": ["TimeInfoMetaData"],
    },
)
