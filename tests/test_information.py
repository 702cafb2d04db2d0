"""Averages over p_t: every route, every process, against quadrature of other make."""

from itertools import pairwise

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm

from infodyn import (
    EDM,
    VE,
    VP,
    GaussianMixture,
    Sphere,
    conditional_entropy,
    diffuse,
    entropy_rate,
    expected_divergence,
    expected_score_norm,
    marginal_entropy_rate,
    mmse,
    points,
)
from infodyn.estimates import Estimate
from infodyn.expectations import sampled
from infodyn.information import ROUTES
from tests.laws import component_covariances, every_kind, random_matrix

TWO = points([[-1.0], [1.0]])
route = pytest.mark.parametrize("route", ROUTES)


def within(estimate, expected, factor=1.0):
    """Whether an estimate is as close to the truth as it says."""
    return np.all(np.abs(estimate.value - expected) <= factor * estimate.error)


def reference_two_points(t, digits=30):
    """H and its rate for points ±1 under EDM in many digits, from the law of the log odds.

    Given x_0 = 1 the log odds q are normal, of mean 2/t² and variance 4/t². Both integrands are
    analytic for |Im q| < pi, so a sum of step h errs by about exp(-2 pi² / h).
    """
    with mp.workdps(digits):
        mean = 2 / mp.mpf(t) ** 2
        deviation = mp.sqrt(2 * mean)
        step = min(mp.mpf("0.2"), deviation / 4)
        ends = [int((mean + k * deviation) / step) for k in (-35, 35)]
        odds = [step * k for k in range(*ends)]
        density = [step * mp.npdf(q, mean, deviation) for q in odds]
        entropy = mp.fdot(density, [mp.log1p(mp.exp(-q)) for q in odds])
        rate = mp.fdot(density, [mp.sech(q / 2) ** 2 for q in odds]) / mp.mpf(t) ** 3
        return float(entropy), float(rate)


@pytest.mark.parametrize("t", ["0.06", "0.1", "1", "10", "100"])
def test_two_points_against_mpmath(t):
    entropy, rate = reference_two_points(t)
    t = float(t)
    found = conditional_entropy(TWO, EDM(), t)
    assert found.value == pytest.approx(entropy, rel=1e-11)
    assert within(found, entropy)
    for name in ("posterior", "fisher"):
        found = entropy_rate(TWO, EDM(), t, name)
        assert found.value == pytest.approx(rate, rel=1e-11)
        assert within(found, rate)
    for name in ("score", "divergence", "spectrum", "derivative"):
        found = entropy_rate(TWO, EDM(), t, name)
        assert within(found, rate)
        assert found.error < 1e-9 * max(1, 1 / t)


def test_the_rate_underflows_gracefully():
    """At t = 0.02 the rate is about 4e-540."""
    for name in ROUTES:
        found = entropy_rate(TWO, EDM(), 0.02, name)
        assert abs(found.value) <= found.error or found.value == 0


LAWS = {
    "two points": TWO,
    "uneven": points([[0.0], [1.0], [2.5]], [1e-6, 0.4, 0.6 - 1e-6]),
    "triangle": points([[0.0, 0.0], [1.0, 0.0], [0.3, 1.2]], [0.2, 0.3, 0.5]),
    "one Gaussian": GaussianMixture([1.0], [[1.0, 2.0, 3.0]], np.diag([1.0, 0.2, 0.0])),
    "shared": GaussianMixture([0.3, 0.7], [[-1.0, 0.0, 1.0], [1.0, 0.4, 0.0]], 0.1),
    "shared full": GaussianMixture([0.3, 0.7], np.eye(2), random_matrix(np.random.default_rng(0), 2)),
    "own isotropic": GaussianMixture([0.4, 0.6], [[-1.0], [1.0]], [0.05, 0.5]),
    "sphere": Sphere(3, 1.5),
    "circle": Sphere(2),
    "sphere in many dimensions": Sphere(500, 2.0),
}
PROCESSES = {
    "EDM": EDM(),
    "VP": VP(),
    "VE": VE(lambda t: 0.3 * t * (1 + t)),
    "VP linear": VP(lambda t: 0.1 + t),
}


