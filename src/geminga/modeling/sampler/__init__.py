"""Samplers of the posterior."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__, submod_attrs={"result": ["SamplerResult"], "sampler": ["Sampler"]}
)
