"""What was observed."""

from __future__ import annotations

from typing import ClassVar

from ..sky.headers import skycoord_from_dict
from .base import MetaData
from .types import ICRSSkyCoordType

__all__ = ["TargetMetaData"]


class TargetMetaData(MetaData):
    """Target of an observation.

    Parameters
    ----------
    name : str, optional
    position : `~astropy.coordinates.SkyCoord`, optional
    """

    _tag: ClassVar[str] = "target"

    name: str | None = None
    position: ICRSSkyCoordType | None = None

    def _own_keywords(self):
        header = {} if self.name is None else {"OBJECT": self.name}
        if self.position is not None:
            header |= {"RA_OBJ": float(self.position.ra.deg), "DEC_OBJ": float(self.position.dec.deg)}
        return header

    @classmethod
    def _from_keywords(cls, header):
        return {"name": header.get("OBJECT"), "position": skycoord_from_dict(header, ext="OBJ")}
