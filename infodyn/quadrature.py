r"""Averages in one or two directions: over many Gaussians by trapezoid sums, over unlike ones adaptively."""

from itertools import product

import numpy as np
from scipy.integrate import cubature

from infodyn.charts import evaluate
from infodyn.estimates import Estimate, blocks, rounding

#: Half-width beyond which a unit Gaussian counts for nothing.
REACH = np.sqrt(2 * 38.0)
#: Relative accuracy of an adaptive sum; the width, beside 1, of a component that it could overlook.
ADAPTED, NARROW = 1e-11, 0.3
#: If two lattices differ by q their mean errs by about q squared: the factor that allows for luck.
SAFETY = 100.0
#: Steps, by number of directions, of averages over many Gaussians; the gap at which a step will do.
NESTED_STEPS, NESTED_GAP = {1: 0.9 * 0.5 ** np.arange(10), 2: 0.9 * 0.5 ** np.arange(5)}, 1e-8


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
