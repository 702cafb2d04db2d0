"""The exercises of the chapter on diffusion models."""

import numpy as np
from scipy import optimize

from infodyn.answers.registry import answer
from infodyn.diffused import diffuse
from infodyn.distributions import GaussianMixture, points
from infodyn.information import mmse
from infodyn.processes import EDM, VP


def divergence(ratio):
    """KL(N(0, v) || N(0, w)) in nats; ratio = v / w."""
    return (ratio - 1 - np.log(ratio)) / 2


@answer("2.1")
def larger_data():
    def cost(scale, level):
        return divergence(1 + (scale / level) ** 2)

    level = optimize.brentq(lambda u: cost(3, u) / cost(1, 100) - 1, 10, 1e4)
    return [level / 100, VP().time_of(level) - VP().time_of(100.0)]


@answer("2.2")
def one_step_back(x=0.5, t=0.6, r=0.25):
    """Given x_t and x_0, the mean of x_r is linear in both."""
    process = VP()
    kept = process.alpha(t) / process.alpha(r)
    gain = kept * process.sigma(r) ** 2 / process.sigma(t) ** 2
    clean = diffuse(points([[-1.0], [1.0]]), process, t).posterior_mean([x])[0]
    return process.alpha(r) * clean + gain * (x - process.alpha(t) * clean)


@answer("2.3")
def wrong_start(s0=1.3, T=5.0):
    share = s0**2 / (s0**2 + T**2)
    return divergence(1 / (1 - np.array([share, share**2])))


@answer("2.4")
def floor(t=0.5):
    data = GaussianMixture([0.3, 0.7], [[-1.4], [0.6]], [0.02, 0.05])
    return mmse(data, EDM(), t).value / t**2


@answer("2.5")
def just_enough_noise():
    t = np.geomspace(20, 0.05, 17)

    def excess(lam):
        step = -t[:-1] * np.diff(t)
        kept = np.append(1 - (1 + lam**2) * step / (1 + t[:-1] ** 2), 1)
        reach = np.cumprod(kept[::-1])[::-1]  # of the start and of each noise, to the end
        return reach**2 @ np.append(1 + t[0] ** 2, 2 * lam**2 * step) - 1 - t[-1] ** 2

    return optimize.brentq(excess, 0, 1)
