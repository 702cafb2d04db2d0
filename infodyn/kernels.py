r"""Posterior probabilities of Gaussian components, and sums over components weighted by them.

Component k of :math:`x_t` is :math:`N(\alpha\mu_k, V_k)` with :math:`V_k = \alpha^2\Sigma_k + \sigma^2 I`.
Two fields belong to it, both affine in x: its score :math:`s_k = -V_k^{-1}(x - \alpha\mu_k)` and its
denoiser :math:`m_k = \mu_k + \alpha\Sigma_k V_k^{-1}(x - \alpha\mu_k)`. A kernel takes points x of
shape (M, D) and knows, for either field, the mean over components, the variance between them and
the contribution within them.
"""

from abc import ABC, abstractmethod
from copy import copy
from typing import NamedTuple

import numpy as np
from scipy.spatial.distance import cdist

from infodyn.estimates import blocks

#: Log weights below this one are lifted to it: exp() of anything smaller is slow and counts for nothing.
FLOOR = -700.0
#: Log weights below this one, beside the greatest, need no exact digits.
MATTERS = -60.0


class Responsibility(NamedTuple):
    r"""Posterior probabilities :math:`w_k(x)`, kept so that small ones lose no digits.

    Attributes
    ----------
    w : ndarray, shape (M, K)
        The probabilities.
    q : ndarray, shape (M, K)
        :math:`\ln(w_k/w_\mathrm{top})`, 0 at the most probable component.
    top : ndarray, shape (M,)
        Index of the most probable component.
    rest : ndarray, shape (M,)
        :math:`S = \sum_{k\ne\mathrm{top}} e^{q_k}`.
    """

    w: np.ndarray
    q: np.ndarray
    top: np.ndarray
    rest: np.ndarray

    def entropy(self):
        r""":math:`-\sum_k w_k\ln w_k = \ln(1+S) - \sum_k w_k q_k`, two terms of one sign."""
        return np.log1p(self.rest) - np.einsum("mk,mk->m", self.w, self.q)

    def collisions(self):
        r""":math:`\sum_{j<k} w_j w_k`, the chance that two posterior draws differ, halved."""
        off = self.w.copy()
        off[np.arange(len(off)), self.top] = 0
        r = off.sum(axis=1)
        return r / (1 + self.rest) + (r**2 - np.einsum("mk,mk->m", off, off)) / 2


def _respond(log_joint):
    """Normalise log joint weights (M, K), in place."""
    rows = np.arange(len(log_joint))
    top = np.argmax(log_joint, axis=1)
    q = log_joint
    q -= q[rows, top][:, None]
    np.maximum(q, FLOOR, out=q)
    w = np.exp(q)
    w[rows, top] = 0
    rest = w.sum(axis=1)
    w[rows, top] = 1
    w /= (1 + rest)[:, None]
    return Responsibility(w, q, top, rest)


class Kernel(ABC):
    """Sums over the components of a mixture at the points x, of shape (M, D)."""

    _of_components: tuple

    def subset(self, members):
        """The mixture of some components alone, their weights not normalised."""
        part = copy(self)
        for name in self._of_components:
            value = getattr(self, name)
            setattr(part, name, None if value is None else value[members])
        return part

    @abstractmethod
    def respond(self, x):
        """Posterior probabilities of the components at x."""

    @abstractmethod
    def logpdf(self, x, r):
        """Log density, (M,)."""

    @abstractmethod
    def mean(self, x, r, field):
        r"""Mean of a field ("score" or "denoiser") over components, :math:`\sum_k w_k a_k(x)`, (M, D)."""

    @abstractmethod
    def between(self, x, r, field):
        r"""Variance of a field between components, :math:`\sum_k w_k \|a_k - \bar a\|^2`, (M,)."""

    @abstractmethod
    def between_cov(self, x, r, field):
        r"""Covariance of a field between components, (M, D, D)."""

    @abstractmethod
    def within_cov(self, r, field):
        r"""What components add to the slope of the score or to the posterior covariance, (M, D, D).

        :math:`-\sum_k w_k V_k^{-1}` for the score, :math:`\sum_k w_k \mathrm{Cov}[x_0|x,k]` for the denoiser.
        """

    @abstractmethod
    def within_traces(self, field):
        """Traces of the components' terms in :meth:`within_cov`, (K,)."""

    def within(self, r, field):
        """Trace of :meth:`within_cov`, (M,)."""
        return r.w @ self.within_traces(field)


