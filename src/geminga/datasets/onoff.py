"""On-off datasets: the background is measured beside the source."""

from __future__ import annotations

import numpy as np

from .. import likelihood
from ..doors import opens
from ..maps import Map
from . import conversion
from .attributes import Part
from .io.formats import DATASET_FORMATS
from .map import MapDataset
from .registry import DATASET_REGISTRY
from .spectrum import SpectrumDataset, SpectrumMethods

__all__ = ["MapDatasetOnOff", "SpectrumDatasetOnOff"]


@DATASET_REGISTRY.register
class MapDatasetOnOff(MapDataset):
    """Counts of an on and an off region, with responses.

    The background is alpha times the off counts, with alpha the ratio of the acceptances; it cannot be set.

    Parameters
    ----------
    counts_off : `~geminga.maps.Map`, optional
        Counts in the off region.
    acceptance, acceptance_off : `~geminga.maps.Map` or float, optional
        Relative sizes of the on and off exposure to background.
    stat_type : {"wstat"}
        Statistic.

    Notes
    -----
    All other parameters are those of `MapDataset`, which has no ``background`` here.
    """

    tag = "MapDatasetOnOff"
    _default_stat_type = "wstat"
    _maps = (
        "counts",
        "counts_off",
        "acceptance",
        "acceptance_off",
        "exposure",
        "psf",
        "edisp",
        "mask_safe",
        "mask_fit",
    )
    _counts_like = ("counts", "counts_off", "acceptance", "acceptance_off", "mask_safe", "mask_fit")

    counts_off = Part("Counts in the off region, a map, or None.")
    acceptance = Part("Relative acceptance of the on region to background, a map, or None.")
    acceptance_off = Part("Relative acceptance of the off region to background, a map, or None.")

    def __init__(
        self,
        models=None,
        counts=None,
        counts_off=None,
        acceptance=None,
        acceptance_off=None,
        exposure=None,
        mask_fit=None,
        psf=None,
        edisp=None,
        name=None,
        mask_safe=None,
        gti=None,
        meta_table=None,
        meta=None,
        stat_type="wstat",
    ):
        if counts is not None and hasattr(counts, "geom"):
            acceptance = conversion.as_map(acceptance, counts.geom, "acceptance")
            acceptance_off = conversion.as_map(acceptance_off, counts.geom, "acceptance_off")
        self._set_up(
            models, gti, meta_table, name, meta, stat_type,
            {"counts": counts, "counts_off": counts_off, "acceptance": acceptance, "acceptance_off": acceptance_off,
             "exposure": exposure, "psf": psf, "edisp": edisp, "mask_safe": mask_safe, "mask_fit": mask_fit},
        )  # fmt: skip

    @property
    def _geom(self):
        """Geometry of the counts and whatever is in reconstructed energy."""
        for key in ("counts", "mask_safe", "mask_fit", "acceptance", "counts_off"):
            if (part := getattr(self, key)) is not None:
                return part.geom
        return super()._geom

    @property
    def alpha(self):
        """Acceptance over off acceptance, a map, 0 where there is no off acceptance; None without acceptances."""
        if self.acceptance is None or self.acceptance_off is None:
            return None
        on, off = (
            np.asarray(getattr(self, key).data, dtype=float) for key in ("acceptance", "acceptance_off")
        )
        with np.errstate(invalid="ignore", divide="ignore"):
            alpha = on / off
        return Map.from_geom(self._geom, data=np.where(np.isfinite(alpha), alpha, 0.0))

    @property
    def background(self):
        """Alpha times off counts, a map, or None without off counts."""
        alpha, counts_off = self.alpha, self.counts_off
        if alpha is None or counts_off is None:
            return None
        return Map.from_geom(self._geom, data=alpha.data * np.asarray(counts_off.data, dtype=float))

    def npred_background(self):
        """Return the background in the on region that fits on and off counts best, given the models, a map."""
        return likelihood.npred_background(self)

    def npred_off(self):
        """Return the off counts that fit on and off counts best, given the models, a map."""
        background, alpha = self.npred_background().data, self.alpha.data
        data = np.divide(background, alpha, out=np.zeros_like(background), where=alpha > 0)
        return Map.from_geom(self._geom, data=data)

    fake = opens("geminga.datasets.fake:fake_on_off")
    _add_data = opens("geminga.datasets.stacking:add_on_off_data")
    info_dict = opens("geminga.datasets.summary:info_dict_on_off")
    to_map_dataset = opens("geminga.datasets.conversion:on_off_to_map_dataset")

    def pad(self, *args, **kwargs):
        """Refuse: the acceptance of an empty margin is not known."""
        raise NotImplementedError(
            f"pad must be called on a MapDataset, got {type(self).__name__}. Use to_map_dataset() first."
        )

    @classmethod
    def from_map_dataset(cls, dataset, acceptance, acceptance_off, counts_off=None, name=None):
        """Create from a dataset with an ordinary background.

        Parameters
        ----------
        dataset : `MapDataset`
        acceptance, acceptance_off : `~geminga.maps.Map` or float
            Relative sizes of the on and off exposure to background.
        counts_off : `~geminga.maps.Map`, optional
            By default the off counts that the background of the dataset stands for.
        name : str, optional
            By default a new name.
        """
        return conversion.on_off_from_map_dataset(cls, dataset, acceptance, acceptance_off, counts_off, name)


