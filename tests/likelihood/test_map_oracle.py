"""The likelihood of maps against a slow, dense, obvious one.

The oracle knows no windows, no transforms, no sparse bins and no derivatives: it integrates every source on every
pixel, convolves by direct sums, multiplies, sums over all bins in float64, and differs the whole to get a gradient.
What it shares with the engine are conventions: responses are those at the position of a source when it is bound,
exposure is applied after the PSF, pixels are divided 1.5 times finer than a model asks for, a point is shared among
four pixels as if it were a square of a fifth of a pixel.
"""

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.time import Time

from geminga.data import GTI
from geminga.datasets import Datasets, MapDataset
from geminga.irf import EDispKernelMap, PSFMap
from geminga.likelihood import bind
from geminga.maps import Map, MapAxis, MapCoord, RegionGeom, WcsGeom
from geminga.modeling.models import (
    ConstantSpatialModel,
    DiskSpatialModel,
    ExpCutoffPowerLawSpectralModel,
    ExpDecayTemporalModel,
    FoVBackgroundModel,
    GaussianSpatialModel,
    LogParabolaSpectralModel,
    PiecewiseNormSpatialModel,
    PointSpatialModel,
    PowerLawNormSpectralModel,
    PowerLawSpectralModel,
    ShellSpatialModel,
    SkyModel,
    TemplateNPredModel,
    TemplateSpatialModel,
)

#: Relative agreement of the statistic; of its derivatives in units of the statistical error.
TOLERANCE = 1e-9
GRADIENT_TOLERANCE = 1e-5
#: Derivatives in places and sizes are differences of the image in the engine, with a step of 0.002 deg or 0.5 %.
SPATIAL_TOLERANCE = 5e-3


# ---------------------------------------------------------------------- the oracle


class Oracle:
    """Dense likelihood of map datasets, bound to responses at the present positions of the models."""

    def __init__(self, datasets, models):
        self.datasets, self.models = list(datasets), list(models)
        self.responses = {
            (d.name, m.name): Response(d, m)
            for d in self.datasets
            for m in self.models
            if isinstance(m, SkyModel) and applies(m, d)
        }

    def stat(self):
        return sum(self.dataset_stat(dataset) for dataset in self.datasets)

    def dataset_stat(self, dataset):
        mu, counts = self.prediction(dataset), dataset.counts.data
        mask = np.ones(mu.shape, dtype=bool)
        for part in (dataset.mask_safe, dataset.mask_fit):
            if part is not None:
                mask &= part.data
        total = 0.0
        for n, m in zip(counts[mask], mu[mask], strict=True):
            total += 2 * (m - (n * np.log(max(m, 1e-25)) if n > 0 else 0.0))
        return total

    def prediction(self, dataset):
        total = np.zeros(dataset.counts.data.shape)
        has_background = False
        for model in self.models:
            if not applies(model, dataset):
                continue
            if isinstance(model, FoVBackgroundModel):
                has_background = True
                total += background(dataset, model)
            elif isinstance(model, TemplateNPredModel):
                total += norms(dataset, model)[:, None, None] * model.map.data
            else:
                total += self.responses[dataset.name, model.name].counts()
        if not has_background:
            total += dataset.background.data
        return total

    def slope(self, parameter, step):
        """Return the derivative in one parameter, by central differences of fourth order."""
        value, ends = parameter.value, []
        for number in (-2, -1, 1, 2):
            parameter.value = value + number * step
            ends.append(self.stat())
        parameter.value = value
        return (ends[0] - 8 * ends[1] + 8 * ends[2] - ends[3]) / (12 * step)


class Response:
    """One source in one dataset, convolved and dispersed in the open."""

    def __init__(self, dataset, model):
        self.dataset, self.model = dataset, model
        self.geom = dataset.exposure.geom
        self.energies = self.geom.axes["energy_true"].edges
        position = model.spatial_model.position
        self.kernel = None
        if model.apply_irf["psf"]:
            self.kernel = dataset.psf.get_psf_kernel(self.geom, position=position).psf_kernel_map.data
        self.matrix = dataset.edisp.get_edisp_kernel(position=position).pdf_matrix
        self.exposure = dataset.exposure.quantity.to_value("cm2 s")
        self.divide(sub_pixels(model.spatial_model, self.geom))

    def divide(self, parts):
        """Divide pixels into so many squared parts."""
        self.positions = positions(self.geom, parts, self.model.spatial_model.frame)

    def counts(self):
        spatial, spectral = self.model.spatial_model, self.model.spectral_model
        image = image_of(spatial, self.geom, self.positions)
        flux = spectral.integral(self.energies[:-1], self.energies[1:]).to_value("cm-2 s-1")
        flux = flux * average_in_time(self.model.temporal_model, self.dataset.gti)
        result = np.zeros(self.dataset.counts.data.shape)
        for i in range(len(flux)):
            plane = image if image.ndim == 2 else image[i]
            if self.kernel is not None:
                plane = convolved(plane, self.kernel[i])
            plane = plane * flux[i] * self.exposure[i]
            for j in range(len(result)):
                result[j] += plane * self.matrix[i, j]
        return result


