"""Fisher matrix, effective dimension and Fisher spectrum: closed forms, and routes that share no code."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import ive

from infodyn import (
    EDM,
    VE,
    VP,
    GaussianMixture,
    Sphere,
    diffuse,
    effective_dimension,
    entropy_rate,
    fisher_matrix,
    fisher_spectrum,
    mmse,
    points,
)
from infodyn.geometry import _spectra
from tests.laws import every_kind, numerical_gradient, random_matrix

PROCESSES = {"EDM": EDM(), "VE": VE(lambda t: 0.3 * t * (1 + t)), "VP": VP()}
each_process = pytest.mark.parametrize("process", PROCESSES.values(), ids=PROCESSES.keys())
LAWS = {**every_kind(), "sphere": Sphere(3, 1.5), "circle": Sphere(2)}
each_law = pytest.mark.parametrize("law", LAWS.values(), ids=LAWS.keys())

RNG = np.random.default_rng(59)
X = RNG.standard_normal((6, 3))


# ---------------------------------------------------------------------- fisher_matrix


@each_process
def test_outer_products_of_the_gradient_of_bayes_rule(process):
    """(59) for five points: differences of ln p(x_0|x), and no covariance at all."""
    locations, prior = RNG.standard_normal((5, 2)), np.array([0.1, 0.3, 0.2, 0.25, 0.15])
    alpha, sigma = process.alpha(0.7), process.sigma(0.7)

    def log_posterior(x):
        joint = np.log(prior) - ((x[..., None, :] - alpha * locations) ** 2).sum(-1) / (2 * sigma**2)
        return joint - np.logaddexp.reduce(joint, axis=-1, keepdims=True)

    x = np.array([0.3, -0.4])
    step = 1e-5 * np.eye(2)
    slopes = (log_posterior(x + step) - log_posterior(x - step)) / 2e-5
    expected = (slopes * np.exp(log_posterior(x))) @ slopes.T
    found = fisher_matrix(diffuse(points(locations, prior), process, 0.7), x)
    np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-9)


@each_process
@each_law
def test_noise_precision_and_the_slope_of_the_score(law, process):
    """(60), the score differentiated numerically."""
    diffused, x = diffuse(law, process, 0.8), X[:, : law.dim]
    slope = numerical_gradient(diffused.score, x)
    expected = slope + np.eye(law.dim) / process.sigma(0.8) ** 2
    np.testing.assert_allclose(fisher_matrix(diffused, x), expected, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("t", [0.01, 0.5, 20.0])
def test_gaussian_data(t):
    """(61): the Fisher matrix of N(K x, V), which the posterior is."""
    C = random_matrix(np.random.default_rng(0), 4)
    K = C @ np.linalg.inv(C + t**2 * np.eye(4))
    V = C - K @ C
    found = fisher_matrix(diffuse(GaussianMixture([1.0], [[0.0] * 4], C), EDM(), t), X[0, [0, 1, 2, 0]])
    # V = C - K C errs by eps |C|, its inverse by cond(V) of that; V and t² share a scale.
    np.testing.assert_allclose(found, K.T @ np.linalg.inv(V) @ K, rtol=1e-9 + 1e-12 / t**2, atol=1e-9 / t**2)


def test_no_digits_are_lost_at_small_noise():
    """Between ±1, halfway: tr Cov = 1; a little off, sech². The sum I/t² + J has no digit left there."""
    t, x = 0.1, np.array([0.2])
    found = fisher_matrix(diffuse(points([[-1.0], [1.0]]), EDM(), t), x)[0, 0]
    assert found == pytest.approx(1 / np.cosh(x[0] / t**2) ** 2 / t**4, rel=1e-12)


def test_half_its_quadratic_form_is_the_relative_entropy():
    """The gap is of third order in the step: its slope in logarithms is 3."""
    diffused = diffuse(points([[0.0, 0.0], [1.0, 0.2], [0.3, 1.1]], [0.2, 0.5, 0.3]), VP(), 0.5)
    x, direction = np.array([0.3, 0.1]), np.array([0.6, -0.8])
    steps = np.geomspace(0.01, 0.1, 5)
    p, F = diffused.weights(x), fisher_matrix(diffused, x)
    gaps = [
        abs(p @ np.log(p / diffused.weights(x + h * direction)) - h**2 * direction @ F @ direction / 2)
        for h in steps
    ]
    order = np.polyfit(np.log(steps), np.log(gaps), 1)[0]
    assert order == pytest.approx(3, abs=0.1)


@pytest.mark.parametrize("t", [0.4, 1.0])
def test_the_plane_has_the_area_of_an_octant_of_a_sphere_of_radius_two(t):
    """Three points: x -> posterior maps the plane onto the simplex, which has the metric of that octant."""
    diffused = diffuse(points([[0.0, 0.0], [1.0, 0.0], [0.2, 0.9]], [0.2, 0.3, 0.5]), EDM(), t)
    step, reach = 0.15 * t**2, 4 + 35 * t**2
    ticks = np.arange(-reach, reach, step)
    plane = np.stack(np.meshgrid(ticks, ticks), axis=-1)
    area = step**2 * np.sqrt(np.linalg.det(fisher_matrix(diffused, plane)).clip(0)).sum()
    assert area == pytest.approx(2 * np.pi, rel=1e-5)


def test_points_keep_their_axes():
    diffused = diffuse(LAWS["sphere"], EDM(), 0.5)
    x = X.reshape(2, 3, 3)
    found = fisher_matrix(diffused, x)
    assert found.shape == (2, 3, 3, 3)
    np.testing.assert_array_equal(found[1, 2], fisher_matrix(diffused, x[1, 2]))


def test_a_law_that_is_not_diffused_is_refused():
    with pytest.raises(TypeError, match=r"diffused must be a diffused law, got Sphere; use diffuse\("):
        fisher_matrix(Sphere(3), X)


# ---------------------------------------------------------------------- effective_dimension


@each_process
@pytest.mark.parametrize("name", ["points", "one isotropic", "singular", "sphere"])
def test_the_rate_per_log_noise(name, process):
    """The slope of the entropy itself, divided by the clock."""
    t = np.array([0.4, 1.1])
    found = effective_dimension(LAWS[name], process, t, samples=1 << 10)
    slope = entropy_rate(LAWS[name], process, t, "derivative", samples=1 << 10)
    clock = process.clock(t)
    assert np.all(np.abs(found.value - slope.value / clock) <= 5 * (found.error + slope.error / clock))
    np.testing.assert_allclose(
        found.error, process.snr(t) * mmse(LAWS[name], process, t, samples=1 << 10).error
    )


def test_many_times_keep_their_shape():
    found = effective_dimension(Sphere(2), EDM(), [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]])
    assert found.value.shape == found.error.shape == (3, 2)


@pytest.mark.parametrize(("dim", "slope"), [(2, 0.5), (3, -1.0), (4, -4.5), (6, -17.5)])
def test_curvature_of_the_sphere(dim, slope):
    """d + d (3 - 2d)/2 (t/R)² + O(t⁴) for the sphere of dimension d = D - 1."""
    d, radius = dim - 1, 1.7
    t = np.geomspace(0.02, 0.1, 5) * radius
    gap = effective_dimension(Sphere(dim, radius), EDM(), t).value - d - slope * (t / radius) ** 2
    assert slope == d * (3 - 2 * d) / 2
    assert np.polyfit(np.log(t), np.log(np.abs(gap)), 1)[0] == pytest.approx(4, abs=0.2)


def test_a_mixture_of_dimensions_has_the_mean_dimension():
    covariances = [np.diag([1.0, 1.0, 0.0]), np.diag([1.0, 0.0, 0.0]), np.zeros((3, 3))]
    far = GaussianMixture([0.5, 0.2, 0.3], np.eye(3) * 30, covariances)
    found = effective_dimension(far, EDM(), 0.01, samples=256)
    assert found.value == pytest.approx(0.5 * 2 + 0.2 * 1, rel=2e-4)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.05, 5.0))
def test_between_nothing_and_the_best_linear_guess(seed, t):
    """The linear estimator bounds the mmse: sum λ/(λ + t²), λ the eigenvalues of the data's covariance."""
    rng = np.random.default_rng(seed)
    locations, weights = rng.standard_normal((4, 2)), rng.dirichlet(np.ones(4))
    spread = locations - weights @ locations
    variances = np.linalg.eigvalsh((spread.T * weights) @ spread)
    found = effective_dimension(points(locations, weights), EDM(), t)
    assert -found.error <= found.value <= np.sum(variances / (variances + t**2)) + found.error