class SharedKernel(Kernel):
    r"""Every component has the covariance c I (c = 0: point masses); one matrix product does the sum."""

    _of_components = ("y", "log_weights", "half_squares")

    def __init__(self, weights, means, c, alpha, sigma):
        self.alpha, self.sigma, self.c = alpha, sigma, c
        self.variance = alpha**2 * c + sigma**2
        self.slope = {"score": alpha / self.variance, "denoiser": sigma**2 / self.variance}
        self.trace = {
            "score": -means.shape[1] / self.variance,
            "denoiser": means.shape[1] * c * sigma**2 / self.variance,
        }
        self.centre = weights @ means
        self.y = means - self.centre
        with np.errstate(divide="ignore"):
            self.log_weights = np.log(weights)
        self.half_squares = np.einsum("kd,kd->k", self.y, self.y) / 2

    def respond(self, x):
        u = x - self.alpha * self.centre
        joint = (u * (self.alpha / self.variance)) @ self.y.T
        joint += self.log_weights - self.alpha**2 / self.variance * self.half_squares
        # An expanded square errs by about eps |alpha y|^2 / variance: where that shows, use differences.
        if 2 * np.finfo(float).eps * self.half_squares.max() * self.alpha**2 > 1e-13 * self.variance:
            self._refine(u, joint)
        return _respond(joint)

    def _refine(self, u, joint):
        """Recompute, from differences to the top component, the log weights that matter, relative to it."""
        rows = np.arange(len(u))
        top = np.argmax(joint, axis=1)
        joint -= joint[rows, top][:, None]
        slope = self.alpha / self.variance
        row, col = np.nonzero(joint > MATTERS)
        for b in blocks(len(row), u.shape[1]):
            i, k, t = row[b], col[b], top[row[b]]
            gap = self.y[k] - self.y[t]
            beyond = u[i] - self.alpha / 2 * (self.y[k] + self.y[t])
            odds = self.log_weights[k] - self.log_weights[t]
            joint[i, k] = odds + slope * np.einsum("pd,pd->p", gap, beyond)

    def logpdf(self, x, r):
        residual = x - self.alpha * (self.centre + self.y[r.top])
        square = np.einsum("md,md->m", residual, residual) / self.variance
        normaliser = x.shape[1] * np.log(2 * np.pi * self.variance)
        return self.log_weights[r.top] + np.log1p(r.rest) - (square + normaliser) / 2

    def _step(self, r):
        """Posterior mean location less the top one, keeping its small digits; and the weights off top."""
        off = r.w.copy()
        off[np.arange(len(off)), r.top] = 0
        return off @ self.y - off.sum(axis=1)[:, None] * self.y[r.top], off

    def mean(self, x, r, field):
        step, _ = self._step(r)
        u = x - self.alpha * self.centre
        residual = u - self.alpha * self.y[r.top] - self.alpha * step
        if field == "score":
            return -residual / self.variance
        return self.centre + self.y[r.top] + step + self.alpha * self.c / self.variance * residual

    def between(self, x, r, field):
        step, off = self._step(r)
        square = np.einsum("mk,mk->m", off, cdist(self.y[r.top], self.y, "sqeuclidean"))
        return self.slope[field] ** 2 * (square - np.einsum("md,md->m", step, step))

    def between_cov(self, x, r, field):
        step, _ = self._step(r)
        mean = self.y[r.top] + step
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

    def within_cov(self, r, field):
        dim = self.y.shape[1]
        return np.broadcast_to(self.trace[field] / dim * np.eye(dim), (len(r.w), dim, dim))

    def within_traces(self, field):
        return np.full(len(self.y), self.trace[field])


class ComponentKernel(Kernel):
    """Each component has a covariance of its own; the sum runs over components."""

    _of_components = ("means", "values", "vectors", "variances", "log_weights")

    def __init__(self, weights, means, values, vectors, alpha, sigma):
        self.alpha, self.sigma, self.means = alpha, sigma, means
        self.values, self.vectors = values, vectors
        self.variances = alpha**2 * values + sigma**2
        self.multiplicity = means.shape[1] // values.shape[1]
        with np.errstate(divide="ignore"):
            self.log_weights = np.log(weights)

    def _spectra(self, field):
        """Eigenvalues of the components' terms in :meth:`within_cov`."""
        return -1 / self.variances if field == "score" else self.values * self.sigma**2 / self.variances

    def _rotated(self, x, k):
        residual = x - self.alpha * self.means[k]
        return residual if self.vectors is None else residual @ self.vectors[k]

    def _field(self, x, k, field):
        """The field of component k at x, (M, D)."""
        rotated = self._rotated(x, k)
        if field == "score":
            value = -rotated / self.variances[k]
        else:
            value = self.alpha * self.values[k] / self.variances[k] * rotated
        if self.vectors is not None:
            value = value @ self.vectors[k].T
        return value if field == "score" else self.means[k] + value

    def respond(self, x):
        joint = np.empty((len(x), len(self.means)))
        for k in range(len(self.means)):
            square = self._rotated(x, k) ** 2 / self.variances[k]
            joint[:, k] = self._log_top(k) - square.sum(axis=1) / 2
        return _respond(joint)

    def _log_top(self, k):
        return self.log_weights[k] - self.multiplicity * np.log(2 * np.pi * self.variances[k]).sum() / 2

    def logpdf(self, x, r):
        result = np.log1p(r.rest)
        for k in np.unique(r.top):
            rows = r.top == k
            square = self._rotated(x[rows], k) ** 2 / self.variances[k]
            result[rows] += self._log_top(k) - square.sum(axis=1) / 2
        return result

    def mean(self, x, r, field):
        return sum(r.w[:, k, None] * self._field(x, k, field) for k in range(len(self.means)))

    def between(self, x, r, field):
        mean = self.mean(x, r, field)
        return sum(
            r.w[:, k] * ((self._field(x, k, field) - mean) ** 2).sum(axis=1) for k in range(len(self.means))
        )

    def between_cov(self, x, r, field):
        mean = self.mean(x, r, field)
        cov = np.zeros((len(x), x.shape[1], x.shape[1]))
        for k in range(len(self.means)):
            gap = self._field(x, k, field) - mean
            cov += (r.w[:, k, None] * gap)[:, :, None] * gap[:, None, :]
        return cov

    def within_cov(self, r, field):
        number, dim = self.means.shape
        spectrum = np.broadcast_to(self._spectra(field), (number, dim))
        vectors = np.broadcast_to(np.eye(dim), (number, dim, dim)) if self.vectors is None else self.vectors
        return np.tensordot(r.w, np.einsum("kie,ke,kje->kij", vectors, spectrum, vectors), axes=1)

    def within_traces(self, field):
        return self.multiplicity * self._spectra(field).sum(axis=1)