def applies(model, dataset):
    return model.datasets_names is None or dataset.name in model.datasets_names


def sub_pixels(spatial, geom):
    size = spatial.evaluation_bin_size_min
    if size is None or size.value == 0:
        return 1
    return int(np.ceil(1.5 * geom.pixel_scales.max().to_value("deg") / size.to_value("deg")))


def positions(geom, parts, frame):
    """Return longitudes and latitudes of each part of all pixels."""
    n_lat, n_lon = geom.data_shape[-2:]
    result = []
    for row in range(parts):
        for column in range(parts):
            x = np.arange(n_lon) + (column + 0.5) / parts - 0.5
            y = np.arange(n_lat) + (row + 0.5) / parts - 0.5
            sky = SkyCoord.from_pixel(*np.meshgrid(x, y), geom.wcs, origin=0).transform_to(frame)
            result.append((sky.data.lon, sky.data.lat))
    return result


def image_of(spatial, geom, positions):
    """Integrate on each pixel: the mean density of its parts times its solid angle."""
    if isinstance(spatial, PointSpatialModel):
        return point_image(spatial, geom.to_image())
    mean = sum(density(spatial, geom, lon, lat) for lon, lat in positions) / len(positions)
    return mean * geom.to_image().solid_angle().to_value("sr")


def density(spatial, geom, lon, lat):
    if not spatial.is_energy_dependent:
        return spatial(lon, lat).to_value("sr-1")
    energies = geom.axes["energy_true"].center
    return np.stack([spatial(lon, lat, energy=energy).to_value("sr-1") for energy in energies])


def point_image(spatial, geom):
    x, y = (float(value) for value in spatial.position.to_pixel(geom.wcs, origin=0))
    n_lat, n_lon = geom.data_shape
    result = np.zeros((n_lat, n_lon))
    for row in range(n_lat):
        for column in range(n_lon):
            result[row, column] = share(x - column) * share(y - row)
    return result


def share(distance, half=0.01):
    """Average the linear weight ``1 - |distance|`` over a distance more and less."""

    def integral(x):
        x = min(max(x, -1), 1)
        return (1 + x) ** 2 / 2 if x < 0 else 1 - (1 - x) ** 2 / 2

    return (integral(distance + half) - integral(distance - half)) / (2 * half)


def convolved(image, kernel):
    """Spread each pixel over the kernel, pixel of the kernel by pixel of the kernel; what leaves the map is lost."""
    (n_lat, n_lon), (k_lat, k_lon) = image.shape, kernel.shape
    wide = np.zeros((n_lat + k_lat - 1, n_lon + k_lon - 1))
    for row in range(k_lat):
        for column in range(k_lon):
            wide[row : row + n_lat, column : column + n_lon] += kernel[row, column] * image
    low, left = (k_lat - 1) // 2, (k_lon - 1) // 2
    return wide[low : low + n_lat, left : left + n_lon]


def average_in_time(temporal, gti):
    """Average over the good time intervals by the midpoint rule."""
    if temporal is None:
        return 1.0
    total, duration, n_steps = 0.0, 0.0, 5000
    for start, stop in zip(gti.time_start, gti.time_stop, strict=True):
        length = (stop - start).to_value("s")
        times = start + (np.arange(n_steps) + 0.5) / n_steps * (stop - start)
        total += np.mean(u.Quantity(temporal(times)).value) * length
        duration += length
    return total / duration


def norms(dataset, model):
    return u.Quantity(model.spectral_model(dataset.counts.geom.axes["energy"].center)).to_value("")


def background(dataset, model):
    result = norms(dataset, model)[:, None, None] * dataset.background.data
    if model.spatial_model is None:
        return result
    n_lat, n_lon = dataset.counts.data.shape[-2:]
    x, y = np.meshgrid(np.arange(n_lon), np.arange(n_lat))
    sky = SkyCoord.from_pixel(x, y, dataset.counts.geom.wcs, origin=0).transform_to(model.spatial_model.frame)
    return result * u.Quantity(model.spatial_model(sky.data.lon, sky.data.lat)).value


