"""Trapezoid sums over patches: where nodes lie, what they weigh, and how far a sum is off."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from scipy.integrate import quad

from infodyn.estimates import BLOCK
from infodyn.lattice import integrate, sum_up, sums
from infodyn.patches import Mixture, steps
from infodyn.tiling import tile

DIGITS = 25.0


def mixture(y, weights=None, kappa=1.0):
    y = np.asarray(y, float)
    weights = np.full(len(y), 1 / len(y)) if weights is None else np.asarray(weights) / np.sum(weights)
    return Mixture.of(weights, y, np.atleast_1d(kappa).astype(float))


def moments(law):
    squares = law.squares

    def function(nodes):
        h = nodes.entropy()
        return np.stack([h, h**2, nodes.spread(squares)])

    return function


def plain(law, z):
    """Log density (n,) and posterior weights (n, K) at points z, by the definition."""
    logs = law.log_weights - ((z[:, None] - law.kappa[0] * law.y) ** 2).sum(axis=2) / 2
    top = logs.max(axis=1, keepdims=True)
    total = np.exp(logs - top).sum(axis=1, keepdims=True)
    return (top + np.log(total))[:, 0], np.exp(logs - top) / total


SQUARE = mixture([[0.0, 0.0], [2.0, 0.5], [-1.0, 1.5], [0.7, -2.0]], [0.4, 0.3, 0.2, 0.1], kappa=2.0)
KINDS = {"all": (SQUARE, False, 0.3), "first": (SQUARE, False, 20.0), "pair": (SQUARE, True, 6.0)}


@pytest.mark.parametrize("kind", KINDS)
def test_nodes_know_the_density_and_the_posterior_where_they_are(kind):
    law, local, kappa = KINDS[kind]
    law = replace(law, kappa=np.array([kappa]))
    patches, scale, reached = tile(law, DIGITS, local, np.inf)
    assert reached.all()
    assert {p.kind for p in patches} == {kind}
    looked = 0

    def look(nodes):
        nonlocal looked
        p = nodes.patches
        for n, start, stop in nodes.runs:
            z = p.centre[n] + nodes.place[:-1, start:stop].T @ p.axes[n]
            log_density, w = plain(law, z)
            if p.axes.shape[1] == 2:
                mine = nodes.log_density()[start:stop] + p.peak[n] + scale[0]
                np.testing.assert_allclose(mine, log_density, atol=1e-9)
            np.testing.assert_allclose(nodes.weights()[:, start:stop].T, w[:, p.members[n]], atol=1e-9)
            expected = -np.sum(w * np.log(np.maximum(w, 1e-300)), axis=1)
            np.testing.assert_allclose(nodes.entropy()[start:stop], expected, atol=1e-9)
            squares = law.squares
            spread = np.einsum("nk,kl,nl->n", w, squares, w) / 2
            np.testing.assert_allclose(nodes.spread(squares)[start:stop], spread, atol=1e-8)
            np.testing.assert_allclose(
                nodes.excess(np.exp(law.log_weights))[:, start:stop].T,
                (w / np.exp(law.log_weights) - 1)[:, p.members[n]],
                atol=1e-7,
            )
            looked += stop - start
        return np.zeros((1, nodes.place.shape[1]))

    for p in patches:
        sums(p, 1, look)
    assert looked > 300


@pytest.mark.parametrize("kind", ["all", "pair"])
def test_shares_add_up(kind):
    """Local functions, summed by patches of either kind, against a plain sum over the plane."""
    law, local, kappa = KINDS[kind]
    law = replace(law, kappa=np.array([kappa]))
    patches, scale, _ = tile(law, DIGITS, local, np.inf)
    found = sum_up(patches, 1, moments(law), 3, 2)[0][0] * np.exp(scale[0])
    ticks, step = np.linspace(-9, 9, 601, retstep=True)
    if kind == "pair":
        ticks, step = np.linspace(-17, 18, 1401, retstep=True)
    total = np.zeros(3)
    squares = law.squares
    for row in ticks:
        log_density, w = plain(law, np.stack([np.full(len(ticks), row), ticks], axis=1))
        h = -np.sum(w * np.log(np.maximum(w, 1e-300)), axis=1)
        spread = np.einsum("nk,kl,nl->n", w, squares, w) / 2
        total += np.exp(log_density) @ np.stack([h, h**2, spread], axis=1)
    np.testing.assert_allclose(found, total * step**2 / (2 * np.pi), rtol=1e-9)


def test_shares_of_components_add_up():
    """The density's mass is 1; the mean of the first component's weight is its prior."""
    law = replace(SQUARE, kappa=np.array([20.0]))

    def function(nodes):
        first = np.select(list(nodes.each(nodes.patches.members) == 0), list(nodes.weights()))
        return np.stack([np.ones(nodes.place.shape[1]), first])

    found = integrate(law, function, 2, 1e-9, local=False)
    np.testing.assert_allclose(found.value[0], [1, 0.4], rtol=1e-9)


@pytest.mark.parametrize("block", [200, 3000, BLOCK])
def test_blocks_change_nothing(block, monkeypatch):
    whole = integrate(SQUARE, moments(SQUARE), 3, 1e-9, local=True)
    monkeypatch.setattr("infodyn.lattice.BLOCK", block)
    again = integrate(SQUARE, moments(SQUARE), 3, 1e-9, local=True)
    np.testing.assert_allclose(again.value, whole.value, rtol=1e-13)


def test_every_scale_by_itself_gives_the_same():
    kappas = np.geomspace(0.05, 40, 7)
    law = replace(SQUARE, kappa=kappas)
    together = integrate(law, moments(law), 3, 1e-9, local=True)
    for n in range(7):
        alone = integrate(law.at([n]), moments(law), 3, 1e-9, local=True)
        np.testing.assert_allclose(together.value[n], alone.value[0], rtol=1e-13)
        assert together.scale[n] == alone.scale[0]


@pytest.mark.parametrize("extent", [0.0, 0.5, 2.0, 6.0, 30.0, 200.0])
def test_steps_resolve_a_wall_and_waste_little(extent):
    """The sums over two lattices of twice the step differ by about the root of what is asked for.

    A wall between components ``extent`` apart is exp(-u²/2) sech(u extent/2).
    """
    step = 2 * steps(np.array([extent]), DIGITS, local=True)[0]
    u = step * np.arange(-np.ceil(10 / step), np.ceil(10 / step) + 1)

    def wall(u):
        return np.exp(-(u**2) / 2 - np.logaddexp(u * extent / 2, -u * extent / 2))

    sums = wall(u).sum(), wall(u + step / 2).sum()
    gap = abs(sums[0] - sums[1]) / sums[0]
    y = min(np.pi / max(extent, 1e-9), np.sqrt(DIGITS))
    assert 0.05 * np.exp(-DIGITS / 2 - y**2 / 2) < gap < 10 * np.exp(-DIGITS / 2)


@pytest.mark.parametrize("extent", [0.5, 2.0, 4.0, 9.0])
def test_steps_resolve_the_bulk_beside_a_wall(extent):
    """An average that does not vanish away from the wall, the score's square, over two components."""
    step = 2 * steps(np.array([extent]), DIGITS, local=False)[0]
    u = step * np.arange(-np.ceil((10 + extent) / step), np.ceil((10 + extent) / step) + 1)

    def bulk(u):
        left, right = -((u + extent / 2) ** 2) / 2, -((u - extent / 2) ** 2) / 2
        density = np.exp(left) + np.exp(right)
        return density * (u - extent / 2 * np.tanh((right - left) / 2)) ** 2

    sums = bulk(u).sum(), bulk(u + step / 2).sum()
    assert abs(sums[0] - sums[1]) / sums[0] < 30 * np.exp(-DIGITS / 2)


