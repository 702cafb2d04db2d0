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
    figure = plots.vp_against_edm(curves, {"VP": 7, "EDM": 90})
    vp, edm, vp_scaled, edm_scaled = figure.axes
    assert [vp.get_title(), edm.get_title()] == ["VP", "EDM"]
    assert [panel.get_xlim() for panel in figure.axes] == [(0, 7), (0, 90), (0, 2), (0, 2)]
    assert {panel.get_ylim() for panel in figure.axes} == {(0, 0.06)}
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


@pytest.mark.parametrize("places", [[2.0], [1.0, 4.0]])
def test_a_dot_stands_on_every_maximum(places):
    peaks = np.array(places), 0.01 * np.array(places)
    figure = plots.hierarchy(T, V, {"coarse": V / 2, "fine": V / 3}, peaks)
    (axes,) = figure.axes
    np.testing.assert_array_equal(drawn(axes)["both"], [T, V])
    np.testing.assert_array_equal(drawn(axes)["coarse"], [T, V / 2])
    np.testing.assert_array_equal(drawn(axes)["fine"], [T, V / 3])
    np.testing.assert_array_equal(axes.lines[3].get_data(), peaks)
    assert axes.lines[3].get_linestyle() == "None"
    assert len(set(styles(axes)[:3])) == 3
    assert (axes.get_xlim(), axes.get_xscale()) == ((1, 4), "log")
    assert axes.get_ylim() == (0, 0.125)  # two choices at once: at most 0.116
    assert legend(figure.legends[0]) == ["both", "coarse", "fine"]


@pytest.mark.parametrize("level", [0.0, 0.12, 0.49])
def test_class_and_full_variance_are_told_apart(level):
    figure = plots.plateau(T, V, 3 * V, level, 2 * T, V - level)
    left, right = figure.axes
    plateau, full, alone = left.lines
    assert plateau.get_ydata()[0] == level
    np.testing.assert_array_equal(full.get_data(), [T, 3 * V])
    np.testing.assert_array_equal(alone.get_data(), [T, V])
    assert full.get_linestyle() != alone.get_linestyle()
    assert legend(figure.legends[0]) == ["full, $H(x_0|x_t)$", "class, $H(c|x_t)$"]
    np.testing.assert_array_equal(right.lines[0].get_data(), [2 * T, V - level])
    assert right.lines[1].get_ydata()[0] == 0
    assert (left.get_xlim(), left.get_ylim()) == ((0, 4), (0, 0.5))
    assert (right.get_xlim(), right.get_ylim()) == ((2, 8), (-1, 2))


def test_a_clock_is_compared_with_others():
    sizes = np.array([1e2, 1e6])
    widths = {"this": np.array([0.5, 0.3]), "least": np.array([0.4, 0.2]), "most": np.array([1.3, 1.2])}
    figure = plots.power_clock({1e2: T, 1e6: T / 2}, V, sizes, widths)
    left, right = figure.axes
    np.testing.assert_array_equal(drawn(left)["$D = 10^{2}$"], [T, V])
    np.testing.assert_array_equal(drawn(left)["$D = 10^{6}$"], [T / 2, V])
    assert places(left, 2) == [1]
    assert (left.get_xlim(), left.get_ylim()) == ((0, 2), (0, 0.06))
    for label, ratio in widths.items():
        np.testing.assert_array_equal(drawn(right)[label], [sizes, ratio])
    assert (right.get_xscale(), right.get_yscale()) == ("log", "log")
    assert len(set(styles(right))) == 3
    assert legend(right.get_legend()) == list(widths)
    assert legend(figure.legends[0]) == ["$D = 10^{2}$", "$D = 10^{6}$"]


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