@pytest.mark.parametrize("process", PROCESSES.values(), ids=PROCESSES.keys())
@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS.keys())
def test_all_routes_agree(law, process):
    t = np.array([0.4, 1.1])
    best = entropy_rate(law, process, t)
    for name in ROUTES[1:]:
        found = entropy_rate(law, process, t, name)
        gap = np.abs(found.value - best.value)
        assert np.all(gap <= found.error + best.error + 1e-13 * best.value), name
        assert np.all(found.error <= 1e-7 * best.value + 1e-9), name


@pytest.mark.parametrize("process", PROCESSES.values(), ids=PROCESSES.keys())
def test_identities_between_the_averages(process):
    """Master formulas: the four averages are one number in four units."""
    law, t = LAWS["shared"], np.array([0.3, 0.9])
    sigma, alpha, g = process.sigma(t), process.alpha(t), process.diffusion(t)
    rate = entropy_rate(law, process, t).value
    error = mmse(law, process, t).value
    norm_ = expected_score_norm(law, process, t).value
    np.testing.assert_allclose(rate, g**2 / 2 * alpha**2 / sigma**4 * error, rtol=1e-12)
    np.testing.assert_allclose(norm_, law.dim / sigma**2 - alpha**2 / sigma**4 * error, rtol=1e-10)
    np.testing.assert_allclose(expected_divergence(law, process, t).value, -norm_, rtol=1e-10)
    damping = process.drift(np.ones((2, 1)), t)[:, 0]
    np.testing.assert_allclose(
        marginal_entropy_rate(law, process, t).value, law.dim * damping + g**2 / 2 * norm_, rtol=1e-10
    )


def test_h_depends_on_time_through_the_noise_level_alone():
    levels = np.array([0.2, 1.0, 3.0])
    for law in (LAWS["triangle"], LAWS["own isotropic"], LAWS["circle"]):
        curves = [conditional_entropy(law, p, p.time_of(levels)).value for p in PROCESSES.values()]
        for curve in curves[1:]:
            np.testing.assert_allclose(curve, curves[0], rtol=1e-9)


def gaussian(variances, t):
    variances = np.asarray(variances)
    entropy = np.log(2 * np.pi * np.e * variances * t**2 / (variances + t**2)).sum() / 2
    return entropy, (variances / (t * (variances + t**2))).sum()


@pytest.mark.parametrize("t", [1e-6, 0.3, 1.0, 1e5])
def test_gaussian_closed_form(t):
    for covariance, variances in ((0.7, [0.7, 0.7]), (np.diag([2.0, 0.0]), [2.0]), (0.0, [])):
        law = GaussianMixture([1.0], [[3.0, -1.0]], covariance)
        entropy, rate = gaussian(variances, t)
        assert conditional_entropy(law, EDM(), t).value == pytest.approx(entropy, rel=1e-12, abs=1e-15)
        assert entropy_rate(law, EDM(), t).value == pytest.approx(rate, rel=1e-12)


def test_mixture_entropy_by_quadrature_over_both_variables():
    """H(x_0|x_t) of an overlapping mixture straight from its definition."""
    law, t = GaussianMixture([0.4, 0.6], [[-0.7], [0.8]], [0.3, 0.6]), 0.5
    diffused = diffuse(law, EDM(), t)

    x0, step = np.linspace(-7, 7, 701, retstep=True)
    z, noise_step = np.linspace(-9, 9, 301, retstep=True)
    prior = norm.pdf(x0[:, None], law.means[:, 0], np.sqrt(law.covariances)) @ law.weights
    log_joint = np.log(prior)[:, None] + norm.logpdf(z, scale=1.0) - np.log(t)
    log_posterior = log_joint - diffused.logpdf((x0[:, None] + t * z)[..., None])
    expected = -np.sum(np.exp(log_joint) * log_posterior) * step * noise_step * t
    assert conditional_entropy(law, EDM(), t).value == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("kind", ["points", "one isotropic", "one full", "full", "singular"])
