"""What averages over p_t are made of: charts, pairs of components, lattices, samples, and their errors."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import ndtri
from scipy.stats import multivariate_normal, sem

from infodyn import (
    EDM,
    VP,
    GaussianMixture,
    conditional_entropy,
    diffuse,
    entropy_rate,
    expected_score_norm,
    mmse,
    points,
)
from infodyn.charts import evaluate, overlap_bound
from infodyn.estimates import BLOCK, blocks, rounding
from infodyn.expectations import average, sampled, whitened
from infodyn.sampling import (
    REPLICATES,
    _open,
    _replicated,
    _steps_across,
    boundary_sampling,
    component_sampling,
)
from infodyn.walls import along_walls
from tests.laws import component_covariances, every_kind


def charted(law, process=None, t=1.0):
    """The kernel and the chart of a law; at t = 1 under EDM lengths are in units of the noise."""
    low = diffuse(law, process or EDM(), t).reduced
    return low.kernel, low.chart


def square_norm(kernel, x, r):
    return (x**2).sum(axis=1)


def fourth_power(kernel, x, r):
    return (x**2).sum(axis=1) ** 2


def label_entropy(kernel, x, r):
    return r.entropy()


class Counted:
    """An integrand that counts the points it is asked for."""

    def __init__(self, value=1.0):
        self.value, self.points = value, 0

    def __call__(self, kernel, x, r):
        self.points += len(x)
        return np.full(len(x), self.value)


# Numbers and their rounding


def test_tables_are_cut_into_blocks_that_fit_in_memory():
    assert [len(range(5)[b]) for b in blocks(5, BLOCK // 2)] == [2, 2, 1]
    assert [len(range(3)[b]) for b in blocks(3, 2 * BLOCK)] == [1, 1, 1]


@pytest.mark.parametrize("value", [1e-280, 1e-9, 1.0, 7.0, 1e9])
def test_rounding_covers_an_exponential_whose_exponent_errs_in_its_last_digit(value):
    exponent = np.log(value)
    off = abs(np.exp(exponent + np.spacing(exponent)) - np.exp(exponent - np.spacing(exponent)))
    least = 8 * np.spacing(value) + off / 2
    assert least <= rounding(value) <= 8 * least
    assert rounding(-value) == rounding(value)


# Charts


@pytest.mark.parametrize("process", [EDM(), VP()], ids=["EDM", "VP"])
@pytest.mark.parametrize("law", every_kind().values(), ids=every_kind().keys())
def test_the_chart_s_mixture_is_the_law_of_x(law, process):
    """The density that the kernel computes at x(z) is that of the whitened mixture at z."""
    kernel, chart = charted(law, process, 0.6)
    z = np.random.default_rng(0).standard_normal((20, chart.rank))
    covariances = chart.covariances if chart.covariances is not None else [np.eye(chart.rank)] * 3
    expected = sum(
        w * multivariate_normal(m, c).pdf(z)
        for w, m, c in zip(chart.weights, chart.means, covariances, strict=True)
    )
    found, _, _ = evaluate(kernel, chart, lambda kernel, x, r: x[:, 0], z)
    np.testing.assert_allclose(found, expected, rtol=1e-10)
    mean = np.tensordot(chart.weights, covariances, axes=1)
    np.testing.assert_allclose(mean, np.eye(chart.rank), atol=1e-12)


# The bound by overlaps


@pytest.mark.parametrize("distance", [0.3, 2.0, 9.0])
def test_the_overlap_of_two_components_is_bhattacharyya_s(distance):
    _, chart = charted(points([[1.0], [1.0 + distance]], [0.2, 0.8]))
    exact = 2 * np.sqrt(0.2 * 0.8) * np.exp(-(distance**2) / 8)
    assert overlap_bound(chart, 3.0) == pytest.approx(3.0 * exact, rel=1e-9)


def test_overlaps_of_many_components_add_up():
    number, step = 1100, 0.5
    _, chart = charted(points(step * np.arange(number)[:, None]))
    apart = np.arange(1, number)
    exact = 2 / number * np.sum((number - apart) * np.exp(-((step * apart) ** 2) / 8))
    assert overlap_bound(chart, 1.0) == pytest.approx(exact, rel=1e-9)


def test_the_overlap_bounds_every_local_average_and_one_attains_it():
    law = points(np.random.default_rng(1).standard_normal((6, 4)) * 1.5, [0.3, 0.2, 0.2, 0.15, 0.1, 0.05])
    kernel, chart = charted(law)

    def roots(kernel, x, r):
        return np.sqrt(r.w).sum(axis=1) ** 2 - 1

    attained, _ = component_sampling(kernel, chart, roots, np.random.default_rng(0), 1 << 15)
    assert abs(overlap_bound(chart, 1.0) - attained.value) < 5 * attained.error
    assert attained.error < 0.01 * attained.value


def test_the_overlap_bound_knows_where_it_does_not_apply():
    _, own = charted(GaussianMixture([0.5, 0.5], [[0.0], [1.0]], [0.1, 0.2]))
    assert overlap_bound(own, 1.0) == np.inf
    _, many = charted(points(np.arange(5000.0)[:, None]))
    assert overlap_bound(many, 1.0) == np.inf


def test_the_overlap_of_distant_points_vanishes_in_spite_of_rounding():
    _, chart = charted(points(np.random.default_rng(0).standard_normal((10, 3))), t=1e-9)
    assert overlap_bound(chart, 1.0) == 0


# Samples


def test_uniform_numbers_become_finite_normal_ones():
    normal = ndtri(_open(np.array([0.0, 2.0**-53, 0.5, 1 - 2.0**-53])))
    assert np.all(np.isfinite(normal))
    assert np.all(np.diff(normal) > 0)


def test_replicates_give_their_mean_and_its_standard_error():
    sums = np.random.default_rng(0).standard_normal(REPLICATES)
    found = _replicated(sums)
    assert found.value == pytest.approx(sums.mean())
    assert found.error == pytest.approx(sem(sums), rel=1e-12)


CLOUD = GaussianMixture([0.3, 0.25, 0.2, 0.15, 0.1], np.random.default_rng(8).standard_normal((5, 3)), 0.4)


@pytest.mark.parametrize("law", [CLOUD, every_kind()["full"]], ids=["shared", "own"])
@pytest.mark.parametrize("process", [EDM(), VP()], ids=["EDM", "VP"])
def test_sampled_second_moment(law, process):
    """E|x|² of a mixture in three directions, in closed form."""
    diffused = diffuse(law, process, 0.7)
    traces = np.trace(component_covariances(law), axis1=1, axis2=2)
    exact = law.weights @ (diffused.alpha**2 * ((law.means**2).sum(axis=1) + traces)) + 3 * diffused.sigma**2
    low = diffused.reduced
    shift = diffused.alpha * (law.mean - low.data.mean)
    found, _ = component_sampling(low.kernel, low.chart, square_norm, np.random.default_rng(0), 1 << 13)
    assert abs(found.value + shift @ shift - exact) < 5 * found.error
    assert found.error < 0.01 * exact


def test_sampled_fourth_moment():
    """E|x|⁴ = (tr V + |m|²)² + 2 tr V² + 4 mᵀVm of each component, whose covariances differ."""
    diffused = diffuse(every_kind()["full"], EDM(), 0.1)
    law, exact = diffused.data, 0.0
    for w, m, c in zip(law.weights, diffused.alpha * law.means, law.covariances, strict=True):
        v = diffused.alpha**2 * c + diffused.sigma**2 * np.eye(3)
        exact += w * ((np.trace(v) + m @ m) ** 2 + 2 * np.trace(v @ v) + 4 * m @ v @ m)
    rng = np.random.default_rng(0)
    found, _ = component_sampling(diffused.kernel, diffused.chart, fourth_power, rng, 1 << 14)
    assert abs(found.value - exact) < 5 * found.error
    assert found.error < 0.01 * exact


def test_components_are_met_in_proportion_to_their_weights_even_by_few_points():
    """One point a replicate: the label alone decides the sign of x."""
    kernel, chart = charted(points([[-50.0], [50.0]], [0.3, 0.7]))
    found = [
        component_sampling(kernel, chart, lambda kernel, x, r: x[:, 0] > 0, np.random.default_rng(seed), 1)[0]
        for seed in range(40)
    ]
    assert abs(np.mean([e.value for e in found]) - 0.7) < 5 * np.sqrt(0.21 / (40 * REPLICATES))


@pytest.mark.parametrize(("asked", "drawn"), [(1, 16), (16, 16), (17, 32), (1024, 1024), (1500, 2048)])
def test_as_many_points_as_asked_for_rounded_up_to_a_power_of_two(asked, drawn):
    integrand = Counted()
    component_sampling(*charted(CLOUD), integrand, np.random.default_rng(0), asked)
    assert integrand.points == drawn


def test_participants_are_the_points_that_share_in_a_sum():
    kernel, chart = charted(points([[-50.0], [50.0]], [0.25, 0.75]))
    rng = np.random.default_rng(0)
    assert component_sampling(kernel, chart, Counted(7.0), rng, 256)[1] == pytest.approx(256)
    right = component_sampling(kernel, chart, lambda kernel, x, r: 7.0 * (x[:, 0] > 0), rng, 256)[1]
    assert right == pytest.approx(192)
    assert component_sampling(kernel, chart, Counted(0.0), rng, 256)[1] == 0


def some_walls(law):
    """The kernel, the chart, and all walls of a law at t = 1, one a group."""
    kernel, chart = charted(law)
    patches, few = along_walls(whitened(chart), 32.0, np.array([1000]))
    assert few.all()
    return kernel, chart, [p.among([n]) for p in patches for n in range(len(p.time))]


def two_apart(distance, weights=(0.5, 0.5)):
    return some_walls(points([[0.0, 0.0, 0.0], [distance, 0.0, 0.0]], weights))


@pytest.mark.parametrize("samples", [1, 512, 4096])
@pytest.mark.parametrize("number", [2, 6])
def test_pairs_share_the_points(samples, number):
    kernel, chart, walls = some_walls(points(np.random.default_rng(1).standard_normal((number, 3)) * 6))
    integrand = Counted()
    boundary_sampling(kernel, chart, integrand, walls, np.random.default_rng(0), samples)
    each = integrand.points / len(walls) / REPLICATES
    wanted = max(32, samples / REPLICATES / len(walls))
    assert wanted <= each < 2 * wanted


@pytest.mark.parametrize(
    ("distance", "weights"), [(0.7, (0.5, 0.5)), (2.6, (0.4, 0.6)), (9.0, (0.5, 0.5)), (9.0, (1e-30, 1.0))]
)
def test_steps_across_a_wall_have_the_density_that_they_say(distance, weights):
    """log |du/dstep| of the map from uniform numbers, and the density's integral."""
    _, _, (wall,) = two_apart(distance, weights)
    u = np.linspace(0.01, 0.99, 99)
    step, log_density = _steps_across(wall, u)
    width = 1e-6
    slope = (_steps_across(wall, u + width)[0] - _steps_across(wall, u - width)[0]) / (2 * width)
    np.testing.assert_allclose(log_density, -np.log(slope), atol=1e-6)
    np.testing.assert_allclose(np.interp(0.5, u, step), 0, atol=1e-9)


