"""The exercises of the chapter on the entropy rate."""

import numpy as np
from scipy import optimize

from infodyn.answers.registry import answer
from infodyn.distributions import GaussianMixture
from infodyn.information import entropy_rate
from infodyn.processes import EDM


@answer("3.2")
def staircase():
    data = GaussianMixture([1.0], [np.zeros(3)], np.diag([100.0, 1.0, 1e-4]))
    return optimize.brentq(lambda t: t * entropy_rate(data, EDM(), t).value - 1.5, 0.1, 10)
