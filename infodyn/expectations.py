r"""Averages over the law of x_t, each with its error.

A mixture is whitened first (:class:`Chart`): in the coordinates z its average component has unit
covariance, and only the few directions in which components differ remain. In one or two of them
averages are trapezoid sums, in more quasi-Monte Carlo. An integrand is *local* if it vanishes where
one component takes all the posterior: then all that counts lies on the boundaries between
components, and there the nodes are put.
"""

import numpy as np

from infodyn.charts import close_pairs, overlap_bound
from infodyn.estimates import Estimate, rounding
from infodyn.quadrature import adaptive, trapezoid
from infodyn.sampling import boundary_sampling, component_sampling

#: Log of the probability of meeting a boundary below which nodes are put there.
RARE = -4.0
#: How many boundaries may have nodes of their own.
MOST_PAIRS = 512
#: Samples that must share in a sum before its spread can be trusted as its error.
ENOUGH = 100


def average(kernel, chart, integrand, *, local, ceiling, blur, rng, samples):
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
    rng : numpy.random.Generator
    samples : int
        How many points to draw where quadrature does not reach.

    Returns
    -------
    Estimate
    """
    if chart.rank == 0:
        x = chart.lift(np.zeros((1, 0)))
        value = float(integrand(kernel, x, kernel.respond(x))[0])
        return Estimate(value, rounding(value))
    if chart.rank <= 2:
        if chart.covariances is None:
            return trapezoid(kernel, chart, integrand, local)
        return adaptive(kernel, chart, integrand, blur)
    if local and chart.covariances is None:
        pairs = close_pairs(chart, MOST_PAIRS)
        if pairs is not None and max((pair.peak for pair in pairs), default=0.0) < RARE:
            return boundary_sampling(kernel, chart, integrand, pairs, rng, samples)
    estimate, participants = component_sampling(kernel, chart, integrand, rng, samples)
    if not local or participants > ENOUGH:
        return estimate
    unseen = min(ceiling, overlap_bound(chart, ceiling))
    return Estimate(min(estimate.value, unseen), max(estimate.error, min(3 * ceiling / samples, unseen)))