@pytest.mark.parametrize(
    ("distance", "weights"),
    [(0.7, (0.5, 0.5)), (9.0, (0.5, 0.5)), (40.0, (0.4, 0.6)), (9.0, (1e-30, 1.0)), (0.7, (1e-30, 1.0))],
)
def test_no_step_across_a_wall_weighs_much_more_than_others(distance, weights):
    """Of the integrand that the steps are made for, p w_i w_j, at least a third of the points share in it."""
    kernel, chart, (wall,) = two_apart(distance, weights)
    u = (np.arange(2048) + 0.5) / 2048
    step, log_density = _steps_across(wall, u)
    p, _, r = evaluate(kernel, chart, label_entropy, wall.centre + step[:, None] * wall.axes[0])
    weight = p * r.w[:, 0] * r.w[:, 1] * np.exp(-log_density)
    assert weight.sum() ** 2 > len(u) / 3 * (weight**2).sum()


def test_sampling_the_boundaries_again_gives_the_same_number():
    kernel, chart, walls = some_walls(points(np.random.default_rng(1).standard_normal((6, 3)) * 6))
    first, again, other = (
        boundary_sampling(kernel, chart, label_entropy, walls, np.random.default_rng(seed), 512)
        for seed in (0, 0, 1)
    )
    assert first == again != other


