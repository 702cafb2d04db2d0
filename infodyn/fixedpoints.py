r"""Fixed points of the score: where :math:`\nabla\ln p_t = 0`."""

import warnings
from functools import cmp_to_key
from itertools import combinations
from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq

from infodyn.mixture import DiffusedMixture
from infodyn.sharedkernel import SharedKernel
from infodyn.sphere import DiffusedSphere, angle
from infodyn.zeros import component_means, isolate, length, newton, precisions, score_and_jacobian

#: Fixed points closer than this, in lengths of :func:`infodyn.zeros.length`, are one: at a critical time a
#: zero is known to the cube root of the rounding error only.
SAME = 1e-4
#: An eigenvalue of the Jacobian smaller than this, in the same unit, is zero.
FLAT = 1e-9
#: Dimensions in which every zero is isolated, components of which all subsets are tried, rounds of a search.
MOST_DIMENSIONS, MOST_SUBSETS, ROUNDS = 3, 10, 8


class FixedPoints(NamedTuple):
    """The zeros of a score.

    Attributes
    ----------
    locations : ndarray, shape (n, D)
        Sorted by their first coordinate, then the second, and so on.
    eigenvalues : ndarray, shape (n, D)
        Of the score's Jacobian there, ascending, in inverse squared units of the data.
    stable : ndarray of bool, shape (n,)
        Whether all of them are negative: the fixed point is a mode of p_t.
    """

    locations: np.ndarray
    eigenvalues: np.ndarray
    stable: np.ndarray


def fixed_points(diffused):
    r"""Every fixed point of the score, stable or not (39).

    .. math:: s(x^*, t) = \nabla\ln p_t(x^*) = 0

    Parameters
    ----------
    diffused : Diffused
        What :func:`diffuse` returns.

    Returns
    -------
    FixedPoints
        Locations (n, D), eigenvalues (n, D) of the score's Jacobian (40), and which are stable.
        On a sphere below its critical time the fixed points fill a sphere: then the origin and *one*
        point of that sphere are returned, with D - 1 eigenvalues 0 along it; it counts as stable.

    Raises
    ------
    TypeError
        For anything that :func:`diffuse` did not return.

    Warns
    -----
    RuntimeWarning
        When the fixed points found break the rule of Morse, so that one is missing (only above three
        dimensions of the span, or where points are very many).

    Notes
    -----
    Zeros lie in the affine span of the means, where every covariance is c I. In up to three dimensions of
    it all of them are found, by subdivision with a bound on the score's second derivative. In more they
    are searched for, by Newton's method from centroids of subsets of the means, points between fixed
    points, and random mixtures of means, until nothing new comes up and the count of Morse holds,
    :math:`\sum(-1)^{k} = 1` with k the number of positive eigenvalues. Zeros closer than 1e-4 standard
    deviations of the noise, as just beside a critical time, are returned as one, which is not stable.

    Examples
    --------
    >>> from infodyn import EDM, diffuse, points
    >>> found = fixed_points(diffuse(points([[-1.0], [1.0]]), EDM(), 0.5))
    >>> found.locations.round(6).tolist(), found.stable.tolist()
    ([[-0.999326], [0.0], [0.999326]], [True, False, True])

    References
    ----------
    Stancevic & Ambrogioni, Entropy 28, 195 (2026), eqs. (39)-(43).
    """
    if isinstance(diffused, DiffusedSphere):
        return _on_sphere(diffused)
    if not isinstance(diffused, DiffusedMixture):
        raise TypeError(
            "fixed_points needs the diffused law of a mixture or a sphere, "
            f"got {type(diffused).__name__}; use diffuse(data, process, t), with data in memory"
        )
    low = diffused.reduced
    box = _box(low.kernel)
    starts = isolate(low.kernel, *box) if low.dim <= MOST_DIMENSIONS else None
    x = _search(low.kernel) if starts is None else distinct(low.kernel, newton(low.kernel, starts))
    eigenvalues = np.linalg.eigvalsh(score_and_jacobian(low.kernel, x)[1])
    if starts is None and _morse(low.kernel, eigenvalues) not in (1, None):
        warnings.warn(
            f"of the fixed points in {low.dim} dimensions {len(x)} were found, and at least one is missing: "
            f"their Morse count is {_morse(low.kernel, eigenvalues)} instead of 1",
            RuntimeWarning,
            stacklevel=2,
        )
    return _sorted(lift(diffused, x), _with_rest(diffused, eigenvalues), length(low.kernel))


def lift(diffused, x):
    """Stationary points of the reduced law (n, r) as points of the whole space (n, D)."""
    if diffused.reduced is diffused:
        return x
    return diffused.alpha * (diffused.reduced.weights(x) @ diffused.data.means)


