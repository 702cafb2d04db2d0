"""The decision tree of a data set: which points share a fixed point at which time."""

from dataclasses import dataclass, field

import numpy as np
from tqdm import tqdm

from infodyn import _validate
from infodyn.diffused import at_noise, diffuse
from infodyn.distributions import GaussianMixture
from infodyn.fixedpoints import SAME
from infodyn.sharedkernel import SharedKernel
from infodyn.zeros import STEP, component_means, length, score_and_jacobian, solve

#: Steps of the plain iteration x <- E[x_0|x], for each dimension, before Newton's method, whose steps cost
#: that much more; and steps of the latter at most.
PLAIN_STEPS, MOST_STEPS = 4, 2000
#: Greatest Newton step, and the push off an unstable fixed point, in lengths of :func:`length`.
STRIDE, PUSH = 0.5, 1e-3


@dataclass(frozen=True, eq=False)
class MergeTree:
    """Which points share a fixed point at which time; see :func:`merge_tree`.

    Attributes
    ----------
    times : ndarray, shape (T,)
    labels : ndarray of int, shape (T, N)
        At each time, for each point, the first of the points with which it shares its fixed point.
    """

    times: np.ndarray
    labels: np.ndarray
    _laws: list = field(repr=False)
    _modes: list = field(repr=False)

    def path(self, point):
        """Location of the fixed point that belongs to a point, at each time, shape (T, D)."""
        number = self.labels.shape[1]
        if not 0 <= point < number:
            raise ValueError(f"point must be the index of one of the {number} points, got {point!r}")
        path = []
        for law, labels, modes in zip(self._laws, self.labels, self._modes, strict=True):
            x = modes[np.searchsorted(np.unique(labels), labels[point])]
            low = law.reduced
            path.append(x if low is law else low.weights(x[None] * law.alpha)[0] @ law.data.means)
            path[-1] = path[-1] * law.alpha
        return np.array(path)

    def linkage(self):
        """Return the tree in the form that ``scipy.cluster.hierarchy.dendrogram`` draws.

        Returns
        -------
        ndarray, shape (N - 1, 4)
            A SciPy linkage matrix. A height is the first of the times at which two groups share a
            fixed point.

        Raises
        ------
        ValueError
            When at the last time there is still more than one fixed point, or for a single point.
        """
        number, left = self.labels.shape[1], len(np.unique(self.labels[-1]))
        if number < 2:
            raise ValueError("linkage needs two points at least, got one; there is nothing to merge")
        if left > 1:
            raise ValueError(
                f"at the last time, {self.times[-1]:g}, the points still have {left} fixed points; "
                "pass later times to merge_tree (half the diameter of the data, as a noise level, is enough)"
            )
        rows, clusters = [], {point: (point, 1) for point in range(number)}
        for time, labels in zip(self.times, self.labels, strict=True):
            for point in [p for p in clusters if labels[p] != p]:
                first, second = clusters[labels[point]], clusters.pop(point)
                size = first[1] + second[1]
                rows.append([*sorted((first[0], second[0])), time, size])
                clusters[labels[point]] = number + len(rows) - 1, size
        return np.array(rows)


def merge_tree(data, process, times):
    r"""Follow the fixed point of each data point upwards in time, and note which have become one.

    At the first time a point's fixed point is the one to which the density rises from the point itself; from
    each time to the next the fixed point is carried along, and where it has ceased to exist, or to be
    stable, the density is climbed from its last place. What has merged stays merged.

    Parameters
    ----------
    data : GaussianMixture
        :func:`points`, or a mixture, whose components take the place of points.
    process : Process
    times : array_like, shape (T,)
        Increasing times > 0. At the first the points should be apart (those that are not merge there), at
        the last all of them together, if :meth:`MergeTree.linkage` is to be called.

    Returns
    -------
    MergeTree
        With the partition at each time, the paths and a SciPy linkage matrix.

    Raises
    ------
    ValueError, TypeError
        For times that do not increase or are not positive, and for data without components.

    Notes
    -----
    Half the diameter of the data, as a noise level σ/α, is a time at which all points have merged: there the
    posterior variance in any direction is at most the noise's (Popoviciu), so p_t is log-concave.
    On an exact tie, as from the middle of three points on a line, the first of the points decides.

    Examples
    --------
    >>> from infodyn import EDM, points
    >>> tree = merge_tree(points([[-1.0], [1.0], [6.0]]), EDM(), [0.5, 1.5, 3.5])
    >>> tree.labels.tolist()
    [[0, 1, 2], [0, 0, 2], [0, 0, 0]]
    >>> tree.linkage().tolist()
    [[0.0, 1.0, 1.5, 2.0], [2.0, 3.0, 3.5, 3.0]]

    References
    ----------
    Stancevic & Ambrogioni, Entropy 28, 195 (2026), Section 5.
    """
    times = _validate.times(times)
    if times.ndim != 1 or not times.size or np.any(np.diff(times) <= 0):
        raise ValueError(f"times must be an increasing array (T,), got shape {times.shape}; sort them")
    if not isinstance(data, GaussianMixture):
        raise TypeError(
            f"merge_tree needs points in memory or a mixture, got {type(data).__name__}; "
            "pass points(data.sample(n, rng))"
        )
    laws = [diffuse(data, process, time) for time in times]
    label, x = np.arange(len(data.weights)), (data.on_span or data).means
    labels, modes = [], []
    for law in tqdm(laws, desc="merge tree", unit="time", delay=1.0, leave=False):
        # The process matters through its noise level alone: follow x / alpha.
        kernel = at_noise(data, 1.0, law.sigma / law.alpha).reduced.kernel
        x = climb(kernel, x)
        near = np.linalg.norm(x[:, None] - x, axis=2) <= SAME * length(kernel)
        first = near.argmax(axis=1)
        alive = np.unique(label)
        label = alive[first][np.searchsorted(alive, label)]
        x = x[np.unique(first)]
        labels.append(label)
        modes.append(x)
    return MergeTree(times, np.array(labels), laws, modes)


