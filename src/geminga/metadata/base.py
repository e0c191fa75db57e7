"""The base of all metadata containers: validated fields that know their FITS keywords."""

from __future__ import annotations

import json
from typing import Any, ClassVar, Self, get_args

import numpy as np
from pydantic import BaseModel, ConfigDict

from ..errors import UnknownNameError
from ..files import to_yaml

__all__ = ["MetaData"]

FORMATS = ("gadf",)


class MetaData(BaseModel):
    """Validated metadata.

    A subclass declares fields and says in `keywords` which FITS keyword carries which field. Fields that are metadata
    themselves read and write their own keywords; what needs more than one keyword overrides
    `_own_keywords` and `_from_keywords`.

    Examples
    --------
    >>> class Weather(MetaData):
    ...     _tag = "weather"
    ...     keywords = {"humidity": "RELHUM"}
    ...     humidity: float | None = None
    >>> Weather.from_header({"RELHUM": 0.2}).to_header()
    {'RELHUM': 0.2}
    """

    model_config = ConfigDict(
        arbitrary_types_allowed=True,
        validate_assignment=True,
        extra="forbid",
        validate_default=True,
        use_enum_values=True,
        coerce_numbers_to_str=True,
    )
    _tag: ClassVar[str] = ""
    keywords: ClassVar[dict[str, str]] = {}

    @property
    def tag(self) -> str:
        """Name of the kind of metadata."""
        return self._tag

    @classmethod
    def _parts(cls) -> dict[str, type[MetaData]]:
        """Return the fields that are metadata themselves, with their classes."""
        parts = {}
        for name, field in cls.model_fields.items():
            for kind in (field.annotation, *get_args(field.annotation)):
                if isinstance(kind, type) and issubclass(kind, MetaData):
                    parts[name] = kind
        return parts

    def _own_keywords(self) -> dict[str, Any]:
        """Return the keywords of the fields that are not metadata themselves."""
        values = {keyword: getattr(self, field) for field, keyword in self.keywords.items()}
        return {keyword: value for keyword, value in values.items() if value is not None}

    @classmethod
    def _from_keywords(cls, header) -> dict[str, Any]:
        """Return the values of the fields that are not metadata themselves."""
        return {field: header.get(keyword) for field, keyword in cls.keywords.items()}

    def to_header(self, format="gadf") -> dict[str, Any]:
        """Return the metadata as FITS keywords.

        Parameters
        ----------
        format : {"gadf"}

        Returns
        -------
        dict
            Keywords and plain values; fields that are None are left out.
        """
        _check_format(format)
        header = self._own_keywords()
        for name in self._parts():
            part = getattr(self, name)
            if part is not None:
                header.update(part.to_header(format))
        return {
            key: value.item() if isinstance(value, np.generic) else value for key, value in header.items()
        }

    @classmethod
    def from_header(cls, header, format="gadf") -> Self:
        """Create from FITS keywords; those that are missing become None.

        Parameters
        ----------
        header : mapping
            FITS header or dictionary.
        format : {"gadf"}
        """
        _check_format(format)
        values = cls._from_keywords(header)
        for name, kind in cls._parts().items():
            values[name] = kind.from_header(header, format)
        return cls(**values)

    def to_yaml(self) -> str:
        """Return the metadata as YAML text under the key "metadata"."""
        return to_yaml({"metadata": json.loads(self.model_dump_json())})


def _check_format(format) -> None:
    """Refuse formats that are not known."""
    if format not in FORMATS:
        raise UnknownNameError("metadata format", format, FORMATS)
