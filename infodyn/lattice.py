r"""Trapezoid sums over patches of nodes.

The error of a trapezoid sum over a whole space falls exponentially with its step. All nodes of all noise
levels go through the same few array operations; only products with the means are taken patch by patch.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from infodyn.estimates import BLOCK, rounding
from infodyn.nodes import Nodes
from infodyn.patches import Mixture
from infodyn.tiling import MOST_DIRECTIONS, tile

#: What the steps are laid out for, on a line and elsewhere, and what is added to an error in case the
#: lattices happen to lie luckily, in units of the accuracy that is asked for.
AIM_ON_LINE, AIM, LUCK = 1e-5, 1e-3, 0.1
#: What steps are divided by while the error is too great, in one or two directions.
REFINEMENTS = (1, 2, 4)
#: Directions up to which every scale is within reach; node-components that a scale may cost beyond, and the
#: coarser accuracies, in nats, that are tried then.
ALWAYS, MOST, COARSER = 2, 1 << 22, (20.0, 13.0)


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
        found, off = sum_up(patches, len(scale), function, columns, refinement)
        value[todo], error[todo] = found[todo], off[todo]
        todo = todo & (error > rtol * np.abs(value)).any(axis=1)
        if not todo.any():
            break
        patches = [p.among(todo[p.time]) for p in patches]
    lucky = max(rtol * LUCK, np.exp(-digits))
    return Integrals(scale, value, error + lucky * np.abs(value) + rounding(value), reached)


def sum_up(patches, times, function, columns, refinement=1):
    """Integrals over groups of patches, and what the lattices tell of their error, each (T, J).

    If the lattices of twice the step err by q, relatively, their mean errs by about q squared.
    """
    value, gap = np.zeros((2, times, columns))
    for p in patches:
        if len(p.time):
            total = sums(p, times, function, refinement) / (2 * np.pi) ** (p.step.shape[1] / 2)
            value, gap = value + total.mean(axis=1), gap + total.max(axis=1) - total.min(axis=1)
    return value, np.minimum(gap, gap**2 / np.maximum(np.abs(value), np.finfo(float).tiny))


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
    for owner, place, lattice, first, counts in _lines(patches, steps, BLOCK // patches.members.shape[1]):
        sizes = np.bincount(owner, counts).astype(int)
        stops, met = np.cumsum(sizes), np.flatnonzero(sizes)
        runs = np.stack([met, (stops - sizes)[met], stops[met]], axis=1)
        ticks = _ticks(first, counts)
        whole = np.ones((rank + 1, len(ticks)))
        for row, values in zip(whole, place, strict=False):
            row[:] = np.repeat(values, counts)
        np.multiply(np.repeat(steps[owner, -1], counts), ticks, out=whole[rank - 1])
        nodes = Nodes.of(patches, runs, whole)
        weight = np.exp(nodes.log_density()) * nodes.share()
        weight *= np.repeat(cells[owner], counts)
        key = np.repeat(patches.time[owner] * 2**rank + lattice, counts) + 2 ** (rank - 1) * (ticks & 1)
        found = [np.bincount(key, values * weight, times * 2**rank) for values in function(nodes)]
        total += np.stack(found, axis=-1)
    return np.reshape(total, (times, 2**rank, -1))


def _lines(patches, steps, rows):
    """Lines of nodes along the last axis, in groups of at most about ``rows`` nodes.

    Yields the patches that the lines belong to, their places (d - 1, L) along the other axes, which of the
    lattices of twice the step they lie on, and where their ticks start and how many they are.
    """
    owner = np.arange(len(steps))
    place, lattice = np.empty((0, len(owner))), np.zeros(len(owner), int)
    for axis in range(steps.shape[1] - 1):
        first, counts = _extent(patches, steps, owner, place, axis)
        ticks = _ticks(first, counts)
        owner, place = np.repeat(owner, counts), np.repeat(place, counts, axis=1)
        place = np.vstack([place, steps[owner, axis] * ticks])
        lattice = np.repeat(lattice, counts) + 2**axis * (ticks & 1)
    first, counts = _extent(patches, steps, owner, place, steps.shape[1] - 1)
    group = (np.cumsum(counts) - 1) // max(1, rows)
    cuts = np.flatnonzero(np.diff(group, append=-1)) + 1
    for start, stop in pairwise([0, *cuts]):
        b = slice(start, stop)
        yield owner[b], place[:, b], lattice[b], first[b], counts[b]


def _extent(patches, steps, owner, place, axis):
    """Where ticks along one axis start for each place on those before it, and how many they are."""
    left = patches.margin[owner] - sum(patches.loss(owner, a, x) for a, x in enumerate(place))
    low, high = patches.reach(owner, axis, np.maximum(left, 0))
    first = np.ceil(-low / steps[owner, axis]).astype(int)
    return first, np.floor(high / steps[owner, axis]).astype(int) - first + 1


def _ticks(first, counts):
    """Ticks of one run after the other."""
    ends = np.cumsum(counts)
    return np.arange(ends[-1]) + np.repeat(first - ends + counts, counts)
