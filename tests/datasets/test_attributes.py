"""Parts of datasets that are read when they are first looked at."""

from geminga.datasets.attributes import Deferred
from geminga.maps import RegionNDMap


def test_deferred_part_is_read_once(spectrum, geom):
    reads = []

    def load():
        reads.append(1)
        return RegionNDMap.from_geom(geom)

    spectrum.counts = Deferred(load)
    assert reads == []
    assert spectrum.counts is spectrum.counts
    assert reads == [1]


def test_deferred_part_is_read_each_time(spectrum):
    reads = []

    def load():
        reads.append(1)
        return RegionNDMap.from_geom(spectrum.counts.geom)

    spectrum.background = Deferred(load, keep=False)
    assert spectrum.background is not spectrum.background
    assert reads == [1, 1]


def test_part_can_be_deleted(spectrum):
    del spectrum.background
    assert spectrum.background is None
