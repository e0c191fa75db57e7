"""Spectra: datasets of one region."""

from __future__ import annotations

from ..doors import drawn_by
from .map import MapDataset
from .registry import DATASET_REGISTRY

__all__ = ["SpectrumDataset", "SpectrumMethods"]


class SpectrumMethods:
    """What datasets of one region have, and what they cannot do."""

    plot_fit = drawn_by("geminga.visualization.datasets:plot_fit")
    plot_counts = drawn_by("geminga.visualization.datasets:plot_counts")
    plot_excess = drawn_by("geminga.visualization.datasets:plot_excess")
    plot_masks = drawn_by("geminga.visualization.datasets:plot_masks")
    peek = drawn_by("geminga.visualization.datasets:peek_spectrum_dataset")

    def cutout(self, *args, **kwargs):
        """Refuse: a region has no smaller part."""
        raise NotImplementedError(_not_for_spectra(self, "cutout"))

    def plot_residuals_spatial(self, *args, **kwargs):
        """Refuse: a region is no image."""
        raise NotImplementedError(_not_for_spectra(self, "plot_residuals_spatial"))


def _not_for_spectra(dataset, method: str) -> str:
    return f"{method} must be called on a map dataset, got {type(dataset).__name__}. Use the dataset it was made of."


@DATASET_REGISTRY.register
class SpectrumDataset(SpectrumMethods, MapDataset):
    """Counts, background, exposure and energy dispersion of one region.

    Parameters are those of `MapDataset`; all maps are `~geminga.maps.RegionNDMap`.

    Examples
    --------
    >>> from geminga.maps import MapAxis, RegionGeom
    >>> axis = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=4)
    >>> geom = RegionGeom.create("icrs;circle(83.63, 22.01, 0.1)", axes=[axis])
    >>> dataset = SpectrumDataset.create(geom, name="crab")
    >>> dataset.name, dataset.data_shape, dataset.exposure.unit.to_string()
    ('crab', (4, 1, 1), 'm2 s')
    """

    tag = "SpectrumDataset"

    @classmethod
    def create(
        cls,
        geom,
        energy_axis_true=None,
        migra_axis=None,
        reference_time="2000-01-01",
        name=None,
        meta_table=None,
        **kwargs,
    ):
        """Create a spectrum of zeros, with nothing safe and without PSF.

        Parameters
        ----------
        geom : `~geminga.maps.RegionGeom`
            Of the counts, with an axis ``energy``.
        energy_axis_true : `~geminga.maps.MapAxis`, optional
            By default that of reconstructed energy.
        migra_axis : `~geminga.maps.MapAxis`, optional
            With it the energy dispersion is a function of migra; otherwise a matrix on the energy axis.
        reference_time : str or `~astropy.time.Time`
        name : str, optional
        meta_table : `~astropy.table.Table`, optional
        **kwargs : dict
            Further arguments of the class.
        """
        from .geometries import create_map_dataset_geoms

        geoms = create_map_dataset_geoms(geom, energy_axis_true, migra_axis)
        geoms["geom_psf"] = None
        return cls.from_geoms(
            **geoms, reference_time=reference_time, name=name, **kwargs, meta_table=meta_table
        )

    def to_spectrum_dataset(self, *args, **kwargs):
        """Refuse: this is a spectrum."""
        raise NotImplementedError(_not_for_spectra(self, "to_spectrum_dataset"))
