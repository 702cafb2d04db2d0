"""The paths that a score drives reach the laws and the points that they must."""

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from infodyn import EDM, VE, VP, GaussianMixture, diffuse, points
from infodyn.dynamics import (
    lyapunov_exponents,
    probability_flow,
    sample_reverse,
    score_of,
    stretching_rates,
)
from infodyn.stretching import _log_singular_values

INTEGRALS = {}


class Remembering(VP):
    """A VP process that integrates its rate once for each time, which is slow; the numbers are the same."""

    def _integral(self, t):
        key = self.beta, np.shape(t), np.asarray(t, float).tobytes()
        if key not in INTEGRALS:
            INTEGRALS[key] = super()._integral(t)
        return INTEGRALS[key]


PROCESSES = {
    "EDM": EDM(),
    "VE": VE(lambda t: t**1.5),
    "VP": VP(),
    "VP, rising rate": Remembering(lambda t: 0.5 + t),
}
each_process = pytest.mark.parametrize("process", PROCESSES.values(), ids=PROCESSES)

COIN = points([[-1.0], [1.0]])
LOADED = points([[0.0], [1.0], [3.0]], [0.5, 0.2, 0.3])
HILLS = GaussianMixture([0.3, 0.7], [[-1.0], [1.0]], 0.2)
THREE = points([[-1.2, 0.0], [0.8, 0.6], [0.8, -0.6]])
WIDE = GaussianMixture([1.0], [[0.3, -1.0]], [[0.5, 0.2], [0.2, 2.0]])


def falling(process, steps, start=4.0, end=0.1):
    """Times at which the noise level falls in equal ratios."""
    return process.time_of(np.geomspace(start, end, steps + 1))


def order(errors):
    """Order of convergence from the errors at 1, 2, 4, ... times as many steps."""
    return -np.polyfit(np.log(2.0) * np.arange(len(errors)), np.log(errors), 1)[0]


class Replay(np.random.Generator):
    """A generator whose normal numbers were drawn before."""

    def __init__(self, normals):
        super().__init__(np.random.PCG64(0))
        self.normals = iter(normals)

    def standard_normal(self, shape):
        normals = next(self.normals)
        assert normals.shape == shape
        return normals


def coarsen(normals, level, factor):
    """The same Brownian path in steps ``factor`` times as long; its clock is 1 / level**2."""
    clock = np.diff(level**-2.0)
    steps = normals * np.sqrt(clock)[:, None, None]
    length = clock.reshape(-1, factor).sum(axis=1)
    return steps.reshape(-1, factor, *steps.shape[1:]).sum(axis=1) / np.sqrt(length)[:, None, None]


def gaussian_flow(law, process, x, times):
    """Probability flow of one Gaussian: it scales the principal axes."""
    values, vectors = np.linalg.eigh(law.covariances)
    alpha, sigma = process.alpha(times), process.sigma(times)
    widths = np.sqrt(alpha[:, None] ** 2 * values + sigma[:, None] ** 2)
    rotated = (x - alpha[0] * law.means) @ vectors
    return (rotated * (widths / widths[0])[:, None]) @ vectors.T + alpha[:, None, None] * law.means


# ---------------------------------------------------------------------------------- the score


@each_process
def test_the_score_of_a_law_is_that_of_the_diffused_law(process):
    x = np.array([[0.3, 1.0], [-2.0, 0.5]])
    np.testing.assert_array_equal(score_of(WIDE, process)(x, 0.7), diffuse(WIDE, process, 0.7).score(x))


def test_a_score_needs_a_law_and_a_process():
    with pytest.raises(TypeError, match="data must be a data law"):
        score_of(np.zeros((2, 2)), EDM())
    with pytest.raises(TypeError, match="process must be"):
        score_of(COIN, EDM)


# ---------------------------------------------------------------------------- probability flow


@each_process
@pytest.mark.parametrize("direction", [1, -1])
def test_the_flow_of_a_gaussian_scales_its_axes(process, direction):
    x = np.array([[1.0, 0.0], [-2.0, 3.0], [0.3, -1.0]])
    times = falling(process, 100)[::direction]
    paths = probability_flow(score_of(WIDE, process), process, x, times)
    np.testing.assert_array_equal(paths[0], x)
    np.testing.assert_allclose(paths, gaussian_flow(WIDE, process, x, times), rtol=3e-7, atol=3e-7)


