"""Read every models file of the folder."""

from pathlib import Path

import astropy.units as u
import numpy as np
from summary import item, numbers, report, unit

from geminga.modeling.models import Models

for path in sorted(Path().glob("*.yaml")):

    @item(path.stem)
    def _(path=path):
        models = Models.read(path)
        result = {"names": models.names}
        result["free"] = len(models.parameters.free_parameters)
        result["unique"] = len(models.parameters.unique_parameters)
        for model in models:
            entry = result[model.name] = {"datasets": model.datasets_names}
            # The peer forgets the covariance between the parts of models when it reads them.
            entry["variance"] = numbers(np.diag(model.covariance.data))
            if hasattr(model, "apply_irf"):
                entry["apply_irf"] = dict(model.apply_irf)
            for p in model.parameters:
                prior = getattr(p, "prior", None)
                entry[p.name] = [
                    p.value,
                    unit(p.unit),
                    p.min,
                    p.max,
                    bool(p.frozen),
                    p.error,
                    type(prior).__name__,
                ]
                if prior is not None:
                    entry[p.name].append([q.value for q in prior.parameters])
            spectral = getattr(model, "spectral_model", None)
            if spectral is not None and "Norm" not in type(spectral).__name__:
                entry["dnde"] = numbers(spectral(np.geomspace(0.1, 30, 7) * u.TeV))
        return result


report()
