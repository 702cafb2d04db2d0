"""A Gaussian mixture seen through the channel."""

from functools import cached_property

import numpy as np

from infodyn import _validate, screening
from infodyn.charts import Chart
from infodyn.componentkernel import ComponentKernel
from infodyn.distributions import GaussianMixture
from infodyn.estimates import Estimate, blocks, rounding
from infodyn.expectations import average
from infodyn.posterior import Diffused
from infodyn.quadrature import gaussian_averages
from infodyn.relative import kullback_terms
from infodyn.shared import SharedChannel
from infodyn.sharedkernel import SharedKernel

#: Points that a block holds at least, so that products of matrices run at full speed.
ROWS = 256
#: How many points tell the size of an entropy's fluctuation.
PROBES = 64
#: Nats by which the posterior entropy of overlapping components may be off at most.
MOST_ERROR = 1e-6


class DiffusedMixture(Diffused):
    r"""A Gaussian mixture (or point masses) seen through the channel.

    p_t is again a mixture, of :math:`N(\alpha\mu_k,\ \alpha^2\Sigma_k + \sigma^2 I)`; given the component
    k, whose posterior probability is w_k(x), the posterior of x_0 is Gaussian.
    """

    @cached_property
    def kernel(self):
        """The components of p_t."""
        law = self.data
        if law.covariances.ndim == 0:
            return SharedKernel(law.cloud, float(law.covariances), self.alpha, self.sigma)
        return ComponentKernel(law.weights, law.means, *law.spectra, self.alpha, self.sigma)

    def _blocks(self, x, screen):
        """Yield (rows, kernel, points, Responsibility) for blocks of points x (M, D).

        Screening leaves out components that count for nothing: the odds may then be sparse.
        """
        single = x.dtype == np.float32
        kernel = self.kernel.single if single else self.kernel
        screen = screen and not single and screening.pays(kernel, x)
        for b in blocks(len(x), kernel.columns, ROWS):
            r = screening.respond(kernel, x[b]) if screen else None
            screen = r is not None
            yield b, kernel, x[b], r or kernel.respond(x[b])

    def _map(self, function, x, shape=(), *, screen=False):
        """Map function(kernel, x, responsibility) over blocks of points x (..., D) to (..., *shape)."""
        x = _validate.queries(x, self.dim)
        flat = x.reshape(-1, self.dim)
        result = np.empty((len(flat), *shape), x.dtype)
        for b, kernel, points, r in self._blocks(flat, screen):
            result[b] = function(kernel, points, r)
            del r  # room for the next
        return result.reshape(x.shape[:-1] + shape)

    def _covariance(self, x, field):
        """Covariance of a field, between components and within them, at points x (..., D), (..., D, D)."""
        x = _validate.queries(x, self.dim)
        flat = x.reshape(-1, self.dim)
        result = np.empty((*flat.shape, self.dim), x.dtype)
        for b, kernel, points, r in self._blocks(flat, False):
            kernel.covariance(points, r, field, out=result[b])
            del r
        return result.reshape(*x.shape, self.dim)

    def logpdf(self, x):
        return self._map(lambda kernel, x, r: kernel.logpdf(x, r), x, screen=True)

    def score(self, x):
        return self._map(lambda kernel, x, r: kernel.mean(x, r, "score"), x, (self.dim,), screen=True)

    def jacobian(self, x):
        return self._covariance(x, "score")

    def divergence(self, x):
        return self._map(_divergence, x)

    def posterior_mean(self, x):
        return self._map(lambda kernel, x, r: kernel.mean(x, r, "denoiser"), x, (self.dim,), screen=True)

    def posterior_cov(self, x):
        return self._covariance(x, "denoiser")

    def posterior_variance(self, x):
        return self._map(
            lambda kernel, x, r: kernel.between(x, r, "denoiser") + kernel.within(r.w, "denoiser"), x
        )

    def weights(self, x):
        return self._map(lambda kernel, x, r: r.w, x, (len(self.data.weights),))

    def class_entropy(self, x):
        return self._map(lambda kernel, x, r: r.entropy(), x)

    def posterior_entropy(self, x):
        """See :meth:`Diffused.posterior_entropy`.

        Closed form, except where components share a subspace: then a quadrature a point.

        Raises
        ------
        ValueError
            Where components overlap in more than two directions, for which there is no quadrature,
            or are so unlike that it does not settle.
        """
        entropies = self.component_entropies()
        return self._map(lambda _, x, r: r.entropy() + r.w @ entropies - self._confusion(x, r.w)[0], x)

    def _confusion(self, x, w):
        """What x_0 leaves open about its component, H(k|x_0, x_t = x) at points (M, D); and its error."""
        law, value, error = self.data, np.zeros(len(x)), 0.0
        values, vectors = law.spectra
        variances = self.alpha**2 * values + self.sigma**2
        gain, shrunk = self.alpha * values / variances, values * self.sigma**2 / variances
        for group in law.overlaps:
            part = _restricted(law, group)
            if part.chart.rank == 0:
                value += w[:, group].sum(axis=1) * part.class_entropy(part.data.mean)
                continue
            if part.chart.rank > 2:
                raise ValueError(
                    f"the posterior's components overlap in {part.chart.rank} directions, so its entropy "
                    "has no closed form and no quadrature; use conditional_entropy for its average, or "
                    "class_entropy"
                )
            basis = _basis(law, group)
            across = basis @ part.chart.projection
            for k in group:
                axes = across if vectors is None else vectors[k].T @ across
                residual = x - self.alpha * law.means[k]
                step = (residual if vectors is None else residual @ vectors[k]) @ (gain[k][:, None] * axes)
                start = (law.means[k] @ basis - part.chart.centre) @ part.chart.projection
                root = np.linalg.cholesky(axes.T @ (shrunk[k][:, None] * axes))

                def label_entropy(z, part=part):
                    return part.class_entropy(part.chart.lift(z))

                found, gap = gaussian_averages(label_entropy, start + step, root, len(group))
                value += w[:, k] * found
                error = max(error, gap)
        if error > MOST_ERROR:
            raise ValueError(
                f"the posterior's quadrature is off by up to {error:.1g} nats: its components overlap but "
                "are too unlike in width; use conditional_entropy for its average, or class_entropy"
            )
        return value, error

    def component_entropies(self):
        r"""Entropy of x_0 given x_t and the component, :math:`\tfrac12\sum_i\ln(2\pi e\,C_{k,i})`, (K,)."""
        values, vectors = self.data.spectra
        inside = values > 0
        variances = np.where(inside, values, 1.0)
        variances = variances * self.sigma**2 / (self.alpha**2 * variances + self.sigma**2)
        logs = np.where(inside, np.log(2 * np.pi * np.e * variances), 0.0)
        return logs.sum(axis=1) / 2 * (self.dim if vectors is None else 1)

    # ------------------------------------------------------------------ averages over p_t

    @cached_property
    def reduced(self):
        """The same channel on the span of the means, where every covariance is c I; the rest is noise."""
        return DiffusedMixture(self.data.on_span, self.alpha, self.sigma) if self.data.on_span else self

    @cached_property
    def chart(self):
        """p_t in whitened coordinates of the directions in which its components differ."""
        law = self.data
        root, variances = self._mean_covariance()
        centre = self.alpha * law.mean
        means = (self.alpha * law.means - centre) @ (root / np.sqrt(variances))
        covariances = self._own_covariances(root, variances)
        excess = covariances - np.eye(self.dim)
        _, lengths, axes = np.linalg.svd(np.vstack([means, *excess]), full_matrices=False)
        axes = axes[lengths > 1e-13]
        differ = excess.size and np.abs(excess).max() > 1e-13
        lift = (axes * np.sqrt(variances)) @ root.T
        return Chart(
            law.weights,
            means @ axes.T,
            axes @ covariances @ axes.T if differ else None,
            lambda z: centre + z @ lift,
            centre,
            (root / np.sqrt(variances)) @ axes.T,
            (np.log(variances).sum() + (self.dim - len(axes)) * np.log(2 * np.pi)) / 2,
            (1 / variances).sum() - ((axes / np.sqrt(variances)) ** 2).sum(),
        )

    def _mean_covariance(self):
        """Eigenvectors (D, D) and eigenvalues (D,) of the average covariance of p_t's components."""
        law = self.data
        if law.covariances.ndim <= 1:
            variance = self.alpha**2 * np.sum(law.weights * law.spectra[0][:, 0]) + self.sigma**2
            return np.eye(self.dim), np.full(self.dim, variance)
        if law.covariances.ndim == 2:
            values, vectors = law.spectra
            return vectors[0], self.alpha**2 * values[0] + self.sigma**2
        mean = np.tensordot(law.weights, law.covariances, axes=1)
        values, vectors = np.linalg.eigh(mean)
        return vectors, self.alpha**2 * np.maximum(values, 0) + self.sigma**2

    def _own_covariances(self, root, variances):
        """Whitened covariances of the components, (K, D, D); none where they are shared."""
        law = self.data
        if law.covariances.ndim in (0, 2):
            return np.empty((0, self.dim, self.dim))
        if law.covariances.ndim == 1:
            covariances = law.covariances[:, None, None] * np.eye(self.dim)
        else:
            covariances = law.covariances
        whiten = root / np.sqrt(variances)
        noise = self.sigma**2 * whiten.T @ whiten
        return self.alpha**2 * (whiten.T @ covariances @ whiten) + noise

    def _average(self, integrand, rng, samples, *, local, ceiling=np.inf, blur=0.0):
        low = self.reduced
        return average(
            low.kernel,
            low.chart,
            integrand,
            local=local,
            ceiling=ceiling,
            blur=blur,
            draw=lambda: (rng, samples),
        )

    def _shared(self, name, rng, samples):
        """An average that components of one scalar variance allow; None for others."""
        if not SharedChannel.knows(name, self.data):
            return None
        channel = SharedChannel(self.data, np.array([self.alpha]), np.array([self.sigma]))
        value, error = getattr(channel, name)(lambda: (rng, samples))
        return Estimate(value[0], error[0])

    def mean_class_entropy(self, rng, samples):
        r"""Average of the class entropy over p_t, H(k|x_t), in nats, as an Estimate."""
        return self._shared("mean_class_entropy", rng, samples) or self._average(
            lambda kernel, x, r: r.entropy(), rng, samples, local=True, ceiling=np.log(len(self.data.weights))
        )

    def label_entropy_given_data(self, rng, samples):
        """H(k|x_0): what x_0 leaves open about its component, in nats, as an Estimate."""
        law, value, error = self.data, 0.0, 0.0
        for group in law.overlaps:
            share = law.weights[group].sum()
            part = _restricted(law, group).mean_class_entropy(rng, samples)
            value, error = value + share * part.value, error + share * part.error
        return Estimate(value, error)

    def mean_posterior_entropy(self, rng, samples):
        """Average of the posterior entropy over p_t, H(x_0|x_t), in nats, as an Estimate."""
        mixing = self.mean_class_entropy(rng, samples)
        confusion = self.label_entropy_given_data(rng, samples)
        within = self.data.weights @ self.component_entropies()
        lost = rounding(mixing.value) + rounding(within) + rounding(confusion.value)
        return Estimate(mixing.value + within - confusion.value, mixing.error + confusion.error + lost)

    def class_entropy_variance(self, rng, samples):
        """Variance of the class entropy over p_t, in nats², as an Estimate."""
        return self._shared("class_entropy_variance", rng, samples) or self._entropy_variance(
            np.zeros(len(self.data.weights)), False, rng, samples
        )

    def posterior_entropy_variance(self, rng, samples):
        """Variance of the posterior entropy over p_t, in nats², as an Estimate."""
        return self._shared("posterior_entropy_variance", rng, samples) or self._entropy_variance(
            self.component_entropies(), bool(self.data.overlaps), rng, samples
        )

    def _entropy_variance(self, offsets, confused, rng, samples):
        r"""Variance over p_t of :math:`-\sum_k w_k\ln w_k + \sum_k w_k o_k`, less the confusion if asked.

        Where few points of p_t have an entropy it is that of a local integrand, :math:`Eh^2 - (Eh)^2`
        without cancellation; elsewhere that of the deviation from the value at infinite noise, centred.
        """
        law = self.data
        live = law.weights > 0
        if not live.all():
            present = DiffusedMixture(_of_components(law, live), self.alpha, self.sigma)
            return present._entropy_variance(offsets[live], confused, rng, samples)
        spread = np.ptp(offsets)
        ceiling = np.log(len(offsets))
        if not confused and spread <= 1e-13 * np.abs(offsets).max():
            mean, square = (
                self._average(
                    lambda kernel, x, r, n=n: r.entropy() ** n, rng, samples, local=True, ceiling=ceiling**n
                )
                for n in (1, 2)
            )
            if square.value >= 2 * mean.value**2:
                return Estimate(
                    square.value - mean.value**2, square.error + 2 * mean.value * mean.error + mean.error**2
                )
        slopes = offsets - np.log(law.weights)
        blur = 4 * np.finfo(float).eps * (1 + ceiling + spread)
        blurs = [blur]

        def deviation(x, r):
            excess = r.w / law.weights - 1
            value = excess @ (law.weights * slopes) - kullback_terms(excess) @ law.weights
            if not confused:
                return value
            confusion, gap = self.reduced._confusion(x, r.w)
            blurs.append(gap)
            return value - confusion

        if confused:
            mixing = self.mean_class_entropy(rng, samples)
            confusion = self.label_entropy_given_data(rng, samples)
            entropy = -law.weights @ np.log(law.weights)
            centre = Estimate(mixing.value - entropy - confusion.value, mixing.error + confusion.error)
        else:
            centre = self._average(lambda kernel, x, r: deviation(x, r), rng, samples, local=False, blur=blur)

        def square(kernel, x, r):
            return (deviation(x, r) - centre.value) ** 2

        low = self.reduced
        probe = low.sample(PROBES, np.random.default_rng(0))
        size = np.sqrt(square(low.kernel, probe, low.kernel.respond(probe)).mean())
        found = self._average(square, rng, samples, local=False, blur=blur * size)
        blur = max(blurs)
        error = found.error + 2 * np.sqrt(found.value) * blur + blur**2 + centre.error**2
        return Estimate(found.value, error)

    def mean_between(self, rng, samples):
        r"""Average over p_t of the posterior variance between components, as an Estimate.

        :math:`E\sum_k w_k\|m_k - \bar m\|^2`, with m_k the denoiser of component k.
        """
        return self._shared("mean_between", rng, samples) or self._average(
            lambda kernel, x, r: kernel.between(x, r, "denoiser"), rng, samples, local=True
        )

    def mean_score_norm(self, rng, samples):
        r"""Average of :math:`\|s\|^2` over p_t, as an Estimate."""
        low = self.reduced
        part = self._average(
            lambda kernel, x, r: np.sum(kernel.mean(x, r, "score") ** 2, axis=1), rng, samples, local=False
        )
        return Estimate(part.value + low.chart.rest_precision + self._outside(), part.error)

    def mean_divergence(self, rng, samples):
        """Average of the score's divergence over p_t, as an Estimate."""
        part = self._average(_divergence, rng, samples, local=False)
        return Estimate(part.value - self._outside(), part.error)

    def mean_eigenvalue_sum(self, rng, samples):
        """Average over p_t of the sum of the eigenvalues of the score's Jacobian, as an Estimate."""
        part = self._average(
            lambda kernel, x, r: np.linalg.eigvalsh(_jacobian(kernel, x, r)).sum(axis=1),
            rng,
            samples,
            local=False,
        )
        return Estimate(part.value - self._outside(), part.error)

    def mean_fisher_trace(self, rng, samples):
        r"""Average trace of the posterior's Fisher matrix, :math:`E\|\nabla_x\log p(x_0|x)\|^2` (59)."""
        part = self._average(
            lambda kernel, x, r: np.trace(kernel.between_cov(x, r, "score"), axis1=1, axis2=2),
            rng,
            samples,
            local=True,
        )
        return Estimate(
            part.value + (self.alpha / self.sigma**2) ** 2 * self.mean_within_variance(), part.error
        )

    def mean_within_variance(self):
        r"""Posterior variance within components.

        :math:`\sum_k\pi_k\sum_i\lambda_{ki}\sigma^2/(\alpha^2\lambda_{ki}+\sigma^2)`.
        """
        return float(self.data.weights @ self.kernel.within_traces("denoiser"))

    def _outside(self):
        """Sum of 1/variance over the dimensions that :attr:`reduced` leaves out."""
        return (
            (self.dim - self.reduced.dim) / self.reduced.kernel.variance if self.reduced is not self else 0.0
        )


