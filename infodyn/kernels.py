r"""Posterior probabilities of Gaussian components, and sums over components weighted by them.

Component k of :math:`x_t` is :math:`N(\alpha\mu_k, V_k)` with :math:`V_k = \alpha^2\Sigma_k + \sigma^2 I`.
Two fields belong to it, both affine in x: its score :math:`s_k = -V_k^{-1}(x - \alpha\mu_k)` and its
denoiser :math:`m_k = \mu_k + \alpha\Sigma_k V_k^{-1}(x - \alpha\mu_k)`. A kernel takes points x of
shape (M, D) and knows, for either field, the mean over components, the variance between them and
the contribution within them.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.spatial.distance import cdist

from infodyn.estimates import blocks

#: Log weights below this one are lifted to it: exp() of anything smaller is slow and counts for nothing.
FLOOR = {"d": -700.0, "f": -87.0}
#: Log weights below this one, beside the greatest, need no exact digits.
MATTERS = -40.0
#: Squared distance, in standard deviations, at which a difference of two squares loses three digits.
FAR = 500.0


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
    whitened : ndarray, shape (M, K, D), or None
        Residuals of components with covariances of their own.
    """

    odds: np.ndarray
    top: np.ndarray
    rest: np.ndarray
    whitened: np.ndarray | None = None

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
        whitened = None if self.whitened is None else self.whitened[rows]
        return Responsibility(self.odds[rows], self.top[rows], self.rest[rows], whitened)

    def entropy(self):
        r""":math:`-\sum_k w_k\ln w_k = \ln(1+S) - \sum_k w_k q_k`, two terms of one sign."""
        return np.log1p(self.rest) - np.einsum("mk,mk->m", self.odds, self.q) / (1 + self.rest)

    def collisions(self):
        r""":math:`\sum_{j<k} w_j w_k`, the chance that two posterior draws differ, halved."""
        pairs = (self.rest**2 - np.einsum("mk,mk->m", self.odds, self.odds)) / 2
        return (self.rest + pairs) / (1 + self.rest) ** 2


def _respond(log_joint, whitened=None):
    """Normalise log joint weights (M, K), in place; a few rows at once, which stay in cache."""
    number, columns = log_joint.shape
    top, rest = np.empty(number, int), np.empty(number, log_joint.dtype)
    for b in blocks(number, 2 * columns):
        odds = log_joint[b]
        rows, top[b] = np.arange(len(odds)), np.argmax(odds, axis=1)
        odds -= odds[rows, top[b]][:, None]
        np.maximum(odds, FLOOR[odds.dtype.char], out=odds)
        np.exp(odds, out=odds)
        odds[rows, top[b]] = 0
        rest[b] = odds @ np.ones(columns, odds.dtype)
    return Responsibility(log_joint, top, rest, whitened)


class Kernel(ABC):
    """Sums over the components of a mixture at the points x, of shape (M, D)."""

    columns: int  #: Numbers held in memory for a point.

    @property
    @abstractmethod
    def single(self):
        """The same mixture in single precision."""

    @abstractmethod
    def subset(self, members):
        """The mixture of some components alone, their weights not normalised."""

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

    def covariance(self, x, r, field, out):
        """Write :meth:`between_cov` plus :meth:`within_cov`, (M, D, D), piece by piece, in cache."""
        for b in blocks(len(x), 2 * x.shape[1] ** 2):
            part = r[b]
            out[b] = self.between_cov(x[b], part, field)
            out[b] += self.within_cov(part.w, field)

    @abstractmethod
    def within_traces(self, field):
        """Traces of the components' terms in :meth:`within_cov`, (K,)."""

    def within(self, w, field):
        """Trace of :meth:`within_cov`, (M,)."""
        return w @ self.within_traces(field)


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
        return _respond(joint)

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


