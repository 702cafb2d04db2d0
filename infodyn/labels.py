r"""What x_t leaves open about the component that x_0 comes from, at many noise levels in one pass.

Where all components have one variance c these averages depend on the noise through
:math:`\kappa = \alpha/\sqrt{\alpha^2 c + \sigma^2}` alone, and for a product they are sums over its factors.
"""

from functools import cached_property

import numpy as np
from tqdm import tqdm

from infodyn.charts import Chart
from infodyn.estimates import Estimate
from infodyn.expectations import sampled
from infodyn.lattice import Integrals, integrate
from infodyn.patches import Mixture
from infodyn.relative import kullback_terms
from infodyn.sharedkernel import SharedKernel

#: Scales times squared components that go through one pass.
TOGETHER = 1 << 14


class LabelAverages:
    r"""Averages over p_t of functions of the posterior of the component.

    Parameters
    ----------
    law : GaussianMixture
        Of one scalar variance c.
    kappa : ndarray, shape (T,)
        Scales :math:`\alpha/\sqrt{\alpha^2 c + \sigma^2}`, in inverse units of the data.
    rtol : float
        Relative accuracy to aim at where lattices reach.
    draw : callable
        Gives a random generator and a number of samples, for where they do not.
    spreads : bool
        Whether the spread will be asked for too; it takes time where points are drawn.
    """

    def __init__(self, law, kappa, rtol, draw, spreads):
        self.kappa, self.rtol, self.draw, self.spreads = kappa, rtol, draw, spreads
        self.factors = [Part(factor, self) for factor in law.factors]

    def _sum(self, name):
        found = [(part.factor.times, getattr(part, name)) for part in self.factors]
        return Estimate(sum(n * e.value for n, e in found), sum(n * e.error for n, e in found))

    @property
    def entropy(self):
        """Average of the posterior entropy h of the component, in nats, as an Estimate (T,)."""
        return self._sum("entropy")

    @property
    def spread(self):
        r"""Average of :math:`\sum_k w_k\|\mu_k-\bar\mu\|^2`, in squared units of the data, Estimate (T,)."""
        return self._sum("spread")

    @property
    def log_spread(self):
        """Logarithm of the same, also where that underflows, with its absolute error: an Estimate (T,)."""
        found = [(part.factor.times, part.log_spread) for part in self.factors]
        logs = np.logaddexp.reduce([np.log(n) + e.value for n, e in found])
        return Estimate(logs, np.max([e.error for _, e in found], axis=0))

    @property
    def variance(self):
        """Variance of h over p_t, in nats², as an Estimate (T,)."""
        return self._sum("variance")


