r"""Averages over p_t at many noise levels at once, where all components have one variance c."""

import numpy as np

from infodyn.estimates import Estimate, rounding
from infodyn.expectations import RTOL
from infodyn.labels import LabelAverages


class SharedChannel:
    r"""A mixture of one scalar variance c at T noise levels.

    Parameters
    ----------
    law : GaussianMixture
        With ``covariances`` one number.
    alpha, sigma : ndarray, shape (T,)
    rtol : float
        Relative accuracy to aim at where lattices reach.
    """

    def __init__(self, law, alpha, sigma, rtol=RTOL):
        self.law, self.alpha, self.sigma, self.rtol = law, alpha, sigma, rtol
        self.variance = alpha**2 * float(law.covariances) + sigma**2

    @staticmethod
    def knows(name, law):
        """Whether it has an average of a law."""
        confused = name == "posterior_entropy_variance" and law.overlaps
        return law.covariances.ndim == 0 and not confused and hasattr(SharedChannel, name)

    def labels(self, draw, spreads):
        """What is left open about the component, as :class:`LabelAverages`, with or without the spread."""
        return LabelAverages(self.law, self.alpha / np.sqrt(self.variance), self.rtol, draw, spreads)

    def mean_class_entropy(self, draw):
        r"""Average of the class entropy over p_t, H(k|x_t), in nats, as an Estimate (T,)."""
        return self.labels(draw, spreads=False).entropy

    def mean_posterior_entropy(self, draw):
        """Average of the posterior entropy over p_t, H(x_0|x_t), in nats, as an Estimate (T,)."""
        return self.posterior_entropy(self.labels(draw, spreads=False), draw)

    def posterior_entropy(self, labels, draw):
        r"""The same, :math:`H(k|x_t) + \tfrac D2\ln(2\pi e\,c\sigma^2/V) - H(k|x_0)` with V that of x_t."""
        c, mixing = float(self.law.covariances), labels.entropy
        if c == 0 and not self.law.overlaps:
            return mixing
        confusion = self.label_entropy_given_data(draw)
        within = self.law.dim / 2 * np.log(2 * np.pi * np.e * c * self.sigma**2 / self.variance) if c else 0.0
        lost = rounding(mixing.value) + rounding(within) + rounding(confusion.value)
        return Estimate(mixing.value + within - confusion.value, mixing.error + confusion.error + lost)

    def label_entropy_given_data(self, draw):
        """H(k|x_0): what x_0 leaves open about its component, in nats, as an Estimate."""
        if self.law.covariances:
            noiseless = np.array([float(self.law.covariances) ** -0.5])
            return _only(LabelAverages(self.law, noiseless, self.rtol, draw, spreads=False).entropy)
        groups = (self.law.weights[group] for group in self.law.overlaps)
        return Estimate(-sum(w @ np.log(w / w.sum()) for w in groups), 0.0)

    def mean_posterior_variance(self, draw):
        r"""Average of the posterior variance, :math:`E\,\mathrm{tr\,Cov}[x_0|x_t]`, as an Estimate (T,)."""
        between = self.mean_between(draw)
        return Estimate(between.value + self.within_variance(), between.error)

    def mean_between(self, draw):
        r"""Average of :math:`\sum_k w_k\|m_k - \bar m\|^2`, m_k the denoisers, as an Estimate (T,)."""
        slope, spread = self.sigma**2 / self.variance, self.labels(draw, spreads=True).spread
        return Estimate(slope**2 * spread.value, slope**2 * spread.error)

    def within_variance(self):
        r"""Posterior variance within a component, :math:`D\,c\,\sigma^2/V`, (T,)."""
        return self.law.dim * float(self.law.covariances) * self.sigma**2 / self.variance

    def class_entropy_variance(self, draw):
        """Variance of the class entropy over p_t, in nats², as an Estimate (T,)."""
        return self.labels(draw, spreads=False).variance

    def posterior_entropy_variance(self, draw):
        """Variance of the posterior entropy, where x_0 tells its component: that of the class entropy."""
        return self.class_entropy_variance(draw)


def _only(estimate):
    return Estimate(estimate.value[0], estimate.error[0])
