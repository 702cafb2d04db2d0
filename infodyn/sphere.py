r"""The uniform sphere seen through the channel.

The posterior is the von Mises-Fisher law :math:`\propto e^{\kappa\cos\theta}` on the sphere, θ the angle
to x and :math:`\kappa = \alpha R\|x\|/\sigma^2`. All is known from the law of θ, of density
:math:`\propto \sin^{D-2}\theta\, e^{\kappa\cos\theta}`, which one Gauss-Legendre rule around its peak
integrates to rounding for every D and κ.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
from scipy.special import betaln, gammaln

from infodyn import _validate
from infodyn.estimates import Estimate, blocks
from infodyn.posterior import Diffused

#: Standard deviations after which a density counts for nothing.
WIDTHS = 12.0
NODES, COARSE_NODES = 160, 120


class Angle(NamedTuple):
    r"""The posterior law of the angle θ between x_0 and x.

    Attributes
    ----------
    log_mass : ndarray
        :math:`\ln\int_0^\pi \sin^{D-2}\theta\, e^{\kappa(\cos\theta-1)}d\theta`.
    short : ndarray
        :math:`1 - E\cos\theta`, without cancellation.
    sine_square : ndarray
        :math:`E\sin^2\theta`.
    variance : ndarray
        :math:`\mathrm{Var}\cos\theta`.
    kappa : ndarray
        Concentration κ.
    """

    log_mass: np.ndarray
    short: np.ndarray
    sine_square: np.ndarray
    variance: np.ndarray
    kappa: np.ndarray


@cache
def _rule(nodes):
    """Gauss-Legendre nodes and weights on [-1, 1]."""
    return np.polynomial.legendre.leggauss(nodes)


def angle(kappa, dim, nodes=NODES):
    """The posterior law of the angle for an array of concentrations (M,), in dimension D >= 2."""
    power = dim - 2
    peak = np.arccos(2 * kappa / (power + np.sqrt(power**2 + 4 * kappa**2))) if power else 0 * kappa
    # 1 - cos(theta) >= 2 theta² / pi² and -ln sin is at least as curved as at its minimum.
    width = np.minimum(WIDTHS / np.sqrt(power + 4 / np.pi**2 * kappa + 1e-300), np.pi)
    low, high = np.maximum(peak - width, 0.0), np.minimum(peak + width, np.pi)
    roots, weights = _rule(nodes)
    theta = (low + high)[:, None] / 2 + (high - low)[:, None] / 2 * roots
    short = 2 * np.sin(theta / 2) ** 2
    log_density = power * np.log(np.sin(theta)) - kappa[:, None] * short
    top = log_density.max(axis=1, keepdims=True)
    density = np.exp(log_density - top) * weights
    mass = density.sum(axis=1)
    density /= mass[:, None]

    def mean(f):
        return np.einsum("mn,mn->m", density, f)

    mean_short = mean(short)
    return Angle(
        np.log(mass * (high - low) / 2) + top[:, 0],
        mean_short,
        mean(np.sin(theta) ** 2),
        mean((short - mean_short[:, None]) ** 2),
        kappa,
    )


class DiffusedSphere(Diffused):
    """The uniform sphere in dimension D >= 2 seen through the channel."""

    def _radial(self, norm):
        """The posterior law of the angle at points of the given norms (M,)."""
        return self._angle(self.alpha * self.data.radius / self.sigma**2 * norm)

    def _angle(self, kappa):
        return angle(kappa, self.dim)

    def _map(self, function, x):
        """Apply function(norm, direction, angle) to blocks of points x (..., D)."""
        x = _validate.queries(x, self.dim)
        flat = x.reshape(-1, self.dim)
        parts = []
        for b in blocks(max(len(flat), 1), max(NODES, self.dim)):
            norm = np.linalg.norm(flat[b], axis=1)
            direction = flat[b] / np.where(norm > 0, norm, 1.0)[:, None]
            parts.append(function(norm, direction, self._radial(norm)))
        result = np.concatenate(parts)
        return result.reshape(x.shape[:-1] + result.shape[1:])

    def _log_density(self, norm, angle):
        off_shell = (norm - self.alpha * self.data.radius) ** 2 / (2 * self.sigma**2)
        log_share = angle.log_mass - betaln((self.dim - 1) / 2, 0.5)
        return log_share - off_shell - self.dim / 2 * np.log(2 * np.pi * self.sigma**2)

    def _radial_score(self, norm, angle):
        return (self.alpha * self.data.radius * (1 - angle.short) - norm) / self.sigma**2

    def _variances(self, angle):
        """Posterior variance along x and, D - 1 times, across."""
        return self.data.radius**2 * angle.variance, self.data.radius**2 * angle.sine_square / (self.dim - 1)

    def _trace(self, angle):
        """Trace of the posterior covariance, R²(1 - A²)."""
        return self.data.radius**2 * angle.short * (2 - angle.short)

    def _entropy(self, angle):
        dim = self.dim
        log_equator = np.log(2) + (dim - 1) / 2 * np.log(np.pi) - gammaln((dim - 1) / 2)
        return log_equator + angle.log_mass + angle.kappa * angle.short + (dim - 1) * np.log(self.data.radius)

    def _matrix(self, direction, along, across):
        dyads = direction[:, :, None] * direction[:, None, :]
        return across[:, None, None] * np.eye(self.dim) + (along - across)[:, None, None] * dyads

    def logpdf(self, x):
        return self._map(lambda norm, direction, angle: self._log_density(norm, angle), x)

    def score(self, x):
        return self._map(
            lambda norm, direction, angle: self._radial_score(norm, angle)[:, None] * direction, x
        )

    def jacobian(self, x):
        gain = (self.alpha / self.sigma**2) ** 2
        return gain * self.posterior_cov(x) - np.eye(self.dim) / self.sigma**2

    def divergence(self, x):
        return (self.alpha / self.sigma**2) ** 2 * self.posterior_variance(x) - self.dim / self.sigma**2

    def posterior_mean(self, x):
        radius = self.data.radius
        return self._map(lambda norm, direction, angle: radius * (1 - angle.short)[:, None] * direction, x)

    def posterior_cov(self, x):
        return self._map(lambda norm, direction, angle: self._matrix(direction, *self._variances(angle)), x)

    def posterior_variance(self, x):
        return self._map(lambda norm, direction, angle: self._trace(angle), x)

    def posterior_entropy(self, x):
        return self._map(lambda norm, direction, angle: self._entropy(angle), x)

    def weights(self, x):
        raise TypeError(
            "a sphere has no components, hence no weights; posterior_mean and posterior_cov exist"
        )

    def class_entropy(self, x):
        raise TypeError("a sphere has no components, hence no class entropy; use posterior_entropy")

    # ------------------------------------------------------------------ averages over p_t

    def _average(self, integrand):
        r"""Average of integrand(norm, angle) over the law of the norm, by two Gauss-Legendre rules."""
        centre = np.hypot(self.alpha * self.data.radius, self.sigma * np.sqrt(self.dim))
        low, high = max(0.0, centre - WIDTHS * self.sigma), centre + WIDTHS * self.sigma
        values = []
        for nodes in (NODES, COARSE_NODES):
            roots, weights = _rule(nodes)
            norm = (low + high) / 2 + (high - low) / 2 * roots
            angle = self._radial(norm)
            log_mass = self._log_density(norm, angle) + (self.dim - 1) * np.log(norm)
            mass = weights * np.exp(log_mass - log_mass.max())
            values.append(mass @ integrand(norm, angle) / mass.sum())
        fine, coarse = values
        return Estimate(fine, abs(fine - coarse) + 1e-13 * abs(fine))

    def mean_posterior_entropy(self, rng, samples):
        """Average of the posterior entropy over p_t, H(x_0|x_t), in nats, as an Estimate."""
        return self._average(lambda norm, angle: self._entropy(angle))

    def posterior_entropy_variance(self, rng, samples):
        """Variance of the posterior entropy over p_t, in nats², as an Estimate."""
        mean = self._average(lambda norm, angle: self._deficit(angle))
        spread = self._average(lambda norm, angle: (self._deficit(angle) - mean.value) ** 2)
        blur = 64 * np.finfo(float).eps * (1 + abs(mean.value))
        error = spread.error + 2 * np.sqrt(spread.value) * blur + blur**2 + mean.error**2
        return Estimate(spread.value, error)

    def _deficit(self, angle):
        r"""What the posterior's entropy lacks of the uniform law's, KL(posterior || uniform), >= 0.

        Its derivative is :math:`\kappa\,\mathrm{Var}\cos\theta`, whose integral keeps all digits where it
        is small.
        """
        if angle.kappa.max() > np.sqrt(self.dim):
            return betaln((self.dim - 1) / 2, 0.5) - angle.log_mass - angle.kappa * angle.short
        roots, weights = _rule(16)
        share = (1 + roots) / 2
        parts = np.outer(angle.kappa, share)
        variances = self._angle(parts.ravel()).variance.reshape(parts.shape)
        return angle.kappa**2 * (variances @ (weights * share)) / 2

    def class_entropy_variance(self, rng, samples):
        raise TypeError("a sphere has no components, hence no class entropy; use entropy_variance")

    def mean_between(self, rng, samples):
        """Average of the posterior variance, as an Estimate."""
        return self._average(lambda norm, angle: self._trace(angle))

    def mean_score_norm(self, rng, samples):
        r"""Average of :math:`\|s\|^2` over p_t, as an Estimate."""
        return self._average(lambda norm, angle: self._radial_score(norm, angle) ** 2)

    def mean_divergence(self, rng, samples):
        """Average of the score's divergence over p_t, as an Estimate."""
        gain, noise = (self.alpha / self.sigma**2) ** 2, self.dim / self.sigma**2
        return self._average(lambda norm, angle: gain * self._trace(angle) - noise)

    def mean_eigenvalue_sum(self, rng, samples):
        r"""Average sum of the eigenvalues of the Jacobian, as an Estimate.

        One lies along x, D - 1 across, where the posterior variance is :math:`R^2 A/\kappa`.
        """
        gain, radius = self.alpha / self.sigma**2, self.data.radius

        def eigenvalues(norm, angle):
            across = gain**2 * radius**2 * (1 - angle.short) / angle.kappa
            along = gain**2 * radius**2 * angle.variance
            return along + (self.dim - 1) * across - self.dim / self.sigma**2

        return self._average(eigenvalues)

    def mean_variances(self):
        """Averages of the posterior variance along x and, D - 1 times, across, as two Estimates."""
        return tuple(self._average(lambda norm, angle, i=i: self._variances(angle)[i]) for i in (0, 1))

    def mean_fisher_trace(self, rng, samples):
        r"""Average trace of the posterior's Fisher matrix (59), as an Estimate."""
        gain = self.alpha / self.sigma**2

        def trace(norm, angle):
            along, across = self._variances(angle)
            return gain**2 * (along + (self.dim - 1) * across)

        return self._average(trace)

    def mean_within_variance(self):
        """The sphere is one component without thickness: nothing within."""
        return 0.0