@each_process
def test_the_flow_is_of_order_four(process):
    x = np.array([[1.0, 0.0], [-2.0, 3.0]])
    errors = []
    for steps in (10, 20, 40, 80):
        times = falling(process, steps)
        paths = probability_flow(score_of(WIDE, process), process, x, times)
        errors.append(np.abs(paths[-1] - gaussian_flow(WIDE, process, x, times)[-1]).max())
    assert order(errors) == pytest.approx(4, abs=0.15)


@each_process
def test_the_flow_keeps_quantiles_in_one_dimension(process):
    def distribution(x, t):
        alpha, sigma = process.alpha(t), process.sigma(t)
        width = np.sqrt(0.2 * alpha**2 + sigma**2)
        return stats.norm.cdf((x - alpha * HILLS.means[:, 0]) / width) @ HILLS.weights

    x = np.array([[-3.0], [-0.2], [0.4], [5.0]])
    times = falling(process, 160)
    end = probability_flow(score_of(HILLS, process), process, x, times)[-1]
    np.testing.assert_allclose(distribution(end, times[-1]), distribution(x, times[0]), rtol=1e-6)


@each_process
def test_the_flow_solves_its_equation_as_scipy_does(process):
    def velocity(t, x):
        x = x.reshape(-1, 1)
        speed = process.drift(x, t) - process.diffusion(t) ** 2 / 2 * diffuse(LOADED, process, t).score(x)
        return speed.ravel()

    x = np.array([[-1.0], [0.9], [2.5]])
    times = falling(process, 120, 3.0, 0.3)
    reference = integrate.solve_ivp(velocity, times[[0, -1]], x[:, 0], rtol=1e-9, atol=1e-9).y[:, -1]
    paths = probability_flow(score_of(LOADED, process), process, x, times)
    np.testing.assert_allclose(paths[-1, :, 0], reference, rtol=1e-6)


@each_process
def test_one_point_is_reached_exactly_in_one_step(process):
    x, point = np.array([[5.0, -2.0]]), np.array([[1.0, 1.0]])
    times = process.time_of(np.array([3.0, 1e-3]))
    (alpha, alpha_end), (sigma, sigma_end) = process.alpha(times), process.sigma(times)
    end = probability_flow(score_of(points(point), process), process, x, times)[-1]
    exact = alpha_end * point + (x - alpha * point) * sigma_end / sigma
    np.testing.assert_allclose(end, exact, rtol=1e-10)


# --------------------------------------------------------------------------------- reverse SDE


@each_process
def test_one_step_towards_one_point_is_the_bridge(process):
    point, z = np.array([[1.0, -1.0]]), np.array([[0.7, -1.3]])
    x, times = np.array([[2.0, 0.5]]), process.time_of(np.array([2.0, 0.3]))
    paths = sample_reverse(score_of(points(point), process), process, x, times, Replay([z]))
    keep = 0.3**2 / 2**2
    mean = keep * x / process.alpha(times[0]) + (1 - keep) * point
    exact = process.alpha(times[1]) * (mean + 0.3 * np.sqrt(1 - keep) * z)
    np.testing.assert_array_equal(paths[0], x)
    np.testing.assert_allclose(paths[1], exact, rtol=1e-10)


def variance_reached(process, steps):
    """Variance of the last point for Gaussian data, exactly: one path for each source of noise."""
    law = GaussianMixture([1.0], [[0.0]], 0.5)
    times = falling(process, steps)
    alpha, sigma = process.alpha(times), process.sigma(times)
    start = np.zeros((steps + 1, 1))
    start[0] = np.sqrt(0.5 * alpha[0] ** 2 + sigma[0] ** 2)
    normals = np.eye(steps, steps + 1, k=1)[:, :, None]
    end = sample_reverse(score_of(law, process), process, start, times, Replay(normals))[-1]
    return np.sum(end**2), 0.5 * alpha[-1] ** 2 + sigma[-1] ** 2


@each_process
def test_the_variance_is_of_order_two(process):
    errors = []
    for steps in (20, 40, 80, 160):
        reached, exact = variance_reached(process, steps)
        errors.append(abs(reached / exact - 1))
    assert order(errors) == pytest.approx(2, abs=0.1)