# ---------------------------------------------------------------------- the field


def make_dataset(name="map", seed=1, npix=(40, 30), frame="icrs", skydir=(83.6, 22.0)):
    random = np.random.default_rng(seed)
    energy = MapAxis.from_energy_bounds("1 TeV", "10 TeV", 3, name="energy")
    energy_true = MapAxis.from_energy_bounds("0.5 TeV", "20 TeV", 5, name="energy_true")
    geom = WcsGeom.create(skydir=skydir, binsz=0.05, npix=npix, frame=frame, proj="TAN", axes=[energy])
    geom_true = geom.to_image().to_cube([energy_true])
    lon, lat = np.meshgrid(np.arange(npix[0]), np.arange(npix[1]))
    slope = 1 + 0.01 * lon + 0.005 * lat
    exposure = 1e10 * energy_true.center.value[:, np.newaxis, np.newaxis] ** 0.3 * slope
    mask_safe, mask_fit = np.ones(geom.data_shape, dtype=bool), np.ones(geom.data_shape, dtype=bool)
    mask_safe[0, :5] = mask_safe[:, 20:23, 17] = False
    mask_fit[2, :, :4] = False
    start, stop = [0, 2, 5.5] * u.h, [0.5, 3, 7] * u.h
    return MapDataset(
        counts=Map.from_geom(geom, data=random.poisson(0.8, size=geom.data_shape).astype(float)),
        exposure=Map.from_geom(geom_true, data=exposure, unit="m2 s"),
        background=Map.from_geom(geom, data=0.5 + random.uniform(size=geom.data_shape)),
        psf=PSFMap.from_gauss(energy_true, sigma=np.linspace(0.07, 0.04, 5) * u.deg),
        edisp=EDispKernelMap.from_gauss(
            energy, energy_true, sigma=0.2, bias=0.05, geom=RegionGeom.create(None)
        ),
        mask_safe=Map.from_geom(geom, data=mask_safe),
        mask_fit=Map.from_geom(geom, data=mask_fit),
        gti=GTI.create(start, stop, reference_time=Time("2026-01-01")),
        name=name,
    )


@pytest.fixture
def dataset():
    return make_dataset()


def power_law(amplitude=2e-12, index=2.3):
    return PowerLawSpectralModel(index=index, amplitude=f"{amplitude} cm-2 s-1 TeV-1", reference="1 TeV")


def source(spatial, name="source", spectral=None, **kwargs):
    return SkyModel(spectral_model=spectral or power_law(), spatial_model=spatial, name=name, **kwargs)


def point(lon=83.707, lat=22.138):
    return PointSpatialModel(lon_0=lon * u.deg, lat_0=lat * u.deg, frame="icrs")


def gaussian(lon=83.4, lat=21.9, sigma=0.15, **kwargs):
    return GaussianSpatialModel(
        lon_0=lon * u.deg, lat_0=lat * u.deg, sigma=sigma * u.deg, frame="icrs", **kwargs
    )


def free_background(name="map"):
    model = FoVBackgroundModel(dataset_name=name)
    model.spectral_model.norm.value, model.spectral_model.tilt.value = 0.93, 0.05
    model.spectral_model.tilt.frozen = False
    return model


def template_image():
    geom = WcsGeom.create(skydir=(83.5, 22.1), binsz=0.04, npix=(30, 26), frame="icrs", proj="TAN")
    random = np.random.default_rng(5)
    return TemplateSpatialModel(Map.from_geom(geom, data=random.uniform(size=geom.data_shape), unit="sr-1"))


def template_cube():
    energy_true = MapAxis.from_energy_bounds("0.4 TeV", "25 TeV", 4, name="energy_true")
    geom = WcsGeom.create(
        skydir=(83.5, 22.1), binsz=0.04, npix=(30, 26), frame="icrs", proj="TAN", axes=[energy_true]
    )
    random = np.random.default_rng(6)
    data = random.uniform(size=geom.data_shape) * np.linspace(1, 3, 4).reshape(-1, 1, 1)
    return TemplateSpatialModel(Map.from_geom(geom, data=data, unit="sr-1"), normalize=False)


