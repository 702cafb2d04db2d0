"""The pathwise entropy and its variance, against sums in many digits, closed forms and limits."""

from itertools import product

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import gammaln, ive
from scipy.stats import norm, rice

from infodyn import (
    EDM,
    VE,
    VP,
    GaussianMixture,
    Sphere,
    class_entropy_variance,
    conditional_entropy,
    diffuse,
    effective_snr,
    entropy_variance,
    pathwise_entropy,
    points,
    speciation_time,
    variance_profile,
)
from infodyn.quadrature import gaussian_averages
from infodyn.relative import kullback_terms
from tests.laws import component_covariances, every_kind, random_matrix

COIN = points([[-1.0], [1.0]])
TRIANGLE = np.array([[1.0, 0.0], [-0.5, 3**0.5 / 2], [-0.5, -(3**0.5) / 2]])


def within(estimate, expected, factor=1.0):
    return np.all(np.abs(estimate.value - expected) <= factor * estimate.error)


def reference(law, t, digits=40):
    """Variance of the class entropy under EDM, as a trapezoid sum in many digits."""
    with mp.workdps(digits):
        t = mp.mpf(t)
        means = [mp.mpf(float(m)) for m in law.means[:, 0]]
        weights = [mp.mpf(float(w)) for w in law.weights]
        variances = [mp.mpf(float(v)) + t**2 for v in np.broadcast_to(law.covariances, len(means))]
        low, high = min(means), max(means)
        gap = high - low
        wall = mp.pi * min(variances) / gap
        step = min(2 * mp.pi * wall / 40, mp.sqrt(min(variances)) / 3)
        reach = 13 * mp.sqrt(max(variances))
        deviations = []
        entropy = -mp.fsum(w * mp.log(+w) for w in weights)
        for n in range(int((gap + 2 * reach) / step) + 1):
            x = low - reach + n * step
            parts = [
                w * mp.exp(-((x - m) ** 2) / (2 * v)) / mp.sqrt(2 * mp.pi * v)
                for w, m, v in zip(weights, means, variances, strict=True)
            ]
            p = mp.fsum(parts)
            h = -mp.fsum(q / p * mp.log(+(q / p)) for q in parts if q > p * mp.mpf(10) ** (-3 * digits))
            deviations.append((p, h - entropy))
        total = mp.fsum(p for p, _ in deviations)
        first = mp.fsum(p * d for p, d in deviations) / total
        second = mp.fsum(p * (d - first) ** 2 for p, d in deviations) / total
        return float(second)


ATOMS = {
    "coin": COIN,
    "uneven": points([[0.0], [1.0], [2.5]], [0.15, 0.25, 0.6]),
    "rare": points([[-1.0], [1.0]], [0.001, 0.999]),
    "random": points(np.random.default_rng(3).uniform(-2, 2, (4, 1)), [0.4, 0.3, 0.2, 0.1]),
    "widths": GaussianMixture([0.3, 0.7], [[-1.0], [0.7]], [0.1, 0.5]),
    "shared": GaussianMixture([0.3, 0.3, 0.4], [[-1.0], [0.2], [3.0]], 0.2),
}


@pytest.mark.parametrize("t", ["0.2", "0.7", "4", "300"])
@pytest.mark.parametrize("law", ATOMS.values(), ids=ATOMS.keys())
def test_variance_against_many_digits(law, t):
    expected = reference(law, t)
    found = class_entropy_variance(law, EDM(), float(t))
    assert found.value == pytest.approx(expected, rel=1e-8)
    assert within(found, expected)
    if not law.covariances.any():
        np.testing.assert_array_equal(entropy_variance(law, EDM(), float(t)), found)


def test_small_and_large_noise_keep_their_digits():
    """At t = 0.08 the variance is about 1e-36, at t = 1e5 about 1e-20."""
    for t in ("0.08", "1e5"):
        found, expected = entropy_variance(COIN, EDM(), float(t)), reference(COIN, t)
        assert found.value == pytest.approx(expected, rel=1e-8)
        assert within(found, expected)
    assert entropy_variance(COIN, EDM(), 1e-3) == (0, 0)


