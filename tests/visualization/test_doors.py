"""Every door of every public class opens."""

import importlib
import inspect
import pkgutil

import pytest

import geminga
from geminga.doors import Door


def _modules():
    for module in pkgutil.walk_packages(geminga.__path__, "geminga."):
        if not module.name.startswith(("geminga.cli", "geminga.visualization")):
            yield module.name


def _doors():
    """Return {dotted name of the door: the door} of all classes that are defined in the package."""
    doors = {}
    for name in _modules():
        module = importlib.import_module(name)
        for cls in vars(module).values():
            if inspect.isclass(cls) and cls.__module__ == name:
                for attribute, value in vars(cls).items():
                    if isinstance(value, Door):
                        doors[f"{name}.{cls.__qualname__}.{attribute}"] = value
    return doors


@pytest.fixture(scope="module")
def doors():
    return _doors()


def test_there_are_doors(doors):
    assert len(doors) > 80
    assert any("plot" in name for name in doors)


def test_every_door_leads_to_a_function(doors):
    closed = {}
    for name, door in doors.items():
        try:
            assert callable(door.resolve())
        except (ImportError, AttributeError) as error:
            closed[name] = f"{door.target}: {error}"
    assert not closed


def test_pictures_take_the_object_first(doors):
    for name, door in doors.items():
        if ".visualization." in door.target:
            parameters = list(inspect.signature(door.resolve()).parameters.values())
            assert parameters, name
            assert parameters[0].default is inspect.Parameter.empty, name


def test_pictures_are_documented(doors):
    for name, door in doors.items():
        if ".visualization." in door.target:
            text = inspect.getdoc(door.resolve()) or ""
            assert text.partition("\n")[0].endswith("."), name
            assert "Parameters" in text, name


# arguments and defaults that scripts rely on: the reference API surface
@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (
            "irf:EffectiveAreaTable2D.plot",
            "(ax=None, add_cbar=True, axes_loc=None, kwargs_colorbar=None, **kwargs)",
        ),
        ("irf:EffectiveAreaTable2D.peek", "(figsize=(15, 5))"),
        ("irf:EnergyDispersion2D.plot_migration", "(ax=None, offset=None, energy_true=None, **kwargs)"),
        (
            "irf:EDispKernel.plot_matrix",
            "(ax=None, add_cbar=False, axes_loc=None, kwargs_colorbar=None, **kwargs)",
        ),
        ("irf:Background2D.peek", "(figsize=(10, 8))"),
        ("irf:PSFKernel.plot_kernel", "(ax=None, energy=None, add_cbar=False, **kwargs)"),
        ("irf:PSFMap.plot_containment_radius_vs_energy", "(ax=None, fraction=(0.68, 0.95), **kwargs)"),
        ("irf:PSFMap.peek", "(figsize=(12, 10))"),
        ("data:EventList.peek", "(allsky=False)"),
        ("data:EventList.plot_image", "(ax=None, allsky=False)"),
        ("data:EventList.plot_offset2_distribution", "(ax=None, center=None, max_percentile=98, **kwargs)"),
        ("data:Observation.peek", "(figsize=(15, 10))"),
        (
            "maps:WcsNDMap.plot",
            "(ax=None, fig=None, add_cbar=False, stretch='linear', axes_loc=None, kwargs_colorbar=None, **kwargs)",
        ),
        ("maps:Map.plot_grid", "(figsize=None, ncols=3, **kwargs)"),
        ("maps:Map.plot_interactive", "(rc_params=None, **kwargs)"),
        ("maps:RegionNDMap.plot", "(ax=None, axis_name=None, **kwargs)"),
        ("maps:RegionGeom.plot_region", "(ax=None, kwargs_point=None, path_effect=None, **kwargs)"),
        (
            "datasets:MapDataset.plot_residuals_spatial",
            "(ax=None, method='diff', smooth_kernel='gauss', smooth_radius='0.1 deg', **kwargs)",
        ),
        (
            "datasets:MapDataset.plot_residuals",
            "(ax_spatial=None, ax_spectral=None, kwargs_spatial=None, kwargs_spectral=None)",
        ),
        ("datasets:MapDataset.peek", "(figsize=(13, 7))"),
        (
            "modeling.models:SpectralModel.plot",
            "(energy_bounds, ax=None, sed_type='dnde', energy_power=0, n_points=100, **kwargs)",
        ),
        ("modeling.models:SpatialModel.plot", "(ax=None, geom=None, **kwargs)"),
        ("modeling.models:TemporalModel.plot", "(time_range, ax=None, n_points=100, **kwargs)"),
        (
            "modeling.models:SpatialModel.plot_error",
            "(ax=None, which='position', size_factor=1.0, kwargs_position=None, kwargs_extension=None)",
        ),
        ("modeling:Covariance.plot_correlation", "(figsize=None, **kwargs)"),
        (
            "estimators:FluxPoints.plot_ts_profiles",
            "(ax=None, sed_type=None, add_cbar=True, axis_name=None, **kwargs)",
        ),
    ],
)
def test_arguments_are_those_of_the_reference(target, expected):
    package, _, path = target.partition(":")
    cls, method = path.split(".")
    function = getattr(getattr(importlib.import_module(f"geminga.{package}"), cls), method)
    parameters = list(inspect.signature(function).parameters.values())[1:]
    assert str(inspect.Signature(parameters)).replace('"', "'") == expected
