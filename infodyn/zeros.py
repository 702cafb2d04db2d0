r"""All zeros of a mixture's score in few dimensions, by subdivision with a bound.

Around the centre c of a cell the score is :math:`s(c) + J(c)\,\delta`, up to :math:`\tfrac12 B\|\delta\|^2`,
where B bounds its second derivative throughout the cell. This either shows that the cell holds no zero,
or that it holds at most one, which Newton's method then finds; other cells are divided.
"""

from typing import NamedTuple

import numpy as np

from infodyn.sharedkernel import SharedKernel

#: Newton's method stops at steps of this size and starts at cells of that size, in lengths of :func:`length`.
STEP, SMALLEST_CELL = 1e-10, 1e-4
#: Cells after which the subdivision is given up.
MOST_CELLS = 1_000_000
#: Neighbouring cells looked at together, with those components alone whose weight there can exceed this.
ROWS, NOTHING = 256, 1e-15


def precisions(kernel):
    """Inverse covariances of the components of p_t, (K, r, r)."""
    return -kernel.within_cov(np.eye(len(kernel.log_weights)), "score")


def length(kernel):
    """The least standard deviation of a component of p_t: nothing in its density is finer."""
    if isinstance(kernel, SharedKernel):
        return float(np.sqrt(kernel.variance))
    return float(np.sqrt(kernel.variances.min()))


def component_means(kernel):
    """Means of the components of p_t, (K, r)."""
    return kernel.alpha * kernel.means


def score_and_jacobian(kernel, x):
    """Score (M, r) and its Jacobian (M, r, r) at points x (M, r)."""
    r = kernel.respond(x)
    return kernel.mean(x, r, "score"), kernel.between_cov(x, r, "score") + kernel.within_cov(r.w, "score")


def solve(values, vectors, b):
    """Solve J y = b (M, r), J being given by its eigenvalues (M, r) and its eigenvectors (M, r, r)."""
    return np.einsum("mij,mj->mi", vectors, np.einsum("mij,mi->mj", vectors, b) / values)


class Spread(NamedTuple):
    r"""How far the components may disagree within a distance ρ of points x (M, r).

    With :math:`d_k = s_k - s` and :math:`Q_k = P_k - \bar P` at x, Jensen's inequality gives for the
    posterior weights nearby :math:`w_k \le v_k = \min(1, w_k(x)\,e^{\rho|d_k| + \rho^2|Q_k|/2})`.

    Attributes
    ----------
    v : ndarray, shape (M, K)
    pulls : ndarray, shape (M, K, r)
        The vectors d.
    slack : ndarray, shape (M, K) or (1, 1)
        ρ|Q|.
    radius : float
        ρ.
    """

    v: np.ndarray
    pulls: np.ndarray
    slack: np.ndarray
    radius: float

    def axes(self):
        """Orthogonal axes (M, r, r), columns, along which the components disagree least, ..., most."""
        return np.linalg.eigh(np.swapaxes(self.pulls, 1, 2) @ (self.v[:, :, None] * self.pulls))[1]

    def bends(self, axes):
        r"""Bound :math:`|u\cdot\nabla^2 s|` for axes u, the columns of (M, r, n); returns (M, n).

        :math:`\nabla^2 s` is the third cumulant of the :math:`s_k`, which Hoelder's inequality bounds by
        :math:`8\,(\sum v|u\cdot d|^3)^{1/3}(\sum v|d|^3)^{2/3}`, each :math:`|d|` and :math:`|u\cdot d|`
        longer by the slack, and three covariances of :math:`s_k` with :math:`P_k`.
        """
        reach = np.linalg.norm(self.pulls, axis=2) + self.slack
        along = np.abs(self.pulls @ axes) + self.slack[:, :, None]
        total = np.einsum("mk,mk->m", self.v, reach**3)[:, None]
        cumulant = 8 * np.cbrt(np.einsum("mk,mkn->mn", self.v, along**3)) * np.cbrt(total) ** 2
        pull, gap = self.v * reach, self.slack / self.radius
        covariance = (pull * gap).sum(axis=1) + pull.sum(axis=1) * (self.v * gap).sum(axis=1)
        return cumulant + 3 * covariance[:, None]


