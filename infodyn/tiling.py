r"""Where the nodes of an average over a mixture go: the cheapest patches, scale by scale.

Patches lie around everything, around each component or, for integrands that vanish where one component
takes all the posterior, along the walls between two components.
"""

import numpy as np

from infodyn.patches import Patches, affine, lesser_peak, spare, steps
from infodyn.walls import along_walls

#: Pairs of components up to which walls are always looked at.
FEW_PAIRS = 2048
#: Components times components times scales up to which there may be patches around each.
MOST_AROUND = 1 << 24
#: Node-components that a wall costs, at least; what one lattice around all may cost without a look at walls.
WALL, CHEAP = 1000, 1e5
#: One lattice around all, which serves every integrand, is preferred to walls up to so many times their cost.
PREFERRED = 2
#: Logarithm of a local integrand below which the floor of the posterior weights is near: only walls will do.
FAINT = -300.0
#: Directions up to which a lattice may lie around all or around a component.
MOST_DIRECTIONS = 6


def tile(mixture, digits, local, most):
    """The cheapest patches, at every scale.

    Parameters
    ----------
    mixture : Mixture
    digits : float
        Relative accuracy to lay steps out for, as a number of nats.
    local : bool
        Whether the integrand vanishes where one component takes all.
    most : float
        Node-components that a scale may cost.

    Returns
    -------
    list of Patches
    scale : ndarray, shape (T,)
        Logarithm of the unit in which the sums come out.
    reached : ndarray, shape (T,)
        Which scales are within that cost; the others have no patches.
    """
    number, rank = mixture.y.shape
    times = len(mixture.kappa)
    greatest = np.full(times, np.inf)
    if local and number > 1 and rank <= MOST_DIRECTIONS:
        greatest = _greatest_lesser(mixture)
    everywhere, nearby, cost, better = [], [], np.full(times, np.inf), np.zeros(times, bool)
    if rank <= MOST_DIRECTIONS:
        everywhere = [_around_all(mixture, digits, local, greatest)]
        cost = np.where(greatest < FAINT, np.inf, everywhere[0].cost)
    if number > 1:
        look = np.flatnonzero(cost > (0 if number * (number - 1) / 2 <= FEW_PAIRS else CHEAP))
        nearby, worth = _nearby(mixture.at(look), digits, local, np.minimum(cost[look], most) / WALL)
        spent = sum((np.bincount(p.time, p.cost, len(look)) for p in nearby), np.where(worth, 0, np.inf))
        better[look] = spent < cost[look] / PREFERRED
        cost[better] = spent[better[look]]
        nearby = [p.at_times(look[p.time]) for p in nearby]
    reached = cost <= most
    patches = [p.among((reached & ~better)[p.time]) for p in everywhere]
    patches += [p.among((reached & better)[p.time]) for p in nearby]
    scale = np.where(reached, -np.inf, 0.0)
    for p in patches:
        np.maximum.at(scale, p.time, p.peak)
    return [p.above(scale) for p in patches if len(p.time)], scale, reached


def _nearby(mixture, digits, local, most):
    """Patches on walls, or around components, and where these are all that is needed."""
    few = np.zeros(len(mixture.kappa), bool)
    if not len(few):
        return [], few
    if local:
        return along_walls(mixture, digits, most)
    if mixture.y.shape[1] > MOST_DIRECTIONS or len(mixture.y) ** 2 * len(few) > MOST_AROUND:
        return [], few
    return [_around_components(mixture, digits)], ~few


def _greatest_lesser(mixture):
    """Logarithm of the greatest lesser among nearest neighbours, (T,)."""
    distance, neighbour = mixture.points.nearest
    log_weights = mixture.log_weights
    d = mixture.kappa[:, None] * distance
    return lesser_peak(log_weights, log_weights[neighbour], d)[1].max(axis=1)


def _rectangles(mixture, kind, time, centre, members, flat, step, digits):
    """Patches along the coordinate axes, without a wall of their own."""
    offsets = mixture.kappa[time][:, None, None] * mixture.y[members] - centre[:, None]
    number, rank = centre.shape
    return Patches(
        kind=kind,
        time=time,
        number=np.ones(number),
        members=members,
        forms=affine(mixture.log_weights[members], offsets),
        peak=np.zeros(number),
        step=step,
        margin=np.full(number, spare(digits)),
        flat=flat,
        inner=np.zeros((number, 2)),
        centre=centre,
        axes=np.broadcast_to(np.eye(rank), (number, rank, rank)),
    )


def _around_all(mixture, digits, local, greatest):
    """Around all components.

    Components that count at one place, for a local integrand, are each at least a fraction
    exp(-digits) of the greatest lesser of two, so their means are not far apart.
    """
    lowest, highest = mixture.y.min(axis=0), mixture.y.max(axis=0)
    extents = mixture.kappa[:, None] * (highest - lowest)
    near = np.where(greatest < np.inf, 2 * np.sqrt(2 * np.maximum(digits - greatest, 0)), np.inf)
    step = steps(np.minimum(extents, near[:, None]), digits, local)
    time = np.arange(len(extents))
    members = np.arange(len(mixture.y))[None].repeat(len(time), axis=0)
    centre = mixture.kappa[:, None] * (lowest + highest) / 2
    return _rectangles(mixture, "all", time, centre, members, extents / 2, step, digits)


def _around_components(mixture, digits):
    """Around each component, which comes first among the members."""
    number, rank = mixture.y.shape
    others = np.array([[k, *range(k), *range(k + 1, number)] for k in range(number)])
    time = np.repeat(np.arange(len(mixture.kappa)), number)
    members = np.tile(others, (len(mixture.kappa), 1))
    centre = mixture.kappa[time][:, None] * mixture.y[members[:, 0]]
    gaps = mixture.kappa[time][:, None, None] * mixture.y[members] - centre[:, None]
    near = (gaps**2).sum(axis=2) <= 8 * spare(digits)
    gaps[~near] = 0
    step = steps(np.ptp(gaps, axis=1), digits, local=False)
    return _rectangles(mixture, "first", time, centre, members, np.zeros((len(time), rank)), step, digits)