def coarse_and_fine(process, law, sizes, finest, n, rng):
    """Ends of the same paths in steps of several sizes, the finest last."""
    times = falling(process, finest, 3.0, 0.2)
    level = process.noise_level(times)
    start = diffuse(law, process, times[0]).sample(n, rng)
    normals = rng.standard_normal((finest, *start.shape))
    score = score_of(law, process)

    def end(steps):
        replay = Replay(coarsen(normals, level, finest // steps))
        return sample_reverse(score, process, start, times[:: finest // steps], replay)[-1]

    return [end(steps) for steps in (*sizes, finest)]


def test_paths_are_of_strong_order_one():
    *ends, fine = coarse_and_fine(VP(), HILLS, (16, 32, 64), 512, 2000, np.random.default_rng(1))
    errors = [np.sqrt(np.mean((end - fine) ** 2)) for end in ends]
    assert order(errors) == pytest.approx(1, abs=0.1)


def test_averages_are_of_weak_order_two():
    *ends, fine = coarse_and_fine(EDM(), HILLS, (8, 16, 32), 128, 40_000, np.random.default_rng(2))
    errors = [np.mean(np.cos(fine) - np.cos(end)) for end in ends]
    noise = [np.std(np.cos(fine) - np.cos(end)) / 200 for end in ends]
    assert np.all(np.abs(errors) > 5 * np.array(noise))
    assert order(np.abs(errors)) == pytest.approx(2, abs=0.35)


@each_process
def test_the_samples_have_the_weights_of_the_data(process):
    rng, n = np.random.default_rng(3), 4000
    times = falling(process, 60, 20.0, 1e-3)
    start = diffuse(LOADED, process, times[0]).sample(n, rng)
    end = sample_reverse(score_of(LOADED, process), process, start, times, rng)[-1]
    nearest = np.argmin(np.abs(end - process.alpha(times[-1]) * LOADED.means[:, 0]), axis=1)
    found = np.bincount(nearest, minlength=3) / n
    within = 4 * np.sqrt(LOADED.weights * (1 - LOADED.weights) / n)
    assert np.all(np.abs(found - LOADED.weights) < within)
    assert np.abs(end - process.alpha(times[-1]) * LOADED.means[nearest]).max() < 6e-3


def test_noise_comes_from_the_generator_alone():
    times, x = [2.0, 1.0, 0.5], np.zeros((5, 1))
    score = score_of(COIN, EDM())
    first = sample_reverse(score, EDM(), x, times, np.random.default_rng(7))
    np.testing.assert_array_equal(first, sample_reverse(score, EDM(), x, times, np.random.default_rng(7)))
    assert not np.allclose(first, sample_reverse(score, EDM(), x, times, np.random.default_rng(8)))


def test_a_learned_score_will_do_and_is_asked_at_the_given_times():
    asked = []

    def score(x, t):
        asked.append(float(t))
        return -x / (1 + t**2)

    sample_reverse(score, EDM(), [[1.0]], [2.0, 1.0, 0.5], np.random.default_rng(0))
    assert set(asked) == {2.0, 1.0, 0.5}
    asked.clear()
    probability_flow(score, EDM(), [[1.0]], [2.0, 1.0, 0.5])
    assert set(asked) == {2.0, 1.5, 1.0, 0.75, 0.5}


# ----------------------------------------------------------------------------- local stretching


def reverse_velocity(law, process, x, t):
    return process.diffusion(t) ** 2 / 2 * diffuse(law, process, t).score(x) - process.drift(x, t)


@each_process
def test_rates_are_the_slopes_of_the_reverse_velocity(process):
    x, t, h = np.array([[0.3, 0.2], [-1.0, 2.0], [0.0, 0.0]]), 0.6, 1e-5
    columns = [
        (reverse_velocity(THREE, process, x + h * e, t) - reverse_velocity(THREE, process, x - h * e, t))
        / (2 * h)
        for e in np.eye(2)
    ]
    slopes = np.linalg.eigvalsh(np.stack(columns, axis=-1))[:, ::-1]
    np.testing.assert_allclose(stretching_rates(THREE, process, x, t), slopes, rtol=1e-7, atol=1e-8)


def test_rates_at_the_centre_of_the_coin():
    t = np.array([2.0, 1.0, 0.5])
    rates = stretching_rates(COIN, EDM(), np.zeros((3, 1)), t)[:, 0]
    np.testing.assert_allclose(rates, t**-3 - 1 / t, rtol=1e-12, atol=1e-15)


def test_rates_along_paths_take_the_time_of_each_step():
    times = np.array([2.0, 0.9, 0.4])
    x = np.random.default_rng(4).standard_normal((3, 5, 2))
    together = stretching_rates(THREE, VP(), x, times)
    assert together.shape == (3, 5, 2)
    for step, time in enumerate(times):
        np.testing.assert_array_equal(together[step], stretching_rates(THREE, VP(), x[step], time))
    single = stretching_rates(THREE, VP(), x[0, 0], times[0])
    np.testing.assert_allclose(single, together[0, 0], rtol=1e-12)


@each_process
def test_neighbours_part_at_the_stretching_rate(process):
    level = np.array([0.7 * 1.001, 0.7 / 1.001])
    times, gap = process.time_of(level), 1e-5
    x = np.array([[0.4], [0.4 + gap], [2.0], [2.0 + gap]])
    paths = probability_flow(score_of(LOADED, process), process, x, times)[:, :, 0]
    parting = np.log(np.diff(paths, axis=1)[:, ::2])
    speed = (parting[1] - parting[0]) / (times[0] - times[1])
    middle = paths.mean(axis=0)[::2, None]
    rates = stretching_rates(LOADED, process, middle, times.mean())[:, 0]
    np.testing.assert_allclose(speed, rates, rtol=2e-4)


def test_rates_need_times_that_fit_the_points():
    with pytest.raises(ValueError, match=r"t must be one time .* got t \(3,\) and x \(2, 1\)"):
        stretching_rates(COIN, EDM(), np.zeros((2, 1)), [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="t must be one time"):
        stretching_rates(COIN, EDM(), np.zeros(2), [1.0, 2.0])
    with pytest.raises(ValueError, match="t must be > 0"):
        stretching_rates(COIN, EDM(), np.zeros((2, 1)), 0.0)
    with pytest.raises(ValueError, match=r"x must have shape \(..., 2\)"):
        stretching_rates(THREE, EDM(), np.zeros((2, 1)), 1.0)


# -------------------------------------------------------------------------- Lyapunov exponents


@each_process
@pytest.mark.parametrize("direction", [1, -1])
def test_the_exponents_of_a_gaussian_are_those_of_its_widths(process, direction):
    times = falling(process, 60)[::direction]
    ends = times[[0, -1]]
    variances = np.linalg.eigvalsh(WIDE.covariances)
    widths = np.sqrt(process.alpha(ends)[:, None] ** 2 * variances + process.sigma(ends)[:, None] ** 2)
    exact = np.sort(np.log(widths[1] / widths[0]) / np.ptp(ends))[::-1]
    found = lyapunov_exponents(WIDE, process, [[3.0, -1.0], [0.0, 0.0]], times)
    np.testing.assert_allclose(found, [exact, exact], rtol=3e-6)


def sum_rule(process, steps):
    """Sums of the exponents times the span, and the logarithm of the ratio of the densities."""
    x = np.array([[1.0, 2.0], [0.3, 0.1], [-4.0, 1.0]])
    times = falling(process, steps, 5.0, 0.3)
    end = probability_flow(score_of(THREE, process), process, x, times)[-1]
    first, last = (diffuse(THREE, process, time) for time in times[[0, -1]])
    total = lyapunov_exponents(THREE, process, x, times).sum(axis=1) * np.ptp(times)
    return total, first.logpdf(x) - last.logpdf(end)


@pytest.mark.parametrize("process", [EDM(), VP()], ids=["EDM", "VP"])
def test_the_exponents_add_up_to_the_change_of_density(process):
    gaps = [np.abs(np.subtract(*sum_rule(process, steps))).max() for steps in (100, 200, 400)]
    assert order(gaps) == pytest.approx(4, abs=0.1)
    assert gaps[-1] < 1e-9


@pytest.mark.parametrize("process", [EDM(), VP()], ids=["EDM", "VP"])
def test_the_exponents_are_singular_values_of_the_flow(process):
    x, times, h = np.array([[1.0, 2.0], [0.3, 0.1], [-0.5, 0.02]]), falling(process, 150, 5.0, 0.2), 1e-5
    score = score_of(THREE, process)
    moved = [probability_flow(score, process, x + h * e, times)[-1] for e in (*np.eye(2), *-np.eye(2))]
    slope = np.stack([moved[0] - moved[2], moved[1] - moved[3]], axis=-1) / (2 * h)
    exact = np.log(np.linalg.svd(slope, compute_uv=False)) / np.ptp(times)
    np.testing.assert_allclose(lyapunov_exponents(THREE, process, x, times), exact, rtol=3e-6, atol=1e-8)


def test_the_exponent_in_one_dimension_is_that_of_the_quantile_map():
    x, times = np.array([[-3.0], [-0.05], [0.4], [5.0]]), falling(EDM(), 300, 3.0, 0.2)
    widths = np.sqrt(0.2 + times[[0, -1]] ** 2)

    def mixture(function, y, width):
        return function(y, HILLS.means[:, 0], width) @ HILLS.weights

    rank = mixture(stats.norm.cdf, x, widths[0])
    low, high = np.full(4, -9.0), np.full(4, 9.0)
    for _ in range(60):
        middle = (low + high) / 2
        below = mixture(stats.norm.cdf, middle[:, None], widths[1]) < rank
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    start = mixture(stats.norm.pdf, x, widths[0])
    end = mixture(stats.norm.pdf, low[:, None], widths[1])
    found = lyapunov_exponents(HILLS, EDM(), x, times)[:, 0]
    np.testing.assert_allclose(found, np.log(start / end) / 2.8, rtol=1e-7)


def test_the_way_back_has_the_opposite_exponents():
    x, times = np.array([[1.0, 2.0], [0.3, 0.1]]), falling(EDM(), 400, 5.0, 0.3)
    end = probability_flow(score_of(THREE, EDM()), EDM(), x, times)[-1]
    there = lyapunov_exponents(THREE, EDM(), x, times)
    back = lyapunov_exponents(THREE, EDM(), end, times[::-1])
    np.testing.assert_allclose(back, -there[:, ::-1], rtol=1e-7)


@settings(max_examples=15, deadline=None)
@given(st.floats(0, 2 * np.pi), st.integers(0, 2**32 - 1))
def test_exponents_do_not_depend_on_the_axes(angle, seed):
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    x = np.random.default_rng(seed).standard_normal((2, 2)) * 2
    times = np.geomspace(3.0, 0.3, 40)
    plain = lyapunov_exponents(THREE, EDM(), x, times)
    turned = lyapunov_exponents(points(THREE.means @ turn.T), EDM(), x @ turn.T, times)
    np.testing.assert_allclose(turned, plain, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("angle", [0.0, 0.3, np.pi / 2, 2.0])
def test_no_direction_is_lost_beside_one_that_grows(angle):
    """On the separatrix of two points one direction grows by e**37 while the other shrinks."""
    axis = np.array([np.cos(angle), np.sin(angle)])
    times = 1 / np.linspace(0.1, 1 / 0.11, 1000)
    found = lyapunov_exponents(points([-axis, axis]), EDM(), [[0.0, 0.0]], times)[0] * np.ptp(times)
    shrink = np.log(0.11 / 10)
    growth = shrink + (0.11**-2 - 0.1**2) / 2
    np.testing.assert_allclose(found, [growth, shrink], rtol=1e-5)


def test_shrinking_beyond_the_precision_of_numbers_is_counted():
    times, slab = np.geomspace(1e150, 1e-150, 400), GaussianMixture([1.0], [[0.0, 0.0]], np.diag([1.0, 0.0]))
    found = lyapunov_exponents(slab, EDM(), [[0.0, 0.0]], times)[0] * 1e150
    np.testing.assert_allclose(found[1], -300 * np.log(10), rtol=1e-9)


def test_each_path_has_its_exponents_however_far_another_is_torn():
    """On the separatrix of two points one direction grows by e**1250; a path from elsewhere only shrinks."""
    coin, times = points([[-1.0, 0.0], [1.0, 0.0]]), 1 / np.linspace(0.1, 50, 400)
    x = np.array([[0.0, 0.0], [3.0, 1.0]])
    together = lyapunov_exponents(coin, EDM(), x, times)
    alone = [lyapunov_exponents(coin, EDM(), start[None], times)[0] for start in x]
    assert np.all(np.isfinite(together))
    np.testing.assert_allclose(together, alone, rtol=1e-12)


@pytest.mark.parametrize("growth", [[2.0, 1.0, 0.5], [60.0, 3.0, 2.9], [900.0, 30.0, -800.0]])
def test_singular_values_of_any_size(growth):
    """Against an eigenvalue problem in 2000 digits."""
    shear = np.array([[1.0, 3.0, -0.7], [0.0, 1.0, 2.0], [0.0, 0.0, 1.0]])
    with mp.workdps(2000):
        matrix = mp.diag([mp.exp(g) for g in growth]) * mp.matrix(shear.tolist())
        squares = mp.eigsy(matrix * matrix.T, eigvals_only=True)
        exact = sorted((float(mp.log(square) / 2) for square in squares), reverse=True)
    (found,) = _log_singular_values(np.array([growth]), shear[None])
    np.testing.assert_allclose(found, exact, rtol=1e-13)


def test_exponents_need_points_and_times_that_fit():
    with pytest.raises(ValueError, match=r"x must have shape \(..., 2\)"):
        lyapunov_exponents(THREE, EDM(), [[0.0]], [2.0, 1.0])
    with pytest.raises(ValueError, match="times must go one way"):
        lyapunov_exponents(COIN, EDM(), [[0.0]], [2.0, 1.0, 3.0])
    with pytest.raises(TypeError, match="data must be a data law"):
        lyapunov_exponents(score_of(COIN, EDM()), EDM(), [[0.0]], [2.0, 1.0])


# ----------------------------------------------------------------------------------- bad input

SAMPLERS = {
    "reverse": lambda score, x, times: sample_reverse(score, EDM(), x, times, np.random.default_rng(0)),
    "flow": lambda score, x, times: probability_flow(score, EDM(), x, times),
}


@pytest.mark.parametrize("run", SAMPLERS.values(), ids=SAMPLERS)
@pytest.mark.parametrize(
    ("x", "times", "message"),
    [
        ([0.0], [2.0, 1.0], r"x must have shape \(n, D\), one start a row, got \(1,\)"),
        ([[np.nan]], [2.0, 1.0], "x must be finite"),
        ([[0.0]], [2.0], "at least two times"),
        ([[0.0]], [[2.0, 1.0]], "at least two times"),
        ([[0.0]], [2.0, 0.0], "t must be > 0"),
        ([[0.0]], [2.0, 1.0, 1.5], "times must go one way"),
        ([[0.0]], [2.0, 1.0, 1.0], "times must go one way"),
        ([[0.0]], [1.0, 1.0, 2.0], "times must go one way"),
    ],
)
def test_starts_and_times_are_checked(run, x, times, message):
    with pytest.raises(ValueError, match=message):
        run(score_of(COIN, EDM()), x, times)


@pytest.mark.parametrize("run", SAMPLERS.values(), ids=SAMPLERS)
def test_what_the_score_returns_is_checked(run):
    with pytest.raises(TypeError, match="score must be a function"):
        run(diffuse(COIN, EDM(), 1.0), [[0.0]], [2.0, 1.0])
    with pytest.raises(ValueError, match=r"the shape of x, \(2, 1\), but returned \(2,\) at t = 2"):
        run(lambda x, t: x[:, 0], [[0.0], [1.0]], [2.0, 1.0])
    with pytest.raises(ValueError, match=r"score\(x, t = 2\) must be finite"):
        run(lambda x, t: x + np.inf, [[0.0]], [2.0, 1.0])


def test_the_reverse_sde_runs_one_way_and_needs_a_generator():
    score = score_of(COIN, EDM())
    with pytest.raises(ValueError, match="times must fall"):
        sample_reverse(score, EDM(), [[0.0]], [1.0, 2.0], np.random.default_rng(0))
    with pytest.raises(TypeError, match="rng must be"):
        sample_reverse(score, EDM(), [[0.0]], [2.0, 1.0], 0)


def test_a_signal_that_is_lost_cannot_be_found():
    with pytest.raises(ValueError, match=r"alpha\(2000\) = 0"):
        probability_flow(lambda x, t: -x, VP(), [[0.0]], [2000.0, 1.0])
