"""The random laws, times and points at which accuracy is measured: a seed is a case."""

import hashlib

import numpy as np

from infodyn import EDM, VE, VP, GaussianMixture

#: How many laws are looked at point by point, and how many on a line, for averages.
LAWS, LINES = 350, 70
PROCESSES = {"EDM": EDM(), "VE": VE(), "VP": VP()}


def _weights(rng, number):
    """Weights down to about 1e-6; now and then equal ones."""
    w = 10 ** rng.uniform(-6, 0, number) if rng.random() < 0.8 else np.ones(number)
    return w / w.sum()


def _full(rng, dim):
    """A covariance with eigenvalues over three decades."""
    axes, _ = np.linalg.qr(rng.standard_normal((dim, dim)))
    c = (axes * 10 ** rng.uniform(-3, 0, dim)) @ axes.T
    return (c + c.T) / 2


def _singular(rng, dim):
    """A covariance of rank < dim, exactly so in floating point: its entries are sixteenths."""
    root = rng.integers(-4, 5, (dim, rng.integers(0, dim))).astype(float)
    return root @ root.T / 16


#: Draws the covariances of K components in D dimensions.
COVARIANCES = {
    "points": lambda rng, K, D: 0.0,
    "one isotropic": lambda rng, K, D: 10 ** rng.uniform(-3, 0),
    "isotropic": lambda rng, K, D: 10 ** rng.uniform(-3, 0, K) * (rng.random(K) < 0.8),
    "one full": lambda rng, K, D: _full(rng, D),
    "full": lambda rng, K, D: np.stack([_full(rng, D) for _ in range(K)]),
    "one singular": lambda rng, K, D: _singular(rng, D),
    "singular": lambda rng, K, D: np.stack([_singular(rng, D) for _ in range(K)]),
}
ON_A_LINE = {
    "points": COVARIANCES["points"],
    "one isotropic": COVARIANCES["one isotropic"],
    "isotropic": lambda rng, K, D: 10 ** rng.uniform(-3, 0, K),
}


def draw(seed):
    """Draw a law of 2 to 8 components in 1 to 6 dimensions, a process and a time."""
    rng = np.random.default_rng(seed)
    kind, process = list(COVARIANCES)[seed % len(COVARIANCES)], list(PROCESSES)[seed % len(PROCESSES)]
    K, D = rng.integers(2, 9), rng.integers(1, 7)
    means = rng.standard_normal((K, D))
    if rng.random() < 0.5:  # two clusters
        means = rng.standard_normal((2, D))[rng.integers(0, 2, K)] + 10 ** rng.uniform(-3, -1) * means
    if rng.random() < 0.5:
        means = means + 10 ** rng.uniform(0, 6) * rng.standard_normal(D)
    law = GaussianMixture(_weights(rng, K), means, COVARIANCES[kind](rng, K, D))
    return law, PROCESSES[process], 10 ** rng.uniform(-3, 3)


def queries(law, diffused, seed):
    """Two points drawn from p_t, one between two components, as probable as each other, and one far out."""
    rng = np.random.default_rng([seed, 1])
    typical = diffused.sample(2, rng)
    i, j = rng.choice(len(law.weights), 2, replace=False)
    start, step = diffused.alpha * law.means[i], diffused.alpha * (law.means[j] - law.means[i])
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        w = diffused.weights(start + middle * step)
        low, high = (middle, high) if w[i] > w[j] else (low, middle)
    away = rng.standard_normal(law.dim)
    away *= 10 ** rng.uniform(1, 3) * np.hypot(np.linalg.norm(step), diffused.sigma) / np.linalg.norm(away)
    return [*typical, start + low * step, start + away]


def draw_line(seed):
    """Draw a law whose means lie on a line, exactly, their positions and direction, a process and a time."""
    rng = np.random.default_rng([seed, 2])
    process = list(PROCESSES)[seed % len(PROCESSES)]
    kind = list(ON_A_LINE)[seed // len(PROCESSES) % len(ON_A_LINE)]
    K, D = rng.integers(2, 9), 1 if kind == "isotropic" else rng.integers(1, 7)
    positions = np.round(1024 * np.cumsum(10 ** rng.uniform(-1.5, 0.5, K))) / 1024
    direction = rng.integers(1, 4, D)
    offset = np.round(10 ** rng.uniform(0, 6) * rng.standard_normal(D)) if rng.random() < 1 / 3 else 0
    law = GaussianMixture(
        _weights(rng, K), positions[:, None] * direction + offset, ON_A_LINE[kind](rng, K, D)
    )
    return law, positions, direction, PROCESSES[process], 10 ** rng.uniform(-3, 3)


def digest():
    """Return a hash of all laws and times, to six digits."""
    found = hashlib.sha256()
    for case in [*map(draw, range(LAWS)), *map(draw_line, range(LINES))]:
        law, *_, process, t = case
        numbers = *law.weights, *law.means.ravel(), *law.covariances.ravel(), t
        found.update(" ".join([type(process).__name__, *(f"{v + 0.0:.5e}" for v in numbers)]).encode())
    return found.hexdigest()[:16]
