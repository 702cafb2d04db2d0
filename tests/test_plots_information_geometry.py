"""The figures of the chapter on information geometry show what they are given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgba

from infodyn import Estimate, plots


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


T = np.array([0.1, 1.0, 10.0])


def drawn(axes):
    """Return the data of every line, by its label."""
    return {line.get_label(): np.array(line.get_data()) for line in axes.lines}


def legend(owner):
    return [text.get_text() for text in owner.get_texts()]


def outline(patch):
    """Return the vertices of a patch in the units of its axes."""
    return patch.get_patch_transform().transform(patch.get_path().vertices)


def test_an_ellipse_is_short_where_the_posterior_is_sensitive():
    angle = np.radians(30)
    long_way = np.array([np.cos(angle), np.sin(angle)])
    short_way = np.array([-np.sin(angle), np.cos(angle)])
    fisher = 25 * np.outer(long_way, long_way) + 100 * np.outer(short_way, short_way)
    x, sites = np.array([[0.5, -0.5], [1.0, 1.0]]), np.array([[0.0, 0.0]])
    figure = plots.fisher_ellipses(
        {"one": (x, np.stack([fisher, 1e-9 * fisher]))}, {"one": sites}, (-2, 2, -1, 3), 0.4
    )
    (axes,) = figure.axes
    sharp, free = axes.patches
    np.testing.assert_array_equal(sharp.get_center(), [0.5, -0.5])
    corners = outline(sharp) - [0.5, -0.5]
    np.testing.assert_allclose(np.abs(corners @ long_way).max(), 1 / 5, rtol=1e-3)
    np.testing.assert_allclose(np.abs(corners @ short_way).max(), 1 / 10, rtol=1e-3)
    assert free.width == free.height == 0.8
    assert free.get_linestyle() != sharp.get_linestyle()
    assert free.get_edgecolor() == to_rgba(plots.COLORS["bound"])
    np.testing.assert_array_equal(axes.lines[0].get_xydata(), sites)
    assert (axes.get_title(), axes.get_xlim(), axes.get_ylim()) == ("one", (-2, 2), (-1, 3))


def test_one_axis_is_capped_and_the_other_is_not():
    fisher = np.diag([0.0, 100.0])
    figure = plots.fisher_ellipses(
        {"a": (np.zeros((1, 2)), fisher[None])}, {"a": np.zeros((1, 2))}, (-1, 1, -1, 1), 0.4
    )
    (ellipse,) = figure.axes[0].patches
    reach = np.abs(outline(ellipse)).max(axis=0)
    np.testing.assert_allclose(reach, [0.4, 0.1], rtol=1e-3)
    assert ellipse.get_edgecolor() == to_rgba(plots.COLORS["posterior"])


def test_panels_make_two_rows_where_there_are_many():
    panel = (np.zeros((1, 2)), np.eye(2)[None])
    names = "abcdef"
    figure = plots.fisher_ellipses(
        dict.fromkeys(names, panel), dict.fromkeys(names, np.zeros((30, 2))), (0, 1, 0, 1), 0.1
    )
    assert figure.axes[0].get_subplotspec().get_gridspec().get_geometry() == (2, 3)


def test_rulers_name_their_times():
    (axes,) = plots.rulers(T, {0.5: T / 2, 2.0: T / 3}).axes
    np.testing.assert_array_equal(drawn(axes)["$t = 0.5$"], [T, T / 2])
    np.testing.assert_array_equal(drawn(axes)["$t = 2$"], [T, T / 3])
    assert axes.get_legend().get_title().get_text() == r"each of area $\pi$"
    assert axes.lines[0].get_linestyle() != axes.lines[1].get_linestyle()


def test_each_spectrum_has_a_panel_and_each_eigenvalue_a_line():
    plane, line = np.arange(9.0).reshape(3, 3) / 10, np.arange(6.0).reshape(3, 2) / 10
    figure = plots.fisher_spectra(T, {"line": line, "plane": plane})
    first, second = figure.axes
    np.testing.assert_array_equal(drawn(first)["$i = 2$"], [T, line[:, 1]])
    np.testing.assert_array_equal(drawn(second)["$i = 3$"], [T, plane[:, 2]])
    assert [first.get_title(), second.get_title()] == ["line", "plane"]
    assert legend(figure.legends[0]) == ["$i = 1$", "$i = 2$", "$i = 3$"]
    four = plots.fisher_spectra(T, dict.fromkeys("abcd", plane))
    assert four.axes[0].get_subplotspec().get_gridspec().get_geometry() == (2, 2)


@pytest.mark.parametrize(("number", "window"), [(15, None), (60, (0.2, 0.5)), (480, (0.01, 0.6))])
def test_a_sample_has_its_points_its_spacing_and_its_window(number, window):
    sites = np.random.default_rng(number).standard_normal((number, 2))
    figure = plots.sample_of_a_curve(sites, T, T / 5, T / 6, 2 / number, window)
    plane, count = figure.axes
    np.testing.assert_array_equal(plane.lines[0].get_xydata(), sites)
    assert plane.get_title() == f"{number} points"
    np.testing.assert_array_equal(drawn(count)["the whole circle"], [T, T / 5])
    np.testing.assert_array_equal(drawn(count)["these points"], [T, T / 6])
    assert drawn(count)["mean spacing"][0][0] == 2 / number
    spans = [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in count.patches]
    np.testing.assert_allclose(spans, [] if window is None else [window])
    assert (count.get_xlim(), count.get_ylim()) == ((0.1, 10.0), (0, 1.8))


@pytest.mark.parametrize("d", [1, 4, 20])
def test_the_count_of_a_sphere_stands_beside_its_eigenvalues(d):
    spectrum = np.linspace(0.9, 0.1, 3 * (d + 1)).reshape(3, d + 1)
    count, shares = plots.sphere_count(T, spectrum).axes
    np.testing.assert_allclose(drawn(count)["the sphere"], [T, spectrum.sum(axis=1) / d])
    exact = np.array([2 * d + d * (3 - 2 * d) * t**2 for t in T]) / (2 * d)
    np.testing.assert_allclose(drawn(count)["to order $t^2$"], [T, exact])
    np.testing.assert_array_equal(drawn(shares)["greatest"], [T, spectrum[:, 0]])
    np.testing.assert_array_equal(drawn(shares)["least"], [T, spectrum[:, d]])
    np.testing.assert_allclose(drawn(shares)["$d\\,t^2/2$"], [T, [d * t * t / 2 for t in T]])
    assert count.get_title() == rf"$d_{{\mathrm{{eff}}}}/d$ for $d = {d}$"
    assert count.get_ylim() == shares.get_ylim() == (0, 1.6)


def test_digits_have_a_band_a_bound_and_a_line_at_one():
    figure = plots.digit_directions(T, Estimate(T / 5, T / 100), T / 2, {0.3: np.array([1.5, 0.5])})
    left, right = figure.axes
    np.testing.assert_array_equal(drawn(left)["the data set"], [T, T / 5])
    np.testing.assert_array_equal(drawn(left)["Gaussian bound"], [T, T / 2])
    band = left.collections[0].get_paths()[0].vertices
    assert band[band[:, 0] == 1.0][:, 1].min() == pytest.approx(0.18)
    assert band[band[:, 0] == 1.0][:, 1].max() == pytest.approx(0.22)
    assert right.lines[0].get_ydata()[0] == 1
    np.testing.assert_array_equal(drawn(right)["$t = 0.3$"], [[1, 2], [1.5, 0.5]])
