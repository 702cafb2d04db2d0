r"""Averages over a mixture in one or two directions, by trapezoid sums and adaptive cubature.

The error of a trapezoid sum falls exponentially with its step. Nodes are put around components, or,
for integrands that vanish where one component takes all the posterior, along the boundaries.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.integrate import cubature

from infodyn.charts import NATS, close_pairs, pair_share
from infodyn.estimates import BLOCK, Estimate, rounding

#: Relative accuracy that steps are laid out for, as a number of nats.
DIGITS = np.log(1e12)
#: Half-width beyond which a unit Gaussian counts for nothing.
REACH = np.sqrt(2 * NATS)
#: Relative error at which a sum is content.
CONTENT = 1e-11


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


def trapezoid(chart, density, local):
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
    return Estimate(value, gap + rounding(value))


def _cheapest_patches(chart, local):
    everywhere = [_global_patch(chart, local)]
    cost = everywhere[0].size
    if cost < 1e4 or len(chart.weights) == 1:
        return everywhere
    if local:
        pairs = close_pairs(chart, cost / 500)
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


def _pair_patch(chart, pair, margin):
    """Where the lesser of the pair is at most ``margin`` nats below its peak."""
    axes = np.array([pair.along])
    if chart.rank == 2:
        axes = np.array([pair.along, [-pair.along[1], pair.along[0]]])
    across = np.sqrt(2 * margin)
    halfwidths = np.array([np.sqrt(pair.inner**2 + 2 * margin) - pair.inner, across])[: chart.rank]
    gaps = (chart.means - pair.middle) @ axes.T
    steps = _steps(np.ptp(gaps[present(chart, pair, gaps, halfwidths)], axis=0), local=True)
    return Patch(pair.middle, axes, halfwidths, steps, pair_share(pair))


def present(chart, pair, gaps, halfwidths):
    """Components that hold some of the posterior somewhere in a pair's patch."""
    with np.errstate(divide="ignore"):
        log_joint = np.log(chart.weights) - (gaps**2).sum(axis=1) / 2
    reach = [log_joint - log_joint[k] + np.abs(gaps - gaps[k]) @ halfwidths for k in (pair.i, pair.j)]
    return np.minimum(*reach) > -DIGITS


def adaptive(chart, density):
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
    return Estimate(total, error + rounding(total))
