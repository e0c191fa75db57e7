"""Absorption of gamma rays by the extragalactic background light."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from geminga.errors import ModelError, UnknownNameError
from geminga.modeling.parameter import Parameter
from geminga.numerics.interpolation import ScaledRegularGridInterpolator
from geminga.units import ENERGY, to_quantity

from ..arrays import number, number_in
from ..base import parameters_from_dict
from ..registries import SPECTRAL_MODEL_REGISTRY
from .base import SpectralModel
from .binned import BoundSpectrum, energies_in_tev
from .tables import quantity_from_dict, quantity_to_dict, read_xspec_table
from .template import plain_options

__all__ = ["EBL_DATA_BUILTIN", "EBLAbsorptionNormSpectralModel"]

EBL_DATA_BUILTIN = {
    "franceschini": "$GAMMAPY_DATA/ebl/ebl_franceschini.fits.gz",
    "dominguez": "$GAMMAPY_DATA/ebl/ebl_dominguez11.fits.gz",
    "finke": "$GAMMAPY_DATA/ebl/frd_abs.fits.gz",
    "franceschini17": "$GAMMAPY_DATA/ebl/ebl_franceschini_2017.fits.gz",
    "saldana-lopez21": "$GAMMAPY_DATA/ebl/ebl_saldana-lopez_2021.fits.gz",
}
"""Files of the tables that come with the data, by author."""

_DEFAULT_INTERPOLATION = {"points_scale": ("lin", "log"), "values_scale": "log", "extrapolate": True}
_SMALLEST = np.finfo(float).tiny


@SPECTRAL_MODEL_REGISTRY.register
class EBLAbsorptionNormSpectralModel(SpectralModel):
    r"""Transmission through the extragalactic background light, :math:`\exp[-\alpha \tau(z, E)]`.

    The table holds :math:`e^{-\tau}`; it is interpolated linearly in redshift and logarithmically in energy
    and value, continued beyond its edges, and limited to [0, 1].

    Parameters
    ----------
    energy : `~astropy.units.Quantity`, shape (n_energy,)
        Energies of the table.
    param : array_like, shape (n_redshift,)
        Redshifts of the table.
    data : array_like, shape (n_redshift, n_energy)
        Transmission.
    redshift : float
        Redshift of the source, frozen.
    alpha_norm : float
        Factor on the optical depth, frozen.
    interp_kwargs : dict, optional
        Arguments of `~geminga.numerics.interpolation.ScaledRegularGridInterpolator`.

    References
    ----------
    .. [1] Domínguez et al. (2011), MNRAS 410, 2556 ("dominguez").
    .. [2] Franceschini, Rodighiero & Vaccari (2008), A&A 487, 837 ("franceschini").
    .. [3] Finke, Razzaque & Dermer (2010), ApJ 712, 238 ("finke").
    .. [4] Franceschini & Rodighiero (2017), A&A 603, A34 ("franceschini17").
    .. [5] Saldana-Lopez et al. (2021), MNRAS 507, 5144 ("saldana-lopez21").

    Examples
    --------
    >>> table = [[1.0, 0.5], [1.0, 0.25]]
    >>> model = EBLAbsorptionNormSpectralModel([0.1, 1] * u.TeV, [0.1, 0.2], table, redshift=0.2, alpha_norm=2)
    >>> model("1 TeV")
    <Quantity 0.0625>
    """

    tag = ["EBLAbsorptionNormSpectralModel", "ebl-norm"]
    array_evaluate = True
    redshift = Parameter("redshift", 0.1, frozen=True)
    alpha_norm = Parameter("alpha_norm", 1.0, frozen=True)

    def __init__(
        self,
        energy,
        param,
        data,
        redshift=redshift.quantity,
        alpha_norm=alpha_norm.quantity,
        interp_kwargs=None,
        **kwargs,
    ):
        self._energy = np.atleast_1d(to_quantity(energy, name="energy"))
        self._param = np.atleast_1d(np.asarray(number(param), dtype=float))
        self._data = np.array(number(data), dtype=float, ndmin=2)
        if self._data.shape != (len(self._param), len(self._energy)):
            raise ModelError(
                f"data of an absorption table must have shape {(len(self._param), len(self._energy))}, "
                f"got {self._data.shape}. Give a row for each redshift."
            )
        self._data.setflags(write=False)
        self._interp_kwargs = dict(interp_kwargs or {})
        self.filename = None
        self._interpolate = ScaledRegularGridInterpolator(
            (self._param, self._energy.to_value(ENERGY)),
            self._data,
            **(_DEFAULT_INTERPOLATION | self._interp_kwargs),
        )
        super().__init__(redshift=redshift, alpha_norm=alpha_norm, **kwargs)

    @property
    def energy(self):
        """Energies of the table."""
        return self._energy

    @property
    def param(self):
        """Redshifts of the table."""
        return self._param

    @property
    def data(self):
        """Transmission, dimensionless `~astropy.units.Quantity`, shape (n_redshift, n_energy)."""
        return u.Quantity(self._data)

    @property
    def interp_kwargs(self):
        """Arguments of the interpolation that differ from the defaults."""
        return dict(self._interp_kwargs)

    @property
    def is_norm_spectral_model(self) -> bool:
        """Always true."""
        return True

    def evaluate(self, energy, redshift, alpha_norm):
        """Return the transmission at energies."""
        energy = np.asarray(number_in(energy, ENERGY))
        transmission = self._interpolate((np.asarray(number(redshift), dtype=float), energy))
        return np.clip(transmission, 0.0, 1.0) ** number(alpha_norm)

    def on_points(self, energies):
        """Bind to energies; see `SpectralModel.on_points`."""
        energies = energies_in_tev(energies).ravel()
        if self._interp_kwargs or len(self._param) < 2:
            return super().on_points(energies)
        return TransmissionOnPoints(self, energies)

    @classmethod
    def read(cls, filename, redshift=0.1, alpha_norm=1, interp_kwargs=None):
        """Read an XSPEC table model with the transmission as a function of redshift.

        Parameters
        ----------
        filename : str or path-like
        redshift, alpha_norm, interp_kwargs
            See the class.
        """
        energy, param, data = read_xspec_table(filename)
        model = cls(energy, param, data, redshift, alpha_norm, interp_kwargs)
        model.filename = filename
        return model

    @classmethod
    def read_builtin(cls, reference="dominguez", redshift=0.1, alpha_norm=1, interp_kwargs=None):
        """Read one of the tables that come with the data.

        Parameters
        ----------
        reference : {"dominguez", "franceschini", "finke", "franceschini17", "saldana-lopez21"}
        redshift, alpha_norm, interp_kwargs
            See the class.
        """
        if reference not in EBL_DATA_BUILTIN:
            raise UnknownNameError("absorption table", reference, EBL_DATA_BUILTIN)
        return cls.read(EBL_DATA_BUILTIN[reference], redshift, alpha_norm, interp_kwargs)

    def to_dict(self, full_output=False) -> dict:
        """Return the model as a dictionary of plain YAML types, with the file name or the table."""
        data = super().to_dict(full_output)
        content = data["spectral"]
        if self.filename is None:
            content["energy"] = quantity_to_dict(self._energy)
            content["param"] = quantity_to_dict(self._param)
            content["values"] = quantity_to_dict(self._data)
        else:
            content["filename"] = str(self.filename)
        if self._interp_kwargs:
            content["interp_kwargs"] = plain_options(self._interp_kwargs)
        return data

    @classmethod
    def from_dict(cls, data, **kwargs):
        """Create from a dictionary in the form of `to_dict`; all settings of the parameters are kept."""
        data = cls._unwrap(data)
        parameters = parameters_from_dict(data.get("parameters", []), cls.default_parameters, cls.__name__)
        kwargs.setdefault("interp_kwargs", data.get("interp_kwargs"))
        kwargs |= {parameter.name: parameter for parameter in parameters}
        if data.get("filename"):
            return cls.read(data["filename"], **kwargs)
        tables = (quantity_from_dict(data, key) for key in ("energy", "param", "values"))
        return cls(*tables, **kwargs)


class TransmissionOnPoints(BoundSpectrum):
    """The transmission at fixed energies, from the table interpolated to these energies once."""

    def __init__(self, model, energies):
        self.parameters = tuple(dict.fromkeys((model.redshift, model.alpha_norm)))
        self.size = energies.size
        self.redshifts = model.param
        table = model._interpolate((model.param[:, np.newaxis], energies))
        self.log_table = np.log(np.maximum(table, _SMALLEST))

    def _transmission(self, redshift):
        """Return the transmission and its slope with redshift, shape (..., size)."""
        redshift = np.asarray(redshift, dtype=float)
        row = np.clip(np.searchsorted(self.redshifts, redshift, side="right") - 1, 0, len(self.redshifts) - 2)
        step = self.redshifts[row + 1] - self.redshifts[row]
        slope = (self.log_table[row + 1] - self.log_table[row]) / np.expand_dims(step, -1)
        logarithm = self.log_table[row] + slope * np.expand_dims(redshift - self.redshifts[row], -1)
        inside = logarithm < 0
        return np.exp(np.minimum(logarithm, 0.0)) * (logarithm > np.log(_SMALLEST)), slope * inside

    def evaluate(self, values):
        """Return the transmission, shape (size,)."""
        return self._transmission(values[0])[0] ** values[1]

    def evaluate_many(self, values):
        """Return the transmission for many sets of parameters, shape (n_draws, size)."""
        values = np.asarray(values, dtype=float)
        return self._transmission(values[:, 0])[0] ** values[:, 1:2]

    def _declared_rows(self, values):
        transmission, slope = self._transmission(values[0])
        power = transmission ** values[1]
        logarithm = np.log(np.where(transmission > 0, transmission, 1.0))
        return {0: values[1] * power * slope, 1: power * logarithm}