# ---------------------------------------------------------------------- fisher_spectrum


@each_process
@each_law
def test_the_sum_of_the_spectrum_is_the_dimension(law, process):
    t = np.array([0.7, 1.4])
    spectrum = fisher_spectrum(law, process, t)
    dimension = effective_dimension(law, process, t)
    assert spectrum.value.shape == spectrum.error.shape == (2, law.dim)
    allowed = 4 * spectrum.error.sum(axis=1) + 4 * dimension.error + 1e-12
    assert np.all(np.abs(spectrum.value.sum(axis=1) - dimension.value) <= allowed)
    assert np.all(np.diff(spectrum.value, axis=1) <= 1e-12)
    assert np.all(spectrum.value >= 0)


def test_errors_are_standard_errors():
    """Sixty seeds scatter as the errors say, and errors fall as the root of the number of samples."""
    law = LAWS["full"]
    runs = [
        fisher_spectrum(law, EDM(), 1.0, rng=np.random.default_rng(seed), samples=64) for seed in range(60)
    ]
    values, errors = np.array([run.value for run in runs]), np.array([run.error for run in runs])
    error = np.sqrt((errors**2).mean(axis=0))
    # The scatter of 60 runs is known to 1/sqrt(118) = 9 %, the error of 60 x 64 to about 2 %: four of each.
    np.testing.assert_allclose(values.std(axis=0, ddof=1), error, rtol=0.37)
    many = fisher_spectrum(law, EDM(), 1.0, samples=60 * 64)
    np.testing.assert_allclose(many.error * 60**0.5, error, rtol=0.08)
    assert np.all(np.abs(values.mean(axis=0) - many.value) <= 4 * np.hypot(many.error, error / 60**0.5))