def test_steps_grow_no_finer_once_a_wall_stands_in_the_void():
    found = steps(np.linspace(0, 40, 4001), DIGITS, local=False)
    assert found[0] > 3 * found[-1] > 0
    assert np.ptp(found[1500:]) == 0


@pytest.mark.parametrize("narrowness", [5.0, 9.0])
def test_an_estimate_scales_with_its_integrand_and_errs_by_less_than_it_says(narrowness):
    """A rational function, whose poles are nearer than the steps expect, against SciPy's quadrature."""
    law = mixture([[0.0], [1.0], [4.0]])

    def rational(scale):
        def function(nodes):
            (p, start, stop), *others = nodes.runs
            assert not others
            z = nodes.patches.centre[p, 0] + nodes.place[0, start:stop]
            return (scale / (1 + (narrowness * z) ** 2))[None]

        return function

    one, small = (integrate(law, rational(scale), 1, 1e-11, local=False) for scale in (1.0, 1e-6))
    np.testing.assert_allclose(small.value, 1e-6 * one.value, rtol=1e-12)
    np.testing.assert_allclose(small.error, 1e-6 * one.error, rtol=0.02)
    exact = sum(
        quad(
            lambda u: np.exp(plain(law, np.array([[u]]))[0][0]) / (1 + (narrowness * u) ** 2),
            a,
            b,
            epsabs=1e-14,
        )[0]
        for a, b in [(-9, 0), (0, 0.5), (0.5, 13)]
    ) / np.sqrt(2 * np.pi)
    assert abs(one.value[0, 0] - exact) <= one.error[0, 0] < 0.01 * exact


