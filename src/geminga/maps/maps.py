"""Maps by name, on one geometry."""

from __future__ import annotations

import html
from collections.abc import MutableMapping

from ..errors import AxisMismatchError
from ..files import open_fits, write_fits
from .io.detection import map_kind
from .map import Map

__all__ = ["Maps"]


class Maps(MutableMapping):
    """Dictionary of maps that share a geometry; their units may differ.

    Parameters
    ----------
    **kwargs
        Maps by name.

    Examples
    --------
    >>> from geminga.maps import RegionGeom
    >>> maps = Maps.from_geom(RegionGeom.create("icrs;circle(83.6, 22, 0.5)"), ["counts", "exposure"])
    >>> list(maps)
    ['counts', 'exposure']
    """

    def __init__(self, **kwargs):
        self._maps = {}
        for name, value in kwargs.items():
            self[name] = value

    @property
    def geom(self):
        """Geometry of the first map, None without maps."""
        return next(iter(self._maps.values())).geom if self._maps else None

    def __setitem__(self, key, value):
        if not isinstance(value, Map):
            raise TypeError(f"entry {key!r} must be a map, got {type(value).__name__}.")
        self._maps[key] = value

    def __getitem__(self, key):
        return self._maps[key]

    def __delitem__(self, key):
        del self._maps[key]

    def __iter__(self):
        return iter(self._maps)

    def __len__(self):
        return len(self._maps)

    @classmethod
    def from_geom(cls, geom, names, kwargs_list=None) -> Maps:
        """Make empty maps on a geometry.

        Parameters
        ----------
        geom : `~geminga.maps.Geom`
        names : list of str
        kwargs_list : list of dict, optional
            Keyword arguments of `Map.from_geom` for each map.
        """
        kwargs_list = kwargs_list or [{} for _ in names]
        made = {name: Map.from_geom(geom, **kwargs) for name, kwargs in zip(names, kwargs_list, strict=True)}
        return cls(**made)

    def to_hdulist(self, hdu_bands="BANDS"):
        """Return the maps as FITS data, one HDU each, with one HDU for the axes.

        Parameters
        ----------
        hdu_bands : str
            Name of the HDU with the axes.

        Raises
        ------
        AxisMismatchError
            If the maps do not share their geometry.
        """
        from astropy.io.fits import HDUList, PrimaryHDU

        hdulist = HDUList([PrimaryHDU()])
        for name, item in self.items():
            if item.geom != self.geom:
                raise AxisMismatchError(
                    f"maps in one file must share their geometry, got another one for {name!r}. Write it alone."
                )
            for hdu in item.to_hdulist(hdu=name, hdu_bands=hdu_bands)[1:]:
                if hdu.name not in hdulist:
                    hdulist.append(hdu)
        return hdulist

    @classmethod
    def from_hdulist(cls, hdulist, hdu_bands="BANDS") -> Maps:
        """Read all maps in open FITS data; they are named as their HDUs, in lower case.

        Parameters
        ----------
        hdulist : `~astropy.io.fits.HDUList`
        hdu_bands : str
            Name of the HDU with the axes.
        """
        bands = hdu_bands if hdu_bands in hdulist else None
        found = {}
        for hdu in hdulist:
            kind = map_kind(hdu)
            if kind is not None and hdu.name != hdu_bands:
                found[hdu.name.lower()] = Map.from_hdulist(
                    hdulist, hdu=hdu.name, hdu_bands=bands, map_type=kind
                )
        return cls(**found)

    @classmethod
    def read(cls, filename, checksum=False) -> Maps:
        """Read all maps in a FITS file.

        Parameters
        ----------
        filename : str or path-like
        checksum : bool
            Verify the checksums in the file, and warn if they fail.
        """
        with open_fits(filename, checksum=checksum, memmap=False) as hdulist:
            return cls.from_hdulist(hdulist)

    def write(self, filename, overwrite=False, checksum=False) -> None:
        """Write the maps to a FITS file.

        Parameters
        ----------
        filename : str or path-like
        overwrite : bool
            Replace an existing file.
        checksum : bool
            Add checksums.
        """
        write_fits(self.to_hdulist(), filename, overwrite=overwrite, checksum=checksum)

    def __repr__(self):
        lines = ["Maps", "----", ""]
        for name, item in self.items():
            shape = tuple(int(n) for n in item.data.shape[::-1])
            lines.append(
                f"  {name:12s}: {shape}, {item.data.dtype}" + (f", {item.unit}" if str(item.unit) else "")
            )
        return "\n".join(lines) + "\n"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"
