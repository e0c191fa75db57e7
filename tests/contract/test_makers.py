"""What every maker of the registry must do, also those of third parties."""

import inspect
import pickle

import numpy as np
import pytest
from astropy import units as u

from geminga import makers
from geminga.data import Observation
from geminga.datasets import MapDataset, SpectrumDataset
from geminga.makers import MAKER_REGISTRY, Maker
from geminga.maps import MapAxis, RegionGeom, WcsGeom
from geminga.simulate import make_responses

ARGUMENTS = {
    "AdaptiveRingBackgroundMaker": {
        "r_in": "0.3 deg",
        "r_out_max": "1 deg",
        "width": "0.2 deg",
        "threshold_alpha": 0.5,
    },
    "DatasetsMaker": {"makers": [makers.MapDatasetMaker()]},
    "PhaseBackgroundMaker": {"on_phase": (0.1, 0.2), "off_phase": (0.5, 0.9)},
    "RingBackgroundMaker": {"r_in": "0.3 deg", "width": "0.2 deg"},
    "SafeMaskMaker": {"methods": ["offset-max"], "offset_max": "1 deg"},
}
SPECTRAL = ("SpectrumDatasetMaker", "ReflectedRegionsBackgroundMaker")


def make(cls):
    return cls(**ARGUMENTS.get(cls.tag, {}))


@pytest.fixture(scope="module")
def observation():
    from astropy.coordinates import SkyCoord
    from astropy.table import Table

    from geminga.data import EventList

    pointing = SkyCoord(83.63, 22.51, unit="deg")
    observation = Observation.create(pointing, obs_id=5, livetime="0.5 h", irfs=make_responses())
    random = np.random.default_rng(0)
    table = Table(
        {
            "RA": 83.63 + random.normal(0, 0.7, 300),
            "DEC": 22.51 + random.normal(0, 0.7, 300),
            "ENERGY": 10 ** random.uniform(-1, 1, 300),
            "PHASE": random.uniform(size=300),
            "EVENT_ID": np.arange(300),
        },
        units={"RA": "deg", "DEC": "deg", "ENERGY": "TeV"},
    )
    table["TIME"] = observation.gti.time_ref + np.linspace(1, 1700, 300) * u.s
    observation.events = EventList(table)
    return observation


@pytest.fixture
def dataset(request):
    """Return a dataset as the maker gets it: empty, or reduced if it makes the background."""
    cls = request.param
    energy = MapAxis.from_energy_bounds("0.1 TeV", "10 TeV", nbin=3)
    energy_true = MapAxis.from_energy_bounds("0.1 TeV", "10 TeV", nbin=5, name="energy_true")
    if cls.tag in SPECTRAL:
        geom = RegionGeom.create("icrs;circle(83.63, 22.01, 0.2)", axes=[energy])
        return cls, SpectrumDataset.create(geom, energy_axis_true=energy_true, name="contract")
    geom = WcsGeom.create(skydir=(83.63, 22.01), width=2, binsz=0.1, axes=[energy])
    return cls, MapDataset.create(geom, energy_axis_true=energy_true, binsz_irf="0.5 deg", name="contract")


def content(dataset):
    return {key: getattr(dataset, key).data.copy() for key in ("counts", "background", "exposure")}


@pytest.mark.parametrize("cls", list(MAKER_REGISTRY), ids=lambda cls: cls.tag)
def test_maker_can_be_named_printed_and_sent(cls):
    maker = make(cls)
    assert isinstance(maker, Maker)
    assert cls.__doc__
    assert MAKER_REGISTRY.get_cls(cls.tag) is cls
    assert getattr(makers, cls.__name__) is cls
    text = repr(maker)
    assert text.startswith(f"{cls.__name__}(")
    for name in inspect.signature(cls.__init__).parameters:
        if name not in ("self", "kwargs"):
            assert f"{name}=" in text
    assert repr(pickle.loads(pickle.dumps(maker))) == text  # noqa: S301


@pytest.mark.parametrize("dataset", list(MAKER_REGISTRY), ids=lambda cls: cls.tag, indirect=True)
def test_maker_returns_a_dataset_of_the_same_name_and_pixels(dataset, observation):
    cls, empty = dataset
    if cls.tag == "DatasetsMaker":
        (result,) = make(cls).run(empty, [observation])
    else:
        reduced = empty
        if not issubclass(cls, makers.MapDatasetMaker):
            first = makers.SpectrumDatasetMaker() if cls.tag in SPECTRAL else makers.MapDatasetMaker()
            reduced = first.run(empty, observation)
        result = make(cls).run(reduced, observation)
    assert result.name == "contract"
    assert result.counts.geom == empty.counts.geom
    assert result.counts.data.sum() > 0
    assert result.mask_safe.data.dtype == bool
    assert result.mask_safe.data.any()
    assert all(data.sum() == 0 for data in content(empty).values())
