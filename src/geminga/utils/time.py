"""Times, under the names that scripts import."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    "geminga.sky",
    submod_attrs={
        "timing": [
            "absolute_time",
            "extract_time_info",
            "time_ref_from_dict",
            "time_ref_to_dict",
            "time_relative_to_ref",
            "time_to_fits",
            "time_to_fits_header",
            "unique_time_info",
        ],
    },
)
