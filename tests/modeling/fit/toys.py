"""Small statistics to fit, with and without derivatives."""

import numpy as np

from geminga.modeling import Parameter, Parameters


class Parabola:
    """(x - mean)^T C^-1 (x - mean): the answer is the covariance itself."""

    def __init__(self, mean, covariance, start, **options):
        self.mean, self.inverse = np.asarray(mean, float), np.linalg.inv(covariance)
        self.parameters = [Parameter(f"p{i}", value, **options) for i, value in enumerate(start)]

    def stat(self, values):
        delta = values - self.mean
        return float(delta @ self.inverse @ delta) + 100

    def stat_and_gradient(self, values):
        return self.stat(values), 2 * self.inverse @ (values - self.mean)


class Rosenbrock:
    """The banana; `limit` is an upper limit of the first parameter."""

    def __init__(self, start=(-1.2, 1.0), limit=np.nan):
        self.parameters = [Parameter(f"x{i}", value) for i, value in enumerate(start)]
        self.parameters[0].max = limit

    def stat(self, values):
        x = np.asarray(values)
        return float(np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2))

    def stat_and_gradient(self, values):
        x = np.asarray(values)
        slope = np.zeros(len(x))
        bend = x[1:] - x[:-1] ** 2
        slope[:-1] = -400 * bend * x[:-1] - 2 * (1 - x[:-1])
        slope[1:] += 200 * bend
        return self.stat(values), slope


class PoissonLine:
    """Counts of a power law over a flat background: a small spectrum."""

    def __init__(self, index=2.3, amplitude=3e-12, start=(2.0, 1e-12), **options):
        self.energy = np.geomspace(0.5, 50, 40)
        self.parameters = [
            Parameter("index", start[0], **options),
            Parameter("amplitude", start[1], "cm-2 s-1 TeV-1", **options),
        ]
        self.counts = np.random.default_rng(1).poisson(self.npred(np.array([index, amplitude])))

    def source(self, values):
        with np.errstate(over="ignore"):
            return 1.2e14 * values[1] * self.energy ** -values[0]

    def npred(self, values):
        return self.source(values) + 0.4

    def stat(self, values):
        mu = np.maximum(self.npred(values), 1e-25)
        return float(2 * np.sum(mu - self.counts * np.log(mu)))

    def _jacobian(self, values):
        source = self.source(values)
        return np.array([-source * np.log(self.energy), source / values[1]])

    def stat_and_gradient(self, values):
        mu = np.maximum(self.npred(values), 1e-25)
        return self.stat(values), 2 * self._jacobian(values) @ (1 - self.counts / mu)

    def fisher(self, values):
        mu, jacobian = np.maximum(self.npred(values), 1e-25), self._jacobian(values)
        return 2 * (jacobian * self.counts / mu**2) @ jacobian.T


class WithLikelihood:
    """What `Fit` gets from datasets of this package."""

    def __init__(self, toy):
        self.toy, self.parameters = toy, Parameters(toy.parameters)

    def likelihood(self):
        free = [p for p in self.parameters.unique_parameters if not p.frozen]
        return self.toy if len(free) == len(self.parameters) else _Part(self.toy, free)


class _Part:
    def __init__(self, toy, free):
        self.toy, self.parameters = toy, free
        self.index = [i for i, p in enumerate(toy.parameters) if any(p is f for f in free)]

    def _full(self, values):
        full = np.array([p.value for p in self.toy.parameters])
        full[self.index] = values
        return full

    def stat(self, values):
        return self.toy.stat(self._full(values))

    def stat_and_gradient(self, values):
        stat, gradient = self.toy.stat_and_gradient(self._full(values))
        return stat, gradient[self.index]


class WithStatSum:
    """What `Fit` gets from a dataset of a user."""

    def __init__(self, toy):
        self.toy, self.parameters = toy, Parameters(toy.parameters)

    def stat_sum(self):
        return self.toy.stat(self.parameters.value)