def test_known_values_of_the_profile():
    pair = variance_profile([0.0, 1.0, 1.345477669725], [-1.0, 1.0])
    np.testing.assert_allclose(pair.value, [0, 0.05085731746139, 0.053628891129724], rtol=1e-12)
    assert pair.error[0] == 0
    assert np.all(pair.error < 1e-12)
    uneven = variance_profile(0.9974883581, [-1.0, 1.0], [0.8, 0.2])
    assert uneven.value == pytest.approx(0.0513842559, abs=1e-10)
    assert variance_profile(2.0714063474, TRIANGLE).value == pytest.approx(0.0956616371, abs=1e-10)
    corners = np.array(list(product([-1.0, 1.0], repeat=2)))
    gammas = np.array([0.01, 1.0, 9.0])
    bits = 2 * variance_profile(gammas, [-1.0, 1.0]).value
    np.testing.assert_allclose(variance_profile(gammas, corners).value, bits, rtol=1e-10)


def test_two_scales_have_two_peaks():
    """Four points in two pairs: one peak a choice, and between them a variance of merged pairs."""
    profile = variance_profile([1.3248, 8.5416, 134.548], [-1.1, -0.9, 0.9, 1.1]).value
    assert profile[1] < 0.01 < profile[0]
    assert profile[1] < 0.01 < profile[2]
    for place, sign in ((1.3248, -1), (8.5416, 1), (134.548, -1)):
        around = variance_profile(place * np.array([0.97, 1.0, 1.03]), [-1.1, -0.9, 0.9, 1.1]).value
        assert np.all(sign * (around[[0, 2]] - around[1]) > 0)


def test_slope_of_the_profile():
    r""":math:`\Phi' = E|\mathrm{Cov}_w(m,\ln w)|^2 - \mathrm{Cov}(H, \mathrm{tr Cov}_w(m))`."""
    node, mass = np.polynomial.hermite_e.hermegauss(120)
    m, prior, gamma = np.array([-1.0, 0.3, 1.2]), np.array([0.2, 0.5, 0.3]), 0.9
    z, c = np.meshgrid(node, np.arange(3), indexing="ij")
    p = (mass[:, None] / mass.sum() * prior).ravel()
    logits = np.log(prior) + gamma * m * m[c.ravel(), None] - gamma / 2 * m**2
    logits = logits + np.sqrt(gamma) * m * z.ravel()[:, None]
    log_w = logits - np.logaddexp.reduce(logits, axis=1)[:, None]
    w = np.exp(log_w)
    h, mean = -(w * log_w).sum(axis=1), w @ m
    push = (w * log_w * (m - mean[:, None])).sum(axis=1)
    width = w @ m**2 - mean**2
    slope = p @ push**2 - (p @ (h * width) - (p @ h) * (p @ width))
    step = 1e-3
    found = variance_profile([gamma - step, gamma + step], m, prior).value
    assert np.diff(found)[0] / (2 * step) == pytest.approx(slope, rel=1e-6)
    assert variance_profile(gamma, m, prior).value == pytest.approx(p @ h**2 - (p @ h) ** 2, rel=1e-9)


def test_decay_at_small_noise():
    r""":math:`A e^{-\gamma/2}(1 - 0.3767/\gamma)/\sqrt{8\pi\gamma}`, with an error of :math:`\gamma^{-2}`."""
    gammas = np.array([50.0, 100.0, 200.0])
    law = 1.917550382 * np.exp(-gammas / 2) / np.sqrt(8 * np.pi * gammas) * (1 - 0.376699 / gammas)
    gap = np.abs(variance_profile(gammas, [-1.0, 1.0]).value / law - 1)
    np.testing.assert_allclose(gap[:-1] / gap[1:], 4, rtol=0.1)
    assert gap[-1] < 1e-5


def test_decay_at_large_noise():
    m, prior = np.array([[0.0, 1.0], [1.0, -0.5], [-1.5, 0.3]]), np.array([0.2, 0.3, 0.5])
    gammas = np.array([1e-3, 1e-4, 1e-5])
    equal = variance_profile(gammas, m).value / (gammas**2 / 2 * np.sum(np.cov(m.T, bias=True) ** 2))
    cov = (prior * np.log(prior)) @ (m - prior @ m)
    uneven = variance_profile(gammas, m, prior).value / (gammas * (cov @ cov))
    for ratio in (equal, uneven):
        np.testing.assert_allclose((ratio[:-1] - 1) / (ratio[1:] - 1), 10, rtol=0.03)
        assert abs(ratio[-1] - 1) < 1e-4


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.3, 10))
def test_symmetries_and_bound_of_the_profile(seed, gamma):
    rng = np.random.default_rng(seed)
    number = int(rng.integers(2, 5))
    m, prior = rng.standard_normal((number, 2)), rng.dirichlet(np.ones(number))
    turn = np.linalg.qr(rng.standard_normal((2, 2)))[0]
    value = variance_profile(gamma, m, prior).value
    assert 0 < value <= np.log(number) ** 2 / 4
    order = rng.permutation(number)
    moved = variance_profile(gamma, (m @ turn + [3.0, -4.0])[order], prior[order]).value
    assert moved == pytest.approx(value, rel=1e-8)
    assert variance_profile(gamma / 4, 2 * m, prior).value == pytest.approx(value, rel=1e-9)


