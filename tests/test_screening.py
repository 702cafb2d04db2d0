"""Where few points matter they alone are looked at, found in single precision; answers in it."""

import mpmath as mp
import numpy as np
import pytest

from infodyn import EDM, VP, GaussianMixture, diffuse, points, screening

RNG = np.random.default_rng


def dense(diffused, x):
    """Score by all points."""
    kernel = diffused.kernel
    return kernel.mean(x, kernel.respond(x), "score")


def probabilities(r):
    """Posterior probabilities from odds, dense or sparse."""
    odds = np.array(r.odds if isinstance(r.odds, np.ndarray) else r.odds.toarray())
    odds[np.arange(len(odds)), r.top] = 1
    return odds / (1 + r.rest)[:, None]


def clusters(rng, number, dim, offset=0.0):
    return (
        rng.standard_normal((40, dim))[rng.integers(40, size=number)] * 3
        + rng.standard_normal((number, dim))
        + offset
    )


def exactly(law, sigma, x):
    """Score at x with 60 digits, as floats; of points 100 nats below the greatest nothing is left in it."""
    weights, y = law.weights[law.weights > 0], law.means[law.weights > 0]
    logs = np.log(weights) - ((x - y) ** 2).sum(axis=1) / (2 * sigma**2)
    weights, y = weights[logs > logs.max() - 100], y[logs > logs.max() - 100]
    with mp.workdps(60):
        x, s2 = [mp.mpf(float(v)) for v in x], mp.mpf(float(sigma)) ** 2
        y = [[mp.mpf(float(v)) for v in row] for row in y]
        logs = [
            mp.log(mp.mpf(float(w))) - sum((a - b) ** 2 for a, b in zip(x, row, strict=True)) / (2 * s2)
            for w, row in zip(weights, y, strict=True)
        ]
        top = max(logs)
        odds = [mp.exp(q - top) for q in logs]
        total = sum(odds)
        mean = [sum(o * row[d] for o, row in zip(odds, y, strict=True)) / total for d in range(len(x))]
        return np.array([float((m - v) / s2) for m, v in zip(mean, x, strict=True)])


@pytest.mark.parametrize("process", [EDM(), VP()], ids=["EDM", "VP"])
@pytest.mark.parametrize("offset", [0.0, 2.0**20])
@pytest.mark.parametrize("t", [1e-6, 1e-3, 0.05, 0.2, 0.5])
@pytest.mark.parametrize("weighted", [False, True])
def test_screened_as_dense(process, offset, t, weighted):
    rng = RNG(0)
    weights = rng.dirichlet(np.full(3000, 0.02)) if weighted else None
    law = points(clusters(rng, 3000, 20, offset), weights)
    diffused = diffuse(law, process, process.time_of(t))
    x = diffused.sample(200, rng)
    x[:50] = x[rng.integers(200, size=50)] + 100 * rng.standard_normal((50, 20))  # far out
    assert screening.pays(diffused.kernel, x)
    kernel, r = diffused.kernel, screening.respond(diffused.kernel, x)
    assert r is not None
    full = kernel.respond(x)
    np.testing.assert_array_equal(r.top, full.top)
    np.testing.assert_allclose(r.odds.toarray(), full.odds, rtol=1e-9, atol=1e-17)
    size = np.abs(dense(diffused, x)).max(axis=1, keepdims=True)
    np.testing.assert_allclose(diffused.score(x) / size, dense(diffused, x) / size, rtol=0, atol=1e-11)
    np.testing.assert_allclose(diffused.logpdf(x), kernel.logpdf(x, full), rtol=1e-12)


@pytest.mark.parametrize("t", [1e-4, 0.01, 0.2])
def test_ties_as_dense(t):
    """Between two points, often near a third: log odds err by what rounding x does, |y|^2 / t^2 units."""
    rng = RNG(6)
    law = points(clusters(rng, 3000, 20))
    kernel = diffuse(law, EDM(), t).kernel
    x = law.means[rng.integers(3000, size=(200, 2))].mean(axis=1)
    r, full = screening.respond(kernel, x), kernel.respond(x)
    blur = 4 * np.finfo(float).eps * (law.means**2).sum(axis=1).max() / t**2
    np.testing.assert_allclose(probabilities(r), probabilities(full), atol=blur, rtol=0)


