"""Array helpers, under the names that scripts import."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    "geminga.numerics",
    submod_attrs={
        "array": [
            "array_stats_str",
            "is_power2",
            "round_up_to_even",
            "round_up_to_odd",
            "scale_cube",
            "shape_2N",
            "shape_divisible_by",
            "symmetric_crop_pad_width",
        ],
    },
)