def climb(kernel, x):
    """Climb p_t from points x (M, r) to its modes."""
    x = np.array(x)
    open_ = _iterate(kernel, x)
    for _ in range(MOST_STEPS):
        if not len(open_):
            return x
        x[open_], done = _step(kernel, x[open_])
        open_ = open_[~done]
    raise RuntimeError(f"{len(open_)} of {len(x)} points reached no mode in {MOST_STEPS} steps")


def _iterate(kernel, x):
    """A few steps of mean shift, in place; returns which points have not arrived at a mode by that."""
    if not isinstance(kernel, SharedKernel):
        return np.arange(len(x))
    open_, last = np.arange(len(x)), np.zeros(len(x))
    unsure = []
    for _ in range(PLAIN_STEPS * x.shape[1]):
        r = kernel.respond(x[open_])
        step = kernel.variance * kernel.mean(x[open_], r, "score")
        x[open_] += step
        size = np.linalg.norm(step, axis=1)
        ratio = np.divide(size, last, out=np.ones(len(size)), where=size < last)  # 1 at the first step
        rounding = 64 * np.finfo(float).eps * (length(kernel) + np.linalg.norm(x[open_], axis=1))
        arrived = (size * ratio <= STEP * length(kernel) * (1 - ratio)) | (size <= rounding)
        there = open_[arrived]
        # Stable for sure: no eigenvalue of the covariance exceeds its trace.
        trace = kernel.variance * kernel.between(x[there], kernel.respond(x[there]), "score")
        unsure.append(there[trace >= 0.99])
        open_, last = open_[~arrived], size[~arrived]
        if not len(open_):
            break
    return np.concatenate([*unsure, open_])


def _step(kernel, x):
    """One safeguarded Newton step uphill from each point (M, r), and whether it has arrived."""
    unit = length(kernel)
    s, jacobian = score_and_jacobian(kernel, x)
    values, vectors = np.linalg.eigh(jacobian)
    slopes = np.maximum(np.abs(values), 1e-9 / unit**2)
    step = solve(slopes, vectors, s)
    size = np.linalg.norm(step, axis=1)
    level = np.linalg.norm(s, axis=1) * unit
    rounding = 64 * np.finfo(float).eps * (1 + np.abs(x).max(axis=1) / unit)
    still = (size <= STEP * unit) | (level <= rounding)
    unstable = values[:, -1] * unit**2 > 1e-7
    step *= (STRIDE * unit / np.maximum(size, STRIDE * unit))[:, None]
    for m in np.flatnonzero(still & unstable):
        step[m] = PUSH * unit * _towards_the_first(kernel, x[m], vectors[m, :, -1])
    return x + _not_downhill(kernel, x, step), still & ~unstable


def _not_downhill(kernel, x, step):
    """Halve the steps until the density does not fall."""
    base = kernel.logpdf(x, kernel.respond(x))
    slack = 1e-12 * (1 + np.abs(base))
    for _ in range(40):
        falls = kernel.logpdf(x + step, kernel.respond(x + step)) < base - slack
        if not falls.any():
            break
        step[falls] /= 2
    return step


def _towards_the_first(kernel, x, direction):
    """Turn an unstable direction towards the first of the points that lies on either side."""
    side = (component_means(kernel) - x) @ direction
    decided = np.abs(side) > 1e-6 * length(kernel)
    return direction * np.sign(side[np.argmax(decided)])
