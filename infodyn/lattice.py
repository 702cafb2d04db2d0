r"""Trapezoid sums over patches of nodes.

The error of a trapezoid sum over a whole space falls exponentially with its step. All nodes of all noise
levels go through the same few array operations; only products with the means are taken patch by patch.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from infodyn.estimates import BLOCK, rounding
from infodyn.patches import Mixture
from infodyn.tiling import MOST_DIRECTIONS, tile

#: Log weights below this one are lifted to it: exp() of anything smaller is slow and counts for nothing.
FLOOR = -700.0
#: Log density, against one at the centre, up to which a component's excess is computed from it.
SMALL = 1.0
#: What the steps are laid out for, on a line and elsewhere, and what is added to an error in case the
#: lattices happen to lie luckily, in units of the accuracy that is asked for.
AIM_ON_LINE, AIM, LUCK = 1e-5, 1e-3, 0.1
#: If the lattices of twice the step err by q, their mean errs by about q squared: the factor that allows for.
SAFETY = 1.0
#: What steps are divided by while the error is too great, in one or two directions.
REFINEMENTS = (1, 2, 4)
#: Directions up to which every scale is within reach; node-components that a scale may cost beyond, and the
#: coarser accuracies, in nats, that are tried then.
ALWAYS, MOST, COARSER = 2, 1 << 22, (20.0, 13.0)


@dataclass(frozen=True, eq=False)
class Nodes:
    """n nodes of some patches, and the posterior of their m components there; components come first.

    Attributes
    ----------
    patches : Patches
    runs : list
        Triples (patch, start, stop): nodes start to stop lie in that patch.
    place : ndarray, shape (d + 1, n)
        Nodes, from the centres of their patches; the last row is 1.
    top : ndarray, shape (n,)
        Log density of the greatest component.
    q, odds : ndarray, shape (m, n)
        Odds of the components against the greatest, and their logarithms.
    rest : ndarray, shape (n,)
        Sum of the odds of all but the greatest.
    """

    patches: object
    runs: list
    place: np.ndarray
    top: np.ndarray
    q: np.ndarray
    odds: np.ndarray
    rest: np.ndarray

    @classmethod
    def of(cls, patches, runs, place):
        """Weigh the components at nodes."""
        q = np.empty((patches.members.shape[1], place.shape[1]))
        for p, start, stop in runs:
            np.matmul(patches.forms[p], place[:, start:stop], out=q[:, start:stop])
        top = q.max(axis=0)
        q -= top
        np.maximum(q, FLOOR, out=q)
        odds = np.exp(q)
        if len(q) == 2:
            rest = odds.min(axis=0)
        else:
            greatest = q == 0
            rest = np.where(greatest, 0, odds).sum(axis=0) + (greatest.sum(axis=0) - 1)
        return cls(patches, runs, place, top, q, odds, rest)

    def each(self, values):
        """Values of the patches (P, ...) at their nodes, (..., n)."""
        owners, starts, stops = np.transpose(self.runs)
        return np.repeat(values[owners].T, stops - starts, axis=-1)

    def weights(self):
        """Posterior weights, (m, n)."""
        return self.odds / (1 + self.rest)

    def entropy(self):
        r""":math:`-\sum_k w_k\ln w_k = \ln(1+S) - \sum_k w_k q_k`, two terms of one sign."""
        return np.log1p(self.rest) - np.einsum("mn,mn->n", self.odds, self.q) / (1 + self.rest)

    def excess(self, weights):
        r""":math:`w_k/\pi_k - 1` for the prior weights π, (m, n), where it is small to its last digit.

        It is :math:`(g_k - \bar g)/(1 + \bar g)` with :math:`g_k = N_k/N_0 - 1` and their mean over π.
        """
        prior = weights[self.each(self.patches.members)]
        excess = self.weights() / prior - 1
        for p, start, stop in self.runs:
            offsets = self.patches.forms[p, :, :-1]
            logs = offsets @ self.place[:-1, start:stop] - (offsets**2).sum(axis=1)[:, None] / 2
            if np.abs(logs).max() < SMALL:
                growth = np.expm1(logs)
                mean = weights[self.patches.members[p]] @ growth
                excess[:, start:stop] = (growth - mean) / (1 + mean)
        return excess

    def spread(self, squares):
        r""":math:`\sum_{j<k} w_j w_k d_{jk}^2` for squared distances (K, K): no term cancels another."""
        if len(self.odds) == 2:
            apart = self.each(squares[tuple(self.patches.members.T)])
            return apart * self.rest / (1 + self.rest) ** 2
        mean = np.empty_like(self.odds)
        for p, start, stop in self.runs:
            members = self.patches.members[p]
            np.matmul(squares[members[:, None], members], self.odds[:, start:stop], out=mean[:, start:stop])
        return np.einsum("mn,mn->n", self.odds, mean) / (2 * (1 + self.rest) ** 2)

    def log_density(self):
        """Log density but for the constant of the Gaussian and the peak of the patch."""
        return self.top + np.log1p(self.rest) - np.einsum("dn,dn->n", self.place[:-1], self.place[:-1]) / 2

    def share(self):
        """What part of an integral over the density a node carries.

        For a pair it is its chance among all pairs of components, for a component its posterior weight.
        """
        if self.patches.kind == "first":
            return self.odds[0] / (1 + self.rest)
        if self.patches.kind == "all" or len(self.odds) == 2:
            return 1.0
        greatest = self.q == 0
        squares = np.where(greatest, 0, self.odds)
        squares *= squares
        pairs = (self.rest**2 - squares.sum(axis=0) - (greatest.sum(axis=0) - 1)) / 2
        return self.odds[0] * self.odds[1] / (self.rest + pairs)


class Integrals(NamedTuple):
    """Integrals over a mixture, in units of exp(scale).

    Attributes
    ----------
    scale : ndarray, shape (T,)
    value, error : ndarray, shape (T, J)
    reached : ndarray, shape (T,)
        Where the lattices could be summed; elsewhere the rest is 0.
    """

    scale: np.ndarray
    value: np.ndarray
    error: np.ndarray
    reached: np.ndarray


def integrate(mixture: Mixture, function, columns, rtol, local):
    """Average functions over a mixture at every scale, where that is within reach.

    Parameters
    ----------
    mixture : Mixture
    function : callable
        Takes :class:`Nodes` to J integrands there, (J, n).
    columns : int
        J.
    rtol : float
        Relative accuracy to aim at. In more than two directions it may be missed; the error says so.
    local : bool
        Whether the integrands vanish where one component takes all the posterior.

    Returns
    -------
    Integrals
    """
    rank = mixture.y.shape[1]
    most = np.inf if rank <= ALWAYS else MOST
    asked = np.log(1 / (rtol * (AIM_ON_LINE if rank == 1 else AIM)))
    times = len(mixture.kappa)
    found = Integrals(np.zeros(times), *np.zeros((2, times, columns)), np.zeros(times, bool))
    coarser = COARSER if ALWAYS < rank <= MOST_DIRECTIONS else ()
    for digits in (asked, *(d for d in coarser if d < asked)):
        left = np.flatnonzero(~found.reached)
        if len(left):
            parts = _integrate(mixture.at(left), function, columns, digits, rtol, local, most)
            for whole, part in zip(found, parts, strict=True):
                whole[left] = part
    return found


def _integrate(mixture, function, columns, digits, rtol, local, most):
    patches, scale, reached = tile(mixture, digits, local, most)
    value, error = np.zeros((2, len(scale), columns))
    todo = reached
    for refinement in REFINEMENTS if most == np.inf else (1,):
        if not todo.any():
            break
        chosen = [p.among(todo[p.time]) for p in patches]
        found, off = sum_up(chosen, len(scale), function, columns, refinement)
        value[todo], error[todo] = found[todo], off[todo]
        todo = todo & (error > rtol * np.abs(value)).any(axis=1)
    lucky = max(rtol * LUCK, np.exp(-digits))
    return Integrals(scale, value, error + lucky * np.abs(value) + rounding(value), reached)


def sum_up(patches, times, function, columns, refinement=1):
    """Integrals over groups of patches, and what the lattices tell of their error, each (T, J)."""
    value, gap = np.zeros((2, times, columns))
    for p in patches:
        if len(p.time):
            total = sums(p, times, function, refinement) / (2 * np.pi) ** (p.step.shape[1] / 2)
            value, gap = value + total.mean(axis=1), gap + np.ptp(total, axis=1)
    return value, np.minimum(gap, SAFETY * gap**2 / np.maximum(np.abs(value), np.finfo(float).tiny))


def sums(patches, times, function, refinement=1):
    r"""Sums over patches, for each scale and each of the :math:`2^d` lattices of twice the step.

    Parameters
    ----------
    patches : Patches
    times : int
        How many scales there are.
    function : callable
        Takes :class:`Nodes` to the integrands there, (J, n).
    refinement : int
        What to divide the steps by.

    Returns
    -------
    ndarray, shape (T, 2**d, J)
        For the density without the constant of its Gaussian.
    """
    steps = patches.step / refinement
    rank = steps.shape[1]
    cells = np.prod(2 * steps, axis=1) * np.exp(patches.peak) * patches.number
    total = 0.0
    for owner, place, lattice in _lines(patches, steps, BLOCK // patches.members.shape[1]):
        ends, ticks, counts = _expand(patches, steps, owner, place, rank - 1)
        edges = np.flatnonzero(np.diff(owner, prepend=-1, append=-1))
        stops = np.concatenate([[0], ends])[edges]
        runs = list(zip(owner[edges[:-1]], stops[:-1], stops[1:], strict=True))
        whole = np.ones((rank + 1, len(ticks)))
        for row, values in zip(whole, place, strict=False):
            row[:] = np.repeat(values, counts)
        np.multiply(np.repeat(steps[owner, -1], counts), ticks, out=whole[rank - 1])
        nodes = Nodes.of(patches, runs, whole)
        weight = np.exp(nodes.log_density()) * nodes.share()
        weight *= np.repeat(cells[owner], counts)
        key = np.repeat(patches.time[owner] * 2**rank + lattice, counts) + 2 ** (rank - 1) * (ticks & 1)
        values = function(nodes) * weight
        total += np.stack([np.bincount(key, v, times * 2**rank) for v in values], axis=-1)
    return np.reshape(total, (times, 2**rank, -1))


def _lines(patches, steps, rows):
    """Lines of nodes along the last axis, in groups of at most about ``rows`` nodes.

    Yields the patches that the lines belong to, their places (d - 1, L) along the other axes, and which of
    the lattices of twice the step they lie on.
    """
    owner = np.arange(len(steps))
    place, lattice = np.empty((0, len(owner))), np.zeros(len(owner), int)
    for axis in range(steps.shape[1] - 1):
        _, ticks, counts = _expand(patches, steps, owner, place, axis)
        owner, place = np.repeat(owner, counts), np.repeat(place, counts, axis=1)
        place = np.vstack([place, steps[owner, axis] * ticks])
        lattice = np.repeat(lattice, counts) + 2**axis * (ticks & 1)
    ends, _, _ = _expand(patches, steps, owner, place, steps.shape[1] - 1)
    cuts = np.searchsorted(ends, np.arange(rows, ends[-1] + rows, rows))
    start = 0
    for cut in np.unique(cuts):
        stop = min(cut + 1, len(owner))
        if stop > start:
            yield owner[start:stop], place[:, start:stop], lattice[start:stop]
        start = stop


def _expand(patches, steps, owner, place, axis):
    """Ticks along one axis for each place on those before it: ends of the runs, ticks, lengths."""
    left = patches.margin[owner] - sum(patches.loss(owner, a, x) for a, x in enumerate(place))
    low, high = patches.reach(owner, axis, np.maximum(left, 0))
    first = np.ceil(-low / steps[owner, axis]).astype(int)
    counts = np.floor(high / steps[owner, axis]).astype(int) - first + 1
    ends = np.cumsum(counts)
    return ends, np.arange(ends[-1]) + np.repeat(first - ends + counts, counts), counts