def test_average_of_the_posterior_entropy_by_sampling(kind):
    """The average in closed form or quadrature, and in three dimensions, against plain Monte Carlo."""
    law = every_kind()[kind]
    diffused = diffuse(law, VP(), 0.7)
    x = diffused.sample(20_000, np.random.default_rng(0))
    classes = diffused.class_entropy(x)
    found = diffused.mean_class_entropy(np.random.default_rng(1), 1 << 14)
    spread = np.hypot(classes.std() / np.sqrt(len(x)), found.error)
    assert abs(classes.mean() - found.value) < 5 * spread
    variance = diffused.posterior_variance(x)
    error = mmse(law, VP(), 0.7)
    assert abs(variance.mean() - error.value) < 5 * np.hypot(variance.std() / np.sqrt(len(x)), error.error)


CLOUD = points(np.random.default_rng(3).uniform(-1, 2, (24, 2)))


@pytest.mark.parametrize(
    ("law", "t", "margin"), [(LAWS["triangle"], 0.35, 3), (CLOUD, 0.05, 0.45), (CLOUD, 0.3, 3)]
)
def test_two_dimensions_against_a_plain_sum_over_the_plane(law, t, margin):
    x, step = np.linspace(-1 - margin, 2 + margin, 2000, retstep=True)
    expected = 0.0
    for y in x:
        squares = (x[:, None] - law.means[:, 0]) ** 2 + (y - law.means[:, 1]) ** 2
        kernels = law.weights * np.exp(-squares / (2 * t**2)) / (2 * np.pi * t**2)
        density = np.maximum(kernels.sum(axis=1), 1e-300)
        mean = kernels @ law.means / density[:, None]
        second = kernels @ (law.means**2).sum(axis=1)
        expected += np.sum(second - density * (mean**2).sum(axis=1)) * step**2
    assert mmse(law, EDM(), t).value == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("t", [0.05, 0.2, 1.0, 6.0])
def test_one_dimension_against_scipy_from_small_to_large_times(t):
    law = points([[0.0], [1.0], [1.3], [4.0]], [0.1, 0.3, 0.4, 0.2])
    diffused = diffuse(law, EDM(), t)
    walls = [0.5, 1.15, 2.65]
    edges = sorted(
        {-8 * t, 4 + 8 * t, *walls, *(w + s * 10 * t**2 for w in walls for s in (-1, 1)), 0, 1, 1.3, 4}
    )
    total = sum(
        quad(
            lambda x: np.exp(diffused.logpdf([x])) * diffused.class_entropy([x]), a, b, epsabs=0, epsrel=1e-11
        )[0]
        for a, b in pairwise(edges)
    )
    assert conditional_entropy(law, EDM(), t).value == pytest.approx(total, rel=1e-9)


def test_clusters_far_apart_at_small_times():
    """Two pairs a thousand apart: each pair contributes what it would alone, to all digits."""
    pair = points([[0.0], [1.0]])
    pairs = points([[0.0], [1.0], [1000.0], [1001.0]])
    for t in (0.06, 0.2):
        alone, both = entropy_rate(pair, EDM(), t), entropy_rate(pairs, EDM(), t)
        assert both.value == pytest.approx(alone.value, rel=1e-9)
    flat = points([[0.0, 0.0], [1.0, 0.0], [600.0, 800.0], [601.0, 800.0]])
    assert entropy_rate(flat, EDM(), 0.2).value == pytest.approx(
        entropy_rate(pair, EDM(), 0.2).value, rel=1e-9
    )


def test_many_dimensions_cost_nothing_and_change_nothing():
    rng = np.random.default_rng(0)
    locations = rng.standard_normal((3, 2))
    frame = np.linalg.qr(rng.standard_normal((100_000, 2)))[0]
    wide = points(locations @ frame.T + 5.0)
    t = np.array([0.2, 1.0, 5.0])
    for quantity in (conditional_entropy, entropy_rate, mmse):
        np.testing.assert_allclose(
            quantity(wide, EDM(), t).value, quantity(points(locations), EDM(), t).value, rtol=1e-10
        )
    across = (100_000 - 2) / t**2
    np.testing.assert_allclose(
        expected_score_norm(wide, EDM(), t).value - across,
        expected_score_norm(points(locations), EDM(), t).value,
        rtol=1e-4,
    )