def check(datasets, models):
    """Compare the value; then value and every derivative after all free parameters have moved."""
    datasets = Datasets(datasets)
    datasets.models = models
    oracle, likelihood = Oracle(datasets, models), bind(datasets, precision="double")
    assert likelihood.stat() == pytest.approx(oracle.stat(), rel=TOLERANCE)
    errors = np.sqrt(2 / np.diag(likelihood.fisher()))
    for number, (parameter, error) in enumerate(zip(likelihood.parameters, errors, strict=True)):
        parameter.value += 0.4 * (-1) ** number * error
    stat, gradient = likelihood.stat_and_gradient()
    assert stat == pytest.approx(oracle.stat(), rel=TOLERANCE)
    assert likelihood.stat() == stat
    errors = np.sqrt(2 / np.diag(likelihood.fisher()))
    slopes = np.array([oracle.slope(p, 5e-3 * e) for p, e in zip(likelihood.parameters, errors, strict=True)])
    tolerances = {id(p): SPATIAL_TOLERANCE for m in oracle.models for p in spatial_parameters(m)}
    for parameter, error, slope, mine in zip(likelihood.parameters, errors, slopes, gradient, strict=True):
        tolerance = tolerances.get(id(parameter), GRADIENT_TOLERANCE)
        assert mine * error == pytest.approx(slope * error, rel=tolerance, abs=tolerance), parameter.name


def spatial_parameters(model):
    return [] if model.spatial_model is None else model.spatial_model.parameters


# ---------------------------------------------------------------------- one source

SPATIAL = {
    "point": point(),
    "point-on-a-pixel-centre": point(83.6, 22.025),
    "point-near-the-corner": point(84.62, 22.69),
    "gaussian": gaussian(),
    "gaussian-over-the-edge": gaussian(82.6, 22.0, 0.2),
    "narrow-gaussian": gaussian(sigma=0.04),
    "elongated-gaussian": gaussian(e=0.7, phi=30 * u.deg),
    "constant": ConstantSpatialModel(),
    "template": template_image(),
    "template-of-energy": template_cube(),
}
EDGES = {
    "disk": DiskSpatialModel(lon_0="83.6 deg", lat_0="22 deg", r_0="0.3 deg", frame="icrs"),
    "shell": ShellSpatialModel(
        lon_0="83.5 deg", lat_0="22.1 deg", radius="0.25 deg", width="0.1 deg", frame="icrs"
    ),
}
AMPLITUDES = {"constant": 2e-9, "template-of-energy": 2e-9}


@pytest.mark.parametrize("name", SPATIAL)
def test_one_source(dataset, name):
    amplitude = AMPLITUDES.get(name, 2e-12)
    check([dataset], [source(SPATIAL[name].copy(), spectral=power_law(amplitude)), free_background()])


@pytest.mark.parametrize("name", EDGES)
def test_one_source_with_an_edge(dataset, name):
    """Where the density jumps or bends sharply, pixels must be divided finely enough for the statistic to be smooth."""
    datasets = Datasets([dataset])
    datasets.models = models = [source(EDGES[name].copy()), free_background()]
    oracle, likelihood = Oracle(datasets, models), bind(datasets, precision="double")
    oracle.responses["map", "source"].divide(16)
    errors = np.sqrt(2 / np.diag(likelihood.fisher()))
    for parameter, error in zip(likelihood.parameters, errors, strict=True):
        value, stats = parameter.value, []
        for step in (-0.5, 0, 0.5):
            parameter.value = value + step * error
            stats.append(likelihood.stat())
            assert stats[-1] == pytest.approx(oracle.stat(), abs=0.1), (parameter.name, step)
        parameter.value = value


def test_source_in_another_frame(dataset):
    place = SkyCoord(83.71, 22.13, unit="deg").galactic
    spatial = GaussianSpatialModel(
        lon_0=place.l, lat_0=place.b, sigma="0.1 deg", e=0.5, phi="20 deg", frame="galactic"
    )
    check([dataset], [source(spatial)])


def test_source_without_a_point_spread(dataset):
    check([dataset], [source(gaussian(), apply_irf={"psf": False})])


@pytest.mark.parametrize(
    "spectral",
    [
        ExpCutoffPowerLawSpectralModel(
            index=2.1, amplitude="2e-12 cm-2 s-1 TeV-1", reference="1 TeV", lambda_="0.1 TeV-1"
        ),
        LogParabolaSpectralModel(amplitude="2e-12 cm-2 s-1 TeV-1", reference="2 TeV", alpha=2.2, beta=0.1),
        power_law() + power_law(1e-12, 1.8),
    ],
    ids=["cutoff", "log-parabola", "sum"],
)
def test_curved_spectra(dataset, spectral):
    check([dataset], [source(point(), spectral=spectral)])


# ---------------------------------------------------------------------- fields


