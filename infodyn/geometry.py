r"""Information geometry: how the posterior of x_0 answers a small step of x_t, direction by direction.

The Fisher matrix of the posterior is a metric on the noisy space. Times :math:`\sigma^2` it has no
unit, and its eigenvalues count: near 1 along a direction that the data fill more widely than the
noise, near 0 along one that they do not enter.
"""

import numpy as np
from tqdm import tqdm

from infodyn import _validate
from infodyn.averages import common_draws
from infodyn.diffused import diffuse
from infodyn.estimates import Estimate, blocks
from infodyn.information import mmse
from infodyn.posterior import Diffused
from infodyn.sphere import DiffusedSphere
from infodyn.streamed import DiffusedStream

#: Share of the posterior outside its most probable component that may be left out.
NEGLIGIBLE = 1e-10
#: Points whose matrices are held at once, where they fit.
TOGETHER = 256


def fisher_matrix(diffused, x):
    r"""Fisher information matrix of the posterior, the parameter being the noisy point (59), (60).

    .. math:: F(x) = E\big[\nabla_x\ln p(x_0|x)\,\nabla_x\ln p(x_0|x)^\top\,\big|\,x\big]
              = \frac{\alpha^2}{\sigma^4}\,\mathrm{Cov}[x_0|x] = \frac{I}{\sigma^2} + \nabla s(x)

    A step δ changes the posterior by :math:`\tfrac12\delta^\top F\delta` nats of relative entropy.
    Taken from the covariance, because the sum with the score's Jacobian cancels at small noise.

    Parameters
    ----------
    diffused : Diffused
        The law of x_t, from :func:`diffuse`.
    x : array_like, shape (..., D)
        Noisy points.

    Returns
    -------
    ndarray, shape (..., D, D)
        Inverse squared units of x_t; symmetric, no eigenvalue negative.

    Raises
    ------
    TypeError, ValueError
        For something else than a diffused law, and points of another dimension.

    Examples
    --------
    >>> from infodyn import EDM, GaussianMixture
    >>> plane = GaussianMixture([1.0], [[0.0, 0.0, 0.0]], np.diag([1.0, 1.0, 0.0]))
    >>> fisher_matrix(diffuse(plane, EDM(), 0.5), [0.2, 0.0, 0.1]).diagonal().round(12).tolist()
    [3.2, 3.2, 0.0]

    References
    ----------
    Stancevic & Ambrogioni, Entropy 28, 195 (2026), eqs. (59), (60);
    Amari, Information Geometry and Its Applications, Springer (2016).
    """
    if not isinstance(diffused, Diffused):
        raise TypeError(
            f"diffused must be a diffused law, got {type(diffused).__name__}; use diffuse(data, process, t)"
        )
    return (diffused.alpha / diffused.sigma**2) ** 2 * diffused.posterior_cov(x)


def effective_dimension(data, process, t, *, rng=None, samples=1 << 14):
    r"""Effective dimension of the data at the noise level of a time: the entropy rate per ln(noise level).

    .. math:: \frac{dH(x_0|x_t)}{d\ln\nu} = \sigma^2\,E\,\mathrm{tr}\,F(x_t) = \mathrm{snr}\cdot\mathrm{mmse}

    Between 0 and D. For small noise it tends to the dimension of a smooth manifold, to 0 for points,
    to the mean dimension for a mixture of both.

    Parameters
    ----------
    data : DataLaw
    process : Process
    t : array_like
        Times > 0.
    rng : numpy.random.Generator, optional
        For many reduced dimensions, where the average is sampled. A fixed seed by default.
    samples : int
        How many points to sample then.

    Returns
    -------
    Estimate
        A number of directions, of t's shape.

    Raises
    ------
    ValueError, TypeError
        For times that are not positive and arguments of another kind.

    Examples
    --------
    >>> from infodyn import EDM, Sphere
    >>> effective_dimension(Sphere(3), EDM(), [0.01, 0.1, 10.0]).value.round(4).tolist()
    [1.9999, 1.9899, 0.01]

    References
    ----------
    Stancevic & Ambrogioni, Entropy 28, 195 (2026), eq. (62);
    Stanczuk, Batzolis, Deveney & Schonlieb, ICML (2024).
    """
    snr, variance = process.snr(t), mmse(data, process, t, rng=rng, samples=samples)
    return Estimate(snr * variance.value, snr * variance.error)


