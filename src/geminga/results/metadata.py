"""Metadata of flux products."""

from __future__ import annotations

from typing import Literal

from ..metadata import CreatorMetaData, MetaData, TargetMetaData

__all__ = ["FluxMetaData"]


class FluxMetaData(MetaData):
    """Who made fluxes, how errors and limits are defined, and of what.

    Parameters
    ----------
    sed_type, sed_type_init : str, optional
    n_sigma, n_sigma_ul, n_sigma_sensitivity : float, optional
        Number of standard deviations of errors, limits and sensitivities.
    sqrt_ts_threshold_ul : float, optional
        Significance below which a value is shown as a limit.
    target : TargetMetaData, optional
    creation : CreatorMetaData, optional
    optional : dict, optional
    """

    _tag: Literal["flux"] = "flux"
    sed_type: str | None = None
    sed_type_init: str | None = None
    n_sigma: float | None = None
    n_sigma_ul: float | None = None
    sqrt_ts_threshold_ul: float | None = None
    n_sigma_sensitivity: float | None = None
    target: TargetMetaData | None = None
    creation: CreatorMetaData | None = None
    optional: dict | None = None
