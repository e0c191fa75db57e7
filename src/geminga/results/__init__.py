"""What an analysis finds: fluxes on energies, times and positions. Re-exported by `geminga.estimators`."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "flux_maps": ["FluxMaps"],
        "flux_points": ["FluxPoints"],
        "metadata": ["FluxMetaData"],
    },
)