def spread(kernel, x, radius):
    """Return the :class:`Spread` of a kernel's components around points x (M, r)."""
    w = kernel.respond(x).w
    if isinstance(kernel, SharedKernel):
        pulls = kernel.slope["score"] * (kernel.y - (w @ kernel.y)[:, None])
        slack = np.zeros((1, 1))
    else:
        each = precisions(kernel)
        precision = np.tensordot(w, each, axes=1)
        pulls = kernel.scores(x)
        pulls = pulls - np.einsum("mk,mkr->mr", w, pulls)[:, None]
        slack = radius * np.stack([np.linalg.norm(p - precision, axis=(1, 2)) for p in each], axis=1)
    growth = radius * (np.linalg.norm(pulls, axis=2) + slack / 2)
    return Spread(w * np.exp(np.minimum(growth, -np.log(w))), pulls, slack, radius)


def newton(kernel, x, iterations=80):
    """Newton's method for the zeros of the score from starts (M, r); returns those that converged."""
    x, unit, found = np.asarray(x), length(kernel), []
    for _ in range(iterations):
        s, jacobian = score_and_jacobian(kernel, x)
        values, vectors = np.linalg.eigh(jacobian)
        values = np.where(np.abs(values) < 1e-12 / unit**2, 1e-12 / unit**2, values)
        step = -solve(values, vectors, s)
        size = np.linalg.norm(step, axis=1)
        floor = 64 * np.finfo(float).eps * (unit + np.abs(x).max(axis=1)) / unit**2
        there = (size <= STEP * unit) | (np.linalg.norm(s, axis=1) <= floor)
        share = np.where(there, size <= STEP * unit, 2 * unit / np.maximum(size, 2 * unit))
        x = x + share[:, None] * step
        found.append(x[there])
        x = x[~there]
        if not len(x):
            break
    return np.concatenate(found)


def isolate(kernel, low, high):
    """Starts (M, r) for Newton's method, one near every zero in a box; None if there are too many cells."""
    unit = length(kernel)
    centres, half = (low + high)[None] / 2, (high - low) / 2
    starts, looked_at = [], 0
    while len(centres):
        looked_at += len(centres)
        if looked_at > MOST_CELLS:
            return None
        radius = float(np.linalg.norm(half))
        parts = [_verdict(kernel, centres[i : i + ROWS], radius) for i in range(0, len(centres), ROWS)]
        empty, single = (np.concatenate(part) for part in zip(*parts, strict=True))
        last = radius < SMALLEST_CELL * unit
        starts.append(centres[~empty & (single | last)])
        centres = centres[~empty & ~single & (not last)]
        wide = half > half.max() / 2 * (1 + 1e-9)
        half = np.where(wide, half / 2, half)
        for axis in np.flatnonzero(wide):  # halves stay neighbours in the list
            shift = half[axis] * np.eye(len(low))[axis]
            centres = np.stack([centres - shift, centres + shift], axis=1).reshape(-1, len(low))
    return np.concatenate(starts)


def _verdict(kernel, centres, radius):
    """Which balls hold no zero, and which at most one, on which Newton's method converges."""
    middle = centres.mean(axis=0, keepdims=True)
    reach = np.linalg.norm(centres - middle, axis=1).max() + 2 * radius
    kernel = kernel.subset(np.flatnonzero(spread(kernel, middle, reach).v[0] > NOTHING))
    s, jacobian = score_and_jacobian(kernel, centres)
    around = spread(kernel, centres, 2 * radius)
    axes = np.concatenate([around.axes(), np.linalg.eigh(jacobian)[1]], axis=2)
    along = np.abs(np.einsum("mij,mi->mj", axes, s))
    slopes = np.linalg.norm(jacobian @ axes, axis=1)
    bends = around.bends(axes)
    empty = np.any(along > slopes * radius + bends * radius**2 / 2, axis=1)
    dim = len(s[0])
    return empty, np.linalg.norm(bends[:, dim:] / slopes[:, dim:], axis=1) * 3 * radius < 1
