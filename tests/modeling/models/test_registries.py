"""Every registered model can be imported by name and created by tag."""

import pytest

import geminga.modeling.models as public
from geminga.errors import UnknownNameError
from geminga.modeling.models import (
    MODEL_REGISTRY,
    PRIOR_REGISTRY,
    SPATIAL_MODEL_REGISTRY,
    SPECTRAL_MODEL_REGISTRY,
    TEMPORAL_MODEL_REGISTRY,
    PowerLawSpectralModel,
)
from geminga.modeling.models.registries import registry_of

REGISTRIES = {
    "spectral": SPECTRAL_MODEL_REGISTRY,
    "spatial": SPATIAL_MODEL_REGISTRY,
    "temporal": TEMPORAL_MODEL_REGISTRY,
    "prior": PRIOR_REGISTRY,
    None: MODEL_REGISTRY,
}


@pytest.mark.parametrize("kind", REGISTRIES)
def test_registered_classes(kind):
    registry = REGISTRIES[kind]
    assert registry_of(kind) is registry
    ours = [cls for cls in registry if cls.__module__.startswith("geminga.")]
    assert len(ours) >= 3
    for cls in ours:
        assert getattr(public, cls.__name__) is cls
        assert cls._type == kind
        assert all(registry.get_cls(tag) is cls for tag in registry.tags_of(cls))


def test_own_models_can_be_added():
    class MySpectralModel(PowerLawSpectralModel):
        tag = ["MySpectralModel", "mine"]

    SPECTRAL_MODEL_REGISTRY.append(MySpectralModel)
    try:
        assert SPECTRAL_MODEL_REGISTRY.get_cls("mine") is MySpectralModel
        model = public.SkyModel(MySpectralModel(index=2.7), name="a")
        same = public.Models.from_dict(public.Models(model).to_dict())["a"].spectral_model
        assert type(same) is MySpectralModel
        assert same.index.value == 2.7
    finally:
        SPECTRAL_MODEL_REGISTRY._classes.remove(MySpectralModel)


def test_unknown_kind():
    with pytest.raises(UnknownNameError, match="Did you mean 'spectral'"):
        registry_of("spektral")


def test_table_of_contents_is_complete():
    for name in public.__all__:
        assert getattr(public, name) is not None
