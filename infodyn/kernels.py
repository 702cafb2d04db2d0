r"""Sums over Gaussian components, weighted by their posterior probabilities.

Component k of :math:`x_t` is :math:`N(\alpha\mu_k, V_k)` with :math:`V_k = \alpha^2\Sigma_k + \sigma^2 I`.
Two fields belong to it, both affine in x: its score :math:`s_k = -V_k^{-1}(x - \alpha\mu_k)` and its
denoiser :math:`m_k = \mu_k + \alpha\Sigma_k V_k^{-1}(x - \alpha\mu_k)`. A kernel takes points x of
shape (M, D) and knows, for either field, the mean over components, the variance between them and
the contribution within them.
"""

from abc import ABC, abstractmethod

from infodyn.estimates import blocks

#: How far apart means may lie, in standard deviations, before places about one centre lose three digits.
WIDE = 1000.0


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
