from itertools import product

import numpy as np
import pytest
from scipy.spatial.distance import pdist

from infodyn import GaussianMixture, Sphere, distributions, points
from tests.laws import component_covariances, every_kind

EYE = np.eye(2)
law = pytest.mark.parametrize("law", every_kind().values(), ids=every_kind().keys())


@law
def test_samples_have_the_law_s_mean_and_covariance(law):
    x = law.sample(200_000, np.random.default_rng(0))
    mean = law.weights @ law.means
    gaps = law.means - mean
    covariance = np.tensordot(law.weights, component_covariances(law), 1) + (gaps.T * law.weights) @ gaps
    spread = np.sqrt(np.diag(covariance) / len(x))
    assert np.all(np.abs(x.mean(axis=0) - law.mean) < 5 * spread)
    np.testing.assert_allclose(law.mean, mean)
    fourth = np.einsum("ni,nj->nij", x - mean, x - mean).std(axis=0) / np.sqrt(len(x))
    assert np.all(np.abs(np.cov(x.T) - covariance) < 5 * fourth + 1e-12)


@law
def test_spectra_rebuild_the_covariances(law):
    values, vectors = law.spectra
    if vectors is None:
        rebuilt = values[:, :, None] * np.eye(law.dim)
    else:
        rebuilt = np.einsum("kie,ke,kje->kij", vectors, values, vectors)
    np.testing.assert_allclose(rebuilt, component_covariances(law), atol=1e-13)


def test_singular_covariances_have_exact_zeros():
    values, _ = every_kind()["singular"].spectra
    assert np.count_nonzero(values, axis=1).tolist() == [1, 2, 3]


def test_duplicates_are_merged_and_counted_once():
    merged = points([[1.0, 2.0], [0.0, 0.0], [1.0, 2.0], [-0.0, 0.0]], [0.1, 0.2, 0.3, 0.4])
    np.testing.assert_array_equal(merged.means, [[1.0, 2.0], [0.0, 0.0]])
    np.testing.assert_allclose(merged.weights, [0.4, 0.6])


def test_rows_whose_sums_agree_are_told_apart(monkeypatch):
    rows = np.random.default_rng(0).integers(3, size=(200, 3)).astype(float)
    monkeypatch.setattr(distributions.np, "einsum", lambda _, bits, odd: np.full(len(bits), 7, np.uint64))
    merged = points(rows)
    expected, first, number = np.unique(rows, axis=0, return_index=True, return_counts=True)
    order = np.argsort(first)
    np.testing.assert_array_equal(merged.means, expected[order])
    np.testing.assert_allclose(merged.weights, number[order] / 200)


@pytest.mark.parametrize("cached", [1, 2, 3, 6])
def test_rows_that_differ_late_are_told_apart(cached, monkeypatch):
    """However few columns are looked at, however many of them agree; a zero has no sign."""
    monkeypatch.setattr(distributions, "CACHED", cached)
    rows = np.array(list(product([0.0, 1.0], repeat=6)))[np.random.default_rng(0).integers(64, size=90)]
    expected, first, number = np.unique(rows, axis=0, return_index=True, return_counts=True)
    assert number.max() > 1
    assert len(expected) < 64
    order = np.argsort(first)
    merged = points(np.where(rows == 0, np.random.default_rng(1).choice([0.0, -0.0], rows.shape), 1.0))
    np.testing.assert_array_equal(merged.means, expected[order])
    np.testing.assert_allclose(merged.weights, number[order] / 90)


def test_points_keep_what_they_were_given():
    rows = np.eye(3)
    law = points(rows)
    rows[:] = 7
    np.testing.assert_array_equal(law.means, np.eye(3))


def test_components_that_overlap_are_found():
    plane = np.diag([1.0, 1.0, 0.0])
    law = GaussianMixture(
        np.full(5, 0.2),
        [[0, 0, 0], [5, 5, 0], [0, 0, 1], [0, 0, 0], [0, 0, 0]],
        np.stack([plane, 2 * plane, plane, 0 * plane, 0 * plane]),
    )
    assert [group.tolist() for group in law.overlaps] == [[0, 1], [3, 4]]
    assert points(np.eye(3)).overlaps == []
    mixed = GaussianMixture(np.full(4, 0.25), [[0.0], [1.0], [0.0], [2.0]], [0.0, 1.0, 0.0, 3.0])
    assert sorted(group.tolist() for group in mixed.overlaps) == [[0, 2], [1, 3]]


def test_points_that_differ_in_their_last_digit_are_two():
    assert len(points([[1e-17], [2e-17], [1e-17]]).weights) == 2


def test_planes_through_one_point_overlap_only_where_they_are_one_plane():
    """Lines and planes through 0, thin or thick, in slanted coordinates."""
    frame = np.linalg.qr(np.random.default_rng(0).standard_normal((3, 3)))[0]

    def overlaps(*spectra, means=None):
        covariances = [frame @ np.diag(spectrum) @ frame.T for spectrum in spectra]
        means = np.zeros((len(spectra), 3)) if means is None else np.array(means) @ frame.T
        law = GaussianMixture(np.full(len(spectra), 1 / len(spectra)), means, covariances)
        return [group.tolist() for group in law.overlaps]

    assert overlaps([1, 2, 0], [0, 1, 2], [1, 0, 2]) == []
    assert overlaps([1, 0, 0], [0, 1, 0], [1, 1, 0]) == []
    assert overlaps([1, 0, 0], [5, 0, 0]) == [[0, 1]]
    assert overlaps([0.3, 2, 0], [2, 0.3, 0], [1, 0, 0]) == [[0, 1]]
    assert overlaps([1, 2, 0], [3, 4, 0], means=[[0, 0, 0], [7, -5, 0]]) == [[0, 1]]
    assert overlaps([1, 2, 0], [3, 4, 0], means=[[0, 0, 0], [0, 0, 1e-6]]) == []
    slanted = np.linalg.qr([[1.0, 1, 0], [1, -1, 0], [0, 0, 1]])[0]
    lines = [c @ np.diag([1.0, 0, 0]) @ c.T for c in (frame, frame @ slanted)]
    assert GaussianMixture([0.5, 0.5], np.zeros((2, 3)), lines).overlaps == []


