"""Pairs that a symmetry takes into one another, and pairs that only look so at first."""

from itertools import combinations, permutations

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from infodyn import EDM, conditional_entropy, points
from infodyn.symmetry import pair_classes


def classes(y, weights=None):
    y = np.asarray(y, float)
    weights = np.ones(len(y)) if weights is None else np.asarray(weights)
    return pair_classes(np.log(weights / weights.sum()), cdist(y, y, "sqeuclidean"))


def polygon(number):
    angle = 2 * np.pi * np.arange(number) / number
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


@pytest.mark.parametrize(
    ("y", "expected"),
    [
        (np.eye(5), 1),  # a simplex: all edges
        (polygon(5), 2),  # sides and diagonals
        (np.arange(4.0)[:, None], 4),  # ends, middle, next but one, all
        (np.random.default_rng(0).standard_normal((6, 3)), 15),
    ],
)
def test_as_many_classes_as_there_are_kinds_of_pairs(y, expected):
    turn = np.linalg.qr(np.random.default_rng(1).standard_normal((y.shape[1],) * 2))[0]
    assert len(np.unique(classes(y @ turn + 2))) == expected


def test_weights_break_symmetries():
    assert len(np.unique(classes(np.eye(3), [1, 1, 2]))) == 2
    assert len(np.unique(classes(np.eye(3), [1, 2, 3]))) == 3


def test_weights_that_differ_by_little_break_them_too():
    """By less than the digits by which numberings are looked for."""
    assert len(np.unique(classes(np.eye(3), [1, 1, 1 + 1e-10]))) == 2


def test_points_moved_a_little_are_alike_no_more():
    """A hexagon and a point inside it, all of them moved a little: no two pairs are alike."""
    rng = np.random.default_rng(3)
    for _ in range(20):
        y = np.concatenate([polygon(6), [[0.3, 0.1]]]) + 1e-3 * rng.standard_normal((7, 2))
        assert len(np.unique(classes(y))) == 21


#: Two sides, each with the same distances to all other points, of which some lie across the line.
ACROSS = np.array([[2.0, 3], [2, 2], [3, 3], [1, 1], [2, 1], [0, 2]])
#: The same in space.
TWISTED = np.array([[0.0, 0, 1], [1, 2, 2], [2, 1, 0], [1, 0, 1], [0, 0, 2], [0, 0, 0]])
SQUARE_AND_CENTRE = np.array([[0.0, 0], [1, 0], [0, 1], [1, 1], [0.5, 0.5]])


@pytest.mark.parametrize(
    ("y", "number", "seem"),
    [(SQUARE_AND_CENTRE, 3, None), (ACROSS, 15, [(0, 1), (4, 1)]), (TWISTED, 15, [(0, 4), (0, 5)])],
)
def test_only_pairs_that_a_symmetry_takes_into_one_another_are_merged(y, number, seem):
    """By brute force over all numberings; two pairs may see the same distances and yet not be alike."""
    squares = cdist(y, y, "sqeuclidean")
    found = classes(y)
    pairs = list(combinations(range(len(y)), 2))
    images = [p for p in permutations(range(len(y))) if np.allclose(squares[np.ix_(p, p)], squares)]
    for n, (i, j) in enumerate(pairs):
        orbit = {tuple(sorted((p[i], p[j]))) for p in images}
        assert pairs[found[n]] in orbit
    assert len(np.unique(found)) == number
    if seem:
        one, other = (
            sorted(squares[list(pair)][:, [k for k in range(len(y)) if k not in pair]].T.tolist())
            for pair in seem
        )
        assert one == other


@pytest.mark.parametrize("y", [polygon(5), polygon(4), np.eye(4), np.arange(5.0)[:, None]])
@pytest.mark.parametrize("t", [0.1, 0.3])
def test_one_for_all_is_the_sum_of_each(y, t, monkeypatch):
    found = conditional_entropy(points(y), EDM(), t)
    monkeypatch.setattr("infodyn.walls.MOST_SYMMETRIC", 0)
    each = conditional_entropy(points(y), EDM(), t)
    assert abs(found.value - each.value) <= found.error + each.error < 1e-3 * each.value
