"""Numerical base: interpolation, integration, roots, random numbers, arrays, Gaussians."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        "angles",
        "array",
        "clustering",
        "gauss",
        "integrate",
        "interpolation",
        "random",
        "roots",
        "scales",
    ],
    submod_attrs={
        "angles": ["length", "sine_cosine", "unit_vectors", "within_turn"],
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
        "clustering": ["hierarchical_clustering", "standard_scaler"],
        "gauss": ["Gauss2DPDF", "MultiGauss2D"],
        "integrate": ["trapz_loglog"],
        "interpolation": ["ScaledRegularGridInterpolator", "interpolate_profile"],
        "random": [
            "InverseCDFSampler",
            "draw",
            "get_random_state",
            "normalize",
            "pdf",
            "sample_powerlaw",
            "sample_sphere",
            "sample_sphere_distance",
            "sample_times",
        ],
        "roots": ["find_roots"],
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
