"""A mixture in whitened coordinates, and the pairs of its components that overlap."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from infodyn.estimates import blocks

#: Components up to which all pairs are looked at.
MOST_COMPONENTS = 4096


@dataclass(frozen=True)
class Chart:
    r"""A mixture density in whitened coordinates z of the r directions that matter.

    Attributes
    ----------
    weights : ndarray, shape (K,)
    means : ndarray, shape (K, r)
    covariances : ndarray, shape (K, r, r), or None
        None when every component has unit covariance.
    lift : callable
        Takes z (n, r) to points x (n, D).
    centre : ndarray, shape (D,)
    projection : ndarray, shape (D, r)
        Takes points back, :math:`z = (x - \mathrm{centre})\,P`.
    log_volume : float
        What to add to log p(x) to get the log density of z.
    rest_precision : float
        Average squared score along the directions left out.
    """

    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray | None
    lift: Callable
    centre: np.ndarray
    projection: np.ndarray
    log_volume: float
    rest_precision: float

    @property
    def rank(self):
        """Number r of directions."""
        return self.means.shape[1]

    @cached_property
    def live(self):
        """Components of positive weight."""
        return np.flatnonzero(self.weights)


def evaluate(kernel, chart, integrand, z):
    """Density, integrand and Responsibility at nodes z."""
    x = chart.lift(z)
    r = kernel.respond(x)
    return np.exp(kernel.logpdf(x, r) + chart.log_volume), integrand(kernel, x, r), r


def pair_share(i, j):
    """Share of a local integral that a pair carries: its chance among all pairs of components."""

    def share(z, p, r):
        return p * r.w[:, i] * r.w[:, j] / r.collisions()

    return share


def overlap_bound(chart, ceiling):
    r"""Bound on the average of a local integrand, from the overlap of each pair.

    Holds for integrands of at most ``ceiling`` times :math:`\sum_{i<j}2\sqrt{w_iw_j}`, by Bhattacharyya.
    """
    if chart.covariances is not None or len(chart.weights) > MOST_COMPONENTS:
        return np.inf
    roots, squares = np.sqrt(chart.weights), (chart.means**2).sum(axis=1)
    total = -chart.weights.sum()
    for b in blocks(len(roots), len(roots)):
        gaps = squares[b, None] + squares - 2 * chart.means[b] @ chart.means.T
        total += roots[b] @ np.exp(-np.maximum(gaps, 0) / 8) @ roots
    return ceiling * max(total, 0.0)
