"""Posterior probabilities of components."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from infodyn.estimates import blocks

#: Log weights below this one are lifted to it: exp() of anything smaller is slow and counts for nothing.
FLOOR = {"d": -700.0, "f": -87.0}


@dataclass(frozen=True, eq=False)
class Responsibility:
    r"""Posterior probabilities :math:`w_k(x)`, kept so that small ones lose no digits.

    Attributes
    ----------
    odds : ndarray or sparse array, shape (M, K)
        :math:`e^{q_k} = w_k/w_\mathrm{top}`, but 0 at the most probable component.
    top : ndarray, shape (M,)
        Index of the most probable component.
    rest : ndarray, shape (M,)
        :math:`S = \sum_{k\ne\mathrm{top}} e^{q_k}`.
    square : ndarray, shape (M,), or None
        Squared distance to the most probable component, in its standard deviations, where each component
        has its own.
    """

    odds: np.ndarray
    top: np.ndarray
    rest: np.ndarray
    square: np.ndarray | None = None

    @classmethod
    def of(cls, log_joint, squares=None):
        """Normalise log joint weights (M, K), in place; a few rows at once, which stay in cache.

        Beside them may come squared distances (M, K) to all components.
        """
        number, columns = log_joint.shape
        top, rest = np.empty(number, int), np.empty(number, log_joint.dtype)
        floor = FLOOR[log_joint.dtype.char]
        for b in blocks(number, 2 * columns):
            odds = log_joint[b]
            rows, top[b] = np.arange(len(odds)), np.argmax(odds, axis=1)
            odds -= odds[rows, top[b]][:, None]
            if odds.min() < floor:
                np.maximum(odds, floor, out=odds)
            np.exp(odds, out=odds)
            odds[rows, top[b]] = 0
            rest[b] = odds @ np.ones(columns, odds.dtype)
        return cls(log_joint, top, rest, None if squares is None else squares[np.arange(number), top])

    @cached_property
    def w(self):
        """The probabilities, (M, K)."""
        w = self.odds / (1 + self.rest)[:, None]
        w[np.arange(len(w)), self.top] = 1 / (1 + self.rest)
        return w

    @cached_property
    def q(self):
        r""":math:`\ln(w_k/w_\mathrm{top})`, 0 at the most probable component, (M, K)."""
        return np.log(self.odds + (self.odds == 0))

    def __getitem__(self, rows):
        """The same at some of the points."""
        square = None if self.square is None else self.square[rows]
        return Responsibility(self.odds[rows], self.top[rows], self.rest[rows], square)

    def entropy(self):
        r""":math:`-\sum_k w_k\ln w_k = \ln(1+S) - \sum_k w_k q_k`, two terms of one sign."""
        return np.log1p(self.rest) - np.einsum("mk,mk->m", self.odds, self.q) / (1 + self.rest)

    def collisions(self):
        r""":math:`\sum_{j<k} w_j w_k`, the chance that two posterior draws differ, halved."""
        pairs = (self.rest**2 - np.einsum("mk,mk->m", self.odds, self.odds)) / 2
        return (self.rest + pairs) / (1 + self.rest) ** 2