class Part:
    """The same averages for one factor; see :class:`LabelAverages`."""

    def __init__(self, factor, whole):
        self.factor, self.kappa, self.rtol = factor, whole.kappa, whole.rtol
        self.draw, self.spreads = whole.draw, whole.spreads

    @cached_property
    def local(self):
        """Integrals of h, of its square and of the spread; of what h lacks of H(π), and of its square.

        The last two are 0 where nodes lie on walls alone, since they do not vanish elsewhere.
        """
        most = np.log(len(self.factor.y))

        def at_nodes(nodes):
            h = nodes.entropy()
            lack = self.factor.entropy - h if nodes.patches.kind == "all" else np.zeros_like(h)
            return np.stack(
                [h, h**2, nodes.spread(self.factor.points) if self.spreads else 0 * h, lack, lack**2]
            )

        def at_points(t):
            def moments(kernel, x, r):
                h = r.entropy()
                spread = kernel.between(x, r, "denoiser") if self.spreads else 0 * h
                return np.stack([h, h**2, spread, 0 * h, 0 * h])

            return moments

        ceilings = np.array([most, most**2, 2 * (self.factor.y**2).sum(axis=1).max(), 0, 0])
        return self._average(at_nodes, at_points, 5, True, ceilings)

    @property
    def entropy(self):
        return self._value(0)

    @property
    def spread(self):
        return self._value(2)

    @property
    def log_spread(self):
        value, error = self.local.value[:, 2], self.local.error[:, 2]
        relative = np.divide(error, value, out=np.zeros_like(value), where=value > 0)
        with np.errstate(divide="ignore"):
            return Estimate(self.local.scale + np.log(value), relative)

    def _value(self, column):
        unit = np.exp(self.local.scale)
        return Estimate(unit * self.local.value[:, column], unit * self.local.error[:, column])

    @cached_property
    def variance(self):
        r"""That of h where few points of p_t have an entropy, that of what h lacks where many have.

        Where h is nearly H(π), it lacks :math:`\sum_k(w_k-\pi_k)\ln\pi_k + \mathrm{KL}(w\|\pi)`, where the
        first term has mean 0 and no digit is lost.
        """
        value, error = _variance(self._value(0), self._value(1))
        lacking, its_error = _variance(self._value(3), self._value(4))
        blur = 4 * np.finfo(float).eps * self.factor.entropy
        seen = lacking > (blur / self.rtol) ** 2
        crowded = self._value(1).value < 2 * self._value(0).value ** 2
        better = crowded & seen
        value[better] = lacking[better]
        error[better] = its_error[better] + 2 * blur * np.sqrt(lacking[better])
        rest = np.flatnonzero(crowded & ~seen)
        if len(rest):
            value[rest], error[rest] = self._deviation(rest)
        return Estimate(value, error)

    def _deviation(self, chosen):
        """Variance at some scales, from what h lacks; where points are drawn, from h less its mean."""
        weights, means = self.factor.weights, self._value(0).value[chosen]
        slopes = np.log(weights / weights.max())

        def at_nodes(nodes):
            members = nodes.each(nodes.patches.members)
            prior, slope, excess = weights[members], slopes[members], nodes.excess(weights)
            lost = (prior * kullback_terms(excess)).sum(axis=0)
            return np.stack([lost, (lost + (prior * slope * excess).sum(axis=0)) ** 2])

        def at_points(t):
            return lambda kernel, x, r: np.stack([r.entropy() - means[t], (r.entropy() - means[t]) ** 2])

        found = self._average(at_nodes, at_points, 2, False, np.inf, chosen)
        return _variance(*(Estimate(*pair) for pair in zip(found.value.T, found.error.T, strict=True)))

    def _average(self, at_nodes, at_points, columns, local, ceilings, chosen=slice(None)):
        """Averages at some scales: of Nodes where lattices reach, else of points that are drawn for each."""
        whole = Mixture(self.factor.points, self.kappa[chosen])
        group = max(1, TOGETHER // len(whole.y) ** 2)
        parts = []
        starts = range(0, len(whole.kappa), group)
        one = len(starts) == 1
        for start in starts if one else tqdm(starts, desc="averages", unit="pass", delay=1.0, leave=False):
            mixture = whole.at(slice(start, start + group))
            found = integrate(mixture, at_nodes, columns, self.rtol, local)
            for t in np.flatnonzero(~found.reached):
                integrand = at_points(start + t)
                found.value[t], found.error[t] = self._sampled(
                    mixture.kappa[t], integrand, columns, local, ceilings
                )
            parts.append(found)
        return Integrals(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))

    def _sampled(self, kappa, integrand, columns, local, ceilings):
        """The same in units of the noise, by points that are drawn."""
        weights, means = self.factor.weights, kappa * self.factor.y
        kernel = SharedKernel(self.factor.cloud, 0.0, kappa, 1.0)
        origin, axes = np.zeros(means.shape[1]), np.eye(means.shape[1])
        chart = Chart(weights, means, None, lambda z: z, origin, axes, 0.0, 0.0)
        return sampled(kernel, chart, integrand, columns, local=local, ceiling=ceilings, draw=self.draw)


def _variance(mean, square):
    error = square.error + 2 * np.abs(mean.value) * mean.error + mean.error**2
    return Estimate(square.value - mean.value**2, error)