def distinct(kernel, x):
    """The mean of each cluster of zeros (M, r)."""
    kept = []
    while len(x):
        near = np.linalg.norm(x - x[0], axis=1) <= SAME * length(kernel)
        kept.append(x[near].mean(axis=0))
        x = x[~near]
    return np.array(kept)


def _with_rest(diffused, eigenvalues):
    """Eigenvalues (n, r), after those of the directions left out, which are the least there are: (n, D)."""
    missing = diffused.dim - eigenvalues.shape[1]
    if not missing:
        return eigenvalues
    rest = np.full((len(eigenvalues), missing), -1 / diffused.kernel.variance)
    return np.concatenate([rest, eigenvalues], axis=1)


def _sorted(x, eigenvalues, unit):
    rounded = np.round(x / (SAME * unit))

    def difference(i, j):
        gap = rounded[i] - rounded[j]
        return gap[np.argmax(gap != 0)]

    order = sorted(range(len(x)), key=cmp_to_key(difference))
    return FixedPoints(x[order], eigenvalues[order], eigenvalues[order, -1] < -FLAT / unit**2)


def _box(kernel):
    """A box outside of which the score cannot vanish."""
    means, margin = component_means(kernel), length(kernel) / 8
    if isinstance(kernel, SharedKernel) or not np.any(np.ptp(kernel.variances, axis=1)):
        return means.min(axis=0) - margin, means.max(axis=0) + margin
    # (x - c) P_k (x - m_k) > 0 for every k once x is further from c than each m_k, measured by P_k.
    middle = means.mean(axis=0)
    gap = means - middle
    squares = np.einsum("ki,kij,kj->k", gap, precisions(kernel), gap) * kernel.variances.max(axis=1)
    reach = np.sqrt(squares.max()) + margin
    return middle - reach, middle + reach


def _morse(kernel, eigenvalues):
    """Sum of (-1)^(number of positive eigenvalues), 1 where none is missing; None at a critical time."""
    if np.any(np.abs(eigenvalues) * length(kernel) ** 2 < 1e-5):
        return None
    return int(np.sum((-1) ** np.sum(eigenvalues > 0, axis=1)))


def _search(kernel):
    """Zeros (n, r) by Newton's method from many starts."""
    means, rng = component_means(kernel), np.random.default_rng(0)
    number = len(means)
    sizes = range(1, number + 1) if number <= MOST_SUBSETS else (1, number)
    subsets = [list(c) for size in sizes for c in combinations(range(number), size)]
    found = distinct(kernel, newton(kernel, [means[c].mean(axis=0) for c in subsets]))
    for _ in range(ROUNDS):
        pairs = rng.integers(len(found), size=(500, 2))
        between = found[pairs[:, 0]] + rng.random((500, 1)) * (found[pairs[:, 1]] - found[pairs[:, 0]])
        few = rng.integers(number, size=(500, 4))
        mixed = (rng.dirichlet(np.ones(4), (500, 1)) @ means[few])[:, 0]
        more = distinct(kernel, newton(kernel, np.concatenate([found, between, mixed])))
        settled = len(more) == len(found)
        found = more
        eigenvalues = np.linalg.eigvalsh(score_and_jacobian(kernel, found)[1])
        if settled and _morse(kernel, eigenvalues) in (1, None):
            break
    return found


def _on_sphere(diffused):
    """The origin and, below the critical time, one point of the sphere of fixed points."""
    dim, reach = diffused.dim, diffused.alpha * diffused.data.radius
    snr = (reach / diffused.sigma) ** 2
    locations = [np.zeros(dim)]
    eigenvalues = [np.full(dim, (snr / dim - 1) / diffused.sigma**2)]
    if snr > dim * (1 + FLAT):
        kappa = _concentration(snr, dim)
        across = np.zeros(dim - 1)
        along = (snr * angle(np.array([kappa]), dim).variance[0] - 1) / diffused.sigma**2
        locations.append(np.append(kappa * diffused.sigma**2 / reach, across))
        eigenvalues.append(np.append(along, across))
    stable = np.array([snr < dim * (1 - FLAT), True])[: len(locations)]
    return FixedPoints(np.array(locations), np.array(eigenvalues), stable)


def _concentration(snr, dim):
    """Solve kappa = snr A(kappa), the fixed-point equation of the sphere, with A the mean cosine."""

    def excess(kappa):
        return (1 - angle(np.array([kappa]), dim).short[0]) / kappa - 1 / snr

    # A(kappa) >= kappa / (dim / 2 + sqrt(kappa² + dim² / 4)) (Amos), so that kappa² >= snr (snr - dim).
    return brentq(excess, np.sqrt(snr * (snr - dim)) / 2, snr)
