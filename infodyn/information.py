r"""Conditional entropy and its rate, by every route.

For every process, with :math:`\nu = \sigma/\alpha` and the clock :math:`d\ln\nu/dt`,

.. math:: \dot H = \frac{d\ln\nu}{dt}\; \mathrm{snr}\; E\,\mathrm{tr\,Cov}[x_0|x_t]
         = \frac{g^2}{2}\Big(\frac{D}{\sigma^2} - E\|s\|^2\Big) .
"""

import numpy as np
from numpy.polynomial.chebyshev import Chebyshev, chebvander

from infodyn.averages import at_times, common_draws
from infodyn.diffused import at_noise
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
        For more than two reduced dimensions, where the average is sampled. A fixed seed by default.
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
    return at_times(lambda d, _: d.mean_posterior_entropy(*draw()), data, process, t, "conditional entropy")


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

    def at(diffused, _):
        between = diffused.mean_between(*draw())
        within = diffused.mean_within_variance()
        return Estimate(between.value + within, between.error)

    return at_times(at, data, process, t, "mmse")


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
    return at_times(lambda d, _: d.mean_score_norm(*draw()), data, process, t, "score norm")


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
    return at_times(lambda d, _: d.mean_divergence(*draw()), data, process, t, "divergence")


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

    def at(diffused, time):
        half = process.diffusion(time) ** 2 / 2
        norm = diffused.mean_score_norm(*draw())
        stretch = diffused.dim * process.drift(np.ones(1), time)[0]
        return Estimate(stretch + half * norm.value, half * norm.error)

    return at_times(at, data, process, t, "marginal entropy rate")


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

    def at(diffused, time):
        per_log_noise = _RATES[route](diffused, draw)
        clock = float(process.clock(time))
        return Estimate(clock * per_log_noise.value, clock * per_log_noise.error)

    return at_times(at, data, process, t, f"entropy rate ({route})")


def _from_posterior(diffused, draw):
    """Rate per unit of ln(noise level): snr times the mmse."""
    snr = (diffused.alpha / diffused.sigma) ** 2
    between = diffused.mean_between(*draw())
    return Estimate(snr * (between.value + diffused.mean_within_variance()), snr * between.error)


def _from_fisher(diffused, draw):
    trace = diffused.mean_fisher_trace(*draw())
    return Estimate(diffused.sigma**2 * trace.value, diffused.sigma**2 * trace.error)


def _less_the_noise(diffused, divergence):
    """Rate per unit of ln(noise level) as D + sigma² times an average divergence, which is negative."""
    rounding = 8 * np.finfo(float).eps * diffused.dim
    return Estimate(
        diffused.dim + diffused.sigma**2 * divergence.value,
        diffused.sigma**2 * divergence.error + rounding,
    )


def _from_score(diffused, draw):
    norm = diffused.mean_score_norm(*draw())
    return _less_the_noise(diffused, Estimate(-norm.value, norm.error))


def _from_divergence(diffused, draw):
    return _less_the_noise(diffused, diffused.mean_divergence(*draw()))


def _from_spectrum(diffused, draw):
    return _less_the_noise(diffused, diffused.mean_eigenvalue_sum(*draw()))


def _from_derivative(diffused, draw):
    """Slope of the conditional entropy in ln(noise level), from two Chebyshev interpolants."""
    (slope, error), (coarse, _) = (_chebyshev_slope(diffused, draw, number) for number in STENCILS)
    return Estimate(slope, error + abs(slope - coarse))


def _chebyshev_slope(diffused, draw, number):
    """Slope at the middle of the interpolant through ``number`` Chebyshev nodes."""
    nodes = np.cos(np.pi * (np.arange(number) + 0.5) / number)
    found = [
        at_noise(
            diffused.data, diffused.alpha, diffused.sigma * np.exp(HALF_WIDTH * node)
        ).mean_posterior_entropy(*draw())
        for node in nodes
    ]
    values, errors = np.array(found).T
    basis = [Chebyshev.basis(degree).deriv()(0.0) for degree in range(number)]
    weights = np.linalg.solve(chebvander(nodes, number - 1).T, basis) / HALF_WIDTH
    return weights @ values, np.abs(weights) @ errors


_RATES = {
    "posterior": _from_posterior,
    "score": _from_score,
    "divergence": _from_divergence,
    "fisher": _from_fisher,
    "spectrum": _from_spectrum,
    "derivative": _from_derivative,
}
