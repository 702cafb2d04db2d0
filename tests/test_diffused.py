import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import gamma, ive
from scipy.stats import norm, vonmises_fisher

from infodyn import EDM, VP, GaussianMixture, Sphere, diffuse, points
from infodyn.sphere import angle
from tests.laws import component_covariances, every_kind, numerical_gradient, plain_logpdf

law = pytest.mark.parametrize("law", every_kind().values(), ids=every_kind().keys())
process = pytest.mark.parametrize("process", [EDM(), VP()], ids=["EDM", "VP"])
LAWS_WITH_SPHERE = [*every_kind().items(), ("sphere", Sphere(3, 1.3)), ("circle", Sphere(2, 0.8))]
any_law = pytest.mark.parametrize(
    "law", [v for _, v in LAWS_WITH_SPHERE], ids=[k for k, _ in LAWS_WITH_SPHERE]
)


def at(law, process, t=0.6, number=7):
    diffused = diffuse(law, process, t)
    return diffused, diffused.sample(number, np.random.default_rng(3))


@law
@process
def test_density_against_scipy(law, process):
    diffused, x = at(law, process)
    np.testing.assert_allclose(
        diffused.logpdf(x), plain_logpdf(law, diffused.alpha, diffused.sigma, x), rtol=1e-12
    )


