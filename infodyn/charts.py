"""A mixture in whitened coordinates, and the pairs of its components that overlap."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from infodyn.estimates import blocks

#: Nats below its greatest at which an integrand counts for nothing.
NATS = 38.0
#: Components up to which all pairs are looked at, and numbers up to which all their shadows are.
MOST_COMPONENTS, MOST_SHADOWS = 4096, 100_000_000


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


def evaluate(kernel, chart, integrand, z):
    """Density, integrand and Responsibility at nodes z."""
    x = chart.lift(z)
    r = kernel.respond(x)
    return np.exp(kernel.logpdf(x, r) + chart.log_volume), integrand(kernel, x, r), r


def close_pairs(chart, most):
    """Pairs of components whose lesser counts beside the greatest of all; None if more than ``most``."""
    live = chart.live
    if len(live) > MOST_COMPONENTS:
        return None
    log_weights, means = np.log(chart.weights[live]), chart.means[live]
    first, second, peaks, greatest = [], [], [], -np.inf
    for a in range(len(live) - 1):
        d = np.linalg.norm(means[a + 1 :] - means[a], axis=1)
        peak = lesser_peak(log_weights[a], log_weights[a + 1 :], d)[1]
        kept = np.flatnonzero(peak > max(-800.0, greatest - NATS))
        greatest = max(greatest, peak.max())
        first.append(np.full(len(kept), a))
        second.append(a + 1 + kept)
        peaks.append(peak[kept])
    peaks = np.concatenate([[], *peaks])
    kept = np.flatnonzero(peaks > greatest - NATS)
    first, second = (live[np.concatenate([[], *ends]).astype(int)[kept]] for ends in (first, second))
    if len(kept) * len(live) * chart.rank <= MOST_SHADOWS:
        lit = _lit_pairs(chart, first, second, peaks[kept])
        first, second = first[lit], second[lit]
    if len(first) > most:
        return None
    return [_pair(chart, i, j) for i, j in zip(first, second, strict=True)]


def _lit_pairs(chart, first, second, peaks):
    r"""Which pairs count although a third component k may stand between them.

    Where k is present the share of i and j is at most :math:`\pi_iN_i\,\pi_jN_j/(\pi_kN_k)`, a Gaussian
    whose logarithm peaks at :math:`(z_k-z_i)\cdot(z_k-z_j) + \ln(\pi_i\pi_j/\pi_k)`.
    """
    means, log_weights = chart.means[chart.live], np.log(chart.weights[chart.live])
    peaks = peaks.copy()
    for b in blocks(len(first), means.size):
        i, j = first[b], second[b]
        angles = np.einsum("pkd,pkd->pk", means - chart.means[i, None], means - chart.means[j, None])
        both = np.log(chart.weights[i]) + np.log(chart.weights[j])
        peaks[b] = np.minimum(peaks[b], (angles + both[:, None] - log_weights).min(axis=1))
    return peaks > np.max(peaks, initial=-np.inf) - NATS


def lesser_peak(log_weight_i, log_weight_j, d):
    """Where the lesser of two components peaks, from their midpoint towards j, and its logarithm there."""
    tip = (log_weight_i - log_weight_j) / np.maximum(d, 1e-300)
    shift = np.clip(tip, -d / 2, d / 2)
    return shift, np.minimum(log_weight_i, log_weight_j) - (d / 2 - np.abs(shift)) ** 2 / 2


def _pair(chart, i, j):
    gap = chart.means[j] - chart.means[i]
    d = np.linalg.norm(gap)
    shift, peak = lesser_peak(np.log(chart.weights[i]), np.log(chart.weights[j]), d)
    along = gap / d if d > 0 else np.eye(chart.rank)[0]
    middle = (chart.means[i] + chart.means[j]) / 2 + shift * along
    return Pair(i, j, middle, along, d, d / 2 - abs(shift), peak)


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