def random_mixture(rng, rank):
    number = int(rng.integers(2, 9))
    y = rng.standard_normal((number, rank)) * np.exp(rng.normal(0, 0.5, rank))
    if rng.random() < 0.3:
        y[number // 2 :] = y[: number - number // 2] + 0.1 * rng.standard_normal((number - number // 2, rank))
    weights = np.exp(rng.uniform(np.log(1e-6), 0, number)) if rng.random() < 0.5 else np.ones(number)
    return mixture(y, weights, np.exp(rng.uniform(np.log(0.03), np.log(30), 3)))


def worst(law, rtol, finer):
    """Greatest of true over stated errors, the truth by a much finer sum, where both are within reach."""
    found, exact = (integrate(law, moments(law), 3, accuracy, local=True) for accuracy in (rtol, finer))
    both = found.reached & exact.reached & (exact.error < 1e-3 * found.error).all(axis=1)
    unit = np.exp(exact.scale - found.scale)[both, None]
    off = np.abs(found.value[both] - unit * exact.value[both])
    return (off / found.error[both]).max(initial=0.0), both.sum()


@pytest.mark.parametrize(
    ("rank", "number", "rtol"), [(1, 150, 1e-6), (1, 50, 1e-3), (2, 60, 1e-6), (2, 40, 1e-3)]
)
def test_no_error_is_greater_than_stated(rank, number, rtol):
    """Over 900 averages of random mixtures in one and two directions, clustered, light and heavy ones."""
    rng = np.random.default_rng(rank)
    found = [worst(random_mixture(rng, rank), rtol, 1e-4 * rtol) for _ in range(number)]
    assert max(ratio for ratio, _ in found) <= 1
    assert sum(compared for _, compared in found) > 2.9 * number


def test_nor_in_three_directions_where_lattices_reach():
    rng = np.random.default_rng(3)
    found = [worst(random_mixture(rng, 3), 1e-2, 1e-6) for _ in range(12)]
    assert max(ratio for ratio, _ in found) <= 1
    assert sum(compared for _, compared in found) >= 12


def test_a_lattice_in_four_directions_is_exact():
    """Two points along each of four axes that are moved a little: no product, but nearly four pairs."""
    corners = np.array(list(product((-1.0, 1.0), repeat=4)))
    law = mixture(corners, kappa=0.8)
    pair = mixture([[-1.0], [1.0]], kappa=0.8)
    found = integrate(law, moments(law), 3, 1e-3, local=True)
    exact = integrate(pair, moments(pair), 3, 1e-12, local=True).value[0]
    assert found.reached.all()
    assert abs(found.value[0, 0] - 4 * exact[0]) <= found.error[0, 0] < 1e-2
    assert abs(found.value[0, 2] - 4 * exact[2]) <= found.error[0, 2] < 1e-2
