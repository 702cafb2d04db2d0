"""How neighbouring paths of the reverse probability flow part or meet."""

import numpy as np
from scipy.linalg import lapack

from infodyn import _validate, flow
from infodyn.diffused import at_noise, diffuse


def stretching_rates(data, process, x, t):
    r"""Local stretching rates of the reverse probability flow (50), in every direction.

    .. math:: \text{eigenvalues of}\quad \tfrac12 g^2 J(x, t) - \frac{\dot\alpha}{\alpha} I

    with J the Jacobian of the score. Two neighbouring paths part, as t *falls*, at a rate
    :math:`-d\ln\|\delta\|/dt` between the least and the greatest of them. Positive: they part.

    Parameters
    ----------
    data : DataLaw
        A law of x_0.
    process : Process
        EDM, VE or VP; under EDM the matrix is tJ.
    x : array_like, shape (..., D)
        Points, in units of the data.
    t : array_like
        One time > 0, or one for each entry along the leading axes of x: paths of shape (steps, n, D)
        go with their times, of shape (steps,).

    Returns
    -------
    ndarray, shape (..., D)
        The rates at each point, the greatest first, per unit of t. As t *rises*, every one has the
        other sign. For reverse SDEs driven by the same noise the matrix is
        :math:`g^2 J - (\dot\alpha/\alpha) I`; under EDM and VE its rates are twice these.

    Raises
    ------
    ValueError, TypeError
        If shapes do not fit or a time is not positive.

    Examples
    --------
    >>> from infodyn import EDM, points
    >>> stretching_rates(points([[-1.0], [1.0]]), EDM(), [[0.0], [3.0]], 0.5).round(3).tolist()
    [[6.0], [-2.0]]
    """
    t = _validate.times(t)
    x = _validate.real_array("x", x, "an array (..., D)")
    if x.ndim <= t.ndim or x.shape[: t.ndim] != t.shape:
        raise ValueError(
            f"t must be one time or have the shape of leading axes of x, got t {t.shape} and x {x.shape}; "
            "pass x of shape (..., D) and, for paths, one time a step"
        )
    rates = np.empty(x.shape)
    times = list(np.ndenumerate(t))
    for index, time in flow.progress(times, "stretching rates"):
        half_square = process.diffusion(time) ** 2 / 2
        damping = -process.drift(np.ones(1), time)[0]
        slopes = np.linalg.eigvalsh(diffuse(data, process, time).jacobian(x[index]))
        rates[index] = half_square * slopes[..., ::-1] + damping
    return rates


def lyapunov_exponents(data, process, x, times):
    r"""Finite-time Lyapunov exponents of the probability flow along the paths from x.

    .. math:: \lambda_i = \frac{\ln \sigma_i(M)}{|t_{\mathrm{end}} - t_{\mathrm{start}}|}, \qquad
       M = \frac{\partial x_{\mathrm{end}}}{\partial x_{\mathrm{start}}}

    with :math:`\sigma_i` the singular values of M, which solves the tangent equation (49).
    Volume is probability over density, so their sum times the span is
    :math:`\ln p_{\mathrm{start}}(x_{\mathrm{start}}) - \ln p_{\mathrm{end}}(x_{\mathrm{end}})`.

    Parameters
    ----------
    data : DataLaw
        A law of x_0.
    process : Process
        EDM, VE or VP.
    x : array_like, shape (n, D)
        Where the paths start, at ``times[0]``; in units of the data.
    times : array_like, shape (steps,)
        Falling (generation) or rising times > 0, close enough to resolve the path: the error is
        of order 4 in the steps.

    Returns
    -------
    ndarray, shape (n, D)
        The exponents, the greatest first, per unit of t. Positive: neighbours end further apart than they
        began.

    Raises
    ------
    ValueError, TypeError
        If times turn back or shapes do not fit.

    Notes
    -----
    The tangent vectors travel with the path and are made orthonormal after every step (Benettin et al.), so
    that none is lost beside another that grows. The triangular factors are multiplied with their scales kept
    apart, and Jacobi rotations find the singular values, the small ones as precisely as the great (Demmel &
    Veselić).

    References
    ----------
    Benettin, Galgani, Giorgilli & Strelcyn, Lyapunov Characteristic Exponents for Smooth Dynamical Systems
    and for Hamiltonian Systems; a Method for Computing All of Them, Meccanica 15 (1980);
    Demmel & Veselić, Jacobi's Method is More Accurate than QR, SIAM J. Matrix Anal. Appl. 13 (1992).

    Examples
    --------
    >>> from infodyn import EDM, points
    >>> coin = points([[-1.0], [1.0]])
    >>> exponent = lyapunov_exponents(coin, EDM(), [[0.0]], np.geomspace(1.0, 0.5, 100))[0, 0]
    >>> bool(np.isclose(exponent, (1.5 - np.log(2)) / 0.5, rtol=1e-6))
    True
    """
    x, times = flow.starts(x, times)
    diffuse(data, process, times[0]).score(x)  # refuses what does not fit
    dim = x.shape[1]

    def slope(state, instant):
        law = at_noise(data, instant.alpha, instant.sigma)
        here = instant.alpha * state[..., 0]
        turned = instant.alpha * law.jacobian(here) @ state[..., 1:]
        return -instant.sigma * np.concatenate([law.score(here)[..., None], turned], axis=-1)

    frame = np.broadcast_to(np.eye(dim), (len(x), dim, dim))
    growth, shear = np.zeros(x.shape), frame
    steps = flow.progress(flow.steps(process, times), "Lyapunov exponents")
    place = x / process.alpha(times[0])
    for step in steps:
        state = flow.runge_kutta(slope, np.concatenate([place[..., None], frame], axis=-1), *step)
        place = state[..., 0]
        frame, growth, shear = _orthonormalise(state[..., 1:], growth, shear)
    shrinking = np.log(process.alpha(times[-1]) / process.alpha(times[0]))
    return (_log_singular_values(growth, shear) + shrinking) / abs(times[-1] - times[0])


def _orthonormalise(tangents, growth, shear):
    """Split off an orthonormal frame, the direction that grew most first.

    M = tangents diag(exp(growth)) shear becomes frame diag(exp(growth)) shear; returns the new three.
    """
    frame, factor = np.linalg.qr(tangents)
    scale = np.diagonal(factor, axis1=1, axis2=2)
    ratio = np.exp(np.minimum(growth[:, None, :] - growth[:, :, None], 0))
    shear = factor * ratio / scale[:, :, None] @ shear
    growth = growth + np.log(np.abs(scale))
    order = np.argsort(-growth)
    return (
        np.take_along_axis(frame * np.sign(scale)[:, None, :], order[:, None, :], axis=2),
        np.take_along_axis(growth, order, axis=1),
        np.take_along_axis(shear, order[:, :, None], axis=1),
    )


def _log_singular_values(growth, shear):
    """Logarithms of the singular values of diag(exp(growth)) shear, growth falling, the greatest first."""
    # Where exp(growth) falls by e**40 the directions on either side no longer turn each other: a fall
    # beyond that is added afterwards, so that nothing underflows.
    falls = np.maximum(np.diff(growth, axis=1, prepend=growth[:, :1]), -40)
    near = np.cumsum(falls, axis=1)
    columns = np.exp(near)[:, None, :] * np.swapaxes(shear, 1, 2)
    found = np.empty(growth.shape)
    for row, matrix in zip(found, columns, strict=True):
        row[:] = np.log(lapack.dgejsv(matrix, joba=0, jobu=3, jobv=3, jobr=0, jobp=0)[0])
    return found + growth - near
