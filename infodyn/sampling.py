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
    sums = np.array(sums)
    value = sums.mean()
    return Estimate(value, sums.std(ddof=1) / np.sqrt(len(sums)) + rounding(value))


def component_sampling(kernel, chart, integrand, rng, samples):
    """Components in turn in proportion to their weights, a Gaussian point in each.

    Returns the estimate and how many points share in it, (sum f)² / sum f².
    """
    number = _power_of_two(samples / REPLICATES)
    roots = None if chart.covariances is None else np.linalg.cholesky(chart.covariances)
    edges = np.cumsum(chart.weights)
    terms = np.empty((REPLICATES, number))
    for replicate in terms:
        noise = ndtri(_open(qmc.Sobol(chart.rank, rng=rng).random(number)))
        label = np.searchsorted(edges, (np.arange(number) + rng.random()) / number * edges[-1])
        if roots is not None:
            noise = np.einsum("nij,nj->ni", roots[label], noise)
        z = chart.means[label] + noise
        for b in blocks(number, len(chart.weights)):
            replicate[b] = evaluate(kernel, chart, integrand, z[b])[1]
    participants = terms.sum() ** 2 / max((terms**2).sum(), np.finfo(float).tiny)
    return _replicated(terms.mean(axis=1)), participants


def boundary_sampling(kernel, chart, integrand, pairs, rng, samples):
    r"""Points on each pair's boundary.

    Of two components alone the share is :math:`\propto e^{-u^2/2}\,\mathrm{sech}(d(u-u_0)/2)` along
    their line and Gaussian across; the proposal has one of these factors, so the weights are bounded.
    """
    number = _power_of_two(max(32, samples / REPLICATES / max(1, len(pairs))))
    lattice = qmc.Sobol(chart.rank + 1, scramble=False).random(number)
    sums = np.zeros(REPLICATES)
    for pair in pairs:
        share = pair_share(pair.i, pair.j)
        shifts = rng.random((REPLICATES, 1, chart.rank + 1))
        u = _open((lattice + shifts) % 1.0).reshape(-1, chart.rank + 1)
        step, log_density = _steps_across(pair, u[:, 0])
        along_wall = ndtri(u[:, 1:])
        along_wall -= np.outer(along_wall @ pair.along, pair.along)
        log_density -= ((along_wall**2).sum(axis=1) + (chart.rank - 1) * np.log(2 * np.pi)) / 2
        z = pair.middle + step[:, None] * pair.along + along_wall
        terms = np.empty(len(z))
        for b in blocks(len(z), len(chart.weights)):
            p, f, r = evaluate(kernel, chart, integrand, z[b])
            terms[b] = share(z[b], p, r) * f * np.exp(-log_density[b])
        sums += terms.reshape(REPLICATES, number).mean(axis=1)
    return _replicated(sums)


def _steps_across(pair, u):
    """Steps across a wall from uniform numbers, with their log density."""
    d = pair.distance
    if d < 2.5 or pair.inner == 0:
        step = ndtri(u)
        return step, -(step**2 + np.log(2 * np.pi)) / 2
    step = 2 / d * np.log(np.tan(np.pi / 2 * u))
    return step, np.log(d / np.pi) - np.logaddexp(d * step / 2, -d * step / 2)
