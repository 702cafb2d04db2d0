"""Averages over p_t of equal point masses as a user without this package would compute them.

Every route returns an array (3,): the entropy H(x_0|x_t), its rate under EDM, and the variance of the
posterior entropy. The formulas are written out anew; nothing of the package is used.
"""

from itertools import product

import numpy as np
from scipy.integrate import cubature
from scipy.special import roots_hermitenorm

#: Points looked at together.
CHUNK = 1 << 16
#: What the reference neglects is about exp(-NEGLECTED) of what it keeps.
NEGLECTED = 40.0


def observables(x, y, t):
    """Density, posterior entropy and E tr Cov[x_0|x] / t³ at points x (n, d), for points y (K, d).

    Sums of terms of one sign, which lose no digits where one point takes all.
    """
    rows = np.arange(len(x))
    logits = -((x[:, None] - y) ** 2).sum(axis=2) / (2 * t**2)
    top = np.argmax(logits, axis=1)
    greatest = logits[rows, top]
    q = np.maximum(logits - greatest[:, None], -700)
    odds = np.exp(q)
    odds[rows, top] = 0
    rest = odds.sum(axis=1)
    entropy = np.log1p(rest) - (odds * q).sum(axis=1) / (1 + rest)
    odds[rows, top] = 1
    w = odds / (1 + rest)[:, None]
    squares = ((y[:, None] - y) ** 2).sum(axis=2)
    spread = ((w @ squares) * w).sum(axis=1) / 2
    density = np.exp(greatest) * (1 + rest) / len(y) / (2 * np.pi * t**2) ** (y.shape[1] / 2)
    return density, entropy, spread / t**3


def in_chunks(x, y, t):
    """The observables, of as many points at once as stay in the cache."""
    parts = [observables(x[k : k + CHUNK], y, t) for k in range(0, len(x), CHUNK)]
    return (np.concatenate(part) for part in zip(*parts, strict=True))


def averages(weights, entropy, rate):
    """Mean entropy, mean rate and variance of the entropy, in two passes."""
    mean = weights @ entropy
    return np.array([mean, weights @ rate, weights @ (entropy - mean) ** 2])


def reference(y, t):
    r"""The averages by a trapezoid sum over a grid of one or two dimensions, to some thirteen digits.

    Along a shift into the complex plane of less than :math:`\pi t^2/\mathrm{diameter}` the posterior has no
    pole, so the error of a step h is about :math:`e^{-2\pi^2t^2/(h\,\mathrm{diameter})}`.

    Returns
    -------
    averages : ndarray, shape (3,)
    spread : float
        Standard deviation of the rate at one point of p_t, beside its mean.
    """
    diameter = np.sqrt(((y[:, None] - y) ** 2).sum(axis=2).max())
    step = min(2 * np.pi**2 * t**2 / (NEGLECTED * diameter), t / 3)
    beyond = t * np.sqrt(2 * NEGLECTED)
    axes = [
        np.arange(low - beyond, high + beyond, step) for low, high in zip(y.min(0), y.max(0), strict=True)
    ]
    lines = (
        np.stack(np.meshgrid(*axes[:-1], last, indexing="ij"), -1) for last in np.array_split(axes[-1], 64)
    )
    found = [tuple(in_chunks(line.reshape(-1, y.shape[1]), y, t)) for line in lines if line.size]
    density, entropy, rate = (np.concatenate(part) for part in zip(*found, strict=True))
    weights = density * step ** y.shape[1]
    values = averages(weights, entropy, rate)
    return values, float(np.sqrt(weights @ rate**2 / values[1] ** 2 - 1))


def hermite_nodes(number, dim):
    """Nodes (n^d, d) and weights of the Gauss-Hermite rule for a standard normal vector."""
    z, w = roots_hermitenorm(number)
    w /= w.sum()
    return np.array(list(product(z, repeat=dim))), np.prod(list(product(w, repeat=dim)), axis=1)


def gauss_hermite(rule, y, t):
    """Gauss-Hermite quadrature around every point."""
    z, w = rule
    _, entropy, rate = in_chunks((y[:, None] + t * z).reshape(-1, y.shape[1]), y, t)
    return averages(np.tile(w / len(y), len(y)), entropy, rate)


def monte_carlo(samples, y, t, seed=0):
    """Plain Monte Carlo."""
    rng = np.random.default_rng(seed)
    x = y[rng.integers(len(y), size=samples)] + t * rng.standard_normal((samples, y.shape[1]))
    _, entropy, rate = in_chunks(x, y, t)
    return averages(np.full(samples, 1 / samples), entropy, rate)


def adaptive(rtol, y, t):
    """SciPy's adaptive cubature over a box around the points."""
    most = np.log(len(y))

    def integrand(x):
        density, entropy, rate = in_chunks(x, y, t)
        return density[:, None] * np.stack([entropy, rate, entropy**2, (entropy - most) ** 2], axis=1)

    box = y.min(0) - 9 * t, y.max(0) + 9 * t
    mean, rate, *squares = cubature(integrand, *box, rtol=rtol, atol=0, max_subdivisions=2000).estimate
    centre = 0 if squares[0] < squares[1] else most  # from the nearer of the two less cancels
    return np.array([mean, rate, min(squares) - (mean - centre) ** 2])
