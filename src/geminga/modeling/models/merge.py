"""Many models as one template."""

from __future__ import annotations

import numpy as np

from ...errors import ModelError

__all__ = ["to_template_sky_model", "to_template_spectral_model"]


def to_template_sky_model(models, geom, spectral_model=None, name=None):
    """Return one sky model that is the sum of all, tabulated on a geometry.

    Parameters
    ----------
    models : `DatasetModels`
    geom : `~geminga.maps.Geom`
        With an axis ``energy_true``.
    spectral_model : `SpectralModel`, optional
        Dimensionless factor; a power law around one by default.
    name : str, optional
        Random by default.

    Returns
    -------
    `SkyModel`
    """
    from ...maps import Map
    from .registries import SPATIAL_MODEL_REGISTRY, SPECTRAL_MODEL_REGISTRY
    from .sky_model import SkyModel

    unit = "TeV-1 s-1 cm-2 sr-1"
    total = Map.from_geom(geom, unit=unit, dtype=float)
    for model in models:
        if not isinstance(model, SkyModel):
            raise ModelError(
                f"model {model.name!r} must be a SkyModel to be merged, got {model!r}. Leave it out."
            )
        if model.spatial_model is None:
            raise ModelError(
                f"model {model.name!r} must have a spatial part to be merged, got none. Leave it out."
            )
        if getattr(model.spatial_model, "evaluate", None) is None or "point" in model.spatial_model.tag:
            flux = model.integrate_geom(geom)
            width = np.diff(geom.axes["energy_true"].edges)[:, np.newaxis, np.newaxis]
            value = flux.quantity / width / geom.to_image().solid_angle()
        else:
            value = model.evaluate_geom(geom)
        total.data = total.data + np.broadcast_to(value.to_value(unit), geom.data_shape)
    if spectral_model is None:
        spectral_model = SPECTRAL_MODEL_REGISTRY.get_cls("pl-norm")()
    template = SPATIAL_MODEL_REGISTRY.get_cls("template")(total, normalize=False)
    return SkyModel(spectral_model=spectral_model, spatial_model=template, name=name)


def to_template_spectral_model(models, geom, mask=None):
    """Return the spectrum of all models summed over a geometry.

    Parameters
    ----------
    models : `DatasetModels`
    geom : `~geminga.maps.Geom`
        With an axis ``energy_true``.
    mask : `~geminga.maps.Map`, optional
        Pixels to sum over.

    Returns
    -------
    `TemplateSpectralModel`
        Differential flux at the centres of the energy bins.
    """
    from .registries import SPECTRAL_MODEL_REGISTRY
    from .sky_model import SkyModel

    axis = geom.axes["energy_true"]
    total = 0.0
    for model in models:
        if not isinstance(model, SkyModel):
            raise ModelError(
                f"model {model.name!r} must be a SkyModel to be merged, got {model!r}. Leave it out."
            )
        flux = model.integrate_geom(geom).quantity
        if mask is not None:
            flux = flux * mask.data
        total = total + np.sum(flux, axis=(1, 2))
    dnde = (total / np.diff(axis.edges)).to("TeV-1 s-1 cm-2")
    return SPECTRAL_MODEL_REGISTRY.get_cls("template")(energy=axis.center, values=dnde)
