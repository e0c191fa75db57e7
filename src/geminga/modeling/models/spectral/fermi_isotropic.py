"""The isotropic diffuse emission in the files of the Fermi-LAT collaboration."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from geminga.errors import FormatError
from geminga.files import make_path

from .power_law import PowerLawNormSpectralModel
from .template import TemplateSpectralModel

__all__ = ["create_fermi_isotropic_diffuse_model"]


def create_fermi_isotropic_diffuse_model(filename, datasets_names=None, **kwargs):
    """Read the isotropic diffuse spectrum and make a source of it.

    Parameters
    ----------
    filename : str or path-like
        Text file with the columns energy (MeV), flux (MeV-1 cm-2 s-1 sr-1) and, optionally, its error.
    datasets_names : list of str, optional
        Datasets for which the model is meant.
    **kwargs : dict
        Arguments of `TemplateSpectralModel`, such as ``interp_kwargs``.

    Returns
    -------
    `~geminga.modeling.models.SkyModel`
        Named ``fermi-diffuse-iso``: the tabulated spectrum times a norm, the same everywhere, without PSF and
        energy dispersion.
    """
    from ..sky_model import SkyModel
    from ..spatial.constant import ConstantSpatialModel

    path = make_path(filename)
    if not path.exists():
        raise FormatError("the file must exist. Check the path.", path=path)
    try:
        columns = np.loadtxt(path, ndmin=2)
    except ValueError as error:
        raise FormatError(f"the file must be columns of numbers, got: {error}.", path=path) from error
    if columns.shape[1] < 2:
        raise FormatError(f"the file must have two columns, got {columns.shape[1]}.", path=path)
    template = TemplateSpectralModel(
        u.Quantity(columns[:, 0], "MeV"), u.Quantity(columns[:, 1], "MeV-1 cm-2 s-1"), **kwargs
    )
    return SkyModel(
        spectral_model=template * PowerLawNormSpectralModel(),
        spatial_model=ConstantSpatialModel(),
        name="fermi-diffuse-iso",
        datasets_names=datasets_names,
        apply_irf={"psf": False, "exposure": True, "edisp": False},
    )
