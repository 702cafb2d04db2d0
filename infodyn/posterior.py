r"""What every diffused law can tell: its density, score and posterior at a point."""

from abc import ABC, abstractmethod

from infodyn.estimates import Estimate


class Diffused(ABC):
    r"""The law of :math:`x_t = \alpha x_0 + \sigma z` and the posterior of x_0 given x_t.

    Every method takes points x of shape (..., D) and returns one result a point. Lengths are in
    units of the data, entropies in nats.

    A mixture answers points given as float32 in float32, in half the time. That costs log posterior
    odds up to about 1e-4, beside what the rounding of x costs them; ask in float64 for all digits.

    Attributes
    ----------
    data : DataLaw
        The law of x_0.
    alpha, sigma : float
        Attenuation and standard deviation of the noise.
    """

    def __init__(self, data, alpha, sigma):
        self.data, self.alpha, self.sigma = data, float(alpha), float(sigma)

    @property
    def dim(self):
        """Ambient dimension D."""
        return self.data.dim

    @abstractmethod
    def logpdf(self, x):
        r"""Log density :math:`\log p_t(x)`, shape (...)."""

    @abstractmethod
    def score(self, x):
        r"""Score :math:`s = \nabla\log p_t = (\alpha\,E[x_0|x] - x)/\sigma^2` (11), shape (..., D)."""

    @abstractmethod
    def jacobian(self, x):
        r"""Jacobian of the score :math:`(\alpha^2/\sigma^4)\mathrm{Cov}[x_0|x] - I/\sigma^2`, (..., D, D)."""

    @abstractmethod
    def divergence(self, x):
        r"""Divergence of the score, the trace of the Jacobian, shape (...)."""

    @abstractmethod
    def posterior_mean(self, x):
        r"""Denoiser :math:`E[x_0|x_t=x]`, shape (..., D)."""

    @abstractmethod
    def posterior_cov(self, x):
        r"""Posterior covariance :math:`\mathrm{Cov}[x_0|x_t=x]`, shape (..., D, D)."""

    @abstractmethod
    def posterior_variance(self, x):
        r"""Trace of the posterior covariance, shape (...); its average over p_t is the mmse (33)."""

    @abstractmethod
    def posterior_entropy(self, x):
        r"""Entropy of the posterior :math:`H(x_0|x_t=x)` (65), shape (...), in nats.

        With respect to counting measure on point masses, length, area, ... on the subspaces that
        continuous components live on.
        """

    @abstractmethod
    def weights(self, x):
        r"""Posterior probabilities of the components, :math:`w_k(x) = p(k|x_t=x)` (21), (..., K)."""

    @abstractmethod
    def class_entropy(self, x):
        r"""Entropy of the component given x, :math:`-\sum_k w_k\log w_k`, shape (...), in nats."""

    def sample(self, n, rng):
        r"""Draw n points from p_t, shape (n, D), with ``rng`` a ``numpy.random.Generator``."""
        x0 = self.data.sample(n, rng)
        return self.alpha * x0 + self.sigma * rng.standard_normal(x0.shape)

    def mean_posterior_variance(self, rng, samples):
        r"""Average of the posterior variance, :math:`E\,\mathrm{tr\,Cov}[x_0|x_t]`, as an Estimate."""
        between = self.mean_between(rng, samples)
        return Estimate(between.value + self.mean_within_variance(), between.error)
