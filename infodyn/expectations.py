r"""Averages over the law of x_t, each with its error.

A mixture is whitened first (:class:`Chart`): in the coordinates z its average component has unit
covariance, and only the few directions in which components differ remain. In one or two of them
averages are trapezoid sums, whose error falls exponentially with the step; in more, quasi-Monte
Carlo. An integrand is *local* if it vanishes where one component takes all the posterior: then all
that counts lies on the boundaries between components, and there the nodes are put.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.integrate import cubature
from scipy.special import ndtri
from scipy.stats import qmc

#: Relative accuracy that steps are laid out for, as a number of nats.
DIGITS = np.log(1e12)
#: Nats below its greatest at which an integrand counts for nothing.
NATS = 42.0
#: Half-width beyond which a unit Gaussian counts for nothing.
REACH = np.sqrt(2 * NATS)
#: Relative error at which quadrature is content.
CONTENT = 1e-11
#: Independent randomisations of a quasi-Monte Carlo sum.
REPLICATES = 16
#: Log of the probability of meeting a boundary below which nodes are put there, and for how many boundaries.
RARE, MOST_PAIRS = -4.0, 512
#: Samples that must share in a sum before its spread can be trusted as its error.
ENOUGH = 100
#: Components up to which all pairs are looked at for a bound.
MOST_COMPONENTS = 4096
#: Numbers held in memory at once.
BLOCK = 1 << 20


class Estimate(NamedTuple):
    """A number and how far it may be off.

    Attributes
    ----------
    value : float or ndarray
        The estimate.
    error : float or ndarray
        A bound on the absolute error where the value was reached by quadrature, a standard error
        where it was sampled.
    """

    value: np.ndarray
    error: np.ndarray


@dataclass(frozen=True)
class Chart:
    """A mixture density in whitened coordinates z of the r directions that matter.

    Attributes
    ----------
    weights : ndarray, shape (K,)
    means : ndarray, shape (K, r)
    covariances : ndarray, shape (K, r, r), or None
        None when every component has unit covariance.
    lift : callable
        Takes z (n, r) to points x (n, D).
    log_volume : float
        What to add to log p(x) to get the log density of z.
    rest_precision : float
        Average squared score along the directions left out.
    """

    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray | None
    lift: Callable
    log_volume: float
    rest_precision: float

    @property
    def rank(self):
        """Number r of directions."""
        return self.means.shape[1]


def average(kernel, chart, integrand, *, local, ceiling, rng, samples):
    """Average over a mixture.

    Parameters
    ----------
    kernel : Kernel
        The mixture.
    chart : Chart
        The same mixture, whitened.
    integrand : callable
        Takes points x (n, D) and their Responsibility, returns (n,).
    local : bool
        Whether the integrand vanishes where one component takes all.
    ceiling : float
        An upper bound on a local integrand, for the error that rare events may cause.
    rng : numpy.random.Generator
    samples : int
        How many points to draw where quadrature does not reach.

    Returns
    -------
    Estimate
    """

    def density(z):
        x = chart.lift(z)
        r = kernel.respond(x)
        return np.exp(kernel.logpdf(x, r) + chart.log_volume), integrand(x, r), r

    if chart.rank == 0:
        x = chart.lift(np.zeros((1, 0)))
        value = float(integrand(x, kernel.respond(x))[0])
        return Estimate(value, _rounding(value))
    if chart.rank <= 2:
        return _trapezoid(chart, density, local) if chart.covariances is None else _adaptive(chart, density)
    if local and chart.covariances is None:
        pairs = _pairs(chart, MOST_PAIRS)
        if pairs is not None and max((pair.peak for pair in pairs), default=0.0) < RARE:
            return _boundary_sampling(chart, density, pairs, rng, samples)
    estimate, participants = _component_sampling(chart, density, rng, samples)
    if not local or participants > ENOUGH:
        return estimate
    unseen = min(ceiling, _overlap_bound(chart, ceiling))
    return Estimate(min(estimate.value, unseen), max(estimate.error, min(3 * ceiling / samples, unseen)))


def _rounding(value):
    """What rounding may cost a value: a few units in the last place, and more in an exponent far from 0."""
    size = max(abs(value), np.finfo(float).tiny)
    return np.finfo(float).eps * abs(value) * (16 + 2 * abs(np.log(size)))


# ---------------------------------------------------------------------------- quadrature


@dataclass(frozen=True)
class Patch:
    """A rectangle of trapezoid nodes, and the share of the integral that it carries.

    ``share`` takes nodes z, the density p and the Responsibility to the weight function.
    """

    centre: np.ndarray
    axes: np.ndarray
    halfwidths: np.ndarray
    steps: np.ndarray
    share: Callable

    @property
    def size(self):
        """Number of nodes."""
        return np.prod(2 * np.ceil(self.halfwidths / self.steps) + 2)

    def nodes(self, shift, refinement, rows):
        """Blocks of at most about ``rows`` nodes, the lattice shifted by a fraction of its step."""
        steps = self.steps / refinement
        ticks = [
            h * (np.arange(-np.ceil(a / h) - 1, np.ceil(a / h) + 1) + shift)
            for a, h in zip(self.halfwidths, steps, strict=True)
        ]
        first, *others = ticks
        chunk = max(1, int(rows // np.prod([len(o) for o in others])))
        for start in range(0, len(first), chunk):
            mesh = np.meshgrid(first[start : start + chunk], *others, indexing="ij")
            yield self.centre + np.stack([m.ravel() for m in mesh], axis=1) @ self.axes, np.prod(steps)


def _trapezoid(chart, density, local):
    """Sum over a lattice and over the same lattice shifted by half a step; refine until they agree."""
    patches = _cheapest_patches(chart, local)
    rows = max(1, BLOCK // len(chart.weights))
    for refinement in (1, 2, 4):
        totals = np.zeros(2)
        for patch in patches:
            for half in (0, 1):
                for z, cell in patch.nodes(half / 2, refinement, rows):
                    p, f, r = density(z)
                    totals[half] += cell * (patch.share(z, p, r) @ f)
        value, gap = totals.mean(), abs(totals[1] - totals[0]) / 2
        if gap <= CONTENT * abs(value):
            break
    return Estimate(value, gap + _rounding(value))


def _cheapest_patches(chart, local):
    everywhere = [_global_patch(chart, local)]
    cost = everywhere[0].size
    if cost < 1e4 or len(chart.weights) == 1:
        return everywhere
    if local:
        pairs = _pairs(chart, cost / 500)
        if pairs is None:
            return everywhere
        most = max((pair.peak for pair in pairs), default=0.0)
        nearby = [_pair_patch(chart, pair, NATS + pair.peak - most) for pair in pairs]
    else:
        nearby = [_component_patch(chart, k) for k in np.flatnonzero(chart.weights)]
    return nearby if sum(patch.size for patch in nearby) < cost else everywhere


def _steps(extents, local):
    """Steps that resolve a unit Gaussian and the posterior walls between components ``extents`` apart.

    A wall is analytic in a strip of half-width pi / extent. Where the integrand is not local, walls
    count only beside the bulk, from which they stand back by exp(-extent**2 / 8).
    """
    extents = np.maximum(extents, 1e-300)
    digits = DIGITS
    if not local:
        extents = np.minimum(extents, np.sqrt(8 * DIGITS / 3))
        digits = DIGITS - extents**2 / 8
    return np.minimum(2 * np.pi**2 / (digits * extents), np.pi * np.sqrt(2 / DIGITS))


def _global_patch(chart, local):
    low, high = chart.means.min(axis=0), chart.means.max(axis=0)
    steps = _steps(high - low, local)
    return Patch((low + high) / 2, np.eye(chart.rank), (high - low) / 2 + REACH, steps, lambda z, p, r: p)


def _component_patch(chart, k):
    """Around one component."""

    def share(z, p, r):
        square = ((z - chart.means[k]) ** 2).sum(axis=1)
        return chart.weights[k] * np.exp(-square / 2) / (2 * np.pi) ** (chart.rank / 2)

    gaps = chart.means - chart.means[k]
    near = np.linalg.norm(gaps, axis=1) <= 2 * REACH
    steps = _steps(np.ptp(gaps[near], axis=0), local=False)
    return Patch(chart.means[k], np.eye(chart.rank), np.full(chart.rank, REACH), steps, share)


class Pair(NamedTuple):
    r"""Two components and where the lesser of the two, :math:`\min(\pi_iN_i, \pi_jN_j)`, peaks.

    Attributes
    ----------
    i, j : int
    middle : ndarray, shape (r,)
        The peak: the point of their line where the posterior tips, or the lighter component.
    along : ndarray, shape (r,)
        Unit vector from i to j.
    distance : float
        Distance of the two means.
    inner : float
        Distance from the peak to the nearer mean; 0 where the lighter component lies in the other's realm.
    peak : float
        Logarithm of the lesser at its peak, but for the Gaussian's constant.
    """

    i: int
    j: int
    middle: np.ndarray
    along: np.ndarray
    distance: float
    inner: float
    peak: float


def _pairs(chart, most):
    """Pairs of components whose lesser counts beside the greatest of all; None if more than ``most``."""
    live = np.flatnonzero(chart.weights)
    if len(live) > MOST_COMPONENTS:
        return None
    log_weights, means = np.log(chart.weights[live]), chart.means[live]
    first, second, peaks, greatest = [], [], [], -np.inf
    for a in range(len(live) - 1):
        d = np.linalg.norm(means[a + 1 :] - means[a], axis=1)
        peak = _lesser_peak(log_weights[a], log_weights[a + 1 :], d)[1]
        kept = np.flatnonzero(peak > max(-800.0, greatest - NATS))
        greatest = max(greatest, peak.max())
        first.append(np.full(len(kept), a))
        second.append(a + 1 + kept)
        peaks.append(peak[kept])
    first, second, peaks = (np.concatenate([[], *parts]) for parts in (first, second, peaks))
    kept = np.flatnonzero(peaks > greatest - NATS)
    if len(kept) > most:
        return None
    return [_pair(chart, live[int(first[k])], live[int(second[k])]) for k in kept]


def _lesser_peak(log_weight_i, log_weight_j, d):
    """Where the lesser of two components peaks, from their midpoint towards j, and its logarithm there."""
    shift = np.clip((log_weight_i - log_weight_j) / d, -d / 2, d / 2)
    return shift, np.minimum(log_weight_i - (d / 2 + shift) ** 2 / 2, log_weight_j - (d / 2 - shift) ** 2 / 2)


def _pair(chart, i, j):
    gap = chart.means[j] - chart.means[i]
    d = np.linalg.norm(gap)
    shift, peak = _lesser_peak(np.log(chart.weights[i]), np.log(chart.weights[j]), d)
    middle = (chart.means[i] + chart.means[j]) / 2 + shift * gap / d
    return Pair(i, j, middle, gap / d, d, d / 2 - abs(shift), peak)


def _pair_patch(chart, pair, margin):
    """Where the lesser of the pair is at most ``margin`` nats below its peak."""
    axes = np.array([pair.along])
    if chart.rank == 2:
        axes = np.array([pair.along, [-pair.along[1], pair.along[0]]])
    across = np.sqrt(2 * margin)
    halfwidths = np.array([np.sqrt(pair.inner**2 + 2 * margin) - pair.inner, across])[: chart.rank]
    gaps = (chart.means - pair.middle) @ axes.T
    steps = _steps(np.ptp(gaps[_present(chart, pair, gaps, halfwidths)], axis=0), local=True)
    return Patch(pair.middle, axes, halfwidths, steps, _pair_share(pair))


def _present(chart, pair, gaps, halfwidths):
    """Components that hold some of the posterior somewhere in a pair's patch."""
    with np.errstate(divide="ignore"):
        log_joint = np.log(chart.weights) - (gaps**2).sum(axis=1) / 2
    reach = [log_joint - log_joint[k] + np.abs(gaps - gaps[k]) @ halfwidths for k in (pair.i, pair.j)]
    return np.minimum(*reach) > -DIGITS