class ComponentKernel(Kernel):
    r"""Each component has a covariance of its own.

    Its residuals are whitened, :math:`z_k = \Lambda_k^{-1/2}U_k^T(x - \alpha\mu_k)` with
    :math:`V_k = U_k\Lambda_kU_k^T`; fields are :math:`U_kG_kz_k`, G diagonal.
    """

    def __init__(self, weights, means, values, vectors, alpha, sigma):
        self.weights, self.means, self.alpha, self.sigma = weights, means, alpha, sigma
        self.values, self.vectors = values, vectors
        self.variances = alpha**2 * values + sigma**2
        self.multiplicity = means.shape[1] // values.shape[1]
        self.columns = means.size
        with np.errstate(divide="ignore"):
            self.log_weights = np.log(weights)
        self.centre = means.mean(axis=0)

    @property
    def single(self):
        arrays = self.weights, self.means, self.values, self.vectors
        cast = (None if array is None else array.astype(np.float32) for array in arrays)
        return ComponentKernel(*cast, np.float32(self.alpha), np.float32(self.sigma))

    def subset(self, members):
        vectors = None if self.vectors is None else self.vectors[members]
        of_components = self.weights[members], self.means[members], self.values[members], vectors
        return ComponentKernel(*of_components, self.alpha, self.sigma)

    def _spectra(self, field):
        """Eigenvalues of the components' terms in :meth:`within_cov`."""
        return -1 / self.variances if field == "score" else self.values * self.sigma**2 / self.variances

    def _axes(self, gain):
        """Each component's axes, scaled, (K, D, D); where every axis does, the scales alone, (K, 1)."""
        return gain if self.vectors is None else self.vectors * gain[:, None]

    def _gains(self, field):
        gain = -1.0 if field == "score" else self.alpha * self.values
        return gain / np.sqrt(self.variances)

    @cached_property
    def _whitening(self):
        """The affine map to all whitened residuals, (D + 1, K D)."""
        y, axes = self.alpha * (self.means - self.centre), self._axes(1 / np.sqrt(self.variances))
        return np.vstack([_side_by_side(axes), -(y[:, None] @ axes).reshape(1, -1)])

    def _whitened(self, x):
        """Whitened residuals, (M, K, D)."""
        u = x - self.alpha * self.centre
        if self.vectors is None:
            return (u[:, None] - self.alpha * (self.means - self.centre)) / np.sqrt(self.variances)
        one = np.ones((len(u), 1), u.dtype)
        return (np.hstack([u, one]) @ self._whitening).reshape(len(u), *self.means.shape)

    def _fields(self, z, field):
        """The field of each component, the denoiser less its mean, (M, K, D), from whitened residuals."""
        axes = self._axes(self._gains(field))
        if self.vectors is None:
            return z * axes
        values = np.empty_like(z)
        np.matmul(z.swapaxes(0, 1), axes.swapaxes(1, 2), out=values.swapaxes(0, 1))
        return values

    def scores(self, x):
        """The score of each component at x, (M, K, D)."""
        return self._fields(self._whitened(x), "score")

    @cached_property
    def _log_heights(self):
        """Log of each component's weight times its density at its mean, (K,)."""
        return self.log_weights - self.multiplicity * np.log(2 * np.pi * self.variances).sum(axis=1) / 2

    def respond(self, x):
        z = self._whitened(x)
        squares = np.einsum("mkd,mkd->mk", z, z)
        joint = self._log_heights - squares / 2
        top = np.argmax(joint, axis=1)
        far = np.flatnonzero(squares[np.arange(len(x)), top] > FAR)
        if len(far):
            joint[far] = self._relative(z[far], top[far])
        return _respond(joint, z)

    def _relative(self, z, top):
        r"""Log weights relative to the top one without a difference of squares, (M, K).

        With scores s, :math:`\|z_k\|^2 - \|z_j\|^2 = (s_k + s_j)\cdot\alpha(\mu_k - \mu_j) + s_k\cdot(V_j - V_k)\,s_j`.
        """
        scores, relative = self._fields(z, "score"), np.empty(z.shape[:2], z.dtype)
        for j in np.unique(top):
            rows = np.flatnonzero(top == j)
            s, s_top = scores[rows], scores[rows, j]
            shift = self.alpha * (self.means - self.means[j])
            squares = np.einsum("mkd,kd->mk", s + s_top[:, None], shift)
            squares += np.einsum("mkd,kmd->mk", s, self._applied(j, s_top))
            relative[rows] = self._log_heights - self._log_heights[j] - squares / 2
        return relative

    def _applied(self, j, v):
        """Covariance of component j less that of each component, applied to vectors (M, D), (K, M, D)."""
        if self.vectors is None:
            return (self.alpha**2 * (self.values[j] - self.values))[:, None] * v
        covariances = self.vectors * self.values[:, None] @ self.vectors.swapaxes(1, 2)
        return v @ (self.alpha**2 * (covariances[j] - covariances))

    def logpdf(self, x, r):
        residual = r.whitened[np.arange(len(x)), r.top]
        return self._log_heights[r.top] - np.einsum("md,md->m", residual, residual) / 2 + np.log1p(r.rest)

    def mean(self, x, r, field):
        axes, weighted = self._axes(self._gains(field)), r.w[:, :, None] * r.whitened
        if self.vectors is None:
            mean = (weighted * axes).sum(axis=1)
        else:
            mean = weighted.reshape(len(x), -1) @ _side_by_side(axes).T
        return mean if field == "score" else mean + r.w @ self.means

    def _gaps(self, r, field):
        """How far the field of each component is from the mean, (M, K, D)."""
        fields = self._fields(r.whitened, field)
        if field == "denoiser":
            fields += self.means - self.centre
        fields -= np.einsum("mk,mkd->md", r.w, fields)[:, None]
        return fields

    def between(self, x, r, field):
        gaps = self._gaps(r, field)
        return np.einsum("mk,mk->m", r.w, np.einsum("mkd,mkd->mk", gaps, gaps))

    def between_cov(self, x, r, field):
        gaps = self._gaps(r, field)
        return (r.w[:, :, None] * gaps).swapaxes(1, 2) @ gaps

    def covariance(self, x, r, field, out):
        gaps, dim = self._gaps(r, field), x.shape[1]
        for b in blocks(len(x), 8 * dim**2):
            np.matmul(r.w[b], self._within[field], out=out[b].reshape(-1, dim**2))
            out[b] += (r.w[b, :, None] * gaps[b]).swapaxes(1, 2) @ gaps[b]

    @cached_property
    def _within(self):
        """What each component adds in :meth:`within_cov`, by field, (K, D D)."""
        number, dim = self.means.shape
        vectors = np.broadcast_to(np.eye(dim), (number, dim, dim)) if self.vectors is None else self.vectors
        return {
            field: (vectors * self._spectra(field)[:, None] @ vectors.swapaxes(1, 2)).reshape(number, -1)
            for field in ("score", "denoiser")
        }

    def within_cov(self, w, field):
        dim = self.means.shape[1]
        return (w @ self._within[field]).reshape(-1, dim, dim)

    def within_traces(self, field):
        return self.multiplicity * self._spectra(field).sum(axis=1)


def _side_by_side(axes):
    """Matrices (K, D, D) as one, (D, K D)."""
    return np.concatenate(axes, axis=1)
