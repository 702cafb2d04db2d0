"""Which walls between components there are, where they lie, and which components count on them."""

import numpy as np
import pytest

from infodyn.patches import Mixture, lesser_peak, spare
from infodyn.walls import along_walls

DIGITS = 32.0
ALL = np.array([1000])


def mixture(y, weights=None, kappa=1.0):
    y = np.asarray(y, float)
    weights = np.full(len(y), 1 / len(y)) if weights is None else np.asarray(weights) / np.sum(weights)
    return Mixture.of(weights, y, np.atleast_1d(kappa).astype(float))


def walls_of(law, most=ALL):
    """Every wall alone, and where there are few enough."""
    patches, few = along_walls(law, DIGITS, most)
    return [p.among([n]) for p in patches for n in range(len(p.time))], few


def names(walls):
    return sorted(tuple(wall.members[0, :2].tolist()) for wall in walls)


def log_components(law, z):
    """Logarithms of the weighted components at z, but for the Gaussian's constant, (K,)."""
    return law.log_weights - ((z - law.kappa[0] * law.y) ** 2).sum(axis=1) / 2


@pytest.mark.parametrize("weights", [(0.5, 0.5), (0.505, 0.495), (0.999, 0.001), (1e-9, 1.0)])
@pytest.mark.parametrize("distance", [0.0, 0.4, 3.0, 20.0])
def test_the_lesser_of_two_components_peaks_where_a_search_finds_it(weights, distance):
    """Along the line through both means, measured from their midpoint towards the second."""
    i, j = np.log(weights)
    u, step = np.linspace(-12, 12, 48_001, retstep=True)
    lesser = np.minimum(i - (u + distance / 2) ** 2 / 2, j - (u - distance / 2) ** 2 / 2)
    shift, peak = lesser_peak(i, j, np.array([distance]))
    assert peak[0] == pytest.approx(lesser.max(), abs=(distance + 1) * step)
    if distance:
        assert shift[0] == pytest.approx(u[lesser.argmax()], abs=step)


FOUR = mixture([[0.0, 0.0], [3.0, 1.0], [-1.0, 2.5], [0.4, -0.3]], [0.4, 0.3, 0.299, 0.001], kappa=1.3)


def test_a_wall_says_where_it_lies():
    walls, _ = walls_of(FOUR)
    assert len(walls) == 6
    for wall in walls:
        i, j = wall.members[0, :2]
        ends = 1.3 * FOUR.y[[i, j]]
        values = log_components(FOUR, wall.centre[0])[[i, j]]
        assert values.min() == pytest.approx(wall.peak[0], abs=1e-12)
        gap = ends[1] - ends[0]
        np.testing.assert_allclose(np.linalg.norm(gap) * wall.axes[0, 0], gap, atol=1e-12)
        assert 0 < wall.margin[0] <= spare(DIGITS) + 1e-9


def test_the_lesser_on_a_wall_falls_at_least_as_it_says():
    """On either side, down to its margin, the lesser of the two components against the loss."""
    rng = np.random.default_rng(0)
    for wall in walls_of(FOUR)[0]:
        u = rng.uniform(-9, 9, (200, 2))
        logs = np.array([log_components(FOUR, z) for z in wall.centre[0] + u @ wall.axes[0]])
        lesser = logs[:, wall.members[0, :2]].min(axis=1) - wall.peak[0]
        owner = np.zeros(200, int)
        loss = sum(wall.loss(owner, axis, u[:, axis]) for axis in (0, 1))
        assert np.all(lesser <= -loss + 1e-9)


def test_forms_are_the_components():
    for wall in walls_of(FOUR)[0]:
        u = np.array([0.3, -1.1])
        expected = log_components(FOUR, wall.centre[0] + u @ wall.axes[0])[wall.members[0]]
        found = wall.forms[0] @ [*u, 1.0] - u @ u / 2 + wall.peak[0]
        np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize("dim", [1, 3])
def test_two_names_for_one_component_are_a_wall_with_some_direction(dim):
    law = mixture(np.eye(3)[[0, 0, 1]][:, :dim], [0.5, 0.3, 0.2])
    walls, _ = walls_of(law)
    assert names(walls) == [(0, 1), (0, 2), (1, 2)]
    for wall in walls:
        np.testing.assert_allclose(wall.axes[0] @ wall.axes[0].T, np.eye(len(wall.axes[0])), atol=1e-12)


