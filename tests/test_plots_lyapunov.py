"""The figures of the chapter on Lyapunov exponents show what they are given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from infodyn import plots


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


T = np.array([3.0, 1.0, 0.1])


def drawn(axes):
    """Return the data of every line, by its label."""
    return {line.get_label(): np.array(line.get_data()) for line in axes.lines}


def legend(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def test_the_fan_tells_paths_by_their_end():
    flow = np.array([[1.0, -2.0], [0.5, -1.5], [1.0, -1.0]])
    noisy = np.array([[1.0, -2.0], [-0.5, -1.5], [-1.0, -1.0]])
    left, right = plots.trajectory_fan(T, flow, noisy, 1.5).axes
    np.testing.assert_array_equal(drawn(left)["end left"], [T, flow[:, 1]])
    np.testing.assert_array_equal(drawn(left)["end right"], [T, flow[:, 0]])
    assert drawn(right)["end left"][1].tolist() == noisy[:, 0].tolist()
    assert "end right" not in drawn(right)
    styles = {line.get_label(): line.get_linestyle() for line in left.lines}
    assert styles["end left"] != styles["end right"]
    for panel in (left, right):
        assert panel.get_xlim() == (3.0, 0.1)
        assert [line.get_xdata()[0] for line in panel.lines[-1:]] == [1.5]
        assert panel.lines[-2].get_ydata()[0] == 0
    assert [left.get_title(), right.get_title()] == ["probability flow", "reverse SDE"]


def test_parting_on_the_branch_and_beside_it():
    near = np.linspace(1.3, 0.4, 13)
    beside = {"from 1": T / 2, "from 2": T / 3}
    left, right = plots.parting((near, T), near / 2, near / 3, near / 4, beside, 1.0).axes
    np.testing.assert_array_equal(drawn(left)["closed form"], [near, near / 3])
    np.testing.assert_array_equal(drawn(left)["$(t_c - t)^2$"], [near, near / 4])
    np.testing.assert_array_equal(drawn(left)["two paths"], [near[::6], near[::6] / 2])
    np.testing.assert_array_equal(drawn(right)["from 2"], [T, T / 3])
    assert legend(right) == ["from 1", "from 2"]
    assert left.get_xlim() == (1.3, 0.4)
    assert right.get_xlim() == (3.0, 0.1)
    assert left.lines[-1].get_xdata()[0] == right.lines[-1].get_xdata()[0] == 1.0


def test_neighbourhoods_are_named_and_closed():
    before = np.array([[[0.0, 0], [1, 0], [1, 2]], [[3, 3], [4, 3], [4, 4]]])
    first, second = plots.neighbourhoods(before, before / 2, np.eye(2), (2.0, 0.3)).axes
    assert [panel.get_title() for panel in (first, second)] == ["$t = 2$", "$t = 0.3$"]
    np.testing.assert_array_equal(first.lines[1].get_xydata(), [[0, 0], [1, 0], [1, 2], [0, 0]])
    np.testing.assert_array_equal(second.lines[2].get_xydata()[:3], before[1] / 2)
    np.testing.assert_array_equal(second.lines[0].get_xydata(), np.eye(2))
    assert [text.get_text() for text in second.texts] == ["A", "B"]
    assert tuple(second.texts[0].xy) == (0.5, 1.0)


def test_commitment_of_both_dynamics():
    x = np.array([-1.0, 0.0, 1.0])
    figure = plots.commitment((x, x / 4, x / 2), (x[:2], np.array([0.1, 0.6]), np.array([0.01, 0.02])))
    (axes,) = figure.axes
    np.testing.assert_array_equal(drawn(axes)["posterior weight"], [x, x / 4])
    np.testing.assert_array_equal(drawn(axes)["probability flow"], [x, x / 2])
    (bars,) = axes.containers
    np.testing.assert_array_equal(bars.lines[0].get_data(), [x[:2], [0.1, 0.6]])
    np.testing.assert_allclose(bars.lines[2][0].get_segments()[1], [[0, 0.58], [0, 0.62]])


def test_two_noises_share_a_logarithmic_axis():
    (axes,) = plots.two_noises(T, T / 2, T / 3, T / 4).axes
    np.testing.assert_array_equal(drawn(axes)["common noise"], [T, T / 2])
    np.testing.assert_array_equal(drawn(axes)["linear equation"], [T, T / 3])
    np.testing.assert_array_equal(drawn(axes)["independent noise"], [T, T / 4])
    assert axes.get_yscale() == "log"
    assert axes.get_xlim() == (3.0, 0.1)


def test_each_divergence_has_its_ceiling_and_its_critical_time():
    curves, ceilings = {"a": -T / 4, "b": -T / 5}, {"a": -T / 8, "b": -T / 9}
    figure = plots.expected_divergences(T, curves, ceilings, {"b": 0.5})
    first, second = figure.axes
    np.testing.assert_array_equal(drawn(first)["mean over paths"], [T, -T / 4])
    np.testing.assert_array_equal(drawn(second)["ceiling"], [T, -T / 9])
    assert [line.get_ydata()[0] for line in first.lines[2:]] == [-1, 0]
    assert second.lines[-1].get_xdata()[0] == 0.5
    assert [first.get_title(), second.get_title()] == ["a", "b"]


def test_the_map_stands_above_its_growth():
    x = np.array([-1.0, 0.0, 1.0])
    top, bottom = plots.finite_time_map(x, x**3, x / 2, [0.25, 0.5]).axes
    np.testing.assert_array_equal(top.lines[0].get_data(), [x, x**3])
    np.testing.assert_array_equal(bottom.lines[0].get_data(), [x, x / 2])
    assert [line.get_xdata()[0] for line in top.lines[1:]] == [0.25, 0.5]
    assert [line.get_xdata()[0] for line in bottom.lines[2:]] == [0.25, 0.5]


def test_the_field_has_borders_between_its_basins():
    side = np.array([-1.0, 0.0, 1.0])
    exponents = np.arange(9.0).reshape(3, 3)
    ends = np.array([[0, 0, 1]] * 3)
    axes, _ = plots.exponent_field(side, exponents, ends, np.array([[-1.0, 0], [1, 0]])).axes
    np.testing.assert_array_equal(axes.images[0].get_array(), exponents)
    assert axes.images[0].get_extent() == [-1, 1, -1, 1]
    assert axes.images[0].origin == "lower"
    borders = [path.vertices[:, 0] for c in axes.collections for path in c.get_paths() if len(path.vertices)]
    assert len(borders) == 2
    np.testing.assert_array_equal(np.concatenate(borders), 0.5)
    np.testing.assert_array_equal(axes.lines[0].get_xydata(), [[-1, 0], [1, 0]])
