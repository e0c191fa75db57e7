"""Places, under the names that scripts import."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    "geminga.sky",
    submod_attrs={
        "locations": ["observatory_locations"],
    },
)
