"""The figures of the chapter on the entropy rate show what they are given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from infodyn import plots


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


T = np.array([0.1, 1.0, 10.0])


def drawn(axes):
    """Return the data of every line, by its label."""
    return {line.get_label(): np.array(line.get_data()) for line in axes.lines}


def texts(axes):
    return [text.get_text() for text in axes.texts]


def legend(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def test_the_rate_per_log_t_is_t_times_the_rate_per_t():
    entropy, rate = T / 2, T**-2
    figure = plots.entropy_and_rates(T, {"a": (entropy, rate), "b": (T, T)}, {"a": [0.5], "b": [2.0, 3.0]})
    top, other_top, bottom, _ = figure.axes
    np.testing.assert_array_equal(top.lines[0].get_data(), [T, entropy])
    np.testing.assert_array_equal(drawn(bottom)["per $t$"], [T, rate])
    np.testing.assert_array_equal(drawn(bottom)[r"per $\ln t$"], [T, T * rate])
    assert [line.get_xdata()[0] for line in top.lines[1:]] == [0.5]
    assert [line.get_xdata()[0] for line in other_top.lines[1:]] == [2.0, 3.0]
    assert [top.get_title(), other_top.get_title()] == ["a", "b"]


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_the_map_has_a_fixed_scale_and_paths_end_in_dots(steps):
    side, path = np.linspace(-2, 2, 5), np.arange(12.0).reshape(3, 2, 2)[:steps]
    variance = np.add.outer(side**2, 0 * side) / 10  # varies along the second coordinate
    axes, bar = plots.ambiguity_map(side, variance, 1.2, path).axes
    assert axes.collections[0].get_clim() == (0, 1.2)
    np.testing.assert_allclose([bar.get_ylim(), bar.get_yticks()], [(0, 1.2)] * 2)
    lowest = axes.collections[0].get_paths()[0].vertices
    assert np.ptp(lowest[:, 0]) == 4
    assert np.abs(lowest[:, 1]).max() < 2
    np.testing.assert_array_equal(axes.lines[1].get_xydata(), path[:, 1])
    np.testing.assert_array_equal(axes.lines[-1].get_xydata(), path[-1])


@pytest.mark.parametrize(
    ("tree", "brackets"),
    [
        (((0, 1), (2, 3)), [[(0, 0), (0, 1), (1, 1), (1, 0)], [(2, 0), (2, 1), (4, 1), (4, 0)]]),
        ((0, (1, (2, 3))), [[(2, 0), (2, 1), (4, 1), (4, 0)], [(1, 0), (1, 2), (3, 2), (3, 1)]]),
    ],
)
def test_a_tree_has_brackets_and_its_rate_has_its_peaks_marked(tree, brackets):
    t, rate = np.geomspace(0.1, 10, 7), np.array([0, 1, 0.5, 0.2, 0.7, 0.1, 0])
    top, bottom = plots.tree_rates(tree, [0, 1, 2, 4], t, t / 9, rate, [0.35, 1.39]).axes
    *questions, points = top.lines
    assert len(questions) == 3
    assert [[tuple(corner) for corner in line.get_xydata()] for line in questions[:2]] == brackets
    stems = {((0, 1), (2, 3)): [0.5, 0.5, 3, 3], (0, (1, (2, 3))): [0, 0, 2, 2]}
    np.testing.assert_array_equal(questions[2].get_xdata(), stems[tree])
    np.testing.assert_array_equal(points.get_xydata(), [(0, 0), (1, 0), (2, 0), (4, 0)])
    np.testing.assert_array_equal(drawn(bottom)["$H(x_0|x_t)$"], [t, t / 9])
    np.testing.assert_array_equal(drawn(bottom)[r"rate per $\ln t$"], [t, rate])
    np.testing.assert_array_equal(bottom.lines[2].get_xydata(), [(t[1], 1), (t[4], 0.7)])
    assert [line.get_ydata()[0] for line in bottom.lines[3:]] == [0.35, 1.39]
    assert texts(bottom) == ["0.35", "1.39"]


def test_trees_keep_their_axes():
    t, spans = np.geomspace(0.1, 10, 7), []
    for places, rate in (([0, 1, 2, 4], t / 20), ([0, 0.1, 2, 2.1], t / 90)):
        figure = plots.tree_rates(((0, 1), (2, 3)), places, t, t / 9, rate, [0.69])
        spans.append([(axes.get_xlim(), axes.get_ylim()) for axes in figure.axes])
    assert spans[0] == spans[1]


def test_a_deviation_of_zero_is_drawn_at_the_floor():
    figure = plots.rate_routes(T, T**-3, {"posterior": np.zeros(3), "score": np.array([9.0, 1e-15, 1e-9])})
    top, bottom = figure.axes
    np.testing.assert_array_equal(top.lines[0].get_ydata(), T**-3)
    np.testing.assert_array_equal(drawn(bottom)["posterior"][1], np.finfo(float).eps / 4)
    np.testing.assert_array_equal(drawn(bottom)["score"][1], [9.0, 1e-15, 1e-9])
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["posterior", "score"]
    assert texts(bottom) == ["no digit left"]


def test_score_norms_lie_under_a_bound_at_one():
    figure = plots.score_norms(T, {"one": np.ones(3), "two": T / 20})
    (axes,) = figure.axes
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), [1, 1])
    np.testing.assert_array_equal(drawn(axes)["two"], [T, T / 20])
    assert legend(axes) == ["one", "two"]


@pytest.mark.parametrize("now", [0.1, 1.0, 10.0])
def test_the_diamond_stands_at_the_mean_and_the_marks_at_the_time(now):
    variance, norm = np.array([0.1, 0.3]), np.array([1.0, 5.0])
    left, right = plots.pointwise_norm(variance, norm, now, T, T / 10, 1 - T / 10).axes
    np.testing.assert_array_equal(drawn(left)["one noisy point"], [variance, norm])
    np.testing.assert_allclose(drawn(left)["the mean of all"], [[0.2], [3.0]])
    for curve, mark, values in zip(right.lines[::2], right.lines[1::2], (T / 10, 1 - T / 10), strict=True):
        np.testing.assert_array_equal(curve.get_data(), [T, values])
        np.testing.assert_allclose(np.ravel(mark.get_data()), [now, values[now == T][0]])


def test_each_concentration_has_its_floor():
    (axes,) = plots.collision(T, {2: T / 10, 5: T / 20}).axes
    np.testing.assert_array_equal(drawn(axes)["$N = 5$"], [T, T / 20])
    assert [line.get_ydata()[0] for line in axes.lines[2:]] == [1 / 2, 1 / 5]


def test_deviations_are_drawn_with_their_errors_and_the_slope():
    errors, steps = {"a": [0.3, 0.2]}, {"a": [0.1, 0.05]}
    (axes,) = plots.nearly_orthogonal([4, 16], errors, steps).axes
    np.testing.assert_array_equal(drawn(axes)["$D^{-1/2}$"], [[4, 16], [0.5, 0.25]])
    (bars,) = axes.containers
    np.testing.assert_allclose(
        bars.lines[2][0].get_segments(), [[[4, 0.2], [4, 0.4]], [[16, 0.15], [16, 0.25]]]
    )
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["4", "16"]


def test_counting_and_measuring_are_told_apart():
    (axes,) = plots.merging_groups(T, T / 20, T / 40, {"$G = 2$": 0.5}).axes
    counting, measuring, level = axes.lines
    np.testing.assert_array_equal(counting.get_data(), [T, T / 20])
    np.testing.assert_array_equal(measuring.get_data(), [T, T / 40])
    assert level.get_ydata()[0] == 0.5
    assert counting.get_linestyle() != measuring.get_linestyle()
    assert texts(axes) == ["$G = 2$"]


def test_losses_are_drawn_with_the_true_rate():
    (axes,) = plots.losses(T, T / 10, {"linear": T / 9}).axes
    np.testing.assert_array_equal(drawn(axes)[r"true rate, $t\dot H$"], [T, T / 10])
    np.testing.assert_array_equal(drawn(axes)["linear"], [T, T / 9])


def test_bandwidth_has_its_plateaus():
    figure = plots.bandwidth(T, {"plane": T / 5}, {"$m = 2$": 2})
    (axes,) = figure.axes
    plateau, curve = axes.lines
    assert plateau.get_ydata()[0] == 2
    np.testing.assert_array_equal(curve.get_data(), [T, T / 5])
    assert texts(axes) == ["$m = 2$"]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["plane"]
