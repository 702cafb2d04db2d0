r"""Averages over a mixture in any number of directions, by randomised quasi-Monte Carlo."""

import numpy as np
from scipy.special import ndtri
from scipy.stats import qmc

from infodyn.charts import evaluate, pair_share
from infodyn.estimates import Estimate, blocks, rounding

#: Independent randomisations of a sum.
REPLICATES = 16


def _open(u):
    """Uniform numbers of [0, 1), kept off 0."""
    return np.maximum(u, 2.0**-54)


def _power_of_two(n):
    return 1 << max(0, int(np.ceil(np.log2(n))))


def _replicated(sums):
    """Mean over replicates (R, J) and its standard error, each (J,)."""
    value = np.mean(sums, axis=0)
    return Estimate(value, np.std(sums, axis=0, ddof=1) / np.sqrt(len(sums)) + rounding(value))


def component_sampling(kernel, chart, integrand, rng, samples):
    """Components in turn in proportion to their weights, a Gaussian point in each.

    Returns the estimates of J integrands and how many points share in each, (sum f)² / sum f², (J,).
    """
    number = _power_of_two(samples / REPLICATES)
    roots = None if chart.covariances is None else np.linalg.cholesky(chart.covariances)
    edges = np.cumsum(chart.weights)
    sums, totals, squares = [], 0.0, np.finfo(float).tiny
    for _ in range(REPLICATES):
        noise = ndtri(_open(qmc.Sobol(chart.rank, rng=rng).random(number)))
        label = np.searchsorted(edges, (np.arange(number) + rng.random()) / number * edges[-1])
        if roots is not None:
            noise = np.einsum("nij,nj->ni", roots[label], noise)
        z = chart.means[label] + noise
        rows = blocks(number, len(chart.weights))
        terms = np.concatenate(
            [np.atleast_2d(evaluate(kernel, chart, integrand, z[b])[1]) for b in rows], axis=1
        )
        sums.append(terms.mean(axis=1))
        totals, squares = totals + terms.sum(axis=1), squares + (terms**2).sum(axis=1)
    return _replicated(sums), totals**2 / squares


def boundary_sampling(kernel, chart, integrand, walls, rng, samples):
    r"""Points on the walls between two components, each a :class:`Patches` of one patch.

    Of two components alone the share is :math:`\propto e^{-u^2/2}\,\mathrm{sech}(d(u-u_0)/2)` along
    their line and Gaussian across; the proposal has one of these factors, so the weights are bounded.
    """
    number = _power_of_two(max(32, samples / REPLICATES / max(1, len(walls))))
    lattice = qmc.Sobol(chart.rank + 1, scramble=False).random(number)
    sums = 0.0
    for wall in walls:
        share = pair_share(*chart.live[wall.members[0, :2]])
        along = wall.axes[0, 0]
        shifts = rng.random((REPLICATES, 1, chart.rank + 1))
        u = _open((lattice + shifts) % 1.0).reshape(-1, chart.rank + 1)
        step, log_density = _steps_across(wall, u[:, 0])
        along_wall = ndtri(u[:, 1:])
        along_wall -= np.outer(along_wall @ along, along)
        log_density -= ((along_wall**2).sum(axis=1) + (chart.rank - 1) * np.log(2 * np.pi)) / 2
        z = wall.centre[0] + step[:, None] * along + along_wall
        terms = []
        for b in blocks(len(z), len(chart.weights)):
            p, f, r = evaluate(kernel, chart, integrand, z[b])
            terms.append(share(z[b], p, r) * np.atleast_2d(f) * np.exp(-log_density[b]))
        terms = np.concatenate(terms, axis=1)
        sums = sums + wall.number * terms.reshape(len(terms), REPLICATES, number).mean(axis=2).T
    return _replicated(sums)


def _steps_across(wall, u):
    """Steps across a wall from uniform numbers, with their log density."""
    d = abs(wall.forms[0, 0, 0] - wall.forms[0, 1, 0])
    if d < 2.5 or not wall.inner.any():
        step = ndtri(u)
        return step, -(step**2 + np.log(2 * np.pi)) / 2
    step = 2 / d * np.log(np.tan(np.pi / 2 * u))
    return step, np.log(d / np.pi) - np.logaddexp(d * step / 2, -d * step / 2)
