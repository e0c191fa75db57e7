"""Read every map of the folder."""

from pathlib import Path

from summary import item, report, sky_map

from geminga.maps import Map, Maps

for path in sorted(Path().glob("*.fits*")):
    name = path.name.split(".")[0]
    if name == "maps":

        @item(name)
        def _(path=path):
            return {key: sky_map(m) for key, m in Maps.read(path).items()}

        continue

    @item(name)
    def _(path=path, name=name):
        kwargs = {"hdu": "EXCESS", "hdu_bands": "ENERGY_BINS"} if name == "named" else {}
        kwargs |= {"format": name} if name.startswith(("fgst", "galprop")) else {}
        m = Map.read(path, **kwargs)
        return sky_map(m) | {
            "meta": {key: value for key, value in (m.meta or {}).items() if key == "telescope"}
        }


report()
