"""The exercises of the chapter on information geometry."""

import numpy as np
from scipy import integrate, optimize

from infodyn.answers.registry import answer
from infodyn.distributions import points
from infodyn.geometry import effective_dimension
from infodyn.processes import EDM


@answer("6.1")
def ellipse():
    long, short = 2, 1
    return np.array([long / short**2, short / long**2]) ** 2 / 2


@answer("6.2")
def two_readings():
    odds = np.array([0.7 / 0.3, 0.2 / 0.8]) * (0.02 / 0.01) ** 2  # λ / t²
    return odds / (1 + odds)


@answer("6.3")
def line_on_the_octant():
    def variance(v):
        weights = np.exp([-v, 0, v] - np.abs(v))
        weights /= weights.sum()
        return weights[0] + weights[2] - (weights[2] - weights[0]) ** 2

    return 2 * integrate.quad(lambda v: np.sqrt(variance(v)), 0, 60)[0]


@answer("6.4")
def lattice():
    x, k = np.linspace(-0.5, 0.5, 200, endpoint=False), np.arange(-20, 21)

    def dimension(t):
        share = np.exp(-((x[:, None] - k) ** 2) / (2 * t**2))
        mean = share @ k / share.sum(1)
        return np.mean(share @ k**2 - mean**2 * share.sum(1)) / np.sqrt(2 * np.pi) / t**3

    return optimize.brentq(lambda t: dimension(t) - 0.5, 0.1, 1)


@answer("6.5")
def cantor():
    digits = np.indices([2] * 7).reshape(7, -1).T
    dust = points(digits @ (2 / 3.0 ** np.arange(1, 8))[:, None])
    count = effective_dimension(dust, EDM(), 3.0 ** -np.linspace(3, 4, 5)).value
    return np.array([np.log(2) / np.log(3), count.min(), count.max()])
