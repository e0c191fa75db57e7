"""Fermi-LAT data as fermipy leaves them: counts cube, exposure, PSF, energy dispersion and time intervals."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
from astropy import units as u

from ...errors import FormatError
from ...files import make_path, open_fits, read_yaml

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
        Bins of reconstructed energy to be left out on each side.
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
            Bins of reconstructed energy to be left out on each side, into which events from outside the range of
            true energy would migrate.
        name : str, optional
            By default that of the isotropic spectrum, else a new one.
        gti_file : str or path-like, optional
            Events with good time intervals.

        Returns
        -------
        `~geminga.datasets.MapDataset`
        """
        from ...irf import EDispKernel, EDispKernelMap
        from ...maps import Map, MapAxis
        from ..geometries import empty_map
        from ..map import MapDataset

        counts = Map.read(make_path(counts_file))
        edges, matrix = _read_matrix(make_path(edisp_file))
        energy_true = MapAxis.from_energy_edges(edges, name="energy_true")
        energy = MapAxis.from_energy_edges(counts.geom.axes["energy"].edges.to("MeV"), name="energy")
        if matrix.shape != (energy_true.nbin, energy.nbin):
            raise FormatError(
                f"the matrix must have a column for each of {energy.nbin} bins of the counts, got {matrix.shape[1]}. "
                "Make both with the same binning.",
                path=edisp_file,
                hdu="DRM",
            )
        bins = slice(edisp_bins, energy.nbin - edisp_bins)
        energy = energy.slice(bins)
        image = counts.geom.to_image()
        geom = image.to_cube([energy])
        exposure = _at_energies(Map.read(make_path(exposure_file)), image.to_cube([energy_true]))
        psf = _read_psf(psf_file, energy_true)
        edisp = EDispKernelMap.from_edisp_kernel(
            EDispKernel(axes=[energy_true, energy], data=matrix[:, bins])
        )
        edisp.exposure_map = Map.from_geom(
            edisp.exposure_map.geom,
            data=psf.exposure_map.data.reshape(-1, 1, 1, 1),
            unit=psf.exposure_map.unit,
        )
        if name is None and isotropic_file is not None:
            name = Path(isotropic_file).stem.removeprefix("iso_")
        dataset = MapDataset(
            counts=Map.from_geom(geom, data=counts.data[bins]),
            background=empty_map(geom, dtype="float64"),
            exposure=exposure,
            psf=psf,
            edisp=edisp,
            mask_safe=Map.from_geom(geom, data=np.ones(geom.data_shape, dtype=bool)),
            name=name,
        )
        if gti_file is not None:
            from ...data import GTI

            dataset.gti = GTI.read(make_path(gti_file))
        if isotropic_file is not None:
            from ...modeling.models import create_fermi_isotropic_diffuse_model

            model = create_fermi_isotropic_diffuse_model(
                filename=make_path(isotropic_file), datasets_names=[dataset.name]
            )
            dataset.models = [model.copy(name=f"isotropic_{dataset.name}")]
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
                    name=None if isotropic else _component_name(component or {}, number),
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


def _read_matrix(path) -> tuple[u.Quantity, np.ndarray]:
    """Return edges of true energy and the response matrix; the Fermi tools leave units and EBOUNDS out."""
    with open_fits(path) as hdulist:
        if "DRM" not in {hdu.name for hdu in hdulist}:
            raise FormatError("the file must have an HDU DRM. Name the response matrix of gtdrm.", path=path)
        hdu = hdulist["DRM"]
        unit = u.Unit(hdu.columns["ENERG_LO"].unit or "MeV")
        low, high = hdu.data["ENERG_LO"], hdu.data["ENERG_HI"]
        first = int(hdu.header.get("TLMIN4", 1))
        matrix = np.zeros((len(hdu.data), int(hdu.header["DETCHANS"])))
        for row, entry in enumerate(hdu.data):
            values, start = np.asarray(entry["MATRIX"], dtype=float), 0
            groups = zip(np.atleast_1d(entry["F_CHAN"]), np.atleast_1d(entry["N_CHAN"]), strict=True)
            for channel, number in groups:
                column = int(channel) - first
                matrix[row, column : column + int(number)] = values[start : start + int(number)]
                start += int(number)
    return np.append(low, high[-1]) * unit, matrix


def _at_energies(map_, geom):
    """Return a map given at energies, interpolated to the pixels and bin centres of a geometry."""
    from ...maps import Map

    data = map_.interp_by_coord(geom.get_coord(), method="linear")
    return Map.from_geom(geom, data=np.asarray(data), unit=map_.unit)


def _read_psf(path, energy_true):
    """Return the PSF of a table of the Fermi tools at the centres of true-energy bins."""
    from ...irf import PSFMap

    table = PSFMap.read(make_path(path), format="gtpsf")
    axes = table.psf_map.geom.axes
    geom = table.psf_map.geom.to_image().to_cube([axes["rad"], energy_true])
    psf, exposure = (
        _along_energy(map_, axes["energy_true"], energy_true, target)
        for map_, target in ((table.psf_map, geom), (table.exposure_map, geom.squash("rad")))
    )
    return PSFMap(psf, exposure)


def _along_energy(map_, given, wanted, geom):
    """Return a map interpolated linearly in the logarithm of the energy, its first data axis."""
    from ...maps import Map

    x, nodes = np.log(wanted.center.to_value("MeV")), np.log(given.center.to_value("MeV"))
    high = np.clip(np.searchsorted(nodes, x), 1, len(nodes) - 1)
    share = ((x - nodes[high - 1]) / (nodes[high] - nodes[high - 1])).reshape(-1, *[1] * (map_.data.ndim - 1))
    data = map_.data[high - 1] * (1 - share) + map_.data[high] * share
    return Map.from_geom(geom, data=data.reshape(geom.data_shape), unit=map_.unit)
