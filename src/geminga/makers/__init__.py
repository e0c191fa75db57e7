"""Data reduction: from an observation to a dataset."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["utils"],
    submod_attrs={
        "background.adaptive_ring": ["AdaptiveRingBackgroundMaker"],
        "background.fov": ["FoVBackgroundMaker"],
        "background.phase": ["PhaseBackgroundMaker"],
        "background.reflected": ["ReflectedRegionsBackgroundMaker"],
        "background.region_finders": ["ReflectedRegionsFinder", "RegionsFinder", "WobbleRegionsFinder"],
        "background.ring": ["RingBackgroundMaker"],
        "core": ["MAKER_REGISTRY", "Maker"],
        "map": ["MapDatasetMaker"],
        "run": ["DatasetsMaker"],
        "safe": ["SafeMaskMaker"],
        "spectrum": ["SpectrumDatasetMaker"],
    },
)