def test_clocks_agree_and_shape_is_kept():
    t = np.array([[0.3, 0.8], [1.5, 3.0]])
    law = ATOMS["uneven"]
    value = entropy_variance(law, EDM(), t)
    assert value.value.shape == value.error.shape == t.shape
    for process in (VP(), VE(lambda s: 0.5 * s**2)):
        found = entropy_variance(law, process, process.time_of(t))
        np.testing.assert_allclose(found.value, value.value, rtol=1e-10)
    assert np.ndim(entropy_variance(law, EDM(), 1.0).value) == 0


def test_three_directions_are_summed_and_many_are_sampled_within_the_error():
    simplex = np.eye(4) * (4 / 3) ** 0.5
    found = variance_profile(2.5623511744, simplex)
    assert abs(found.value - 0.1304707537) < 1e-10
    assert found.error < 1e-9
    corners = np.array(list(product([-1.0, 1.0], repeat=6)))
    corners[0] *= 1 + 1e-9  # no product any more
    exact = 6 * variance_profile(2.0, [-1.0, 1.0]).value
    rough, fine = (
        class_entropy_variance(points(corners), EDM(), 0.5**0.5, rng=np.random.default_rng(1), samples=n)
        for n in (1 << 11, 1 << 14)
    )
    assert within(rough, exact, 4)
    assert within(fine, exact, 4)
    assert 1e-6 < fine.error < rough.error < 0.1 * exact


