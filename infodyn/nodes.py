"""The posterior of a few components at many nodes, components first."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.spatial.distance import cdist

#: Points of which all distances are kept.
MANY = 4096
#: Log weights below this one are lifted to it: exp() of anything smaller is slow and counts for nothing.
FLOOR = -700.0
#: Log density, against one at the centre, up to which a component's excess is computed from it.
SMALL = 1.0


@dataclass(frozen=True, eq=False)
class Nodes:
    """n nodes of some patches, and the posterior of their m components there; components come first.

    Attributes
    ----------
    patches : Patches
    runs : ndarray, shape (R, 3)
        Rows (patch, start, stop): nodes start to stop lie in that patch.
    place : ndarray, shape (d + 1, n)
        Nodes, from the centres of their patches; the last row is 1.
    top : ndarray, shape (n,)
        Log density of the greatest component.
    q, odds : ndarray, shape (m, n)
        Odds of the components against the greatest, and their logarithms.
    rest : ndarray, shape (n,)
        Sum of the odds of all but the greatest.
    """

    patches: object
    runs: np.ndarray
    place: np.ndarray
    top: np.ndarray
    q: np.ndarray
    odds: np.ndarray
    rest: np.ndarray

    @classmethod
    def of(cls, patches, runs, place):
        """Weigh the components at nodes."""
        q = np.empty((patches.members.shape[1], place.shape[1]))
        for p, start, stop in runs.tolist():
            np.matmul(patches.forms[p], place[:, start:stop], out=q[:, start:stop])
        top = q.max(axis=0)
        q -= top
        np.maximum(q, FLOOR, out=q)
        odds = np.exp(q)
        if len(q) == 2:
            rest = odds.min(axis=0)
        else:
            greatest = q == 0
            rest = np.where(greatest, 0, odds).sum(axis=0) + (greatest.sum(axis=0) - 1)
        return cls(patches, runs, place, top, q, odds, rest)

    def each(self, values):
        """Values of the patches (P, ...) at their nodes, (..., n)."""
        owners, starts, stops = self.runs.T
        return np.repeat(values[owners].T, stops - starts, axis=-1)

    @cached_property
    def log_total(self):
        """Log density of all components beside that of the greatest, ln(1 + S), (n,)."""
        return np.log1p(self.rest)

    def weights(self):
        """Posterior weights, (m, n)."""
        return self.odds / (1 + self.rest)

    def entropy(self):
        r""":math:`-\sum_k w_k\ln w_k = \ln(1+S) - \sum_k w_k q_k`, two terms of one sign."""
        return self.log_total - np.einsum("mn,mn->n", self.odds, self.q) / (1 + self.rest)

    def excess(self, weights):
        r""":math:`w_k/\pi_k - 1` for the prior weights π, (m, n), where it is small to its last digit.

        It is :math:`(g_k - \bar g)/(1 + \bar g)` with :math:`g_k = N_k/N_0 - 1` and their mean over π.
        """
        prior = weights[self.each(self.patches.members)]
        excess = self.weights() / prior - 1
        for p, start, stop in self.runs.tolist():
            offsets = self.patches.forms[p, :, :-1]
            logs = offsets @ self.place[:-1, start:stop] - (offsets**2).sum(axis=1)[:, None] / 2
            if np.abs(logs).max() < SMALL:
                growth = np.expm1(logs)
                mean = weights[self.patches.members[p]] @ growth
                excess[:, start:stop] = (growth - mean) / (1 + mean)
        return excess

    def spread(self, points):
        r""":math:`\sum_k w_k\|y_k-\bar y\|^2` of a :class:`Constellation`, in the square of its units.

        It is :math:`\sum_{j<k} w_j w_k\|y_j-y_k\|^2`, where no term cancels another; for very many points,
        whose distances would not fit in memory, it is summed about the mean.
        """
        members = self.patches.members
        if members.shape[1] == 2:
            i, j = members.T
            return self.each(points.squares[i, j]) * self.rest / (1 + self.rest) ** 2
        if members.shape[1] > MANY:
            return self._spread_about_mean(points.y)
        mean = np.empty_like(self.odds)
        for p, start, stop in self.runs.tolist():
            squares = points.squares[members[p][:, None], members[p]]
            np.matmul(squares, self.odds[:, start:stop], out=mean[:, start:stop])
        return np.einsum("mn,mn->n", self.odds, mean) / (2 * (1 + self.rest) ** 2)

    def _spread_about_mean(self, y):
        w, total = self.weights(), np.empty(self.place.shape[1])
        for p, start, stop in self.runs.tolist():
            part, about = w[:, start:stop], y[self.patches.members[p]]
            gaps = cdist(about, (part.T @ about), "sqeuclidean")
            total[start:stop] = np.einsum("mn,mn->n", part, gaps)
        return total

    def log_density(self):
        """Log density but for the constant of the Gaussian and the peak of the patch."""
        return self.top + self.log_total - np.einsum("dn,dn->n", self.place[:-1], self.place[:-1]) / 2

    def share(self):
        """What part of an integral over the density a node carries.

        For a pair it is its chance among all pairs of components, for a component its posterior weight.
        """
        if self.patches.kind == "first":
            return self.odds[0] / (1 + self.rest)
        if self.patches.kind == "all" or len(self.odds) == 2:
            return 1.0
        greatest = self.q == 0
        squares = np.where(greatest, 0, self.odds)
        squares *= squares
        pairs = (self.rest**2 - squares.sum(axis=0) - (greatest.sum(axis=0) - 1)) / 2
        return self.odds[0] * self.odds[1] / (self.rest + pairs)
