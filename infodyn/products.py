r"""Point sets that are Cartesian products of smaller ones, up to a rotation.

If :math:`x_0 = (x_0^1, x_0^2)` with independent parts in orthogonal directions, as for the corners of a
cube, noise and posterior fall apart likewise, and entropies, their rates and their variances add up.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.spatial.distance import cdist

from infodyn.patches import Constellation
from infodyn.sharedkernel import Cloud

#: Components beyond which no products are looked for; rounding, beside the size of the set.
MOST, ROUNDING = 4096, 1e-12


@dataclass(frozen=True, eq=False)
class Factor:
    """A smaller set, and how many times it occurs.

    Attributes
    ----------
    weights : ndarray, shape (K,)
    y : ndarray, shape (K, r)
    times : int
    """

    weights: np.ndarray
    y: np.ndarray
    times: int

    @cached_property
    def points(self):
        """The set as lattices are laid over it, at every noise level."""
        return Constellation(np.log(self.weights), self.y)

    @cached_property
    def cloud(self):
        """The set as kernels have it."""
        return Cloud.of(self.weights, self.y)

    @property
    def entropy(self):
        """Entropy of the weights, in nats."""
        return -self.weights @ self.points.log_weights


def factorise(weights, y):
    r"""Write a weighted set of points as a product.

    Differences v from one point are differences of one factor unless they are mixed, and a mixed one has a
    part that is a difference itself, :math:`v_k\cdot v_j = |v_k|^2`. The others fall into mutually
    orthogonal groups, one a factor. That each weight is the product of its parts' is verified: as they sum to
    1, no point of the product is missing then.

    Parameters
    ----------
    weights : ndarray, shape (K,)
        Positive.
    y : ndarray, shape (K, r)
        Points, all different, that span their space.

    Returns
    -------
    list of Factor
        The set itself where it is no product.
    """
    whole = [Factor(weights, y, 1)]
    if not 4 <= len(y) <= MOST:
        return whole
    spans = _spans(y[1:] - y[0])
    if len(spans) < 2 or sum(span.shape[1] for span in spans) < y.shape[1]:
        return whole
    parts = [_distinct(y @ span, weights) for span in spans]
    product = np.prod([part_weights[label] for part_weights, _, label in parts], axis=0)
    if np.abs(product / weights - 1).max() > ROUNDING * len(y):
        return whole
    return _counted([(part_weights, points) for part_weights, points, _ in parts])


def _spans(v):
    """Orthonormal bases (r, d) of the spans of mutually orthogonal groups of differences."""
    gram = v @ v.T
    squares = np.diagonal(gram)
    slack = ROUNDING * squares.max()
    part = np.abs(gram - squares[:, None]) <= slack
    np.fill_diagonal(part, False)
    pure = np.flatnonzero(~part.any(axis=0))
    touch = np.abs(gram[np.ix_(pure, pure)]) > slack
    label = np.arange(len(pure))
    for row in range(len(pure)):
        met = label[touch[row]]
        if len(met):
            label[np.isin(label, met)] = met.min()
    spans = []
    for group in np.unique(label):
        _, lengths, axes = np.linalg.svd(v[pure[label == group]], full_matrices=False)
        spans.append(axes[lengths > 1e-7 * lengths[0]].T)
    return spans


def _distinct(points, weights):
    """Weights and places of the distinct points among rows that agree but for rounding, and each row's."""
    scale = np.abs(points - points[0]).max()
    rounded = np.round((points - points[0]) / scale * 1e9).astype(np.int64)
    _, first, label = np.unique(rounded, axis=0, return_index=True, return_inverse=True)
    label = label.ravel()
    return np.bincount(label, weights), points[first], label


def _counted(parts):
    """Factors, those that are one another's images counted once."""
    found = []
    for weights, points in parts:
        orders = _orders(weights, points)
        for n, factor in enumerate(found):
            if any(_alike(factor, weights[order], points[order]) for order in orders):
                found[n] = replace(factor, times=factor.times + 1)
                break
        else:
            found.append(Factor(weights[orders[0]], points[orders[0]], 1))
    return found


def _orders(weights, points):
    """Orders that an image may have: along the line and back, or by weights and distances."""
    if points.shape[1] == 1:
        order = np.argsort(points[:, 0])
        return order, order[::-1]
    distances = np.sort(cdist(points, points), axis=1).round(9)
    return (np.lexsort((*distances.T, weights.round(9))),)


def _alike(factor, weights, points):
    """Whether weights and all distances agree, one by one."""
    if factor.y.shape != points.shape:
        return False
    gaps, others = cdist(points, points), cdist(factor.y, factor.y)
    slack = ROUNDING * others.max()
    return (
        np.allclose(factor.weights, weights, rtol=ROUNDING, atol=0) and np.abs(gaps - others).max() <= slack
    )
