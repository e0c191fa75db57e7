"""What a fit found."""

from __future__ import annotations

import html

from ...errors import FitError

__all__ = ["CovarianceResult", "FitResult", "FitStepResult", "OptimizeResult"]


class FitStepResult:
    """How a step of a fit ended.

    Parameters
    ----------
    backend, method : str
        What was used.
    success : bool
    message : str
        What happened, and where it failed, what helps.
    """

    def __init__(self, backend, method, success, message):
        self._backend, self._method, self._success, self._message = backend, method, bool(success), message

    @property
    def backend(self) -> str:
        """Package that was used."""
        return self._backend

    @property
    def method(self) -> str:
        """Method that was used."""
        return self._method

    @property
    def success(self) -> bool:
        """Whether the step ended well."""
        return self._success

    @property
    def message(self) -> str:
        """What happened."""
        return self._message

    def to_dict(self) -> dict:
        """Return the outcome as a dictionary of plain YAML types."""
        return {type(self).__name__: self._entries()}

    def _entries(self) -> dict:
        keys = ("backend", "method", "success", "message")
        return {key: getattr(self, key) for key in keys}

    def __str__(self) -> str:
        lines = [type(self).__name__, ""]
        for key, value in self._entries().items():
            text = f"{value:.2f}" if isinstance(value, float) else str(value)
            lines.append(f"\t{key.replace('_', ' '):<10} : {text}")
        return "\n".join(lines) + "\n"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self._entries().items())})"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"


class OptimizeResult(FitStepResult):
    """The minimum that was found.

    Parameters
    ----------
    models : `~geminga.modeling.models.DatasetModels`
        Models at the minimum.
    nfev : int
        Evaluations of the statistic, with or without derivatives.
    total_stat : float
        Statistic at the minimum.
    trace : `~astropy.table.Table`
        Statistic and parameter values of each evaluation, if asked for.
    minuit : `~iminuit.Minuit`, optional
    parameters : `~geminga.modeling.Parameters`, optional
        Parameters at the minimum; by default those of the models.
    at_limit : list of str
        Names of parameters at a limit beyond which the statistic falls.
    **kwargs : dict
        Arguments of `FitStepResult`.
    """

    def __init__(self, models, nfev, total_stat, trace, minuit=None, parameters=None, at_limit=(), **kwargs):
        self._models, self._nfev, self._total_stat = models, int(nfev), float(total_stat)
        self._trace, self._minuit, self._parameters = trace, minuit, parameters
        self.at_limit = list(at_limit)
        super().__init__(**kwargs)

    @property
    def models(self):
        """Copies of the models, as they are at the minimum."""
        return self._models

    @property
    def parameters(self):
        """Parameters of the copied models."""
        return self._models.parameters if self._parameters is None else self._parameters

    @property
    def nfev(self) -> int:
        """Number of evaluations of the statistic."""
        return self._nfev

    @property
    def total_stat(self) -> float:
        """Statistic at the minimum."""
        return self._total_stat

    @property
    def trace(self):
        """Statistic and parameter values of each evaluation, a `~astropy.table.Table`; empty unless asked for."""
        return self._trace

    @property
    def minuit(self):
        """The `~iminuit.Minuit` object at the minimum, or None."""
        return self._minuit

    def _entries(self) -> dict:
        return {**super()._entries(), "nfev": self.nfev, "total_stat": self.total_stat}


class CovarianceResult(FitStepResult):
    """The covariance that was found.

    Parameters
    ----------
    matrix : ndarray, shape (n_parameters, n_parameters), optional
        In units of the parameters; rows of frozen parameters are zero.
    **kwargs : dict
        Arguments of `FitStepResult`.
    """

    def __init__(self, matrix=None, **kwargs):
        self._matrix = matrix
        super().__init__(**kwargs)

    @property
    def matrix(self):
        """Covariance of all parameters, ndarray of shape (n_parameters, n_parameters)."""
        return self._matrix


class FitResult:
    """Minimum and covariance.

    Parameters
    ----------
    optimize_result : `OptimizeResult`, optional
    covariance_result : `CovarianceResult`, optional
    """

    def __init__(self, optimize_result=None, covariance_result=None):
        self._optimize_result, self._covariance_result = optimize_result, covariance_result

    @property
    def optimize_result(self) -> OptimizeResult | None:
        """The minimum."""
        return self._optimize_result

    @property
    def covariance_result(self) -> CovarianceResult | None:
        """The covariance."""
        return self._covariance_result

    def _of_optimization(self, name: str):
        if self._optimize_result is None:
            raise FitError(f"fit result must hold a minimum to give its {name}, got none. Run the fit.")
        return getattr(self._optimize_result, name)

    @property
    def backend(self) -> str:
        """Package that found the minimum."""
        return self._of_optimization("backend")

    @property
    def method(self) -> str:
        """Method that found the minimum."""
        return self._of_optimization("method")

    @property
    def message(self) -> str:
        """What happened; the first step that failed has its say."""
        covariance = self._covariance_result
        if self._of_optimization("success") and covariance is not None and not covariance.success:
            return covariance.message
        return self._of_optimization("message")

    @property
    def success(self) -> bool:
        """Whether all steps ended well."""
        steps = (self._optimize_result, self._covariance_result)
        return all(step.success for step in steps if step is not None)

    @property
    def minuit(self):
        """The `~iminuit.Minuit` object at the minimum, or None."""
        return self._of_optimization("minuit")

    @property
    def models(self):
        """Copies of the models, as they are at the minimum."""
        return self._of_optimization("models")

    @property
    def parameters(self):
        """Parameters of the copied models."""
        return self._of_optimization("parameters")

    @property
    def nfev(self) -> int:
        """Number of evaluations of the statistic."""
        return self._of_optimization("nfev")

    @property
    def total_stat(self) -> float:
        """Statistic at the minimum."""
        return self._of_optimization("total_stat")

    @property
    def trace(self):
        """Statistic and parameter values of each evaluation; empty unless asked for."""
        return self._of_optimization("trace")

    def write(
        self,
        path,
        overwrite=False,
        full_output=True,
        overwrite_templates=False,
        write_covariance=True,
        checksum=False,
    ) -> None:
        """Write the outcome and the models to a YAML file, and the covariance beside it.

        Parameters
        ----------
        path : str or path-like
        overwrite : bool
            Replace existing files.
        full_output : bool
            Include entries that equal the defaults.
        overwrite_templates : bool
            Replace existing files of template maps.
        write_covariance : bool
            Write the covariance.
        checksum : bool
            Add a checksum of the text.
        """
        from ...files import make_path
        from ..models.io.yaml import write_document

        head: dict = {}
        for step in (self._optimize_result, self._covariance_result):
            if step is not None:
                head.update(step.to_dict())
        write_document(
            self.models,
            make_path(path),
            head=head,
            overwrite=overwrite,
            full_output=full_output,
            overwrite_templates=overwrite_templates,
            covariance=write_covariance,
            checksum=checksum,
        )

    def __str__(self) -> str:
        return "\n".join(str(s) for s in (self._optimize_result, self._covariance_result) if s is not None)

    def __repr__(self) -> str:
        return f"FitResult(optimize_result={self._optimize_result!r}, covariance_result={self._covariance_result!r})"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"
