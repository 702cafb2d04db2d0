"""The figure of the page of corrections shows what it is given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from infodyn import plots


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_each_curve_is_scaled_to_its_peak_and_the_fork_is_marked():
    t = np.array([0.5, 1.0, 2.0])
    curves = {"a": np.array([1.0, 4.0, 2.0]), "b": np.array([3.0, 2.0, 1.0]), "c": np.array([0.0, 1.0, 5.0])}
    figure = plots.peaks_and_fork(t, curves, [1.0, 0.5, 2.0], 1.25)
    (axes,) = figure.axes
    lines = [line.get_xydata() for line in axes.lines]
    np.testing.assert_array_equal(lines[0], np.column_stack([t, [0.25, 1, 0.5]]))
    np.testing.assert_array_equal(lines[2], np.column_stack([t, [1, 2 / 3, 1 / 3]]))
    np.testing.assert_array_equal(lines[4], np.column_stack([t, [0, 0.2, 1]]))
    np.testing.assert_array_equal(np.vstack(lines[1:6:2]), [[1, 1], [0.5, 1], [2, 1]])
    assert {tuple(x) for x in lines[6]} == {(1.25, 0), (1.25, 1)}
    named = [text.get_text() for text in axes.get_legend().get_texts()]
    assert named == ["a: 1.000", "b: 0.500", "c: 2.000"]
    assert axes.texts[0].get_text() == " fork: 1.250"
    assert axes.get_xscale() == "log"
    assert len({(line.get_linestyle(), line.get_marker()) for line in axes.lines}) == 7