@pytest.mark.parametrize("name", ["points", "one isotropic", "full", "isotropic"])
def test_eigenvalues_of_the_scores_jacobian(name):
    """(64) at the same noisy points: 1 + σ² λ_i(J) with J by the package's Jacobian."""
    law, process = LAWS[name], VP()
    diffused = diffuse(law, process, 0.6)
    same_draws = np.random.default_rng(np.random.default_rng(3).integers(2**63))
    x = diffused.reduced.sample(200, same_draws)
    low = diffused.reduced
    terms = 1 + low.sigma**2 * np.linalg.eigvalsh(low.jacobian(x))[:, ::-1]
    found = fisher_spectrum(law, process, 0.6, rng=np.random.default_rng(3), samples=200)
    np.testing.assert_allclose(found.value[: low.dim], terms.mean(axis=0), rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(
        found.error[: low.dim], terms.std(axis=0, ddof=1) / 200**0.5, rtol=1e-7, atol=1e-9
    )


@each_process
def test_one_gaussian_is_exact(process):
    variances = np.array([2.0, 0.3, 0.0, 0.9])
    rotation = np.linalg.qr(np.random.default_rng(1).standard_normal((4, 4)))[0]
    law = GaussianMixture([1.0], [[1.0, 2.0, 3.0, 4.0]], rotation @ np.diag(variances) @ rotation.T)
    found = fisher_spectrum(law, process, 0.7)
    signal = process.alpha(0.7) ** 2 * np.array([2.0, 0.9, 0.3, 0.0])
    np.testing.assert_allclose(
        found.value, signal / (signal + process.sigma(0.7) ** 2), rtol=1e-13, atol=1e-15
    )
    assert np.all(found.error <= 1e-15)
    ball = fisher_spectrum(GaussianMixture([1.0], [[1.0, 2.0]], 0.5), process, 0.7)
    np.testing.assert_allclose(
        ball.value, process.alpha(0.7) ** 2 / (process.alpha(0.7) ** 2 + 2 * process.sigma(0.7) ** 2)
    )
    assert ball.value.shape == (2,)


def test_the_error_of_a_closed_form_is_its_rounding():
    found = fisher_spectrum(GaussianMixture([1.0], [[0.0]], 3.0), EDM(), 1.0)
    assert 0 < found.error[0] < 1e-14
    assert abs(found.value[0] - 0.75) <= found.error[0]


@each_process
def test_two_hills_have_one_direction_and_the_rest_is_gaussian(process):
    law = GaussianMixture([0.3, 0.7], [[-1.0, 0.0, 1.0], [1.0, 0.4, 0.0]], 0.3)
    found = fisher_spectrum(law, process, 0.7)
    signal = 0.3 * process.alpha(0.7) ** 2
    across = signal / (signal + process.sigma(0.7) ** 2)
    np.testing.assert_allclose(found.value[1:], across, rtol=1e-13)
    assert np.all(found.error <= 1e-9)
    along = effective_dimension(law, process, 0.7)
    assert found.value[0] == pytest.approx(along.value - 2 * across, rel=1e-9)


@pytest.mark.parametrize("kappa_scale", [0.3, 1.0])
def test_the_circle_by_bessel_functions(kappa_scale):
    """Along x the variance of the cosine, across that of the sine; radial law ∝ r I_0(κ) e^{-(r²+1)/2t²}."""
    t = kappa_scale

    def density(r):
        return r * ive(0, r / t**2) * np.exp(-((r - 1) ** 2) / (2 * t**2)) / t**2

    def sine(r):
        kappa = r / t**2
        return ive(1, kappa) / ive(0, kappa) / kappa

    def cosine(r):
        mean = ive(1, r / t**2) / ive(0, r / t**2)
        return 1 - sine(r) - mean**2

    found = fisher_spectrum(Sphere(2), EDM(), t)
    for value, f in zip(found.value, (sine, cosine), strict=True):
        expected = quad(lambda r, f=f: density(r) * f(r), 0, 1 + 12 * t, epsabs=1e-13, limit=200)[0] / t**2
        assert value == pytest.approx(expected, rel=1e-8)


def test_the_normal_eigenvalue_is_half_the_squared_curvature():
    """Of the sphere of dimension d: σ²F across it tends to d t²/2R², along it to 1."""
    for dim in (2, 3, 5):
        t = np.array([0.02, 0.04])
        found = fisher_spectrum(Sphere(dim, 2.0), EDM(), t).value
        np.testing.assert_allclose(found[:, -1] / t**2, (dim - 1) / 8, rtol=2e-3 * dim)
        np.testing.assert_allclose(found[:, :-1], 1, atol=2e-3)


def test_a_large_set_is_seen_through_its_neighbours():
    """More points than dimensions and fewer: both Gram matrices, against the covariance in full."""
    rng = np.random.default_rng(8)
    for number, dim, rank in ((60, 4, 4), (5, 40, 4), (41, 40, 40), (40, 40, 39)):
        law = points(rng.standard_normal((number, dim)))
        low = diffuse(law, EDM(), 1.3)
        low = low.reduced if rank < dim else low
        x = low.sample(50, np.random.default_rng(0))
        expected = np.linalg.eigvalsh(1.3**2 * fisher_matrix(low, x))[:, ::-1].mean(axis=0)
        found = fisher_spectrum(law, EDM(), 1.3, samples=50).value
        np.testing.assert_allclose(found[: low.dim], expected, rtol=1e-8, atol=1e-12)
        np.testing.assert_array_equal(found[rank:], 0)


def test_points_that_hardly_count_still_count_where_nothing_else_does():
    """All but one point in 1e-30: the largest of these still gives the spectrum, free of rounding."""
    law = points([[1e3, 0.0], [1e3 + 1, 0.0], [1e3, 1.5]])
    x = np.array([[1e3 - 0.2, -0.1]])
    (found,) = _spectra(diffuse(law, EDM(), 0.1), x)
    weight = np.exp(-((1.2**2 - 0.2**2) / 0.02))
    assert found[0] == pytest.approx(weight / 0.01, rel=1e-6)
    assert 0 <= found[1] < 1e-6 * found[0]


def test_a_common_offset_costs_no_digits():
    """Shifted by 2^27, exactly, from places in units of 1/1024: the spectrum is the same."""
    rng = np.random.default_rng(2)
    locations, x = rng.integers(0, 2048, (4, 2)) / 1024, rng.integers(0, 2048, (9, 2)) / 1024
    near, far = (_spectra(diffuse(points(locations + c), EDM(), 0.3), x + c) for c in (0.0, 2.0**27))
    np.testing.assert_allclose(far, near, rtol=1e-9)


def test_common_draws_make_curves_smooth():
    t = np.geomspace(0.9, 1.0, 21)
    curve = fisher_spectrum(LAWS["points"], EDM(), t, samples=64).value[:, 0]
    assert np.abs(np.diff(curve, 2)).max() < 1e-3
    again = fisher_spectrum(LAWS["points"], EDM(), t[3], samples=64)
    assert again.value.shape == (3,)
    assert again.value[0] == curve[3]


def test_other_seeds_give_other_draws():
    runs = [
        fisher_spectrum(LAWS["full"], EDM(), 1.0, rng=np.random.default_rng(k), samples=8) for k in (1, 2)
    ]
    assert np.all(runs[0].value != runs[1].value)


@pytest.mark.parametrize("function", [effective_dimension, fisher_spectrum])
def test_bad_input(function):
    with pytest.raises(ValueError, match="t must be > 0"):
        function(Sphere(2), EDM(), [1.0, 0.0])
    with pytest.raises(TypeError, match="data must be a data law"):
        function([[1.0]], EDM(), 1.0)
    with pytest.raises(TypeError, match="rng must be a numpy.random.Generator"):
        function(Sphere(2), EDM(), 1.0, rng=3)
    with pytest.raises(ValueError, match="samples must be a whole number >= 1"):
        function(Sphere(2), EDM(), 1.0, samples=0)


def test_one_sample_has_no_spread():
    with pytest.raises(ValueError, match="samples must be >= 2, got 1"):
        fisher_spectrum(LAWS["points"], EDM(), 1.0, samples=1)
    assert fisher_spectrum(LAWS["points"], EDM(), 1.0, samples=2).error.shape == (3,)
