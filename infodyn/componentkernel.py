"""Components with covariances of their own."""

from functools import cached_property

import numpy as np

from infodyn.estimates import blocks
from infodyn.kernels import WIDE, Kernel
from infodyn.responsibility import Responsibility

#: Squared distance, in standard deviations, at which a difference of two squares loses three digits.
FAR = 500.0


class ComponentKernel(Kernel):
    r"""Each component has a covariance of its own.

    With :math:`V_k = U_k\Lambda_kU_k^T` its residuals are whitened,
    :math:`z_k = \Lambda_k^{-1/2}U_k^T(x - \alpha\mu_k)`, so that no square loses digits; fields are
    :math:`U_kG_kU_k^T(x - \alpha\mu_k)`, G diagonal.
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
        self._made = {}  # operators, when they are first asked for: each costs as much as many points

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

    def _slopes(self, name):
        """What residuals are multiplied by, (K, D, D), or (K, 1, 1) for multiples of the identity.

        To be whitened, to give a component's score, and its denoiser less its mean.
        """
        scales = {
            "whitened": 1 / np.sqrt(self.variances),
            "score": -1 / self.variances,
            "denoiser": self.alpha * self.values / self.variances,
        }
        scale = scales[name][:, None]
        if self.vectors is None:
            return scale
        axes = self.vectors * scale
        return axes if name == "whitened" else axes @ self.vectors.swapaxes(1, 2)

    @cached_property
    def _wide(self):
        """Whether places about one centre would lose digits beside the components' widths."""
        reach = np.linalg.norm(self.means - self.centre, axis=1).max()
        return self.alpha * reach > WIDE * np.sqrt(self.variances.min())

    @cached_property
    def _joined(self):
        """Whether one affine map of places about the centre goes to all components at once."""
        return self.vectors is not None and not self._wide

    def _operator(self, name):
        """The same slopes, or where they are joined the affine map, (D + 1, K D)."""
        if name not in self._made:
            slopes = self._slopes(name)
            if self._joined:
                y = self.alpha * (self.means - self.centre)
                constants = -(y[:, None] @ slopes).reshape(1, -1)
                slopes = np.vstack([np.concatenate(slopes, axis=1), constants])
            self._made[name] = slopes
        return self._made[name]

    def _affine(self, x, name):
        """Whitened residuals, or the field of each component, the denoiser less its mean, (M, K, D)."""
        operator = self._operator(name)
        if self._joined:
            u, one = x - self.alpha * self.centre, np.ones((len(x), 1), x.dtype)
            return (np.hstack([u, one]) @ operator).reshape(len(x), *self.means.shape)
        residuals = x[:, None] - self.alpha * self.means
        if self.vectors is None:
            return residuals * operator[:, 0]
        return (residuals.swapaxes(0, 1) @ operator).swapaxes(0, 1)

    def scores(self, x):
        """The score of each component at x, (M, K, D)."""
        return self._affine(x, "score")

    @cached_property
    def _log_heights(self):
        """Log of each component's weight times its density at its mean, (K,)."""
        return self.log_weights - self.multiplicity * np.log(2 * np.pi * self.variances).sum(axis=1) / 2

    def respond(self, x):
        z = self._affine(x, "whitened")
        squares = np.einsum("mkd,mkd->mk", z, z)
        joint = self._log_heights - squares / 2
        top = np.argmax(joint, axis=1)
        far = np.flatnonzero(squares[np.arange(len(x)), top] > FAR)
        if len(far):
            joint[far] = self._relative(x[far], top[far])
        return Responsibility.of(joint, squares)

    def _relative(self, x, top):
        r"""Log weights relative to the top one without a difference of squares, (M, K).

        With scores s, :math:`\|z_k\|^2 - \|z_j\|^2
        = (s_k + s_j)\cdot\alpha(\mu_k - \mu_j) + s_k\cdot(V_j - V_k)\,s_j`.
        """
        scores = self.scores(x)
        relative = np.empty(scores.shape[:2], x.dtype)
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
        return self._log_heights[r.top] - r.square / 2 + np.log1p(r.rest)

    def mean(self, x, r, field):
        mean = np.einsum("mk,mkd->md", r.w, self._affine(x, field))
        return mean if field == "score" else mean + r.w @ self.means

    def _gaps(self, x, r, field):
        """How far the field of each component is from the mean, (M, K, D)."""
        fields = self._affine(x, field)
        if field == "denoiser":
            fields += self.means - self.means[r.top][:, None]
        fields -= np.einsum("mk,mkd->md", r.w, fields)[:, None]
        return fields

    def between(self, x, r, field):
        gaps = self._gaps(x, r, field)
        return np.einsum("mk,mk->m", r.w, np.einsum("mkd,mkd->mk", gaps, gaps))

    def between_cov(self, x, r, field):
        gaps = self._gaps(x, r, field)
        return (r.w[:, :, None] * gaps).swapaxes(1, 2) @ gaps

    def covariance(self, x, r, field, out):
        gaps, dim = self._gaps(x, r, field), x.shape[1]
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
