"""A mixture in whitened coordinates, and the pairs of its components that overlap."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from infodyn.estimates import blocks

#: Nats below its greatest at which an integrand counts for nothing.
NATS = 42.0
#: Components up to which all pairs are looked at.
MOST_COMPONENTS = 4096


@dataclass(frozen=True)
class Chart:
    """A mixture density in whitened coordinates z of the r directions that matter.

    Attributes
    ----------
    weights : ndarray, shape (K,)
    means : ndarray, shape (K, r)
    covariances : ndarray, shape (K, r, r), or None
        None when every component has unit covariance.
    lift : callable
        Takes z (n, r) to points x (n, D).
    log_volume : float
        What to add to log p(x) to get the log density of z.
    rest_precision : float
        Average squared score along the directions left out.
    """

    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray | None
    lift: Callable
    log_volume: float
    rest_precision: float

    @property
    def rank(self):
        """Number r of directions."""
        return self.means.shape[1]


class Pair(NamedTuple):
    r"""Two components and where the lesser of the two, :math:`\min(\pi_iN_i, \pi_jN_j)`, peaks.

    Attributes
    ----------
    i, j : int
    middle : ndarray, shape (r,)
        The peak: the point of their line where the posterior tips, or the lighter component.
    along : ndarray, shape (r,)
        Unit vector from i to j.
    distance : float
        Distance of the two means.
    inner : float
        Distance from the peak to the nearer mean; 0 where the lighter component lies in the other's realm.
    peak : float
        Logarithm of the lesser at its peak, but for the Gaussian's constant.
    """

    i: int
    j: int
    middle: np.ndarray
    along: np.ndarray
    distance: float
    inner: float
    peak: float


def close_pairs(chart, most):
    """Pairs of components whose lesser counts beside the greatest of all; None if more than ``most``."""
    live = np.flatnonzero(chart.weights)
    if len(live) > MOST_COMPONENTS:
        return None
    log_weights, means = np.log(chart.weights[live]), chart.means[live]
    first, second, peaks, greatest = [], [], [], -np.inf
    for a in range(len(live) - 1):
        d = np.linalg.norm(means[a + 1 :] - means[a], axis=1)
        peak = _lesser_peak(log_weights[a], log_weights[a + 1 :], d)[1]
        kept = np.flatnonzero(peak > max(-800.0, greatest - NATS))
        greatest = max(greatest, peak.max())
        first.append(np.full(len(kept), a))
        second.append(a + 1 + kept)
        peaks.append(peak[kept])
    first, second, peaks = (np.concatenate([[], *parts]) for parts in (first, second, peaks))
    kept = np.flatnonzero(peaks > greatest - NATS)
    if len(kept) > most:
        return None
    return [_pair(chart, live[int(first[k])], live[int(second[k])]) for k in kept]


def _lesser_peak(log_weight_i, log_weight_j, d):
    """Where the lesser of two components peaks, from their midpoint towards j, and its logarithm there."""
    shift = np.clip((log_weight_i - log_weight_j) / d, -d / 2, d / 2)
    return shift, np.minimum(log_weight_i - (d / 2 + shift) ** 2 / 2, log_weight_j - (d / 2 - shift) ** 2 / 2)


def _pair(chart, i, j):
    gap = chart.means[j] - chart.means[i]
    d = np.linalg.norm(gap)
    shift, peak = _lesser_peak(np.log(chart.weights[i]), np.log(chart.weights[j]), d)
    middle = (chart.means[i] + chart.means[j]) / 2 + shift * gap / d
    return Pair(i, j, middle, gap / d, d, d / 2 - abs(shift), peak)


def pair_share(pair):
    """Share of a local integral that a pair carries: its chance among all pairs of components."""

    def share(z, p, r):
        return p * r.w[:, pair.i] * r.w[:, pair.j] / r.collisions()

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
        total += roots[b] @ np.exp(-np.clip(gaps, 0, 5600) / 8) @ roots
    return ceiling * max(total, 0.0)