@pytest.mark.parametrize("variance", [entropy_variance, class_entropy_variance])
def test_samples_come_from_the_generator(variance):
    simplex = points(np.eye(9))
    first, again, other = (
        variance(simplex, EDM(), 0.6, rng=np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    assert first == again
    assert first.value != other.value


def test_rare_boundaries_in_many_directions():
    """Where no sample from p_t would meet a boundary: six edges of a simplex, far apart."""
    gamma = 60.0
    simplex = np.eye(4) * 2**0.5  # edges of length 2, as between ±1
    pair = variance_profile(gamma, [-1.0, 1.0])
    found = variance_profile(gamma, simplex)
    assert abs(found.value / (3 * pair.value) - 1) < 0.01 + 4 * found.error / found.value


def nested(law, t, inner=6001, outer=4001):
    """Variance of the posterior entropy under EDM in 1-D, two plain trapezoid sums on dense grids."""
    spread = np.sqrt(component_covariances(law).max())
    x0 = np.linspace(law.means.min() - 9 * spread, law.means.max() + 9 * spread, inner)
    scales = np.sqrt(component_covariances(law)[:, 0, 0])
    p0 = sum(
        w * norm.pdf(x0, m, s) for w, m, s in zip(law.weights, law.means[:, 0], scales, strict=True) if w
    )
    ends = [x0[0] - 9 * t, x0[-1] + 9 * t]
    x = np.linspace(*ends, outer)
    p, h = np.empty(outer), np.empty(outer)
    for n in range(outer):
        joint = p0 * norm.pdf(x[n], x0, t)
        p[n] = np.trapezoid(joint, x0)
        log_posterior = np.log(np.maximum(joint, 1e-300) / max(p[n], 1e-300))
        h[n] = -np.trapezoid(joint * log_posterior, x0) / max(p[n], 1e-300)
    mean = np.trapezoid(p * h, x)
    return np.trapezoid(p * (h - mean) ** 2, x)


OVERLAPPING = {
    "shared": GaussianMixture([0.3, 0.7], [[-1.0], [1.0]], 0.3),
    "three": GaussianMixture([0.3, 0.3, 0.4], [[-1.0], [0.0], [2.0]], 0.25),
    "own widths": GaussianMixture([0.4, 0.6], [[-1.0], [0.5]], [0.2, 0.8]),
    "one place": GaussianMixture([0.5, 0.5], [[0.0], [0.0]], [0.1, 1.0]),
    "one in vain": GaussianMixture([0.4, 0.0, 0.6], [[-1.0], [7.0], [0.5]], [0.2, 1.0, 0.8]),
}


@pytest.mark.parametrize("t", [0.3, 1.0])
@pytest.mark.parametrize("law", OVERLAPPING.values(), ids=OVERLAPPING.keys())
def test_overlapping_components_against_two_nested_sums(law, t):
    found = entropy_variance(law, EDM(), t)
    assert found.value == pytest.approx(nested(law, t, 3001, 1501), rel=1e-7)
    assert found.error < 1e-8 * found.value
    other = entropy_variance(law, VP(), VP().time_of(t))
    assert other.value == pytest.approx(found.value, rel=1e-9)


def test_components_of_weight_zero_count_for_nothing():
    for variance in (0.0, [0.3, 0.2, 0.5], 0.4):
        law = GaussianMixture([0.4, 0.0, 0.6], [[-1.0], [0.1], [0.5]], variance)
        rest = [0, 2]
        own = law.covariances[rest] if law.covariances.ndim else law.covariances
        less = GaussianMixture(law.weights[rest], law.means[rest], own)
        for function in (class_entropy_variance, entropy_variance):
            for t in (0.2, 2.0):
                assert function(law, EDM(), t).value == pytest.approx(
                    function(less, EDM(), t).value, rel=1e-10
                )


def test_a_line_in_the_plane_is_a_line():
    """Two Gaussians whose means differ along one direction, round ones and oval ones."""
    thin = GaussianMixture([0.3, 0.7], [[-1.0], [1.0]], 0.3)
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    means = np.column_stack([thin.means, np.zeros(2)]) @ turn.T + [5.0, -2.0]
    oval = turn @ np.diag([0.3, 1.7]) @ turn.T
    for covariance in (0.3, oval):
        flat = GaussianMixture(thin.weights, means, covariance)
        for t in (0.5, 2.0):
            assert entropy_variance(flat, EDM(), t).value == pytest.approx(
                entropy_variance(thin, EDM(), t).value, rel=1e-9
            )


def test_posterior_entropy_of_a_product_is_a_sum():
    """Four overlapping Gaussians in the plane, the product of two pairs on lines."""
    pairs = [([0.3, 0.7], [-1.0, 0.5]), ([0.6, 0.4], [0.0, 1.2])]
    weights = np.outer(pairs[0][0], pairs[1][0]).ravel()
    means = np.array(list(product(pairs[0][1], pairs[1][1])))
    variances = (0.3, 0.5)
    x = np.array([[0.0, 0.3], [-1.2, 2.0], [0.4, -0.7]])
    both = diffuse(GaussianMixture(weights, means, np.diag(variances)), VP(), 0.4).posterior_entropy(x)
    lines = [
        diffuse(GaussianMixture(w, np.array(m)[:, None], v), VP(), 0.4).posterior_entropy(x[:, [i]])
        for i, ((w, m), v) in enumerate(zip(pairs, variances, strict=True))
    ]
    np.testing.assert_allclose(both, sum(lines), rtol=1e-11)
    assert both.shape == (3,)


def test_the_mean_of_the_pathwise_entropy_is_the_conditional_entropy():
    for law in OVERLAPPING.values():
        x = np.linspace(-14, 16, 3001)[:, None]
        at = diffuse(law, EDM(), 0.8)
        mean = np.trapezoid(np.exp(at.logpdf(x)) * at.posterior_entropy(x), x[:, 0])
        assert mean == pytest.approx(conditional_entropy(law, EDM(), 0.8).value, rel=1e-9)


def test_separated_subspaces_and_mixed_dimension():
    """An atom and a line: near t = 0 the variance is that of a coin with the two entropies for faces."""
    law = GaussianMixture([0.25, 0.75], [[0.0, 1.0], [0.0, 0.0]], [np.zeros((2, 2)), np.diag([1.0, 0.0])])
    t = 1e-3
    two_faces = 0.25 * 0.75 * (np.log(2 * np.pi * np.e * t**2 / (1 + t**2)) / 2) ** 2
    assert entropy_variance(law, EDM(), t).value == pytest.approx(two_faces, rel=1e-10)
    lines = GaussianMixture([0.5, 0.5], [[0.0, 1.0], [0.0, -1.0]], np.diag([1.0, 0.0]))
    for t in (0.2, 1.0, 5.0):
        found = entropy_variance(lines, EDM(), t)
        assert found.value == pytest.approx(entropy_variance(COIN, EDM(), t).value, rel=1e-9)
    names = GaussianMixture([0.2, 0.3, 0.5], [[-1.0], [-1.0], [1.0]], 0.0)
    assert entropy_variance(names, EDM(), 0.8).value == pytest.approx(
        entropy_variance(COIN, EDM(), 0.8).value, rel=1e-9
    )


def test_one_gaussian_does_not_fluctuate():
    law = GaussianMixture([1.0], [[1.0, 2.0]], random_matrix(np.random.default_rng(0), 2))
    for function in (entropy_variance, class_entropy_variance):
        assert np.all(np.abs(function(law, VP(), [0.01, 1.0, 5.0]).value) < 1e-28)


def test_smooth_data_at_small_noise():
    r""":math:`\frac{t^4}{4}\mathrm{Var}[(\ln p_0)''(x_0)]`, with an error of order :math:`t^6`."""
    law = OVERLAPPING["shared"]
    x = np.linspace(-8, 8, 4001)
    p = 0.3 * norm.pdf(x, -1, 0.3**0.5) + 0.7 * norm.pdf(x, 1, 0.3**0.5)
    share = 0.3 * norm.pdf(x, -1, 0.3**0.5) / p
    curvature = share * (1 - share) * (2 / 0.3) ** 2
    mean = np.trapezoid(p * curvature, x)
    spread = np.trapezoid(p * (curvature - mean) ** 2, x)
    t = np.array([0.02, 0.01])
    gap = entropy_variance(law, EDM(), t).value / (t**4 / 4 * spread) - 1
    assert gap[0] / gap[1] == pytest.approx(4, rel=0.05)
    assert abs(gap[1]) < 5e-3


def test_classes_of_different_width_leave_a_plateau():
    amplitude = 1e4
    law = GaussianMixture([0.5, 0.5], np.sqrt(amplitude) * np.array([[-1.0], [1.0]]), [0.25, 2.25])
    t = 0.4 * np.log(amplitude)
    assert entropy_variance(law, VP(), t).value == pytest.approx(0.30172556, rel=1e-7)
    assert entropy_variance(law, VP(), t).value == pytest.approx((np.log(3) / 2) ** 2, rel=1e-3)
    assert class_entropy_variance(law, VP(), t).value == pytest.approx(0.00587, rel=1e-3)


def circle_reference(t):
    """Var H on the unit circle from Bessel functions and the Rice law of the norm."""

    def deficit(norm_):
        kappa = norm_ / t**2
        return kappa * ive(1, kappa) / ive(0, kappa) - np.log(ive(0, kappa)) - kappa

    def mean(f):
        low, high = max(0, 1 - 9 * t), 1 + 9 * t
        return quad(lambda u: rice.pdf(u, 1 / t, scale=t) * f(u), low, high, epsabs=0, epsrel=1e-12)[0]

    centre = mean(deficit)
    return mean(lambda u: (deficit(u) - centre) ** 2)


@pytest.mark.parametrize("t", [0.1, 0.5, 1.0, 3.0])
def test_the_circle_against_bessel_functions(t):
    found = entropy_variance(Sphere(2), EDM(), t)
    assert found.value == pytest.approx(circle_reference(t), rel=1e-8)
    assert found.error < 1e-10


@pytest.mark.parametrize("dim", [2, 3, 7])
def test_spheres_at_both_ends(dim):
    r""":math:`(D-1)^2t^2/4R^2` at small noise; at large noise :math:`R^4/2Dt^4`."""
    radius = 1.7
    small, large = 1e-4 * radius, 1e4 * radius
    value = entropy_variance(Sphere(dim, radius), EDM(), [small, large]).value
    assert value[0] == pytest.approx((dim - 1) ** 2 * 1e-8 / 4, rel=1e-5)
    assert value[1] == pytest.approx(1e-16 / (2 * dim), rel=1e-6)


def test_the_sphere_changes_its_formula_without_a_step():
    """In 3 dimensions the deficit is κ coth κ - 1 - ln(sinh κ/κ)."""
    diffused = diffuse(Sphere(3), EDM(), 1.0)
    for top in (1.7, 1.8):  # either side of the root of 3
        kappa = np.array([top / 3, top])
        exact = kappa / np.tanh(kappa) - 1 - np.log(np.sinh(kappa) / kappa)
        np.testing.assert_allclose(diffused._deficit(diffused._angle(kappa)), exact, rtol=1e-11)


def test_monte_carlo():
    rng = np.random.default_rng(0)
    for law in (COIN, ATOMS["widths"], OVERLAPPING["three"], Sphere(3)):
        at = diffuse(law, VP(), 0.6)
        h = at.posterior_entropy(at.sample(4000, rng))
        spread = (h - h.mean()) ** 2
        error = spread.std() / np.sqrt(len(h))
        assert abs(spread.mean() - entropy_variance(law, VP(), 0.6).value) < 4 * error


def test_kullback_terms_keep_their_digits():
    e = np.array([-1.0, -0.5, -0.0101, -0.0099, -1e-9, 0.0, 1e-9, 0.0099, 0.0101, 3.0])
    with mp.workdps(40):
        exact = [float((1 + mp.mpf(v)) * mp.log1p(mp.mpf(v)) - mp.mpf(v)) if v > -1 else 1.0 for v in e]
    np.testing.assert_allclose(kullback_terms(e), exact, rtol=1e-12)


def test_gaussian_averages():
    root = np.array([[0.8, 0.0], [0.3, 0.5]])
    centres = np.array([[0.0, 1.0], [2.0, -0.3]])
    wave = np.array([1.0, -0.7])
    value, error = gaussian_averages(lambda z: np.cos(z @ wave), centres, root, 1)
    exact = np.cos(centres @ wave) * np.exp(-np.sum((root.T @ wave) ** 2) / 2)
    np.testing.assert_allclose(value, exact, atol=1e-14)
    assert error < 1e-12
    value, error = gaussian_averages(lambda z: 1 / np.cosh(4 * z[:, 0]), np.zeros((1, 1)), np.eye(1), 1)
    exact = quad(lambda u: norm.pdf(u) / np.cosh(4 * u), -12, 12, epsabs=1e-15)[0]
    assert value[0] == pytest.approx(exact, abs=1e-13)
    assert error < 1e-11
    value, error = gaussian_averages(lambda z: np.full(len(z), 0.3), centres, root, 1)
    assert np.abs(value - 0.3).max() <= error < 1e-14
    assert error > np.finfo(float).eps  # however well the sums agree, rounding is left


@pytest.mark.parametrize("dim", [2, 3, 1000])
def test_the_error_on_a_sphere_is_the_rounding_of_the_entropy(dim):
    """What is subtracted from the entropy of the sphere's surface is the information, in nats."""
    surface = np.log(2) + dim / 2 * np.log(np.pi) - gammaln(dim / 2)
    for t in np.array([0.02, 0.5, 1.0, 3.0, 100.0]) / np.sqrt(dim):
        information = surface - conditional_entropy(Sphere(dim), EDM(), t).value
        value, error = entropy_variance(Sphere(dim), EDM(), t)
        unit = np.finfo(float).eps * (1 + information) * np.sqrt(value)
        assert unit < error < 500 * unit


def test_effective_snr():
    t = np.array([0.2, 1.0, 4.0])
    np.testing.assert_allclose(effective_snr(9.0, VP(), t), 9 / np.expm1(2 * t), rtol=1e-13)
    np.testing.assert_allclose(effective_snr(9.0, VP(), t, 0.25), 9 / (np.expm1(2 * t) + 0.25), rtol=1e-13)
    np.testing.assert_allclose(effective_snr([9.0, 3.0], EDM(), 2.0, [4.0, 0.0]), [9 / 8, 3 / 4], rtol=1e-13)
    assert effective_snr(9.0, VP(), 1e3) == 0
    law = GaussianMixture([0.5, 0.5], [[-3.0], [3.0]], 0.25)
    profile = variance_profile(effective_snr(9.0, VP(), t, 0.25), [-1.0, 1.0]).value
    np.testing.assert_allclose(class_entropy_variance(law, VP(), t).value, profile, rtol=1e-11)


@pytest.mark.parametrize("law", every_kind().values(), ids=every_kind().keys())
def test_speciation_time_of_mixtures(law):
    gaps = law.means - law.weights @ law.means
    covariance = np.einsum("k,ki,kj->ij", law.weights, gaps, gaps)
    covariance += np.einsum("k,kij->ij", law.weights, component_covariances(law))
    greatest = np.linalg.eigvalsh(covariance)[-1]
    assert speciation_time(law, EDM()) == pytest.approx(np.sqrt(greatest), rel=1e-12)
    assert speciation_time(law, VP()) == pytest.approx(np.log(1 + greatest) / 2, rel=1e-12)


def test_speciation_time_of_large_sets():
    rng = np.random.default_rng(0)
    for shape in ((4000, 50), (50, 4000)):
        x = rng.standard_normal(shape) @ np.diag(np.linspace(1, 2, shape[1]))
        greatest = np.linalg.svd(x - x.mean(axis=0), compute_uv=False)[0] ** 2 / len(x)
        assert speciation_time(points(x), EDM()) == pytest.approx(np.sqrt(greatest), rel=1e-10)
    assert speciation_time(Sphere(4, 3.0), EDM()) == pytest.approx(1.5)


def test_pathwise_entropy_takes_each_path_at_its_time():
    rng = np.random.default_rng(0)
    times, paths = np.array([2.0, 0.7, 0.1]), rng.standard_normal((3, 5, 2))
    law = points(TRIANGLE, [0.2, 0.3, 0.5])
    found = pathwise_entropy(law, VP(), paths, times)
    assert found.shape == (3, 5)
    for t, x, h in zip(times, paths, found, strict=True):
        w = diffuse(law, VP(), t).weights(x)
        np.testing.assert_allclose(h, -np.sum(w * np.log(w), axis=1), rtol=1e-10)
    assert pathwise_entropy(law, VP(), paths[:0], times[:0]).shape == (0, 5)


def test_bad_input_says_what_to_do():
    rank_four = GaussianMixture(np.full(5, 0.2), np.random.default_rng(0).standard_normal((5, 4)), 1.0)
    unlike = GaussianMixture([0.5, 0.5], [[0.0, 0.0], [0.1, 0.0]], [1e-4, 1.0])
    cases = [
        (lambda: pathwise_entropy(COIN, EDM(), np.zeros((2, 3)), [1.0, 2.0]), "paths must have shape"),
        (lambda: pathwise_entropy(COIN, EDM(), np.zeros((2, 3, 1)), [1.0]), "paths must have shape"),
        (lambda: pathwise_entropy(COIN, EDM(), np.zeros((1, 3, 1)), 1.0), "paths must have shape"),
        (lambda: pathwise_entropy(COIN, EDM(), np.zeros((1, 3, 1)), [0.0]), "t must be > 0"),
        (lambda: entropy_variance(COIN, EDM(), -1.0), "t must be > 0"),
        (lambda: entropy_variance(rank_four, EDM(), 1.0), "overlap in 4 directions"),
        (lambda: diffuse(unlike, EDM(), 1.0).posterior_entropy([0.0, 0.0]), "too unlike in width"),
        (lambda: effective_snr(0.0, EDM(), 1.0), "amplitude must be > 0"),
        (lambda: effective_snr(1.0, EDM(), 1.0, -0.1), "variance must be >= 0"),
        (lambda: effective_snr(1.0, EDM(), 0.0), "t must be > 0"),
        (lambda: speciation_time(points([[2.0], [2.0]]), EDM()), "some spread"),
        (lambda: variance_profile(-1.0, [-1.0, 1.0]), "gamma must be >= 0"),
        (lambda: variance_profile(1.0, [[[1.0]]]), "locations must have shape"),
    ]
    for call, message in cases:
        with pytest.raises(ValueError, match=message):
            call()
    for call, message in [
        (lambda: class_entropy_variance(Sphere(3), EDM(), 1.0), "no components"),
        (lambda: effective_snr(1.0, EDM, 1.0), "call the class"),
        (lambda: speciation_time(COIN, "VP"), "call the class"),
        (lambda: speciation_time(COIN.means, VP()), "wrap an array"),
        (lambda: entropy_variance(COIN.means, VP(), 1.0), "wrap an array"),
    ]:
        with pytest.raises(TypeError, match=message):
            call()