@pytest.mark.parametrize("t", [1e-3, 0.03, 0.15])
def test_screened_against_exact_arithmetic(t):
    rng = RNG(1)
    weights = rng.dirichlet(np.full(1500, 0.1))
    weights[::7] = 0
    y = clusters(rng, 1500, 4)
    y[100:110] = y[100] + 1e-9 * rng.standard_normal((10, 4))  # near ties
    law = GaussianMixture(weights / weights.sum(), np.vstack([y[:-20], y[:20]]), 0.0)  # duplicates
    diffused = diffuse(law, EDM(), t)
    x = diffused.sample(64, rng)
    x[:16] = (law.means[:16] + law.means[20:36]) / 2
    r = screening.respond(diffused.kernel, x)
    assert r is not None
    found = diffused.kernel.mean(x, r, "score")
    for n in range(0, 64, 7):
        np.testing.assert_allclose(found[n], exactly(law, t, x[n]), rtol=1e-9, atol=1e-11 / t)


def test_no_point_that_matters_is_lost_to_single_precision():
    """Far from the centre single precision confuses neighbours whose odds differ by hundreds of nats."""
    rng = RNG(2)
    far = np.zeros((40, 3))
    far[:, 0] = 1000 + 1e-4 * np.arange(40)
    law = points(np.vstack([far, -1000 + rng.standard_normal((4000, 3))]))
    diffused = diffuse(law, EDM(), 1e-4)
    x = np.repeat(far[::2], 4, axis=0) + 1e-4 * rng.standard_normal((80, 3))
    r = screening.respond(diffused.kernel, x)
    q = diffused.kernel.single.log_joint(x)
    wrong = np.argmax(q, axis=1) != diffused.kernel.respond(x).top
    assert wrong.mean() > 0.5
    np.testing.assert_array_equal(r.top, diffused.kernel.respond(x).top)
    np.testing.assert_allclose(r.odds.toarray(), diffused.kernel.respond(x).odds, rtol=1e-9, atol=1e-17)


def test_points_without_weight_come_first():
    """A tile of them alone has no greatest log weight."""
    rng = RNG(7)
    law = GaussianMixture(np.repeat([0.0, 1 / 2000], [4000, 2000]), clusters(rng, 6000, 20))
    diffused = diffuse(law, EDM(), 0.1)
    x = diffused.sample(200, rng)
    r, full = screening.respond(diffused.kernel, x), diffused.kernel.respond(x)
    np.testing.assert_array_equal(r.top, full.top)
    np.testing.assert_allclose(r.odds.toarray(), full.odds, rtol=1e-9, atol=1e-17)


@pytest.mark.parametrize("t", [3.0, 100.0])
def test_all_points_are_looked_at_where_many_matter(t):
    rng = RNG(3)
    diffused = diffuse(points(clusters(rng, 3000, 5)), EDM(), t)
    x = diffused.sample(100, rng)
    assert screening.respond(diffused.kernel, x) is None
    np.testing.assert_array_equal(diffused.score(x), dense(diffused, x))


@pytest.mark.parametrize("unit", [1e-40, 1e-20, 1e20, 1e40])
def test_units_beyond_single_precision(unit):
    rng = RNG(4)
    y = clusters(rng, 2000, 5)
    x = y[:100] + 0.1 * rng.standard_normal((100, 5))
    score = diffuse(points(unit * y), EDM(), unit * 0.1).score(unit * x)
    np.testing.assert_allclose(unit * score, diffuse(points(y), EDM(), 0.1).score(x), rtol=1e-9)


@pytest.mark.parametrize("t", [0.05, 0.6, 5.0])
def test_questions_in_single_precision_are_answered_in_it(t):
    """With the error that rounding x to single precision may cause anyway."""
    rng = RNG(5)
    means, covariances = rng.standard_normal((30, 6)), [np.eye(6) * (k % 3) for k in range(30)]
    laws = [points(means), GaussianMixture(np.full(30, 1 / 30), means, 0.3)]
    laws += [GaussianMixture(np.full(30, 1 / 30), means, c) for c in (rng.random(30), covariances)]
    for law in laws:
        diffused = diffuse(law, VP(), t)
        x = diffused.sample(40, rng).astype(np.float32)
        for method in (
            "logpdf",
            "score",
            "posterior_mean",
            "jacobian",
            "divergence",
            "weights",
            "class_entropy",
        ):
            single, double = (getattr(diffused, method)(at) for at in (x, x.astype(float)))
            assert single.dtype == np.float32
            assert double.dtype == float
            scale = np.abs(double).max()
            np.testing.assert_allclose(single / scale, double / scale, rtol=0, atol=1e-4)
