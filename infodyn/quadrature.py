r"""Averages over a mixture in one or two directions, by trapezoid sums and adaptive cubature.

The error of a trapezoid sum falls exponentially with its step. Nodes are put around components, or,
for integrands that vanish where one component takes all the posterior, along the boundaries.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.integrate import cubature
from scipy.spatial import KDTree

from infodyn.charts import NATS, close_pairs, evaluate, lesser_peak, pair_share
from infodyn.estimates import BLOCK, Estimate, blocks, rounding

#: Relative accuracy that steps are laid out for, as a number of nats.
DIGITS = np.log(1e14)
#: Half-width beyond which a unit Gaussian counts for nothing.
REACH = np.sqrt(2 * NATS)
#: Nats at which a local integral nears the floor of the posterior weights: then boundaries alone count.
FAINT = -300.0
#: Relative accuracy of an adaptive sum; the width, beside 1, of a component that it could overlook.
ADAPTED, NARROW = 1e-11, 0.3
#: Relative error at which a sum is content, and the factor that its estimate is enlarged by.
CONTENT, SAFETY = 1e-11, 100.0
#: Steps, by number of directions, of averages over many Gaussians; the gap at which a step will do.
NESTED_STEPS, NESTED_GAP = {1: 0.9 * 0.5 ** np.arange(10), 2: 0.9 * 0.5 ** np.arange(5)}, 1e-8


@dataclass(frozen=True)
class Patch:
    """A rectangle of trapezoid nodes, and the share of the integral that it carries.

    ``share`` takes nodes z, the density p and the Responsibility of ``members``, the components
    that are present, to the weight function.
    """

    members: np.ndarray
    centre: np.ndarray
    axes: np.ndarray
    halfwidths: np.ndarray
    steps: np.ndarray
    share: Callable

    @property
    def size(self):
        """Number of nodes times number of components to be looked at."""
        return np.prod(2 * np.ceil(self.halfwidths / self.steps) + 2) * len(self.members)

    def nodes(self, shift, refinement, rows):
        """Blocks of at most about ``rows`` nodes, the lattice shifted by fractions of its steps."""
        steps = self.steps / refinement
        ticks = [
            h * (np.arange(-np.ceil(a / h) - 1, np.ceil(a / h) + 1) + fraction)
            for a, h, fraction in zip(self.halfwidths, steps, shift, strict=True)
        ]
        first, *others = ticks
        chunk = max(1, int(rows // np.prod([len(o) for o in others])))
        for start in range(0, len(first), chunk):
            mesh = np.meshgrid(first[start : start + chunk], *others, indexing="ij")
            yield self.centre + np.stack([m.ravel() for m in mesh], axis=1) @ self.axes, np.prod(steps)


def trapezoid(kernel, chart, integrand, local):
    """Mean of the sums over a lattice and over the same lattice shifted by half a step along each axis.

    The mean is the sum at half the step. If a sum errs by about q, the mean errs by about q squared:
    the gaps between the sums bound q, but where the nodes happen to lie luckily; for that case the
    error has a floor, the accuracy that the steps were laid out for.
    """
    patches = _cheapest_patches(chart, local)
    shifts = list(product((0.0, 0.5), repeat=chart.rank))
    for refinement in (1, 2, 4):
        totals = np.zeros(len(shifts))
        for patch in patches:
            part = kernel.subset(patch.members)
            for n, shift in enumerate(shifts):
                for z, cell in patch.nodes(shift, refinement, max(1, BLOCK // len(patch.members))):
                    p, f, r = evaluate(part, chart, integrand, z)
                    totals[n] += cell * (patch.share(z, p, r) @ f)
        value, gap = totals.mean(), np.ptp(totals)
        error = min(gap, SAFETY * gap**2 / max(abs(value), np.finfo(float).tiny))
        if error <= CONTENT * abs(value):
            break
    return Estimate(value, error + SAFETY * np.exp(-DIGITS) * abs(value) + rounding(value))


def _cheapest_patches(chart, local):
    greatest = _greatest_lesser(chart) if local and len(chart.live) > 1 else np.inf
    everywhere = [_global_patch(chart, local, greatest)]
    cost, faint = everywhere[0].size, greatest < FAINT
    if len(chart.live) == 1:
        return everywhere
    if cost < 1e5 and not faint:
        return everywhere
    if local:
        pairs = close_pairs(chart, cost / 1000)
        if pairs is None:
            return everywhere
        least = max((pair.peak for pair in pairs), default=0.0) - NATS
        nearby = [_pair_patch(chart, pair, pair.peak - least) for pair in pairs]
    else:
        nearby = [_component_patch(chart, k) for k in chart.live]
    return nearby if faint or sum(patch.size for patch in nearby) < cost else everywhere


def _steps(extents, local):
    """Steps that resolve a unit Gaussian and the posterior walls between components ``extents`` apart.

    A wall is analytic in a strip of half-width pi / extent, and the mean over the shifts halves the
    step. Where the integrand is not local, walls count only beside the bulk, from which they stand
    back by exp(-extent**2 / 8).
    """
    extents = np.maximum(extents, 1e-300)
    digits = DIGITS
    if not local:
        extents = np.minimum(extents, np.sqrt(8 * DIGITS / 3))
        digits = DIGITS - extents**2 / 8
    return np.minimum(4 * np.pi**2 / (digits * extents), 2 * np.pi / np.sqrt(DIGITS))


def _greatest_lesser(chart):
    """Logarithm of the greatest lesser among nearest neighbours."""
    live = chart.live
    distance, neighbour = KDTree(chart.means[live]).query(chart.means[live], k=2)
    log_weights = np.log(chart.weights[live])
    return lesser_peak(log_weights, log_weights[neighbour[:, 1]], distance[:, 1])[1].max()


def _global_patch(chart, local, greatest):
    """Around all components.

    Components that count at one place, for a local integrand, are each at least a fraction
    exp(-DIGITS) of the greatest lesser of two, so their means are not far apart.
    """
    low, high = chart.means.min(axis=0), chart.means.max(axis=0)
    extents = high - low
    if np.isfinite(greatest):
        extents = np.minimum(extents, 2 * np.sqrt(2 * (DIGITS - greatest)))
    steps = _steps(extents, local)
    reach = (high - low) / 2 + REACH
    return Patch(chart.live, (low + high) / 2, np.eye(chart.rank), reach, steps, lambda z, p, r: p)


def _component_patch(chart, k):
    """Around one component."""

    def share(z, p, r):
        square = ((z - chart.means[k]) ** 2).sum(axis=1)
        return chart.weights[k] * np.exp(-square / 2) / (2 * np.pi) ** (chart.rank / 2)

    gaps = chart.means - chart.means[k]
    near = np.linalg.norm(gaps, axis=1) <= 2 * REACH
    steps = _steps(np.ptp(gaps[near], axis=0), local=False)
    reach = np.full(chart.rank, REACH)
    return Patch(chart.live, chart.means[k], np.eye(chart.rank), reach, steps, share)


def _pair_patch(chart, pair, margin):
    """Where the lesser of the pair is at most ``margin`` nats below its peak."""
    axes = np.array([pair.along])
    if chart.rank == 2:
        axes = np.array([pair.along, [-pair.along[1], pair.along[0]]])
    across = np.sqrt(2 * margin)
    halfwidths = np.array([np.sqrt(pair.inner**2 + 2 * margin) - pair.inner, across])[: chart.rank]
    gaps = (chart.means - pair.middle) @ axes.T
    members = np.flatnonzero(_present(chart, pair, gaps, halfwidths, across))
    share = pair_share(*np.searchsorted(members, [pair.i, pair.j]))
    steps = _steps(np.ptp(gaps[members], axis=0), local=True)
    return Patch(members, pair.middle, axes, halfwidths, steps, share)


def _present(chart, pair, gaps, halfwidths, radius):
    """Components that hold some of the posterior in a pair's patch, within ``radius`` of its centre."""
    with np.errstate(divide="ignore"):
        log_joint = np.log(chart.weights) - (gaps**2).sum(axis=1) / 2

    def lead(k):
        slopes = gaps - gaps[k]
        gain = np.minimum(np.abs(slopes) @ halfwidths, radius * np.linalg.norm(slopes, axis=1))
        return log_joint - log_joint[k] + gain

    return np.minimum(lead(pair.i), lead(pair.j)) > -DIGITS


