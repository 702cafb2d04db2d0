r"""Posterior probabilities of Gaussian components, and sums over components weighted by them.

Component k of :math:`x_t` is :math:`N(\alpha\mu_k, V_k)` with :math:`V_k = \alpha^2\Sigma_k + \sigma^2 I`.
Two fields belong to it, both affine in x: its score :math:`s_k = -V_k^{-1}(x - \alpha\mu_k)` and its
denoiser :math:`m_k = \mu_k + \alpha\Sigma_k V_k^{-1}(x - \alpha\mu_k)`. A kernel takes points x of
shape (M, D) and knows, for either field, the mean over components, the variance between them and
the contribution within them.
"""

from abc import ABC, abstractmethod
from copy import copy
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.spatial.distance import cdist

from infodyn.estimates import blocks

#: Log weights below this one are lifted to it: exp() of anything smaller is slow and counts for nothing.
FLOOR = -700.0
#: Log weights below this one, beside the greatest, need no exact digits.
MATTERS = -60.0
#: Squared distance, in standard deviations, at which a difference of two squares loses three digits.
FAR = 500.0


@dataclass(frozen=True, eq=False)
class Responsibility:
    r"""Posterior probabilities :math:`w_k(x)`, kept so that small ones lose no digits.

    Attributes
    ----------
    odds : ndarray, shape (M, K)
        :math:`e^{q_k} = w_k/w_\mathrm{top}`, but 0 at the most probable component.
    q : ndarray, shape (M, K)
        :math:`\ln(w_k/w_\mathrm{top})`, 0 at the most probable component.
    top : ndarray, shape (M,)
        Index of the most probable component.
    rest : ndarray, shape (M,)
        :math:`S = \sum_{k\ne\mathrm{top}} e^{q_k}`.
    """

    odds: np.ndarray
    q: np.ndarray
    top: np.ndarray
    rest: np.ndarray

    @cached_property
    def w(self):
        """The probabilities, (M, K)."""
        w = self.odds / (1 + self.rest)[:, None]
        w[np.arange(len(w)), self.top] = 1 / (1 + self.rest)
        return w

    def entropy(self):
        r""":math:`-\sum_k w_k\ln w_k = \ln(1+S) - \sum_k w_k q_k`, two terms of one sign."""
        return np.log1p(self.rest) - np.einsum("mk,mk->m", self.odds, self.q) / (1 + self.rest)

    def collisions(self):
        r""":math:`\sum_{j<k} w_j w_k`, the chance that two posterior draws differ, halved."""
        pairs = (self.rest**2 - np.einsum("mk,mk->m", self.odds, self.odds)) / 2
        return (self.rest + pairs) / (1 + self.rest) ** 2


def _respond(log_joint):
    """Normalise log joint weights (M, K), in place."""
    rows = np.arange(len(log_joint))
    top = np.argmax(log_joint, axis=1)
    q = log_joint
    q -= q[rows, top][:, None]
    np.maximum(q, FLOOR, out=q)
    odds = np.exp(q)
    odds[rows, top] = 0
    return Responsibility(odds, q, top, odds.sum(axis=1))


class Kernel(ABC):
    """Sums over the components of a mixture at the points x, of shape (M, D)."""

    _of_components: tuple
    columns: int  #: Numbers held in memory for a point.

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
    def within_cov(self, w, field):
        r"""What components add to the slope of the score or to the posterior covariance, (M, D, D).

        For posterior weights w (M, K):

        :math:`-\sum_k w_k V_k^{-1}` for the score, :math:`\sum_k w_k \mathrm{Cov}[x_0|x,k]` for the denoiser.
        """

    @abstractmethod
    def within_traces(self, field):
        """Traces of the components' terms in :meth:`within_cov`, (K,)."""

    def within(self, w, field):
        """Trace of :meth:`within_cov`, (M,)."""
        return w @ self.within_traces(field)


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
        self.columns = max(means.shape)
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
        """Posterior mean location less the top one, keeping its small digits."""
        return (r.odds @ self.y - r.rest[:, None] * self.y[r.top]) / (1 + r.rest)[:, None]

    def mean(self, x, r, field):
        step = self._step(r)
        u = x - self.alpha * self.centre
        residual = u - self.alpha * self.y[r.top] - self.alpha * step
        if field == "score":
            return -residual / self.variance
        return self.centre + self.y[r.top] + step + self.alpha * self.c / self.variance * residual

    def between(self, x, r, field):
        step = self._step(r)
        square = np.einsum("mk,mk->m", r.odds, cdist(self.y[r.top], self.y, "sqeuclidean")) / (1 + r.rest)
        return self.slope[field] ** 2 * (square - np.einsum("md,md->m", step, step))

    def between_cov(self, x, r, field):
        mean = self.y[r.top] + self._step(r)
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


