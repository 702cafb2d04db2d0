"""Point masses that are read in blocks, seen through the channel."""

import numpy as np

from infodyn import _validate
from infodyn.estimates import Estimate, rounding
from infodyn.expectations import ENOUGH
from infodyn.parts import Queries, merge_parts, part_of
from infodyn.posterior import Diffused

#: Numbers that the queries of one pass may hold, and each of their results.
PASS = 1 << 20


class DiffusedStream(Diffused):
    r"""Point masses that are read in blocks, seen through the channel.

    As for point masses in memory, :math:`w_k \propto \pi_k e^{-\|x-\alpha y_k\|^2/2\sigma^2}`; sums
    over k are merged from sums over blocks. A method passes once over the data for every 2^20 numbers that
    are asked or returned.
    """

    def _map(self, function, x, moments=(), shape=()):
        """Map function(part, x) over points x (..., D), less α times the origin, to (..., *shape)."""
        x = _validate.queries(x, self.dim)
        flat = x.reshape(-1, self.dim) - self.alpha * self.data.origin
        result = np.empty((len(flat), *shape))
        rows = max(1, PASS // max(self.dim, np.prod(shape, dtype=int)))
        for start in range(0, len(flat), rows):
            u = flat[start : start + rows]
            queries = Queries(u, self.alpha, self.sigma, self.data.origin, moments)
            what = f"points {start + 1} to {start + len(u)} of {len(flat)}"
            part = self.data.reduce(part_of, merge_parts, queries, what)
            result[start : start + rows] = function(part, u)
        return result.reshape(x.shape[:-1] + shape)

    def logpdf(self, x):
        normaliser = self.dim * np.log(2 * np.pi * self.sigma**2)

        def log_density(part, u):
            residual = u - self.alpha * part.top
            square = np.einsum("md,md->m", residual, residual) / self.sigma**2
            return part.log_weight + np.log1p(part.rest) - (square + normaliser) / 2

        return self._map(log_density, x)

    def score(self, x):
        return self._map(
            lambda part, u: (self.alpha * part.moments["mean"] - u) / self.sigma**2, x, ("mean",), (self.dim,)
        )

    def jacobian(self, x):
        gain = (self.alpha / self.sigma**2) ** 2
        return gain * self.posterior_cov(x) - np.eye(self.dim) / self.sigma**2

    def divergence(self, x):
        return (self.alpha / self.sigma**2) ** 2 * self.posterior_variance(x) - self.dim / self.sigma**2

    def posterior_mean(self, x):
        return self._map(lambda part, u: self.data.origin + part.moments["mean"], x, ("mean",), (self.dim,))

    def posterior_cov(self, x):
        return self._map(lambda part, u: part.moments["cov"], x, ("mean", "cov"), (self.dim, self.dim))

    def posterior_variance(self, x):
        return self._map(lambda part, u: part.moments["variance"], x, ("mean", "variance"))

    def posterior_entropy(self, x):
        """Entropy of the row's number given x, (...), in nats: rows that are alike count as distinct."""
        return self.class_entropy(x)

    def class_entropy(self, x):
        return self._map(lambda part, u: part.moments["entropy"], x, ("entropy",))

    def weights(self, x):
        raise TypeError(
            f"of data that are read in blocks, the {self.data.number} posterior probabilities are never "
            "there at once; logpdf, score and the posterior's moments and entropy are"
        )

    # ------------------------------------------------------------------ averages over p_t

    def _sample(self, samples, rng):
        if samples < 2:
            raise ValueError(f"samples must be >= 2, got {samples}; a standard error needs a spread")
        return self.sample(samples, rng)

    def mean_class_entropy(self, rng, samples):
        """Average of the class entropy over p_t, in nats, as an Estimate."""
        return _sampled(self.class_entropy(self._sample(samples, rng)), lambda: np.log(self.data.number))

    def mean_posterior_entropy(self, rng, samples):
        """Average of the posterior entropy over p_t, in nats, as an Estimate."""
        return self.mean_class_entropy(rng, samples)

    def class_entropy_variance(self, rng, samples):
        """Variance of the class entropy over p_t, in nats², as an Estimate."""
        entropy, most = self.class_entropy(self._sample(samples, rng)), np.log(self.data.number)
        found = _sampled((entropy - entropy.mean()) ** 2 * samples / (samples - 1), lambda: most**2)
        blur = 4 * np.finfo(float).eps * (1 + most)
        return Estimate(found.value, found.error + 2 * np.sqrt(found.value) * blur + blur**2)

    def posterior_entropy_variance(self, rng, samples):
        """Variance of the posterior entropy over p_t, in nats², as an Estimate."""
        return self.class_entropy_variance(rng, samples)

    def mean_between(self, rng, samples):
        """Average of the posterior variance over p_t, as an Estimate."""
        variance = self.posterior_variance(self._sample(samples, rng))
        return _sampled(variance, lambda: self.data.survey.square)

    def mean_score_norm(self, rng, samples):
        r"""Average of :math:`\|s\|^2` over p_t, as an Estimate."""
        return _sampled(np.sum(self.score(self._sample(samples, rng)) ** 2, axis=1))

    def mean_divergence(self, rng, samples):
        """Average of the score's divergence over p_t, as an Estimate."""
        return _sampled(self.divergence(self._sample(samples, rng)))

    def mean_eigenvalue_sum(self, rng, samples):
        """Average over p_t of the sum of the eigenvalues of the score's Jacobian, as an Estimate."""
        return _sampled(np.linalg.eigvalsh(self.jacobian(self._sample(samples, rng))).sum(axis=1))

    def mean_fisher_trace(self, rng, samples):
        r"""Average trace of the posterior's Fisher matrix (59), as an Estimate."""
        gain = (self.alpha / self.sigma**2) ** 2
        traces = gain * np.trace(self.posterior_cov(self._sample(samples, rng)), axis1=1, axis2=2)
        return _sampled(traces, lambda: gain * self.data.survey.square)

    def mean_within_variance(self):
        """Points have no thickness: nothing within."""
        return 0.0


def _sampled(values, ceiling=None):
    """Mean of values (n,) at points of p_t, with its standard error.

    Where few of the points share in it, as in what vanishes where one point of the data takes all, their
    spread says little. Then the error is at least what 3/n of the values at their ceiling would add:
    what none of n points has met is rarer than that (with 95 % confidence).
    """
    number, value = len(values), values.mean()
    error = values.std(ddof=1) / np.sqrt(number) + rounding(value)
    participants = values.sum() ** 2 / max((values**2).sum(), np.finfo(float).tiny)
    if ceiling is not None and participants < min(ENOUGH, number / 4):
        error = max(error, 3 * ceiling() / number)
    return Estimate(value, error)
