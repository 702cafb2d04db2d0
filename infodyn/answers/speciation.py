"""The exercises of the chapter on the speciation time."""

from functools import cache

import numpy as np
from scipy import optimize, stats

from infodyn.answers.registry import answer
from infodyn.distributions import points
from infodyn.information import conditional_entropy, mmse
from infodyn.pathwise import class_entropy_variance, variance_profile
from infodyn.processes import EDM, VP

COIN = points([[-1.0], [1.0]])


@cache
def half_high_and_peak():
    """The effective ratios at which two classes have half the greatest variance, and all of it."""

    def height(u):
        return variance_profile(np.exp(u), COIN.means).value

    top = optimize.minimize_scalar(lambda u: -height(u), bounds=(0, 1), options={"xatol": 1e-4})
    sides = [optimize.brentq(lambda u: height(u) + top.fun / 2, *b, xtol=1e-5) for b in ((1, 2), (-2, 0))]
    return np.exp([sides[0], top.x, sides[1]])


@answer("8.1")
def larger_pictures(D=1e8):
    levels = np.sqrt(D / half_high_and_peak())
    vp, edm = (np.array([clock.time_of(levels), clock.time_of(2 * levels)]) for clock in (VP(), EDM()))
    vp_width, edm_width = (np.diff(t[:, [0, 2]])[:, 0] for t in (vp, edm))
    return [np.diff(vp[:, 1])[0], vp_width[1] / vp_width[0],
            edm[1, 1] / edm[0, 1], edm_width[1] / edm_width[0]]  # fmt: skip


@answer("8.2")
def unequal_weights(gamma=1e-6, tau=1.5):
    def late(p, gamma=gamma):
        return variance_profile(gamma, COIN.means, [p, 1 - p]).value

    power = np.log10(late(0.8) / late(0.8, gamma / 10))
    longest = optimize.minimize_scalar(lambda p: -late(p) / gamma, bounds=(0.6, 0.99))
    return [power * (1 - tau), late(0.8) / gamma, longest.x]


@answer("8.3")
def faster_clock(D=1e8):
    high, peak, low = np.sqrt(np.log1p(D / half_high_and_peak()))
    return [peak, low - high]


@answer("8.4")
def rectangle(D=1e6):
    """Two coins, the second with D to the power 1/2 in the place of D."""

    def negative(tau):
        gammas = np.array([1, D**-0.5]) * D / np.expm1(tau * np.log(D))
        return -variance_profile(gammas, COIN.means).value.sum()

    ends = ((0.4, 0.6), (0.9, 1.1))
    return [optimize.minimize_scalar(negative, bounds=end, options={"xatol": 1e-4}).x for end in ends]


@answer("8.5")
def label(share=0.01):
    """For two points at -1 and 1 the posterior variance is 4 w (1 - w)."""

    def worth(t):
        return 1 - conditional_entropy(COIN, EDM(), t).value / np.log(2)

    first = optimize.brentq(lambda t: worth(t) - share, 1, 100)
    return [first, optimize.brentq(lambda t: mmse(COIN, EDM(), t).value / 2 - share, 0.1, 1)]


@answer("8.6")
def wide_classes():
    """A width is noise that never leaves: the least is the noise level of the peak."""
    return optimize.minimize_scalar(
        lambda s: -class_entropy_variance(COIN, EDM(), s).value, bounds=(0.5, 1.5)
    ).x


@answer("8.7", rtol=0.02)
def many_classes():
    """E ln Z by the Laplace transform of Z, a product over the classes; γ is its share of the true logit."""
    z = np.linspace(-10, 10, 161)
    normal = stats.norm.pdf(z) * (z[1] - z[0])

    def half(gamma, K):
        u = np.linspace(-80, 5, 341)[:, None]
        phi, true = (1 + np.expm1(-np.exp(u + a + np.sqrt(gamma) * z)) @ normal for a in (0, gamma))
        left = true * np.exp((K - 1) * np.log(phi))
        return np.trapezoid(np.exp(-np.exp(u[:, 0])) - left, u[:, 0]) - gamma - np.log(K) / 2

    return [optimize.brentq(half, 5, 30, args=(K,), xtol=1e-4) for K in (1e3, 1e9)]