def _jacobian(kernel, x, r):
    jacobian = kernel.between_cov(x, r, "score")
    jacobian += kernel.within_cov(r.w, "score")
    return jacobian


def _divergence(kernel, x, r):
    return kernel.between(x, r, "score") + kernel.within(r.w, "score")


def _basis(law, group):
    """Orthonormal directions of the subspace that some components share, (D, n)."""
    values, vectors = law.spectra
    return np.eye(law.dim) if vectors is None else vectors[group[0]][:, values[group[0]] > 0]


def _of_components(law, members):
    """Some components of a law, in the proportions that they have in it."""
    shared = law.covariances.ndim in (0, 2)
    covariances = law.covariances if shared else law.covariances[members]
    return GaussianMixture(law.weights[members] / law.weights[members].sum(), law.means[members], covariances)


def _restricted(law, group):
    """Some components of a law, on the subspace that they share, seen without noise."""
    values, vectors = law.spectra
    weights, means = law.weights[group] / law.weights[group].sum(), law.means[group]
    if not values[group[0]].any():
        covariances = 1.0  # one atom under several names: nothing tells them apart
    elif vectors is None:
        covariances = law.covariances if law.covariances.ndim == 0 else law.covariances[group]
    else:
        basis = _basis(law, group)
        chosen = law.covariances if law.covariances.ndim == 2 else law.covariances[group]
        means, covariances = means @ basis, basis.T @ chosen @ basis
    return DiffusedMixture(GaussianMixture(weights, means, covariances), 1.0, 0.0)