def test_sources_overlap(dataset):
    models = [
        source(point(), "point"),
        source(gaussian(), "gaussian", power_law(6e-12, 2.0)),
        source(gaussian(83.8, 22.2, e=0.6, phi=40 * u.deg), "elongated"),
        source(point(83.2, 21.5), "frozen"),
        free_background(),
    ]
    models[3].freeze()
    check([dataset], models)


def test_linked_parameters(dataset):
    models = [source(point(), "point"), source(gaussian(), "gaussian"), source(gaussian(83.9, 22.3), "other")]
    models[1].spectral_model.index = models[0].spectral_model.index
    models[2].spatial_model.sigma = models[1].spatial_model.sigma
    models[1].spatial_model.lon_0 = models[0].spatial_model.lon_0
    check([dataset], models)


def test_backgrounds(dataset):
    """With a shape on the sky, and as it is."""
    corners = MapCoord.create({"lon": [82.4, 84.8, 82.4, 84.8] * u.deg, "lat": [21, 21, 23, 23] * u.deg})
    shape = PiecewiseNormSpatialModel(coords=corners, norms=np.array([0.8, 1.3, 1.1, 0.9]), frame="icrs")
    model = free_background()
    check(
        [dataset],
        [source(point()), FoVBackgroundModel(dataset_name="map", spatial_model=shape)],
    )
    check([dataset], [source(point()), model])
    check([dataset], [source(point())])


def test_template_of_counts(dataset):
    random = np.random.default_rng(3)
    template = Map.from_geom(dataset.counts.geom, data=random.uniform(size=dataset.counts.data.shape))
    spectral = PowerLawNormSpectralModel(norm=1.2, tilt=0.1, reference="2 TeV")
    spectral.tilt.frozen = False
    model = TemplateNPredModel(template, spectral_model=spectral, datasets_names=["map"], name="template")
    check([dataset], [source(point()), model, free_background()])


def test_several_good_time_intervals(dataset):
    decay = ExpDecayTemporalModel(t0="4 h", t_ref=Time("2026-01-01").mjd * u.d)
    decay.t0.frozen = False
    model = source(gaussian(), temporal_model=decay)
    # The oracle's integral over time is good to this.
    check([dataset], [model, source(point(), "steady")])


# ---------------------------------------------------------------------- datasets


def test_joint_likelihood_of_different_maps(dataset):
    """Another frame, another size; a source of both, and one of the second only."""
    other = make_dataset(
        "other", seed=2, npix=(33, 41), frame="galactic", skydir=SkyCoord(83.9, 21.8, unit="deg")
    )
    models = [
        source(point(), "point"),
        source(gaussian(), "gaussian"),
        source(point(83.9, 21.8), "second", datasets_names=["other"]),
        free_background("map"),
        free_background("other"),
    ]
    check([dataset, other], models)


def test_everything_masked(dataset):
    dataset.mask_safe.data[...] = False
    datasets = Datasets([dataset])
    datasets.models = [source(point())]
    assert bind(datasets, precision="double").stat() == 0


def test_responses_change_over_the_map(dataset):
    """Each source has the responses of its own position."""
    energy_true = dataset.psf.psf_map.geom.axes["energy_true"]
    coarse = WcsGeom.create(skydir=(83.6, 22.0), binsz=1.0, npix=(3, 3), frame="icrs", proj="TAN")
    rad = dataset.psf.psf_map.geom.axes["rad"]
    width = np.linspace(0.04, 0.15, 9).reshape(3, 3)
    density = np.exp(-0.5 * (rad.center.to_value("deg")[:, None, None] / width) ** 2)
    density = density / (2 * np.pi * np.radians(width) ** 2)
    geom = coarse.to_cube([rad, energy_true])
    psf_map = Map.from_geom(geom, data=np.broadcast_to(density, geom.data_shape).copy(), unit="sr-1")
    exposure = Map.from_geom(geom.squash("rad"), unit="m2 s")
    exposure.data += 1
    dataset.psf = PSFMap(psf_map, exposure)
    check(
        [dataset], [source(gaussian(83.0, 21.5), "low"), source(point(84.2, 22.4), "high"), free_background()]
    )


def test_single_precision_moves_the_statistic_little(dataset):
    datasets = Datasets([dataset])
    datasets.models = [source(gaussian()), source(point(), "point"), free_background()]
    double, single = bind(datasets, precision="double"), bind(datasets, precision="single")
    assert abs(double.stat() - single.stat()) < 1e-3
    errors = np.sqrt(2 / np.diag(double.fisher()))
    np.testing.assert_allclose(single.gradient() * errors, double.gradient() * errors, rtol=1e-3, atol=1e-3)
