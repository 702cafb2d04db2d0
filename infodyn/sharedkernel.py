"""Components that all have one isotropic covariance."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.spatial.distance import cdist

from infodyn.estimates import blocks
from infodyn.kernels import WIDE, Kernel
from infodyn.responsibility import Responsibility

#: Means that are gathered at least at once.
SOME = 4096
#: Log weights below this one, beside the greatest, need no exact digits.
MATTERS = -40.0


@dataclass(frozen=True, eq=False)
class Cloud:
    r"""Weighted points about their mean: what a :class:`SharedKernel` is at every noise.

    Attributes
    ----------
    means : ndarray, shape (K, D)
        The points as they were given: their differences are exact.
    centre : ndarray, shape (D,)
    table : ndarray, shape (K, D + 2)
        Rows :math:`(y_k,\ -\tfrac12\|y_k\|^2,\ \ln\pi_k)`; one matrix product gives all log weights,
        fastest where columns are contiguous.
    """

    means: np.ndarray
    centre: np.ndarray
    table: np.ndarray

    @classmethod
    def of(cls, weights, means):
        """Centre points of given weights."""
        centre, (number, dim) = weights @ means, means.shape
        table = np.empty((number, dim + 2), order="F")
        for b in blocks(number, dim):
            y = means[b] - centre
            table[b, :dim], table[b, dim] = y, np.einsum("kd,kd->k", y, y) / -2
        with np.errstate(divide="ignore"):
            np.log(weights, out=table[:, -1])
        return cls(means, centre, table)

    @cached_property
    def single(self):
        """The same, its table in single precision."""
        return Cloud(self.means, self.centre, self.table.astype(np.float32))

    @cached_property
    def half_square(self):
        r"""The greatest :math:`\tfrac12\|y_k\|^2`."""
        return float(-self.table[:, -2].min())

    @cached_property
    def depth(self):
        """The log of the least positive weight, less its sign."""
        logs = self.table[:, -1]
        return float(-logs.min(where=np.isfinite(logs), initial=0.0))


class SharedKernel(Kernel):
    r"""Every component has the covariance c I (c = 0: point masses); one matrix product does the sum."""

    def __init__(self, cloud, c, alpha, sigma):
        self.cloud, self.c, self.alpha, self.sigma = cloud, c, alpha, sigma
        self.means, self.centre = cloud.means, cloud.centre
        self.y, self.log_weights = cloud.table[:, :-2], cloud.table[:, -1]
        self.columns, dim = max(self.y.shape), self.y.shape[1]
        self.variance = alpha**2 * c + sigma**2
        self.slope = {"score": alpha / self.variance, "denoiser": sigma**2 / self.variance}
        self.trace = {"score": -dim / self.variance, "denoiser": dim * c * sigma**2 / self.variance}

    @property
    def single(self):
        return SharedKernel(self.cloud.single, self.c, self.alpha, self.sigma)

    def subset(self, members):
        part = Cloud(self.means[members], self.centre, self.cloud.table[members])
        return SharedKernel(part, self.c, self.alpha, self.sigma)

    def log_joint(self, x, out=None):
        """Log weights times densities (M, K), less what components share."""
        slope, dim = self.slope["score"], x.shape[1]
        rows = np.empty((len(x), dim + 2), self.y.dtype)
        rows[:, :dim] = slope * (x - self.alpha * self.centre)
        rows[:, dim:] = slope * self.alpha, 1.0
        return np.matmul(rows, self.cloud.table.T, out=out)

    def respond(self, x, out=None):
        """Posterior probabilities of the components at x, the odds in ``out`` if given."""
        joint = self.log_joint(x, out)
        # An expanded square errs by about eps |alpha y|^2 / variance: where that shows, use differences.
        if self.cloud.half_square * self.alpha**2 > 225 * self.variance:
            self._refine(x, joint)
        return Responsibility.of(joint)

    def _refine(self, x, joint):
        """Recompute, from differences to the top component, the log weights that matter, relative to it."""
        rows = np.arange(len(joint))
        top = np.argmax(joint, axis=1)
        joint -= joint[rows, top][:, None]
        row, col = divmod(np.flatnonzero(joint > MATTERS), len(self.y))
        joint[row, col] = self.log_odds(x, top, row, col)

    def log_odds(self, x, base, row, col):
        """Log weights of components ``col`` beside the component base[row] at x[row], from differences."""
        log_odds = self.log_weights[col] - self.log_weights[base[row]]
        from_base = x - self.alpha * self.means[base]
        for b in blocks(len(row), x.shape[1]):
            i, k = row[b], col[b]
            gap = self.means[k] - self.means[base[i]]
            beyond = from_base[i] - self.alpha / 2 * gap
            log_odds[b] += self.slope["score"] * np.einsum("pd,pd->p", gap, beyond)
        return log_odds

    def logpdf(self, x, r):
        residual = x - self.alpha * self.means[r.top]
        square = np.einsum("md,md->m", residual, residual) / self.variance
        normaliser = x.shape[1] * np.log(2 * np.pi * self.variance)
        return self.log_weights[r.top] + np.log1p(r.rest) - (square + normaliser) / 2

    def _step(self, r):
        """Posterior mean location less the top one, keeping its small digits."""
        if self.cloud.half_square * self.alpha**2 > WIDE**2 / 2 * self.variance:
            return self._near_step(r)
        return self._sum(r.odds, r.rest, r.top) / (1 + r.rest)[:, None]

    def _sum(self, odds, total, top):
        """Sum of locations less the top one, weighted by some of the odds, of which the total is given."""
        step = -total[:, None] * self.y[top]
        if isinstance(odds, np.ndarray):
            return step + odds @ self.y
        some = np.unique(odds.indices)
        for b in blocks(len(some), self.y.shape[1], SOME):
            step += odds[:, some[b]] @ (self.means[some[b]] - self.centre)
        return step

    def _near_step(self, r):
        """The same, what the locations that matter add from exact differences."""
        row, col = (r.odds > np.exp(MATTERS)).nonzero()
        odds, others = r.odds[row, col], r.odds.copy()
        others[row, col] = 0
        step = self._sum(others, others.sum(axis=1), r.top)
        for m in np.unique(row):
            near = slice(*np.searchsorted(row, [m, m + 1]))
            step[m] += odds[near] @ (self.means[col[near]] - self.means[r.top[m]])
        return step / (1 + r.rest)[:, None]

    def mean(self, x, r, field):
        step, top = self._step(r), self.means[r.top]
        residual = x - self.alpha * top
        residual -= self.alpha * step
        if field == "score":
            residual *= -1 / self.variance
            return residual
        return top + step + self.alpha * self.c / self.variance * residual

    def between(self, x, r, field):
        step, squares = self._step(r), cdist(self.means[r.top], self.means, "sqeuclidean")
        square = np.einsum("mk,mk->m", r.odds, squares) / (1 + r.rest)
        return self.slope[field] ** 2 * (square - np.einsum("md,md->m", step, step))

    def between_cov(self, x, r, field):
        step, top = self._step(r), self.means[r.top]
        cov = np.zeros((len(x), x.shape[1], x.shape[1]))
        if len(self.y) < len(x):
            for mean, w in zip(self.means, r.w.T, strict=True):
                gap = mean - top - step
                cov += (w[:, None] * gap)[:, :, None] * gap[:, None, :]
        else:
            for m, w in enumerate(r.w):
                gap = self.means - top[m] - step[m]
                cov[m] = (gap.T * w) @ gap
        return self.slope[field] ** 2 * cov

    def within_cov(self, w, field):
        dim = self.y.shape[1]
        return np.broadcast_to(self.trace[field] / dim * np.eye(dim), (len(w), dim, dim))

    def within_traces(self, field):
        return np.full(len(self.y), self.trace[field])
