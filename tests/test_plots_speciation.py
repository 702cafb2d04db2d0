"""The figures of the chapter on the speciation time show what they are given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from infodyn import plots


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


T = np.array([1.0, 2.0, 4.0])
V = np.array([0.01, 0.05, 0.02])


def drawn(axes):
    """Return the data of every line, by its label."""
    return {line.get_label(): np.array(line.get_data()) for line in axes.lines}


def styles(axes):
    return [line.get_linestyle() for line in axes.lines]


def texts(axes):
    return [text.get_text() for text in axes.texts]


def legend(owner):
    return [text.get_text() for text in owner.get_texts()]


def places(axes, shift):
    """Return where the vertical lines stand, past the first ``shift`` lines."""
    return [line.get_xdata()[0] for line in axes.lines[shift:]]


def test_each_process_is_drawn_against_time_and_rescaled_time():
    curves = {"VP": {16: (T, 2.0, V), 256: (T, 4.0, 2 * V)}, "EDM": {16: (T, 4.0, V), 256: (T, 8.0, V)}}
    figure = plots.vp_against_edm(curves)
    vp, edm, vp_scaled, edm_scaled = figure.axes
    assert [vp.get_title(), edm.get_title()] == ["VP", "EDM"]
    np.testing.assert_array_equal(vp.lines[1].get_data(), [T, 2 * V])
    np.testing.assert_array_equal(drawn(vp_scaled)["$D = 256$"], [T / 4, 2 * V])
    np.testing.assert_array_equal(drawn(edm_scaled)["$D = 16$"], [T / 4, V])
    np.testing.assert_array_equal(drawn(edm_scaled)["$D = 256$"], [T / 8, V])
    assert places(edm_scaled, 2) == [1]
    assert legend(figure.legends[0]) == ["$D = 16$", "$D = 256$"]
    assert len(set(styles(vp))) == 2
    first, second = edm_scaled.lines[:2]
    assert first.get_linewidth() > second.get_linewidth()


def test_the_profile_has_its_limits_and_marks():
    left, right = plots.profile_limits(T, V, {"low": V / 2, "high": V / 4}, {"one": 1.0, "star": 1.5}).axes
    np.testing.assert_array_equal(left.lines[0].get_data(), [T, V])
    assert places(left, 1) == [1.0, 1.5]
    assert texts(left) == ["one", "star"]
    assert left.texts[0].get_position()[0] < 1 < 1.5 < left.texts[1].get_position()[0]
    np.testing.assert_array_equal(drawn(right)[r"$\Phi$"], [T, V])
    np.testing.assert_array_equal(drawn(right)["low"], [T, V / 2])
    np.testing.assert_array_equal(drawn(right)["high"], [T, V / 4])
    assert (right.get_xscale(), right.get_yscale()) == ("log", "log")
    assert len(set(styles(right))) == 3


def test_a_dot_stands_on_every_maximum():
    peaks = {"a": (np.array([2.0]), np.array([0.05])), "b": (np.array([1.0, 4.0]), np.array([0.1, 0.2]))}
    figure = plots.hierarchy(T, {"a": V, "b": 2 * V}, peaks)
    (axes,) = figure.axes
    np.testing.assert_array_equal(drawn(axes)["b"], [T, 2 * V])
    np.testing.assert_array_equal(axes.lines[1].get_data(), peaks["a"])
    np.testing.assert_array_equal(axes.lines[3].get_data(), peaks["b"])
    assert axes.lines[3].get_linestyle() == "None"
    assert legend(figure.legends[0]) == ["a", "b"]


def test_class_and_full_variance_are_told_apart():
    left, right = plots.plateau(T, V, 3 * V, 0.12, 2 * T, {"above": V, "below": -V}).axes
    level, full, alone = left.lines
    assert level.get_ydata()[0] == 0.12
    np.testing.assert_array_equal(full.get_data(), [T, 3 * V])
    np.testing.assert_array_equal(alone.get_data(), [T, V])
    assert full.get_linestyle() != alone.get_linestyle()
    assert texts(left) == ["plateau"]
    assert legend(left.get_legend()) == ["full, $H(x_0|x_t)$", "class, $H(c|x_t)$"]
    np.testing.assert_array_equal(drawn(right)["below"], [2 * T, -V])
    assert right.lines[2].get_ydata()[0] == 0


def test_one_curve_is_drawn_on_four_axes():
    log_snr = np.array([-2.0, 0.0, 2.0])
    clocks = {
        "VP": {100.0: T, 1e6: T / 2},
        "EDM": {100.0: T / 3, 1e6: T / 3},
        "log": {100.0: T / 4, 1e6: T / 5},
    }
    figure = plots.four_axes(log_snr, clocks, V)
    shifted, vp, edm, log = figure.axes
    np.testing.assert_allclose(drawn(shifted)["$D = 10^{2}$"], [np.log(100) - log_snr, V])
    np.testing.assert_allclose(drawn(shifted)["$D = 10^{6}$"], [np.log(1e6) - log_snr, V])
    assert [panel.get_title() for panel in (vp, edm, log)] == ["VP", "EDM", "log"]
    np.testing.assert_array_equal(vp.lines[1].get_data(), [T / 2, V])
    np.testing.assert_array_equal(edm.lines[0].get_data(), [T / 3, V])
    np.testing.assert_array_equal(log.lines[1].get_data(), [T / 5, V])
    assert legend(figure.legends[0]) == ["$D = 10^{2}$", "$D = 10^{6}$"]
    assert styles(shifted) == styles(vp)


def test_collapse_and_speciation_are_marked_in_both_panels():
    marks = {"$t_C$": 1.5, "$t_S$": 3.0}
    top, bottom = plots.collapse_and_speciation(T, T, T / 2, V, V / 3, marks).axes
    np.testing.assert_array_equal(drawn(top)["data set"], [T, T])
    np.testing.assert_array_equal(drawn(top)["no fluctuations"], [T, T / 2])
    np.testing.assert_array_equal(bottom.lines[0].get_data(), [T, V])
    np.testing.assert_array_equal(bottom.lines[1].get_data(), [T, V / 3])
    assert places(top, 2) == places(bottom, 2) == [1.5, 3.0]
    assert texts(top) == ["$t_C$", "$t_S$"]
    assert styles(bottom)[:2] == ["-", "--"]


def test_the_story_has_its_forks_in_every_panel():
    x = np.array([-1.0, 0.0, 1.0])
    density = np.array([[1.0, 2.0, 1.0], [2.0, 4.0, 2.0], [0.0, 1.0, 0.0]])
    paths = np.arange(6.0).reshape(3, 2)
    top, middle, bottom = plots.whole_story(T, x, density, T[::-1], paths, T / 9, V, [1.5, 3.0]).axes
    columns = top.collections[0].get_array()
    np.testing.assert_array_equal(columns.max(axis=0), 1)  # every column has its own scale
    np.testing.assert_array_equal(top.lines[1].get_data(), [T[::-1], paths[:, 1]])
    np.testing.assert_array_equal(middle.lines[0].get_data(), [T, T / 9])
    np.testing.assert_array_equal(bottom.lines[0].get_data(), [T, V])
    assert places(top, 2) == places(middle, 1) == places(bottom, 1) == [1.5, 3.0]
    assert bottom.get_xlim() == (1, 4)
