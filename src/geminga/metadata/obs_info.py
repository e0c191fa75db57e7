"""Which observation, by which instrument."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from .base import MetaData

__all__ = ["ObsInfoMetaData"]


class ObsInfoMetaData(MetaData):
    """Identity of an observation.

    Parameters
    ----------
    obs_id : int or str
        Observation identifier.
    telescope, instrument, sub_array, observation_mode : str, optional
    """

    _tag: ClassVar[str] = "obs_info"
    keywords: ClassVar[dict[str, str]] = {
        "telescope": "TELESCOP",
        "instrument": "INSTRUME",
        "sub_array": "SUBARRAY",
        "observation_mode": "OBS_MODE",
        "obs_id": "OBS_ID",
    }

    obs_id: Annotated[int | str, Field(union_mode="left_to_right")]
    telescope: str | None = None
    instrument: str | None = None
    sub_array: str | None = None
    observation_mode: str | None = None

    @classmethod
    def _from_keywords(cls, header):
        values = super()._from_keywords(header)
        return values | {"obs_id": 0 if values["obs_id"] is None else values["obs_id"]}
