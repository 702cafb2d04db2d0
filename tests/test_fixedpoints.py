"""Fixed points are all found, with their stability; the tree and the critical times that follow from them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from laws import component_covariances, every_kind, numerical_gradient, plain_logpdf
from scipy.cluster.hierarchy import is_monotonic, is_valid_linkage
from scipy.optimize import brentq

from infodyn import (
    EDM,
    VE,
    VP,
    GaussianMixture,
    Sphere,
    branches,
    critical_time,
    curie_weiss,
    diffuse,
    fixed_points,
    fixedpoints,
    merge_tree,
    mergetree,
    points,
    zeros,
)

edm = EDM()
COIN = points([[-1.0], [1.0]])
ROW = points([[-1.0], [0.0], [1.0]])
LIGHT = points([[-1.0], [0.0], [1.0]], [0.45, 0.1, 0.45])
TRIANGLE = points([[1.0, 0.0], [-0.5, 0.75**0.5], [-0.5, -(0.75**0.5)]])


def simplex(number):
    corners = np.eye(number) - 1 / number
    return points(corners / np.linalg.norm(corners[0]))


def counts(data, t, process=edm):
    """Number of fixed points with 0, 1, ... positive eigenvalues."""
    positive = np.sum(fixed_points(diffuse(data, process, t)).eigenvalues > 0, axis=1)
    return np.bincount(positive).tolist()


# ---------------------------------------------------------------- fixed points


@pytest.mark.parametrize("t", [0.02, 0.3, 0.9, 0.9999, 1.0001, 3.0])
def test_two_points_are_a_magnet(t):
    magnet = curie_weiss(t**2)
    found = fixed_points(diffuse(COIN, edm, t))
    np.testing.assert_allclose(found.locations[:, 0], magnet.magnetisation, rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal(found.stable, magnet.stable)
    slopes = (1 - magnet.magnetisation**2) / t**4 - 1 / t**2
    np.testing.assert_allclose(found.eigenvalues[:, 0], slopes, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("unit", [2.0**-60, 1.0, 2.0**60])
def test_at_the_critical_time_three_fixed_points_are_one_that_is_not_stable(unit):
    found = fixed_points(diffuse(points(unit * COIN.means), edm, unit))
    assert len(found.locations) == 1
    assert not found.stable[0]
    assert abs(found.locations[0, 0]) < 1e-4 * unit


def test_in_few_dimensions_nothing_is_left_to_a_search(monkeypatch):
    monkeypatch.setattr(fixedpoints, "_search", None)
    assert counts(simplex(4), 0.3) == [4, 6, 4, 1]


@pytest.mark.parametrize("process", [VE(lambda t: t**2), VP(), VP(3.0)])
def test_only_the_noise_level_matters(process):
    law = points([[0.0, 0.0], [1.0, 0.2], [0.3, 2.0]], [0.2, 0.5, 0.3])
    noise = 0.3
    t = float(process.time_of(noise))
    mine, theirs = fixed_points(diffuse(law, process, t)), fixed_points(diffuse(law, edm, noise))
    alpha = float(process.alpha(t))
    np.testing.assert_allclose(mine.locations, alpha * theirs.locations, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(mine.eigenvalues, theirs.eigenvalues / alpha**2, rtol=1e-6)


@pytest.mark.parametrize("kind", every_kind())
@pytest.mark.parametrize("t", [0.8, 2.0])
def test_every_kind_of_mixture(kind, t):
    law = every_kind()[kind]
    found = fixed_points(diffuse(law, edm, t))
    gradient = numerical_gradient(lambda x: plain_logpdf(law, 1.0, t, x), found.locations)
    np.testing.assert_allclose(gradient, 0, atol=1e-8)
    jacobian = numerical_gradient(diffuse(law, edm, t).score, found.locations)
    np.testing.assert_allclose(found.eigenvalues, np.linalg.eigvalsh(jacobian), rtol=1e-6, atol=1e-7)
    assert np.sum((-1) ** np.sum(found.eigenvalues > 0, axis=1)) == 1
    np.testing.assert_array_equal(found.stable, found.eigenvalues.max(axis=1) < 0)


@pytest.mark.parametrize("unit", [2.0**-60, 2.0**60])
@pytest.mark.parametrize("kind", ["points", "isotropic", "one full"])
def test_lengths_count_in_units_of_the_noise(kind, unit):
    law = every_kind()[kind]
    scaled = GaussianMixture(law.weights, unit * law.means, unit**2 * law.covariances)
    mine, theirs = (fixed_points(diffuse(x, edm, 1.2 * u)) for x, u in ((scaled, unit), (law, 1.0)))
    np.testing.assert_allclose(mine.locations, unit * theirs.locations, rtol=1e-11)
    np.testing.assert_allclose(mine.eigenvalues, theirs.eigenvalues / unit**2, rtol=1e-11)
    np.testing.assert_array_equal(mine.stable, theirs.stable)


@pytest.mark.parametrize(
    ("t", "expected"),
    [(0.5, [3, 3, 1]), (0.706, [3, 3, 1]), (0.7072, [4, 3]), (0.7391, [4, 3]), (0.7392, [1])],
)
def test_a_triangle_has_a_fourth_mode_for_a_while(t, expected):
    assert counts(TRIANGLE, t) == expected


def test_a_row_of_three():
    assert [counts(ROW, t) for t in (0.4849, 0.485, 1.0)] == [[3, 2], [1], [1]]
    assert [counts(LIGHT, t) for t in (0.3451, 0.3452, 0.9118, 0.9119)] == [[3, 2], [2, 1], [2, 1], [1]]


@pytest.mark.parametrize(("number", "t", "total"), [(4, 0.3, 15), (5, 0.3, 31), (5, 0.52, 11), (8, 0.2, 255)])
def test_the_faces_of_a_simplex(number, t, total):
    law = simplex(number)
    found = fixed_points(diffuse(law, edm, t))
    assert len(found.locations) == total
    assert found.stable.sum() == number + (t > (number - 1) ** -0.5)


def test_many_points_in_the_plane_obey_morse():
    law = points(np.random.default_rng(0).standard_normal((25, 2)))
    for t in (0.05, 0.1, 0.2, 0.4):
        found = fixed_points(diffuse(law, edm, t))
        np.testing.assert_allclose(diffuse(law, edm, t).score(found.locations), 0, atol=1e-8)
        assert np.sum((-1) ** np.sum(found.eigenvalues > 0, axis=1)) == 1
        modes = merge_tree(law, edm, [t / 4, t / 2, t]).labels[-1]
        assert found.stable.sum() >= len(np.unique(modes))


@settings(max_examples=25)
@given(
    st.lists(st.floats(-3, 3), min_size=2, max_size=6, unique=True), st.floats(0.05, 1.5), st.integers(0, 99)
)
def test_on_a_line_every_change_of_sign_is_found(places, t, seed):
    rng = np.random.default_rng(seed)
    law = GaussianMixture(
        rng.dirichlet(np.ones(len(places))), np.array(places)[:, None], rng.random(len(places))
    )
    grid = np.linspace(-3.5, 3.5, 4001)[:, None]
    signs = np.sign(diffuse(law, edm, t).score(grid)[:, 0])
    changes = np.flatnonzero(signs[1:] != signs[:-1])
    found = fixed_points(diffuse(law, edm, t)).locations[:, 0]
    for k in changes:
        assert np.any((found >= grid[k, 0] - 1e-6) & (found <= grid[k + 1, 0] + 1e-6))
    assert len(found) >= len(changes)


def plain_spread(law, t, x):
    """Posterior weights of the components at one point, and their scores' and slopes' gaps to the mean."""
    slopes = [np.linalg.inv(c + t**2 * np.eye(law.dim)) for c in component_covariances(law)]
    scores = np.array([slope @ (m - x) for slope, m in zip(slopes, law.means, strict=True)])
    heights = [
        plain_logpdf(GaussianMixture([1.0], [m], c), 1.0, t, x)
        for m, c in zip(law.means, component_covariances(law), strict=True)
    ]
    w = law.weights * np.exp(np.array(heights) - plain_logpdf(law, 1.0, t, x))
    gaps = slopes - np.tensordot(w, slopes, axes=1)
    return w, scores - w @ scores, np.linalg.norm(gaps, axis=(1, 2))


@pytest.mark.parametrize("kind", every_kind())
def test_how_far_components_may_disagree(kind):
    law, t, radius, rng = every_kind()[kind], 0.8, 0.3, np.random.default_rng(4)
    x, axes = rng.uniform(-2, 2, (5, 3)), np.linalg.qr(rng.standard_normal((5, 3, 3)))[0]
    found = zeros.spread(diffuse(law, edm, t).kernel, x, radius)
    bends, own_axes = found.bends(axes), found.axes()
    for m in range(5):
        w, pulls, gap = plain_spread(law, t, x[m])
        far, near = (
            np.linalg.norm(pulls, axis=1) + radius * gap,
            np.abs(pulls @ axes[m]) + radius * gap[:, None],
        )
        v = np.minimum(1, w * np.exp(radius * np.linalg.norm(pulls, axis=1) + radius**2 * gap / 2))
        np.testing.assert_allclose(found.v[m], v, rtol=1e-9)
        np.testing.assert_allclose(found.pulls[m], pulls, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(np.broadcast_to(found.slack, (5, 3))[m], radius * gap, atol=1e-12)
        cumulant = 8 * (v @ near**3) ** (1 / 3) * (v @ far**3) ** (2 / 3)
        covariance = v @ (far * gap) + (v @ far) * (v @ gap)
        np.testing.assert_allclose(bends[m], cumulant + 3 * covariance, rtol=1e-9)
        square = own_axes[m].T @ (pulls.T * v @ pulls) @ own_axes[m]
        np.testing.assert_allclose(square, np.diag(np.sort(square.diagonal())), atol=1e-9)
        np.testing.assert_allclose(own_axes[m].T @ own_axes[m], np.eye(3), atol=1e-12)


@pytest.mark.parametrize("kind", every_kind())
def test_no_weight_grows_beyond_its_bound(kind):
    law, t, radius, rng = every_kind()[kind], 0.8, 0.4, np.random.default_rng(5)
    diffused, x, steps = diffuse(law, edm, t), rng.uniform(-2, 2, (40, 3)), rng.standard_normal((40, 200, 3))
    steps *= radius / np.linalg.norm(steps, axis=-1, keepdims=True)
    around = zeros.spread(diffused.kernel, x, radius)
    reached = diffused.weights(x[:, None] + steps).max(axis=1)
    assert np.all(reached <= around.v * (1 + 1e-9))


@pytest.mark.parametrize("kind", every_kind())
def test_a_cell_with_a_zero_is_not_called_empty(kind):
    diffused, rng = diffuse(every_kind()[kind], edm, 1.0).reduced, np.random.default_rng(6)
    kernel = diffused.kernel
    for zero in fixed_points(diffused).locations:
        for radius in (0.6, 0.1, 1e-3):
            steps = rng.standard_normal((100, diffused.dim))
            steps *= radius * (1 - 1e-6) / np.linalg.norm(steps, axis=1, keepdims=True)
            empty, single = zeros._verdict(kernel, zero + steps, radius)
            assert not empty.any()
            starts = (zero + steps)[single]
            reached = zeros.newton(kernel, starts) if len(starts) else starts
            np.testing.assert_allclose(reached, np.tile(zero, (len(starts), 1)), atol=1e-7)
        assert single.all(), "the smallest cell is small enough"


@pytest.mark.parametrize("dim", [1, 2])
@pytest.mark.parametrize("variances", [0.0, "own"])
def test_components_left_out_of_a_verdict_would_not_change_it(monkeypatch, dim, variances):
    rng = np.random.default_rng(11)
    law = GaussianMixture(
        np.ones(12) / 12, rng.uniform(-10, 10, (12, dim)), rng.random(12) if variances == "own" else 0.0
    )
    kernel = diffuse(law, edm, 0.7).reduced.kernel
    skewed = np.concatenate([np.full((1, dim), -9.0), rng.uniform(4, 5, (9, dim))])
    seen = []
    for cells in (rng.uniform(-9, 9, (30, dim)), rng.uniform(2, 4, (30, dim)), skewed, skewed[:1], -skewed):
        for radius in (0.01, 0.1, 0.5, 1.5, 3.0, 6.0):
            verdict = zeros._verdict(kernel, cells, radius)
            with monkeypatch.context() as patch:
                patch.setattr(zeros, "NOTHING", -1.0)
                np.testing.assert_array_equal(verdict, zeros._verdict(kernel, cells, radius))
            seen.append(np.mean(verdict, axis=1))
    assert np.all(np.ptp(seen, axis=0) == 1)


def test_a_cell_with_two_zeros_is_not_called_single():
    for t in (0.3, 0.7, 0.97, 0.999):
        diffused = diffuse(COIN, edm, t)
        reach = fixed_points(diffused).locations[-1, 0]
        for radius in (0.5, 0.6, 1.0):
            _, single = zeros._verdict(diffused.kernel, np.array([[reach / 2]]), reach * radius)
            assert not single.any()


@pytest.mark.parametrize("kind", every_kind())
def test_the_bend_of_the_score_is_bounded(kind):
    rng = np.random.default_rng(3)
    kernel = diffuse(every_kind()[kind], edm, 0.8).reduced.kernel
    dim = kernel.means.shape[1] if hasattr(kernel, "means") else kernel.y.shape[1]
    worst = 0.0
    for radius in (0.05, 0.5):
        x = rng.uniform(-2, 2, (40, dim))
        axes = np.linalg.qr(rng.standard_normal((40, dim, dim)))[0]
        bound = zeros.spread(kernel, x, radius).bends(axes)
        steps = rng.standard_normal((40, dim))
        steps *= radius / np.linalg.norm(steps, axis=1, keepdims=True)
        step = 1e-4
        slopes = [zeros.score_and_jacobian(kernel, x + steps * (1 + s / radius))[1] for s in (-step, step)]
        along = steps / radius
        bend = np.einsum("mij,mi->mj", axes, (slopes[1] - slopes[0]) @ along[:, :, None] @ [1.0]) / (2 * step)
        worst = max(worst, np.max(np.abs(bend) / bound))
    assert 0 < worst <= 1


def test_the_bend_between_a_narrow_and_a_wide_component_is_bounded():
    # Near their common mean the scores differ little and their slopes much: three covariances decide.
    kernel = diffuse(GaussianMixture([0.5, 0.5], [[0.0], [0.0]], [0.1, 1.0]), edm, 0.2).kernel
    x, radius = np.array([[0.01]]), 1e-3
    slopes = [zeros.score_and_jacobian(kernel, x + h)[1].item() for h in (-1e-4, 1e-4)]
    bend = abs(slopes[1] - slopes[0]) / 2e-4
    assert bend <= zeros.spread(kernel, x, radius).bends(np.ones((1, 1, 1))).item() < 10 * bend


@pytest.mark.parametrize("unit", [2.0**-100, 1.0, 2.0**100])
def test_newton_leaves_a_place_where_the_slope_vanishes(unit):
    x = brentq(lambda x: np.tanh(x / 0.25) ** 2 - 0.75, 0, 1, xtol=1e-16)  # J = (1 - m²)/t⁴ - 1/t², t = 1/2
    kernel = diffuse(points(unit * COIN.means), edm, unit / 2).kernel
    score, slope = zeros.score_and_jacobian(kernel, np.array([[unit * x]]))
    assert abs(slope.item()) < 1e-12 / unit**2
    assert score.item() * unit > 1
    (found,) = zeros.newton(kernel, [[unit * x]])
    assert np.abs(found - unit * curie_weiss(0.25).magnetisation).min() < 1e-9 * unit


def test_newton_leaves_a_zero_where_it_is():
    # At the critical time the score is x³/3, and nothing below the cube root of its rounding is nearer.
    starts = [[0.0], [1e-6]]
    np.testing.assert_array_equal(zeros.newton(diffuse(COIN, edm, 1.0).kernel, starts), starts)


def test_newton_doubles_the_digits_with_each_step():
    kernel, mode = diffuse(COIN, edm, 0.5).kernel, curie_weiss(0.25).magnetisation[-1]
    for start in (mode - 0.1, mode + 0.1, mode + 2.0):
        (found,) = zeros.newton(kernel, [[start]], iterations=5)
        assert found == pytest.approx(mode, abs=1e-13)


@pytest.mark.parametrize("centre", [1e6, 1e8])
def test_newton_stops_where_numbers_are_coarse(centre):
    kernel, starts = diffuse(points(COIN.means + centre), edm, 0.5).kernel, np.linspace(-2, 2, 50)[:, None]
    found = zeros.newton(kernel, centre + starts) - centre
    assert len(found) == 50
    gaps = np.abs(found - curie_weiss(0.25).magnetisation).min(axis=1)
    assert gaps.max() < 65 * np.finfo(float).eps * centre  # it stops at 64 roundings of the score


def test_newton_measures_each_point_by_its_own_size():
    kernel = diffuse(points([[-1e10], [0.0], [1e10]]), edm, 1.0).kernel
    found = zeros.newton(kernel, [[1e10 + 0.3], [1e-5]])
    np.testing.assert_allclose(np.sort(found[:, 0]), [0.0, 1e10], rtol=1e-15, atol=1e-15)


def test_fixed_points_are_sorted_by_every_coordinate():
    means = np.zeros((3, 12))
    means[:, 10:] = [[0.3, -1.0], [0.3, 2.0], [-0.7, 0.1]]
    found = fixed_points(diffuse(points(means), edm, 0.1)).locations
    assert len(found) > 3
    assert [row.tolist() for row in found.round(6)] == sorted(row.tolist() for row in found.round(6))


def test_crossed_covariances_have_fixed_points_beside_the_means_hull():
    # Ray and Lindsay (Annals of Statistics 33, 2005): two components with three modes.
    crossed = np.array([np.diag([1.0, 0.05]), np.diag([0.05, 1.0])])
    law = GaussianMixture([0.5, 0.5], [[0.0, 0.0], [1.0, 1.0]], crossed)
    plain = fixed_points(diffuse(law, edm, 0.1))
    assert plain.stable.tolist() == [True, False, True, False, True]
    assert np.linalg.norm(plain.locations[2] - [1.0, 0.0]) < 0.1
    turn = np.array([[1.0, 1.0], [-1.0, 1.0]]) / np.sqrt(2)  # the means' box is a line now
    for shift in (0.0, 50.0):
        turned = GaussianMixture([0.5, 0.5], law.means @ turn.T + shift, turn @ crossed @ turn.T)
        found = fixed_points(diffuse(turned, edm, 0.1))
        np.testing.assert_allclose(found.locations, plain.locations @ turn.T + shift, atol=1e-7)
        np.testing.assert_allclose(found.eigenvalues, plain.eigenvalues, rtol=1e-6)


def test_far_from_the_origin():
    near, far = (fixed_points(diffuse(points(TRIANGLE.means + c), edm, 0.72)) for c in (0.0, 1e6))
    np.testing.assert_allclose(far.locations - 1e6, near.locations, atol=1e-8)


def test_a_million_dimensions():
    rng = np.random.default_rng(1)
    law = points(rng.standard_normal((3, 1_000_000)))
    found = fixed_points(diffuse(law, edm, 300.0))
    assert found.locations.shape == found.eigenvalues.shape == (7, 1_000_000)
    np.testing.assert_allclose(diffuse(law, edm, 300.0).score(found.locations), 0, atol=1e-12)
    np.testing.assert_allclose(found.eigenvalues[:, :-2], -1 / 300.0**2)
    np.testing.assert_array_equal(found.stable, np.all(found.eigenvalues < 0, axis=1))


def test_one_component_has_one_fixed_point():
    found = fixed_points(diffuse(GaussianMixture([1.0], [[2.0, -1.0]], np.diag([1.0, 3.0])), edm, 1.0))
    np.testing.assert_allclose(found.locations, [[2.0, -1.0]])
    np.testing.assert_allclose(found.eigenvalues, [[-1 / 2, -1 / 4]])


@pytest.mark.parametrize(("process", "radius"), [(edm, 1.0), (VP(), 1.7), (VE(np.sqrt), 0.3)])
def test_on_a_sphere(process, radius):
    t = process.time_of(0.4 * radius)
    alpha = process.alpha(t)
    diffused = diffuse(Sphere(3, radius), process, t)
    found = fixed_points(diffused)
    # Of the unit sphere at noise 0.4: r = coth(r/t²) - t²/r, and lengths scale with the radius and alpha.
    langevin = brentq(lambda r: 1 / np.tanh(r / 0.16) - 0.16 / r - r, 0.1, 1)
    np.testing.assert_allclose(found.locations, [[0, 0, 0], [alpha * radius * langevin, 0, 0]], rtol=1e-12)
    np.testing.assert_allclose(found.eigenvalues[0] * (alpha * radius) ** 2, 1 / (3 * 0.4**4) - 1 / 0.16)
    slope = numerical_gradient(diffused.score, found.locations[1])
    np.testing.assert_allclose(
        found.eigenvalues[1], np.linalg.eigvalsh(slope), atol=1e-6 / (alpha * radius) ** 2
    )
    np.testing.assert_array_equal(found.eigenvalues[1, 1:], 0)
    assert found.stable.tolist() == [False, True]
    above = fixed_points(diffuse(Sphere(3, radius), process, process.time_of(0.58 * radius)))
    assert above.locations.tolist() == [[0, 0, 0]]
    assert above.stable.tolist() == [True]


def test_the_sphere_at_its_critical_time_has_one_fixed_point_that_is_not_stable():
    found = fixed_points(diffuse(Sphere(4), edm, 0.5))
    np.testing.assert_array_equal(found.locations, np.zeros((1, 4)))
    np.testing.assert_array_equal(found.eigenvalues, np.zeros((1, 4)))
    assert found.stable.tolist() == [False]


@pytest.mark.parametrize("dim", [2, 3, 40])
def test_the_sphere_at_small_noise_has_its_fixed_points_on_it(dim):
    # A(k) = 1 - (D - 1)/2k + O(1/k²):  R - r = (D - 1) t²/2R.
    for t in (1e-3, 1e-7, 1e-9):
        x = fixed_points(diffuse(Sphere(dim), edm, t)).locations[1, 0]
        assert 1 - x == pytest.approx((dim - 1) * t**2 / 2, rel=1e-3 * dim, abs=4e-16)


@pytest.mark.parametrize("below", [1e-3, 1e-5])
def test_the_sphere_below_its_critical_time_has_the_mean_field_exponent(below):
    # A(k) = k/D - k³/(D²(D+2)):  rho² = (D + 2)(1 - T)/D to first order, T = D t².
    for dim in (2, 3, 10, 1000):
        found = fixed_points(diffuse(Sphere(dim), edm, np.sqrt((1 - below) / dim)))
        assert found.locations[1, 0] ** 2 == pytest.approx((dim + 2) / dim * below, rel=4 * below)
        assert found.eigenvalues[1, 0] == pytest.approx(-2 * dim * below, rel=10 * below)
        assert found.stable.tolist() == [False, True]
        above = fixed_points(diffuse(Sphere(dim), edm, np.sqrt((1 + below) / dim)))
        assert above.stable.tolist() == [True]


@pytest.mark.parametrize("unit", [2.0**-60, 1.0, 2.0**60])
def test_a_search_that_misses_one_says_so(monkeypatch, unit):
    def two_modes(kernel):
        return zeros.newton(kernel, zeros.component_means(kernel)[:2])

    monkeypatch.setattr(fixedpoints, "MOST_DIMENSIONS", 1)
    monkeypatch.setattr(fixedpoints, "_search", two_modes)
    with pytest.warns(RuntimeWarning, match=r"in 2 dimensions 2 were found.* Morse count is 2 instead of 1"):
        fixed_points(diffuse(points(unit * TRIANGLE.means), edm, 0.4 * unit))


def test_a_search_goes_on_until_nothing_new_comes_up_and_the_count_holds(monkeypatch):
    kernel = diffuse(TRIANGLE, edm, 0.5).reduced.kernel
    corner = np.array([1.5, 1.5])
    found = fixedpoints.distinct(kernel, zeros.newton(kernel, zeros.isolate(kernel, -corner, corner)))
    curvature = np.linalg.eigvalsh(zeros.score_and_jacobian(kernel, found)[1])
    modes, saddles = found[curvature[:, -1] < 0], found[curvature[:, -1] > 0]
    # One mode; two modes and a saddle, whose count is right too; three and a saddle, twice, whose is not.
    rounds = [modes[:1], *[np.concatenate([modes[:n], saddles[:1]]) for n in (2, 3, 3)]]
    asked = []

    def unlucky(kernel, starts):
        asked.append(starts)
        return rounds[len(asked) - 1] if len(asked) <= len(rounds) else found

    monkeypatch.setattr(fixedpoints, "newton", unlucky)
    assert len(fixedpoints._search(kernel)) == len(found) == 7
    assert len(asked) == len(rounds) + 2


def test_a_search_at_a_critical_time_says_nothing():
    found = fixed_points(diffuse(simplex(6), edm, 0.2**0.5))
    assert np.any(np.abs(found.eigenvalues[:, -1]) < 1e-5)
    assert np.sum((-1) ** np.sum(found.eigenvalues > 0, axis=1)) != 1


@pytest.mark.parametrize("lengths", [(1.0, 0.9, 1.1, 1.3), (1.0, 0.3, 0.9, 1.2), (1.0, 0.9, 1.1, 1.2, 1.3)])
def test_a_product_of_coins_has_the_products_of_their_fixed_points(lengths):
    coins = [np.array([-length, length]) for length in lengths]
    law = points(np.stack(np.meshgrid(*coins, indexing="ij"), axis=-1).reshape(-1, len(lengths)))
    t = 0.5
    lines = [length * curie_weiss((t / length) ** 2).magnetisation for length in lengths]
    expected = np.stack(np.meshgrid(*lines, indexing="ij"), axis=-1).reshape(-1, len(lengths))
    found = fixed_points(diffuse(law, edm, t))
    np.testing.assert_allclose(found.locations, expected, atol=1e-9)
    modes = np.all((np.abs(expected) > 0.01) | (np.array(lengths) < t), axis=1)
    np.testing.assert_array_equal(found.stable, modes)


def test_the_search_finds_what_the_subdivision_finds(monkeypatch):
    law = points(np.random.default_rng(2).standard_normal((6, 2)))
    for t in (0.2, 0.5):
        exact = fixed_points(diffuse(law, edm, t))
        with monkeypatch.context() as patch:
            patch.setattr(zeros, "MOST_CELLS", 3)
            found = fixed_points(diffuse(law, edm, t))
        np.testing.assert_allclose(found.locations, exact.locations, atol=1e-8)


def test_subdivision_counts_the_cells_that_it_looks_at(monkeypatch):
    kernel, looked_at, verdict = diffuse(TRIANGLE, edm, 0.5).reduced.kernel, [], zeros._verdict

    def counted(kernel, cells, radius):
        looked_at.append(len(cells))
        return verdict(kernel, cells, radius)

    monkeypatch.setattr(zeros, "_verdict", counted)
    corner = np.array([1.5, 1.5])
    assert zeros.isolate(kernel, -corner, corner) is not None
    for most, given_up in ((sum(looked_at), False), (sum(looked_at) - 1, True)):
        monkeypatch.setattr(zeros, "MOST_CELLS", most)
        assert (zeros.isolate(kernel, -corner, corner) is None) == given_up


def test_the_search_answers_the_same_question_alike():
    law = points(np.random.default_rng(8).standard_normal((12, 5)))
    first, second = (fixed_points(diffuse(law, edm, 0.9)).locations for _ in range(2))
    assert len(first) > 3
    np.testing.assert_array_equal(first, second)


def test_far_up_the_fixed_point_is_near_the_mean():
    x = np.array([[0.0, 0.0], [1.0, 0.2], [0.3, 2.0]])
    law = points(x, [0.2, 0.5, 0.3])
    gap = x - law.mean
    third = law.weights @ (gap * np.sum(gap**2, axis=1, keepdims=True))
    errors = []
    for t in (8.0, 16.0, 32.0):
        found = fixed_points(diffuse(law, edm, t)).locations[0]
        errors.append(np.linalg.norm(found - law.mean + third / (2 * t**2)))
    np.testing.assert_allclose(np.log2(errors[:-1]) - np.log2(errors[1:]), 4, atol=0.1)


def test_bad_input():
    with pytest.raises(TypeError, match="diffused law of a mixture or a sphere, got GaussianMixture"):
        fixed_points(COIN)


# ---------------------------------------------------------------- the merge tree


def test_two_pairs_merge_in_pairs_first():
    law = points([[-4.2], [4.2], [-3.8], [3.8]])
    times = np.array([0.1, 0.19, 0.21, 3.9, 4.0])
    tree = merge_tree(law, edm, times)
    assert tree.labels.tolist() == [[0, 1, 2, 3], [0, 1, 2, 3], [0, 1, 0, 1], [0, 1, 0, 1], [0, 0, 0, 0]]
    expected = [[0, 2, 0.21, 2], [1, 3, 0.21, 2], [4, 5, 4.0, 4]]
    np.testing.assert_array_equal(tree.linkage(), expected)


def test_heights_are_the_folds_and_forks():
    times = np.arange(0.3, 1.0, 0.001)

    def first_after(t):
        return times[np.searchsorted(times, t)]

    heights = merge_tree(LIGHT, edm, times).linkage()[:, 2]
    np.testing.assert_array_equal(heights, [first_after(0.345105727), first_after(0.911832540)])
    heights = merge_tree(TRIANGLE, edm, times).linkage()[:, 2]
    np.testing.assert_array_equal(heights, [first_after(0.739134630)] * 2)
    pair = points([[-1.0], [1.0]], [0.7, 0.3])
    assert merge_tree(pair, edm, times).linkage()[0, 2] == first_after(0.736759821437)


@pytest.mark.parametrize("unit", [2.0**-60, 2.0**60])
def test_trees_count_in_units_of_the_data(unit):
    law, times = points(np.random.default_rng(4).standard_normal((12, 2))), np.geomspace(0.02, 2.5, 40)
    tree, scaled = merge_tree(law, edm, times), merge_tree(points(unit * law.means), edm, unit * times)
    np.testing.assert_array_equal(scaled.labels, tree.labels)
    for point in range(12):
        np.testing.assert_allclose(scaled.path(point), unit * tree.path(point), atol=1e-9 * unit)


def test_on_a_tie_the_first_point_decides():
    for order in ([0, 1, 2], [2, 1, 0]):
        law = points(LIGHT.means[order], LIGHT.weights[order])
        assert merge_tree(law, edm, [0.3, 0.5]).labels[-1].tolist() == [0, 0, 2]


@pytest.mark.parametrize("process", [edm, VP()])
def test_paths_are_fixed_points(process):
    law = points(np.random.default_rng(4).standard_normal((12, 2)))
    times = process.time_of(np.geomspace(0.02, 2.5, 80))
    tree = merge_tree(law, process, times)
    paths = np.array([tree.path(k) for k in range(12)])
    for t, x, labels in zip(times, paths.swapaxes(0, 1), tree.labels, strict=True):
        diffused = diffuse(law, process, t)
        np.testing.assert_allclose(diffused.score(x) * diffused.sigma, 0, atol=1e-6)
        assert np.all(np.linalg.eigvalsh(diffused.jacobian(x)) < 0)
        np.testing.assert_allclose(x, x[labels], atol=1e-12)
        apart = np.linalg.norm(x[:, None] - x, axis=2)[labels[:, None] != labels]
        assert np.all(apart > 1e-4 * diffused.sigma)
    np.testing.assert_allclose(paths[:, 0], law.means * process.alpha(times[0]), atol=1e-3)


def test_a_tree_of_components_with_covariances():
    law = GaussianMixture([0.2, 0.5, 0.3], [[0.0, 0.0], [3.0, 0.0], [0.0, 4.0]], [0.1, 0.3, 0.2])
    tree = merge_tree(law, edm, np.geomspace(0.1, 4, 60))
    x = tree.path(0)
    assert is_valid_linkage(tree.linkage())
    for t, place in zip(tree.times, x, strict=True):
        np.testing.assert_allclose(diffuse(law, edm, t).score(place), 0, atol=1e-7)


@settings(max_examples=15)
@given(st.integers(0, 1000), st.integers(2, 12), st.integers(1, 3))
def test_partitions_only_merge(seed, number, dim):
    law = points(np.random.default_rng(seed).standard_normal((number, dim)))
    tree = merge_tree(law, edm, np.geomspace(0.02, 5, 40))
    assert np.all(tree.labels <= np.arange(number))
    for before, after in zip(tree.labels, tree.labels[1:], strict=False):
        np.testing.assert_array_equal(after[before], after)
    linkage = tree.linkage()
    assert is_valid_linkage(linkage)
    assert is_monotonic(linkage)
    assert linkage[-1, 3] == number


def test_hundreds_of_points_and_dimensions():
    rng = np.random.default_rng(5)
    centres = 10 * rng.standard_normal((8, 300))
    law = points(np.repeat(centres, 10, axis=0) + rng.standard_normal((80, 300)))
    tree = merge_tree(law, edm, np.geomspace(1.0, 200.0, 20))
    groups = [len(np.unique(labels)) for labels in tree.labels]
    assert groups[0] == 80
    assert 8 in groups
    assert groups[-1] == 1


@pytest.mark.parametrize("unit", [2.0**-60, 1.0, 2.0**60])
@pytest.mark.parametrize("t", [0.5, 0.9, 0.999])
def test_climbing_leaves_a_saddle(t, unit):
    for order in (COIN.means, -COIN.means):
        for variance in (0.0, [0.0, 0.0]):
            kernel = diffuse(GaussianMixture([0.5, 0.5], unit * order, variance), edm, unit * t).kernel
            mode = unit * curie_weiss(t**2).magnetisation[-1] * order[0]
            np.testing.assert_allclose(mergetree.climb(kernel, [[0.0]]), [mode], atol=1e-8 * unit)


@pytest.mark.parametrize("unit", [2.0**-60, 1.0, 2.0**60])
@pytest.mark.parametrize("first", [[0.0, 3.0], [0.3, 40.0]])
def test_at_a_saddle_the_first_point_that_lies_to_one_side_decides(unit, first):
    # The first point lies on neither side; or so far off that it decides and no more.
    mode, origin = curie_weiss(0.25).magnetisation[-1], np.array([10.0, 20.0])
    for side in (-1.0, 1.0):
        law = points(unit * (np.array([first, [1.0, 0.0], [-1.0, 0.0]]) * [side, 1.0] + origin))
        kernel = diffuse(law, edm, 0.5 * unit).kernel
        (saddle,) = mergetree.climb(kernel, unit * (np.array([[0.0, 0.1]]) + origin))
        assert saddle[0] / unit - 10 == pytest.approx(side * mode, rel=1e-6)
        law = points(law.means[[0, 2, 1]])
        (saddle,) = mergetree.climb(kernel.subset([0, 2, 1]), unit * (np.array([[0.0, 0.1]]) + origin))
        decided = side if first[0] else -side
        assert saddle[0] / unit - 10 == pytest.approx(decided * mode, rel=1e-6)


@pytest.mark.parametrize("kind", every_kind())
def test_no_step_uphill_is_longer_than_the_stride(kind):
    kernel = diffuse(every_kind()[kind], edm, 0.5).kernel
    modes = mergetree.climb(kernel, every_kind()[kind].means)
    x = np.concatenate([np.random.default_rng(12).uniform(-6, 6, (100, 3)), modes + 0.01])
    taken = np.linalg.norm(mergetree._step(kernel, x)[0] - x, axis=1)
    stride = mergetree.STRIDE * zeros.length(kernel)
    assert taken.max() == pytest.approx(stride, rel=1e-12)
    assert taken.min() < stride / 2


@pytest.mark.parametrize("variance", [0.0, [0.0, 0.0]])
@pytest.mark.parametrize("centre", [1e6, 1e8])
def test_climbing_stops_where_numbers_are_coarse(centre, variance):
    law = GaussianMixture([0.5, 0.5], COIN.means + centre, variance)
    starts = centre + np.linspace(-2, 2, 50)[:, None]
    found = mergetree.climb(diffuse(law, edm, 0.5).kernel, starts) - centre
    mode = np.sign(starts - centre) * curie_weiss(0.25).magnetisation[-1]
    np.testing.assert_allclose(found, mode, atol=65 * np.finfo(float).eps * centre)


@pytest.mark.parametrize("t", [0.8, 1.05, 1.3])
def test_mean_shift_stops_where_the_rest_of_the_way_is_short(t):
    # In a hundred dimensions mean shift alone arrives; its steps shrink by 1/t² where t > 1.
    axis = np.eye(100)[3]
    kernel = diffuse(points([-axis, axis]), edm, t).kernel
    (found,) = mergetree.climb(kernel, [0.9 * axis + 0.1])
    mode = curie_weiss(t**2).magnetisation[-1]
    assert np.linalg.norm(found - mode * axis) <= zeros.STEP * t


@pytest.mark.parametrize("unit", [2.0**-60, 1.0, 2.0**60])
@pytest.mark.parametrize("kind", every_kind())
def test_climbing_ends_on_a_mode_that_is_higher(kind, unit):
    law = every_kind()[kind]
    scaled = GaussianMixture(law.weights, unit * law.means, unit**2 * law.covariances)
    diffused = diffuse(scaled, edm, 0.7 * unit)
    x = unit * np.random.default_rng(9).uniform(-4, 4, (30, 3))
    found = mergetree.climb(diffused.kernel, x)
    np.testing.assert_allclose(diffused.score(found) * unit, 0, atol=1e-8)
    assert np.all(np.linalg.eigvalsh(diffused.jacobian(found)) < 0)
    assert np.all(diffused.logpdf(found) >= diffused.logpdf(x) - 1e-9)


def test_steps_are_halved_until_the_density_does_not_fall():
    diffused, rng = diffuse(every_kind()["full"], edm, 0.7), np.random.default_rng(10)
    kernel, x = diffused.kernel, rng.uniform(-3, 3, (200, 3))
    steps = rng.uniform(0, 4, (200, 1)) * diffused.score(x)
    taken = mergetree._not_downhill(kernel, x, steps.copy())
    halvings = np.log2(np.linalg.norm(steps, axis=1) / np.linalg.norm(taken, axis=1))
    np.testing.assert_allclose(halvings, halvings.round(), atol=1e-9)
    assert len(np.unique(halvings.round())) > 2
    height = diffused.logpdf(x)
    assert np.all(diffused.logpdf(x + taken) >= height - 1e-9)
    shortened = halvings > 0.5
    assert np.all(diffused.logpdf(x + 2 * taken)[shortened] < height[shortened])


def test_trees_of_bad_input():
    with pytest.raises(ValueError, match="still have 2 fixed points"):
        merge_tree(COIN, edm, [0.5, 0.9]).linkage()
    with pytest.raises(ValueError, match="needs two points"):
        merge_tree(points([[0.0]]), edm, [0.5]).linkage()
    with pytest.raises(ValueError, match="increasing"):
        merge_tree(COIN, edm, [0.5, 0.5])
    with pytest.raises(ValueError, match="increasing"):
        merge_tree(COIN, edm, 0.5)
    with pytest.raises(TypeError, match="got Sphere"):
        merge_tree(Sphere(2), edm, [0.5])
    with pytest.raises(ValueError, match="index of one of the 2 points, got 2"):
        merge_tree(COIN, edm, [0.5]).path(2)


# ---------------------------------------------------------------- critical times


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (COIN, 1.0),
        (points([[9.0, 1.0], [12.0, 5.0]]), 2.5),
        (TRIANGLE, 0.5**0.5),
        (simplex(6), 0.2**0.5),
        (GaussianMixture([0.5, 0.5], [[-1.0], [1.0]], 0.25), 0.75**0.5),
        (Sphere(7, radius=2.0), 2 / 7**0.5),
        (Sphere(2, radius=3.0), 3 / 2**0.5),
        (Sphere(1, radius=2.0), 2.0),
        (LIGHT, 0.911832540),
    ],
)
@pytest.mark.parametrize("process", [edm, VP(), VE(np.sqrt)])
def test_where_the_centre_loses_stability(data, expected, process):
    noise = float(process.noise_level(critical_time(data, process)))
    assert noise == pytest.approx(expected, rel=2e-9)


def test_the_light_centre_is_where_variance_and_noise_meet():
    def share(t):
        outer = 0.9 * np.exp(-0.5 / t**2)
        return outer / (0.1 + outer) - t**2  # the posterior variance at 0 is the share of the outer points

    assert critical_time(LIGHT, edm) == pytest.approx(brentq(share, 0.8, 1.0), rel=1e-11)
    born = critical_time(LIGHT, edm, [0.0], 0.3, upwards=True)
    assert born == pytest.approx(brentq(share, 0.3, 0.4), rel=1e-9)


def test_folds():
    # Two points of weights 0.7, 0.3:  e/(1-e²) - artanh e = ln(7/3)/2 at t = sqrt(1-e²), x = -e.
    e = brentq(lambda e: e / (1 - e**2) - np.arctanh(e) - np.log(7 / 3) / 2, 0.1, 0.9)
    pair = points([[1.0], [-1.0]], [0.7, 0.3])
    fold = critical_time(pair, edm, [-1.0], 0.2, upwards=True)
    assert fold == pytest.approx(np.sqrt(1 - e**2), rel=1e-9)
    assert fold == pytest.approx(0.736759821437, rel=1e-9)
    assert critical_time(ROW, edm, [1.0], 0.3, upwards=True) == pytest.approx(0.484963441, rel=1e-8)
    assert critical_time(TRIANGLE, edm, [1.0, 0.0], 0.3, upwards=True) == pytest.approx(0.739134629, rel=1e-8)
    lifted = points(TRIANGLE.means @ np.linalg.qr(np.random.default_rng(6).standard_normal((5, 2)))[0].T + 3)
    fold = critical_time(lifted, VP(), 0.9 * lifted.means[1], float(VP().time_of(0.3)), upwards=True)
    assert float(VP().noise_level(fold)) == pytest.approx(0.739134629, rel=1e-8)


@pytest.mark.parametrize(
    "data",
    [
        ROW,
        points([[-1.0], [1.0]], [0.7, 0.3]),
        points([[0.0], [1.0], [3.0]]),
        points([[2.0]]),
        points([[2.0], [2.0]]),
        GaussianMixture([1.0], [[2.0]], 0.7),
        GaussianMixture([0.5, 0.5], [[-1.0], [1.0]], 1.25),
    ],
)
def test_some_centres_never_lose_stability(data):
    assert critical_time(data, edm) is None


@pytest.mark.parametrize("law", [TRIANGLE, every_kind()["full"]], ids=["points", "full"])
def test_a_branch_and_its_slope(law):
    branch, noise, unit = branches._Branch(law, 1.7), 0.9, 1.7
    for x in fixed_points(diffuse(law, edm, noise)).locations:
        z, turned = np.append(x / unit, np.log(noise)), np.append(x / unit + 0.1, np.log(noise))
        value, derivative = branch.field(z)
        np.testing.assert_allclose(value, 0, atol=1e-8)
        numerical = numerical_gradient(lambda z: np.array([branch.field(row)[0] for row in z]), z[None])
        np.testing.assert_allclose(derivative, numerical[0], rtol=1e-6, atol=1e-6)
        beside = diffuse(law, edm, noise).score(x + 0.1 * unit)
        np.testing.assert_allclose(branch.field(turned)[0], noise**2 / unit * beside, rtol=1e-9)


@pytest.mark.parametrize("gap", [1e-12, 1e-13])
def test_a_fork_that_is_even_but_for_rounding_is_a_fork(gap):
    # Its two branches come closer to each other than can be told apart.
    assert critical_time(points([[-1.0], [1.0]], [0.5 + gap, 0.5 - gap]), edm) == pytest.approx(1, rel=1e-7)


def test_a_start_on_the_way_down():
    pairs = points([[-4.2], [-3.8], [3.8], [4.2]])
    assert critical_time(pairs, edm, [4.1], 1.0) == pytest.approx(0.2, rel=1e-10)
    assert critical_time(pairs, edm) == pytest.approx(np.sqrt(15.98), rel=0.01)
    full = np.array([np.diag([0.1, 0.2]), np.diag([0.1, 0.2])])
    law = GaussianMixture([0.5, 0.5], [[-1.0, 0.5], [1.0, 0.5]], full)
    assert critical_time(law, edm, [0.3, 1.0], 2.0) == pytest.approx(0.9**0.5, rel=1e-9)


def test_where_a_step_along_a_branch_fails_a_shorter_one_is_taken(monkeypatch):
    point, longest = branches._Branch.point, 0.03

    def near_by(branch, z, tangent, distance):
        return point(branch, z, tangent, distance) if distance < longest else None

    monkeypatch.setattr(branches._Branch, "point", near_by)
    assert critical_time(COIN, edm) == pytest.approx(1.0, rel=2e-9)
    longest = 0.0
    with pytest.raises(RuntimeError, match="the branch was lost at the noise level 2"):
        critical_time(COIN, edm)


def test_a_sphere_on_a_line_is_two_points():
    assert critical_time(Sphere(1, 2.0), edm, [0.3], 3.0) == pytest.approx(2.0, rel=1e-9)


def test_a_start_far_from_the_origin_in_many_dimensions():
    axis, centre = np.array([0.6, 0.0, -0.8]), np.array([10.0, -7.0, 3.0])
    law = points(np.outer([-4.2, -3.8, 3.5, 4.5], axis) + centre, [0.2, 0.2, 0.3, 0.3])
    t = VP().time_of(1.0)
    for place, gap in ((-4.0, 0.4), (4.0, 1.0)):
        lost = critical_time(law, VP(), VP().alpha(t) * (place * axis + centre), t)
        assert float(VP().noise_level(lost)) == pytest.approx(gap / 2, rel=1e-8)


def test_the_span_of_the_means_has_their_coordinates():
    law = points(np.random.default_rng(7).standard_normal((3, 5)) + 10, [0.2, 0.3, 0.5])
    normal = np.linalg.svd(law.means - law.means[0])[2][-1]
    for x, expected in zip(law.means, law.on_span.means, strict=True):
        np.testing.assert_allclose(branches._on_span(law, x + 4 * normal), expected, atol=1e-12)


@pytest.mark.parametrize("unit", [2.0**-60, 2.0**60])
def test_critical_times_count_in_units_of_the_data(unit):
    for law, place, t in ((LIGHT, [0.0], 0.3), (TRIANGLE, [1.0, 0.0], 0.3)):
        scaled = points(unit * law.means, law.weights)
        assert critical_time(scaled, edm) == pytest.approx(unit * critical_time(law, edm), rel=1e-9)
        fold = critical_time(law, edm, place, t, upwards=True)
        found = critical_time(scaled, edm, unit * np.array(place), unit * t, upwards=True)
        assert found == pytest.approx(unit * fold, rel=1e-9)


def test_critical_times_of_bad_input():
    with pytest.raises(ValueError, match="belong together"):
        critical_time(COIN, edm, start=[0.0])
    with pytest.raises(ValueError, match="upwards needs a start"):
        critical_time(COIN, edm, upwards=True)
    with pytest.raises(ValueError, match="omit start"):
        critical_time(Sphere(3), edm, [0.0, 0.0, 0.0], 1.0)
    with pytest.raises(ValueError, match="must have shape"):
        critical_time(COIN, edm, [0.0, 1.0], 0.5)
    with pytest.raises(ValueError, match="t must be one time"):
        critical_time(COIN, edm, [0.0], [0.5, 0.6])
    with pytest.raises(ValueError, match=r"the signal must be there at t, but alpha\(2000\) = 0"):
        critical_time(COIN, VP(), [0.5], 2000.0)
    with pytest.raises(TypeError, match="data must be a data law"):
        critical_time([[0.0], [1.0]], edm)
