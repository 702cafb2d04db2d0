r"""Conditional entropy and its rate, by every route.

For every process, with :math:`\nu = \sigma/\alpha` and the clock :math:`d\ln\nu/dt`,

.. math:: \dot H = \frac{d\ln\nu}{dt}\; \mathrm{snr}\; E\,\mathrm{tr\,Cov}[x_0|x_t]
         = \frac{g^2}{2}\Big(\frac{D}{\sigma^2} - E\|s\|^2\Big) .
"""

import numpy as np
from numpy.polynomial.chebyshev import Chebyshev, chebvander

from infodyn.averages import at_levels, at_times, common_draws
from infodyn.estimates import Estimate

#: Routes to the entropy rate, and what each averages.
ROUTES = ("posterior", "score", "divergence", "fisher", "spectrum", "derivative")
#: Numbers of Chebyshev nodes in ln(noise level) around a time, and their half-width.
STENCILS, HALF_WIDTH = (17, 13), np.log(1.25)


def conditional_entropy(data, process, t, *, rng=None, samples=1 << 14):
    r"""Conditional entropy of the data given the noisy observation (17).

    .. math:: H(x_0|x_t) = -E\ln p(x_0|x_t)

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
        Nats, of t's shape. Shannon entropy for point masses, differential entropy on the subspace of
        continuous components (of the surface, for the sphere).

    Raises
    ------
    ValueError, TypeError
        For times that are not positive and arguments of another kind.

    Notes
    -----
    For a mixture with labels k, :math:`H(x_0|x_t) = H(k|x_t) + H(x_0|k,x_t) - H(k|x_0)`: the first term
    is an average of a bounded function over p_t, the second is a Gaussian's, the third a constant.

    Averages over point masses and over components of one variance are sums over lattices, to eleven digits in
    one or two reduced dimensions, and in three or more where these are affordable; products of smaller sets
    are taken apart; elsewhere points are drawn. The error says which: a bound, or a standard error.

    Examples
    --------
    >>> from infodyn import EDM, points
    >>> H = conditional_entropy(points([[-1.0], [1.0]]), EDM(), [0.1, 1.0, 100.0])
    >>> H.value.round(6).tolist()
    [0.0, 0.356316, 0.693097]

    References
    ----------
    Stancevic & Ambrogioni, Entropy 28, 195 (2026), eq. (17).
    """
    draw = common_draws(rng, samples)
    return at_times("mean_posterior_entropy", data, process, t, draw, "conditional entropy")


def mmse(data, process, t, *, rng=None, samples=1 << 14):
    r"""Least mean squared error of a denoiser, :math:`E\,\mathrm{tr\,Cov}[x_0|x_t]` (33).

    Parameters and errors as for :func:`conditional_entropy`.

    Returns
    -------
    Estimate
        Squared units of the data, of t's shape.

    Examples
    --------
    >>> from infodyn import EDM, GaussianMixture
    >>> mmse(GaussianMixture([1.0], [[0.0]], 4.0), EDM(), 2.0).value.round(12).item()
    2.0
    """
    draw = common_draws(rng, samples)
    return at_times("mean_posterior_variance", data, process, t, draw, "mmse")


def expected_score_norm(data, process, t, *, rng=None, samples=1 << 14):
    r"""Mean squared norm of the score, :math:`E\|s(x_t, t)\|^2 \le D/\sigma^2` (25), (30).

    Parameters and errors as for :func:`conditional_entropy`.

    Returns
    -------
    Estimate
        Inverse squared units of the data, of t's shape.

    Examples
    --------
    >>> from infodyn import EDM, points
    >>> expected_score_norm(points([[3.0]]), EDM(), 2.0).value.round(12).item()
    0.25
    """
    draw = common_draws(rng, samples)
    return at_times("mean_score_norm", data, process, t, draw, "score norm")


def expected_divergence(data, process, t, *, rng=None, samples=1 << 14):
    r"""Mean divergence of the score, :math:`E\,\nabla\cdot s = -E\|s\|^2` (52).

    Parameters and errors as for :func:`conditional_entropy`.

    Returns
    -------
    Estimate
        Inverse squared units of the data, of t's shape; negative at every time.

    Examples
    --------
    >>> from infodyn import EDM, points
    >>> expected_divergence(points([[3.0]]), EDM(), 2.0).value.round(12).item()
    -0.25
    """
    draw = common_draws(rng, samples)
    return at_times("mean_divergence", data, process, t, draw, "divergence")


def marginal_entropy_rate(data, process, t, *, rng=None, samples=1 << 14):
    r"""Rate of the entropy of the noisy observation.

    .. math:: dH(x_t)/dt = D\,\dot\alpha/\alpha + \tfrac12 g^2 E\|s\|^2

    Never negative for EDM and VE; it can be for VP.
    Parameters and errors as for :func:`conditional_entropy`.

    Returns
    -------
    Estimate
        Nats per unit of t, of t's shape.

    Examples
    --------
    >>> from infodyn import VP, GaussianMixture
    >>> marginal_entropy_rate(GaussianMixture([1.0], [[0.0]], 4.0), VP(), 0.5).value.round(4).item()
    -0.5246
    """
    draw = common_draws(rng, samples)
    norm = at_times("mean_score_norm", data, process, t, draw, "marginal entropy rate")
    half, blur = process.diffusion(t) ** 2 / 2, process.sigma(t) ** 2 * process.clock_error(t)
    stretch = data.dim * process.drift(np.ones((*np.shape(t), 1)), t)[..., 0]
    return Estimate(stretch + half * norm.value, half * norm.error + blur * norm.value)


