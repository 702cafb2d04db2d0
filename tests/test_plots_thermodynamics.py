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


def test_chosen_paths_are_set_apart():
    entropies = np.arange(9.0).reshape(3, 3)
    figure = plots.two_samplers(T, {"SDE": (entropies, np.array([False, True, False]))}, 0.7)
    (panel,) = figure.axes
    np.testing.assert_array_equal([line.get_ydata() for line in panel.lines[:2]], entropies.T[[0, 2]])
    np.testing.assert_array_equal(panel.lines[2].get_ydata(), entropies[:, 1])
    assert panel.lines[2].get_linestyle() == "--" != panel.lines[0].get_linestyle()
    assert panel.lines[3].get_ydata()[0] == 0.7
    assert panel.get_xlim() == (10.0, 0.1)


def test_simulated_returns_have_bars_of_two_errors():
    measured = np.array([0.2, 0.5]), np.array([0.5, 0.21]), np.array([0.01, 0.02])
    axes = plots.return_law(T, 0.1 / T, measured).axes[0]
    np.testing.assert_array_equal(drawn(axes)["$a/b$"], [T, 0.1 / T])
    bars = axes.collections[0].get_segments()
    np.testing.assert_allclose([bar[:, 1] for bar in bars], [[0.48, 0.52], [0.17, 0.25]])


def test_texts_are_told_step_by_step():
    stories = {"rare": (np.array([0.1, 2.7, 0]), np.array([7.0, 2.7, 0])), "common": (T, 2 * T)}
    figure = plots.rare_token(["nothing", "a", "ab"], stories, T / 9)
    left, right = figure.axes
    np.testing.assert_array_equal(drawn(left)["rare"][1], [0.1, 2.7, 0])
    np.testing.assert_array_equal(drawn(left)["mean over texts"][1], T / 9)
    np.testing.assert_array_equal(drawn(right)["common"][1], 2 * T)
    assert [label.get_text() for label in right.get_xticklabels()] == ["nothing", "a", "ab"]
    assert legend(figure) == ["rare", "common", "mean over texts"]


def test_peaks_are_shares_of_the_greatest():
    figure = plots.clocks_of_a_peak(T, np.array([1.0, 4.0, 2.0]), {"per t": np.array([5.0, 1.0, 10.0])})
    (axes,) = figure.axes
    np.testing.assert_array_equal(drawn(axes)["variance, every clock"], [T, [0.25, 1, 0.5]])
    np.testing.assert_array_equal(drawn(axes)["per t"], [T, [0.5, 0.1, 1]])
    assert axes.lines[2].get_xdata()[0] == 1


def test_each_amplitude_has_its_peak():
    axes = plots.variance_peak({16: (T, T / 2), 256: (T, T / 3)}).axes[0]
    np.testing.assert_array_equal(drawn(axes)["$D = 256$"], [T, T / 3])
    assert legend(axes) == ["$D = 16$", "$D = 256$"]
    assert axes.lines[2].get_xdata()[0] == 1
    assert len(set(looks(axes)[:2])) == 2