def _pair_share(pair):
    def share(z, p, r):
        return p * r.w[:, pair.i] * r.w[:, pair.j] / r.collisions()

    return share


def _adaptive(chart, density):
    """Adaptive cubature over each component in its own standard coordinates."""
    total = error = 0.0
    for k in np.flatnonzero(chart.weights):
        root = np.linalg.cholesky(chart.covariances[k])
        others = np.linalg.solve(root, (np.delete(chart.means, k, axis=0) - chart.means[k]).T).T
        inside = np.clip(others, -REACH * 0.9, REACH * 0.9)

        def integrand(u, root=root, k=k):
            _, f, _ = density(chart.means[k] + u @ root.T)
            return f * np.exp(-(u**2).sum(axis=1) / 2) / (2 * np.pi) ** (chart.rank / 2)

        box = np.full(chart.rank, REACH)
        result = cubature(integrand, -box, box, rtol=1e-11, atol=1e-300, points=list(inside))
        total += chart.weights[k] * float(result.estimate)
        error += chart.weights[k] * float(result.error)
    return Estimate(total, error + _rounding(total))


# ---------------------------------------------------------------------------- sampling


def _uniforms(dim, number, rng):
    """A scrambled Sobol sequence, kept off 0 and 1."""
    u = qmc.Sobol(dim, rng=rng).random(number)
    return np.clip(u, 2.0**-54, 1 - 2.0**-53)