def entropy_rate(data, process, t, route="posterior", *, rng=None, samples=1 << 14):
    r"""Rate of the conditional entropy, :math:`\dot H = dH(x_0|x_t)/dt \ge 0` (19).

    Parameters
    ----------
    data, process, t, rng, samples
        As for :func:`conditional_entropy`.
    route : str
        What is averaged; all routes have one value, and lose digits in different places.

        - ``"posterior"``: :math:`\tfrac12 g^2(\alpha^2/\sigma^4)\,E\,\mathrm{tr\,Cov}[x_0|x_t]` (33),
          accurate everywhere;
        - ``"score"``: :math:`\tfrac12 g^2 (D/\sigma^2 - E\|s\|^2)` (19), cancels where snr is high or low;
        - ``"divergence"``: :math:`\tfrac12 g^2 (D/\sigma^2 + E\,\nabla\cdot s)` (52), cancels likewise;
        - ``"fisher"``: :math:`\tfrac12 g^2\, E\,\mathrm{tr}\,F`, F the posterior's Fisher matrix (59),
          accurate everywhere;
        - ``"spectrum"``: :math:`\tfrac12 g^2 (D/\sigma^2 + E\sum_i\lambda_i(J))` (63), cancels likewise;
        - ``"derivative"``: of :func:`conditional_entropy`, along 17 Chebyshev nodes in the logarithm
          of the noise level.

    Returns
    -------
    Estimate
        Nats per unit of t, of t's shape. The error of the routes that cancel contains the cancellation.

    Raises
    ------
    ValueError, TypeError
        For an unknown route, and as for :func:`conditional_entropy`.

    Examples
    --------
    >>> from infodyn import EDM, points
    >>> two = points([[-1.0], [1.0]])
    >>> [round(float(entropy_rate(two, EDM(), 1.0, route).value), 9) for route in ("posterior", "score")]
    [0.449599509, 0.449599509]

    References
    ----------
    Stancevic & Ambrogioni, Entropy 28, 195 (2026), eqs. (19), (33), (52), (59), (63);
    Guo, Shamai & Verdu, IEEE Trans. Inf. Theory 51, 1261 (2005).
    """
    if route not in ROUTES:
        raise ValueError(
            f"route must be one of {', '.join(map(repr, ROUTES))}, got {route!r}; pass one of these"
        )
    draw = common_draws(rng, samples)
    value, error = _RATES[route](data, process, t, draw)
    clock = process.clock(t)
    return Estimate(clock * value, clock * error + process.clock_error(t) * np.abs(value))


def _from_posterior(data, process, t, draw):
    """Rate per unit of ln(noise level): snr times the mmse."""
    variance = at_times("mean_posterior_variance", data, process, t, draw, "entropy rate (posterior)")
    snr = process.snr(t)
    return Estimate(snr * variance.value, snr * variance.error)


def _from_fisher(data, process, t, draw):
    trace = at_times("mean_fisher_trace", data, process, t, draw, "entropy rate (fisher)")
    square = process.sigma(t) ** 2
    return Estimate(square * trace.value, square * trace.error)


def _less_the_noise(data, process, t, divergence):
    """Rate per unit of ln(noise level) as D + sigma² times an average divergence, which is negative."""
    square = process.sigma(t) ** 2
    rounding = 8 * np.finfo(float).eps * data.dim
    return Estimate(data.dim + square * divergence.value, square * divergence.error + rounding)


def _from_score(data, process, t, draw):
    norm = at_times("mean_score_norm", data, process, t, draw, "entropy rate (score)")
    return _less_the_noise(data, process, t, Estimate(-norm.value, norm.error))


def _from_divergence(data, process, t, draw):
    found = at_times("mean_divergence", data, process, t, draw, "entropy rate (divergence)")
    return _less_the_noise(data, process, t, found)


def _from_spectrum(data, process, t, draw):
    found = at_times("mean_eigenvalue_sum", data, process, t, draw, "entropy rate (spectrum)")
    return _less_the_noise(data, process, t, found)


def _from_derivative(data, process, t, draw):
    """Slope of the conditional entropy in ln(noise level), from two Chebyshev interpolants."""
    (slope, error), (coarse, _) = (_chebyshev_slope(data, process, t, draw, number) for number in STENCILS)
    return Estimate(slope, error + np.abs(slope - coarse))


def _chebyshev_slope(data, process, t, draw, number):
    """Slope at the middle of the interpolant through ``number`` Chebyshev nodes, at each time."""
    nodes = np.cos(np.pi * (np.arange(number) + 0.5) / number)
    alpha, sigma = (np.asarray(level)[..., None] for level in (process.alpha(t), process.sigma(t)))
    levels = np.broadcast_arrays(alpha, sigma * np.exp(HALF_WIDTH * nodes))
    values, errors = at_levels("mean_posterior_entropy", data, *levels, draw, "entropy rate (derivative)")
    basis = [Chebyshev.basis(degree).deriv()(0.0) for degree in range(number)]
    weights = np.linalg.solve(chebvander(nodes, number - 1).T, basis) / HALF_WIDTH
    return values @ weights, errors @ np.abs(weights)


_RATES = {
    "posterior": _from_posterior,
    "score": _from_score,
    "divergence": _from_divergence,
    "fisher": _from_fisher,
    "spectrum": _from_spectrum,
    "derivative": _from_derivative,
}