@any_law
@process
def test_score_is_the_gradient_and_jacobian_its_derivative(law, process):
    diffused, x = at(law, process)
    np.testing.assert_allclose(
        diffused.score(x), numerical_gradient(diffused.logpdf, x), rtol=1e-7, atol=1e-7
    )
    jacobian = diffused.jacobian(x)
    np.testing.assert_allclose(jacobian, numerical_gradient(diffused.score, x), rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(diffused.divergence(x), np.trace(jacobian, axis1=1, axis2=2), rtol=1e-11)


@any_law
@process
def test_tweedie_and_its_second_order(law, process):
    """Posterior mean and covariance from the score and Jacobian, which are computed without them."""
    diffused, x = at(law, process)
    alpha, variance = diffused.alpha, diffused.sigma**2
    np.testing.assert_allclose(
        diffused.posterior_mean(x), (x + variance * diffused.score(x)) / alpha, atol=1e-11
    )
    expected = variance / alpha**2 * (np.eye(law.dim) + variance * diffused.jacobian(x))
    np.testing.assert_allclose(diffused.posterior_cov(x), expected, atol=1e-11)
    np.testing.assert_allclose(
        diffused.posterior_variance(x), np.trace(expected, axis1=1, axis2=2), rtol=1e-9, atol=1e-12
    )


@law
def test_two_posterior_draws_differ_with_the_chance_of_every_pair(law):
    diffused, x = at(law, EDM(), t=2.0)
    r = diffused.kernel.respond(x)
    pairs = [r.w[:, j] * r.w[:, k] for k in range(3) for j in range(k)]
    np.testing.assert_allclose(r.collisions(), np.sum(pairs, axis=0), rtol=1e-13)


@law
def test_weights_are_bayes_rule(law):
    diffused, x = at(law, VP())
    joint = np.stack(
        [
            plain_logpdf(
                GaussianMixture([1.0], law.means[[k]], component_covariances(law)[[k]]),
                diffused.alpha,
                diffused.sigma,
                x,
            )
            + np.log(law.weights[k])
            for k in range(3)
        ],
        axis=1,
    )
    expected = np.exp(joint - plain_logpdf(law, diffused.alpha, diffused.sigma, x)[:, None])
    np.testing.assert_allclose(diffused.weights(x), expected, rtol=1e-11)
    entropy = -np.sum(expected * np.log(expected), axis=1)
    np.testing.assert_allclose(diffused.class_entropy(x), entropy, rtol=1e-9, atol=1e-13)


def posterior_density(law, diffused, x):
    """p(x_0|x_t=x) of a one-dimensional law by Bayes' rule."""

    def density(x0):
        prior = np.sum(law.weights * norm.pdf(x0, law.means[:, 0], np.sqrt(law.covariances)))
        return prior * norm.pdf(x, diffused.alpha * x0, diffused.sigma) / np.exp(diffused.logpdf([x]))

    return density


@pytest.mark.parametrize("variances", [0.3, [0.3, 0.05]])
@pytest.mark.parametrize("x", [-0.4, 0.9])
def test_posterior_moments_and_entropy_by_quadrature_over_x0(variances, x):
    law = GaussianMixture([0.4, 0.6], [[-1.0], [1.0]], variances)
    diffused = diffuse(law, VP(), 0.5)
    density = posterior_density(law, diffused, x)
    split = {"points": [-1.0, 1.0], "limit": 200, "epsabs": 1e-12}
    mean = quad(lambda u: u * density(u), -7, 7, **split)[0]
    variance = quad(lambda u: (u - mean) ** 2 * density(u), -7, 7, **split)[0]
    entropy = quad(lambda u: -density(u) * np.log(density(u)), -7, 7, **split)[0]
    assert diffused.posterior_mean([x]).item() == pytest.approx(mean, abs=1e-10)
    assert diffused.posterior_variance([x]).item() == pytest.approx(variance, abs=1e-10)
    assert diffused.posterior_entropy([x]).item() == pytest.approx(entropy, abs=1e-9)


def test_posterior_entropy_counts_atoms_and_measures_subspaces():
    two_names = GaussianMixture([0.3, 0.7], [[1.0], [1.0]], 0.0)
    assert diffuse(two_names, EDM(), 1.0).posterior_entropy([0.2]).item() == pytest.approx(0.0, abs=1e-14)
    line_and_atom = GaussianMixture(
        [0.5, 0.5], [[0.0, 0.0], [3.0, 1.0]], [np.diag([2.0, 0.0]), np.zeros((2, 2))]
    )
    diffused = diffuse(line_and_atom, EDM(), 0.7)
    x = np.array([1.4, 0.4])
    w = diffused.weights(x)
    on_line = np.log(2 * np.pi * np.e * 2 * 0.49 / (2 + 0.49)) / 2
    assert diffused.posterior_entropy(x).item() == pytest.approx(-w @ np.log(w) + w[0] * on_line, rel=1e-13)


@pytest.mark.parametrize("dim", [3, 4])
def test_posterior_entropy_says_where_it_has_no_quadrature(dim):
    rng = np.random.default_rng(0)
    law = GaussianMixture(np.full(5, 0.2), rng.standard_normal((5, dim)), 1.0)
    with pytest.raises(ValueError, match=f"overlap in {dim} directions.*use conditional_entropy"):
        diffuse(law, EDM(), 1.0).posterior_entropy(np.zeros(dim))


@pytest.mark.parametrize("dim", [2, 3, 7, 40])
@pytest.mark.parametrize("t", [0.15, 0.8, 5.0])
def test_sphere_against_bessel_functions(dim, t):
    radius = 1.3
    diffused = diffuse(Sphere(dim, radius), VP(), t)
    x = diffused.sample(5, np.random.default_rng(0))
    length = np.linalg.norm(x, axis=1)
    kappa = diffused.alpha * radius * length / diffused.sigma**2
    ratio = ive(dim / 2, kappa) / ive(dim / 2 - 1, kappa)
    np.testing.assert_allclose(diffused.posterior_mean(x), (radius * ratio / length)[:, None] * x, rtol=1e-11)
    np.testing.assert_allclose(diffused.posterior_variance(x), radius**2 * (1 - ratio**2), rtol=1e-9)
    unit = x / length[:, None]
    entropies = [
        vonmises_fisher(u, k).entropy() + (dim - 1) * np.log(radius) for u, k in zip(unit, kappa, strict=True)
    ]
    np.testing.assert_allclose(diffused.posterior_entropy(x), entropies, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("dim", [2, 3, 7])
@process
def test_the_density_of_a_noisy_sphere_adds_up_to_one(dim, process):
    diffused = diffuse(Sphere(dim, 1.3), process, 0.5)
    area = 2 * np.pi ** (dim / 2) / gamma(dim / 2)

    def shell(length):
        return area * length ** (dim - 1) * np.exp(diffused.logpdf(length * np.eye(dim)[0]))

    assert quad(shell, 0, 8, epsabs=1e-12)[0] == pytest.approx(1, rel=1e-11)


@pytest.mark.parametrize("kappa", [1.0, 1e4, 1e6, 1e9])
def test_a_sphere_in_a_million_dimensions_keeps_within_amos_bounds(kappa):
    """Amos (1974): the ratio of two Bessel functions lies between two roots, here nearly equal."""
    order = 1e6 / 2 - 1
    ratio = 1 - angle(np.array([kappa]), 10**6).short[0]
    least, most = (kappa / (order + 0.5 + np.hypot(order + shift, kappa)) for shift in (1.5, 0.5))
    assert least - 1e-14 <= ratio <= most + 1e-14


def test_a_sphere_in_one_dimension_is_two_points():
    sphere, two = (diffuse(d, EDM(), 0.7) for d in (Sphere(1, 2.0), points([[-2.0], [2.0]])))
    x = np.linspace(-3, 3, 9)[:, None]
    np.testing.assert_array_equal(sphere.score(x), two.score(x))


@pytest.mark.parametrize("dim", [2, 3])
def test_sphere_at_its_centre(dim):
    diffused = diffuse(Sphere(dim, 2.0), EDM(), 1.5)
    np.testing.assert_allclose(diffused.score(np.zeros(dim)), 0, atol=1e-15)
    np.testing.assert_allclose(diffused.posterior_cov(np.zeros(dim)), 4 / dim * np.eye(dim), atol=1e-12)


@any_law
def test_shapes_follow_the_leading_axes(law):
    diffused = diffuse(law, EDM(), 0.6)
    dim = law.dim
    x = diffused.sample(6, np.random.default_rng(0))
    for method in (
        "logpdf",
        "divergence",
        "posterior_variance",
        "score",
        "posterior_mean",
        "jacobian",
        "posterior_cov",
    ):
        flat = getattr(diffused, method)(x)
        shaped = getattr(diffused, method)(x.reshape(2, 3, dim))
        np.testing.assert_array_equal(shaped, flat.reshape(2, 3, *flat.shape[1:]))
        assert getattr(diffused, method)(x[0]).shape == flat.shape[1:]
        assert getattr(diffused, method)(x[:0]).shape == (0, *flat.shape[1:])


def test_many_queries_and_points_go_through_in_blocks():
    rng = np.random.default_rng(0)
    law = points(rng.standard_normal((3000, 5)))
    diffused = diffuse(law, EDM(), 0.7)
    x = diffused.sample(1500, rng)
    by_hand = np.exp(-((x[:, None] - law.means) ** 2).sum(axis=2) / (2 * 0.49))
    by_hand /= by_hand.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(diffused.posterior_mean(x), by_hand @ law.means, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    "method", ["logpdf", "score", "divergence", "posterior_variance", "posterior_entropy"]
)
def test_memory_stays_far_below_points_times_queries_times_dimensions(method):
    """The table of all differences would take 1.6 GB here."""
    rng = np.random.default_rng(0)
    diffused = diffuse(points(rng.standard_normal((2000, 100))), EDM(), 2.0)
    x = diffused.sample(1000, rng)
    getattr(diffused, method)(x[:1])
    tracemalloc.start()
    getattr(diffused, method)(x)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50e6


@pytest.mark.parametrize("t", [1e-8, 1e-4, 1e4, 1e8])
@pytest.mark.parametrize("dim", [1, 3])
@process
def test_extreme_times(process, t, dim):
    """One component keeps all, or all are alike: closed forms at both ends."""
    rng = np.random.default_rng(0)
    law = points(np.arange(4.0)[:, None] + rng.uniform(-0.2, 0.2, (4, dim)), [0.1, 0.2, 0.3, 0.4])
    diffused = diffuse(law, process, t)
    z = rng.standard_normal((4, dim))
    x = diffused.alpha * law.means + diffused.sigma * z
    if t < 1:
        np.testing.assert_allclose(
            diffused.score(x), -(x - diffused.alpha * law.means) / diffused.sigma**2, rtol=1e-6
        )
        np.testing.assert_array_equal(np.argmax(diffused.weights(x), axis=1), range(4))
        assert np.all(diffused.posterior_entropy(x) < 1e-12)
    else:
        np.testing.assert_allclose(diffused.weights(x), np.tile(law.weights, (4, 1)), rtol=5e-3)
        np.testing.assert_allclose(diffused.posterior_mean(x), np.tile(law.mean, (4, 1)), atol=5e-3)
    for method in ("logpdf", "score", "jacobian", "divergence", "posterior_variance", "posterior_entropy"):
        assert np.all(np.isfinite(getattr(diffused, method)(x)))


@pytest.mark.parametrize("t", [1e-4, 1e-2, 1.0, 1e4])
def test_a_million_dimensions_are_like_one(t):
    """Points on one line in R^D: along it the law of D = 1, across it pure noise."""
    dim = 10**6
    line = points([[-1.0], [1.0], [1.5]], [0.3, 0.3, 0.4])
    direction = np.full(dim, 1e-3)
    wide = diffuse(points(line.means * direction, line.weights), EDM(), t)
    thin = diffuse(line, EDM(), t)
    rng = np.random.default_rng(0)
    u = thin.sample(3, rng)
    across = t * rng.standard_normal((3, dim))
    across -= (across @ direction)[:, None] * direction
    x = u * direction + across
    across_logpdf = -(across**2).sum(axis=1) / (2 * t**2) - (dim - 1) / 2 * np.log(2 * np.pi * t**2)
    np.testing.assert_allclose(wide.logpdf(x), thin.logpdf(u) + across_logpdf, rtol=1e-9)
    np.testing.assert_allclose(wide.posterior_mean(x) @ direction, thin.posterior_mean(u)[:, 0], rtol=1e-8)
    np.testing.assert_allclose(wide.divergence(x), thin.divergence(u) - (dim - 1) / t**2, rtol=1e-12)


def test_a_far_offset_loses_no_digits():
    near = points([[-1.0, 0.0], [1.0, 0.5]])
    far = points(near.means + 2.0**20)
    x = np.array([[0.125, 0.125], [-0.75, 0.25]])  # exact after the shift
    for t in (0.05, 1.0, 50.0):
        a, b = diffuse(near, EDM(), t), diffuse(far, EDM(), t)
        np.testing.assert_allclose(a.posterior_variance(x), b.posterior_variance(x + 2.0**20), rtol=1e-8)
        np.testing.assert_allclose(a.weights(x), b.weights(x + 2.0**20), rtol=1e-8)


def test_small_weights_keep_their_digits_on_a_distant_boundary():
    """At t = 1e-3 the expanded squares are 1e6; the log odds at the boundary are a few units."""
    law = points([[100.0], [101.0]])
    diffused = diffuse(law, EDM(), 1e-3)
    offset = 2.0**-19  # exact in binary
    odds = diffused.weights([100.5 + offset])
    assert np.log(odds[1] / odds[0]) == pytest.approx(offset / 1e-6, rel=1e-10)


@pytest.mark.parametrize("dim", [1, 3, 200_000])
def test_so_they_do_at_every_query_and_in_every_dimension(dim):
    """The same at t = 1e-5, where the expanded squares lose nine digits; locations are exact in binary."""
    law = points([[100.0] + [0.0] * (dim - 1), [101.0] + [0.0] * (dim - 1)])
    diffused = diffuse(law, EDM(), 1e-5)
    offset = 2.0**-34 * np.array([-3.0, 1.0, 0.5, 5.0])
    x = np.zeros((4, dim))
    x[:, 0] = 100.5 + offset
    odds = diffused.weights(x)
    np.testing.assert_allclose(np.log(odds[:, 1] / odds[:, 0]), offset / 1e-5**2, rtol=1e-10)


@law
def test_one_query_is_like_many(law):
    """Fewer queries than components take another loop than more."""
    diffused, x = at(law, VP())
    for method in ("jacobian", "posterior_cov"):
        alone = np.stack([getattr(diffused, method)(point) for point in x])
        np.testing.assert_allclose(alone, getattr(diffused, method)(x), rtol=1e-12, atol=1e-14)


@given(
    seed=st.integers(0, 2**31),
    number=st.integers(1, 6),
    dim=st.integers(1, 4),
    t=st.floats(0.02, 50),
    kind=st.sampled_from(["points", "shared", "own"]),
)
def test_invariants(seed, number, dim, t, kind):
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.ones(number))
    means = rng.standard_normal((number, dim))
    covariances = {"points": 0.0, "shared": 0.5, "own": rng.uniform(0.1, 1, number)}[kind]
    diffused = diffuse(GaussianMixture(weights, means, covariances), EDM(), t)
    x = diffused.sample(4, rng)
    w = diffused.weights(x)
    np.testing.assert_allclose(w.sum(axis=1), 1, rtol=1e-12)
    entropy = diffused.class_entropy(x)
    assert np.all((entropy >= -1e-15) & (entropy <= np.log(number) + 1e-12))
    assert np.all(diffused.posterior_variance(x) >= 0)

    rotation = np.linalg.qr(rng.standard_normal((dim, dim)))[0]
    shift, scale = rng.standard_normal(dim), 2.5
    moved = GaussianMixture(weights, scale * means @ rotation + shift, scale**2 * np.asarray(covariances))
    image = diffuse(moved, EDM(), scale * t)
    y = scale * x @ rotation + shift
    np.testing.assert_allclose(image.score(y) * scale, diffused.score(x) @ rotation, atol=1e-8 / t)
    np.testing.assert_allclose(image.class_entropy(y), entropy, atol=1e-8)
    np.testing.assert_allclose(
        image.posterior_variance(y), scale**2 * diffused.posterior_variance(x), atol=1e-8
    )

    order = rng.permutation(number)
    own = covariances[order] if kind == "own" else covariances
    shuffled = diffuse(GaussianMixture(weights[order], means[order], own), EDM(), t)
    np.testing.assert_allclose(shuffled.weights(x), w[:, order], atol=1e-12)


def test_a_component_of_weight_zero_is_as_if_absent():
    with_it = diffuse(GaussianMixture([0.5, 0.0, 0.5], [[-1.0], [0.0], [1.0]], 0.0), EDM(), 0.5)
    without = diffuse(points([[-1.0], [1.0]]), EDM(), 0.5)
    x = np.linspace(-2, 2, 5)[:, None]
    np.testing.assert_allclose(with_it.score(x), without.score(x), rtol=1e-13)
    np.testing.assert_allclose(with_it.class_entropy(x), without.class_entropy(x), rtol=1e-13)


TWO = points([[-1.0], [1.0]])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: diffuse(TWO, EDM(), 0.0), "t must be > 0"),
        (lambda: diffuse(TWO, EDM(), -1.0), "t must be > 0.*got -1"),
        (lambda: diffuse(TWO, EDM(), [1.0, 2.0]), "t must be one time"),
        (lambda: diffuse(TWO, EDM(), np.nan), "t must be finite"),
        (lambda: diffuse(TWO, EDM(), 1.0).score([0.0, 1.0]), r"x must have shape \(..., 1\).*x\[..., None\]"),
        (lambda: diffuse(TWO, EDM(), 1.0).score([np.nan]), "x must be finite"),
    ],
)
def test_bad_values_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: diffuse(np.eye(2), EDM(), 1.0), r"data must be a data law.*points\(array\)"),
        (lambda: diffuse(TWO, EDM, 1.0), "call the class"),
        (lambda: diffuse(Sphere(3), EDM(), 1.0).weights(np.zeros(3)), "no components"),
        (lambda: diffuse(Sphere(3), EDM(), 1.0).class_entropy(np.zeros(3)), "no components"),
        (lambda: diffuse(TWO, EDM(), 1.0).score([["a"]]), "x must be an array"),
    ],
)
def test_bad_types_are_refused(call, message):
    with pytest.raises(TypeError, match=message):
        call()
