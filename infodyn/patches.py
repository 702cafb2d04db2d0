r"""Rectangles of nodes over a mixture, and the steps between the nodes.

The mixture is whitened: component k is :math:`\pi_k N(\kappa y_k, I)`, with one scale κ for each noise
level.
"""

from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np
from scipy.spatial import KDTree
from scipy.spatial.distance import cdist

from infodyn.symmetry import pair_classes

#: Nats below its greatest, beyond the digits asked for, at which an integrand counts for nothing.
SPARE = 6.0
#: Node-components that cost as much as one more patch.
OVERHEAD = 500


@dataclass(frozen=True, eq=False)
class Constellation:
    r"""Weighted points: what a mixture is at every scale.

    Attributes
    ----------
    log_weights : ndarray, shape (K,)
    y : ndarray, shape (K, r)
    """

    log_weights: np.ndarray
    y: np.ndarray

    @cached_property
    def squares(self):
        """Squared distances, (K, K)."""
        return cdist(self.y, self.y, "sqeuclidean")

    @cached_property
    def nearest(self):
        """How far each point's nearest neighbour is, and which it is, (K,) each."""
        distance, neighbour = KDTree(self.y).query(self.y, k=2)
        return distance[:, 1], neighbour[:, 1]

    @cached_property
    def pair_classes(self):
        """For every pair the first that a symmetry takes it to; see :func:`pair_classes`."""
        return pair_classes(self.log_weights, self.squares)


@dataclass(frozen=True, eq=False)
class Mixture:
    r"""Components :math:`\pi_k N(\kappa_t y_k, I)`.

    Attributes
    ----------
    points : Constellation
    kappa : ndarray, shape (T,)
    """

    points: Constellation
    kappa: np.ndarray

    @classmethod
    def of(cls, weights, y, kappa):
        """Components of positive weights at points y."""
        return cls(Constellation(np.log(weights), y), kappa)

    @property
    def log_weights(self):
        """Logarithms of the weights, (K,)."""
        return self.points.log_weights

    @property
    def y(self):
        """Means in units of 1/κ, (K, r)."""
        return self.points.y

    @property
    def squares(self):
        """Squared distances of the y, (K, K)."""
        return self.points.squares

    def at(self, chosen):
        """The same at some of the scales."""
        return Mixture(self.points, self.kappa[chosen])


@dataclass(frozen=True, eq=False)
class Patches:
    """P rectangles of nodes, alike in kind, in dimension and in the number m of their components.

    Attributes
    ----------
    kind : str
        What of the integral they carry: "all", that of their "first" component, or of their first "pair".
    time : ndarray, shape (P,)
        The scale that each belongs to.
    number : ndarray, shape (P,)
        How many alike it stands for.
    members : ndarray, shape (P, m)
    forms : ndarray, shape (P, m, d + 1)
        Log density of the weighted members as an affine form in the place (u, 1), from the centre along
        the axes, but for ``peak``, the Gaussian's constant and :math:`-u^2/2`.
    peak : ndarray, shape (P,)
    step : ndarray, shape (P, d)
    margin : ndarray, shape (P,)
        Nats below the peak at which nodes are left out.
    flat : ndarray, shape (P, d)
        How far the integrand may stay at its peak, along each axis.
    inner : ndarray, shape (P, 2)
        How fast, in nats per length, it falls at once on either side along the first axis.
    centre : ndarray, shape (P, r)
    axes : ndarray, shape (P, d, r)
    """

    kind: str
    time: np.ndarray
    number: np.ndarray
    members: np.ndarray
    forms: np.ndarray
    peak: np.ndarray
    step: np.ndarray
    margin: np.ndarray
    flat: np.ndarray
    inner: np.ndarray
    centre: np.ndarray
    axes: np.ndarray

    def loss(self, owner, axis, x):
        """Nats by which the integrand of patches ``owner`` is below its peak at x on one axis, at least."""
        beyond = np.maximum(np.abs(x) - self.flat[owner, axis], 0)
        if axis:
            return beyond**2 / 2
        return beyond * (beyond / 2 + self.inner[owner, (x > 0).astype(int)])

    def reach(self, owner, axis, nats):
        """How far, down and up one axis, the loss stays below some nats."""
        flat = self.flat[owner, axis]
        if axis:
            return (flat + np.sqrt(2 * nats),) * 2
        low, high = self.inner[owner].T
        return flat + _until(low, nats), flat + _until(high, nats)

    @property
    def cost(self):
        """Nodes times components, about, (P,)."""
        owner, nodes = np.arange(len(self.time)), 1.0
        for axis in range(self.step.shape[1]):
            nodes = nodes * (np.add(*self.reach(owner, axis, self.margin)) / self.step[:, axis] + 1)
        return nodes * self.members.shape[1] + OVERHEAD

    def among(self, chosen):
        """Some of the patches."""
        parts = {f.name: getattr(self, f.name)[chosen] for f in fields(self) if f.name != "kind"}
        return Patches(self.kind, **parts)

    def at_times(self, time):
        """The same patches, counted as belonging to other scales."""
        return replace(self, time=time)

    def above(self, scale):
        """The same patches, their peaks counted from a level of each scale (T,)."""
        return replace(self, peak=self.peak - scale[self.time])


def steps(extents, digits, local):
    r"""Steps that resolve a unit Gaussian and the posterior walls between components ``extents`` apart.

    A wall is analytic in a strip of half-width :math:`\pi/\mathrm{extent}`. Moved by iy, the Gaussian grows
    by :math:`e^{y^2/2}`, and the polynomials before it, so the sum of twice the step h errs by at most
    about :math:`q = e^{-\pi y/h + 3y^2/4}`, and :math:`q^2 = e^{-\mathrm{digits}}` is asked for. Where the
    integrand is not local, walls count only beside the bulk, from which they stand back by
    :math:`e^{-\mathrm{extent}^2/8}`.
    """
    extents = np.maximum(extents, 1e-300)
    left = np.full(extents.shape, digits)
    if not local:
        extents = np.minimum(extents, np.sqrt(8 * digits / 3))
        left = digits - extents**2 / 8
    y = np.minimum(np.pi / extents, np.sqrt(left))
    return 2 * np.pi * y / (left + 1.5 * y**2)


def spare(digits):
    """Nats below its greatest at which an integrand counts for nothing."""
    return digits + SPARE


def _until(slope, nats):
    """Where a loss that starts with a slope and grows by a half square reaches some nats."""
    return 2 * nats / (slope + np.sqrt(slope**2 + 2 * nats))


def lesser_peak(log_weight_i, log_weight_j, d):
    r"""Where the lesser of two components, :math:`\min(\pi_iN_i, \pi_jN_j)`, peaks.

    From their midpoint towards j, and its logarithm there, but for the Gaussian's constant.
    """
    tip, half = (log_weight_i - log_weight_j) / np.maximum(d, 1e-300), d / 2
    shift = np.minimum(np.maximum(tip, -half), half)
    return shift, np.minimum(log_weight_i, log_weight_j) - (half - np.abs(shift)) ** 2 / 2


def affine(log_weights, offsets):
    """Log densities of components at offsets (P, m, d) as forms in (u, 1): see :class:`Patches`."""
    constants = log_weights - np.einsum("pmd,pmd->pm", offsets, offsets) / 2
    return np.concatenate([offsets, constants[:, :, None]], axis=2)
