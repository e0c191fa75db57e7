"""Sums of cut-outs on the pixels of all of them."""

import numpy as np
import pytest
from astropy.coordinates import SkyCoord

from geminga.datasets import Datasets, MapDataset, MapDatasetOnOff, stack_covering
from geminga.errors import GeometryError
from geminga.maps import MapAxis, WcsGeom
from geminga.modeling.models import PointSpatialModel, PowerLawSpectralModel, SkyModel


@pytest.fixture
def whole():
    energy = MapAxis.from_energy_bounds("1 TeV", "10 TeV", 2)
    geom = WcsGeom.create(skydir=(83.6, 22.0), width=(4, 3), binsz=0.1, axes=[energy])
    dataset = MapDataset.create(geom, energy_axis_true=energy.copy(name="energy_true"), name="whole")
    dataset.counts.data += np.arange(dataset.counts.data.size).reshape(dataset.data_shape)
    dataset.exposure.data += 1
    dataset.mask_safe.data[...] = True
    return dataset


def test_sum_has_the_counts_of_all_cutouts(whole):
    places = [SkyCoord(lon, lat, unit="deg") for lon, lat in ((82.6, 21.6), (84.4, 22.5))]
    cuts = Datasets([whole.cutout(place, width="1 deg", name=f"cut-{i}") for i, place in enumerate(places)])
    total = stack_covering(cuts, name="sum")
    assert total.name == "sum"
    assert total.counts.data.sum() == sum(cut.counts.data.sum() for cut in cuts)
    center = total.counts.geom.to_image().coord_to_pix(places[0])
    own = cuts[0].counts.geom.to_image().coord_to_pix(places[0])
    x, y = (round(float(pix[0])) for pix in center)
    own_x, own_y = (round(float(pix[0])) for pix in own)
    assert total.counts.data[1, y, x] == cuts[0].counts.data[1, own_y, own_x]
    assert total.exposure.data.max() == pytest.approx(1)


def test_the_sum_has_the_responses_of_the_first(whole):
    bare = whole.copy(name="bare")
    bare.psf = None
    assert stack_covering(Datasets([whole, bare])).psf is not None
    assert stack_covering(Datasets([bare, whole])).psf is None


@pytest.mark.parametrize("on_off", [False, True])
def test_with_all_that_models_predict(whole, on_off):
    whole.exposure.data += 1e10
    whole.background.data += 2
    whole.psf = None
    places = [SkyCoord(lon, lat, unit="deg") for lon, lat in ((82.6, 21.6), (82.9, 21.9))]
    cuts = [whole.cutout(place, width="1 deg", name=f"cut-{i}") for i, place in enumerate(places)]
    if on_off:
        cuts = [MapDatasetOnOff.from_map_dataset(cut, 1.0, 4.0, name=cut.name) for cut in cuts]
    model = SkyModel(
        PowerLawSpectralModel(amplitude="1e-12 cm-2 s-1 TeV-1"),
        PointSpatialModel(lon_0="82.6 deg", lat_0="21.6 deg"),
        datasets_names=["cut-1"],
    )
    datasets = Datasets(cuts)
    datasets.models = [model]
    signal = datasets["cut-1"].npred_signal().data.sum()
    assert signal > 1
    total = stack_covering(datasets, with_models=True)
    assert not total.models
    # two counts of background in each bin of the cut-outs
    assert total.background.data.sum() == pytest.approx(2 * 2 * cuts[0].counts.data.size + signal, rel=1e-5)
    assert stack_covering(datasets).background.data.sum() == pytest.approx(
        4 * cuts[0].counts.data.size, rel=1e-5
    )
    assert total.background.data.sum() == pytest.approx(total.npred().data.sum())


def test_other_pixels_are_refused(whole):
    energy = whole.counts.geom.axes["energy"]
    other = WcsGeom.create(skydir=(83.6, 22.03), width=(1, 1), binsz=0.1, axes=[energy])
    other = MapDataset.create(other, energy_axis_true=energy.copy(name="energy_true"))
    with pytest.raises(GeometryError, match="one grid of pixels"):
        stack_covering(Datasets([whole, other]))
