"""Data laws and points that several tests look at, and slow, plain routes to the same numbers."""

import numpy as np
from scipy.stats import multivariate_normal

from infodyn import GaussianMixture, points


def random_matrix(rng, dim, rank=None):
    factor = rng.standard_normal((dim, rank or dim))
    return factor @ factor.T / dim


def every_kind():
    """One law of each covariance structure, by name."""
    rng = np.random.default_rng(5)
    weights = np.array([0.2, 0.5, 0.3])
    means = rng.standard_normal((3, 3)) * 2
    full = np.stack([random_matrix(rng, 3) for _ in range(3)])
    singular = np.stack([random_matrix(rng, 3, rank) for rank in (1, 2, 3)])
    return {
        "points": points(means, weights),
        "one isotropic": GaussianMixture(weights, means, 0.7),
        "isotropic": GaussianMixture(weights, means, [0.0, 0.4, 2.0]),
        "one full": GaussianMixture(weights, means, full[0]),
        "full": GaussianMixture(weights, means, full),
        "singular": GaussianMixture(weights, means, singular),
    }


def component_covariances(law):
    """Covariances (K, D, D) whatever the form they were given in."""
    c, (number, dim) = law.covariances, law.means.shape
    if c.ndim <= 1:
        c = np.broadcast_to(c, (number,))[:, None, None] * np.eye(dim)
    return np.broadcast_to(c, (number, dim, dim))


def plain_logpdf(law, alpha, sigma, x):
    """Log density of x_t by SciPy's Gaussians, one point and component at a time."""
    covariances = alpha**2 * component_covariances(law) + sigma**2 * np.eye(law.dim)
    terms = [
        np.log(w) + multivariate_normal(alpha * m, c).logpdf(x)
        for w, m, c in zip(law.weights, law.means, covariances, strict=True)
    ]
    return np.logaddexp.reduce(terms, axis=0)


def numerical_gradient(f, x, step=1e-5):
    """Central differences of f, with an error of order step**2, along the last axis of x."""
    shifts = step * np.eye(x.shape[-1])
    return np.stack([(f(x + s) - f(x - s)) / (2 * step) for s in shifts], axis=-1)
