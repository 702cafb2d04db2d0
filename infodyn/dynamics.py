"""Paths that a score drives, from noise to data and back; how they part is in :mod:`infodyn.stretching`."""

import numpy as np

from infodyn import _validate, flow
from infodyn.diffused import diffuse
from infodyn.stretching import lyapunov_exponents, stretching_rates

__all__ = ["lyapunov_exponents", "probability_flow", "sample_reverse", "score_of", "stretching_rates"]


def score_of(data, process):
    r"""Score of a data law under a process, as a function of place and time.

    The form in which :func:`sample_reverse` and :func:`probability_flow` ask for a score,
    :math:`s(x, t) = \nabla\ln p_t(x)` (11); a trained network may take its place.

    Parameters
    ----------
    data : DataLaw
        A law of x_0.
    process : Process
        EDM, VE or VP.

    Returns
    -------
    callable
        ``score(x, t)`` for x of shape (..., D) and one time t > 0; same shape as x, in inverse units of x.

    Examples
    --------
    >>> from infodyn import EDM, points
    >>> score_of(points([[0.0]]), EDM())([[1.0]], 2.0).tolist()
    [[-0.25]]
    """
    diffuse(data, process, 1.0)  # refuses what is no law or no process
    return lambda x, t: diffuse(data, process, t).score(x)


def sample_reverse(score, process, x, times, rng):
    r"""Run the reverse SDE (10), :math:`dx = (f - g^2 s)\,dt + g\,d\bar W`, from noise towards data.

    Parameters
    ----------
    score : callable
        ``score(x, t)`` returns :math:`\nabla\ln p_t` at x of shape (n, D), for one time t; exact
        (:func:`score_of`) or learned. It is asked at the given times only.
    process : Process
        EDM, VE or VP.
    x : array_like, shape (n, D)
        Where the paths start, at ``times[0]``; in units of the data.
    times : array_like, shape (steps,)
        Falling times > 0.
    rng : numpy.random.Generator
        Source of the noise, one call of ``standard_normal`` a step.

    Returns
    -------
    ndarray, shape (steps, n, D)
        The paths at ``times``, the start included.

    Raises
    ------
    ValueError, TypeError
        If times do not fall, shapes do not fit, or the score returns another shape or a number that is
        not finite.

    Notes
    -----
    With :math:`r = 1/\nu^2` for a clock, :math:`y = ru` obeys :math:`dy = E[x_0|x]\,dr + dB_r`, where the
    noise is additive and the drift is the denoiser. Heun's method for it, whose two slopes are the
    denoiser before and after the step, is of weak order 2 and strong order 1 (Kloeden & Platen).

    References
    ----------
    Kloeden & Platen, Numerical Solution of Stochastic Differential Equations, Springer (1992), Section 15.1.

    Examples
    --------
    >>> from infodyn import VP, points
    >>> coin = points([[-1.0], [1.0]])
    >>> rng = np.random.default_rng(1)
    >>> start = rng.standard_normal((4, 1))
    >>> paths = sample_reverse(score_of(coin, VP()), VP(), start, [4.0, 2.0, 1.0, 0.3, 0.05, 1e-6], rng)
    >>> paths.shape, abs(paths[-1]).round(2).ravel().tolist()
    ((6, 4, 1), [1.0, 1.0, 1.0, 1.0])
    """
    x, times = flow.starts(x, times)
    _validate.generator(rng)
    if times[1] > times[0]:
        raise ValueError(
            f"times must fall, from noise towards data, but go from {times[0]:g} to {times[-1]:g}; "
            "reverse them"
        )
    ask = _asking(score)

    def denoise(u, instant):
        return u + instant.level * instant.sigma * ask(instant.alpha * u, instant.time)

    instants = flow.instants(process, times)
    paths = np.empty((len(times), *x.shape))
    paths[0], u = x, x / instants[0].alpha
    steps = range(1, len(times))
    for k in flow.progress(steps, "reverse SDE"):
        before, after = instants[k - 1 : k + 1]
        keep = (after.level / before.level) ** 2
        kept = keep * u + after.level * np.sqrt(1 - keep) * rng.standard_normal(u.shape)
        guess = denoise(u, before)
        guess_after = denoise(kept + (1 - keep) * guess, after)
        u = kept + (1 - keep) * (guess + guess_after) / 2
        paths[k] = after.alpha * u
    return paths


def probability_flow(score, process, x, times):
    r"""Follow the probability flow, :math:`\dot x = f - \tfrac12 g^2 s`, in either direction of time.

    Parameters
    ----------
    score : callable
        ``score(x, t)`` returns :math:`\nabla\ln p_t` at x of shape (n, D), for one time t; exact
        (:func:`score_of`) or learned. It is asked at the given times and once between two of them.
    process : Process
        EDM, VE or VP.
    x : array_like, shape (n, D)
        Where the paths start, at ``times[0]``; in units of the data.
    times : array_like, shape (steps,)
        Falling or rising times > 0.

    Returns
    -------
    ndarray, shape (steps, n, D)
        The paths at ``times``, the start included.

    Raises
    ------
    ValueError, TypeError
        If times turn back, shapes do not fit, or the score returns another shape or a number that is
        not finite.

    Notes
    -----
    The laws at each time are those of the reverse SDE (Song et al.). In the clock ν the flow is
    :math:`du/d\nu = -\sigma s = E[z|x]`; the classical Runge-Kutta method solves it, with order 4.

    References
    ----------
    Song et al., Score-Based Generative Modeling through Stochastic Differential Equations (2021).

    Examples
    --------
    >>> from infodyn import EDM, GaussianMixture
    >>> score = score_of(GaussianMixture([1.0], [[0.0]], 1.0), EDM())
    >>> path = probability_flow(score, EDM(), [[2.0]], np.linspace(1.0, 0.1, 20))
    >>> bool(np.isclose(path[-1, 0, 0], 2 * np.sqrt(1.01 / 2), rtol=1e-7))
    True
    """
    x, times = flow.starts(x, times)
    ask = _asking(score)

    def noise(u, instant):
        return -instant.sigma * ask(instant.alpha * u, instant.time)

    steps = flow.progress(flow.steps(process, times), "probability flow")
    paths = np.empty((len(times), *x.shape))
    paths[0], u = x, x / process.alpha(times[0])
    for k, step in enumerate(steps, start=1):
        u = flow.runge_kutta(noise, u, *step)
        paths[k] = step[-1].alpha * u
    return paths


def _asking(score):
    """The score, its answers checked."""
    if not callable(score):
        raise TypeError(
            f"score must be a function score(x, t), got {type(score).__name__}; "
            "for a data law use score_of(data, process)"
        )

    def ask(x, t):
        value = _validate.real_array(f"score(x, t = {t:g})", score(x, t), f"an array {x.shape}")
        if value.shape != x.shape:
            raise ValueError(
                f"score(x, t) must return an array of the shape of x, {x.shape}, but returned {value.shape} "
                f"at t = {t:g}; mend the score"
            )
        return value

    return ask