CORNERS = points(np.stack(np.meshgrid(*[[-1.0, 1.0]] * 4), axis=-1).reshape(-1, 4))


#: Nine points that are as far from one another: no product, and too many directions for a lattice.
SIMPLEX = points(np.eye(9))


@pytest.mark.parametrize("t", [0.12, 0.3, 0.6, 2.0])
def test_averages_against_the_product_of_pairs(t):
    """Sixteen corners of a cube are four independent pairs: known where it can be, else sampled."""
    for quantity in (conditional_entropy, entropy_rate):
        found, exact = quantity(CORNERS, EDM(), t), 4 * quantity(TWO, EDM(), t).value
        assert found.value == pytest.approx(exact, rel=1e-12)
        assert found.error < 1e-10 * exact
    for name in ("score", "divergence", "fisher", "spectrum"):
        assert within(entropy_rate(CORNERS, EDM(), t, name), 4 * entropy_rate(TWO, EDM(), t).value, 5)


def test_standard_errors_have_their_meaning():
    """Over 60 seeds, deviations in units of the stated error look standard normal (Student, 15 degrees)."""
    exact = 4 * conditional_entropy(TWO, EDM(), 0.8).value
    low = diffuse(CORNERS, EDM(), 0.8).reduced
    found = []
    for seed in range(60):
        draws = np.random.default_rng(seed), 1 << 11
        value, error = sampled(
            low.kernel,
            low.chart,
            lambda kernel, x, r: r.entropy(),
            1,
            local=True,
            ceiling=1.0,
            draw=lambda draws=draws: draws,
        )
        found.append(Estimate(value[0], error[0]))
    deviations = np.array([(e.value - exact) / e.error for e in found])
    assert abs(deviations.mean()) < 4 / np.sqrt(60)
    assert 0.6 < deviations.std() < 1.6


def test_a_rare_boundary_that_no_sample_met_shows_in_the_error():
    """1200 points in 30 dimensions, hardly ever confused: plain samples see nothing, the error says so."""
    law, met = points(np.random.default_rng(0).standard_normal((1200, 30))), 0
    for seed in range(6):
        few, many = (
            conditional_entropy(law, EDM(), 0.3, rng=np.random.default_rng(seed), samples=number)
            for number in (1 << 9, 1 << 14)
        )
        met += many.value > 100 * few.value  # one of the many met a boundary
        assert abs(few.value - many.value) < few.error
    assert met


@pytest.mark.parametrize(("covariance", "t"), [(0.0, 0.3), (0.05, 0.25)])
def test_what_a_rare_boundary_may_add_is_in_proportion_to_the_greatest_value_there(covariance, t):
    """ln K for the entropy; for the mmse 2 R², R from the centre to the farthest mean, where noise is all."""
    means = np.random.default_rng(0).standard_normal((500, 25)) + 3.0
    diffused = diffuse(GaussianMixture(np.full(500, 1 / 500), means, covariance), EDM(), t)
    entropy, between = (
        average(np.random.default_rng(0), 512)
        for average in (diffused.mean_class_entropy, diffused.mean_between)
    )
    farthest = ((means - means.mean(axis=0)) ** 2).sum(axis=1).max()
    slope = t**2 / (t**2 + covariance)
    assert 0 < entropy.error < 3 * np.log(500) / 512
    variance = diffused.class_entropy_variance(np.random.default_rng(0), 512)
    assert 0 < variance.error < 3 * np.log(500) ** 2 / 512
    assert between.error / entropy.error == pytest.approx(2 * slope**2 * farthest / np.log(500), rel=1e-9)


ALL = (conditional_entropy, mmse, expected_score_norm, expected_divergence, marginal_entropy_rate)


@pytest.mark.parametrize("quantity", [*ALL, entropy_rate], ids=lambda q: q.__name__)
def test_whoever_brings_random_numbers_gets_their_average(quantity):
    first, again, other, default = (
        quantity(SIMPLEX, EDM(), 0.8, samples=512, **rng)
        for rng in [*({"rng": np.random.default_rng(seed)} for seed in (1, 1, 2)), {}]
    )
    assert first == again
    assert len({first, other, default}) == 3


