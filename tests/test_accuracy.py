"""What the package tells beside its definition in hundreds of digits, and those beside closed forms."""

import json
from itertools import product

import accuracy as page
import mpmath as mp
import numpy as np
import pytest

from benchmarks import accuracy
from benchmarks.cases import LAWS, digest
from benchmarks.reference import DIGITS, Oracle, Seen, exact
from benchmarks.reference_line import averages
from infodyn import EDM, VP, GaussianMixture, points
from infodyn.posterior import Diffused
from infodyn.sharedkernel import SharedKernel

#: Errors beside the condition, in eps: expanded squares may cost log odds 1e-13, or 450.
BEYOND = 500
METHODS = Diffused.__abstractmethods__
AVERAGES = {"mmse", "entropy_rate", "expected_score_norm", "conditional_entropy", "entropy_variance"}
#: Of every kind, seen by every process; and one whose components agree on a place far from the origin.
SOME = [*range(0, LAWS, 13), 324]


@pytest.fixture
def many_digits():
    with mp.workdps(DIGITS):
        yield


def close(left, right, digits=40):
    return np.all(np.abs(left - right) <= mp.mpf(10) ** -digits * np.max(np.abs(right)))


@pytest.mark.usefixtures("many_digits")
def test_the_reference_at_two_points():
    x, t = mp.mpf("0.3"), mp.mpf(0.5)
    found = Seen.of(points([[-1.0], [1.0]]), EDM(), 0.5).at(np.array([x]))
    mean, up = mp.tanh(x / t**2), 1 / (1 + mp.exp(-2 * x / t**2))
    entropy = -up * mp.log(up) - (1 - up) * mp.log(1 - up)
    variance = mp.sech(x / t**2) ** 2
    density = sum(mp.exp(-((x - y) ** 2) / (2 * t**2)) for y in (-1, 1)) / (2 * t * mp.sqrt(2 * mp.pi))
    expected = {
        "logpdf": mp.log(density),
        "score": (mean - x) / t**2,
        "jacobian": variance / t**4 - 1 / t**2,
        "divergence": variance / t**4 - 1 / t**2,
        "weights": np.array([1 - up, up]),
        "posterior_mean": mean,
        "posterior_cov": variance,
        "posterior_variance": variance,
        "class_entropy": entropy,
        "posterior_entropy": entropy,
    }
    assert found.keys() == expected.keys() == METHODS
    for method, value in expected.items():
        assert close(np.ravel(found[method]), value), method


@pytest.mark.usefixtures("many_digits")
def test_the_reference_obeys_tweedie_and_its_fields_are_derivatives():
    rng = np.random.default_rng(1)
    root = rng.standard_normal((3, 2, 2))
    law = GaussianMixture([0.2, 0.5, 0.3], rng.standard_normal((3, 2)), root @ root.swapaxes(1, 2))
    seen, x = Seen.of(law, VP(), 0.7), exact([0.4, -0.9])
    found, alpha, sigma = seen.at(x), mp.exp(-mp.mpf(0.7)), mp.sqrt(1 - mp.exp(-2 * mp.mpf(0.7)))
    step = mp.mpf(10) ** -60
    for i, shift in enumerate(step * exact(np.eye(2))):
        ahead, behind = seen.at(x + shift), seen.at(x - shift)
        assert close((ahead["logpdf"] - behind["logpdf"]) / (2 * step), found["score"][i])
        assert close((ahead["score"] - behind["score"]) / (2 * step), found["jacobian"][i])
    identity = exact(np.eye(2))
    assert close(found["posterior_mean"], (x + sigma**2 * found["score"]) / alpha)
    assert close(found["posterior_cov"], (sigma / alpha) ** 2 * (identity + sigma**2 * found["jacobian"]))
    assert close(found["posterior_variance"], np.trace(found["posterior_cov"]))
    assert close(found["divergence"], np.trace(found["jacobian"]))


@pytest.mark.usefixtures("many_digits")
def test_the_references_entropy_of_a_gaussian_on_a_line():
    law = GaussianMixture([1.0], [[5.0, 1.0]], [[9.0, 12.0], [12.0, 16.0]])  # variance 25 along (3, 4)
    found = Seen.of(law, EDM(), 2.0).at(exact([1.0, 2.0]))
    assert close(found["posterior_entropy"], mp.log(2 * mp.pi * mp.e * 25 * mp.mpf(4) / 29) / 2)


def test_the_condition_of_a_difference_is_its_cancellation():
    """The score (3 - x)/t² changes by x/(x - 3), 3/(x - 3) and 2; moved both ways, x adds to the point."""
    x = 3.0009765625
    found, moved = Oracle(points([[3.0]]), EDM(), 2.0, 1).at([x])
    combinations = [abs((a * x - b * 3) / (x - 3) + c * 2) for a, b, c in product((-1, 1), repeat=3)]
    condition = float(moved["score"][0] / abs(found["score"][0]))
    assert condition > 6000
    assert min(abs(condition - c) for c in combinations) < 1e-6


@pytest.mark.usefixtures("many_digits")
def test_a_singular_covariance_keeps_its_rank_and_a_full_one_is_changed_beside_its_greatest_entry():
    line, thin = np.array([[9.0, 12.0], [12.0, 16.0]]), np.array([[1.0, 1.0], [1.0, 1.0 + 2.0**-30]])
    law = GaussianMixture([0.5, 0.5], np.zeros((2, 2)), np.stack([line, thin]))
    size = mp.mpf(2) ** -80
    changed = Seen.of(law, EDM(), 1.0).shaken(np.random.default_rng(0), size).covariances
    assert abs(mp.det(mp.matrix(changed[0].tolist()))) < mp.mpf(10) ** -(DIGITS - 10)
    assert set(np.abs((changed[1] - thin) / size).ravel().tolist()) == {mp.mpf(float(thin.max()))}


