r"""Averages over p_t where the components lie on a line, by adaptive Gauss-Legendre quadrature in mpmath.

Integrands are the definitions; across the line lies Gaussian noise, whose share is known. A panel is halved
until its halves agree with it to :data:`AGREED` digits of the whole.
"""

from itertools import combinations, pairwise

import mpmath as mp
import numpy as np
from mpmath.calculus.quadrature import GaussLegendre

from benchmarks.reference import channel

#: Digits carried and agreed on; half-width of a Gaussian beyond which nothing counts.
DIGITS, AGREED, REACH = 60, 20, 13


def integrate(f, breaks):
    """Integrals of the components of a vector-valued function over [breaks[0], breaks[-1]]."""
    rule = GaussLegendre(mp.mp).calc_nodes(4, mp.mp.prec)  # 24 nodes

    def panel(a, b):
        half, middle = (b - a) / 2, (a + b) / 2
        return half * sum(w * f(middle + half * x) for x, w in rule)

    panels = [(a, b, panel(a, b)) for a, b in pairwise(breaks)]
    settled = 0
    while panels:
        halves = [[(a, m, panel(a, m)), (m, b, panel(m, b))] for a, b, _ in panels for m in [(a + b) / 2]]
        sums = [left[2] + right[2] for left, right in halves]
        total = settled + sum(sums)
        accuracy = mp.mpf(10) ** -AGREED * np.abs(total)
        rough = [np.any(np.abs(p[2] - s) > accuracy) for p, s in zip(panels, sums, strict=True)]
        settled += sum(s for s, again in zip(sums, rough, strict=True) if not again)
        panels = [half for pair, again in zip(halves, rough, strict=True) if again for half in pair]
    return settled


class Line:
    """A mixture in the coordinate along its line: weights, means and variances, K mpmath numbers each."""

    def __init__(self, weights, means, variances):
        self.weights, self.means, self.variances = weights, means, variances
        self.roots = [mp.sqrt(v) for v in variances]
        self.heights = [w / (r * mp.sqrt(2 * mp.pi)) for w, r in zip(weights, self.roots, strict=True)]

    def joint(self, u):
        """Weighted densities of the components at u."""
        shapes = zip(self.heights, self.means, self.variances, strict=True)
        return [height * mp.exp(-((u - m) ** 2) / (2 * v)) for height, m, v in shapes]

    def breaks(self):
        """The ends, the means, and points around the boundary between each mean and the next."""
        reach = [(m - REACH * r, m, m + REACH * r) for m, r in zip(self.means, self.roots, strict=True)]
        found = {min(reach)[0], max(b for _, _, b in reach), *self.means}
        order = sorted(range(len(reach)), key=lambda k: self.means[k])
        for i, j in pairwise(order):
            gap, width = self.means[j] - self.means[i], min(self.variances[i], self.variances[j])
            width /= gap
            shift = width * mp.log(self.weights[i] / self.weights[j])
            middle = (self.means[i] + self.means[j]) / 2 + max(-gap / 2, min(gap / 2, shift))
            found |= {middle + s * width for s in (-8, -1, 0, 1, 8) if 8 * width < gap / 2 or s == 0}
        return sorted(found)

    def average(self, f):
        """Average a vector-valued function of u and the weighted densities."""

        def integrand(u):
            joint = self.joint(u)
            p = sum(joint)
            return p * np.array(f(u, p, [j / p for j in joint]), dtype=object)

        return integrate(integrand, self.breaks())


def averages(law, positions, direction, process, t):
    """Return the averages, by the names of the package's functions.

    Parameters
    ----------
    law : GaussianMixture
        With means on a line and a scalar covariance, or in one dimension.
    positions, direction : array_like
        The means are direction times these numbers, but for an offset, without rounding.
    process : Process
    t : float

    Returns
    -------
    dict
        ``entropy_variance`` only for points: else it is an integral in an integral.
    """
    with mp.workdps(DIGITS):
        length = mp.sqrt(sum(int(d) ** 2 for d in direction))
        y = [mp.mpf(s) * length for s in positions]
        c = [mp.mpf(float(v)) for v in np.broadcast_to(law.covariances.ravel(), len(y))]
        weights, across = [mp.mpf(w) for w in law.weights], law.dim - 1
        t = mp.mpf(t)
        alpha, sigma = channel(process, t)
        seen = Line(weights, [alpha * m for m in y], [alpha**2 * v + sigma**2 for v in c])
        prior = -sum(w * mp.log(+w) for w in weights)
        gains = [alpha * a / v for a, v in zip(c, seen.variances, strict=True)]
        inner = [a * sigma**2 / v for a, v in zip(c, seen.variances, strict=True)]

        def moments(u, p, w):
            gaps = [u - m for m in seen.means]
            means = [m + gain * g for m, gain, g in zip(y, gains, gaps, strict=True)]
            pairs = combinations(zip(w, means, strict=True), 2)
            between = sum(a * b * (m - n) ** 2 for (a, m), (b, n) in pairs)
            score = sum(q * g / v for q, g, v in zip(w, gaps, seen.variances, strict=True))
            h = -sum(q * mp.log(+q) for q in w)
            variance = between + sum(q * v for q, v in zip(w, inner, strict=True))
            return [variance, score**2, mp.log(+p), h, h**2, h - prior, (h - prior) ** 2]

        variance, score, log_p, h, square, deficit, spread = seen.average(moments)
        variance += across * inner[0]
        half_g2 = {"EDM": t, "VE": mp.mpf(0.5), "VP": 1}[type(process).__name__]
        found = {
            "mmse": variance,
            "entropy_rate": half_g2 * alpha**2 / sigma**4 * variance,
            "expected_score_norm": score + across / seen.variances[0],
        }
        if not any(c):
            found["conditional_entropy"] = h
            found["entropy_variance"] = square - h**2 if square < spread else spread - deficit**2
        else:
            clean = Line(weights, y, c)
            (log_p0,) = clean.average(lambda u, p, w: [mp.log(+p)])
            noise = law.dim * mp.log(2 * mp.pi * mp.e * sigma**2) / 2
            beside = across * mp.log(c[0] / seen.variances[0]) / 2
            found["conditional_entropy"] = beside + noise + log_p - log_p0
        return found