@route
def test_errors_are_in_the_units_of_what_they_belong_to(route):
    """Lengths and times eight times as great: the rate per unit of ln t stays, to rounding."""
    rng = np.random.default_rng(5)
    locations = rng.standard_normal((9, 8))
    found = [
        entropy_rate(points(scale * locations), EDM(), scale * 0.7, route, samples=256)
        for scale in (1.0, 8.0)
    ]
    assert 8 * found[1].value == pytest.approx(found[0].value, rel=1e-6)
    assert 8 * found[1].error == pytest.approx(found[0].error, rel=1e-6)


def test_the_error_of_the_marginal_rate_is_that_of_the_score():
    norm_ = expected_score_norm(CORNERS, VP(), 0.5, samples=256)
    rate = marginal_entropy_rate(CORNERS, VP(), 0.5, samples=256)
    assert rate.error == pytest.approx(VP().diffusion(0.5) ** 2 / 2 * norm_.error, rel=1e-12)


@pytest.mark.parametrize("radius", [1e-3, 1.0, 1e3])
def test_the_error_of_a_sphere_s_average_follows_its_size(radius):
    found = mmse(Sphere(3, radius), EDM(), radius)
    assert 0 < found.error < 1e-11 * found.value


def entropy_by_sampling(law, groups, process, t, number=20_000):
    """-E ln p(x_0|x_t) from draws of both; components of one group live on one subspace."""
    rng, diffused = np.random.default_rng(0), diffuse(law, process, t)
    inverses, log_volumes = [], []
    for covariance in component_covariances(law):
        values = np.linalg.eigvalsh(covariance)
        inverses.append(np.linalg.pinv(covariance, rcond=1e-9, hermitian=True))
        log_volumes.append(np.log(2 * np.pi * values[values > 1e-9]).sum() / 2)
    terms = []
    for group in groups:
        for k in group:
            n = int(number * law.weights[k])
            x0 = rng.multivariate_normal(law.means[k], component_covariances(law)[k], n)
            x = diffused.alpha * x0 + diffused.sigma * rng.standard_normal(x0.shape)
            gaps = x0[:, None] - law.means[group]
            squares = np.einsum("ngi,gij,ngj->ng", gaps, np.array([inverses[j] for j in group]), gaps)
            prior = np.log(law.weights[group]) - [log_volumes[j] for j in group] - squares / 2
            noise = norm.logpdf(x, diffused.alpha * x0, diffused.sigma).sum(axis=1)
            terms.append(diffused.logpdf(x) - np.logaddexp.reduce(prior, axis=1) - noise)
    total = sum(law.weights[k] * e.mean() for k, e in zip(np.concatenate(groups), terms, strict=True))
    spread = np.sqrt(
        sum(
            law.weights[k] ** 2 * e.var() / len(e) for k, e in zip(np.concatenate(groups), terms, strict=True)
        )
    )
    return total, spread


FRAME = np.linalg.qr(np.random.default_rng(2).standard_normal((3, 3)))[0]


def slanted(*spectra):
    return np.stack([FRAME @ np.diag(spectrum) @ FRAME.T for spectrum in spectra])


FIVE = np.array([0.25, 0.2, 0.15, 0.3, 0.1])
GROUPED = {
    "own": (
        GaussianMixture(
            FIVE,
            np.array([[0, 0, 0], [0.7, 0.4, 0], [3, 0, 0], [3, 0, 0.5], [-2, 1, 1]]) @ FRAME.T,
            slanted([1, 0.4, 0], [0.3, 0.8, 0], [0, 0, 1], [0, 0, 0.2], [0, 0, 0]),
        ),
        [[0, 1], [2, 3], [4]],
    ),
    "one": (
        GaussianMixture(
            FIVE,
            np.array([[0, 0, 0], [0.7, 0.4, 0], [0, 0, 1.5], [0.5, -1, 1.5], [0, 0, 3]]) @ FRAME.T,
            slanted([1, 0.4, 0])[0],
        ),
        [[0, 1], [2, 3], [4]],
    ),
    "isotropic": (
        GaussianMixture(FIVE, [[0.0], [0.6], [1.0], [1.0], [-1.0]], [0.5, 0.2, 0.0, 0.0, 0.0]),
        [[0, 1], [2, 3], [4]],
    ),
    "many directions": (
        GaussianMixture(FIVE, np.random.default_rng(0).standard_normal((5, 4)), 0.6),
        [[0, 1, 2, 3, 4]],
    ),
}


