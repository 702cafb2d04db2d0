"""The front page's pictures show the numbers that they are given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from infodyn import EDM, diffuse, plots, points
from infodyn.plots import COLORS

TWO = points([[-1.0], [1.0]])
NOISE = np.array([0.1, 1.0, 10.0])
ENTROPY, RATE = np.array([0.0, 0.36, 0.69]), np.array([0.0, 0.45, 0.01])
X = np.linspace(-4.01, 4, 201)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def drawn(axes):
    """Return the data of every labelled line, by its label."""
    return {line.get_label(): line.get_xydata() for line in axes.lines if line.get_label()[0] != "_"}


def dial(now):
    law = diffuse(TWO, EDM(), now)
    density = np.exp(law.logpdf(X[:, None]))
    posterior, score = law.weights(X[:, None])[:, 1], law.score(X[:, None])[:, 0]
    return plots.noise_dial(X, density, posterior, score, NOISE, ENTROPY, RATE, now), posterior, score


@pytest.mark.parametrize("now", [0.1, 1.0, 10.0])
def test_the_dial_shows_density_posterior_score_entropy_and_rate(now):
    figure, posterior, score = dial(now)
    top, middle, bits = figure.axes
    shade = top.collections[0].get_datalim(top.transData)
    assert (shade.y0, shade.y1) == (0, 1)
    np.testing.assert_array_equal(drawn(top)["chance of +1, given x"], np.column_stack([X, posterior]))
    np.testing.assert_allclose(drawn(middle)[r"score $\times\,\sigma$"], np.column_stack([X, now * score]))
    curves = drawn(bits)
    np.testing.assert_array_equal(curves["open, $H(x_0|x_t)$"], np.column_stack([NOISE, ENTROPY]))
    np.testing.assert_array_equal(curves[r"rate, $dH/d\ln\sigma$"], np.column_stack([NOISE, RATE]))
    upright, *marks = bits.lines[2:]
    assert upright.get_xdata()[0] == now
    at = now == NOISE
    for mark, values, color in zip(marks, (ENTROPY, RATE), ("entropy", "rate"), strict=True):
        np.testing.assert_allclose(mark.get_xydata(), [[now, values[at][0]]])
        assert mark.get_color() == COLORS[color]
    assert len({mark.get_marker() for mark in marks}) == 2


@pytest.mark.parametrize(
    ("now", "stable", "unstable"), [(0.1, [-1, 1], [0]), (0.9, [-0.696, 0.696], [0]), (10.0, [0], [])]
)
def test_the_dial_marks_stable_zeros_full_and_unstable_ones_hollow(now, stable, unstable):
    middle = dial(now)[0].axes[1]
    zeros = {line.get_label(): line for line in middle.lines if line.get_marker() == "o"}
    half_step = (X[1] - X[0]) / 2 + 1e-12
    for label, places in (("stable zero", stable), ("unstable", unstable)):
        found = zeros[label].get_xydata()
        assert found.shape == (len(places), 2)
        np.testing.assert_allclose(found, np.column_stack([places, 0 * np.array(places)]), atol=half_step)
    assert zeros["stable zero"].get_markerfacecolor() != zeros["unstable"].get_markerfacecolor() == "white"


def test_dials_keep_their_axes():
    spans = [[(a.get_xlim(), a.get_ylim()) for a in dial(now)[0].axes] for now in NOISE]
    assert spans[0] == spans[1] == spans[2]


def test_one_decision_lays_paths_and_branches_on_the_density():
    density = np.exp(-(np.subtract.outer(NOISE, X) ** 2))
    branch = np.array([0.5, 0.8, 1.0]), np.array([0.9, 0.6, 0.1])
    levels, paths = np.array([10.0, 1.0, 0.1]), np.arange(6.0).reshape(3, 2)
    above, below = plots.one_decision(NOISE, X, density, branch, paths, levels, ENTROPY, RATE).axes
    mesh = above.collections[0]
    shown = np.reshape(mesh.get_array(), mesh.get_coordinates().shape[:2])
    np.testing.assert_allclose(shown, (density / density.max(axis=1, keepdims=True)).T)
    for line, path in zip(above.lines[:2], paths.T, strict=True):
        np.testing.assert_array_equal(line.get_xydata(), np.column_stack([levels, path]))
    upper, lower, centre, broken = above.lines[2:6]
    np.testing.assert_array_equal(upper.get_xydata(), np.column_stack(branch))
    np.testing.assert_array_equal(lower.get_xydata(), np.column_stack([branch[0], -branch[1]]))
    np.testing.assert_array_equal(centre.get_xydata(), [[1, 0], [10, 0]])
    np.testing.assert_array_equal(broken.get_xydata(), [[0.1, 0], [1, 0]])
    assert broken.get_linestyle() != centre.get_linestyle()
    curves = drawn(below)
    np.testing.assert_array_equal(curves["open questions  $H(x_0|x_t)$"][:, 1], ENTROPY)
    np.testing.assert_array_equal(curves[r"rate  $dH/d\ln\sigma$"][:, 1], RATE)
    assert below.lines[2].get_ydata()[0] == np.log(2)
    assert above.lines[-1].get_xdata()[0] == below.lines[-1].get_xdata()[0] == 1
    assert below.get_xscale() == "log"
