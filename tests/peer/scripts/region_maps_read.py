"""Read every region map of the folder."""

from pathlib import Path

from summary import item, report, sky_map

from geminga.maps import RegionNDMap

for path in sorted(Path().glob("*.fits")):
    form, _, name = path.stem.partition("_")

    @item(f"{form} {name}")
    def _(path=path, form=form):
        kwargs = {}
        if form.startswith("ogip"):
            kwargs = {"ogip_column": "SPECRESP"} if "arf" in form else {"ogip_column": "COUNTS"}
        return sky_map(RegionNDMap.read(path, format=form, **kwargs))


report()