def test_the_references_averages_of_a_gaussian():
    law = GaussianMixture([1.0], [[1.0, 2.0, 2.0]], 4.0)
    found = averages(law, [1.0], [1, 2, 2], EDM(), 1.5)
    variance = 4.0 + 1.5**2
    expected = {
        "mmse": 3 * 4.0 * 1.5**2 / variance,
        "entropy_rate": 3 * 4.0 / (1.5 * variance),
        "expected_score_norm": 3 / variance,
        "conditional_entropy": 1.5 * np.log(2 * np.pi * np.e * 4.0 * 1.5**2 / variance),
    }
    assert {name: float(value) for name, value in found.items()} == pytest.approx(expected, rel=1e-15)


def test_the_references_averages_of_two_points():
    """The log odds q are Gaussian, with mean 2/t² and twice that variance."""
    t = 0.5
    found = averages(points([[-1.0], [1.0]]), [-1.0, 1.0], [1], EDM(), t)
    with mp.workdps(40):
        mean = 2 / mp.mpf(t) ** 2
        q = [mp.mpf(n) / 16 for n in range(-600, 1200)]
        p = [mp.npdf(v, mean, mp.sqrt(2 * mean)) / 16 for v in q]
        up = [1 / (1 + mp.exp(-v)) for v in q]
        h = [-w * mp.log(w) - (1 - w) * mp.log(1 - w) for w in up]
        mmse = mp.fdot(p, [4 * w * (1 - w) for w in up])
        entropy = mp.fdot(p, h)
        expected = {
            "mmse": mmse,
            "entropy_rate": mmse / mp.mpf(t) ** 3,
            "expected_score_norm": 1 / mp.mpf(t) ** 2 - mmse / mp.mpf(t) ** 4,
            "conditional_entropy": entropy,
            "entropy_variance": mp.fdot(p, [(v - entropy) ** 2 for v in h]),
        }
        assert found.keys() == expected.keys() == AVERAGES
        for name, value in expected.items():
            assert close(found[name], value, digits=18), name


@pytest.mark.parametrize("seed", SOME)
def test_no_more_is_lost_at_a_point_than_the_numbers_determine(seed):
    lost = {
        row.method: row for row in accuracy.pointwise(seed) if not row.error < BEYOND * (1 + row.condition)
    }
    assert lost == {}


@pytest.mark.parametrize("far", [1.0, 1e3, 1e6])
@pytest.mark.parametrize(
    "covariances", [0.0, 1e-8, [1e-8, 2e-8, 1e-8], 1e-9 * np.array([[10.0, 3.0], [3.0, 10.0]])]
)
def test_a_far_component_takes_no_digits_from_close_ones(far, covariances):
    law = GaussianMixture([0.3, 0.3, 0.4], [[0.0, 0.0], [1e-3, 0.0], [far, 0.0]], covariances)
    rows = accuracy.compared(law, EDM(), 1e-3, np.array([[8e-4, 1e-3], [5.1e-4, 2e-4]]))
    assert [row for row in rows if not row.error < BEYOND * (1 + row.condition)] == []


def test_a_formula_that_cancels_is_noticed(monkeypatch):
    def raw(kernel, x, r, field):
        y = kernel.y + kernel.centre
        squares = r.w @ (y**2).sum(axis=1) - ((r.w @ y) ** 2).sum(axis=1)
        return kernel.slope[field] ** 2 * squares

    monkeypatch.setattr(SharedKernel, "between", raw)
    rows = [row for seed in range(0, 42, 7) for row in accuracy.pointwise(seed)]
    lost = {row.method for row in rows if not row.error < BEYOND * (1 + row.condition)}
    assert lost == {"posterior_variance"}


@pytest.mark.parametrize("seed", [1, 3, 5, 8, 9])
def test_no_average_is_further_off_than_it_states(seed):
    rows = accuracy.along_line(seed)
    assert rows
    assert [row for row in rows if row.error > row.stated] == []


def test_the_committed_tables_are_those_of_these_cases_and_hold_what_the_page_says():
    found = json.loads(accuracy.RESULTS.read_text(encoding="utf-8"))
    assert found["cases"] == digest(), "the cases have changed: run `make accuracy`"
    assert found["points"].keys() == METHODS
    assert found["averages"].keys() == AVERAGES
    assert max(row["beyond"][-1] for row in found["points"].values()) < BEYOND
    assert [name for name, row in found["averages"].items() if row["exceeded"]] == []


def test_the_tables_of_the_page():
    points = [accuracy.Pointwise("score", 10.0**n, 10.0, 1.0) for n in np.arange(-2.5, 3)]
    lines = [accuracy.Average("mmse", 1.0, 2.0, 1.0), accuracy.Average("mmse", 1.0, 2.0, 4.0)]
    found = accuracy.summary(points, lines)
    assert page.table(*page.points_rows(found))[2] == "| `score` | 6 | 1.0 | 1.0 | 1.0 | 5 | 5 | 5 |"
    assert page.table(*page.times_rows(found))[2] == "| `score` |" + 6 * " 1.0 / 1.0 |"
    (row,) = page.averages_rows(found)[1]
    assert row == ["`mmse`", "2", "4e-16", "4e-16", "4e-16", "6e-16", "9e-16", "9e-16", "1"]
