"""The exercises of the chapter on phase transitions."""

import numpy as np
from scipy import optimize

from infodyn.answers.registry import answer
from infodyn.branches import critical_time
from infodyn.curieweiss import curie_weiss
from infodyn.distributions import GaussianMixture, Sphere
from infodyn.processes import EDM, VP


@answer("4.1", rtol=0)
def cube():
    stable = curie_weiss(0.9**2).stable
    return np.array([stable.sum(), len(stable)]) ** 3


@answer("4.2")
def blurred():
    return critical_time(GaussianMixture([0.5, 0.5], [[-1.7], [1.7]], 0.6**2), EDM())


@answer("4.3")
def sphere_and_clock():
    return VP().time_of(critical_time(Sphere(50, 3.0), EDM()))


@answer("4.4")
def tricritical():
    # where the posterior variance at the middle is t² and the fourth cumulant, p - 3p², is zero
    t = optimize.brentq(lambda t: t**2 - 3 * t**4, 0.1, 1)
    return np.array([t**2 / (1 - t**2) * np.exp(1 / (2 * t**2)) / 2, t])


@answer("4.5")
def new_mode():
    def across(t):
        q = 4 * t**2 / 3  # the joint weight of the heavier corners, where the middle just turns stable
        return np.log((1 - q) / q * 0.68 / 0.32) - 3 * (1 - 3 * q / 2) / (2 * t**2)

    return optimize.brentq(across, 0.73, 0.76)


@answer("4.6")
def choice_among_a_hundred():
    n = 100

    def squared(w):
        return n * (n * w - 1) / (n - 1) ** 2 / np.log((n - 1) * w / (1 - w))

    fold = optimize.brentq(lambda w: (n / (n - 1)) ** 2 * w * (1 - w) - squared(w), 0.6, 0.98)
    return np.sqrt([squared(fold), squared(1 - 1 / n), 1 / (n - 1)])
