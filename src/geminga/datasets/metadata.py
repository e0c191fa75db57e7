"""Provenance of datasets: who made them, from which observations."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from pydantic import Field

from ..metadata import CreatorMetaData, MetaData, ObsInfoMetaData, PointingInfoMetaData
from ..metadata.types import JsonQuantityDecoder, JsonQuantityEncoder

__all__ = ["MapDatasetMetaData"]

#: FITS keyword with everything that does not fit in plain keywords, as JSON.
EXTENDED_KEYWORD = "DSMETA"


class MapDatasetMetaData(MetaData):
    """Provenance of a dataset.

    Parameters
    ----------
    creation : `~geminga.metadata.CreatorMetaData`, optional
        Who made it, and when; by default this software, now.
    obs_info : `~geminga.metadata.ObsInfoMetaData` or list, optional
        Observations that went into it.
    pointing : `~geminga.metadata.PointingInfoMetaData` or list, optional
        Where each of them pointed.
    event_type : str or list of str, optional
        Classes of events.
    optional : dict, optional
        Anything else.

    Examples
    --------
    >>> one = MapDatasetMetaData(obs_info={"obs_id": 1})
    >>> both = one.stack(MapDatasetMetaData(obs_info={"obs_id": 2}))
    >>> [info.obs_id for info in both.obs_info]
    [1, 2]
    """

    _tag: ClassVar[str] = "MapDataset"

    creation: CreatorMetaData | None = Field(default_factory=CreatorMetaData)
    obs_info: ObsInfoMetaData | list[ObsInfoMetaData] | None = None
    pointing: PointingInfoMetaData | list[PointingInfoMetaData] | None = None
    event_type: str | list[str] | None = None
    optional: dict | None = None

    def stack(self, *others) -> MapDatasetMetaData:
        """Return the provenance of all together; the creation stays that of this one.

        An observation that occurs several times is listed once.

        Parameters
        ----------
        *others : `MapDatasetMetaData`
        """
        metas = [self, *others]
        pairs = [pair for meta in metas for pair in meta._observations()]
        unique = list({_identity(info, point): (info, point) for info, point in pairs}.values())
        infos = [info for info, _ in unique if info is not None]
        points = [point for _, point in unique if point is not None]
        types = list(dict.fromkeys(kind for meta in metas for kind in _as_list(meta.event_type)))
        optional = {key: value for meta in reversed(metas) for key, value in (meta.optional or {}).items()}
        return MapDatasetMetaData(
            creation=self.creation,
            obs_info=_one_or_many(infos),
            pointing=_one_or_many(points),
            event_type=_one_or_many(types),
            optional=optional or None,
        )

    def _observations(self) -> list[tuple]:
        """Return the observations with the pointing of each, None where one of them is missing."""
        infos, points = _as_list(self.obs_info), _as_list(self.pointing)
        n_pairs = max(len(infos), len(points))
        infos += [None] * (n_pairs - len(infos))
        points += [None] * (n_pairs - len(points))
        return list(zip(infos, points, strict=True))

    @classmethod
    def _parts(cls):
        return {"creation": CreatorMetaData}

    def _own_keywords(self) -> dict[str, Any]:
        header: dict[str, Any] = {}
        for part in (self.obs_info, self.pointing):
            if isinstance(part, MetaData):
                header.update(part.to_header())
        if isinstance(self.event_type, str):
            header["EVT_TYPE"] = self.event_type
        extended = {
            "obs_info": [info.to_header() for info in self.obs_info]
            if isinstance(self.obs_info, list)
            else None,
            "pointing": [point.to_header() for point in self.pointing]
            if isinstance(self.pointing, list)
            else None,
            "event_type": self.event_type if isinstance(self.event_type, list) else None,
            "optional": self.optional,
        }
        extended = {key: value for key, value in extended.items() if value is not None}
        if extended:
            header[EXTENDED_KEYWORD] = json.dumps(extended, cls=JsonQuantityEncoder)
        return header

    @classmethod
    def _from_keywords(cls, header) -> dict[str, Any]:
        text = header.get(EXTENDED_KEYWORD)
        extended = json.loads(text, cls=JsonQuantityDecoder) if text else {}
        values: dict[str, Any] = {"event_type": header.get("EVT_TYPE"), "optional": extended.get("optional")}
        values["obs_info"] = ObsInfoMetaData.from_header(header) if header.get("OBS_ID") is not None else None
        point = PointingInfoMetaData.from_header(header)
        has_pointing = point.radec_mean is not None or point.altaz_mean is not None
        values["pointing"] = point if has_pointing else None
        if "obs_info" in extended:
            values["obs_info"] = [ObsInfoMetaData.from_header(item) for item in extended["obs_info"]]
        if "pointing" in extended:
            values["pointing"] = [PointingInfoMetaData.from_header(item) for item in extended["pointing"]]
        if "event_type" in extended:
            values["event_type"] = extended["event_type"]
        return values


def _as_list(value) -> list:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def _one_or_many(values: list):
    if not values:
        return None
    return values[0] if len(values) == 1 else values


def _identity(info, point) -> tuple:
    """Return what tells observations apart."""
    header = {**({} if info is None else info.to_header()), **({} if point is None else point.to_header())}
    return tuple(sorted((key, str(value)) for key, value in header.items()))