def test_the_posterior_s_entropy_turns_with_the_law():
    """Two components on one slanted line in space, and in one dimension."""
    place, direction = FRAME[:, 1], FRAME[:, 2]
    line = GaussianMixture([0.6, 0.4], [[0.0], [0.7]], [1.0, 0.3])
    covariances = line.covariances[:, None, None] * np.outer(direction, direction)
    space = GaussianMixture(line.weights, place + line.means * direction, covariances)
    u = np.array([[-0.4], [0.3], [1.5]])
    across = np.array([[0.2], [-1.0], [0.4]]) * FRAME[:, 0]
    alpha = VP().alpha(0.6)
    found = diffuse(space, VP(), 0.6).posterior_entropy(alpha * place + u * direction + across)
    np.testing.assert_allclose(found, diffuse(line, VP(), 0.6).posterior_entropy(u), atol=1e-7)


@pytest.mark.parametrize("kind", GROUPED)
def test_entropy_of_components_that_share_a_subspace_by_sampling(kind):
    law, groups = GROUPED[kind]
    expected, spread = entropy_by_sampling(law, groups, VP(), 0.6)
    found = conditional_entropy(law, VP(), 0.6, samples=1 << 12)
    assert abs(found.value - expected) < 5 * np.hypot(spread, found.error)
    assert 0 < found.error < 0.01
    parts = diffuse(law, VP(), 0.6)
    draw = [(np.random.default_rng(0), 1 << 12) for _ in range(2)]
    mixing, confusion = parts.mean_class_entropy(*draw[0]), parts.label_entropy_given_data(*draw[1])
    assert found.error > 0.9 * max(mixing.error, confusion.error)


@given(seed=st.integers(0, 2**31), number=st.integers(2, 5), dim=st.integers(1, 2), t=st.floats(0.15, 20))
@settings(max_examples=40)
def test_bounds_on_entropy_and_rate(seed, number, dim, t):
    rng = np.random.default_rng(seed)
    law = points(rng.standard_normal((number, dim)), rng.dirichlet(np.ones(number)))
    prior = -np.sum(law.weights * np.log(law.weights))
    entropy, rate = conditional_entropy(law, EDM(), t), entropy_rate(law, EDM(), t)
    assert -1e-14 <= entropy.value <= prior + 1e-9
    assert 0 <= rate.value <= dim / t
    covariance = np.cov(law.means.T, aweights=law.weights, bias=True).reshape(dim, dim)
    linear = np.linalg.eigvalsh(covariance)
    assert rate.value <= np.sum(linear / (t * (linear + t**2))) * (1 + 1e-9)
    later = conditional_entropy(law, EDM(), 1.1 * t)
    assert later.value >= entropy.value - entropy.error - later.error


def test_the_whole_rate_adds_up_to_the_entropy_of_the_data():
    """Claim: the integral of the rate over all times is log N for N equal points (here in ln t)."""
    law = points([[0.0], [1.0], [2.5]], [0.2, 0.3, 0.5])
    log_t = np.linspace(np.log(0.03), np.log(3000), 400)
    rate = entropy_rate(law, EDM(), np.exp(log_t)).value * np.exp(log_t)
    total = np.sum((rate[1:] + rate[:-1]) / 2) * (log_t[1] - log_t[0])
    prior = -np.sum(law.weights * np.log(law.weights))
    assert total == pytest.approx(prior, rel=1e-6)