# Averages whose exact value is known


@pytest.mark.parametrize("t", [0.01, 0.05, 0.3])
def test_lattices_around_components_far_apart_in_the_plane(t):
    """Two clusters, 300 to 10 000 noise levels apart, give what each would give alone."""
    rng = np.random.default_rng(0)
    cluster = 3 * t * rng.standard_normal((3, 2))
    other = [60.0, 80.0] - 2 * t * rng.standard_normal((2, 2))
    law = points(np.concatenate([cluster, other]), [0.1, 0.2, 0.3, 0.15, 0.25])
    alone = points(cluster, np.array([1, 2, 3]) / 6), points(other, np.array([3, 5]) / 8)
    found = expected_score_norm(law, EDM(), t)
    parts = [expected_score_norm(part, EDM(), t).value for part in alone]
    assert found.value == pytest.approx(0.6 * parts[0] + 0.4 * parts[1], rel=1e-11)
    assert found.error < 1e-9 * found.value


def test_lattices_around_pairs_far_apart_on_a_line():
    """Thirty pairs, each 1000 noise levels from the next, give what one gives."""
    pairs = (1000.0 * np.arange(30)[:, None] + [0.0, 1.5]).reshape(-1, 1)
    found, alone = (expected_score_norm(points(x), EDM(), 1.0) for x in (pairs, pairs[:2]))
    assert found.value == pytest.approx(alone.value, rel=1e-11)