def _power_of_two(n):
    return 1 << max(0, int(np.ceil(np.log2(n))))


def _replicated(sums):
    sums = np.array(sums)
    value = sums.mean()
    return Estimate(value, sums.std(ddof=1) / np.sqrt(len(sums)) + _rounding(value))


def _blocks(number, columns):
    rows = max(1, BLOCK // columns)
    return (slice(start, start + rows) for start in range(0, number, rows))


def _component_sampling(chart, density, rng, samples):
    """Components in turn in proportion to their weights, a Gaussian point in each.

    Returns the estimate and how many points share in it, (sum f)² / sum f².
    """
    number = _power_of_two(samples / REPLICATES)
    roots = None if chart.covariances is None else np.linalg.cholesky(chart.covariances)
    edges = np.cumsum(chart.weights)
    terms = np.empty((REPLICATES, number))
    for replicate in terms:
        noise = ndtri(_uniforms(chart.rank, number, rng))
        label = np.searchsorted(edges, (np.arange(number) + rng.random()) / number * edges[-1])
        if roots is not None:
            noise = np.einsum("nij,nj->ni", roots[label], noise)
        z = chart.means[label] + noise
        for b in _blocks(number, len(chart.weights)):
            replicate[b] = density(z[b])[1]
    participants = terms.sum() ** 2 / max((terms**2).sum(), np.finfo(float).tiny)
    return _replicated(terms.mean(axis=1)), participants


def _boundary_sampling(chart, density, pairs, rng, samples):
    r"""Points on each pair's boundary.

    Of two components alone the share is :math:`\propto e^{-u^2/2}\,\mathrm{sech}(d(u-u_0)/2)` along
    their line and Gaussian across; the proposal has one of these factors, so the weights are bounded.
    """
    number = _power_of_two(max(32, samples / REPLICATES / max(1, len(pairs))))
    lattice = qmc.Sobol(chart.rank + 1, scramble=False).random(number)
    sums = np.zeros(REPLICATES)
    for pair in pairs:
        share = _pair_share(pair)
        shifts = rng.random((REPLICATES, 1, chart.rank + 1))
        u = np.clip((lattice + shifts) % 1.0, 2.0**-54, 1 - 2.0**-53).reshape(-1, chart.rank + 1)
        step, log_density = _steps_across(pair, u[:, 0])
        along_wall = ndtri(u[:, 1:])
        along_wall -= np.outer(along_wall @ pair.along, pair.along)
        log_density -= ((along_wall**2).sum(axis=1) + (chart.rank - 1) * np.log(2 * np.pi)) / 2
        z = pair.middle + step[:, None] * pair.along + along_wall
        terms = np.empty(len(z))
        for b in _blocks(len(z), len(chart.weights)):
            p, f, r = density(z[b])
            terms[b] = share(z[b], p, r) * f * np.exp(-log_density[b])
        sums += terms.reshape(REPLICATES, number).mean(axis=1)
    return _replicated(sums)


def _steps_across(pair, u):
    """Steps across a wall from uniform numbers, with their log density."""
    d = pair.distance
    if d < 2.5 or pair.inner == 0:
        step = ndtri(u)
        return step, -(step**2 + np.log(2 * np.pi)) / 2
    step = 2 / d * np.log(np.tan(np.pi / 2 * u))
    return step, np.log(d / np.pi) - np.logaddexp(d * step / 2, -d * step / 2)


def _overlap_bound(chart, ceiling):
    r"""Bound on the average of a local integrand, from the overlap of each pair.

    Holds for integrands of at most ``ceiling`` times :math:`\sum_{i<j}2\sqrt{w_iw_j}`, by Bhattacharyya.
    """
    if chart.covariances is not None or len(chart.weights) > MOST_COMPONENTS:
        return np.inf
    roots, squares = np.sqrt(chart.weights), (chart.means**2).sum(axis=1)
    total = -chart.weights.sum()
    for b in _blocks(len(roots), len(roots)):
        gaps = squares[b, None] + squares - 2 * chart.means[b] @ chart.means.T
        total += roots[b] @ np.exp(-np.clip(gaps, 0, 5600) / 8) @ roots
    return ceiling * max(total, 0.0)
