"""A spectrum of the Crab nebula from four runs of H.E.S.S., as a user writes it."""

import json

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord
from regions import CircleSkyRegion

from geminga.data import DataStore
from geminga.datasets import Datasets, FluxPointsDataset, SpectrumDataset
from geminga.estimators import FluxPointsEstimator, LightCurveEstimator
from geminga.makers import ReflectedRegionsBackgroundMaker, SafeMaskMaker, SpectrumDatasetMaker
from geminga.maps import MapAxis, RegionGeom, WcsGeom
from geminga.modeling import Fit
from geminga.modeling.models import LogParabolaSpectralModel, SkyModel

position = SkyCoord(83.63, 22.01, unit="deg")
store = DataStore.from_dir("$GAMMAPY_DATA/hess-dl3-dr1")
observations = store.get_observations([23523, 23526, 23559, 23592], required_irf=["aeff", "edisp"])
energy = MapAxis.from_energy_bounds("0.2 TeV", "40 TeV", 8, per_decade=True, name="energy")
energy_true = MapAxis.from_energy_bounds("0.05 TeV", "100 TeV", 16, per_decade=True, name="energy_true")
geom = RegionGeom.create(CircleSkyRegion(position, 0.12 * u.deg), axes=[energy])
exclusion = ~WcsGeom.create(skydir=position, width="8 deg", binsz=0.05, proj="TAN").region_mask(
    [CircleSkyRegion(SkyCoord(183.604, -8.708, unit="deg", frame="galactic"), 0.5 * u.deg)]
)
empty = SpectrumDataset.create(geom=geom, energy_axis_true=energy_true)
maker = SpectrumDatasetMaker(selection=["counts", "exposure", "edisp"])
off_maker = ReflectedRegionsBackgroundMaker(exclusion_mask=exclusion)
safe_maker = SafeMaskMaker(methods=["aeff-max"], aeff_percent=10)
datasets = Datasets()
for obs in observations:
    dataset = maker.run(empty.copy(name=f"obs-{obs.obs_id}"), obs)
    datasets.append(safe_maker.run(off_maker.run(dataset, obs), obs))

info = datasets.info_table(cumulative=True)
stacked = datasets.stack_reduce(name="stacked")
stacked.models = [
    SkyModel(
        LogParabolaSpectralModel(amplitude="3e-11 cm-2 s-1 TeV-1", reference="1 TeV", alpha=2.4, beta=0.1),
        name="crab",
    )
]
fit = Fit()
result = fit.run([stacked])
model = stacked.models["crab"].spectral_model
points = FluxPointsEstimator(
    energy_edges=np.geomspace(0.7, 20, 6) * u.TeV, source="crab", selection_optional=["ul"]
).run([stacked])
table = points.to_table(sed_type="e2dnde")
points_dataset = FluxPointsDataset(data=points, models=stacked.models)
datasets.models = stacked.models
curve = LightCurveEstimator(energy_edges=[1, 10] * u.TeV, source="crab").run(datasets)
print(  # noqa: T201
    json.dumps(
        {
            "counts": [int(d.counts.data.sum()) for d in datasets],
            "counts_off": [int(d.counts_off.data.sum()) for d in datasets],
            "excess": float(info["excess"][-1]),
            "significance": float(info["sqrt_ts"][-1]),
            "livetime": float(info["livetime"].quantity[-1].to_value("s")),
            "stat": float(result.total_stat),
            "success": bool(result.success),
            "values": [p.value for p in model.parameters],
            "errors": [p.error for p in model.parameters.free_parameters],
            "integral": model.integral(1 * u.TeV, 10 * u.TeV).to_value("cm-2 s-1"),
            "e2dnde": [float(v) for v in table["e2dnde"].quantity.to_value("erg cm-2 s-1")],
            "e2dnde_err": [float(v) for v in table["e2dnde_err"].quantity.to_value("erg cm-2 s-1")],
            "e2dnde_ul": [float(v) for v in table["e2dnde_ul"].quantity.to_value("erg cm-2 s-1")],
            "points_stat": float(points_dataset.stat_sum()),
            "curve": [float(v) for v in curve.flux.quantity.to_value("cm-2 s-1").ravel()],
        }
    )
)
