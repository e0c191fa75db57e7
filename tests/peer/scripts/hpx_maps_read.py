"""Read every HEALPix map of the folder."""

from pathlib import Path

from summary import item, report, sky_map

from geminga.maps import Map

for path in sorted(Path().glob("*.fits")):
    item(path.stem)(lambda path=path: sky_map(Map.read(path, map_type="hpx")))


report()