def test_more_walls_than_asked_for_are_refused_scale_by_scale():
    law = mixture([[0.0], [1.0], [2.1], [3.3]], kappa=[1.0, 40.0])
    walls, few = walls_of(law, np.array([5, 5]))
    assert few.tolist() == [False, True]
    assert {int(wall.time[0]) for wall in walls} == {1}


def test_walls_are_dropped_only_where_they_count_for_nothing():
    """On a line the share of a pair, p w_i w_j, is looked at everywhere."""
    law = mixture([[0.0], [4.0], [9.0], [13.0], [13.5], [40.0]], [0.3, 1e-7, 0.3, 0.2, 0.1, 0.1])
    z = np.linspace(-10, 50, 60_001)[:, None]
    logs = law.log_weights - (z - law.y[:, 0]) ** 2 / 2
    log_p = np.logaddexp.reduce(logs, axis=1)
    i, j = np.triu_indices(6, 1)
    shares = (logs[:, i] + logs[:, j] - log_p[:, None]).max(axis=0)
    kept = set(names(walls_of(law)[0]))
    nats = spare(DIGITS)
    for a, b, share in zip(i, j, shares, strict=True):
        if share > shares.max() - nats + 2:
            assert (a, b) in kept
        if share < shares.max() - nats - 8:
            assert (a, b) not in kept
    assert 5 < len(kept) < 15


@pytest.mark.parametrize(
    ("weights", "kept"),
    [
        ((1, 1, 1), [(0, 1), (1, 2)]),
        ((1e-6, 1, 1e-6), [(0, 1), (1, 2)]),
        ((1, 1e-12, 1), [(0, 1), (0, 2), (1, 2)]),
    ],
)
def test_a_component_between_two_hides_their_wall_if_it_weighs_enough(weights, kept, monkeypatch):
    """Half way, 7 noise levels from each, the third lets exp(-49) pi_i pi_j / pi_k of it be seen."""
    monkeypatch.setattr("infodyn.walls.MOST_SYMMETRIC", 0)
    assert names(walls_of(mixture([[0.0], [7.0], [14.0]], weights))[0]) == kept


def test_where_no_third_counts_a_wall_is_a_line_and_where_it_does_a_plane():
    near = mixture([[0.0, 0.0], [6.0, 0.0], [3.0, 5.0]])
    far = mixture([[0.0, 0.0], [6.0, 0.0], [3.0, 50.0]])
    for law, size in ((near, 3), (far, 2)):
        (wall,) = (w for w in walls_of(law)[0] if tuple(w.members[0, :2]) == (0, 1))
        assert wall.members.shape[1] == size
        assert wall.axes.shape[1] == size - 1


def test_components_left_out_are_nowhere_the_third():
    """On a grid of the plane: the least of a pair and a third that was left out is far below what counts."""
    ticks = np.linspace(-20, 20, 161)
    z = np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)
    left_out = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        law = mixture(rng.standard_normal((5, 2)) * 6, rng.dirichlet(np.ones(5)))
        logs = law.log_weights - ((z[:, None] - law.y) ** 2).sum(axis=2) / 2
        walls, _ = walls_of(law)
        least = max(wall.peak[0] for wall in walls) - spare(DIGITS)
        for wall in walls:
            for k in set(range(5)) - set(wall.members[0].tolist()):
                assert logs[:, [*wall.members[0, :2], k]].min(axis=1).max() < least + 0.5
                left_out += 1
    assert left_out > 50


@pytest.mark.parametrize("rank", [2, 3, 5])
def test_axes_span_the_members_also_where_these_lie_on_a_line(rank):
    rng = np.random.default_rng(rank)
    frame = np.linalg.qr(rng.standard_normal((rank, rank)))[0]
    y = np.array([[0.0, 0.0], [4.0, 0.0], [8.0, 0.0], [3.0, 5.0]]) @ frame[:2]
    for law in (mixture(y), mixture(y[:3])):
        for wall in walls_of(law)[0]:
            axes = wall.axes[0]
            np.testing.assert_allclose(axes @ axes.T, np.eye(len(axes)), atol=1e-12)
            offsets = law.y[wall.members[0]] - wall.centre[0]
            np.testing.assert_allclose(offsets @ axes.T @ axes, offsets, atol=1e-12)


def test_walls_that_a_symmetry_takes_into_one_another_are_laid_once():
    walls, _ = walls_of(mixture(np.eye(4), kappa=3.0))
    assert [int(wall.number[0]) for wall in walls] == [6]