@pytest.mark.parametrize("apart", [1.0, 60.0])
def test_two_names_for_one_component_leave_their_own_entropy_open(apart):
    """H(k|x_t) of three components, two of them alike, by the chain rule."""
    three = GaussianMixture([0.2, 0.3, 0.5], [[0.0, 0.0], [0.0, 0.0], [apart, 1.0]], 0.5)
    two = GaussianMixture([0.5, 0.5], [[0.0, 0.0], [apart, 1.0]], 0.5)
    draw = np.random.default_rng(0), 1
    found, merged = (diffuse(law, EDM(), 0.8).mean_class_entropy(*draw).value for law in (three, two))
    names = -0.4 * np.log(0.4) - 0.6 * np.log(0.6)
    assert found == pytest.approx(merged + 0.5 * names, rel=1e-11)


def test_late_and_early_times():
    assert conditional_entropy(TWO, VP(), 1e8).value == pytest.approx(np.log(2), rel=1e-12)
    assert entropy_rate(TWO, VP(), 1e8).value == 0
    assert conditional_entropy(TWO, EDM(), 1e8).value == pytest.approx(np.log(2), rel=1e-12)
    assert entropy_rate(TWO, EDM(), 1e8).value == pytest.approx(1e-24, rel=1e-9)
    assert entropy_rate(LAWS["own isotropic"], VP(), 1e8).value == 0
    assert conditional_entropy(LAWS["triangle"], EDM(), 1e-8).value == 0
    dim = 10**6
    assert entropy_rate(Sphere(dim), EDM(), 1e-6).value == pytest.approx((dim - 1) / 1e-6, rel=1e-4)


def test_manifolds_show_their_dimension():
    """t dH/dt tends to the dimension of the data (38): sphere, line and their mixture."""
    t = 1e-4
    assert t * entropy_rate(Sphere(3), EDM(), t).value == pytest.approx(2, rel=1e-6)
    line = GaussianMixture([1.0], [[0.0, 0.0]], np.diag([1.0, 0.0]))
    assert t * entropy_rate(line, EDM(), t).value == pytest.approx(1, rel=1e-6)


def test_shapes_and_scalars():
    found = conditional_entropy(TWO, EDM(), np.ones((2, 3)))
    assert found.value.shape == found.error.shape == (2, 3)
    assert np.ndim(conditional_entropy(TWO, EDM(), 1.0).value) == 0
    assert conditional_entropy(TWO, EDM(), np.empty(0)).value.shape == (0,)


def test_the_same_call_gives_the_same_number():
    first, second = (conditional_entropy(SIMPLEX, EDM(), 0.8, samples=512) for _ in range(2))
    assert first == second
    other = conditional_entropy(SIMPLEX, EDM(), 0.8, samples=512, rng=np.random.default_rng(9))
    assert other != first


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: entropy_rate(TWO, EDM(), 1.0, "entropy"), "route must be one of 'posterior'.*got 'entropy'"),
        (lambda: entropy_rate(TWO, EDM(), [1.0, 0.0]), "t must be > 0.*got 0"),
        (lambda: conditional_entropy(TWO, EDM(), -1.0), "t must be > 0.*got -1"),
        (lambda: mmse(TWO, EDM(), np.nan), "t must be finite"),
        (lambda: conditional_entropy(TWO, EDM(), 1.0, samples=0), "samples must be a whole number >= 1"),
    ],
)
def test_bad_values_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: conditional_entropy([[1.0]], EDM(), 1.0), "data must be a data law"),
        (lambda: mmse(TWO, "EDM", 1.0), "process must be EDM"),
        (lambda: conditional_entropy(TWO, EDM(), 1.0, rng=3), "rng must be a numpy.random.Generator"),
    ],
)
def test_bad_types_are_refused(call, message):
    with pytest.raises(TypeError, match=message):
        call()


@pytest.mark.parametrize("route", ["score", "divergence", "spectrum"])
def test_what_cancels_in_many_directions_is_in_the_error(route):
    """The rate is D less a number close to D."""
    axis, t = np.eye(1000)[:1], 100.0
    law = points(np.concatenate([axis, -axis]))
    exact, found = entropy_rate(law, EDM(), t).value, entropy_rate(law, EDM(), t, route)
    rounding = np.finfo(float).eps * 1000 / t
    assert abs(found.value - exact) <= found.error
    assert rounding < found.error < 100 * rounding
