"""Interpolation, under the names that scripts import."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    "geminga.numerics",
    submod_attrs={
        "interpolation": ["ScaledRegularGridInterpolator", "interpolate_profile"],
        "scales": [
            "InterpolationScale",
            "LinearScale",
            "LogScale",
            "SqrtScale",
            "StatProfileScale",
            "interpolation_scale",
        ],
    },
)