class ComponentKernel(Kernel):
    """Each component has a covariance of its own; the sum runs over components."""

    _of_components = ("means", "values", "vectors", "variances", "log_weights")

    def __init__(self, weights, means, values, vectors, alpha, sigma):
        self.alpha, self.sigma, self.means = alpha, sigma, means
        self.values, self.vectors = values, vectors
        self.variances = alpha**2 * values + sigma**2
        self.multiplicity = means.shape[1] // values.shape[1]
        self.centre = weights @ means
        self.columns = means.size
        with np.errstate(divide="ignore"):
            self.log_weights = np.log(weights)

    def _spectra(self, field):
        """Eigenvalues of the components' terms in :meth:`within_cov`."""
        return -1 / self.variances if field == "score" else self.values * self.sigma**2 / self.variances

    def _rotated(self, x):
        """Residuals in each component's own axes, (K, M, D)."""
        residual = x - self.alpha * self.means[:, None]
        return residual if self.vectors is None else residual @ self.vectors

    def fields(self, x, field):
        """The field of each component at x, the denoiser less the component's mean, (K, M, D)."""
        if field == "score":
            gain = -1 / self.variances
        else:
            gain = self.alpha * self.values / self.variances
        values = self._rotated(x) * gain[:, None]
        if self.vectors is not None:
            values = values @ self.vectors.swapaxes(1, 2)
        return values

    def _log_heights(self):
        """Log of each component's weight times its density at its mean, (K,)."""
        return self.log_weights - self.multiplicity * np.log(2 * np.pi * self.variances).sum(axis=1) / 2

    def _squares(self, x):
        """Squared distances to the components in their own standard deviations, (M, K)."""
        return (self._rotated(x) ** 2 / self.variances[:, None]).sum(axis=2).T

    def respond(self, x):
        squares = self._squares(x)
        joint = self._log_heights() - squares / 2
        top = np.argmax(joint, axis=1)
        far = np.flatnonzero(squares[np.arange(len(x)), top] > FAR)
        if len(far):
            joint[far] = self._relative(x[far], top[far])
        return _respond(joint)

    def _relative(self, x, top):
        r"""Log weights relative to the top one without a difference of squares, (M, K).

        With scores s, :math:`\|r_k\|^2_{V_k^{-1}} - \|r_j\|^2_{V_j^{-1}}
        = (s_k + s_j)\cdot\alpha(\mu_k - \mu_j) + s_k\cdot(V_j - V_k)\,s_j`.
        """
        logs, scores = self._log_heights(), self.fields(x, "score")
        relative = np.empty((len(x), len(logs)))
        for j in np.unique(top):
            rows = np.flatnonzero(top == j)
            s, s_top = scores[:, rows], scores[j, rows]
            shift = self.alpha * (self.means - self.means[j])
            squares = np.einsum("kmd,kd->mk", s + s_top, shift)
            squares += np.einsum("kmd,kmd->mk", s, self._applied(j, s_top))
            relative[rows] = logs - logs[j] - squares / 2
        return relative

    def _applied(self, j, v):
        """Covariance of component j less that of each component, applied to vectors (M, D), (K, M, D)."""
        if self.vectors is None:
            return (self.alpha**2 * (self.values[j] - self.values))[:, None] * v
        covariances = self.vectors * self.values[:, None] @ self.vectors.swapaxes(1, 2)
        return v @ (self.alpha**2 * (covariances[j] - covariances))

    def logpdf(self, x, r):
        rows = np.arange(len(x)), r.top
        return self._log_heights()[r.top] - self._squares(x)[rows] / 2 + np.log1p(r.rest)

    def mean(self, x, r, field):
        mean = np.einsum("mk,kmd->md", r.w, self.fields(x, field))
        return mean if field == "score" else mean + r.w @ self.means

    def _gaps(self, x, r, field):
        """How far the field of each component is from the mean over components, (K, M, D)."""
        gaps = self.fields(x, field)
        if field == "denoiser":
            gaps += (self.means - self.centre)[:, None]
        gaps -= np.einsum("mk,kmd->md", r.w, gaps)
        return gaps

    def between(self, x, r, field):
        gaps = self._gaps(x, r, field)
        return np.einsum("mk,kmd,kmd->m", r.w, gaps, gaps)

    def between_cov(self, x, r, field):
        gaps = np.ascontiguousarray(self._gaps(x, r, field).swapaxes(0, 1))
        return (r.w[:, :, None] * gaps).swapaxes(1, 2) @ gaps

    def within_cov(self, w, field):
        number, dim = self.means.shape
        spectrum = np.broadcast_to(self._spectra(field), (number, dim))
        vectors = np.broadcast_to(np.eye(dim), (number, dim, dim)) if self.vectors is None else self.vectors
        return np.tensordot(w, vectors * spectrum[:, None] @ vectors.swapaxes(1, 2), axes=1)

    def within_traces(self, field):
        return self.multiplicity * self._spectra(field).sum(axis=1)