def gaussian_averages(function, centres, root, columns):
    r"""Averages of one smooth function over Gaussians that differ in their mean alone.

    Trapezoid sums whose step is halved until it no longer matters.

    Parameters
    ----------
    function : callable
        Takes points (n, r) to numbers (n,), of order 1.
    centres : ndarray, shape (M, r)
        The means, r being 1 or 2.
    root : ndarray, shape (r, r)
        A root L of the covariance :math:`LL^T`.
    columns : int
        How many numbers the function holds in memory for a point.

    Returns
    -------
    values : ndarray, shape (M,)
    error : float
        A bound on the error of all of them.
    """
    rank = len(root)
    for step in NESTED_STEPS[rank]:
        sums = np.zeros((2**rank, len(centres)))
        for total, shift in zip(sums, product((0.0, 0.5), repeat=rank), strict=True):
            ticks = np.arange(-np.ceil(REACH / step) - 1, np.ceil(REACH / step) + 1)
            mesh = np.meshgrid(*(step * (ticks + fraction) for fraction in shift), indexing="ij")
            u = np.stack([m.ravel() for m in mesh], axis=1)
            u = u[(u**2).sum(axis=1) < REACH**2]
            weights = np.exp(-(u**2).sum(axis=1) / 2) * (step / np.sqrt(2 * np.pi)) ** rank
            u = u @ root.T
            for b in blocks(len(centres), len(u) * columns):
                nodes = (centres[b, None] + u).reshape(-1, rank)
                total[b] = function(nodes).reshape(-1, len(u)) @ weights
        gap = np.ptp(sums, axis=0).max(initial=0.0)
        if gap <= NESTED_GAP:
            break
    return sums.mean(axis=0), min(gap, SAFETY * gap**2) + rounding(1.0)


