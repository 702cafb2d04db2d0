"""The exercises of the chapter on the entropy rate."""

import numpy as np
from scipy import integrate, optimize
from scipy.spatial.distance import pdist

from infodyn.answers.registry import answer
from infodyn.diffused import diffuse
from infodyn.distributions import GaussianMixture, points
from infodyn.information import conditional_entropy, entropy_rate
from infodyn.processes import EDM


@answer("3.1")
def three_times_as_far():
    coins, times = (points([[-1.0], [1.0]]), points([[-3.0], [3.0]])), np.geomspace(0.5, 4.5, 121)
    rates = [entropy_rate(coin, EDM(), times).value for coin in coins]
    whole = [conditional_entropy(coin, EDM(), 1e4).value for coin in coins]
    near, far = np.transpose([times[np.argmax(rates, axis=1)], np.max(rates, axis=1), whole])
    return far / near


@answer("3.2")
def staircase():
    data = GaussianMixture([1.0], [np.zeros(3)], np.diag([100.0, 1.0, 1e-4]))
    return optimize.brentq(lambda t: t * entropy_rate(data, EDM(), t).value - 1.5, 0.1, 10)


@answer("3.3")
def both_ends(late=1e3):
    area, _ = integrate.quad(lambda u: 1 / np.cosh(u), 0, 50)
    far = entropy_rate(points([[-1.0], [1.0]]), EDM(), late).value
    return [np.sqrt(2 / np.pi) * area, late**3 * far]


@answer("3.4")
def simplex():
    corners = np.eye(4) - 1 / 4
    corners /= np.linalg.norm(corners[0])
    return np.mean(pdist(np.eye(4))) / np.mean(pdist(corners))


@answer("3.5")
def two_forks():
    """Where the curvature of the density vanishes at a pair's middle, and at the middle of all."""
    four, pair = points([[-2.0], [-1.0], [1.0], [2.0]]), points([[1.0], [2.0]])
    pairs = optimize.brentq(lambda t: diffuse(pair, EDM(), t).divergence([1.5]), 0.3, 0.8)
    whole = optimize.brentq(lambda t: diffuse(four, EDM(), t).divergence([0.0]), 0.8, 3)
    times = np.geomspace(0.5, 0.8, 121)
    return [pairs, whole, times[np.argmax(times * entropy_rate(four, EDM(), times).value)]]


@answer("3.6")
def network():
    """From the moments of 1 + tz: E z x^k = t k E x^(k-1)."""

    def loss(t):
        m = [1, 1]
        for k in range(2, 7):
            m.append(m[k - 1] + (k - 1) * t**2 * m[k - 2])
        gram, target = [[m[2], m[4]], [m[4], m[6]]], [t, 3 * t * m[2]]
        return 1 - target @ np.linalg.solve(gram, target)

    u = np.linspace(np.log(1e-3), np.log(1e3), 200)
    return np.trapezoid([loss(t) for t in np.exp(u)], u)