def test_what_is_given_with_small_faults_is_mended():
    weights = np.array([0.25, 0.75]) * (1 + 3e-9)
    assert GaussianMixture(weights, EYE).weights.sum() == pytest.approx(1, abs=1e-15)
    skew = 1e-12 * np.array([[0.0, 1.0], [0.0, 0.0]])
    one = GaussianMixture([0.5, 0.5], EYE, EYE + skew).covariances
    own = GaussianMixture([0.3, 0.3, 0.4], np.ones((3, 2)), np.stack([EYE + skew] * 3)).covariances
    for covariance in (one, *own):
        np.testing.assert_array_equal(covariance, EYE + (skew + skew.T) / 2)


def test_the_sphere_is_uniform():
    x = Sphere(4, radius=3.0).sample(100_000, np.random.default_rng(1))
    np.testing.assert_allclose(np.linalg.norm(x, axis=1), 3.0)
    assert np.all(np.abs(x.mean(axis=0)) < 5 * 1.5 / np.sqrt(len(x)))
    np.testing.assert_allclose(np.cov(x.T), 9 / 4 * np.eye(4), atol=0.04)


def test_the_arrays_cannot_be_changed_behind_the_law_s_back():
    mine = np.array([[0.0], [1.0]])
    law = GaussianMixture([0.5, 0.5], mine)
    mine[0] = 7.0
    assert law.means[0] == 0.0
    with pytest.raises(ValueError, match="read-only"):
        law.means[0] = 1.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: GaussianMixture([-0.1, 1.1], EYE), r"weights must be >= 0, but weights\[0\] = -0.1"),
        (lambda: GaussianMixture([0.6, 0.7, -0.3], np.ones((3, 1))), r"weights\[2\] = -0.3"),
        (
            lambda: GaussianMixture([0.3, 0.3, 0.4], np.ones((3, 2)), [EYE, EYE, [[1.0, 0.2], [0.1, 1.0]]]),
            "must be symmetric.*0.1",
        ),
        (lambda: GaussianMixture([0.5, 0.6], EYE), "weights must sum to 1, but their sum is 1.1; divide"),
        (lambda: GaussianMixture([1.0], EYE), r"weights must have shape \(2,\)"),
        (lambda: GaussianMixture([np.nan, 1.0], EYE), r"weights must be finite.*index \(0,\)"),
        (lambda: GaussianMixture([1.0], [0.0, 1.0]), r"means must have shape \(K, D\).*means\[:, None\]"),
        (lambda: GaussianMixture([0.5, 0.5], EYE, np.ones(3)), "covariances must be a scalar"),
        (lambda: GaussianMixture([0.5, 0.5], EYE, -1.0), "covariances must be >= 0, got -1"),
        (lambda: GaussianMixture([0.5, 0.5], EYE, [[1.0, 0.2], [0.3, 1.0]]), "must be symmetric.*0.1"),
        (lambda: GaussianMixture([0.5, 0.5], EYE, [[1.0, 2.0], [2.0, 1.0]]), "no negative eigenvalue.*-1"),
        (lambda: points(np.empty((0, 3))), r"locations must have shape \(N, D\).*got \(0, 3\)"),
        (lambda: points([]), r"got \(0,\)"),
        (lambda: points([1.0, 2.0]), r"locations\[:, None\]"),
        (lambda: points([[np.inf]]), "locations must be finite"),
        (lambda: points([[0.0], [1.0]], [2.0, 3.0]), "their sum is 5; divide"),
        (lambda: Sphere(0), "dim must be a whole number >= 1, got 0"),
        (lambda: Sphere(2.5), "dim must be a whole number >= 1, got 2.5"),
        (lambda: Sphere(3, radius=0.0), "radius must be one number > 0"),
        (lambda: points([[0.0]]).sample(0, np.random.default_rng(0)), "n must be a whole number >= 1"),
    ],
)
def test_bad_values_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: points("digits"), "locations must be an array"),
        (lambda: points([[0.0], [1.0, 2.0]]), "regular array"),
        (lambda: points([[1j]]), "real numbers"),
        (lambda: points([[0.0]]).sample(3, 0), "rng must be a numpy.random.Generator.*default_rng"),
    ],
)
def test_bad_types_are_refused(call, message):
    with pytest.raises(TypeError, match=message):
        call()


def test_the_span_of_means_in_parts_is_that_of_the_whole(monkeypatch):
    """About the mean distances are those in space, however many coordinates are looked at at once."""
    rng = np.random.default_rng(4)
    law = points(rng.standard_normal((6, 2)) @ rng.standard_normal((2, 50)))
    expected = pdist(law.means)
    for cached in (7, 50):
        monkeypatch.setattr("infodyn.distributions.CACHED", cached)
        on_span = points(law.means).on_span.means
        assert on_span.shape == (6, 2)
        np.testing.assert_allclose(on_span.mean(axis=0), 0, atol=1e-12)
        np.testing.assert_allclose(pdist(on_span), expected, rtol=1e-11)