@pytest.mark.parametrize("distance", [2.0, 10.0, 30.0, 1000.0])
def test_one_lattice_around_components_of_unlike_weight(distance):
    """E|s|² = 1/t² - (alpha/sigma²)² mmse, the mmse by the boundary alone."""
    law = points([[0.0], [distance]], [0.97, 0.03])
    expected = 1 - mmse(law, EDM(), 1.0).value
    found = expected_score_norm(law, EDM(), 1.0)
    assert abs(found.value - expected) <= found.error
    assert found.error < 1e-9


def test_equal_widths_given_one_by_one_are_one_width():
    means = [[0.0, 0.0], [1.0, 0.3], [0.2, 1.1]]
    t = np.array([0.3, 1.0])
    for quantity in (conditional_entropy, mmse, expected_score_norm, entropy_rate):
        together, apart = (
            quantity(GaussianMixture([0.2, 0.3, 0.5], means, c), EDM(), t) for c in (0.4, [0.4] * 3)
        )
        np.testing.assert_allclose(apart.value, together.value, rtol=1e-10)


def test_one_component_that_is_there_and_one_that_is_not():
    law = GaussianMixture([1.0, 0.0], [[0.0], [1.0]], 0.0)
    assert conditional_entropy(law, EDM(), 0.5).value == 0
    assert mmse(law, EDM(), 0.5).value == 0
    assert expected_score_norm(law, EDM(), 0.5).value == pytest.approx(4, rel=1e-12)


@pytest.mark.parametrize("narrow", [1e-3, 1e-5])
def test_a_narrow_component_in_a_wide_one_is_not_overlooked(narrow):
    """H(k|x) of two Gaussians by SciPy's quadrature, told where the narrow one lies."""
    law = GaussianMixture([0.3, 0.7], [[0.3711], [-1.0]], [narrow**2, 1.0])
    diffused = diffuse(law, EDM(), 1e-8)
    edges = [-10, *(0.3711 + narrow * np.array([-40, -8, -4, 0, 4, 8, 40])), 8]
    exact = sum(
        quad(lambda u: np.exp(diffused.logpdf([u])) * diffused.class_entropy([u]), a, b, epsrel=1e-12)[0]
        for a, b in pairwise(edges)
    )
    found = diffused.mean_class_entropy(np.random.default_rng(0), 1)
    assert found.value == pytest.approx(exact, rel=1e-8)
    assert found.error < 1e-9 * exact
    turned = GaussianMixture([0.7, 0.3], law.means[::-1], law.covariances[::-1])
    again = diffuse(turned, EDM(), 1e-8).mean_class_entropy(np.random.default_rng(0), 1)
    np.testing.assert_allclose(again, found, rtol=1e-9)  # the error is that of all components