def fisher_spectrum(data, process, t, *, rng=None, samples=1 << 10):
    r"""Mean eigenvalues of the Fisher matrix, in units of the noise: :math:`E\,\lambda_i(\sigma^2 F(x_t))`.

    Ordered at each x_t before the average is taken, the largest first. Their sum is the
    :func:`effective_dimension`; a gap between them shows the dimension of the data. They are also the
    mean eigenvalues of α times the denoiser's Jacobian, and
    :math:`1 + \sigma^2\lambda_i(\nabla s)` of the score's (64).

    Parameters
    ----------
    data : DataLaw
    process : Process
    t : array_like
        Times > 0.
    rng : numpy.random.Generator, optional
        For the noisy points; every time is given the same draws. A fixed seed by default.
    samples : int
        How many noisy points to average over.

    Returns
    -------
    Estimate
        Arrays of t's shape and one axis more, of length D. The error is a standard error; for a
        Gaussian and for two components of one covariance c I, where nothing is sampled, it is
        rounding or a bound, and so it is for a sphere.

    Raises
    ------
    ValueError, TypeError
        For times that are not positive and arguments of another kind.

    Notes
    -----
    A noisy point of a large data set is close to n of its points only. The eigenvalues then come from
    the n x n Gram matrix of these (or from D x D, if that is smaller): points that together hold less
    than 1e-10 of what the posterior leaves to all but the most probable one are left out.

    Where points are well apart for the noise, nearly all of an average comes from rare noisy points on
    the boundaries between them. A sample without any of them gives too little, and too small an error:
    compare the sum with :func:`effective_dimension`, which looks for the boundaries.

    Examples
    --------
    >>> from infodyn import EDM, GaussianMixture
    >>> flat = GaussianMixture([1.0], [[0.0, 0.0, 0.0]], np.diag([1.0, 0.01, 0.0]))
    >>> fisher_spectrum(flat, EDM(), [0.01, 0.1]).value.round(4).tolist()
    [[0.9999, 0.9901, 0.0], [0.9901, 0.5, 0.0]]

    References
    ----------
    Stancevic & Ambrogioni, Entropy 28, 195 (2026), eqs. (61), (63), (64);
    Ventura et al., arXiv 2410.05898 (2024).
    """
    t = _validate.times(t)
    draw = common_draws(rng, samples)
    if samples < 2:
        raise ValueError(f"samples must be >= 2, got {samples}; a standard error needs a spread")
    found = [
        _mean_spectrum(diffuse(data, process, time), *draw())
        for time in tqdm(t.ravel(), desc="Fisher spectrum", unit="time", delay=1.0, leave=False)
    ]
    value, error = np.moveaxis(np.reshape(found, (*t.shape, 2, data.dim)), -2, 0)
    return Estimate(value, error)


def _mean_spectrum(diffused, rng, samples):
    r"""Means of the ordered eigenvalues of :math:`\sigma^2F`, and their errors, (2, D)."""
    if isinstance(diffused, DiffusedSphere):
        return _of_sphere(diffused)
    if isinstance(diffused, DiffusedStream):
        return _sampled(_eigenvalues(diffused, diffused.sample(samples, rng), 1))
    return _of_mixture(diffused, rng, samples)


def _sampled(spectra):
    """Mean and standard error of spectra (M, D)."""
    return spectra.mean(axis=0), spectra.std(axis=0, ddof=1) / np.sqrt(len(spectra))


def _of_sphere(diffused):
    """One direction along x and D - 1 across, in which the posterior is the wider; by radial quadrature."""
    snr = (diffused.alpha / diffused.sigma) ** 2
    along, across = np.multiply(snr, diffused.mean_variances())
    return np.transpose([across] * (diffused.dim - 1) + [along])


def _of_mixture(diffused, rng, samples):
    """In closed form for one component, by quadrature on a line, else sampled; (61) across the span."""
    law = diffused.data
    low = diffused.reduced if len(law.weights) <= law.dim else diffused
    if len(law.weights) == 1:
        spectrum = np.broadcast_to(np.sort(_gain(diffused, law.spectra[0][0]))[::-1], law.dim)
        return spectrum, 4 * np.finfo(float).eps * spectrum
    if low.dim == 1:
        snr, between = (low.alpha / low.sigma) ** 2, low.mean_between(rng, samples)
        mean = np.array([snr * (between.value + low.mean_within_variance())])
        error = np.array([snr * between.error])
    else:
        mean, error = _sampled(_spectra(low, low.sample(samples, rng)))
    outside = law.dim - low.dim
    return np.append(mean, [_gain(diffused, law.covariances)] * outside), np.append(error, [0.0] * outside)


def _gain(diffused, variances):
    r"""For Gaussian data, :math:`\alpha^2\lambda/(\alpha^2\lambda+\sigma^2)` (61)."""
    signal = diffused.alpha**2 * variances
    return signal / (signal + diffused.sigma**2)


def _spectra(diffused, x):
    r"""Eigenvalues of :math:`\sigma^2F(x)`, the largest first, (M, D) for points x (M, D)."""
    law = diffused.data
    if law.covariances.ndim:
        return _eigenvalues(diffused, x, len(law.weights))
    within = _gain(diffused, law.covariances)
    slope = diffused.alpha / diffused.sigma * (1 - within)
    weights = (w for b in blocks(len(x), len(law.weights)) for w in diffused.weights(x[b]))
    return within + np.array([_gram_spectrum(slope * _spread(law.means, w)) for w in weights])


def _eigenvalues(diffused, x, columns):
    """The same from matrices (D, D), beside ``columns`` numbers that a point takes."""
    rows = blocks(len(x), max(columns, x.shape[1] ** 2), TOGETHER)
    matrices = (diffused.sigma**2 * fisher_matrix(diffused, x[b]) for b in rows)
    return np.concatenate([np.linalg.eigvalsh(matrix)[:, ::-1] for matrix in matrices])


def _spread(locations, weights):
    r"""Rows :math:`\sqrt{w_k}(y_k - m)` of the points that count; their Gram matrix is the covariance."""
    top = np.argmax(weights)
    rest = np.delete(weights, top).sum()
    near = weights > NEGLIGIBLE * rest / len(weights)
    w, step = weights[near, None], locations[near] - locations[top]
    return np.sqrt(w) * (step - (w * step).sum(axis=0))


def _gram_spectrum(rows):
    """Eigenvalues of rows.T @ rows, the largest first, from the smaller of the two Gram matrices."""
    number, dim = rows.shape
    values = np.linalg.eigvalsh(rows @ rows.T if number < dim else rows.T @ rows)[::-1]
    return np.pad(values.clip(0), (0, max(0, dim - number)))
