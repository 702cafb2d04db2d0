"""Sets that are products of smaller ones, and sets that only nearly are."""

from itertools import product

import numpy as np
import pytest

from infodyn import (
    EDM,
    GaussianMixture,
    conditional_entropy,
    diffuse,
    entropy_rate,
    entropy_variance,
    points,
)
from infodyn.expectations import sampled
from infodyn.products import factorise

LINE = np.array([0.9, 0.1]), np.array([[-1.0], [2.0]])
EVEN = np.array([0.5, 0.5]), np.array([[-1.0], [1.0]])
TRIANGLE = np.array([0.2, 0.3, 0.5]), np.array([[0.0, 0.0], [1.0, 0.3], [-0.4, 1.7]])
#: Seen from above three by two points, as many as there are; but two lie above two others.
LEANING = np.array([[0.0, 0, 0], [0, 1, 0], [1, 0, 0], [1, 0, 1], [2, 1, 0], [2, 1, 5]])
COMB = np.full(5, 0.2), np.arange(5.0)[:, None]


def product_of(*factors, seed=0):
    """Weights and points of a product, shuffled, turned and moved."""
    rng = np.random.default_rng(seed)
    y = np.array([np.concatenate(parts) for parts in product(*(y for _, y in factors))])
    weights = np.array([np.prod(parts) for parts in product(*(w for w, _ in factors))])
    order = rng.permutation(len(y))
    turn = np.linalg.qr(rng.standard_normal((y.shape[1], y.shape[1])))[0]
    return weights[order], (y @ turn + 3.0)[order]


def shape(factors):
    return sorted((len(f.weights), f.y.shape[1], f.times) for f in factors)


@pytest.mark.parametrize(
    ("factors", "expected"),
    [
        ([EVEN] * 4, [(2, 1, 4)]),
        ([LINE, EVEN], [(2, 1, 1), (2, 1, 1)]),
        ([TRIANGLE, LINE], [(2, 1, 1), (3, 2, 1)]),
        ([TRIANGLE, LINE, (TRIANGLE[0], -TRIANGLE[1])], [(2, 1, 1), (3, 2, 2)]),
        ([COMB, COMB], [(5, 1, 2)]),
        ([COMB, TRIANGLE, EVEN, LINE], [(2, 1, 1), (2, 1, 1), (3, 2, 1), (5, 1, 1)]),
    ],
)
@pytest.mark.parametrize("seed", range(3))
def test_a_product_is_found_however_it_is_turned_and_ordered(factors, expected, seed):
    assert shape(factorise(*product_of(*factors, seed=seed))) == expected


def test_the_factors_are_the_ones_that_made_it():
    found = factorise(*product_of(TRIANGLE, LINE))
    for weights, y in (TRIANGLE, LINE):
        (factor,) = (f for f in found if len(f.weights) == len(weights))
        order, mine = np.argsort(factor.weights), np.argsort(weights)
        np.testing.assert_allclose(factor.weights[order], weights[mine], rtol=1e-12)
        gaps = [np.linalg.norm(a[:, None] - a, axis=2) for a in (factor.y[order], y[mine])]
        np.testing.assert_allclose(*gaps, atol=1e-12)


def test_what_is_no_product_is_left_whole():
    weights, y = product_of(TRIANGLE, LINE)
    rng = np.random.default_rng(1)
    tilted = weights * (1 + 1e-6 * rng.standard_normal(6))
    moved = y.copy()
    moved[0] += 1e-6
    for w, x in (
        (tilted / tilted.sum(), y),  # dependent factors
        (weights, moved),  # one corner out of place
        (np.full(5, 0.2), y[:5]),  # one corner missing
        (np.full(6, 1 / 6), LEANING),
        (np.full(5, 0.2), rng.standard_normal((5, 2))),
        (np.full(5, 0.2), np.eye(5)),
        EVEN,
        TRIANGLE,
    ):
        assert shape(factorise(w, x)) == [(*x.shape, 1)]


def test_entropies_rates_and_variances_are_sums_over_factors():
    t = np.array([0.2, 0.7, 3.0])
    laws = [points(y, w) for w, y in (TRIANGLE, LINE, EVEN)]
    weights, y = product_of(TRIANGLE, LINE, EVEN)
    for quantity in (conditional_entropy, entropy_rate, entropy_variance):
        found = quantity(points(y, weights), EDM(), t)
        expected = sum(quantity(law, EDM(), t).value for law in laws)
        np.testing.assert_allclose(found.value, expected, rtol=1e-11)
        assert np.all(np.abs(found.value - expected) <= 3 * found.error)


def test_a_product_of_gaussians_is_one_too():
    weights, y = product_of(TRIANGLE, EVEN)
    whole = GaussianMixture(weights, y, 0.2)
    parts = [GaussianMixture(w, x, 0.2) for w, x in (TRIANGLE, EVEN)]
    assert len(whole.factors) == 2
    found = conditional_entropy(whole, EDM(), 0.6).value
    assert found == pytest.approx(sum(conditional_entropy(p, EDM(), 0.6).value for p in parts), rel=1e-11)


def test_the_sum_over_factors_against_samples_of_the_whole():
    """In six directions; of 40 estimates about a third is off by more than the error stated, none by five."""
    weights, y = product_of(TRIANGLE, (TRIANGLE[0][::-1], 2 * TRIANGLE[1]), TRIANGLE)
    law = points(y, weights)
    off = []
    for t in (0.4, 0.8, 1.5, 3.0):
        exact = conditional_entropy(law, EDM(), t).value
        from_ = at(law, t)
        for seed in range(10):
            draws = np.random.default_rng(seed), 1 << 11
            value, error = sampled(*from_, entropy, 1, local=True, ceiling=np.log(27), draw=lambda d=draws: d)
            off.append((value[0] - exact) / error[0])
    off = np.abs(off)
    assert off.max() < 5
    assert 4 <= np.sum(off > 1) <= 24
    assert np.sum(off > 2) <= 8


def at(law, t):
    low = diffuse(law, EDM(), t).reduced
    return low.kernel, low.chart


def entropy(kernel, x, r):
    return r.entropy()
