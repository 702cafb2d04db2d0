"""Components that all have one isotropic covariance."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.spatial.distance import cdist

from infodyn.estimates import blocks
from infodyn.kernels import Kernel
from infodyn.responsibility import Responsibility

#: Log weights below this one, beside the greatest, need no exact digits.
MATTERS = -40.0


@dataclass(frozen=True, eq=False)
class Cloud:
    r"""Weighted points about their mean: what a :class:`SharedKernel` is at every noise.

    Attributes
    ----------
    centre : ndarray, shape (D,)
    table : ndarray, shape (K, D + 2)
        Rows :math:`(y_k,\ -\tfrac12\|y_k\|^2,\ \ln\pi_k)`; one matrix product gives all log weights.
    """

    centre: np.ndarray
    table: np.ndarray

    @classmethod
    def of(cls, weights, means):
        """Centre points of given weights."""
        centre = weights @ means
        table = np.empty((len(means), means.shape[1] + 2))
        y = np.subtract(means, centre, out=table[:, :-2])
        np.einsum("kd,kd->k", y, y / -2, out=table[:, -2])
        with np.errstate(divide="ignore"):
            np.log(weights, out=table[:, -1])
        return cls(centre, table)

    @cached_property
    def single(self):
        """The same in single precision."""
        return Cloud(self.centre, self.table.astype(np.float32))

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
        self.centre, self.y, self.log_weights = cloud.centre, cloud.table[:, :-2], cloud.table[:, -1]
        self.columns, dim = max(self.y.shape), self.y.shape[1]
        self.variance = alpha**2 * c + sigma**2
        self.slope = {"score": alpha / self.variance, "denoiser": sigma**2 / self.variance}
        self.trace = {"score": -dim / self.variance, "denoiser": dim * c * sigma**2 / self.variance}

    @property
    def single(self):
        return SharedKernel(self.cloud.single, self.c, self.alpha, self.sigma)

    def subset(self, members):
        part = Cloud(self.centre, self.cloud.table[members])
        return SharedKernel(part, self.c, self.alpha, self.sigma)

    def log_joint(self, x):
        """Log weights times densities (M, K), less what components share."""
        slope, dim = self.slope["score"], x.shape[1]
        rows = np.empty((len(x), dim + 2), self.y.dtype)
        rows[:, :dim] = slope * (x - self.alpha * self.centre)
        rows[:, dim:] = slope * self.alpha, 1.0
        return rows @ self.cloud.table.T

    def respond(self, x):
        joint = self.log_joint(x)
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
        from_base = x - self.alpha * self.centre - self.alpha * self.y[base]
        for b in blocks(len(row), x.shape[1]):
            i, k = row[b], col[b]
            gap = self.y[k] - self.y[base[i]]
            beyond = from_base[i] - self.alpha / 2 * gap
            log_odds[b] += self.slope["score"] * np.einsum("pd,pd->p", gap, beyond)
        return log_odds

    def logpdf(self, x, r):
        residual = x - self.alpha * (self.centre + self.y[r.top])
        square = np.einsum("md,md->m", residual, residual) / self.variance
        normaliser = x.shape[1] * np.log(2 * np.pi * self.variance)
        return self.log_weights[r.top] + np.log1p(r.rest) - (square + normaliser) / 2

    def _step(self, r):
        """Posterior mean location less the top one, keeping its small digits; and the top one."""
        dense, top = isinstance(r.odds, np.ndarray), self.y[r.top]
        step = r.odds @ self.y if dense else (r.odds @ self.cloud.table)[:, : self.y.shape[1]]
        step -= r.rest[:, None] * top
        step /= (1 + r.rest)[:, None]
        return step, top

    def mean(self, x, r, field):
        step, top = self._step(r)
        residual = x - self.alpha * self.centre
        residual -= self.alpha * top
        residual -= self.alpha * step
        if field == "score":
            residual *= -1 / self.variance
            return residual
        return self.centre + top + step + self.alpha * self.c / self.variance * residual

    def between(self, x, r, field):
        step, top = self._step(r)
        square = np.einsum("mk,mk->m", r.odds, cdist(top, self.y, "sqeuclidean")) / (1 + r.rest)
        return self.slope[field] ** 2 * (square - np.einsum("md,md->m", step, step))

    def between_cov(self, x, r, field):
        mean = np.add(*self._step(r))
        cov = np.zeros((len(x), x.shape[1], x.shape[1]))
        if len(self.y) < len(x):
            for y, w in zip(self.y, r.w.T, strict=True):
                gap = y - mean
                cov += (w[:, None] * gap)[:, :, None] * gap[:, None, :]
        else:
            for m, (w, centre) in enumerate(zip(r.w, mean, strict=True)):
                gap = self.y - centre
                cov[m] = (gap.T * w) @ gap
        return self.slope[field] ** 2 * cov

    def within_cov(self, w, field):
        dim = self.y.shape[1]
        return np.broadcast_to(self.trace[field] / dim * np.eye(dim), (len(w), dim, dim))

    def within_traces(self, field):
        return np.full(len(self.y), self.trace[field])