def adaptive(kernel, chart, integrand, blur):
    """Adaptive cubature over each component in its own standard coordinates, to an error of ``blur``."""
    total = error = 0.0
    for k in chart.live:
        root, boxes = _boxes(chart, k)

        def weighted(u, root=root, k=k):
            _, f, _ = evaluate(kernel, chart, integrand, chart.means[k] + u @ root.T)
            return f * np.exp(-(u**2).sum(axis=1) / 2) / (2 * np.pi) ** (chart.rank / 2)

        rough = sum(abs(float(cubature(weighted, *b, max_subdivisions=0).estimate)) for b in boxes)
        atol = max(blur, ADAPTED * rough, 1e-300) / len(boxes)
        for box in boxes:
            result = cubature(weighted, *box, rtol=ADAPTED, atol=atol)
            total += chart.weights[k] * float(result.estimate)
            error += chart.weights[k] * float(result.error)
    return Estimate(total, error + rounding(total))


def _boxes(chart, k):
    """A root of component k's covariance and boxes in its coordinates, along the axes of the narrowest other.

    They are cut around components so narrow beside k that a sum over a larger box could overlook them.
    """
    root = np.linalg.cholesky(chart.covariances[k])
    boxes = [(np.full(chart.rank, -REACH), np.full(chart.rank, REACH))]
    others = chart.live[chart.live != k]
    if not len(others):
        return root, boxes
    variances, axes = np.linalg.eigh(_seen_from(root, chart.covariances[others]))
    root = root @ axes[np.argmin(variances[:, 0])]
    narrow = others[variances[:, 0] < NARROW**2]
    means = np.linalg.solve(root, (chart.means[narrow] - chart.means[k]).T).T
    spectrum = np.diagonal(_seen_from(root, chart.covariances[narrow]), axis1=1, axis2=2)
    for mean, ends in zip(means, REACH * np.sqrt(spectrum), strict=True):
        for point in (mean - ends, mean + ends, mean):
            boxes = [part for box in boxes for part in _cut(*box, np.clip(point, -REACH, REACH))]
    return root, boxes


def _seen_from(root, covariances):
    """Covariances in the coordinates in which :math:`LL^T` is the identity, (n, r, r)."""
    inverse = np.linalg.inv(root)
    return inverse @ covariances @ inverse.T


def _cut(low, high, point):
    """The parts of a box that meet in a point, or the box if the point lies outside."""
    if np.any((point < low) | (point > high)):
        return [(low, high)]
    corners = np.array(list(product((False, True), repeat=len(point))))
    parts = [(np.where(above, point, low), np.where(above, high, point)) for above in corners]
    return [(low, high) for low, high in parts if np.all(low < high)]
