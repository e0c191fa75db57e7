"""What the caller hands to a fit, when it cannot be fitted."""

import pytest

from geminga.datasets import Datasets, SpectrumDataset
from geminga.errors import DataError
from geminga.maps import MapAxis, RegionGeom
from geminga.modeling import Fit, Parameters
from geminga.modeling.models import PowerLawSpectralModel, SkyModel

from .toys import Parabola


def spectrum(name, safe):
    """Return a spectrum with exposure; all its bins are safe, or none."""
    axis = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=4)
    dataset = SpectrumDataset.create(RegionGeom.create(None, axes=[axis]), name=name)
    dataset.mask_safe.data[...] = safe
    dataset.counts.data[...], dataset.exposure.data[...] = 3.0, 1e9
    return dataset


def power_law():
    return SkyModel(PowerLawSpectralModel(amplitude="1e-12 cm-2 s-1 TeV-1"), name="source")


@pytest.mark.parametrize("task", ["run", "optimize", "covariance"])
def test_nothing_to_fit_is_said_before_the_fit(task):
    datasets = Datasets([spectrum("first", safe=False), spectrum("second", safe=False)])
    datasets.models = [power_law()]
    before = datasets.models.parameters.value
    with pytest.raises(
        DataError, match=r"must have a usable bin for a fit, got none in first, second\. Look at"
    ):
        getattr(Fit(), task)(datasets)
    assert (datasets.models.parameters.value == before).all()


def test_one_usable_dataset_is_enough():
    datasets = Datasets([spectrum("first", safe=False), spectrum("second", safe=True)])
    datasets.models = [power_law()]
    assert Fit().run(datasets).success


class Restless:
    """Datasets whose sources leave the place of their responses after each fit, a given number of times."""

    def __init__(self, moves):
        self.moves, self.parabola = moves, Parabola([3.0], [[0.25]], [1.0])
        self.parameters = Parameters(self.parabola.parameters)

    def likelihood(self):
        self.parabola.is_stale = lambda: self.moves > 0
        self.moves -= 1
        return self.parabola


@pytest.mark.parametrize(("moves", "is_warned"), [(0, False), (6, False), (7, True), (100, True)])
def test_sources_that_never_come_to_rest_are_reported(caplog, moves, is_warned):
    result = Fit(backend="newton").optimize(Restless(moves))
    assert result.parameters["p0"].value == pytest.approx(3)
    assert ("has moved away" in caplog.text) is is_warned