@DATASET_REGISTRY.register
class SpectrumDatasetOnOff(SpectrumMethods, MapDatasetOnOff):
    """Counts of an on and an off region, with exposure and energy dispersion, of one spectrum.

    Parameters are those of `MapDatasetOnOff`; all maps are `~geminga.maps.RegionNDMap`.
    """

    tag = "SpectrumDatasetOnOff"
    reads_lazily = False
    create = classmethod(SpectrumDataset.create.__func__)
    to_spectrum_dataset = opens("geminga.datasets.conversion:spectrum_from_on_off")

    @classmethod
    def from_spectrum_dataset(cls, dataset, acceptance, acceptance_off, counts_off=None, name=None):
        """Create from a spectrum with an ordinary background.

        Parameters
        ----------
        dataset : `SpectrumDataset`
        acceptance, acceptance_off : `~geminga.maps.RegionNDMap` or float
            Relative sizes of the on and off exposure to background.
        counts_off : `~geminga.maps.RegionNDMap`, optional
            By default the off counts that the background of the dataset stands for.
        name : str, optional
            By default a new name.
        """
        return cls.from_map_dataset(dataset, acceptance, acceptance_off, counts_off, name)

    @classmethod
    def read(cls, filename, format=None, checksum=False, name=None, **kwargs):
        """Read from a FITS file.

        Parameters
        ----------
        filename : str or path-like
            For OGIP the PHA file; the others are found through its keywords.
        format : {"gadf", "ogip", "ogip-sherpa"}, optional
            By default it is seen from the file.
        checksum : bool
            Verify the checksums in the file.
        name : str, optional
            By default that in the file.
        **kwargs : dict
            With "gadf": ``lazy`` and ``cache``.
        """
        from .io.ogip import guess_format

        format = guess_format(filename) if format is None else format
        return DATASET_FORMATS.read(filename, format, cls=cls, name=name, checksum=checksum, **kwargs)

    write = opens("geminga.datasets.io.ogip:write_spectrum_on_off")

    @classmethod
    def from_dict(cls, data, **kwargs):
        """Read the dataset that an entry of a list of datasets names.

        Parameters
        ----------
        data : dict
            With ``filename`` and, optionally, ``name``.
        **kwargs : dict
            Arguments of `read`.
        """
        kwargs = {key: value for key, value in kwargs.items() if value is not None}
        return cls.read(data["filename"], name=data.get("name"), **kwargs)

    def to_dict(self) -> dict:
        """Return name, type and file name, as in lists of datasets."""
        return {"name": self.name, "type": self.tag, "filename": f"pha_obs{self.name}.fits"}
