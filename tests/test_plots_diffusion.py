"""Each figure of the chapter on diffusion models shows the numbers that it was given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from infodyn import EDM, GaussianMixture, diffuse, plots
from infodyn.plots import COLORS

TIMES = np.geomspace(0.1, 1, 4)
X = np.linspace(-2, 2, 5)
DENSITY = np.exp(-(np.subtract.outer(X, TIMES) ** 2))
PATHS = np.arange(8.0).reshape(4, 2)


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def lines(axes, label=None):
    return [line.get_xydata() for line in axes.lines if label in (None, line.get_label())]


def shades(axes):
    (mesh,) = (c for c in axes.collections if hasattr(c, "get_coordinates"))
    return mesh.get_array().reshape(mesh.get_coordinates().shape[:2])


def test_melting_shows_density_and_paths():
    (axes,) = plots.melting(TIMES, X, DENSITY, PATHS).axes
    np.testing.assert_allclose(shades(axes), DENSITY / DENSITY.max(axis=0))
    for path, line in zip(PATHS.T, lines(axes), strict=True):
        np.testing.assert_array_equal(line, np.column_stack([TIMES, path]))


@pytest.mark.parametrize("chosen", ["VP", "VE", "EDM"])
def test_one_channel_fills_the_mark_of_the_chosen_process(chosen):
    entropies = {"VP": TIMES + 1, "VE": TIMES + 2, "EDM": TIMES + 3}
    marks = {"VP": (0.2, 0.5), "VE": (0.4, 0.5), "EDM": (0.6, 0.5)}
    density, chance = np.array([0.0, 1, 2, 1, 0]), X / 4 + 0.5
    top, bottom, axes = plots.one_channel(X, density, chance, TIMES, entropies, marks, chosen).axes
    assert top.get_title() == chosen
    assert top.collections[0].get_datalim(top.transData).y1 == 1
    np.testing.assert_array_equal(lines(bottom)[0], np.column_stack([X, chance]))
    for name, line, mark in zip(entropies, axes.lines[::2], axes.lines[1::2], strict=True):
        np.testing.assert_array_equal(line.get_xydata(), np.column_stack([TIMES, entropies[name]]))
        np.testing.assert_array_equal(mark.get_xydata(), [marks[name]])
        assert (mark.get_markerfacecolor() != "white") == (name == chosen)
    assert len({line.get_linestyle() for line in axes.lines[::2]}) == 3


def test_score_and_denoiser_of_a_gaussian_are_its_closed_forms():
    law = diffuse(GaussianMixture([1.0], [[0.0]], [3.0]), EDM(), 1.0)
    left, right = plots.score_and_denoiser(X, {"one": law}).axes
    (score,) = (line for line in left.lines if line.get_color() == COLORS["score"])
    np.testing.assert_allclose(score.get_xydata(), np.column_stack([X, -X / 4]))
    np.testing.assert_allclose(lines(right, "$E[x_0|x_t]$"), [np.column_stack([X, 3 * X / 4])], atol=1e-15)
    np.testing.assert_array_equal(lines(right, "identity"), [np.column_stack([X, X])])
    assert left.get_title() == "one"


@pytest.mark.parametrize("noise", [0.1, 1.0, 3.0])
def test_denoising_arrows_end_at_the_posterior_mean(noise):
    law = diffuse(GaussianMixture([1.0], [[1.0, 0.0]], 1.0), EDM(), noise)
    (axes,) = plots.denoising_arrows(X, law, arrows=3).axes
    (arrows,) = (c for c in axes.collections if hasattr(c, "U"))
    tails, steps = arrows.get_offsets(), np.column_stack([arrows.U, arrows.V])
    assert len(tails) == 9
    exact = (tails + noise**2 * np.array([1, 0])) / (1 + noise**2)
    np.testing.assert_allclose(tails + steps, exact, atol=1e-14)
    assert arrows.scale == 1
    assert arrows.angles == arrows.scale_units == "xy"
    darkest = axes.collections[0].get_paths()[-1].vertices.mean(axis=0)
    assert darkest[0] > 0.5 > abs(darkest[1])  # the peak is at (1, 0), first coordinate first


def test_reverse_paths_shows_both_sets():
    upper, lower = plots.reverse_paths(TIMES[::-1], X, DENSITY, PATHS, -PATHS).axes
    for axes, paths in ((upper, PATHS), (lower, -PATHS)):
        for path, line in zip(paths.T, lines(axes), strict=True):
            np.testing.assert_array_equal(line, np.column_stack([TIMES[::-1], path]))
        assert axes.get_xlim() == (TIMES[0], TIMES[-1])
    assert upper.get_title() != lower.get_title()


@pytest.mark.parametrize(("ends", "share"), [([-1.01, -1.01, 0.51], 1), ([0.01, 7.0], 1 / 2)])
def test_coarse_steps_shows_paths_and_a_normalised_histogram(ends, share):
    density = np.exp(-(X**2))
    left, right = plots.coarse_steps(TIMES[::-1], PATHS, np.array(ends), X, density).axes
    for path, line in zip(PATHS.T, lines(left), strict=True):
        np.testing.assert_array_equal(line, np.column_stack([TIMES[::-1], path]))
    (outline,) = right.patches
    width, height = np.diff(outline.get_xy()[:, 0]), outline.get_xy()[:, 1]
    area = np.abs(np.sum(width * (height[1:] + height[:-1]) / 2))
    assert area == pytest.approx(share)
    np.testing.assert_array_equal(lines(right, "exact"), [np.column_stack([density, X])])


def test_start_error_shows_divergences_and_bounds():
    divergences = {"a": (TIMES, 2 * TIMES), "b": (TIMES**2, 3 * TIMES)}
    (axes,) = plots.start_error(TIMES, divergences).axes
    for label, (divergence, bound) in divergences.items():
        np.testing.assert_array_equal(lines(axes, label), [np.column_stack([TIMES, divergence])])
        np.testing.assert_array_equal(lines(axes, f"bound, {label}"), [np.column_stack([TIMES, bound])])
    assert axes.get_xscale() == axes.get_yscale() == "log"


def test_loss_split_shades_below_and_between_the_curves():
    low, high = TIMES, TIMES + 1
    (axes,) = plots.loss_split(TIMES, low, high).axes
    np.testing.assert_array_equal(lines(axes, "perfect network"), [np.column_stack([TIMES, low])])
    np.testing.assert_array_equal(lines(axes, "best linear network"), [np.column_stack([TIMES, high])])
    extents = {c.get_label(): c.get_datalim(axes.transData) for c in axes.collections}
    assert (extents["unlearnable"].y0, extents["unlearnable"].y1) == pytest.approx((0, low.max()))
    assert (extents["learnable"].y0, extents["learnable"].y1) == pytest.approx((low.min(), high.max()))
