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


@pytest.mark.parametrize("reached", [0, 1, 2])
def test_neighbourhoods_are_named_closed_and_measured(reached):
    circles = np.array([[[0.0, 0], [1, 0], [1, 2]], [[3, 3], [4, 3], [4, 4]]])
    lengths = np.array([[1.0, 1.0], [0.5, 0.7], [0.2, 0.9]])
    figure = plots.neighbourhoods(circles, circles / 2, np.eye(2), T, lengths, reached)
    plane, course = figure.axes
    assert plane.get_title() == f"$t = {T[reached]:.2f}$"
    np.testing.assert_array_equal(plane.lines[0].get_xydata(), np.eye(2))
    np.testing.assert_array_equal(plane.lines[1].get_xydata(), [[0, 0], [1, 0], [1, 2], [0, 0]])
    np.testing.assert_array_equal(plane.lines[2].get_xydata(), [[0, 0], [0.5, 0], [0.5, 1], [0, 0]])
    np.testing.assert_array_equal(plane.lines[4].get_xydata()[:3], circles[1] / 2)
    assert plane.lines[1].get_color() == plots.COLORS["bound"] != plane.lines[2].get_color()
    assert [text.get_text() for text in plane.texts] == ["A", "B"]
    assert tuple(plane.texts[0].xy) == (0.5, 1.0)
    first, mark, second, other = course.lines[:4]
    till = reached + 1
    np.testing.assert_array_equal(first.get_data(), [T[:till], lengths[:till, 0]])
    np.testing.assert_array_equal(second.get_data(), [T[:till], lengths[:till, 1]])
    assert mark.get_xydata().tolist() == [[T[reached], lengths[reached, 0]]]
    assert other.get_xydata().tolist() == [[T[reached], lengths[reached, 1]]]
    assert legend(course) == ["A", "B"]
    assert course.get_xlim() == (3.0, 0.1)


@pytest.mark.parametrize("joins", [0, 1])
def test_noise_joins_a_path_where_it_has_come(joins):
    path = np.array([1.0, 0.5, 0.9])
    noisy = np.array([[1.0, 1.0, 1.0], [0.2, -1.0, 0.3], [1.1, -1.2, 0.8]])[joins:]
    x = np.array([-2.0, 0.0, 2.0])
    figure = plots.late_noise((T, T[joins:]), path, noisy, (x, x / 4 + 0.5), (0.5, 0.7, 0.02))
    fan, chance = figure.axes
    np.testing.assert_array_equal(drawn(fan)["ODE"], [T, path])
    left = [line for line in fan.lines if len(line.get_ydata()) and line.get_ydata()[-1] < 0]
    assert [line.get_ydata().tolist() for line in left] == [noisy[:, 1].tolist()]
    np.testing.assert_array_equal(left[0].get_xdata(), T[joins:])
    looks = {line.get_label(): (line.get_color(), line.get_linestyle()) for line in fan.lines}
    assert (left[0].get_color(), left[0].get_linestyle()) == looks["SDE, end left"]
    assert looks["SDE, end left"] != looks["SDE, end right"]
    assert fan.get_title() == f"noise from $t = {T[joins]:.2f}$ on"
    assert fan.lines[-1].get_xdata()[0] == T[joins]
    assert (fan.get_xlim(), fan.get_ylim()) == ((3.0, 0.1), (-5, 5))
    np.testing.assert_array_equal(drawn(chance)["posterior weight"], [x, x / 4 + 0.5])
    step = next(line for line in chance.lines if line.get_label() == "ODE")
    assert step.get_drawstyle() == "steps-post"
    np.testing.assert_array_equal(step.get_data(), [[-2, 0, 2], [0, 1, 1]])
    (bars,) = chance.containers
    assert bars.lines[0].get_xydata().tolist() == [[0.5, 0.7]]
    np.testing.assert_allclose(bars.lines[2][0].get_segments()[0], [[0.5, 0.68], [0.5, 0.72]])


def test_two_noises_share_a_logarithmic_axis():
    (axes,) = plots.two_noises(T, T / 2, T / 3, T / 4).axes
    np.testing.assert_array_equal(drawn(axes)["common noise"], [T, T / 2])
    np.testing.assert_array_equal(drawn(axes)["linear equation"], [T, T / 3])
    np.testing.assert_array_equal(drawn(axes)["independent noise"], [T, T / 4])
    assert axes.get_yscale() == "log"
    assert axes.get_xlim() == (3.0, 0.1)


@pytest.mark.parametrize("fork", [0.5, 0.99, None])
def test_the_mean_of_two_hills_lies_below_its_ceiling(fork):
    x, rising = np.array([-1.0, 0.0, 1.0]), T[::-1]
    density = np.array([0.5, 0.1, 0.5])
    figure = plots.two_hills((x, density), rising, (-rising / 4, -rising / 5), -rising / 8, fork)
    hills, rates = figure.axes
    np.testing.assert_array_equal(hills.lines[0].get_data(), [x, density])
    np.testing.assert_array_equal(drawn(rates)["mean over paths"], [rising, -rising / 4])
    np.testing.assert_array_equal(drawn(rates)["at the centre"], [rising, -rising / 5])
    np.testing.assert_array_equal(drawn(rates)["ceiling of the mean"], [rising, -rising / 8])
    assert [line.get_ydata()[0] for line in rates.lines[3:5]] == [-1, 0]
    assert [line.get_xdata()[0] for line in rates.lines[5:]] == ([] if fork is None else [fork])
    assert rates.get_ylim() == (-1.08, 0.6)
    figure.canvas.draw()
    (share,) = rates.child_axes
    np.testing.assert_allclose(share.get_ylim(), (-0.08, 1.6))


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
