"""The exercises of the page on handwritten digits."""

import numpy as np
from scipy import optimize
from scipy.spatial.distance import cdist, pdist
from scipy.special import softmax

from infodyn.answers.registry import answer
from infodyn.distributions import points
from infodyn.information import conditional_entropy
from infodyn.processes import EDM


def digits():
    """Return the pictures, between 0 and 1, and their labels."""
    from sklearn.datasets import load_digits  # only this page needs it

    loaded = load_digits()
    return loaded.data / 16, loaded.target


def half_a_bit(first, second):
    """Time at which half a bit of two points on a line is open."""
    pair, width = points([[float(first)], [float(second)]]), abs(first - second)
    share = optimize.brentq(
        lambda u: conditional_entropy(pair, EDM(), u * width).value - np.log(2) / 2, 0.1, 3
    )
    return share * width


@answer("9.1")
def larger_pictures():
    small = digits()[0][:50]
    large = small.reshape(-1, 8, 8).repeat(3, axis=1).repeat(3, axis=2).reshape(50, -1)
    return pdist(large).sum() / pdist(small).sum()


@answer("9.2", rtol=1e-3)
def camera():
    white = float(np.iinfo(np.uint8).max)
    return half_a_bit(white, 0.0) / half_a_bit(0.0, 1.0)


@answer("9.3")
def pair():
    return half_a_bit(0.0, 1.0)


@answer("9.4", rtol=0)
def certain_and_wrong():
    pictures, label = digits()
    nearest = np.argpartition(cdist(pictures, pictures), 1, axis=1)[:, 1]
    return np.sum(label[nearest] != label)


@answer("9.5")
def softer_memory(t=0.1):
    """The posterior mean by hand: a mean over the stored pictures, drawn towards the noisy one."""
    pictures, _ = digits()
    noise = np.random.default_rng(0).standard_normal(pictures.shape)
    held = np.random.default_rng(2).permutation(len(pictures))[:200]
    stored, noisy = np.delete(pictures, held, axis=0), pictures[held] + t * noise[held]
    squares = cdist(noisy, stored, "sqeuclidean")

    def error(s):
        spread = s**2 + t**2
        mean = softmax(-squares / (2 * spread), axis=1) @ stored
        return np.sum(((s**2 * noisy + t**2 * mean) / spread - pictures[held]) ** 2) / len(held)

    return optimize.minimize_scalar(error, bounds=(0.02, 0.5), method="bounded", options={"xatol": 1e-3}).fun