@pytest.mark.parametrize(
    ("widths", "third"), [((1.0, 1e-2), 0.0), ((1e-3, 1e-3), 0.0), ((1e-3, 0.5), 0.0), ((1e-3, 0.5), 0.2)]
)
def test_nor_is_a_small_or_a_thin_one_in_the_plane(widths, third):
    """H(k|x) by a plain sum over the rectangle of the small component, whose axes are slanted."""
    slanted = np.array([[0.8, -0.6], [0.6, 0.8]])
    own = slanted @ np.diag(np.square(widths)) @ slanted.T
    law = GaussianMixture(
        [0.3, 0.7 - third, third], [[0.37, 0.2], [-1.0, 0.1], [0.4, 6.0]], [own, np.eye(2), 0.04 * np.eye(2)]
    )
    diffused = diffuse(law, EDM(), 1e-6)
    u, step = np.linspace(-9, 9, 401, retstep=True)
    mesh = np.stack(np.meshgrid(u, u, indexing="ij"), axis=-1).reshape(-1, 2)
    x = mesh * widths @ slanted.T + law.means[0]
    exact = np.sum(np.exp(diffused.logpdf(x)) * diffused.class_entropy(x)) * step**2 * np.prod(widths)
    found = diffused.mean_class_entropy(np.random.default_rng(0), 1)
    if third:
        apart = law.means[1:], law.covariances[1:]
        rest = diffuse(GaussianMixture(law.weights[1:] / 0.7, *apart), EDM(), 1e-6)
        exact += 0.7 * rest.mean_class_entropy(np.random.default_rng(0), 1).value
    assert found.value == pytest.approx(exact, rel=1e-6 if third else 1e-9)
    assert found.error < 1e-9 * exact


# Which way an average is taken, and its error


def test_up_to_three_directions_nothing_is_drawn_and_in_eight_it_is():
    rng = np.random.default_rng(2)
    for dim in (1, 2, 3, 8):
        law = points(rng.standard_normal((dim + 2, dim)))
        one, two = (conditional_entropy(law, EDM(), 1.0, rng=np.random.default_rng(s)).value for s in (1, 2))
        assert (one == two) == (dim <= 3)


#: Ten points in nine directions: too many for a lattice, too near for walls of their own.
WIDE = points(0.5 * np.random.default_rng(8).standard_normal((10, 9)))


def average_of(law, integrand, t, *, local=True, ceiling=1.0, samples=1024):
    kernel, chart = charted(law, t=t)
    return average(
        kernel,
        chart,
        integrand,
        local=local,
        ceiling=ceiling,
        blur=0.0,
        draw=lambda: (np.random.default_rng(0), samples),
    )


@pytest.mark.parametrize("samples", [256, 4096])
@pytest.mark.parametrize("ceiling", [0.1, 2.0])
def test_what_no_sample_met_has_a_chance_of_at_most_three_in_so_many(samples, ceiling):
    """The rule of three: an event that n draws did not show has a chance below 3/n, at 95 per cent."""
    found = average_of(WIDE, Counted(0.0), 1.0, ceiling=ceiling, samples=samples)
    assert found == (0, pytest.approx(3 * ceiling / samples))


def test_what_no_sample_met_counts_no_more_than_the_overlap():
    law = points(np.random.default_rng(0).standard_normal((40, 30)))
    _, chart = charted(law, t=0.45)
    overlap = overlap_bound(chart, 1.0)
    assert 0 < overlap < 3 / 256
    found = average_of(law, Counted(0.0), 0.45, samples=256)
    assert found.error <= overlap


def test_many_participants_speak_for_themselves():
    kernel, chart = charted(WIDE)
    alone, participants = component_sampling(kernel, chart, label_entropy, np.random.default_rng(0), 1024)
    assert participants > 100
    assert average_of(WIDE, label_entropy, 1.0, ceiling=1e3) == alone


def test_an_average_that_is_not_local_needs_no_participants():
    assert average_of(WIDE, square_norm, 1.0, local=False, ceiling=np.inf, samples=16).error < np.inf


def test_points_that_are_never_confused():
    law = points(np.random.default_rng(0).standard_normal((5, 3)))
    for quantity in (conditional_entropy, mmse):
        found = quantity(law, EDM(), 1e-4)
        assert found.value == 0
        assert found.error < 1e-300


def test_a_sampled_wall_counts_for_all_that_are_like_it(monkeypatch):
    """A simplex in eight directions, its 36 edges sampled once and one by one."""
    law = points(np.eye(9))
    kernel, chart = charted(law, t=0.12)

    def on_walls():
        draws = np.random.default_rng(0), 1 << 12
        found = sampled(kernel, chart, label_entropy, 1, local=True, ceiling=1.0, draw=lambda: draws)
        return found.value[0], found.error[0]

    monkeypatch.setattr("infodyn.expectations.DEAR", 0.0)
    (once, error), _ = on_walls(), monkeypatch.setattr("infodyn.walls.MOST_SYMMETRIC", 0)
    each, other = on_walls()
    assert error < 0.1 * once
    assert abs(once - each) < 5 * (error + other)
