"""The exercises of the chapter on the speciation time."""

from functools import cache

import numpy as np
from scipy import optimize, stats

from infodyn.answers.registry import answer
from infodyn.distributions import points
from infodyn.information import mmse
from infodyn.pathwise import variance_profile
from infodyn.processes import EDM


def _profile(gamma):
    """Variance of the class entropy of two equal classes."""
    return variance_profile(gamma, [-1.0, 1.0]).value


@cache
def _marks():
    """The values of gamma at the peak of the profile, and below and above it at half its height."""
    peak = optimize.minimize_scalar(lambda g: -_profile(g), bounds=(1.2, 1.5), options={"xatol": 1e-3})

    def above_half(gamma):
        return _profile(gamma) + peak.fun / 2

    half = [optimize.brentq(above_half, *ends, rtol=1e-4) for ends in ([0.3, 0.6], [3, 4])]
    return peak.x, *half


@answer("8.1")
def rectangle():
    half_sides = np.array([1 / 4, 1 / 2])  # powers of D
    return 2 * half_sides


@answer("8.2")
def sharp():
    peak, low, high = _marks()
    return np.log10(peak) + np.log10(high / low) / 0.01


@answer("8.3")
def linear_rate():
    early, at, late = np.sqrt(np.log1p(1e8 / np.array(_marks())[[2, 0, 1]]))
    return np.array([at, (late - early) / at])


@answer("8.4")
def unequal():
    weights, m = np.array([0.8, 0.2]), np.array([-1, 1])
    return (weights @ (np.log(weights) * (m - weights @ m))) ** 2


@answer("8.5")
def blunt():
    peak, low, high = _marks()
    beta = (np.log1p(2.01**2) - np.log1p(1.99**2)) / 0.02
    return np.array([beta, np.sqrt(peak / low) - np.sqrt(peak / high)])


@answer("8.6")
def clones():
    coin = points([[-1.0], [1.0]])
    return optimize.brentq(lambda g: mmse(coin, EDM(), g**-0.5).value - 2 * (1 - 0.75), 0.1, 5, rtol=1e-6)


@answer("8.7", rtol=0.02)
def many_classes():
    """E ln Z from the Laplace transform of Z, which is a product over the classes."""
    z = np.linspace(-10, 10, 161)
    normal = stats.norm.pdf(z) * (z[1] - z[0])

    def above_half(gamma, K):
        u = np.linspace(-80, 5, 341)[:, None]
        phi, true = (1 + np.expm1(-np.exp(u + a + np.sqrt(gamma) * z)) @ normal for a in (0, gamma))
        left = true * np.exp((K - 1) * np.log(phi))
        return np.trapezoid(np.exp(-np.exp(u[:, 0])) - left, u[:, 0]) - gamma - np.log(K) / 2

    return np.array([optimize.brentq(above_half, 5, 30, args=(K,), xtol=1e-4) for K in (1e3, 1e9)])
