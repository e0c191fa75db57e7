"""Fermi-LAT data as fermipy leaves them: counts cube, exposure, PSF, energy dispersion and time intervals."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
from astropy import units as u

from ...errors import FormatError
from ...files import make_path, read_yaml

__all__ = ["FermipyDatasetsReader"]

log = logging.getLogger(__name__)


class FermipyDatasetsReader:
    """Reader of the components of a fermipy analysis.

    Parameters
    ----------
    filename : str or path-like
        YAML configuration; the products ``ccube_00.fits``, ``bexpmap_00.fits``, ``psf_00.fits``, ``drm_00.fits`` and
        ``ft1_00.fits`` of the components 00, 01, ... lie beside it or in its ``fileio`` folder.
    edisp_bins : int
        Bins of true energy to be added on each side, for the energy dispersion.
    """

    tag = "fermipy"

    def __init__(self, filename, edisp_bins=0):
        self.filename = make_path(filename)
        self.edisp_bins = edisp_bins

    @classmethod
    def create_dataset(
        cls,
        counts_file,
        exposure_file,
        psf_file,
        edisp_file,
        isotropic_file=None,
        edisp_bins=0,
        name=None,
        gti_file=None,
    ):
        """Create the dataset of one component.

        Parameters
        ----------
        counts_file, exposure_file, psf_file, edisp_file : str or path-like
            Counts cube, exposure at energies, PSF table and response matrix.
        isotropic_file : str or path-like, optional
            Spectrum of the isotropic diffuse emission, which becomes a model of the dataset.
        edisp_bins : int
            Bins of true energy to be added on each side.
        name : str, optional
        gti_file : str or path-like, optional
            Events with good time intervals.

        Returns
        -------
        `~geminga.datasets.MapDataset`
        """
        from ...irf import EDispKernel, EDispKernelMap, PSFMap
        from ...maps import Map, MapAxis
        from ..map import MapDataset

        counts = Map.read(make_path(counts_file))
        exposure = Map.read(make_path(exposure_file))
        psf = PSFMap.read(make_path(psf_file), format="gtpsf")
        kernel = EDispKernel.read(make_path(edisp_file), hdu1="DRM")
        energy = counts.geom.axes["energy"]
        energy_true = kernel.axes["energy_true"]
        if edisp_bins:
            step = np.mean(np.diff(np.log(energy.edges.value)))
            inner = energy.edges
            low = inner[0] * np.exp(-step * np.arange(edisp_bins, 0, -1))
            high = inner[-1] * np.exp(step * np.arange(1, edisp_bins + 1))
            edges = u.Quantity([*low.value, *inner.value, *high.value], inner.unit)
            wanted = MapAxis.from_energy_edges(edges, name="energy_true")
        else:
            wanted = MapAxis.from_energy_edges(energy.edges, name="energy_true")
        geom = counts.geom.to_image().to_cube([wanted])
        kernel = _on_axes(kernel, wanted, energy, energy_true)
        exposure_map = Map.from_geom(
            geom, data=exposure.interp_by_coord(geom.get_coord(), method="linear"), unit=exposure.unit
        )
        dataset = MapDataset(
            counts=counts,
            exposure=exposure_map,
            psf=psf,
            edisp=EDispKernelMap.from_edisp_kernel(kernel),
            mask_safe=Map.from_geom(counts.geom, data=np.ones(counts.geom.data_shape, dtype=bool)),
            name=name,
        )
        if gti_file is not None:
            from ...data import GTI

            dataset.gti = GTI.read(make_path(gti_file))
        if isotropic_file is not None:
            from ...modeling.models import Models, create_fermi_isotropic_diffuse_model

            model = create_fermi_isotropic_diffuse_model(
                filename=make_path(isotropic_file), datasets_names=[dataset.name]
            )
            dataset.models = Models([model])
        return dataset

    def _file(self, folder: Path, stem: str, number: int) -> Path:
        for name in (f"{stem}_{number:02d}.fits", f"{stem}_{number:02d}.fits.gz"):
            for place in (folder, self.filename.parent):
                if (place / name).exists():
                    return place / name
        raise FormatError(f"the products of component {number:02d} must exist. Run fermipy, or copy them.",
                          path=folder / f"{stem}_{number:02d}.fits")  # fmt: skip

    def read(self):
        """Read all components.

        Returns
        -------
        `~geminga.datasets.Datasets`
        """
        from ..datasets import Datasets

        config = read_yaml(self.filename)
        if not isinstance(config, dict):
            raise FormatError("the file must be a fermipy configuration.", path=self.filename)
        folder = self.filename.parent / str((config.get("fileio") or {}).get("outdir") or "")
        components = config.get("components") or [{}]
        datasets = []
        for number, component in enumerate(components):
            isotropic = _isotropic_file(
                {**config.get("model", {}), **(component or {}).get("model", {})}, folder
            )
            files = {
                f"{key}_file": self._file(folder, stem, number)
                for key, stem in (
                    ("counts", "ccube"),
                    ("exposure", "bexpmap"),
                    ("psf", "psf"),
                    ("edisp", "drm"),
                )
            }
            try:
                gti_file = self._file(folder, "ft1", number)
            except FormatError:
                log.info("Component %02d has no event file; its time intervals are not known.", number)
                gti_file = None
            datasets.append(
                self.create_dataset(
                    **files,
                    isotropic_file=isotropic,
                    edisp_bins=self.edisp_bins,
                    name=_component_name(component or {}, number),
                    gti_file=gti_file,
                )
            )
        return Datasets(datasets)


def _component_name(component, number) -> str:
    selection = component.get("selection") or {}
    return f"{selection['evtype']}_{number:02d}" if "evtype" in selection else f"component_{number:02d}"


def _isotropic_file(model, folder) -> Path | None:
    """Return the first isotropic template that is on disk."""
    names = model.get("isodiff") or []
    for name in [names] if isinstance(names, str) else names:
        for path in (make_path(name), folder / Path(name).name):
            if path.exists():
                return path
    return None


def _on_axes(kernel, energy_true, energy, given):
    """Return an energy matrix on other axes of true energy, by interpolation of its rows."""
    from ...irf import EDispKernel

    centres = np.log(given.center.to_value("TeV"))
    wanted = np.log(energy_true.center.to_value("TeV"))
    rows = np.asarray(kernel.pdf_matrix, dtype=float)
    data = np.column_stack([np.interp(wanted, centres, column, left=0, right=0) for column in rows.T])
    return EDispKernel(axes=[energy_true, energy], data=data)
