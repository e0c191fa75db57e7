"""Parallel runs, under the names that scripts import."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    "geminga.parallel",
    submod_attrs={
        "mixin": ["ParallelMixin"],
        "pools": [
            "ParallelBackendEnum",
            "PoolMethodEnum",
            "get_multiprocessing",
            "get_multiprocessing_ray",
            "is_ray_available",
            "is_ray_initialized",
            "multiprocessing_manager",
            "run_loop",
            "run_multiprocessing",
            "run_pool_async",
            "run_pool_star_map",
        ],
        "settings": [
            "BACKEND_DEFAULT",
            "METHOD_DEFAULT",
            "METHOD_KWARGS_DEFAULT",
            "N_JOBS_DEFAULT",
            "POOL_KWARGS_DEFAULT",
        ],
    },
)
