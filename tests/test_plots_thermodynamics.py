"""The figures of the chapter on stochastic thermodynamics show what they are given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from infodyn import plots


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


T = np.array([10.0, 1.0, 0.1])


def drawn(axes):
    """Return the data of every line, by its label."""
    return {line.get_label(): np.array(line.get_data()) for line in axes.lines}


def legend(holder):
    found = holder.legends[0] if hasattr(holder, "legends") else holder.get_legend()
    return [text.get_text() for text in found.get_texts()]


def looks(axes):
    return [line.get_linestyle() for line in axes.lines]


def test_the_most_restless_path_is_drawn_heavily():
    entropies = np.array([[0.7, 0.6, 0.7], [0.5, 0.1, 0.8], [0.3, 0.4, 0.0]])  # rises: 0, 0.3, 0.1
    law = (T, entropies, T / 3, T / 5, [0.4])
    figure = plots.pathwise_entropies({"a": law, "b": (T, 2 * entropies, T, T, [])})
    top, other, bottom, other_bottom = figure.axes
    for line, path in zip(top.lines[:3], entropies.T, strict=True):
        np.testing.assert_array_equal(line.get_data(), [T, path])
    np.testing.assert_array_equal(drawn(top)["one path"], [T, entropies[:, 1]])
    np.testing.assert_array_equal(drawn(top)["mean of all"], [T, T / 3])
    np.testing.assert_array_equal(bottom.lines[0].get_data(), [T, T / 5])
    assert [panel.lines[-1].get_xdata()[0] for panel in (top, bottom)] == [0.4, 0.4]
    assert len(other_bottom.lines) == 1
    assert [top.get_title(), other.get_title()] == ["a", "b"]


def test_small_noise_is_logarithmic_both_ways():
    axes = plots.small_noise(T, {"circle": T**2, "hills": T**4}).axes[0]
    np.testing.assert_array_equal(drawn(axes)["hills"], [T, T**4])
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert len(set(looks(axes))) == 2
    assert legend(axes.figure) == ["circle", "hills"]


def test_classes_are_split_panel_by_panel():
    figure = plots.class_split(T, {"near": {"whole": T, "part": T / 2}, "far": {"whole": 2 * T, "part": T}})
    near, far = figure.axes
    np.testing.assert_array_equal(drawn(near)["part"], [T, T / 2])
    np.testing.assert_array_equal(drawn(far)["whole"], [T, 2 * T])
    assert [near.get_title(), far.get_title()] == ["near", "far"]
    assert legend(figure) == ["whole", "part"]
    assert len(set(looks(near))) == 2


@pytest.mark.parametrize("minority", [[False, True, False], [True, False, True], [True, True, False]])
def test_paths_to_the_minority_are_set_apart(minority):
    entropies, minority = np.arange(9.0).reshape(3, 3), np.array(minority)
    figure = plots.indecision(T, entropies, minority, 0.7)
    (axes,) = figure.axes
    expected = [*entropies.T[~minority], *entropies.T[minority]]
    np.testing.assert_array_equal([line.get_ydata() for line in axes.lines[:3]], expected)
    styles = ["-"] * np.sum(~minority) + ["--"] * np.sum(minority)
    assert looks(axes)[:3] == styles
    assert axes.lines[3].get_ydata()[0] == 0.7
    assert (axes.get_xlim(), axes.get_xscale()) == ((0.1, 10.0), "log")
    assert axes.get_ylim()[1] > 0.7
    assert legend(figure) == ["ends at the majority", "ends at the minority"]


@pytest.mark.parametrize(("level", "back"), [(0.2, [0, 2]), (0.5, [2]), (0.9, []), (0.3, [0, 2])])
def test_weights_that_reach_the_level_are_set_apart(level, back):
    weights = np.array([[0.1, 0.1, 0.1], [0.3, 0.0, 0.4], [0.1, 0.0, 0.6]])
    stay = [path for path in range(3) if path not in back]
    levels = np.array([0.1, 0.5, 1.0])
    left, right = plots.coming_back(T, weights, level, (levels, 0.1 / levels), 0.23).axes
    np.testing.assert_array_equal([line.get_ydata() for line in left.lines[:3]], weights.T[[*stay, *back]])
    assert looks(left)[:3] == ["-"] * len(stay) + ["--"] * len(back)
    np.testing.assert_array_equal(drawn(right)["$a/b$"], [0.1 / levels, levels])
    np.testing.assert_array_equal(drawn(right)["simulated"], [[0.23], [level]])
    assert [panel.lines[-1].get_ydata()[0] for panel in (left, right)] == [level, level]
    assert left.get_ylim() == right.get_ylim() == (0, 1.02)


def test_texts_are_told_step_by_step():
    stories = {"rare": (np.array([0.1, 2.7, 0]), np.array([7.0, 2.7, 0])), "common": (T, 2 * T)}
    figure = plots.rare_token(["nothing", "a", "ab"], stories, T / 9)
    left, right = figure.axes
    np.testing.assert_array_equal(drawn(left)["rare"][1], [0.1, 2.7, 0])
    np.testing.assert_array_equal(drawn(left)["mean over texts"][1], T / 9)
    np.testing.assert_array_equal(drawn(right)["common"][1], 2 * T)
    assert [label.get_text() for label in right.get_xticklabels()] == ["nothing", "a", "ab"]
    assert legend(figure) == ["rare", "common", "mean over texts"]
    assert left.get_ylim()[1] > np.log(17)
    assert right.get_ylim()[1] > -np.log(0.01 / 16)


@pytest.mark.parametrize("now", [0, 1, 2])
def test_a_crowd_is_counted_at_its_moment(now):
    entropies = np.array([[0.69, 0.68], [0.4, 0.1], [0.0, 0.2]])
    present = np.array([0.0, 0.01, 0.02, 0.69])
    figure = plots.crowd(T, entropies, now, present, T / 300)
    top, side, bottom, corner = figure.axes
    for path in range(2):
        np.testing.assert_array_equal(top.lines[path].get_data(), [T[: now + 1], entropies[: now + 1, path]])
        np.testing.assert_array_equal(top.lines[2 + path].get_data(), [T[now:], entropies[now:, path]])
    assert top.lines[0].get_linewidth() > top.lines[2].get_linewidth()
    np.testing.assert_array_equal(top.lines[4].get_data(), [[T[now]] * 2, entropies[now]])
    shares = [bar.get_width() for bar in side.patches]
    np.testing.assert_allclose(shares, [0.75, *[0] * 8, 0.25])
    np.testing.assert_allclose(side.patches[0].get_height(), np.log(2) / 10)
    np.testing.assert_array_equal(bottom.lines[0].get_data(), [T, T / 300])
    np.testing.assert_array_equal(bottom.lines[1].get_data(), [[T[now]], [T[now] / 300]])
    assert side.get_ylim() == top.get_ylim()
    assert side.get_xlim() == (0, 1)
    assert top.get_xlim() == bottom.get_xlim() == (0.1, 10)
    assert not corner.axison


def test_peaks_are_shares_of_their_tops():
    curves = {"variance": np.array([1.0, 4.0, 2.0]), "rate": np.array([5.0, 1.0, 10.0])}
    figure = plots.clock_of_a_rate(T[::-1], curves, [(1.1, 5.0), (9.0, 20.0)])
    (axes,) = figure.axes
    np.testing.assert_array_equal(drawn(axes)["variance"], [T[::-1], [0.2, 0.8, 0.4]])
    np.testing.assert_array_equal(drawn(axes)["rate"], [T[::-1], [0.25, 0.05, 0.5]])
    np.testing.assert_array_equal(
        [axes.lines[place].get_data() for place in (2, 3)], [[[1.1], [1]], [[9], [1]]]
    )
    assert axes.lines[2].get_marker() != axes.lines[3].get_marker()
    assert axes.lines[4].get_xdata()[0] == 1
    assert axes.get_xlim() == (0.1, 10)
    assert looks(axes)[0] != looks(axes)[1]
    assert legend(figure) == ["variance", "rate"]


def test_each_amplitude_has_its_peak():
    axes = plots.variance_peak({16: (T, T / 2), 256: (T, T / 3)}).axes[0]
    np.testing.assert_array_equal(drawn(axes)["$D = 256$"], [T, T / 3])
    assert legend(axes) == ["$D = 16$", "$D = 256$"]
    assert axes.lines[2].get_xdata()[0] == 1
    assert len(set(looks(axes)[:2])) == 2
