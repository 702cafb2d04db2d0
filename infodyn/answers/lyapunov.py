"""The exercises of the chapter on Lyapunov exponents."""

import numpy as np
from scipy import optimize, stats

from infodyn.answers.registry import answer
from infodyn.diffused import diffuse
from infodyn.distributions import points
from infodyn.processes import EDM


@answer("5.1")
def larger_coin():
    return 1.5 / 3 * np.exp((9 / 1.5**2 - 9 / 3**2) / 2)


@answer("5.2")
def gaussian():
    variances = np.array([4, 0.5])
    return np.log((variances + 0.5**2) / (variances + 3**2)) / 2


@answer("5.3")
def ceiling():
    variance = 25 / 10  # of each direction of the isotropic Gaussian
    return variance / (variance + 1.2**2)


@answer("5.4")
def changing_sides():
    return stats.norm.sf(1 / 0.5)


@answer("5.5")
def late_decision():
    def from_middle(x, t):
        return (stats.norm.cdf([x - 1, x + 1], scale=t) - stats.norm.cdf([-1, 1], scale=t)).mean()

    return optimize.brentq(lambda t: from_middle(t**2, t) - from_middle(1e-4, 1), 0.1, 0.9)


@answer("5.6")
def shear():
    # det S = 0, where the greatest rate at the first moment changes its sign
    return optimize.brentq(lambda k: 1 * 3 - (k / 2) ** 2, 0, 10)


@answer("5.7")
def dearest_kick():
    data = points([[-1], [1]], [0.3, 0.7])

    def separatrix(t):
        return optimize.brentq(lambda x: stats.norm.cdf(x, [-1, 1], t) @ data.weights - 0.3, -9, 9)

    return optimize.brentq(lambda t: diffuse(data, EDM(), t).divergence([separatrix(t)]), 0.5, 2)
