r"""Averages over the law of x_t, each with its error.

A mixture is whitened first (:class:`Chart`): in the coordinates z its average component has unit
covariance, and only the few directions in which components differ remain. Averages are trapezoid sums
where these reach, adaptive sums in one or two directions where components have covariances of their own,
and quasi-Monte Carlo elsewhere. An integrand is *local* if it vanishes where one component takes all the
posterior: then all that counts lies on the walls between components.
"""

import numpy as np

from infodyn.charts import overlap_bound
from infodyn.estimates import Estimate, rounding
from infodyn.lattice import integrate, sum_up
from infodyn.patches import Mixture
from infodyn.quadrature import adaptive
from infodyn.sampling import boundary_sampling, component_sampling
from infodyn.walls import along_walls

#: Relative accuracy of lattices; accuracy, in nats, of those on single walls beside others that are sampled.
RTOL, WALL_DIGITS = 1e-11, 25.0
#: Log of the probability of meeting a wall below which nodes are put there, and how many walls may have some.
RARE, MOST_WALLS = -4.0, 4096
#: Node-components above which a wall is sampled.
DEAR = 1e5
#: Samples that must share in a sum before its spread can be trusted as its error.
ENOUGH = 100


def average(kernel, chart, integrand, *, local, ceiling, blur, draw):
    """Average over a mixture.

    Parameters
    ----------
    kernel : Kernel
        The mixture.
    chart : Chart
        The same mixture, whitened.
    integrand : callable
        Takes the kernel, points x (n, D) and their Responsibility, returns (n,).
    local : bool
        Whether the integrand vanishes where one component takes all.
    ceiling : float
        An upper bound on a local integrand, for the error that rare events may cause.
    blur : float
        The integrand's rounding, below which an adaptive sum need not go.
    draw : callable
        Gives a random generator and a number of samples, for where quadrature does not reach.

    Returns
    -------
    Estimate
    """
    if chart.rank == 0:
        x = chart.lift(np.zeros((1, 0)))
        value = float(integrand(kernel, x, kernel.respond(x))[0])
        return Estimate(value, rounding(value))
    if chart.covariances is not None:
        if chart.rank <= 2:
            return adaptive(kernel, chart, integrand, blur)
    else:
        found = integrate(whitened(chart), at_nodes(kernel, chart, integrand), 1, RTOL, local)
        if found.reached[0]:
            unit = np.exp(found.scale[0])
            return Estimate(unit * found.value[0, 0], unit * found.error[0, 0])
    value, error = sampled(kernel, chart, integrand, 1, local=local, ceiling=ceiling, draw=draw)
    return Estimate(value[0], error[0])


def whitened(chart):
    """The components of a chart as a :class:`Mixture` at one scale."""
    return Mixture.of(chart.weights[chart.live], chart.means[chart.live], np.ones(1))


def at_nodes(kernel, chart, integrand):
    """An integrand of points as a function of :class:`Nodes`, patch by patch."""

    def function(nodes):
        parts = []
        for p, start, stop in nodes.runs.tolist():
            z = nodes.patches.centre[p] + nodes.place[:-1, start:stop].T @ nodes.patches.axes[p]
            x, part = chart.lift(z), kernel.subset(chart.live[nodes.patches.members[p]])
            parts.append(np.atleast_2d(integrand(part, x, part.respond(x))))
        return np.concatenate(parts, axis=1)

    return function


def sampled(kernel, chart, integrand, columns, *, local, ceiling, draw):
    """Averages where lattices do not reach, of one integrand, (n,), or of several, (J, n); Estimate (J,)."""
    if local and chart.covariances is None:
        found = _on_walls(kernel, chart, integrand, columns, *draw())
        if found is not None:
            return found
    rng, samples = draw()
    estimate, participants = component_sampling(kernel, chart, integrand, rng, samples)
    if not local:
        return estimate
    unseen = np.minimum(ceiling, overlap_bound(chart, ceiling))
    few = participants <= ENOUGH
    rare = np.maximum(estimate.error, np.minimum(3 * ceiling / samples, unseen))
    return Estimate(
        np.where(few, np.minimum(estimate.value, unseen), estimate.value),
        np.where(few, rare, estimate.error),
    )


def _on_walls(kernel, chart, integrand, columns, rng, samples):
    """A local average where walls are rarely met: lattices on some, samples on the others; None if not."""
    mixture = whitened(chart)
    if len(mixture.y) < 2:
        return None
    patches, few = along_walls(mixture, WALL_DIGITS, np.array([MOST_WALLS]))
    if not few[0] or max(p.peak.max() for p in patches) >= RARE:
        return None
    exact = [p.among(p.cost <= DEAR) for p in patches]
    value, error = sum_up(exact, 1, at_nodes(kernel, chart, integrand), columns)
    value, error = value[0], error[0]
    walls = [p.among([n]) for p in patches for n in np.flatnonzero(p.cost > DEAR)]
    if walls:
        rest = boundary_sampling(kernel, chart, integrand, walls, rng, samples)
        value, error = value + rest.value, error + rest.error
    return Estimate(value, error + np.exp(-WALL_DIGITS) * np.abs(value) + rounding(value))
